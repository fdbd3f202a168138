"""Plivo's words, and what they are called here.

Callbacks and look-ups speak two different vocabularies, and the names of a callback's fields are
not published: so what a callback says is read leniently, from data that can be extended, and a
word that is not known stays what it is and is never guessed
(https://www.plivo.com/docs/messaging/concepts/callbacks/10dlc-callbacks).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from registrations.lifecycle import Kind, Status

# What a callback says of each kind of object, and what that is here.
REPORTED: dict[str, dict[str, Status]] = {
    "brand": {
        "created": Status.CREATED,
        "registered": Status.REGISTERED,
        "rejected": Status.REJECTED,
    },
    "campaign": {
        "created": Status.CREATED,
        "registered": Status.REGISTERED,
        "rejected": Status.REJECTED,
    },
    "number_linking": {
        "created": Status.LINK_CREATED,
        "success": Status.LINKED,
        "failed": Status.LINK_FAILED,
    },
    "number_unlinking": {
        "created": Status.UNLINK_CREATED,
        "success": Status.UNLINKED,
        "failed": Status.UNLINK_FAILED,
    },
}

# What a look-up says. PROCESSING only tells that it is under way.
CONFIRMED: dict[str, dict[str, Status]] = {
    Kind.BRAND: {
        "processing": Status.CREATED,
        "completed": Status.REGISTERED,
        "failed": Status.REJECTED,
    },
    Kind.CAMPAIGN: {
        "processing": Status.CREATED,
        "active": Status.REGISTERED,
        "completed": Status.REGISTERED,
        "failed": Status.REJECTED,
        "expired": Status.EXPIRED,
    },
    Kind.NUMBER_LINK: {
        "processing": Status.LINK_CREATED,
        "completed": Status.LINKED,
        "failed": Status.LINK_FAILED,
    },
}

# The names under which a callback may say a thing, compared without case and underscores.
FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "kind": ("type", "event", "event_type", "endpoint", "resource", "object", "entity"),
    "status": ("status", "registration_status", "event_status", "state"),
    "brand_id": ("brand_id", "tcr_brand_id"),
    "campaign_id": ("campaign_id", "tcr_campaign_id"),
    "number": ("number", "phone_number", "phone", "numbers"),
    "api_id": ("api_id", "request_id", "request_uuid", "event_id"),
    "reason": (
        "error",
        "reason",
        "message",
        "error_code",
        "error_reason",
        "error_description",
        "declined_reasons",
    ),
}
_MEANING = {
    name.replace("_", ""): meaning for meaning, names in FIELD_NAMES.items() for name in names
}

MOST_FIELDS = 200
LONGEST_VALUE = 2_000
DEEPEST = 20


@dataclass(frozen=True)
class Said:
    """What a callback seems to say. `fields` is everything that could be read, as flat text."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    kind: str = ""
    word: str = ""
    brand_id: str = ""
    campaign_id: str = ""
    numbers: tuple[str, ...] = ()
    api_id: str = ""
    reason: str = ""
    # Two different values for one thing: nobody can tell which is meant.
    ambiguous: bool = False
    # It says something where it does not count: in the query of a POST, or the body of a GET.
    misplaced: bool = False


def reported_status(kind: str, word: str) -> Status | None:
    """What the callback word is here, for "brand", "campaign", "number_linking" and so on."""
    return REPORTED.get(kind, {}).get(word.strip().lower())


def confirmed_status(kind: str, word: Any) -> Status | None:
    """What the word of a look-up is here; None if we do not know it."""
    return CONFIRMED[Kind(kind)].get(str(word).strip().lower())


