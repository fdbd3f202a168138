from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from registrations.lifecycle import Actor, Cause, note
from registrations.models import State, Submission
from registrations.plivo import finding
from registrations.plivo.client import PlivoTrouble
from registrations.submitting import recording
from registrations.submitting.steps import PROFILE_STEP, Step, current_step, keep_profile


def resolve(submission_id: int) -> None:
    """Look at Plivo for the trace of a request whose outcome is unknown, and settle it if found.

    Absence proves nothing until Plivo has had time to act late: after `ABSENCE_LOOKUPS` complete
    looks spread over `ABSENCE_GRACE_SECONDS`, a free call goes again by itself and a paid one
    waits for two people.
    """
    now = timezone.now()
    rows = Submission.objects.filter(pk=submission_id, state=State.UNKNOWN)
    # Looking costs requests: whoever moves the due time looks, the other does not.
    if not rows.filter(due_at__lte=now).update(due_at=now + timedelta(seconds=30)):
        return
    submission = rows.select_related(
        "account", "brand", "campaign__brand", "number_link__campaign"
    ).first()
    if submission is None:
        return
    step = current_step(submission)
    try:
        found = step.find(finding.client_for(submission.account), submission)
    except (PlivoTrouble, LookupError) as trouble:
        rows.update(waiting_for=f"Looking at Plivo failed: {trouble}"[:200])
        return
    if found:
        _adopt(step, submission, found)
    else:
        _count_absence(step, submission)


def _adopt(step: Step, submission: Submission, found: str) -> None:
    rows = Submission.objects.filter(pk=submission.pk, state=State.UNKNOWN)
    if step is PROFILE_STEP:
        keep_profile(submission, found)
        rows.update(state=State.QUEUED, phase="", due_at=timezone.now(), error="", waiting_for="")
        return
    try:
        recording.accept(
            submission,
            found,
            actor=Actor.LOOKUP,
            cause=Cause.LOOKUP,
            note="The answer was lost; the request was found at Plivo.",
        )
    except IntegrityError:
        rows.update(
            state=State.NEEDS_DECISION,
            error=f"Plivo's id {found} already belongs to another registration here.",
        )


def _count_absence(step: Step, submission: Submission) -> None:
    now = timezone.now()
    absences = submission.absences + 1
    since = submission.unknown_since or now
    rows = Submission.objects.filter(pk=submission.pk, state=State.UNKNOWN)
    patience = timedelta(seconds=settings.ABSENCE_GRACE_SECONDS)
    if absences < settings.ABSENCE_LOOKUPS or now - since < patience:
        # Often at first, because Plivo is mostly just a little late.
        wait = min(timedelta(seconds=2**absences), patience / settings.ABSENCE_LOOKUPS)
        rows.update(absences=absences, due_at=now + wait, waiting_for="")
        return
    if step.paid and not settings.AUTO_RESUBMIT_AFTER_ABSENCE:
        decided = rows.update(absences=absences, state=State.NEEDS_DECISION)
        if decided:
            note(
                submission.registration,
                "Plivo shows no trace of the request. It costs money, so two people decide.",
                actor=Actor.PORTAL,
                cause=Cause.LOOKUP,
                submission=submission,
            )
        return
    rows.update(absences=absences, state=State.QUEUED, phase="", due_at=now, error="")
