"""What every action stands on: who may, what blocks, and the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from registrations import preflight, submitting, tasks
from registrations.lifecycle import Actor, Cause, IllegalMove, Status, move_to
from registrations.models import Operation, Role, Submission, roles_of
from registrations.preflight import Finding

DRAFTERS = {Role.MARKETER, Role.COMPLIANCE}
LONGEST_NOTE = 4000


class NotAllowed(Exception):
    """This person may not do this; the message says who may."""


class Blocked(Exception):
    """Preflight found what would certainly be refused; `findings` says what and how to mend it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(" ".join(f"{found.message} {found.remedy}" for found in findings))


FORGET_WHAT_PLIVO_SAID: dict[str, Any] = {
    "confirmed_status": "",
    "confirmed_at": None,
    "conflict": "",
    "reasons": [],
}


def acting_as(user: Any, roles: set[Role], otherwise: str) -> Actor:
    """The hat in which this person acts."""
    worn = roles_of(user) & roles
    if not worn:
        raise NotAllowed(otherwise)
    return Actor.MARKETER if Role.MARKETER in worn else Actor.COMPLIANCE


def demand_second_person(by: Any, requester_id: int | None) -> None:
    if settings.FOUR_EYES and by.pk == requester_id:
        raise NotAllowed("You asked for this yourself; somebody else approves it.")


def stop_if_blocked(registration: Any) -> None:
    blocking = preflight.blocking(preflight.check(registration))
    if blocking:
        raise Blocked(blocking)


def blocker(field: str, message: str, remedy: str) -> Finding:
    return Finding(
        rule="", severity="block", certainty="A", field=field, message=message, remedy=remedy
    )


def worded(text: str, what: str, longest: int) -> str:
    """What was typed, with one kind of line end and without what no database keeps."""
    said = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    if len(said) > longest:
        message = f"The {what} has {len(said):,} characters; at most {longest:,} are kept."
        raise Blocked([blocker(what, message, "Shorten it.")])
    return said


def locked(registration: Any) -> Any:
    return type(registration).objects.select_for_update().get(pk=registration.pk)


def change(registration: Any, **values: Any) -> None:
    type(registration).objects.filter(pk=registration.pk).update(**values)
    for name, value in values.items():
        setattr(registration, name, value)


def queue(
    registration: Any,
    status: Status,
    operation: Operation,
    *,
    actor: Actor,
    requested_by: Any,
    approved_by: Any = None,
    user: Any = None,
) -> Submission:
    try:
        # A savepoint: a refused insert must not spoil the transaction it stands in.
        with transaction.atomic():
            submission = submitting.enqueue(
                registration,
                operation,
                requested_by=requested_by,
                approved_by=approved_by,
                self_approved=approved_by is not None and approved_by == requested_by,
            )
    except IntegrityError as refused:
        raise IllegalMove(f"{registration} has a request on its way already.") from refused
    move_to(
        registration,
        status,
        actor=actor,
        cause=Cause.PERSON,
        user=approved_by or user,
        submission=submission,
    )
    tasks.nudge(tasks.send, submission_id=submission.pk)
    return submission


def return_from_queue(
    registration: Any, by: Any, text: str, submission: Submission | None = None
) -> None:
    """Where a registration goes whose request was stopped before Plivo had it."""
    back = {
        Status.QUEUED: Status.DRAFT,
        Status.LINK_QUEUED: Status.UNLINKED,
        Status.UNLINK_QUEUED: Status.LINKED,
    }[registration.status]
    move_to(
        registration,
        back,
        actor=Actor.COMPLIANCE,
        cause=Cause.PERSON,
        user=by,
        submission=submission,
        note=text,
    )
