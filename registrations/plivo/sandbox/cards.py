"""Test cards: words in a name, or the end of a number, that choose how a story ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from registrations.plivo.sandbox.state import State


@dataclass(frozen=True)
class Story:
    """How a request fares. `reason` is a key of REASONS, `fault` one of faults.KINDS."""

    approved: bool = True
    reason: str = ""
    refused: bool = False
    ends: bool = True
    pace: float = 1
    silent: bool = False
    copies: int = 1
    reordered: bool = False
    contradicted: bool = False
    expires: bool = False
    fault: str = ""
    once: str = ""


@dataclass(frozen=True)
class Card:
    word: str
    does: str
    changes: dict[str, Any]
    kinds: tuple[str, ...] = ("brand", "campaign")


def _reject(word: str, reason: str, does: str, kind: str) -> Card:
    return Card(word, f"rejected: {does}", {"approved": False, "reason": reason}, (kind,))


CARDS = (
    _reject("Reject", "1101", "1101, the EIN is invalid", "brand"),
    _reject("RejectName", "name", "the tax id does not match the company name", "brand"),
    _reject("RejectGovernment", "government", "not recognised as a government entity", "brand"),
    _reject("RejectNonprofit", "nonprofit", "no tax-exempt status found", "brand"),
    _reject("Reject", "1004", "1004, the call to action is unclear", "campaign"),
    _reject("RejectContent", "1001", "1001, prohibited content", "campaign"),
    _reject("RejectReseller", "1002", "1002, a reseller was registered", "campaign"),
    _reject("RejectLending", "1003", "1003, lending that was not declared", "campaign"),
    _reject("RejectUnknown", "9999", "9999, a code nobody has seen", "campaign"),
    Card("Refuse", "the API answers 400 with a field's error; nothing is made", {"refused": True}),
    Card("Forever", "stays in process", {"ends": False}),
    Card("Slow", "takes ten times as long", {"pace": 10}),
    Card("Silent", "changes, and no callback tells", {"silent": True}),
    Card("Duplicate", "each callback comes twice, with two nonces", {"copies": 2}),
    Card("Reorder", "the last word comes before “created”", {"reordered": True}),
    Card(
        "Contradict",
        "registered, then rejected; the API keeps to the first",
        {"contradicted": True},
    ),
    Card("Expire", "registered, then expires without a callback", {"expires": True}, ("campaign",)),
    Card("Early", "“created” comes before the API's answer", {"fault": "early_callback"}),
    Card("LostAnswer", "carried out, then the connection drops (once)", {"fault": "lost_answer"}),
    Card("Error500Before", "not carried out, answered 500 (once)", {"fault": "error_500_before"}),
    Card("Error500After", "carried out, answered 500 (once)", {"fault": "error_500_after"}),
    Card("RateLimit", "answered 429 with Retry-After: 2 (once)", {"fault": "rate_limited"}),
)

# The last two digits of a number → what they do, and the kind of request if it is only one.
_NUMBER_CARDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "90": ("linking fails", {"approved": False}, "number_linking"),
    "91": ("unlinking fails", {"approved": False}, "number_unlinking"),
} | {
    ending: (card.word, card.changes, "")
    for ending, word in {
        "92": "Forever",
        "93": "Silent",
        "94": "Slow",
        "95": "LostAnswer",
        "96": "Duplicate",
        "97": "Reorder",
        "98": "Refuse",
        "99": "RateLimit",
    }.items()
    for card in CARDS
    if card.word == word
}
NUMBER_ENDINGS = {ending: does for ending, (does, _, _) in _NUMBER_CARDS.items()}

# What a refused object says in the API. The code and text of 1101 are published; so are the codes
# 1001 to 1004, whose exact texts are not.
REASONS: dict[str, dict[str, dict[str, Any]]] = {
    "brand": {
        reason: {"declined_reasons": [{"code": code, "message": message}]}
        for reason, code, message in (
            ("1101", "1101", "The US EIN provided is invalid."),
            ("name", "", "The tax ID provided does not match the company name."),
            ("government", "", "The company is not recognised as a government entity."),
            ("nonprofit", "", "The tax-exempt status of the company was not found."),
        )
    },
    "campaign": {
        code: {"error_code": code, "error_reason": reason, "error_description": description}
        for code, reason, description in (
            (
                "1001",
                "Prohibited content",
                "The campaign falls into a category of content that is not allowed.",
            ),
            (
                "1002",
                "Reseller registered as brand",
                "The brand must be the business that sends the messages, not its reseller.",
            ),
            (
                "1003",
                "Direct lending not declared",
                "The samples are about lending, and direct_lending is not set.",
            ),
            (
                "1004",
                "Call to action is incomplete or unclear",
                "The message flow must tell where and how a person agrees to get the messages.",
            ),
        )
    },
}


def reason_of(kind: str, reason: str) -> dict[str, Any]:
    """The fields that tell why; a reason that is not in the table is told as a bare code."""
    known = REASONS[kind].get(reason)
    if known is not None:
        return known
    if kind == "brand":
        return {"declined_reasons": [{"code": reason, "message": "The brand was declined."}]}
    return {
        "error_code": reason,
        "error_reason": "The campaign was declined",
        "error_description": "",
    }


def story_of(state: State, operation: str, fields: dict[str, Any], ids: tuple[str, ...]) -> Story:
    """How this request will fare, read from the names and numbers in it."""
    match operation:
        case "create_brand":
            uuid = str(fields.get("profile_uuid"))
            profile = state.profiles.get(uuid) or {}
            return _told("brand", uuid, profile.get("company_name"), fields.get("brand_alias"))
        case "create_campaign":
            alias = fields.get("campaign_alias")
            return _told("campaign", str(alias), alias, fields.get("description"))
        case "update_campaign":
            campaign = state.campaigns.get(ids[0]) or {}
            description = fields.get("description") or campaign.get("description")
            return _told("campaign", f"update {ids[0]}", description)
        case "link_numbers":
            numbers = fields.get("numbers")
            first = str(numbers[0]) if isinstance(numbers, list) and numbers else ""
            return story_of_number("number_linking", ids[0], first)
        case "unlink_number":
            return story_of_number("number_unlinking", *ids)
    return Story()


def story_of_number(kind: str, campaign_id: str, number: str) -> Story:
    _, changes, only = _NUMBER_CARDS.get(number[-2:], ("", {}, ""))
    applies = changes if only in ("", kind) else {}
    return replace(Story(once=f"{kind} {campaign_id}/{number}"), **applies)


def _told(kind: str, once: str, *texts: Any) -> Story:
    words = set(re.findall(r"[a-z0-9]+", " ".join(str(text) for text in texts).lower()))
    changes: dict[str, Any] = {}
    for card in CARDS:
        if kind in card.kinds and card.word.lower() in words:
            changes |= card.changes
    return replace(Story(once=f"{kind} {once}"), **changes)
