from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registrations.lifecycle import Status, statuses_of
from registrations.models import REGISTRATION_MODELS, AuditEntry, State, Submission

# What has come to a halt and needs somebody.
ASKS_FOR_SOMEBODY = [
    Status.REJECTED,
    Status.REFUSED,
    Status.EXPIRED,
    Status.LINK_FAILED,
    Status.UNLINK_FAILED,
]


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What there is, what asks for somebody, and what moved last."""
    user = request.user
    sections = []
    asking: list[Any] = []
    for model in REGISTRATION_MODELS:
        rows = model.objects.for_user(user)
        counts = dict(rows.values_list("status").annotate(number=Count("pk", distinct=True)))
        stands = [
            (status, counts[status]) for status in statuses_of(model.kind) if status in counts
        ]
        sections.append({"kind": model.kind, "stands": stands, "total": sum(counts.values())})
        trouble = rows.filter(Q(status__in=ASKS_FOR_SOMEBODY) | ~Q(conflict=""))
        asking += trouble.select_related("organization").order_by("-status_since")[:10]
    asking.sort(key=lambda registration: registration.status_since, reverse=True)
    moved = (
        AuditEntry.objects.for_user(user)
        .select_related("brand", "campaign", "number_link", "user")
        .order_by("-at", "-pk")[:12]
    )
    undecided = Submission.objects.for_user(user).filter(state=State.NEEDS_DECISION).count()
    context = {"sections": sections, "asking": asking, "moved": moved, "undecided": undecided}
    return render(request, "portal/home.html", context)


def admin_sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The admin has no door of its own: one place to sign in."""
    if request.user.is_authenticated:
        raise PermissionDenied("The admin is for compliance staff, auditors and operators.")
    return redirect_to_login(request.get_full_path())
