"""Answers that go wrong, as networks, proxies and busy servers make them.

A fault waits for the next call of its `operation` (such as "create_brand"), or whose "METHOD
/path" its `path` is found in (a regular expression), and is used up after `times` calls. Further
keys: `seconds`, `retry_after`, `status`, `to`, `error`, `word`, `reset`; see KINDS.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from registrations.plivo.sandbox import life
from registrations.plivo.sandbox.calls import Call, Request, Response
from registrations.plivo.sandbox.endpoints import OPERATIONS

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox
    from registrations.plivo.sandbox.state import Document

Act = Callable[[], Response]

KINDS = {
    "lost_answer": "acts, then closes the connection (`reset`: resets it)",
    "drop_before": "closes the connection without acting (`reset`: resets it)",
    "timeout_before": "does not act; closes the connection after `seconds` (70)",
    "timeout_after": "acts; closes the connection after `seconds` (70)",
    "act_late": "closes the connection, and acts `seconds` (5) later",
    "slow": "acts, and answers after `seconds` (5)",
    "error_500_before": "answers `status` (500) without acting",
    "error_500_after": "acts, then answers `status` (500)",
    "rate_limited": "answers 429 with Retry-After `retry_after` (2) without acting",
    "forbidden": "answers 403 without acting",
    "html_body": "acts, then answers `status` (200) with a page of HTML",
    "no_id": "acts, then answers without the id",
    "other_id": "acts, then answers with an id that belongs to nothing",
    "redirect": "answers 302 to `to` (/elsewhere/) without acting",
    "truncated": "acts, then breaks off in the middle of the answer",
    "error_in_2xx": "answers 200 with `error` in the body without acting",
    "early_callback": "acts, and delivers the callback `word` (created) before it answers",
}


def check(fault: Document) -> Document:
    """A fault as somebody asks for it, completed. Raises ValueError if it makes no sense."""
    if fault.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    if fault.get("operation") and fault["operation"] not in OPERATIONS:
        raise ValueError(f"operation must be one of {', '.join(OPERATIONS)}")
    re.compile(fault.get("path", ""))
    types = {"times": int, "seconds": float, "status": int, "retry_after": int}
    numbers = {name: types[name](fault[name]) for name in types if name in fault}
    return {"times": 1, **fault, **numbers}


def take(call: Call, line: str) -> Document | None:
    """The fault that this call meets: the oldest one planned, or one that a test card names.

    `line` is "METHOD /path" without the account.
    """
    faults = call.state.faults
    for key, fault in faults.items():
        if fault.get("operation") in (None, "", call.operation) and re.search(
            fault.get("path", ""), line
        ):
            if fault["times"] > 1:
                faults.change(key, times=fault["times"] - 1)
            else:
                faults.drop(key)
            return fault
    if call.story.fault and call.story.once not in call.state.spent:
        call.state.spent.put(call.story.once, {})
        return {"kind": call.story.fault}
    return None


def spoil(call: Call, request: Request, fault: Document, act: Act) -> Response:
    """Answer as the fault has it: acting before, after, later or not at all."""
    sandbox, kind, seconds = call.sandbox, fault["kind"], fault.get("seconds", 5)
    cut = "reset" if fault.get("reset") else "closed"
    match kind:
        case "drop_before":
            return Response(0, cut=cut)
        case "timeout_before":
            return Response(0, cut=cut, delay=fault.get("seconds", 70))
        case "act_late":
            sandbox.later(seconds, do="act", account=call.account, request=_kept(request))
            return Response(0, cut=cut)
        case "error_500_before":
            return _error(sandbox, fault.get("status", 500), "internal server error")
        case "rate_limited":
            response = _error(sandbox, 429, "rate limit exceeded")
            wait = {"Retry-After": str(fault.get("retry_after", 2))}
            return replace(response, headers=response.headers | wait)
        case "forbidden":
            return _error(sandbox, 403, "this feature is not enabled for your account")
        case "redirect":
            return Response(302, {"Location": str(fault.get("to", "/elsewhere/"))})
        case "error_in_2xx":
            text = str(fault.get("error", "the request could not be processed"))
            return _error(sandbox, 200, text)
        case "early_callback":
            return _early(call, str(fault.get("word", "created")), act)
    response = act()
    match kind:
        case "lost_answer":
            return replace(response, cut=cut)
        case "timeout_after":
            return replace(response, cut=cut, delay=fault.get("seconds", 70))
        case "slow":
            return replace(response, delay=seconds)
        case "error_500_after":
            return _error(sandbox, fault.get("status", 500), "internal server error")
        case "html_body":
            page = b"<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>"
            return Response(fault.get("status", 200), {"Content-Type": "text/html"}, page)
        case "no_id" | "other_id":
            return replace(response, body=_with_other_id(response, kind == "other_id"))
        case "truncated":
            return replace(response, cut="half")
    raise AssertionError(kind)


def _error(sandbox: Sandbox, status: int, text: str) -> Response:
    return sandbox.answer(status, {"error": text})


def _kept(request: Request) -> dict[str, Any]:
    """A request that is carried out later, as the state can keep it."""
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "body": request.body.decode("utf-8", "replace"),
    }


def _early(call: Call, word: str, act: Act) -> Response:
    events = call.state.events
    before = {key for key, _ in events.items()}
    response = act()
    letters: list[str] = []
    for key, event in events.items():
        if key not in before and event["do"] == "turn" and event["word"] == word:
            events.drop(key)
            letters += life.turn(call.sandbox, event)
    call.sandbox.reserve(letters)
    return replace(response, first=tuple(letters))


def _with_other_id(response: Response, other: bool) -> bytes:
    body = {}
    for name, value in response.json().items():
        is_id = name.lower() in ("brand_id", "brandid", "campaign_id", "campaignid")
        if not is_id and name.lower() not in ("profile_uuid", "profileuuid"):
            body[name] = value
        elif other:
            body[name] = "BNOBODY" if is_id else str(uuid.uuid4())
    return json.dumps(body).encode()
