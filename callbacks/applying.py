"""From a kept callback to a status: what it says, whether that can be believed, and the move.

If applying fails, the callback stays kept and was answered 200 all the same: a fault of ours must
not use up the seven minutes in which Plivo tries again. The sweep tries again instead.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from callbacks.models import PENDING, Callback, Outcome
from registrations import submitting, tasks
from registrations.lifecycle import (
    Actor,
    Cause,
    IllegalMove,
    Status,
    Verdict,
    judge,
    move_to,
    raise_conflict,
)
from registrations.models import Brand, Campaign, NumberLink, Operation, PlivoAccount, Submission
from registrations.plivo import vocabulary
from registrations.plivo.vocabulary import Said

log = logging.getLogger(__name__)

# Which kind of callback answers which of our requests.
KIND_OF = {
    Operation.REGISTER_BRAND: "brand",
    Operation.REGISTER_CAMPAIGN: "campaign",
    Operation.UPDATE_CAMPAIGN: "campaign",
    Operation.LINK_NUMBER: "number_linking",
    Operation.UNLINK_NUMBER: "number_unlinking",
}

# What the portal sends to its own public address, to prove that callbacks get through: one field
# that Plivo never sends, with a random mark.
TEST_FIELD = "portal_test"

# What a fault of ours kept from being applied is tried by every sweep in its first minute, then
# each time after as long as it has waited already; what failed for so long needs a person.
EVERY_SWEEP_FOR = timedelta(minutes=1)
TRY_FOR = timedelta(days=2)


def apply(callback: Callback) -> Callback:
    """Do what a kept callback says, or say why not. What fails is undone and flagged."""
    submission = callback.submission
    try:
        try:
            return _apply(callback)
        except OperationalError:
            # A deadlock or a lock that was waited for too long: it may be gone at once.
            callback.submission, callback.entry = submission, None
            return _apply(callback)
    except Exception as trouble:  # whatever it is, the callback is kept and Plivo gets its 200
        log.exception("callback %s could not be applied", callback.pk)
        callback.submission, callback.entry = submission, None
        why = f"Our own fault: {trouble!r}"
    try:
        with transaction.atomic():
            ask_plivo(callback)
    except DatabaseError:  # the sweeper tries this once more, too
        log.exception("callback %s: no look-up could be asked for", callback.pk)
    # This comes last: if the transaction itself is broken, nothing is kept, and it says so by
    # raising. Nothing else would, and Plivo would get a 200 for what was rolled back.
    return _settle(callback, Outcome.UNAPPLIED, why)


@transaction.atomic
def reapply(number: int) -> Callback:
    """Try once more what failed, or what came before its object was known.

    What was applied meanwhile, by another sweeper perhaps, is left as it is. Raises DoesNotExist.
    """
    callback = Callback.objects.select_for_update().get(pk=number)
    if callback.outcome not in PENDING:
        return callback
    nobodys = callback.outcome == Outcome.UNRECOGNISED and callback.submission is None
    if nobodys and find_submission(callback.account, callback.said) is None:
        return callback
    return apply(callback)


def find_submission(account: PlivoAccount | None, said: Said) -> Submission | None:
    """What an unaddressed callback is about, by the ids it holds, within the signing account."""
    if account is None:
        return None
    registration: Any = None
    if said.campaign_id and len(said.numbers) == 1:
        registration = (
            NumberLink.objects.filter(
                account=account, campaign__plivo_id=said.campaign_id, number=said.numbers[0]
            )
            .order_by("-pk")
            .first()
        )
    elif said.campaign_id:
        registration = Campaign.objects.filter(account=account, plivo_id=said.campaign_id).first()
    elif said.brand_id:
        registration = Brand.objects.filter(account=account, plivo_id=said.brand_id).first()
    if registration is None:
        return None
    answered = [op for op, kind in KIND_OF.items() if said.kind in ("", kind)]
    requests = registration.submissions.filter(operation__in=answered)
    return requests.order_by("-generation").first()


def ask_plivo(callback: Callback) -> None:
    """The body is not signed: whatever it said, a look-up tells what is so."""
    if callback.submission is not None:
        tasks.look_up_soon(callback.submission.registration)


@transaction.atomic
def _apply(callback: Callback) -> Callback:
    said = callback.said
    if callback.submission is None:
        callback.submission = find_submission(callback.account, said)
    submission = callback.submission
    if submission is None:
        if _is_test(said):
            why = "A test callback that the portal sent to itself."
            return _settle(callback, Outcome.NOTED, why)
        return _settle(callback, Outcome.UNRECOGNISED, "It names nothing that the portal knows.")
    if submission.is_live:
        submitting.proven_by_callback(submission)
    registration = submission.registration
    _wait_for_our_turn(registration)
    why_not = _contradiction(said, submission, registration)
    if why_not:
        return _settle(callback, Outcome.UNRECOGNISED, why_not, look_up=True)
    status = vocabulary.reported_status(KIND_OF.get(Operation(submission.operation), ""), said.word)
    if status is None:
        what = f"The word “{said.word}” is not known." if said.word else "It holds no status."
        return _settle(callback, Outcome.UNRECOGNISED, what, look_up=True)
    if not submission.is_latest:
        why = "A newer request has been made since."
        return _settle(callback, Outcome.LATE, why, look_up=True)
    return _move(callback, submission, registration, status)


def _is_test(said: Said) -> bool:
    """Whether it holds the mark of a test and nothing else; names are read without underscores."""
    return set(said.fields) == {TEST_FIELD.replace("_", "")}


def _wait_for_our_turn(registration: Any) -> None:
    """Callbacks about one registration take turns, and each sees what the one before it did.

    Without this PostgreSQL finds deadlocks among three or more: whoever loses the race of
    `move_to` has waiters behind a savepoint that is rolled back, and then writes the row again.
    SQLite has one writer at a time anyhow.
    """
    type(registration).objects.select_for_update(no_key=True).get(pk=registration.pk)


def _move(
    callback: Callback, submission: Submission, registration: Any, status: Status
) -> Callback:
    registration.refresh_from_db()
    if registration.status == Status.DEACTIVATED:
        why = "It is deactivated: what is still said of it changes nothing."
        return _settle(callback, Outcome.NOTED, why, look_up=True)
    verdict = judge(registration.kind, registration.status, status, actor=Actor.PLIVO)
    about: dict[str, Any] = {
        "actor": Actor.PLIVO,
        "cause": Cause.CALLBACK,
        "submission": submission,
    }
    if verdict is Verdict.APPLY:
        try:
            callback.entry = move_to(registration, status, **about)
        except IllegalMove:
            # Somebody was faster between our look and our move: judge by where it stands now.
            return _move(callback, submission, registration, status)
        return _settle(callback, Outcome.APPLIED, "", look_up=True)
    if verdict is Verdict.REPEAT:
        return _settle(callback, Outcome.REPEAT, "It already stood there.", look_up=True)
    if verdict is Verdict.CONFLICT:
        here = registration.get_status_display().lower()
        text = f"It stood at {here}, and a callback says {status.label.lower()}."
        if registration.conflict != text:  # the same contradiction once more is no news
            callback.entry = raise_conflict(registration, text, **about)
        return _settle(callback, Outcome.CONFLICT, text, look_up=True)
    return _settle(callback, Outcome.LATE, "It has gone further since.", look_up=True)


def _contradiction(said: Said, submission: Submission, registration: Any) -> str:
    """Why a callback cannot be taken at its word, or "" if it can."""
    if said.ambiguous:
        return "It says two different things at once."
    if said.misplaced:
        return "It says something where it does not count: in the query, or beside it."
    kind = KIND_OF.get(Operation(submission.operation))
    if said.kind and said.kind != kind:
        return f"It speaks of a {said.kind}, and the request was about a {kind}."
    theirs = {
        "brand": said.brand_id if registration.kind == "brand" else "",
        "campaign": said.campaign_id,
    }
    ours = {
        "brand": registration.plivo_id if registration.kind == "brand" else "",
        "campaign": _campaign_id(registration),
    }
    for name, given in theirs.items():
        if given and ours[name] and given != ours[name]:
            return f"It names another {name}: {given}."
    if registration.kind == "number_link" and said.numbers:
        if registration.number not in said.numbers:
            return f"It names another number: {', '.join(said.numbers)}."
    return ""


def _campaign_id(registration: Any) -> str:
    match registration:
        case Campaign():
            return registration.plivo_id
        case NumberLink():
            return registration.campaign.plivo_id
    return ""


def _settle(
    callback: Callback, outcome: Outcome, explanation: str, *, look_up: bool = False
) -> Callback:
    callback.outcome, callback.explanation = outcome, explanation
    callback.try_again_at = _next_try(callback) if outcome == Outcome.UNAPPLIED else None
    callback.save(update_fields=["outcome", "explanation", "entry", "submission", "try_again_at"])
    if look_up:
        ask_plivo(callback)
    return callback


def _next_try(callback: Callback) -> datetime | None:
    now = timezone.now()
    waited = now - callback.received_at
    if waited > TRY_FOR:
        return None
    return now if waited < EVERY_SWEEP_FOR else now + waited
