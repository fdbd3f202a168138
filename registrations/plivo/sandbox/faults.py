"""Answers that go wrong, as a network and a busy server make them.

A fault is {"kind": …, "on": a regular expression over "METHOD /path", "times": how often}; the
oldest that matches a call is used up by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from registrations.plivo.sandbox import endings

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Request, Response, Sandbox

KINDS = {
    "lost_answer": "acts, then drops the connection",
    "drop_before": "drops the connection without acting",
    "timeout_after": "acts, then answers after `seconds`",
    "timeout_before": "does not act, and answers 504 after `seconds`",
    "act_late": "drops the connection, and acts `seconds` later",
    "error_after": "acts, then answers 500",
    "error_before": "answers 500 without acting",
    "rate_limited": "answers 429, with `retry_after`",
    "html": "acts, then answers a page of HTML",
    "no_id": "acts, then answers without the id",
    "redirect": "answers 302 to somewhere else",
    "truncated": "acts, then cuts the answer in the middle",
    "error_in_2xx": "does not act, and answers 200 with an error",
    "early_callback": "acts, and calls back before it answers",
    "slow": "acts, and answers after `seconds`",
}


def spoil(sandbox: Sandbox, request: Request, path: str, act: Callable[[], Response]) -> Response:
    """Do the call, or not, and answer as the next fault for it says."""
    fault = _take(sandbox, f"{request.method} {path}") or _magic(sandbox, request, path)
    if fault is None:
        return act()
    return _KINDS[fault["kind"]](sandbox, request, fault, act)


def _take(sandbox: Sandbox, call: str) -> dict[str, Any] | None:
    for fault in sandbox.state.faults:
        if re.search(fault.get("on", ""), call):
            fault["times"] = fault.get("times", 1) - 1
            if fault["times"] <= 0:
                sandbox.state.faults.remove(fault)
            return fault
    return None


def _magic(sandbox: Sandbox, request: Request, path: str) -> dict[str, Any] | None:
    """A word in the request that spoils its answer, once per name."""
    if request.method != "POST" or not path.startswith("/10dlc/"):
        return None
    try:
        fields = json.loads(request.body)
    except ValueError:
        return None
    name = str(fields.get("brand_alias") or fields.get("campaign_alias") or fields.get("numbers"))
    profile = sandbox.state.profiles.get(fields.get("profile_uuid", ""), {})
    words = endings.words_in(name, profile.get("company_name"), fields.get("description"))
    for number in fields.get("numbers") or []:
        words |= endings.words_of_number(str(number))
    for word in sorted(words & set(endings.FAULT_OF)):
        once = f"{word} {name}"
        if once not in sandbox.state.words_used:
            sandbox.state.words_used.append(once)
            return endings.FAULT_OF[word]
    return None


def _error(sandbox: Sandbox, status: int, text: str) -> Response:
    return sandbox.answer(status, {"error": text})


def _acts_and(**changes: Any) -> Callable[..., Response]:
    def kind(sandbox: Sandbox, request: Request, fault: dict[str, Any], act: Any) -> Response:
        response = act()
        waits = {"wait": fault.get("seconds", 5)} if changes.get("wait") else {}
        return replace(response, **{**changes, **waits})

    return kind


def _rate_limited(sandbox: Sandbox, request: Request, fault: dict[str, Any], act: Any) -> Response:
    response = _error(sandbox, 429, "Too many requests")
    response.headers["Retry-After"] = str(fault.get("retry_after", 1))
    return response


def _act_late(sandbox: Sandbox, request: Request, fault: dict[str, Any], act: Any) -> Response:
    # Its path is told without the account, as a call sees it.
    path = request.path.split("/", 4)[4]
    told = {"method": request.method, "path": f"/{path}", "query": request.query}
    sandbox.later(
        fault.get("seconds", 5),
        do="act",
        request={**told, "body": request.body.decode("utf-8", "replace")},
    )
    return replace(_error(sandbox, 500, ""), drop=True)


def _no_id(sandbox: Sandbox, request: Request, fault: dict[str, Any], act: Any) -> Response:
    response = act()
    body = json.loads(response.body)
    kept = {name: value for name, value in body.items() if not re.search("_id$|uuid$", name)}
    return replace(response, body=json.dumps(kept).encode())


def _early_callback(
    sandbox: Sandbox, request: Request, fault: dict[str, Any], act: Any
) -> Response:
    response = act()
    for event in sandbox.state.events:
        if event["do"] == "turn" and event["word"] == "created":
            event["due"] = sandbox.now()
    return replace(response, wait=fault.get("seconds", 1.5))


_KINDS: dict[str, Callable[..., Response]] = {
    "lost_answer": _acts_and(drop=True),
    "drop_before": lambda sandbox, request, fault, act: replace(
        _error(sandbox, 500, ""), drop=True
    ),
    "timeout_after": _acts_and(wait=True, drop=True),
    "timeout_before": lambda sandbox, request, fault, act: replace(
        _error(sandbox, 504, "time-out"), wait=fault.get("seconds", 5)
    ),
    "act_late": _act_late,
    "error_after": _acts_and(status=500, body=b'{"error": "internal server error"}'),
    "error_before": lambda sandbox, request, fault, act: _error(
        sandbox, 500, "internal server error"
    ),
    "rate_limited": _rate_limited,
    "html": _acts_and(body=b"<html><body>Bad gateway</body></html>"),
    "no_id": _no_id,
    "redirect": lambda sandbox, request, fault, act: replace(
        _error(sandbox, 302, ""), headers={"Location": fault.get("to", "/elsewhere/")}
    ),
    "truncated": _acts_and(truncate=True),
    "error_in_2xx": lambda sandbox, request, fault, act: _error(
        sandbox, 200, fault.get("error", "something is not acceptable")
    ),
    "early_callback": _early_callback,
    "slow": _acts_and(wait=True),
}
