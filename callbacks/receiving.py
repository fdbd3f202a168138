"""From a request to a row: whether Plivo made it, and what is kept of it.

One short transaction keeps the bytes and, inside a savepoint, applies what they say.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from callbacks import applying
from callbacks.models import QUARANTINE, Callback, Outcome
from registrations.models import PlivoAccount, Submission
from registrations.plivo import signature, vocabulary

# Of what could not be believed, so much is kept: bytes of the body, letters of the query and of
# each header, and headers.
KEPT_OF_A_FORGERY = 4096
LONGEST_HEADER_KEPT = signature.LONGEST_HEADER
MOST_HEADERS_KEPT = 30


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


def who_signed(
    arrival: Arrival, submission: Submission | None
) -> tuple[PlivoAccount | None, signature.Verdict]:
    """The account that made this request, and the verdict on its signature.

    At the address of one request only the account of that request may speak. At the fixed address
    it is the account whose own token signed; else one for which its main account did.
    """
    if submission is not None:
        return submission.account, _verify(arrival, submission.callback_url, submission.account)
    url = settings.PUBLIC_URL + reverse("plivo-callback-fixed")
    verdict = signature.Verdict(valid=False, reason="There is no Plivo account.")
    by_main: tuple[PlivoAccount, signature.Verdict] | None = None
    for account in PlivoAccount.objects.select_related("main_account"):
        verdict = _verify(arrival, url, account)
        if verdict.valid and verdict.scheme == "V2":
            return account, verdict
        if verdict.valid:
            # What a subaccount sends holds for its main account too: look for the former first.
            by_main = by_main or (account, verdict)
    return by_main or (None, verdict)


def _verify(arrival: Arrival, url: str, account: PlivoAccount) -> signature.Verdict:
    """Whether an account at Plivo made this request: only its own live tokens count."""
    return signature.verify(
        arrival.signatures,
        url,
        account.live_tokens(),
        account.main_account.live_tokens() if account.main_account else [],
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
        _cut(callback)
        callback.save(force_insert=True)
        applying.ask_plivo(callback)
        return callback
    try:
        # Insert or find out: checking first would let two at once both be the first.
        with transaction.atomic():
            callback.save(force_insert=True)
    except IntegrityError:
        return _again(callback)
    return applying.apply(callback)


def arrival_of(callback: Callback) -> Arrival:
    """A kept request as it came, so far as it was kept."""
    return Arrival(
        method=callback.method,
        path=callback.path,
        query=callback.query,
        headers=callback.headers,
        body=bytes(callback.body),
        peer=callback.peer,
        signatures={name: callback.headers.get(name, "") for name in signature.HEADERS},
    )


def reverify(callback: Callback) -> Callback | None:
    """Verify a request from quarantine again, after a token or the public URL was corrected.

    If it proves to be Plivo's, it is received now, as a new row; the old one stays as it was. If
    it was too long to be kept whole, Plivo has rung all the same, and is asked what it meant.
    """
    submission, arrival = callback.submission, arrival_of(callback)
    account, verdict = who_signed(arrival, submission)
    if account is None or not verdict.valid:
        return None
    if Callback.objects.filter(account=account, mac=verdict.mac.hex()).exists():
        return None  # Plivo tried again meanwhile, or this was done before
    if was_cut(callback):
        applying.ask_plivo(callback)
        return None
    return receive(arrival, account, verdict, submission)


def was_cut(callback: Callback) -> bool:
    """Whether only the beginning of a refused request was kept."""
    return callback.body_length > KEPT_OF_A_FORGERY or len(callback.query) >= KEPT_OF_A_FORGERY


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
    _cut(callback)
    callback.save(force_insert=True)
    return callback


def _row(arrival: Arrival, **facts: Any) -> Callback:
    callback = Callback(
        method=arrival.method,
        path=arrival.path,
        query=arrival.query,
        headers=arrival.headers,
        body=arrival.body,
        body_length=len(arrival.body),
        body_digest=arrival.body_digest,
        peer=arrival.peer,
        **facts,
    )
    callback.word = callback.said.word[:60]
    return callback


def _cut(callback: Callback) -> None:
    """Keep the beginning only: nobody may fill the disk with what is not believed."""
    callback.body = callback.body[:KEPT_OF_A_FORGERY]
    callback.query = callback.query[:KEPT_OF_A_FORGERY]
    # By these it can be verified once more; the rest only tells who it may have been.
    needed = [*signature.HEADERS, "Content-Type"]
    names = sorted(callback.headers, key=lambda name: name not in needed)
    callback.headers = {
        name[:LONGEST_HEADER_KEPT]: callback.headers[name][:LONGEST_HEADER_KEPT]
        for name in names[:MOST_HEADERS_KEPT]
    }


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
        _cut(callback)
        callback.explanation = (
            "Its signature was seen before with another content. V2 does not cover the content, "
            "so nothing was applied and the object is looked up at Plivo."
        )
    callback.save(force_insert=True)
    if not same:
        applying.ask_plivo(callback)
    return callback
