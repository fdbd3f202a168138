"""Calling back: signed as Plivo signs, tried again as Plivo tries."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests

from registrations.plivo.signature import v2_signature, v3_signature

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox
    from registrations.plivo.sandbox.state import Document

# Seconds from a failed try to the next one; after the last the event is lost
# (https://www.plivo.com/docs/messaging/concepts/callbacks/10dlc-callbacks).
RETRIES = (60, 120, 240)
# How long a receiver may think, in seconds; published for message callbacks.
PATIENCE = 8
SHAPES = ("form", "form_camel", "json", "nested", "empty")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def over_http(method: str, url: str, headers: dict[str, str], body: bytes) -> int | str:
    """Send one callback; answers the HTTP status, or the name of the trouble.

    No redirects, no retries, and nothing from the environment: no proxy, no netrc.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.request(
                method,
                url,
                data=body or None,
                headers=headers,
                timeout=PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code
        except (requests.RequestException, OSError, ValueError) as trouble:
            return type(trouble).__name__


def fields_of(kind: str, object_id: str, word: str) -> dict[str, str]:
    """What a callback says. Plivo does not publish its fields: these names are invented."""
    fields = {"type": kind, "status": word}
    if kind in ("brand", "campaign"):
        return {**fields, f"{kind}_id": object_id}
    campaign_id, _, number = object_id.partition("/")
    return {**fields, "campaign_id": campaign_id, "number": number}


def post(
    sandbox: Sandbox,
    kind: str,
    object_id: str,
    word: str,
    *,
    account: str,
    url: str,
    method: str = "POST",
    after: float = 0,
    nonce: str = "",
    **special: Any,
) -> str:
    """Plan a callback; answers its id, or "" if it is to be lost on its way.

    `special`: "shape", "forged" (signed with a token that nobody has), "fields" (instead of the
    usual ones), "raw" ({"content_type", "body"}), "retried" (False: one try only).
    """
    letter: Document = {
        "kind": kind,
        "id": object_id,
        "word": word,
        "account": account,
        "url": url,
        "method": method,
        "nonce": nonce or new_nonce(),
        "attempt": 1,
        **special,
    }
    if sandbox.state.settings["callbacks_lost"]:
        _remember(sandbox, letter, "lost")
        return ""
    return sandbox.later(after, do="deliver", **letter)


def deliver(sandbox: Sandbox, key: str) -> None:
    """Try one planned callback; unless it is answered 200, plan the next try.

    The network is not waited for under the lock: the receiver may ask the API meanwhile. The event
    stays planned until its try is over, so that a callback outlives the sandbox's death.
    """
    with sandbox.lock:
        letter = sandbox.state.events.get(key)
        if letter is None:
            return
        message = _message(sandbox, letter)
    status = sandbox.transport(*message)
    with sandbox.lock:
        if key not in sandbox.state.events:
            return
        sandbox.state.events.drop(key)
        _remember(sandbox, letter, status)
        tried = letter["attempt"]
        settings = sandbox.state.settings
        if status != 200 and tried <= len(RETRIES) and letter.get("retried", True):
            again = {name: letter[name] for name in letter if name != "due"}
            again["attempt"] = tried + 1
            if not settings["same_nonce_on_retry"]:
                again["nonce"] = new_nonce()
            sandbox.later(RETRIES[tried - 1] * settings["retry_scale"], **again)
        sandbox.state.commit()


def new_nonce() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(20))


def last_nonce(sandbox: Sandbox, object_id: str) -> str:
    """The nonce of the latest callback about an object, or "" if there was none."""
    nonces = [row["nonce"] for row in sandbox.state.deliveries.rows() if row["id"] == object_id]
    return nonces[-1] if nonces else ""


def _message(sandbox: Sandbox, letter: Document) -> tuple[str, str, dict[str, str], bytes]:
    """(method, URL, headers, body) of one try."""
    settings = sandbox.state.settings
    method, url, nonce = letter["method"], letter["url"], letter["nonce"]
    fields = letter.get("fields") or fields_of(letter["kind"], letter["id"], letter["word"])
    content_type, body, pairs = _encoded(letter.get("shape") or settings["callback_shape"], fields)
    if letter.get("raw"):
        content_type, body = letter["raw"]["content_type"], letter["raw"]["body"].encode()
        pairs = []
    if method == "GET":
        url, body, pairs = f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}", b"", []
    own, main = sandbox.token_of(letter["account"]), sandbox.token_of(sandbox.main_account)
    if letter.get("forged"):
        own = main = secrets.token_hex(20)
    headers = {
        "X-Plivo-Signature-V2": v2_signature(url, nonce, own),
        "X-Plivo-Signature-Ma-V2": v2_signature(url, nonce, main),
        "X-Plivo-Signature-V2-Nonce": nonce,
    }
    if settings["callback_v3"]:
        headers |= {
            "X-Plivo-Signature-V3": v3_signature(method, url, nonce, own, pairs),
            "X-Plivo-Signature-Ma-V3": v3_signature(method, url, nonce, main, pairs),
            "X-Plivo-Signature-V3-Nonce": nonce,
        }
    if method != "GET":
        headers["Content-Type"] = content_type
    return method, url, headers, body


def _encoded(shape: str, fields: dict[str, str]) -> tuple[str, bytes, list[tuple[str, str]]]:
    """(content type, body, its form pairs) in one of SHAPES."""
    match shape:
        case "json":
            return JSON, json.dumps(fields).encode(), []
        case "nested":
            rest = {name: fields[name] for name in fields if name != "type"}
            return JSON, json.dumps({fields.get("type", "event"): rest}).encode(), []
        case "empty":
            return FORM, b"", []
        case "form_camel":
            fields = {
                {"type": "Event"}.get(name, name.title().replace("_", "")): value
                for name, value in fields.items()
            } | {"Status": fields.get("status", "").upper()}
    return FORM, urlencode(fields).encode(), list(fields.items())


def _remember(sandbox: Sandbox, letter: Document, status: int | str) -> None:
    names = ("kind", "id", "word", "url", "method", "nonce", "attempt")
    sandbox.state.deliveries.append(
        {
            "at": sandbox.now(),
            **{name: letter[name] for name in names},
            "forged": bool(letter.get("forged")),
            "status": status,
        }
    )
