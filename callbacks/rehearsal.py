"""Sending a test callback: what Plivo would do, done by the portal to its own public address.

It proves that the address leads here, that the proxy lets everything through unaltered, and that
the token is right; or it tells what is in the way. The address comes from settings alone.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from callbacks.applying import TEST_FIELD
from callbacks.models import QUARANTINE, Callback, Outcome
from registrations.models import PlivoAccount
from registrations.plivo.signature import MA_V2, V2, V2_NONCE, v2_signature

CONNECT_SECONDS, READ_SECONDS = 3, 10
MOST_READ = 64 * 1024
# So many of the newest callbacks are looked through for ours, and clocks may differ by so much.
LOOKED_THROUGH = 200
CLOCKS_DIFFER_BY = timedelta(minutes=2)


@dataclass(frozen=True)
class Step:
    """One thing that was to be proven: `verdict` is proven, failed, or a caution."""

    name: str
    verdict: str
    text: str
    remedy: str = ""


@dataclass
class Rehearsal:
    """What sending one test callback proved, step by step, until something was in the way."""

    url: str
    account: PlivoAccount
    steps: list[Step] = field(default_factory=list)
    callback: Callback | None = None
    milliseconds: int = 0

    @property
    def succeeded(self) -> bool:
        noted = self.callback is not None and self.callback.outcome == Outcome.NOTED
        return noted and all(step.verdict != "failed" for step in self.steps)

    def proven(self, name: str, text: str) -> None:
        self.steps.append(Step(name, "proven", text))

    def failed(self, name: str, text: str, remedy: str) -> None:
        self.steps.append(Step(name, "failed", text, remedy))

    def caution(self, name: str, text: str, remedy: str) -> None:
        self.steps.append(Step(name, "caution", text, remedy))


@dataclass(frozen=True)
class _Answer:
    status: int
    location: str
    content_type: str
    body: bytes

    @property
    def outcome(self) -> str | None:
        """The outcome it tells, if it is an answer of the portal."""
        told = self._json().get("outcome")
        return told if isinstance(told, str) else None

    @property
    def error(self) -> str:
        """The words with which the portal refuses; nothing if somebody else answered."""
        told = self._json().get("error")
        return told if isinstance(told, str) else ""

    def _json(self) -> dict[str, object]:
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


def rehearse(account: PlivoAccount) -> Rehearsal:
    """Send a callback, signed as Plivo would for this account, to the portal's public address."""
    url = settings.PUBLIC_URL + reverse("plivo-callback-fixed")
    rehearsal = Rehearsal(url=url, account=account)
    tokens = account.live_tokens()
    if not tokens:
        rehearsal.failed(
            "Token",
            f"{account} has no live token to sign with.",
            "Enter its auth token, as Plivo's console shows it.",
        )
        return rehearsal
    mains = account.main.live_tokens() or tokens
    if not _resolves(rehearsal):
        return rehearsal
    # The nonce tells our row from others, whether or not the signature held; the mark, whether
    # the content came through.
    nonce, mark = secrets.token_hex(16), secrets.token_hex(16)
    body = json.dumps({TEST_FIELD: mark}).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "10dlc-portal-test",
        V2: v2_signature(url, nonce, tokens[0]),
        MA_V2: v2_signature(url, nonce, mains[0]),
        V2_NONCE: nonce,
    }
    started, began = timezone.now(), time.monotonic()
    answer = _send(rehearsal, url, headers, body)
    rehearsal.milliseconds = round((time.monotonic() - began) * 1000)
    if answer is None:
        return rehearsal
    rehearsal.callback = _find(nonce, started)
    _read(rehearsal, answer)
    _compare(rehearsal, answer, body)
    return rehearsal


