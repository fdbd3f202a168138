"""The page at `/`, and the API under `/control/` by which people and tests decide what happens.

    GET  /control/state       the settings, and everything that is remembered
    GET  /control/calls       every call of the API since the start, oldest first
    GET  /control/ledger      every call that Plivo bills, made or not, and the sums
    POST /control/outcome     {"id", "word", "reason"?}: Plivo's word now, told by callback
    POST /control/silent      {"id", "word"} or {"id", "vetting_score"}: changes without a callback
    POST /control/callbacks   {"id", "word"?, …}: tells something, true or not; {"drop": "all"}
    POST /control/outside     {}: somebody makes a brand, a campaign and two numbers elsewhere
    POST /control/faults      {"kind", …}: see `faults`; {"clear": true}
    POST /control/settings    any of state.SETTINGS
    POST /control/advance     {"seconds"}: the clock jumps
    POST /control/reset       {}: forgets everything

An `id` is Plivo's, or "campaign id/number" for a number. A `word` is one of a callback, or
"approve" or "reject"; `silent` also knows "processing", "expired", "unlinked" and "gone". A body is
a JSON object or a form. The answer is {"ok": true, …}, or 400 with {"error"}.

Nobody signs in here, so it answers to this machine only: the name it is called by must be a
loopback one (a web page elsewhere can point its own name here), and no page of another origin may
post (a visitor's browser would do it unasked).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from registrations.plivo.sandbox import callbacks, faults, life, outside, page
from registrations.plivo.sandbox.calls import Request, Response, json_response
from registrations.plivo.sandbox.validation import is_url

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HTML_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
}


def handle(sandbox: Sandbox, request: Request) -> Response:
    if not _is_from_here(request):
        return json_response(403, {"error": "only this machine may control the sandbox"})
    if request.path == "/" and request.method == "GET":
        return Response(200, HTML_HEADERS, page.render(sandbox).encode())
    name = request.path.removeprefix("/control/").strip("/")
    known = LOOKS if request.method == "GET" else VERBS if request.method == "POST" else {}
    if name not in known:
        both = name in LOOKS or name in VERBS or request.path == "/"
        return json_response(405 if both else 404, {"error": f"there is no {name} here"})
    if request.method == "GET":
        return json_response(200, LOOKS[name](sandbox))
    is_form = "form" in request.headers.get("content-type", "")
    try:
        answer = VERBS[name](sandbox, _said(request, is_form))
    except KeyError as missing:
        return json_response(400, {"error": f"{missing.args[0]} is required"})
    except (ValueError, TypeError, re.error) as wrong:
        return json_response(400, {"error": str(wrong)})
    if is_form:
        return Response(303, {"Location": "/"})
    return json_response(200, {"ok": True, **answer})


def _is_from_here(request: Request) -> bool:
    host = request.headers.get("host", "localhost")
    origin = request.headers.get("origin")
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK and origin in (None, f"http://{host}")
    except ValueError:
        return False


def _said(request: Request, is_form: bool) -> dict[str, Any]:
    text = request.body.decode("utf-8", "replace")
    if is_form:
        return dict(parse_qsl(text))
    said = json.loads(text or "{}")
    if not isinstance(said, dict):
        raise ValueError("the body is not a JSON object")
    return said


# --- Looking ---


def _state(sandbox: Sandbox) -> dict[str, Any]:
    state = sandbox.state
    shelves = {
        name: [{"key": key, **row} for key, row in shelf.items()]
        for name, shelf in state.shelves().items()
        if name not in ("knobs", "spent", "ledger")
    }
    return {
        "now": sandbox.now(),
        "settings": {name: state.settings[name] for name in state.settings if name != "auth_token"},
        **shelves,
    }


def _calls(sandbox: Sandbox) -> dict[str, Any]:
    return {"calls": list(sandbox.state.calls)}


def ledger(sandbox: Sandbox) -> dict[str, Any]:
    """The billed calls: each, the sums by operation, and the total in US dollars."""
    entries = sandbox.state.ledger.rows()
    counts: dict[str, dict[str, Any]] = {}
    for entry in entries:
        count = counts.setdefault(entry["operation"], {"calls": 0, "made": 0, "fees": "0.00"})
        count["calls"] += 1
        count["made"] += entry["made"]
        count["fees"] = str(Decimal(count["fees"]) + Decimal(entry["fee"]))
    total = sum((Decimal(entry["fee"]) for entry in entries), Decimal("0.00"))
    return {"entries": entries, "counts": counts, "total": str(total)}


# --- Deciding ---


def _outcome(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    object_id, kind, word = _meant(sandbox, said)
    if word not in ("created", *life.LAST_WORDS[kind]):
        raise ValueError(f"word must be one of created, {', '.join(life.LAST_WORDS[kind])}")
    if word != "created":
        life.forget_turns(sandbox.state, object_id)
    reason = str(said.get("reason", ""))
    life.turn(sandbox, life.turn_of(sandbox, object_id, word, reason=reason))
    return {"kind": kind, "word": word}


def _silent(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    state = sandbox.state
    if "vetting_score" in said:
        score = int(said["vetting_score"])
        if said["id"] not in state.brands:
            raise ValueError("only a brand has a vetting_score")
        state.brands.change(said["id"], vetting_status="ACTIVE", vetting_score=score)
        return {"vetting_score": score}
    object_id, kind, word = _meant(sandbox, said)
    is_number = kind.startswith("number")
    known = ["processing", *life.LAST_WORDS[kind], "gone"]
    known += ["unlinked"] if is_number else ["expired"] if kind == "campaign" else []
    if word not in known:
        raise ValueError(f"word must be one of {', '.join(known)}")
    life.forget_turns(state, object_id)
    if word in ("unlinked", "gone"):
        life.shelf_of(state, kind).drop(object_id)
    else:
        life.settle(state, kind, object_id, word, str(said.get("reason", "")))
    return {"kind": kind, "word": word}


def _callbacks(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    if "drop" in said:
        if said["drop"] not in ("all", "none"):
            raise ValueError("drop is all or none")
        sandbox.state.set(callbacks_lost=said["drop"] == "all")
        return {}
    object_id, kind, word = _meant(sandbox, {"word": "approve", **said})
    _, row = life.find(sandbox.state, object_id)
    url = said.get("url") or row["_url"]
    if not is_url(url):
        raise ValueError(f"{object_id} has no callback URL")
    if said.get("shape") not in (None, *callbacks.SHAPES):
        raise ValueError(f"shape must be one of {', '.join(callbacks.SHAPES)}")
    # "new" (the default), "same" as that of the object's latest callback, or a nonce.
    nonce = {"new": "", "same": callbacks.last_nonce(sandbox, object_id)}.get(
        said.get("nonce", "new"), said.get("nonce", "")
    )
    options = ("shape", "forged", "retried")
    special: dict[str, Any] = {name: said[name] for name in options if name in said}
    if "fields" in said:
        special["fields"] = {name: str(value) for name, value in dict(said["fields"]).items()}
    if "raw" in said:
        special["raw"] = {name: str(said["raw"][name]) for name in ("content_type", "body")}
    letters = [
        callbacks.post(
            sandbox,
            str(said.get("kind", kind)),
            object_id,
            word,
            account=row["_account"],
            url=url,
            method=str(said.get("method") or row["_method"]),
            after=float(said.get("after", 0)),
            nonce=nonce,
            **special,
        )
        for _ in range(int(said.get("times", 1)))
    ]
    return {"callbacks": letters}


def _outside(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    return outside.make(sandbox)


def _faults(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    if said.get("clear"):
        sandbox.state.faults.clear()
        return {}
    return {"fault": sandbox.state.faults.append(faults.check(said))}


def _settings(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    if said.get("callback_shape") not in (None, *callbacks.SHAPES):
        raise ValueError(f"callback_shape must be one of {', '.join(callbacks.SHAPES)}")
    sandbox.state.set(**said)
    return {}


def _advance(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    sandbox.advance(float(said["seconds"]))
    return {"now": sandbox.now()}


def _reset(sandbox: Sandbox, said: dict[str, Any]) -> dict[str, Any]:
    sandbox.reset()
    return {}


def _meant(sandbox: Sandbox, said: dict[str, Any]) -> tuple[str, str, str]:
    """(id, kind, word): which object, and the callback's word for "approve" and "reject"."""
    object_id = str(said["id"])
    kind, _ = life.find(sandbox.state, object_id)
    good, bad = life.LAST_WORDS[kind]
    word = str(said["word"])
    return object_id, kind, {"approve": good, "reject": bad}.get(word, word)


LOOKS = {"state": _state, "calls": _calls, "ledger": ledger}
VERBS = {
    "outcome": _outcome,
    "silent": _silent,
    "callbacks": _callbacks,
    "outside": _outside,
    "faults": _faults,
    "settings": _settings,
    "advance": _advance,
    "reset": _reset,
}
