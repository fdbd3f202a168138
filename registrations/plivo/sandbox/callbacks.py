"""Calling back: signed like Plivo, tried again like Plivo."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests

from registrations.plivo.signature import v2_signature, v3_signature

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox

# Seconds after a failed try to the next one; then the event is lost
# (https://www.plivo.com/docs/messaging/concepts/callbacks/10dlc-callbacks).
RETRIES = [60, 120, 240]
PATIENCE = 8

# How many deliveries are remembered for the page.
REMEMBERED = 2_000


def fields_of(kind: str, object_id: str, word: str) -> dict[str, str]:
    """What a callback says. Plivo does not publish its names: these are our best guess."""
    fields = {"type": kind, "status": word}
    if kind == "brand":
        return {**fields, "brand_id": object_id}
    if kind == "campaign":
        return {**fields, "campaign_id": object_id}
    campaign_id, _, number = object_id.partition("/")
    return {**fields, "campaign_id": campaign_id, "number": number}


def encoded(shape: str, fields: dict[str, str]) -> tuple[str, bytes]:
    """(content type, body) in one of the shapes that a portal has to understand."""
    if shape == "form":
        return "application/x-www-form-urlencoded", urlencode(fields).encode()
    if shape == "camel":
        camel = {
            "Event": fields["type"],
            "Status": fields["status"].upper(),
            **{
                name.title().replace("_", ""): value
                for name, value in fields.items()
                if name not in ("type", "status")
            },
        }
        return "application/x-www-form-urlencoded", urlencode(camel).encode()
    if shape == "nested":
        rest = {name: value for name, value in fields.items() if name != "type"}
        return "application/json", json.dumps({fields["type"]: rest}).encode()
    return "application/json", json.dumps(fields).encode()


def post(
    sandbox: Sandbox,
    kind: str,
    object_id: str,
    word: str,
    url: str,
    method: str = "POST",
    **special: Any,
) -> None:
    """Send a callback soon. `special`: nonce, shape, forged, and so on, for the control API."""
    if not sandbox.state.settings["callbacks"]:
        return
    sandbox.later(
        0,
        do="deliver",
        url=url,
        method=method,
        fields=fields_of(kind, object_id, word),
        nonce=special.pop("nonce", None) or new_nonce(),
        attempt=0,
        **special,
    )


def deliver(sandbox: Sandbox, letter: dict[str, Any]) -> None:
    """One try; if it is not answered 200, plan the next."""
    status = _send(sandbox, letter)
    with sandbox.lock:
        state = sandbox.state
        state.deliveries.append(
            {
                "at": sandbox.now(),
                "fields": letter["fields"],
                "url": letter["url"],
                "attempt": letter["attempt"],
                "status": status,
            }
        )
        del state.deliveries[:-REMEMBERED]
        if status != 200 and letter["attempt"] < len(RETRIES):
            wait = RETRIES[letter["attempt"]] * state.settings["retry_scale"]
            nonce = letter["nonce"] if state.settings["same_nonce_on_retry"] else new_nonce()
            again = {**letter, "attempt": letter["attempt"] + 1, "nonce": nonce}
            again.pop("due")
            sandbox.later(wait, **again)
        state.save()


def new_nonce() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(20))


def _send(sandbox: Sandbox, letter: dict[str, Any]) -> int | str:
    settings = sandbox.state.settings
    token = letter.get("token") or sandbox.accounts[sandbox.auth_id]
    method, url, nonce, fields = letter["method"], letter["url"], letter["nonce"], letter["fields"]
    content_type, body = encoded(letter.get("shape") or settings["shape"], fields)
    if method == "GET":
        url, body = f"{url}?{urlencode(fields)}", b""
    signature = v2_signature(url, nonce, token)
    headers = {
        "X-Plivo-Signature-V2": signature,
        "X-Plivo-Signature-Ma-V2": signature,
        "X-Plivo-Signature-V2-Nonce": nonce,
    }
    if body:
        headers["Content-Type"] = content_type
    if settings["v3"]:
        params = list(fields.items()) if "form" in content_type else []
        v3 = v3_signature(method, url, nonce, token, params)
        headers |= {"X-Plivo-Signature-V3": v3, "X-Plivo-Signature-V3-Nonce": nonce}
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.request(
                method,
                url,
                data=body or None,
                headers=headers,
                timeout=PATIENCE,
                allow_redirects=False,
            ).status_code
        except requests.RequestException as trouble:
            return type(trouble).__name__
