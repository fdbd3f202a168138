"""The page at `/` and the API under `/control/`, by which people and tests decide what happens.

    GET  /control/state       everything
    GET  /control/calls       every call of the API
    GET  /control/ledger      every call that Plivo would bill
    POST /control/outcome     {"id", "word"}: Plivo's last word on an object, told by a callback
    POST /control/silent      {"id", "word"}: the same without a callback; also expired, unlinked
    POST /control/callback    {"id", "word", "times", "nonce", "shape", "token", "method"}: tell
                              something, true or not; with another token it is a forgery
    POST /control/fault       {"kind", "on", "times", …}: see faults.KINDS
    POST /control/settings    any of state.SETTINGS
    POST /control/token       {"token"}: the account's auth token is this from now on
    POST /control/advance     {"seconds"}: the clock jumps
    POST /control/reset       forget everything

`id` is a Plivo id, or "campaign id/number" for a number. Bodies are JSON or a form. It answers
only to names of this machine, so that no web page elsewhere can use a visitor's browser to play.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from registrations.plivo.sandbox import callbacks, faults, page, stories
from registrations.plivo.sandbox.state import SETTINGS

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Request, Response, Sandbox

HERE = {"127.0.0.1", "localhost", "::1"}


class Wrong(Exception):
    """The request to the control API makes no sense; the text says why."""


def handle(sandbox: Sandbox, request: Request) -> Response:
    from registrations.plivo.sandbox.sandbox import Response

    host = urlsplit(f"//{request.headers.get('host', '127.0.0.1')}").hostname
    origin = urlsplit(request.headers.get("origin", "")).hostname
    if host not in HERE or (origin is not None and origin not in HERE):
        return Response(403, b"only from this machine\n")
    with sandbox.lock:
        if request.path == "/" and request.method == "GET":
            html = page.render(sandbox).encode()
            return Response(200, html, {"Content-Type": "text/html; charset=utf-8"})
        try:
            answer = _answer(sandbox, request)
        except (Wrong, KeyError, ValueError) as wrong:
            body = {"error": f"{type(wrong).__name__}: {wrong}"}
            return Response(400, json.dumps(body).encode(), {"Content-Type": "application/json"})
        if request.method == "POST":
            sandbox.state.save()
            if "form" in request.headers.get("content-type", ""):
                return Response(303, b"", {"Location": "/"})
    return Response(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})


def _answer(sandbox: Sandbox, request: Request) -> Any:
    state = sandbox.state
    name = request.path.removeprefix("/control/").strip("/")
    if request.method == "GET":
        looks = {"state": state.as_dict(), "calls": state.calls, "ledger": state.ledger}
        if name not in looks:
            raise Wrong(f"there is no {name} to look at")
        return looks[name]
    said = _said(request)
    match name:
        case "outcome":
            kind, subject = _find(sandbox, said["id"], said["word"])
            event = {**subject, "word": said["word"], "silent": False, "twice": False}
            _forget_turns(sandbox, said["id"])
            stories.turn(sandbox, event)
        case "silent":
            _forget_turns(sandbox, said["id"])
            _silently(sandbox, said["id"], said["word"])
        case "callback":
            kind, subject = _find(sandbox, said["id"], said["word"])
            nonce = said.get("nonce") or None
            special = {key: said[key] for key in ("shape", "token") if said.get(key)}
            for _ in range(int(said.get("times", 1))):
                callbacks.post(
                    sandbox,
                    kind,
                    said["id"],
                    said["word"],
                    subject["url"],
                    said.get("method") or subject["method"],
                    nonce=nonce,
                    **special,
                )
        case "fault":
            if said["kind"] not in faults.KINDS:
                raise Wrong(f"kind is one of {', '.join(faults.KINDS)}")
            state.faults.append(said)
        case "settings":
            unknown = set(said) - set(SETTINGS)
            if unknown:
                raise Wrong(f"there is no setting {', '.join(sorted(unknown))}")
            state.settings |= said
        case "token":
            sandbox.accounts[sandbox.auth_id] = said["token"]
        case "advance":
            state.clock_ahead += float(said["seconds"])
        case "reset":
            state.clear()
        case _:
            raise Wrong(f"there is no control {name}")
    return {"ok": True}


def _said(request: Request) -> dict[str, Any]:
    if "form" in request.headers.get("content-type", ""):
        return dict(parse_qsl(request.body.decode()))
    said = json.loads(request.body or b"{}")
    if not isinstance(said, dict):
        raise Wrong("the body is not a JSON object")
    return said


def _find(sandbox: Sandbox, object_id: str, word: str) -> tuple[str, dict[str, Any]]:
    """(kind, {"kind", "id", "url", "method"}) of an object: where its last request calls back."""
    subjects = sandbox.state.subjects.get(object_id)
    if not subjects:
        raise Wrong(f"{object_id} has never been asked for")
    return subjects["kind"], subjects


def _forget_turns(sandbox: Sandbox, object_id: str) -> None:
    """Somebody decides now: what was planned for the object is off."""
    sandbox.state.events = [
        event for event in sandbox.state.events if event["do"] != "turn" or event["id"] != object_id
    ]


def _silently(sandbox: Sandbox, object_id: str, word: str) -> None:
    state = sandbox.state
    if word == "expired":
        state.campaigns[object_id]["registration_status"] = "EXPIRED"
    elif word == "unlinked":
        del state.links[object_id]
    elif word == "processing":
        row = state.brands.get(object_id) or state.campaigns[object_id]
        row["registration_status"] = "PROCESSING"
    elif word == "gone":
        state.brands.pop(object_id, None)
        state.campaigns.pop(object_id, None)
    else:
        kind, _ = _find(sandbox, object_id, word)
        stories.change(sandbox, kind, object_id, word)
