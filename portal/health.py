"""For machines that watch the portal: is it alive, is it ready, what lags behind?"""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from callbacks.models import Callback
from registrations.models import AuditEntry, PlivoAccount, State, Submission


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Says nothing about the database, so that its loss restarts nobody."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if the database answers and has every migration, else 503 with what is missing."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"ready": False, "why": "the database does not answer"}, status=503)
    if missing:
        return JsonResponse({"ready": False, "why": "migrations are missing"}, status=503)
    return JsonResponse({"ready": True})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """A few numbers in the text form that Prometheus reads; ages are in seconds, -1 for never."""
    now = timezone.now()
    unknown = Submission.objects.filter(state=State.UNKNOWN).order_by("unknown_since").first()
    swept = PlivoAccount.objects.order_by("last_list_sweep_at").first()
    overdue = Submission.objects.filter(state=State.QUEUED, due_at__lt=now).order_by("due_at")
    first_overdue = overdue.first()

    def age(moment: object) -> float:
        return (now - moment).total_seconds() if moment else -1  # type: ignore[operator]

    numbers = {
        "callbacks_unapplied": Callback.objects.filter(outcome=Callback.Outcome.UNAPPLIED).count(),
        "callbacks_in_quarantine": Callback.objects.filter(
            outcome__in=[Callback.Outcome.FORGED, Callback.Outcome.SUSPICIOUS]
        ).count(),
        "submissions_needing_decision": Submission.objects.filter(
            state=State.NEEDS_DECISION
        ).count(),
        "oldest_unknown_submission_seconds": age(unknown and unknown.unknown_since),
        "oldest_overdue_submission_seconds": age(first_overdue and first_overdue.due_at),
        "last_list_sweep_seconds": age(swept and swept.last_list_sweep_at),
        "list_sweep_interval_seconds": settings.LIST_SWEEP_SECONDS,
        "audit_entries": AuditEntry.objects.count(),
    }
    lines = [f"portal_{name} {value}\n" for name, value in numbers.items()]
    return HttpResponse("".join(lines), content_type="text/plain; version=0.0.4")
