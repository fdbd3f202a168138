"""Plivo's words, and what they are called here.

Callbacks and look-ups speak two different vocabularies, and the names of a callback's fields are
not published: so what a callback says is read leniently, from data that can be extended, and a
word that is not known stays what it is and is never guessed
(https://www.plivo.com/docs/messaging/concepts/callbacks/10dlc-callbacks).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from registrations.lifecycle import Kind, Status

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
        "failed": Status.REJECTED,
        "expired": Status.EXPIRED,
    },
    Kind.NUMBER_LINK: {
        "processing": Status.LINK_SUBMITTED,
        "completed": Status.LINKED,
        "failed": Status.LINK_FAILED,
    },
}

# What a callback says of each kind of object, and what that is here. The words of the look-ups are
# understood as well, should a callback use them.
REPORTED: dict[str, dict[str, Status]] = {
    "brand": {
        **CONFIRMED[Kind.BRAND],
        "created": Status.CREATED,
        "registered": Status.REGISTERED,
        "rejected": Status.REJECTED,
    },
    "campaign": {
        **CONFIRMED[Kind.CAMPAIGN],
        "created": Status.CREATED,
        "registered": Status.REGISTERED,
        "rejected": Status.REJECTED,
    },
    "number_linking": {
        **CONFIRMED[Kind.NUMBER_LINK],
        "created": Status.LINK_CREATED,
        "success": Status.LINKED,
        "failed": Status.LINK_FAILED,
    },
    # Not "completed": of a number that is the word for linked, of an unlinking for its opposite.
    "number_unlinking": {
        "processing": Status.UNLINK_SUBMITTED,
        "created": Status.UNLINK_CREATED,
        "success": Status.UNLINKED,
        "failed": Status.UNLINK_FAILED,
    },
}
_WORDS = {word for words in REPORTED.values() for word in words}

# The names under which a callback may say a thing, the likeliest first; compared without letter
# case and underscores. All of them are guesses.
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
    "time": ("timestamp", "time", "created_at", "event_time"),
}

# So much of a callback is read. Real ones are far smaller, and anybody may send us a body.
MOST_FIELDS = 200
LONGEST_NAME = 60
LONGEST_VALUE = 2_000
DEEPEST = 20


@dataclass(frozen=True)
class Said:
    """What a callback seems to say.

    `fields` is what could be read, as flat text: names in the spelling of FIELD_NAMES where they
    are known, else in small letters without underscores, with dots between the levels of JSON.
    `word` is the status word as it was said. `numbers` are digits with country code.
    """

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


def reported_status(kind: str, word: Any) -> Status | None:
    """What the callback word is here, for "brand", "campaign", "number_linking" and so on."""
    return REPORTED.get(kind, {}).get(_word(word))


def confirmed_status(kind: str, word: Any) -> Status | None:
    """What the word of a look-up is here, for "brand", "campaign" or "number_link"."""
    return CONFIRMED.get(kind, {}).get(_word(word))


def decode(method: str, content_type: str, query: bytes | str, body: bytes) -> Said:
    """Read a callback as leniently as can be. Never raises, whatever the bytes are."""
    in_query, in_body = _form_pairs(_text(query)), _body_pairs(content_type, body)
    counts, other = (in_query, in_body) if method.upper() == "GET" else (in_body, in_query)
    pairs = [
        (_canonical(name), storable(value[:LONGEST_VALUE])) for name, value in counts[:MOST_FIELDS]
    ]
    terms = _terms(pairs)
    kind, two_kinds = _kind_of(pairs, terms)
    word, two_words = _word_of(terms)
    brand_id, two_brands = _id_of(terms, "brand_id")
    campaign_id, two_campaigns = _id_of(terms, "campaign_id")
    api_id, _ = _id_of(terms, "api_id")
    return Said(
        fields=_fields(pairs),
        kind=kind,
        word=word,
        brand_id=brand_id,
        campaign_id=campaign_id,
        numbers=_numbers(terms),
        api_id=api_id,
        reason="; ".join(term.value for term in terms if term.meaning == "reason")[:LONGEST_VALUE],
        ambiguous=two_kinds or two_words or two_brands or two_campaigns,
        misplaced=any(_leaf(_canonical(name)) in _MEANING for name, _ in other[:MOST_FIELDS]),
    )


def form_pairs(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form-encoded body; none if it is something else. Never raises."""
    text = _text(body)
    return [] if _is_multipart(content_type) or _is_json(content_type, text) else _form_pairs(text)


