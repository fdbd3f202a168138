from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from registrations.lifecycle import Actor, Cause
from registrations.models import Operation, PlivoAccount, State, Submission
from registrations.plivo import finding
from registrations.plivo.client import (
    Answer,
    NotSent,
    PlivoClient,
    PlivoTrouble,
    RateLimited,
    Refused,
    Unauthorised,
    Unknown,
)
from registrations.submitting import claiming, recording
from registrations.submitting.steps import PROFILE_STEP, Step, current_step, keep_profile

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(minutes=5)


def send(submission_id: int) -> str:
    """Send one queued submission, if it is due and nobody else has it.

    Answers the state it is left in, "" if it was not ours to send. What Plivo does raises nothing.
    """
    submission = claiming.claim(submission_id)
    if submission is None:
        return ""
    try:
        client = finding.client_for(submission.account)
    except LookupError as trouble:
        submission.account.pause(str(trouble))
        recording.put_back(submission, str(trouble), until=timezone.now())
        return State.QUEUED
    step = current_step(submission)
    while _carry_out(step, client, submission) and step is PROFILE_STEP:
        step = current_step(submission)
    return Submission.objects.values_list("state", flat=True).get(pk=submission_id)


def _carry_out(step: Step, client: PlivoClient, submission: Submission) -> bool:
    """Do one step; answer whether it succeeded and the next may follow."""
    try:
        found = step.find(client, submission)
        before = _picture_before(client, submission) if not found else []
    except PlivoTrouble as trouble:
        _not_carried_out(submission, trouble)
        return False
    if found:
        return _record(step, submission, found, Actor.LOOKUP, Cause.LOOKUP)
    if not claiming.enter(submission, step.phase, before):
        return False
    try:
        answer = step.call(client, submission)
        plivo_id = step.id_in(answer, submission)
    except (NotSent, RateLimited, Unauthorised) as trouble:
        _not_carried_out(submission, trouble)
    except Refused as refusal:
        if step.already_done(refusal):
            return _record(step, submission, submission.number_link.number)
        recording.refuse(submission, refusal)
    except Unknown as trouble:
        recording.lose_sight(
            submission, str(trouble), answer_status=trouble.status, text=trouble.text
        )
    except Exception as trouble:
        # A fault of our own, with the call under way: as unknown as a lost answer.
        log.exception("submission %s broke during its call", submission.pk)
        recording.lose_sight(submission, f"Our own fault during the call: {trouble!r}")
    else:
        return _record(step, submission, plivo_id, answer=answer)
    return False


def _record(
    step: Step,
    submission: Submission,
    plivo_id: str,
    actor: Actor = Actor.PORTAL,
    cause: Cause = Cause.SUBMISSION,
    answer: Answer | None = None,
) -> bool:
    try:
        if step is PROFILE_STEP:
            keep_profile(submission, plivo_id)
        else:
            recording.accept(submission, plivo_id, actor=actor, cause=cause, answer=answer)
    except IntegrityError:
        recording.lose_sight(
            submission, f"Plivo's id {plivo_id} already belongs to another registration here."
        )
        return False
    return True


def _picture_before(client: PlivoClient, submission: Submission) -> list[str]:
    if submission.operation != Operation.REGISTER_CAMPAIGN:
        return []
    return finding.campaign_ids(client, submission)


def _not_carried_out(submission: Submission, trouble: PlivoTrouble) -> None:
    """Plivo provably did nothing, or we had not asked yet: wait, and try again later."""
    until = timezone.now() + _pause(submission.attempts)
    if isinstance(trouble, RateLimited):
        if trouble.retry_after is not None:
            until = timezone.now() + timedelta(seconds=trouble.retry_after)
        PlivoAccount.objects.filter(pk=submission.account_id).update(hold_until=until)
    if isinstance(trouble, Unauthorised):
        submission.account.pause(f"Plivo does not accept our credentials ({trouble}).")
        log.error("Plivo account %s is paused: %s", submission.account.auth_id, trouble)
    recording.put_back(submission, str(trouble), until=until)


def _pause(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, five minutes at the most."""
    return min(timedelta(seconds=2 ** min(attempts, 10)), LONGEST_PAUSE)