def decode(method: str, content_type: str, query: str, body: bytes) -> Said:
    """Read a callback as leniently as can be. Never raises, whatever the bytes are."""
    said_in_query = _form_pairs(query)
    said_in_body = _body_pairs(content_type, body)
    counts, other = (
        (said_in_query, said_in_body) if method == "GET" else (said_in_body, said_in_query)
    )
    fields: dict[str, list[str]] = {}
    for name, value in counts[:MOST_FIELDS]:
        fields.setdefault(_storable(name), []).append(_storable(value))
    meanings: dict[str, list[str]] = {}
    for name, values in fields.items():
        meaning = _meaning_of(name)
        if meaning:
            meanings.setdefault(meaning, []).extend(values)
    numbers = tuple(
        dict.fromkeys(
            "".join(letter for letter in part if letter.isdigit())
            for value in meanings.get("number", [])
            for part in value.split(",")
            if part.strip()
        )
    )
    return Said(
        fields=fields,
        kind=_kind_of(fields, meanings),
        word=_first(meanings, "status").strip().lower(),
        brand_id=_first(meanings, "brand_id"),
        campaign_id=_first(meanings, "campaign_id"),
        numbers=numbers,
        api_id=_first(meanings, "api_id"),
        reason="; ".join(meanings.get("reason", []))[:LONGEST_VALUE],
        ambiguous=any(
            len({value.strip().lower() for value in meanings.get(meaning, [])}) > 1
            for meaning in ("status", "brand_id", "campaign_id")
        ),
        misplaced=any(_meaning_of(name) for name, _ in other),
    )


def form_pairs(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form-encoded body; none if it is something else."""
    if "json" in content_type.lower() or body.lstrip()[:1] in (b"{", b"["):
        return []
    return _form_pairs(body.decode("utf-8", "replace"))


def declined_reasons(brand: dict[str, Any]) -> list[dict[str, str]]:
    """Why a brand was declined: [{"code": "1101", "text": "…"}], word for word."""
    given = brand.get("declined_reasons")
    reasons = given if isinstance(given, list) else [given] if given else []
    return [
        {
            "code": str(reason.get("code") or ""),
            "text": str(reason.get("message") or reason.get("reason") or ""),
        }
        if isinstance(reason, dict)
        else {"code": "", "text": str(reason)}
        for reason in reasons
    ]


def campaign_reasons(campaign: dict[str, Any]) -> list[dict[str, str]]:
    """Why a campaign was declined, word for word: code, reason and description."""
    code = str(campaign.get("error_code") or "")
    texts = [str(campaign.get(name) or "") for name in ("error_reason", "error_description")]
    text = " – ".join(dict.fromkeys(part for part in texts if part))
    return [{"code": code, "text": text}] if code or text else []


def _first(meanings: dict[str, list[str]], meaning: str) -> str:
    return meanings[meaning][0] if meanings.get(meaning) else ""


def _meaning_of(name: str) -> str:
    """The last part of a nested name says what it is: brand.registration_status."""
    last = name.rpartition(".")[2]
    return _MEANING.get(last.replace("_", "").replace("-", "").lower(), "")


def _kind_of(fields: dict[str, list[str]], meanings: dict[str, list[str]]) -> str:
    named = {_plain(value): value for value in meanings.get("kind", [])}
    # A nested payload may say what it is about in the name of its one object.
    outer = {_plain(name.partition(".")[0]) for name in fields if "." in name}
    for kind in REPORTED:
        if _plain(kind) in named or _plain(kind) in outer:
            return kind
    return ""


def _plain(text: str) -> str:
    return text.replace("_", "").replace("-", "").replace(" ", "").lower()


def _form_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=None, errors="replace")
    except ValueError:
        return []


def _body_pairs(content_type: str, body: bytes) -> list[tuple[str, str]]:
    if not body:
        return []
    text = body.decode("utf-8", "replace")
    if "json" in content_type.lower() or text.lstrip()[:1] in ("{", "["):
        try:
            # Every pair is kept, also where a name comes twice; numbers stay the text they were.
            tree = json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            return []
        return list(_flattened(tree))
    return _form_pairs(text)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written, in pairs."""


def _flattened(tree: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        return
    if isinstance(tree, _Pairs):
        for name, value in tree:
            yield from _flattened(value, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(tree, list):
        for value in tree:
            yield from _flattened(value, path, depth + 1)
    elif path:
        yield path, "" if tree is None else str(tree)


def _storable(text: str) -> str:
    """Text that both databases take: no NUL, no half of a surrogate pair, not too long."""
    clean = text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return clean[:LONGEST_VALUE]
