"""Writing, reviewing and approving brands and campaigns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from registrations import preflight
from registrations.actions.ground import (
    DRAFTERS,
    FORGET_WHAT_PLIVO_SAID,
    Blocked,
    acting_as,
    blocker,
    change,
    demand_second_person,
    locked,
    queue,
    return_from_queue,
    stop_if_blocked,
)
from registrations.lifecycle import (
    QUEUED,
    Actor,
    Cause,
    IllegalMove,
    Kind,
    Status,
    begin,
    move_to,
)
from registrations.models import Operation, Role, State, Submission
from registrations.models.submission import digest
from registrations.plivo.payloads import needs_new_campaign, payload_for
from registrations.preflight import Finding, fees


@dataclass(frozen=True)
class Preview:
    """What would be sent if this registration were approved now."""

    operation: Operation
    payload: dict[str, Any]
    digest: str
    fee_lines: list[fees.FeeLine]
    fee: Decimal
    findings: list[Finding]


def preview(registration: Any) -> Preview:
    """What approval would send, what it would cost, and what preflight thinks of it."""
    operation = _next_operation(registration)
    payload = payload_for(operation, registration)
    lines = fees.expected(operation, registration)
    return Preview(
        operation=operation,
        payload=payload,
        digest=digest(operation, payload),
        fee_lines=lines,
        fee=fees.total(lines),
        findings=preflight.check(registration),
    )


@transaction.atomic
def draft(registration: Any, *, by: Any) -> None:
    """Begin a brand or a campaign."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff begin registrations.")
    registration.created_by = by
    registration.save()
    begin(registration, actor=actor, user=by)


@transaction.atomic
def edit(registration: Any, fields: Iterable[str], *, by: Any) -> None:
    """Save these fields of a draft. What is in review or beyond is not edited."""
    acting_as(by, DRAFTERS, "Marketers and compliance staff edit drafts.")
    rows = type(registration).objects.select_for_update().filter(pk=registration.pk)
    status = rows.values_list("status", flat=True).get()
    if status != Status.DRAFT:
        raise IllegalMove(
            f"{registration} is {Status(status).label.lower()}; only a draft can be edited."
        )
    fields = {*fields, "edited_at"}
    if registration.kind == Kind.BRAND:
        fields.add("ein_index")
    registration.save(update_fields=fields)


@transaction.atomic
def send_for_review(registration: Any, *, by: Any) -> None:
    """The form is complete: compliance shall look at it and approve the spending."""
    acting_as(by, {Role.MARKETER}, "Marketers send registrations for review.")
    stop_if_blocked(registration)
    move_to(registration, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON, user=by)
    change(registration, requested_by=by, review_note="")


def withdraw(registration: Any, *, by: Any) -> None:
    """Take it back out of review, to change something."""
    acting_as(by, {Role.MARKETER}, "Marketers take back what they sent for review.")
    move_to(registration, Status.DRAFT, actor=Actor.MARKETER, cause=Cause.PERSON, user=by)


@transaction.atomic
def send_back(registration: Any, *, by: Any, note: str) -> None:
    """Compliance is not content: back to the marketer, with what is to be changed."""
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff return registrations.")
    if not note.strip():
        raise Blocked([blocker("note", "The note is missing.", "Say what is to be changed.")])
    if registration.status != Status.IN_REVIEW:
        raise IllegalMove(f"{registration} is not in review.")
    move_to(
        registration,
        Status.DRAFT,
        actor=Actor.COMPLIANCE,
        cause=Cause.PERSON,
        user=by,
        note=note,
    )
    change(registration, review_note=note)


@transaction.atomic
def approve(registration: Any, *, by: Any, digest: str) -> Submission:
    """Compliance is content, and spends the fee: queue exactly what was looked at for Plivo.

    `digest` is that of the `Preview` the person saw; if the content has changed since, nothing
    happens.
    """
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff approve registrations.")
    registration = locked(registration)
    demand_second_person(by, registration.requested_by_id)
    seen = preview(registration)
    if digest != seen.digest:
        raise Blocked([blocker("", "It has changed since you looked at it.", "Look at it again.")])
    stop_if_blocked(registration)
    if seen.operation in (Operation.REGISTER_BRAND, Operation.REGISTER_CAMPAIGN):
        # Plivo makes another object; what it says of the old one must not be taken for this.
        change(registration, plivo_id="")
    if registration.kind == Kind.BRAND:
        # One profile carries one brand: another registration of the brand takes another profile.
        change(registration, profile_uuid="")
    change(registration, **FORGET_WHAT_PLIVO_SAID)
    return queue(
        registration,
        Status.QUEUED,
        seen.operation,
        actor=Actor.COMPLIANCE,
        requested_by=registration.requested_by,
        approved_by=by,
    )


def revise(registration: Any, *, by: Any) -> None:
    """Rejected or refused: back to a draft, to be corrected and sent for review again."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff correct registrations.")
    if registration.status not in (Status.REJECTED, Status.REFUSED):
        raise IllegalMove(f"{registration} was neither rejected nor refused.")
    move_to(registration, Status.DRAFT, actor=actor, cause=Cause.PERSON, user=by)


@transaction.atomic
def take_back(registration: Any, *, by: Any) -> None:
    """Stop a request that still waits in the queue, where it provably has not been sent."""
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff stop queued requests.")
    registration = locked(registration)
    stopped = registration.submissions.filter(state=State.QUEUED).update(
        state=State.WITHDRAWN, settled_at=timezone.now(), waiting_for=""
    )
    if registration.status not in QUEUED or not stopped:
        raise IllegalMove(f"{registration} has no request waiting to be sent.")
    return_from_queue(registration, by, "Stopped before it was sent.")


def _next_operation(registration: Any) -> Operation:
    match registration.kind:
        case Kind.BRAND:
            return Operation.REGISTER_BRAND
        case Kind.CAMPAIGN if needs_new_campaign(registration):
            return Operation.REGISTER_CAMPAIGN
        case Kind.CAMPAIGN:
            return Operation.UPDATE_CAMPAIGN
        case _ if registration.status in (Status.LINKED, Status.UNLINK_FAILED):
            return Operation.UNLINK_NUMBER
        case _:
            return Operation.LINK_NUMBER
