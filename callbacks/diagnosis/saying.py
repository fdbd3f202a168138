"""The words of a diagnosis: what was wrong, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.formats import date_format

from callbacks.diagnosis.refused import Diagnosis, Key, Reason, Refused
from callbacks.diagnosis.trying import (
    Address,
    Match,
    addresses_for,
    name_of,
    nonces_in,
    port_of,
    search,
    signatures_in,
    v3_holds,
)
from registrations.plivo.signature import HEADERS, MA_V2, MA_V3, V2, V2_NONCE, V3

V1 = "X-Plivo-Signature"


def explain(refused: Refused, keys: Sequence[Key], *, now: datetime) -> Diagnosis:
    """Why this request was refused. Tries what may have been meant; never raises."""
    addresses = list(addresses_for(refused))
    # Of two places with the same token, the one where it counts comes first.
    keys = sorted(keys, key=lambda key: (not key.signs, not key.is_live(now), -key.number))
    told = Diagnosis(
        sentence="",
        remedy="",
        urls=[refused.shown(address.url) for address in addresses],
        keys=keys,
    )
    if not keys:
        return Diagnosis(
            sentence="The portal knows no auth token that could make a signature.",
            remedy="Enter the account's auth token, as Plivo's console shows it; then verify "
            "again.",
        )
    carried, nonces = list(signatures_in(refused)), list(nonces_in(refused))
    if not carried or not nonces:
        return _without_signature(refused, told)
    match, tried = search(addresses, nonces, carried, keys)
    if match is None:
        return replace(
            told,
            sentence=(
                f"None of {tried:,} combinations of your addresses and tokens makes this "
                "signature: it is not Plivo, or the token is one that the portal does not know."
            ),
            remedy=(
                "If you expect it to be Plivo's, compare the auth token in Plivo's console with "
                "those of the account here, add the one that is missing, and verify again."
            ),
            tried=tried,
        )
    reasons = list(_reasons(refused, match, now))
    if not reasons:
        return replace(
            told,
            sentence=f"By now it proves to be Plivo's: it is signed with {match.key}.",
            remedy="Verify it again, and it is received.",
            proven=True,
            holds=True,
            tried=tried,
        )
    return replace(
        told,
        sentence=" ".join(dict.fromkeys(reason.text for reason in reasons)),
        remedy=" ".join(dict.fromkeys(reason.remedy for reason in reasons)),
        proven=True,
        tried=tried,
    )


def _reasons(refused: Refused, match: Match, now: datetime) -> Iterator[Reason]:
    """What was wrong with the combination that made the signature; nothing if it holds now."""
    if match.address.changes:
        yield _of_address(refused, match.address)
    if match.carried.reason:
        yield match.carried.reason
    if match.nonce.reason:
        yield match.nonce.reason
    key, header = match.key, match.carried.header
    if not key.signs:
        yield Reason(
            f"The signature was made with {key}, and that account does not speak for this request.",
            "If one is the other's main account, enter it there as such and verify again; if "
            "not, somebody who has that token called an address that is not theirs.",
        )
    elif header not in key.signs:
        yield Reason(
            f"The signature was made with {key}, which does not belong into the header {header}.",
            "If that account is a subaccount, enter its own token there and its main account's "
            "at the main account, as Plivo's console shows them; then verify again.",
        )
    if key.retired_at is not None and key.retired_at <= now:
        yield Reason(
            f"The signature was made with {key}, which was retired at {_told(key.retired_at)}.",
            "If Plivo still signs with it, give it a later date of retirement, or none, and verify "
            "again; if not, this was sent long ago or by somebody who kept the old token.",
        )
    elif key.active_from > now:
        yield Reason(
            f"The signature was made with {key}, which only holds from "
            f"{_told(key.active_from)} on.",
            "If Plivo signs with it already, let it hold from an earlier time, and verify again.",
        )


def _of_address(refused: Refused, address: Address) -> Reason:
    signed, expected = urlsplit(address.url), urlsplit(refused.url)
    base = f"{signed.scheme}://{signed.netloc}{urlsplit(refused.public_url).path}"
    differs = {
        "scheme": f"it begins with {signed.scheme}:// and not with {expected.scheme}://",
        "host": f"the host is {name_of(signed.netloc)} and not {name_of(expected.netloc)}",
        "port": _about_port(port_of(signed.netloc), port_of(expected.netloc)),
        "case": "the path is all in small letters",
        "slash": "it ends without the slash"
        if not signed.path.endswith("/")
        else "it ends with one slash too many",
        "query": "the query was signed too",
    }
    told = ", ".join(differs[change] for change in address.changes)
    url = refused.shown(address.url)
    if not refused.fixed:
        text = (
            f"Plivo signed {url}, and the address that the portal gave it for this request is "
            f"{refused.shown(refused.url)}: {told}."
        )
        remedy = (
            "The address of a request that was sent stays what it is, so ask Plivo on the "
            "registration's page how it stands."
        )
        if {"scheme", "host", "port"} >= set(address.changes):
            remedy += (
                " PUBLIC_URL is right by now, and so are the requests to come."
                if base == refused.public_url
                else f" If Plivo shall call you at {base}, set PUBLIC_URL to it, for the requests "
                "to come."
            )
        return Reason(text, remedy)
    if {"case", "slash", "query"} & set(address.changes):
        return Reason(
            f"Plivo signed {url}, and the portal's address is {refused.url}: {told}.",
            f"Give Plivo the address exactly as {refused.url}",
        )
    text = f"Plivo signed {url}, and your PUBLIC_URL says {refused.public_url}: {told}."
    if (signed.scheme, expected.scheme) == ("http", "https"):
        return Reason(
            text,
            f"Give Plivo the address {refused.url}. Over http, anybody on the way could read and "
            "change what it says.",
        )
    return Reason(
        text,
        f"If Plivo shall call {url}, set PUBLIC_URL to {base} and verify again; if not, give Plivo "
        f"the address {refused.url}",
    )


def _about_port(signed: str, expected: str) -> str:
    if not signed:
        return f"it names no port, and you expect {expected}"
    return f"it names the port {signed}" + (f" and not {expected}" if expected else "")


def _without_signature(refused: Refused, told: Diagnosis) -> Diagnosis:
    """It carries no V2 signature that could be looked at, or no nonce to it."""
    has = {name for name in HEADERS if refused.headers.get(name)}
    let_through = (
        "If Plivo sent it, something on the way took the headers off: let your proxy or firewall "
        "pass every header that begins with X-Plivo-, and send a test callback to see."
    )
    if has & {V3, MA_V3} and not has & {V2, MA_V2}:
        holds = v3_holds(refused, told.keys)
        return replace(
            told,
            sentence="It carries a V3 signature only, which "
            + ("was made with a token you know" if holds else "none of your tokens makes")
            + "; the portal goes by V2, as Plivo documents it for messages.",
            remedy=let_through if holds else "It is not Plivo, or the portal lacks the token.",
            proven=holds,
        )
    if not has and V1 in refused.headers:
        return replace(
            told,
            sentence="It carries Plivo's first kind of signature only, which nobody accepts today.",
            remedy=let_through,
        )
    if not has:
        return replace(
            told,
            sentence="It carries no signature at all, as when somebody opens the address in a "
            "browser, or scans for open doors.",
            remedy=let_through,
        )
    if V2_NONCE not in has:
        return replace(
            told,
            sentence="It carries a signature, but not the nonce that belongs to it.",
            remedy=let_through,
        )
    if not has & {V2, MA_V2}:
        return replace(
            told,
            sentence="It carries a nonce, but not the signature that belongs to it.",
            remedy=let_through,
        )
    return replace(
        told,
        sentence="What it carries is no signature: none is spelt like this.",
        remedy="It is not Plivo, or something on the way changes headers.",
    )


def _told(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j M Y H:i")