def _resolves(rehearsal: Rehearsal) -> bool:
    parts = urlsplit(rehearsal.url)
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        rehearsal.failed(
            "Name",
            f"The name {host} leads nowhere.",
            "Check PUBLIC_URL for a slip, and the DNS entry of that name.",
        )
        return False
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    told = ", ".join(addresses[:4])
    leads = "is an address itself" if told == host else f"leads to {told}"
    rehearsal.proven("Name", f"{host} {leads}.")
    if not any(_is_public(address) for address in addresses):
        rehearsal.caution(
            "Reach",
            f"{told} can only be reached from here: Plivo could not.",
            "Right for a demo. For real, set PUBLIC_URL to an address on the internet.",
        )
    if parts.scheme != "https":
        rehearsal.caution(
            "Secrecy",
            "PUBLIC_URL begins with http: what Plivo says can be read and altered on its way.",
            "Right for a demo. For real, let a proxy end TLS, and set PUBLIC_URL to https.",
        )
    return True


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def _send(rehearsal: Rehearsal, url: str, headers: dict[str, str], body: bytes) -> _Answer | None:
    """POST it: no redirects, no second try, and nothing from the environment (proxy, netrc)."""
    secure = urlsplit(url).scheme == "https"
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.post(
                url,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = _Answer(
                    status=response.status_code,
                    location=response.headers.get("Location", ""),
                    content_type=response.headers.get("Content-Type", ""),
                    body=b"".join(_beginning(response)),
                )
    except requests.exceptions.SSLError as trouble:
        rehearsal.proven("Connection", "Somebody listens there.")
        rehearsal.failed("TLS", *_about_tls(str(trouble)))
        return None
    except requests.exceptions.ConnectTimeout:
        rehearsal.failed(
            "Connection",
            f"Nobody answered within {CONNECT_SECONDS} seconds.",
            "A firewall may drop it, or this machine cannot reach its own public address from "
            "inside; then try from outside.",
        )
        return None
    except requests.exceptions.ReadTimeout:
        rehearsal.proven("Connection", "Somebody listens there.")
        rehearsal.failed(
            "Answer",
            f"There was no answer within {READ_SECONDS} seconds.",
            "The web server may be overloaded or have no free thread, or the proxy leads astray.",
        )
        return None
    except (requests.RequestException, OSError, ValueError) as trouble:
        if "refused" in str(trouble).lower():
            rehearsal.failed(
                "Connection",
                "The connection was refused: nobody listens at that address and port.",
                "Start the web server or proxy there, or correct the port in PUBLIC_URL.",
            )
        else:
            rehearsal.failed(
                "Connection",
                f"The connection broke ({type(trouble).__name__}).",
                "Look into the proxy's log; perhaps it expects https where PUBLIC_URL says http.",
            )
        return None
    rehearsal.proven("Connection", "Somebody listens there.")
    if secure:
        rehearsal.proven("TLS", "The certificate is trusted and belongs to that name.")
    return answer


def _beginning(response: requests.Response) -> Iterator[bytes]:
    """The first part of an answer: another server's may be of any length."""
    left = MOST_READ
    for piece in response.iter_content(4096):
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def _about_tls(trouble: str) -> tuple[str, str]:
    if "WRONG_VERSION_NUMBER" in trouble or "record layer" in trouble:
        return (
            "What listens there does not speak TLS.",
            "PUBLIC_URL says https: give it the port of the proxy that ends TLS, not the portal's.",
        )
    if "expired" in trouble:
        return "The certificate has expired.", "Renew it; Plivo refuses it as well."
    if "Hostname mismatch" in trouble or "doesn't match" in trouble or "match" in trouble:
        return (
            "The certificate is for another name.",
            "Get one for the host of PUBLIC_URL, or correct PUBLIC_URL.",
        )
    if "self" in trouble and "signed" in trouble or "unable to get local issuer" in trouble:
        return (
            "The certificate is not from an authority that is trusted.",
            "Get one from a public authority, and let the proxy send the whole chain.",
        )
    return "TLS could not be agreed on.", "Look into the proxy's log."


# --- What the answer means ---


def _read(rehearsal: Rehearsal, answer: _Answer) -> None:
    status, outcome = answer.status, answer.outcome
    told = f"Answered {status} after {rehearsal.milliseconds} ms"
    if status == 200 and outcome is not None:
        rehearsal.proven("Answer", f"{told}, with the outcome {outcome[:40]}.")
        return
    rehearsal.failed("Answer", *_about_answer(answer, told))


def _about_answer(answer: _Answer, told: str) -> tuple[str, str]:
    """What is wrong with an answer, and what mends it."""
    status, ours = answer.status, answer.error
    page = b"<html" in answer.body[:2000].lower() or "html" in answer.content_type
    if 300 <= status < 400:
        return (
            f"{told}: it sends callers on to {answer.location[:200] or 'somewhere else'}. Plivo's "
            "signature would not hold there.",
            "Set PUBLIC_URL to where it leads, if that is the portal, most often https instead of "
            "http; or let the proxy pass /callbacks/ on without a redirect.",
        )
    match status:
        case 400 if not ours:
            return (
                f"{told}: the request was thought malformed, most often for its host.",
                "Add the host of PUBLIC_URL to ALLOWED_HOSTS, and let the proxy pass Host on.",
            )
        case 401 | 407:
            return (
                f"{told}: something in front of the portal wants a password.",
                "Let the proxy pass /callbacks/plivo/ on without one; the signature is the key.",
            )
        case 403 if ours:
            return (
                f"{told}: it came to the portal, which did not find the signature right.",
                "Perhaps a proxy drops or alters headers, or the web server was started with "
                "another PUBLIC_URL.",
            )
        case 403:
            return (
                f"{told}: something in front of the portal turned it away.",
                "Look for a rule of the proxy or firewall against unknown callers.",
            )
        case 404 if ours:
            return (
                f"{told}: the portal got it under another spelling of the address.",
                "Let the proxy pass the path on as it is, with its slash at the end.",
            )
        case 404:
            return (
                f"{told}: there is nothing at that path.",
                "The proxy may cut the path or lead to another server; or PUBLIC_URL lacks the "
                "path under which the portal stands.",
            )
        case 405:
            return f"{told}: POST is not taken.", "Let the proxy pass POST on."
        case 411 | 413 | 400:
            return (
                f"{told}: the body did not come as it was sent. {ours}",
                "Let the proxy pass bodies on with their length: no chunks, no compression.",
            )
        case 502 | 504:
            return (
                f"{told}: the proxy does not reach the portal.",
                "Start the web server, or correct where the proxy looks for it.",
            )
        case 503 if ours:
            return (
                f"{told}: the portal could not write to its database.",
                "See /readyz. Plivo would try again three times within seven minutes.",
            )
        case _ if 200 <= status < 300 and page:
            return (
                f"{told}, with a page of some other server.",
                "PUBLIC_URL leads to a web site that is not the portal; correct it, or the proxy.",
            )
    return (
        f"{told}, which the portal never does.",
        "Find out what answers at PUBLIC_URL instead of the portal.",
    )


# --- Whether it arrived ---


def _find(nonce: str, started: datetime) -> Callback | None:
    recent = Callback.objects.filter(
        received_at__gte=started - CLOCKS_DIFFER_BY, path=reverse("plivo-callback-fixed")
    )
    for callback in recent.order_by("-received_at", "-pk")[:LOOKED_THROUGH]:
        if callback.headers.get(V2_NONCE) == nonce:
            return callback
    return None


def _compare(rehearsal: Rehearsal, answer: _Answer, body: bytes) -> None:
    callback = rehearsal.callback
    if callback is None:
        if answer.status == 403 and answer.error:
            rehearsal.failed(
                "Arrival",
                "It cannot be told from others that were refused: its headers did not come "
                "along, or so many were refused that this one was only counted.",
                "See which headers came, and let the proxy pass "
                "every header that begins with X-Plivo- on.",
            )
        elif answer.outcome is not None:
            rehearsal.failed(
                "Arrival",
                "It is not among the callbacks of this portal.",
                "Another portal answered: perhaps PUBLIC_URL leads to one with another database.",
            )
        return
    if callback.outcome in QUARANTINE:
        rehearsal.failed(
            "Signature",
            f"It arrived as callback {callback.pk}, and was refused. {callback.explanation}",
            "Open it to see which address and token were tried, and what would have fitted.",
        )
        return
    rehearsal.proven(
        "Signature",
        f"It arrived as callback {callback.pk}, and its signature holds ({callback.scheme}).",
    )
    if callback.body_digest == hashlib.sha256(body).hexdigest():
        rehearsal.proven("Content", "Its random mark came through, and not a byte was altered.")
    else:
        rehearsal.failed(
            "Content",
            "Its content was altered on the way.",
            "Something between changes bodies; let the proxy pass them on as they are.",
        )
