"""What is known about a kept callback, gathered for its diagnosis."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from callbacks import receiving
from callbacks.diagnosis.refused import Diagnosis, Key, Refused
from callbacks.diagnosis.saying import explain
from callbacks.diagnosis.trying import signatures_in
from callbacks.models import QUARANTINE, Callback, Outcome
from registrations.models import PlivoAccount, PlivoToken, Submission
from registrations.plivo import vocabulary
from registrations.plivo.signature import MA_V2, V2

MOST_KEYS = 100
# So many of the newest requests are asked under which host Plivo was told to call back.
MOST_ADDRESSES = 20


def of(callback: Callback) -> Diagnosis | None:
    """Why this callback was put into quarantine; nothing to say of any other."""
    if callback.outcome == Outcome.SUSPICIOUS:
        return _of_suspicious(callback)
    if callback.outcome != Outcome.FORGED:
        return None
    refused = _refused(callback)
    diagnosis = explain(refused, _keys(callback.submission), now=timezone.now())
    twin = _same_signature(refused)
    if twin is None:
        if diagnosis.holds and receiving.was_cut(callback):
            return replace(
                diagnosis,
                remedy="It was too long to be kept whole. Verify it again, and Plivo is asked "
                "what it meant.",
            )
        return diagnosis
    if diagnosis.holds:
        return replace(
            diagnosis,
            sentence=f"It proves to be Plivo's, and was received since as callback {twin.pk}.",
            remedy="There is nothing left to do.",
        )
    if diagnosis.proven:
        return diagnosis
    return replace(
        diagnosis,
        sentence=f"Its signature is that of callback {twin.pk}, which came to another address: "
        "somebody has copied it.",
        remedy="It was refused rightly. Find out who could read that request; a new auth token "
        "makes the copy worthless.",
    )


def _of_suspicious(callback: Callback) -> Diagnosis:
    first = callback.repeat_of
    if first is None:
        return Diagnosis(
            sentence="Its V2 signature holds, which covers the address alone, and its V3 "
            "signature does not, which covers the content: the content may have been changed.",
            remedy="Nothing was applied, and Plivo is asked. If this happens again and again, "
            "something on the way changes what Plivo sends.",
        )
    differs = [
        name
        for name, one, other in [
            ("method", callback.method, first.method),
            ("query", callback.query, first.query),
            ("body", callback.body_digest, first.body_digest),
        ]
        if one != other
    ]
    return Diagnosis(
        sentence=f"It bears the signature of callback {first.pk} with another "
        f"{' and '.join(differs)}.",
        remedy="Plivo signs the address and not the content, so whoever saw the first can send "
        "this. Nothing was applied, and Plivo is asked how it stands.",
    )


def _refused(callback: Callback) -> Refused:
    submission = callback.submission
    arrival = receiving.arrival_of(callback)
    url = settings.PUBLIC_URL + reverse("plivo-callback-fixed")
    if submission is not None:
        url = submission.callback_url
    given = Submission.objects.exclude(callback_token_digest=None).order_by("-pk")
    addresses = given.values_list("callback_url", flat=True)[:MOST_ADDRESSES]
    return Refused(
        headers=callback.headers,
        url=url,
        fixed=submission is None,
        secret=urlsplit(url).path.rstrip("/").rpartition("/")[2] if submission else "",
        query=callback.query,
        method=callback.method,
        form=vocabulary.form_pairs(arrival.content_type, arrival.body),
        public_url=settings.PUBLIC_URL,
        hosts=[urlsplit(address).netloc for address in addresses],
    )


def _keys(submission: Submission | None) -> list[Key]:
    """Every token the portal knows, and where its signature would count for this request."""
    now = timezone.now()
    tokens = list(
        PlivoToken.objects.select_related("account__main_account").order_by("-pk")[:MOST_KEYS]
    )
    with_live = {
        token.account_id
        for token in tokens
        if token.active_from <= now and (token.retired_at is None or token.retired_at > now)
    }
    speakers = [submission.account] if submission else list(PlivoAccount.objects.all())
    signs: dict[int, set[str]] = {}
    for account in speakers:
        signs.setdefault(account.pk, set()).add(V2)
        main = account.main_account_id
        signs.setdefault(main if main in with_live else account.pk, set()).add(MA_V2)
    return [
        Key(
            number=token.pk,
            owner=str(token.account),
            token=token.token,
            active_from=token.active_from,
            retired_at=token.retired_at,
            signs=frozenset(signs.get(token.account_id, ())),
        )
        for token in tokens
    ]


def _same_signature(refused: Refused) -> Callback | None:
    """A callback that was received under the very signature that this one carries."""
    carried = [one.mac.hex() for one in signatures_in(refused)]
    known = Callback.objects.filter(
        account__in=PlivoAccount.objects.all(), mac__in=carried, repeat_of=None
    )
    return known.exclude(outcome__in=QUARANTINE).order_by("pk").first() if carried else None
