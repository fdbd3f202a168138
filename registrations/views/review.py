"""What waits for compliance."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from registrations.lifecycle import Status
from registrations.models import (
    Brand,
    Campaign,
    Role,
    State,
    Submission,
    roles_of,
)


@login_required
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """What waits for compliance, oldest first."""
    if not roles_of(request.user) & {Role.COMPLIANCE, Role.AUDITOR, Role.OPERATOR}:
        raise PermissionDenied("Compliance staff review registrations.")
    waiting = [
        registration
        for model in (Brand, Campaign)
        for registration in model.objects.for_user(request.user)
        .filter(
            Q(status=Status.IN_REVIEW)
            | Q(deactivation_requested_by__isnull=False)
            | ~Q(conflict="")
        )
        .select_related("organization", "requested_by")
    ]
    waiting.sort(key=lambda registration: registration.status_since)
    undecided = Submission.objects.for_user(request.user).filter(state=State.NEEDS_DECISION)
    undecided = undecided.select_related("brand", "campaign", "number_link")
    context = {"waiting": waiting, "undecided": undecided}
    return render(request, "registrations/review.html", context)
