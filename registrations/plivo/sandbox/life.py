"""What happens to an object after the API took a request for it, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registrations.plivo.sandbox import callbacks
from registrations.plivo.sandbox.cards import REASONS, Story, reason_of
from registrations.plivo.sandbox.state import Document, Shelf, State

if TYPE_CHECKING:
    from registrations.plivo.sandbox.calls import Call
    from registrations.plivo.sandbox.sandbox import Sandbox

# The last words of each kind of callback: the good one, the bad one
# (https://www.plivo.com/docs/messaging/concepts/callbacks/10dlc-callbacks).
LAST_WORDS = {
    "brand": ("registered", "rejected"),
    "campaign": ("registered", "rejected"),
    "number_linking": ("success", "failed"),
    "number_unlinking": ("success", "failed"),
}
VETTING_SCORE = 78


def begin(call: Call, kind: str, object_id: str, story: Story | None = None) -> None:
    """Plan an object's turns, instead of those that an earlier request had planned."""
    sandbox, settings, story = call.sandbox, call.state.settings, story or call.story
    is_update = call.operation == "update_campaign"
    shelf = shelf_of(call.state, kind)
    url, method = call.fields.get("url", ""), call.fields.get("method", "POST")
    if is_update:
        row = shelf.get(object_id) or {}
        url = row.get("_url", "") if settings["callbacks_after_update"] else ""
        method = row.get("_method", "POST")
    shelf.change(object_id, _kind=kind, _url=url, _method=method)
    forget_turns(call.state, object_id)
    shared: dict[str, Any] = {
        "reason": story.reason,
        "copies": story.copies,
        "tells": not story.silent,
    }
    first, last = settings["created_after"] * story.pace, settings["final_after"] * story.pace
    if story.reordered:
        first, last = last, first
    good, bad = LAST_WORDS[kind]
    if is_update and settings["update_reads_failed_for"]:
        quiet = {"after": settings["update_reads_failed_for"], "tells": False}
        plan_turn(sandbox, object_id, "processing", **quiet)
    elif is_update:
        settle(call.state, kind, object_id, "processing")
    plan_turn(sandbox, object_id, "created", after=first, **shared)
    if story.ends:
        plan_turn(sandbox, object_id, good if story.approved else bad, after=last, **shared)
    if story.contradicted:
        after = max(first, last) * 1.5
        plan_turn(sandbox, object_id, bad, after=after, changes=False, **shared)
    if story.expires:
        plan_turn(sandbox, object_id, "expired", after=max(first, last) * 2, tells=False)


def plan_turn(sandbox: Sandbox, object_id: str, word: str, *, after: float, **how: Any) -> None:
    """In `after` seconds the object gets this word. `how` is as in `turn_of`."""
    sandbox.later(after, **turn_of(sandbox, object_id, word, **how))


def turn_of(
    sandbox: Sandbox,
    object_id: str,
    word: str,
    *,
    reason: str = "",
    copies: int = 1,
    tells: bool = True,
    changes: bool = True,
) -> Document:
    """One turn: the object changes, and its callback URL is told; or only the one or the other."""
    kind, row = find(sandbox.state, object_id)
    return {
        "do": "turn",
        "kind": kind,
        "id": object_id,
        "word": word,
        "reason": reason,
        "copies": copies,
        "tells": tells,
        "changes": changes,
        # Where to is kept here: an unlinked number has no row any more.
        "address": {name: row[f"_{name}"] for name in ("account", "url", "method")},
    }


def turn(sandbox: Sandbox, event: Document) -> list[str]:
    """Do a turn now; answers the ids of the callbacks that tell of it."""
    kind, object_id, word = event["kind"], event["id"], event["word"]
    is_there = object_id in shelf_of(sandbox.state, kind)
    if not is_there and word != "created":
        return []
    lag = sandbox.state.settings["active_after_registered"]
    if is_there and event["changes"]:
        if kind == "campaign" and word == "registered" and event["tells"] and lag:
            plan_turn(sandbox, object_id, word, after=lag, tells=False)
        else:
            settle(sandbox.state, kind, object_id, word, event["reason"])
    if not event["tells"] or not event["address"]["url"]:
        return []
    letters = [
        callbacks.post(sandbox, kind, object_id, word, **event["address"])
        for _ in range(event["copies"])
    ]
    return [letter for letter in letters if letter]


def settle(state: State, kind: str, object_id: str, word: str, reason: str = "") -> None:
    """Write into the object what the word means for it. `reason` is a code of cards.REASONS."""
    shelf = shelf_of(state, kind)
    if kind == "number_linking":
        words = {"processing": "PROCESSING", "success": "COMPLETED", "failed": "FAILED"}
        if word in words:
            shelf.change(object_id, status=words[word])
    elif kind == "number_unlinking":
        if word == "success":
            shelf.drop(object_id)
    elif word in ("processing", "registered", "rejected", "expired"):
        nothing = {name: None for fields in REASONS[kind].values() for name in fields}
        shelf.change(object_id, **nothing)
        shelf.change(object_id, **_facts(state, kind, object_id, word, reason))


def _facts(state: State, kind: str, object_id: str, word: str, reason: str) -> dict[str, Any]:
    if word == "processing":
        return {"registration_status": "PROCESSING"}
    if word == "expired":
        return {"registration_status": "EXPIRED"}
    if word == "rejected":
        default = "1101" if kind == "brand" else "1004"
        return {"registration_status": "FAILED", **reason_of(kind, reason or default)}
    row = shelf_of(state, kind).get(object_id) or {}
    if kind == "brand":
        vetted = {"vetting_status": "ACTIVE", "vetting_score": VETTING_SCORE}
        return {"registration_status": "COMPLETED", **(vetted if row["_vetting"] else {})}
    brand = state.brands.get(row["brand_id"]) or {}
    score = brand.get("vetting_score", 0)
    return {
        "registration_status": "ACTIVE",
        "mno_metadata": operators(score, low_volume=row["usecase"] == "LOW_VOLUME"),
    }


def operators(score: int, *, low_volume: bool) -> dict[str, Any]:
    """What each operator allows, in messages a minute, by the brand's vetting score (0: none)."""
    tpm = 4500 if score >= 75 else 2400 if score >= 50 else 240
    if low_volume:
        tpm = 75
    return {
        "AT&T": {"tpm": tpm},
        "T-Mobile": {"brand_tier": "TOP" if score >= 75 else "LOW"},
        "US Cellular": {"tpm": tpm},
        "Verizon Wireless": {"tpm": tpm},
    }


def shelf_of(state: State, kind: str) -> Shelf:
    return {"brand": state.brands, "campaign": state.campaigns}.get(kind, state.links)


def find(state: State, object_id: str) -> tuple[str, Document]:
    """(kind of its latest request, row). Raises ValueError if the sandbox has no such object."""
    for shelf in (state.brands, state.campaigns, state.links):
        row = shelf.get(object_id)
        if row is not None:
            return row["_kind"], row
    raise ValueError(f"there is no object {object_id}")


def forget_turns(state: State, object_id: str) -> None:
    for key, event in state.events.items():
        if event["do"] == "turn" and event["id"] == object_id:
            state.events.drop(key)
