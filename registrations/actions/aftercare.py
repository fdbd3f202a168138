"""What people do with registrations that Plivo has: look, decide, settle, end."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from registrations import lifecycle, submitting, tasks
from registrations.actions.ground import (
    DRAFTERS,
    LONGEST_NOTE,
    Blocked,
    acting_as,
    blocker,
    change,
    demand_second_person,
    locked,
    return_from_queue,
    worded,
)
from registrations.lifecycle import QUEUED, Actor, Cause, IllegalMove, Kind, Status, note
from registrations.models import Decision, Operation, Role, State, Submission
from registrations.models.number_link import HOLDING


@transaction.atomic
def ask_deactivation(registration: Any, *, by: Any) -> None:
    """Ask that a brand or campaign be ended at Plivo. It cannot be undone, so another agrees."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff ask for a deactivation.")
    _stop_if_not_deactivatable(registration)
    change(registration, deactivation_requested_by=by)
    note(registration, "Deactivation asked for.", actor=actor, cause=Cause.PERSON, user=by)


@transaction.atomic
def deactivate(registration: Any, *, by: Any) -> Submission:
    """Agree to a deactivation that somebody else asked for, and send it to Plivo."""
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff agree to a deactivation.")
    registration = locked(registration)
    asked_by = registration.deactivation_requested_by
    if asked_by is None:
        raise IllegalMove(f"Nobody has asked to deactivate {registration}.")
    demand_second_person(by, asked_by.pk)
    _stop_if_not_deactivatable(registration)
    operation = (
        Operation.DEACTIVATE_BRAND
        if registration.kind == Kind.BRAND
        else Operation.DEACTIVATE_CAMPAIGN
    )
    submission = submitting.enqueue(
        registration,
        operation,
        requested_by=asked_by,
        approved_by=by,
        self_approved=asked_by.pk == by.pk,
    )
    change(registration, deactivation_requested_by=None)
    note(
        registration,
        "Deactivation agreed to.",
        actor=Actor.COMPLIANCE,
        cause=Cause.PERSON,
        user=by,
        submission=submission,
    )
    tasks.nudge(tasks.send, submission_id=submission.pk)
    return submission


@transaction.atomic
def look_up_now(registration: Any, *, by: Any) -> None:
    """Ask Plivo now how this registration stands."""
    acting_as(by, {*DRAFTERS, Role.OPERATOR}, "Auditors only read.")
    tasks.look_up_soon(registration)


@transaction.atomic
def decide(submission: Submission, decision: Decision, *, by: Any) -> bool:
    """Say what shall become of a paid request whose outcome could not be found out.

    The first person proposes, a second one who agrees makes it so. Answers whether it was carried
    out.
    """
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff decide.")
    submission = Submission.objects.select_for_update().get(pk=submission.pk)
    registration = submission.registration
    if submission.state != State.NEEDS_DECISION:
        raise IllegalMove(f"{submission} needs no decision any more.")
    alone = not settings.FOUR_EYES
    seconded = submission.decision == decision and submission.decision_proposed_by_id != by.pk
    if not seconded and not alone:
        submission.decision, submission.decision_proposed_by = decision, by
        submission.save(update_fields=["decision", "decision_proposed_by"])
        _say(registration, by, f"Proposed: {Decision(decision).label.lower()}.", submission)
        return False
    if not seconded:
        submission.decision, submission.decision_proposed_by = decision, by
        submission.self_approved = True
    submission.decided_by = by
    if decision == Decision.SEND_AGAIN:
        submission.state, submission.phase = State.QUEUED, ""
        submission.due_at = timezone.now()
    else:
        submission.state, submission.settled_at = State.WITHDRAWN, timezone.now()
    submission.save()
    _say(registration, by, f"Decided: {Decision(decision).label.lower()}.", submission)
    if decision == Decision.SEND_AGAIN:
        tasks.nudge(tasks.send, submission_id=submission.pk)
    elif registration.status in QUEUED:
        return_from_queue(registration, by, "Withdrawn by two people.", submission)
    return True


def settle_conflict(registration: Any, *, by: Any, note: str) -> None:
    """Two contradicting words were cleared up with Plivo: what is shown is right."""
    acting_as(by, {Role.COMPLIANCE}, "Compliance staff settle conflicts.")
    if not registration.conflict:
        raise IllegalMove(f"{registration} has no conflict.")
    note = worded(note, "note", LONGEST_NOTE)
    if not note:
        raise Blocked([blocker("note", "The note is missing.", "Say how you know.")])
    lifecycle.settle_conflict(
        registration, note, actor=Actor.COMPLIANCE, cause=Cause.PERSON, user=by
    )


def _stop_if_not_deactivatable(registration: Any) -> None:
    if not registration.plivo_id:
        raise IllegalMove(f"{registration} does not exist at Plivo.")
    if registration.status == Status.DEACTIVATED:
        raise IllegalMove(f"{registration} is deactivated already.")
    if registration.submissions.live().exists():
        raise IllegalMove(f"{registration} has a request on its way.")
    if registration.kind == Kind.BRAND:
        gone = [Status.DRAFT, Status.REFUSED, Status.EXPIRED, Status.DEACTIVATED]
        dependents = registration.campaigns.exclude(status__in=gone)
        remedy = "Deactivate its campaigns first."
    else:
        dependents = registration.number_links.filter(status__in=HOLDING)
        remedy = "Unlink its numbers first."
    if dependents.exists():
        raise Blocked([blocker("", f"{registration} is in use.", remedy)])


def _say(registration: Any, by: Any, text: str, submission: Submission) -> None:
    note(
        registration,
        text,
        actor=Actor.COMPLIANCE,
        cause=Cause.PERSON,
        user=by,
        submission=submission,
    )
