"""What the sweeper does for submissions: the broker may lose every message, and nothing is lost."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from registrations.models import (
    Brand,
    Campaign,
    Operation,
    Phase,
    Registration,
    State,
    Submission,
)

# Nudges a sweep gives at most; the rest gets its turn at the next one.
AT_ONCE = 200


def expire_leases() -> None:
    """A worker died. If it had not begun to call, nothing was sent; else nobody can tell."""
    now = timezone.now()
    expired = Submission.objects.filter(state=State.SENDING, lease_until__lt=now)
    expired.filter(phase=Phase.PREPARED).update(
        state=State.QUEUED, phase="", lease_token="", due_at=now
    )
    expired.exclude(phase=Phase.PREPARED).update(
        state=State.UNKNOWN,
        lease_token="",
        due_at=now,
        unknown_since=now,
        absences=0,
        error="The worker that made this call did not come back.",
    )


def due() -> tuple[list[int], list[int]]:
    """The ids of submissions to send, and of those whose outcome is to be looked for."""
    now = timezone.now()
    rows = Submission.objects.filter(due_at__lte=now).order_by("due_at")
    queued = rows.filter(Q(account__paused_at=None), state=State.QUEUED)
    unknown = rows.filter(state=State.UNKNOWN)
    return (
        list(queued.values_list("pk", flat=True)[:AT_ONCE]),
        list(unknown.values_list("pk", flat=True)[:AT_ONCE]),
    )


def waiting_for(registration: Registration) -> list[int]:
    """The queued requests that waited for this brand or campaign to be confirmed."""
    waiting = Submission.objects.filter(state=State.QUEUED)
    match registration:
        case Brand():
            waiting = waiting.filter(
                campaign__brand=registration,
                operation__in=[Operation.REGISTER_CAMPAIGN, Operation.UPDATE_CAMPAIGN],
            )
        case Campaign():
            waiting = waiting.filter(number_link__campaign=registration)
        case _:
            return []
    waiting.update(due_at=timezone.now())
    return list(waiting.values_list("pk", flat=True))
