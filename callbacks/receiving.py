"""From a verified request to a status: keep first, believe later.

One short transaction keeps the bytes and, inside a savepoint, applies what they say. If applying
fails, the callback is kept all the same and answered 200: a fault of ours must not use up the
seven minutes in which Plivo tries again.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from callbacks.models import QUARANTINE, Callback, Outcome
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
from registrations.plivo import signature, vocabulary
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

# Of a body that could not be verified, so much is kept.
KEPT_OF_A_FORGERY = 4096


@dataclass(frozen=True)
class Arrival:
    """A request as it came: plain values, no HTTP framework."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    peer: str
    # Signature headers by their canonical name.
    signatures: dict[str, str] = field(default_factory=dict)

    @property
    def body_digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")


def verify(arrival: Arrival, url: str, account: PlivoAccount) -> signature.Verdict:
    """Whether an account at Plivo made this request: only its own live tokens count."""
    return signature.verify(
        arrival.signatures,
        url,
        account.live_tokens(),
        account.main.live_tokens(),
        method=arrival.method,
        query=arrival.query,
        form=vocabulary.form_pairs(arrival.content_type, arrival.body),
    )


@transaction.atomic
def receive(
    arrival: Arrival,
    account: PlivoAccount,
    verdict: signature.Verdict,
    submission: Submission | None,
) -> Callback:
    """Keep a verified request, and apply it if it is news. Raises DatabaseError if it cannot."""
    callback = _row(
        arrival,
        account=account,
        submission=submission,
        scheme=verdict.scheme,
        v3=verdict.v3,
        mac=verdict.mac.hex(),
        outcome=Outcome.UNAPPLIED,
    )
    if verdict.v3 == "bad":
        # The weaker signature holds, and the stronger one, which covers the content, does not.
        callback.outcome = Outcome.SUSPICIOUS
        callback.explanation = "Its V3 signature, which covers the content, is wrong."
        callback.save(force_insert=True)
        _ask(callback)
        return callback
    try:
        # Insert or find out: checking first would let two at once both be the first.
        with transaction.atomic():
            callback.save(force_insert=True)
    except IntegrityError:
        return _again(callback)
    return apply(callback)


def apply(callback: Callback) -> Callback:
    """Do what a kept callback says, or say why not. What fails is undone and flagged."""
    try:
        with transaction.atomic():
            return _apply(callback)
    except Exception as trouble:  # whatever it is, the callback is kept and Plivo gets its 200
        log.exception("callback %s could not be applied", callback.pk)
        return _settle(callback, Outcome.UNAPPLIED, f"Our own fault: {trouble!r}", look_up=True)


@transaction.atomic
def reapply(callback: Callback) -> Callback:
    """Try once more what failed, or what came before its object was known."""
    return apply(callback)


def reverify(callback: Callback) -> Callback | None:
    """Verify a request from quarantine again, after a token or the public URL was corrected.

    If it proves to be Plivo's, it is received now, as a new row; the old one stays as it was.
    """
    submission = callback.submission
    if submission is None or callback.body_length > KEPT_OF_A_FORGERY:
        return None
    headers = callback.headers
    arrival = Arrival(
        method=callback.method,
        path=callback.path,
        query=callback.query,
        headers=headers,
        body=bytes(callback.body),
        peer=callback.peer,
        signatures={name: headers.get(name, "") for name in signature.HEADERS},
    )
    verdict = verify(arrival, submission.callback_url, submission.account)
    if not verdict.valid:
        return None
    return receive(arrival, submission.account, verdict, submission)


def refuse(
    arrival: Arrival, reason: str, submission: Submission | None, account: PlivoAccount | None
) -> Callback:
    """Put a request that Plivo did not sign into quarantine."""
    callback = _row(
        arrival,
        account=account,
        submission=submission,
        outcome=Outcome.FORGED,
        explanation=reason,
    )
    callback.body = arrival.body[:KEPT_OF_A_FORGERY]
    callback.save(force_insert=True)
    return callback


def _row(arrival: Arrival, **facts: Any) -> Callback:
    said = vocabulary.decode(arrival.method, arrival.content_type, arrival.query, arrival.body)
    return Callback(
        method=arrival.method,
        path=arrival.path,
        query=arrival.query,
        headers=arrival.headers,
        body=arrival.body,
        body_length=len(arrival.body),
        body_digest=arrival.body_digest,
        peer=arrival.peer,
        word=said.word[:60],
        decoded=said.fields,
        **facts,
    )


def _again(callback: Callback) -> Callback:
    """A signature that was seen before: the same delivery once more, or something worse."""
    first = (
        Callback.objects.filter(account=callback.account, mac=callback.mac, repeat_of=None)
        .exclude(outcome__in=QUARANTINE)
        .get()
    )
    same = (callback.method, callback.body_digest, callback.query) == (
        first.method,
        first.body_digest,
        first.query,
    )
    callback.repeat_of = first
    if same:
        callback.outcome = Outcome.REPEAT
        callback.explanation = "The same delivery once more."
    else:
        callback.outcome = Outcome.SUSPICIOUS
        callback.body = callback.body[:KEPT_OF_A_FORGERY]
        callback.explanation = (
            "Its signature was seen before with another content. V2 does not cover the content, "
            "so nothing was applied and the object is looked up at Plivo."
        )
    callback.save(force_insert=True)
    if not same:
        _ask(callback)
    return callback


def _apply(callback: Callback) -> Callback:
    said = vocabulary.decode(
        callback.method,
        callback.headers.get("Content-Type", ""),
        callback.query,
        bytes(callback.body),
    )
    if callback.submission is None:
        callback.submission = find_submission(callback.account, said)
    submission = callback.submission
    if submission is None:
        return _settle(callback, Outcome.UNRECOGNISED, "It names nothing that the portal knows.")
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
        return _settle(callback, Outcome.LATE, "A newer request has been made since.")
    return _move(callback, submission, registration, status)


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
    verdict = judge(registration.kind, registration.status, status, actor=Actor.PLIVO)
    about: dict[str, Any] = {
        "actor": Actor.PLIVO,
        "cause": Cause.CALLBACK,
        "submission": submission,
    }
    if verdict is Verdict.APPLY:
        try:
            with transaction.atomic():
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
        callback.entry = raise_conflict(registration, text, **about)
        return _settle(callback, Outcome.CONFLICT, text, look_up=True)
    return _settle(callback, Outcome.LATE, "It has gone further since.", look_up=True)


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
    return registration.latest_submission if registration else None


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
    callback.save(update_fields=["outcome", "explanation", "entry", "submission"])
    if look_up:
        _ask(callback)
    return callback


def _ask(callback: Callback) -> None:
    """The body is not signed: whatever it said, a look-up tells what is so."""
    if callback.submission is None:
        return
    registration = callback.submission.registration
    registration.refresh_from_db()
    tasks.look_up_soon(registration)
