"""Writing down what came of a call. Each function is one transaction and may be repeated."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from registrations.lifecycle import Actor, Cause, Verdict, judge, move_to, note
from registrations.models import Operation, Phase, State, Submission
from registrations.models.submission import LIVE
from registrations.plivo.client import Answer, Refused
from registrations.submitting.steps import STATUS_WHEN_ACCEPTED, STATUS_WHEN_REFUSED

# A callback tells the rest; the first look comes if none does.
FIRST_LOOK_AFTER = timedelta(seconds=60)

# The longest answer that is kept with the submission, in characters.
KEEP = 64_000


@transaction.atomic
def accept(
    submission: Submission,
    plivo_id: str,
    *,
    actor: Actor,
    cause: Cause,
    answer: Answer | None = None,
    note: str = "",
) -> None:
    """Plivo has it: keep the id, and move the registration unless a callback was faster.

    Raises IntegrityError if another registration already claims this Plivo id.
    """
    now = timezone.now()
    facts: dict[str, object] = {"plivo_id": plivo_id}
    if answer is not None:
        facts |= {
            "answer_status": answer.status,
            "answer": answer.text[:KEEP],
            "api_id": answer.api_id[:64],
        }
    Submission.objects.filter(pk=submission.pk).update(**facts)
    Submission.objects.filter(pk=submission.pk, state__in=LIVE).update(
        state=State.ACCEPTED, phase="", lease_token="", settled_at=now, waiting_for="", error=""
    )
    registration = submission.registration
    model = type(registration)
    rows = model.objects.filter(pk=registration.pk)
    if submission.operation in (Operation.REGISTER_BRAND, Operation.REGISTER_CAMPAIGN):
        rows.update(plivo_id=plivo_id)
    rows.update(lookup_due_at=now + FIRST_LOOK_AFTER, lookups_without_news=0)
    registration.refresh_from_db()
    status = STATUS_WHEN_ACCEPTED[Operation(submission.operation)]
    if judge(registration.kind, registration.status, status, actor=actor) is Verdict.APPLY:
        move_to(registration, status, actor=actor, cause=cause, submission=submission, note=note)


@transaction.atomic
def refuse(submission: Submission, refusal: Refused) -> None:
    """Plivo's API would not take it, and said so. What it said is shown as it came."""
    settled = Submission.objects.filter(
        pk=submission.pk, state=State.SENDING, lease_token=submission.lease_token
    ).update(
        state=State.REFUSED,
        phase="",
        lease_token="",
        settled_at=timezone.now(),
        error=refusal.error,
        answer_status=refusal.status,
        answer=refusal.text[:KEEP],
        api_id=refusal.api_id[:64],
    )
    if not settled:
        return
    registration = submission.registration
    reasons = [{"code": f"HTTP {refusal.status}", "text": refusal.error}]
    type(registration).objects.filter(pk=registration.pk).update(reasons=reasons)
    status = STATUS_WHEN_REFUSED[Operation(submission.operation)]
    if status is None:
        note(
            registration,
            f"Plivo refused: {refusal.error}",
            actor=Actor.PORTAL,
            cause=Cause.SUBMISSION,
            submission=submission,
        )
        return
    move_to(
        registration,
        status,
        actor=Actor.PORTAL,
        cause=Cause.SUBMISSION,
        submission=submission,
        note=refusal.error,
    )


def put_back(submission: Submission, reason: str, *, until: datetime) -> None:
    """It was provably not carried out: back into the queue, for later."""
    Submission.objects.filter(
        pk=submission.pk, state=State.SENDING, lease_token=submission.lease_token
    ).update(state=State.QUEUED, phase="", lease_token="", due_at=until, waiting_for=reason[:200])


def lose_sight(
    submission: Submission, reason: str, *, answer_status: int | None = None, text: str = ""
) -> None:
    """Nobody can tell whether Plivo has it: look for it, soon, and do not send it again."""
    now = timezone.now()
    Submission.objects.filter(
        pk=submission.pk, state=State.SENDING, lease_token=submission.lease_token
    ).update(
        state=State.UNKNOWN,
        lease_token="",
        due_at=now,
        unknown_since=now,
        absences=0,
        error=reason,
        answer_status=answer_status,
        answer=text[:KEEP],
    )


@transaction.atomic
def proven_by_callback(submission: Submission) -> None:
    """A genuine callback came on this request's own URL: so Plivo has carried it out.

    The id may not be known yet; a look-up finds it by what the request left at Plivo.
    """
    called = Submission.objects.filter(pk=submission.pk, callback_token_digest__isnull=False)
    called.filter(state__in=LIVE).exclude(phase=Phase.PROFILE).update(
        state=State.ACCEPTED, phase="", lease_token="", settled_at=timezone.now(), waiting_for=""
    )
    submission.refresh_from_db()
