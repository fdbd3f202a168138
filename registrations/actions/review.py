"""Writing, reviewing and approving brands and campaigns."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.text import capfirst

from registrations import preflight
from registrations.actions.ground import (
    DRAFTERS,
    FORGET_WHAT_PLIVO_SAID,
    LONGEST_NOTE,
    Blocked,
    NotAllowed,
    acting_as,
    blocker,
    change,
    demand_second_person,
    locked,
    queue,
    return_from_queue,
    stop_if_blocked,
    worded,
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
from registrations.models.conditions import counts
from registrations.models.submission import digest
from registrations.plivo.payloads import needs_new_campaign, payload_for
from registrations.preflight import Finding, fees

logger = logging.getLogger(__name__)


class Changed(Blocked):
    """It is not any more what the person looked at, so that nothing was approved."""

    def __init__(self) -> None:
        super().__init__(
            [blocker("", "It has changed since you looked at it.", "Look at it again.")]
        )


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
        findings=findings_about(registration),
    )


def findings_about(registration: Any) -> list[Finding]:
    """What stands against sending it: what was typed and does not fit, and what preflight says."""
    fields = {field.name: field for field in registration._meta.fields}
    misfits = [
        blocker(
            name,
            f"What was typed as “{fields[name].verbose_name}” does not fit.",
            "It is kept in the draft until it is put right there.",
        )
        for name in registration.typed or {}
        if name in fields and counts(registration, name)
    ]
    return [*misfits, *preflight.check(registration)]


@transaction.atomic
def draft(registration: Any, *, by: Any) -> None:
    """Begin a brand or a campaign."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff begin registrations.")
    registration.created_by = by
    registration.save()
    begin(registration, actor=actor, user=by)


@transaction.atomic
def edit(
    registration: Any,
    fields: Iterable[str],
    *,
    by: Any,
    typed: Mapping[str, Any] | None = None,
) -> None:
    """Save these fields of a draft. What is in review or beyond is not edited.

    `typed` is what somebody wrote that does not fit its field yet ({"state": "…"}): it takes the
    place of what was kept so before, and the draft cannot be sent for review while there is any.
    """
    acting_as(by, DRAFTERS, "Marketers and compliance staff edit drafts.")
    rows = type(registration).objects.select_for_update().filter(pk=registration.pk)
    status = rows.values_list("status", flat=True).get()
    if status != Status.DRAFT:
        raise IllegalMove(
            f"{registration} is {Status(status).label.lower()}; only a draft can be edited."
        )
    fields = {*fields, "edited_at"}
    if "ein" in fields:
        fields.add("ein_index")
    if typed is not None:
        registration.typed = dict(typed)
        fields.add("typed")
    registration.save(update_fields=fields)


@transaction.atomic
def send_for_review(registration: Any, *, by: Any) -> None:
    """The form is complete: compliance shall look at it and approve the spending."""
    acting_as(by, {Role.MARKETER}, "Marketers send registrations for review.")
    # As it stands now: another tab may have saved since this one was opened.
    blocking = preflight.blocking(findings_about(locked(registration)))
    if blocking:
        raise Blocked(blocking)
    move_to(registration, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON, user=by)
    change(registration, requested_by=by, review_note="", field_notes={})


def withdraw(registration: Any, *, by: Any) -> None:
    """Take it back out of review, to change something."""
    acting_as(by, {Role.MARKETER}, "Marketers take back what they sent for review.")
    move_to(registration, Status.DRAFT, actor=Actor.MARKETER, cause=Cause.PERSON, user=by)


@transaction.atomic
def send_back(
    registration: Any, *, by: Any, note: str = "", field_notes: Mapping[str, str] | None = None
) -> None:
    """Compliance is not content: back to the marketer, with what is to be changed.

    `note` is about the whole, `field_notes` about single fields ({"website": "…"}); one of them
    is needed.
    """
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff return registrations.")
    note = worded(note, "note", LONGEST_NOTE)
    beside = {name: said.strip() for name, said in (field_notes or {}).items() if said.strip()}
    if not note and not beside:
        raise Blocked([blocker("note", "The note is missing.", "Say what is to be changed.")])
    labels = _labels_of(registration, beside)
    # Under lock: had somebody approved it meanwhile, its request would go on without it.
    registration = locked(registration)
    if registration.status != Status.IN_REVIEW:
        raise IllegalMove(f"{registration} is not in review.")
    told = [f"{labels[name]}: {said}" for name, said in beside.items()]
    move_to(
        registration,
        Status.DRAFT,
        actor=Actor.COMPLIANCE,
        cause=Cause.PERSON,
        user=by,
        note="\n".join([note, *told] if note else told),
    )
    change(
        registration,
        review_note=note or f"See what is noted beside: {', '.join(labels.values())}.",
        field_notes=beside,
    )


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
        raise Changed
    stop_if_blocked(registration)
    # First this: nothing is confirmed of what has no id.
    change(registration, **FORGET_WHAT_PLIVO_SAID)
    if seen.operation in (Operation.REGISTER_BRAND, Operation.REGISTER_CAMPAIGN):
        # Plivo makes another object; what it says of the old one must not be taken for this.
        change(registration, plivo_id="")
    if registration.kind == Kind.BRAND:
        # One profile carries one brand: another registration of the brand takes another profile.
        change(registration, profile_uuid="")
    return queue(
        registration,
        Status.QUEUED,
        seen.operation,
        actor=Actor.COMPLIANCE,
        requested_by=registration.requested_by,
        approved_by=by,
    )


@dataclass(frozen=True)
class Outcome:
    """What became of one of several that were to be approved."""

    class Kind(TextChoices):
        APPROVED = "approved", "Approved"
        CHANGED = "changed", "Changed since you looked"
        BLOCKED = "blocked", "Blocked"
        NOT_ALLOWED = "not_allowed", "Not allowed"
        FAILED = "failed", "Did not work"

    registration: Any
    kind: Kind
    why: str = ""
    submission: Submission | None = None


def approve_several(seen: Iterable[tuple[Any, str]], *, by: Any) -> list[Outcome]:
    """Approve each of these by itself, and tell of each what became of it.

    `seen` are registrations with the digest of the `Preview` that the person saw. One that cannot
    be approved keeps no other back.
    """
    return [_approve_one(registration, digest, by) for registration, digest in seen]


def _approve_one(registration: Any, digest: str, by: Any) -> Outcome:
    kinds = Outcome.Kind
    try:
        submission = approve(registration, by=by, digest=digest)
    except Changed as changed:
        return Outcome(registration, kinds.CHANGED, str(changed))
    except Blocked as blocked:
        return Outcome(registration, kinds.BLOCKED, str(blocked))
    except (NotAllowed, IllegalMove) as refusal:
        return Outcome(registration, kinds.NOT_ALLOWED, str(refusal))
    except DatabaseError:
        # Those before it are approved already, and the person must hear of each.
        logger.exception("%s could not be approved", registration.reference)
        return Outcome(registration, kinds.FAILED, "Look at its page before you try it again.")
    return Outcome(registration, kinds.APPROVED, submission=submission)


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


def _labels_of(registration: Any, names: Iterable[str]) -> dict[str, str]:
    """What people call these fields. Raises Blocked if one is not theirs to fill."""
    fields = {field.name: field for field in registration._meta.fields if field.editable}
    unknown = [name for name in names if name not in fields]
    if unknown:
        raise Blocked([blocker("", f"There is no field {unknown[0]}.", "Note it beside another.")])
    return {name: capfirst(str(fields[name].verbose_name)) for name in names}


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
