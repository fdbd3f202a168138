from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils import timezone

from registrations.models import Operation, Submission
from registrations.models.submission import digest
from registrations.plivo.payloads import payload_for
from registrations.preflight import fees


def enqueue(
    registration: Any,
    operation: Operation,
    *,
    requested_by: Any,
    approved_by: Any = None,
    self_approved: bool = False,
) -> Submission:
    """Put a request in the queue. The row *is* the queue; a task is only a nudge.

    Raises IntegrityError if the registration already has a live submission.
    """
    payload = payload_for(operation, registration)
    payload_digest = digest(operation, payload)
    about = {registration.kind.value: registration}
    last = Submission.objects.about(registration).aggregate(last=Max("generation"))["last"]
    return Submission.objects.create(
        **about,
        account=registration.account,
        generation=(last or 0) + 1,
        operation=operation,
        payload=payload,
        payload_digest=payload_digest,
        fee_expected=fees.total(fees.expected(operation, registration)),
        requested_by=requested_by,
        approved_by=approved_by,
        approved_at=timezone.now() if approved_by else None,
        approved_digest=payload_digest if approved_by else "",
        self_approved=self_approved,
    )