def storable(text: str) -> str:
    """Text that both databases take: without NULs and halves of surrogate pairs."""
    return re.sub("[\x00\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def declined_reasons(brand: dict[str, Any]) -> list[dict[str, str]]:
    """Why a brand was declined: [{"code": "1101", "text": "…"}], word for word."""
    return [_reason(given) for given in _flat(brand.get("declined_reasons"))]


def campaign_reasons(campaign: dict[str, Any]) -> list[dict[str, str]]:
    """Why a campaign was declined, word for word: each code with the reason and description."""
    codes = [_words(code) for code in _flat(campaign.get("error_code"))]
    given = [*_flat(campaign.get("error_reason")), *_flat(campaign.get("error_description"))]
    text = " – ".join(dict.fromkeys(_words(part) for part in given))
    return [{"code": code, "text": text} for code in codes or [""] if code or text]


def _reason(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {"code": "", "text": _words(given)}
    rest = {name: value for name, value in given.items() if name != "code"}
    text = next((rest[name] for name in ("message", "reason", "description") if rest.get(name)), "")
    # A shape that was never seen is shown as it is, rather than not at all.
    code = _words(given.get("code"))
    return {"code": code, "text": _words(text or (rest if any(rest.values()) else ""))}


def _flat(given: Any) -> Iterator[Any]:
    """What lists within lists hold, without the blanks."""
    if isinstance(given, list):
        for part in given:
            yield from _flat(part)
    elif given not in (None, "", {}):
        yield given


def _words(given: Any) -> str:
    """A value as people read it; a list or an object as its JSON."""
    if given is None:
        return ""
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str)
    return text.strip()


# --- What the pairs mean ---


class _Term(NamedTuple):
    """One pair whose name is known. `rank`: how likely the name is; deeper names come later."""

    depth: int
    rank: int
    meaning: str
    value: str


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


_SPELLING = {_plain(name): name for names in [*FIELD_NAMES.values(), REPORTED] for name in names}
_MEANING = {
    name: (meaning, rank)
    for meaning, names in FIELD_NAMES.items()
    for rank, name in enumerate(names)
}
_KINDS = {_plain(kind): kind for kind in REPORTED}


def _canonical(name: str) -> str:
    parts = storable(name[:LONGEST_VALUE]).split(".")
    return ".".join(_SPELLING.get(_plain(part), _plain(part)) for part in parts)


def _leaf(name: str) -> str:
    """The last part of a nested name says what it is: brand.registration_status."""
    return name.rpartition(".")[2]


def _terms(pairs: list[tuple[str, str]]) -> list[_Term]:
    """The pairs that mean something, the likeliest first."""
    terms = [
        _Term(name.count("."), rank, meaning, value.strip())
        for name, value in pairs
        if _leaf(name) in _MEANING
        for meaning, rank in [_MEANING[_leaf(name)]]
    ]
    return sorted(terms, key=lambda term: (term.depth, term.rank))


def _kind_of(pairs: list[tuple[str, str]], terms: list[_Term]) -> tuple[str, bool]:
    """(kind, whether it names two): by a field that says so, else by the name around the rest."""
    given = (_plain(term.value) for term in terms if term.meaning == "kind")
    named = {_KINDS[kind] for kind in given if kind in _KINDS}
    if named:
        return (named.pop(), False) if len(named) == 1 else ("", True)
    around = {part for name, _ in pairs for part in name.split(".")[:-1] if part in REPORTED}
    return (around.pop(), False) if len(around) == 1 else ("", False)


def _word_of(terms: list[_Term]) -> tuple[str, bool]:
    """(status word as said, whether another one contradicts it)."""
    said = [term for term in terms if term.meaning == "status" and term.value]
    known = [term for term in said if _word(term.value) in _WORDS]
    # "state" may be California: a word that is known goes before one that is not.
    best = known or said
    contradicted = any(not _agree(term.value, best[0].value) for term in known)
    return best[0].value if best else "", contradicted or _differ(said)


def _agree(one: str, other: str) -> bool:
    """Whether two known words may mean the same: COMPLETED and registered do, of a brand."""
    one, other = _word(one), _word(other)
    return one == other or any(
        one in words and other in words and words[one] == words[other]
        for words in REPORTED.values()
    )


def _id_of(terms: list[_Term], meaning: str) -> tuple[str, bool]:
    said = [term for term in terms if term.meaning == meaning and term.value]
    return said[0].value if said else "", _differ(said)


def _differ(terms: list[_Term]) -> bool:
    """Whether one name came with two values."""
    values: dict[int, set[str]] = {}
    for term in terms:
        values.setdefault(term.rank, set()).add(_word(term.value))
    return any(len(given) > 1 for given in values.values())


def _numbers(terms: list[_Term]) -> tuple[str, ...]:
    given = (
        re.sub(r"[^0-9]", "", part)
        for term in terms
        if term.meaning == "number"
        for part in re.split(r"[,;]", term.value)
    )
    # Ten digits are an American number that was written without its country code.
    whole = (f"1{digits}" if len(digits) == 10 else digits for digits in given if digits)
    return tuple(dict.fromkeys(whole))


def _fields(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _word(given: Any) -> str:
    return str(given).strip().lower()


# --- From bytes to pairs ---


def _text(given: bytes | str) -> str:
    return given if isinstance(given, str) else given.decode("utf-8-sig", "replace")


def _is_json(content_type: str, text: str) -> bool:
    return "json" in content_type.lower() or text.lstrip()[:1] in ("{", "[")


def _is_multipart(content_type: str) -> bool:
    return content_type.strip().lower().startswith("multipart/")


def _form_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace")
    except ValueError:
        return []


def _body_pairs(content_type: str, body: bytes) -> list[tuple[str, str]]:
    text = _text(body)
    if not text or not _is_json(content_type, text):
        return form_pairs(content_type, body)
    try:
        # Every pair is kept, also where a name comes twice; numbers stay the text they were.
        tree = json.loads(
            text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=str
        )
    except (ValueError, RecursionError):
        return []
    return list(islice(_flattened(tree), MOST_FIELDS))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written, in pairs."""


def _flattened(tree: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        return
    if isinstance(tree, _Pairs):
        for name, value in tree:
            name = name[:LONGEST_NAME]
            yield from _flattened(value, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(tree, list):
        for value in tree:
            yield from _flattened(value, path, depth + 1)
    elif path:
        yield path, tree if isinstance(tree, str) else _words(tree)
