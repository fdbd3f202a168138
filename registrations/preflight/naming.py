"""Is this business named in that text? Asked kindly: people shorten their own names."""

from __future__ import annotations

import re

from registrations.models import Brand
from registrations.preflight.data import COMMON_NAME_WORDS, LEGAL_FORMS
from registrations.preflight.reading import host_of, registrable, words

LONG_ENOUGH_ALONE = 4
SHORTEST_INITIALS = 3
# No field of a name is longer; what is, another rule refuses.
LONGEST_NAME = 100
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]\.){2,}")


def _name_words(text: str) -> list[str]:
    """The words by which names are compared: L.L.C. is one, "Acme's" is Acme, "and" is silent."""
    joined = _ABBREVIATION.sub(lambda match: match.group().replace(".", "") + " ", text)
    return [part.removesuffix("'s") for part in words(joined) if part != "and"]


def core_words(name: str) -> list[str]:
    """The words of a name without its legal form: "The Acme Co., Inc." → ["acme"]."""
    parts = _name_words(name[:LONGEST_NAME])
    while parts and parts[0] == "the":
        parts.pop(0)
    while len(parts) > 1 and parts[-1] in LEGAL_FORMS:
        parts.pop()
    return parts


def _initials(parts: list[str]) -> str:
    return "".join(part[0] for part in parts if part not in ("of", "the", "for", "in"))


def short_names(brand: Brand) -> set[str]:
    """What this business may be called, each as letters without spaces."""
    # What it is called in this portal may be any word: it counts as a whole only.
    short = {"".join(core_words(brand.name))} - {""}
    for name in (brand.doing_business_as, brand.company_name):
        parts = core_words(name)
        if not parts:
            continue
        short.add("".join(parts))
        if len(parts) > 1 and not COMMON_NAME_WORDS.issuperset(parts[:2]):
            short.add("".join(parts[:2]))
        if len(parts[0]) >= LONG_ENOUGH_ALONE and parts[0] not in COMMON_NAME_WORDS:
            short.add(parts[0])
        if len(initials := _initials(parts)) >= SHORTEST_INITIALS:
            short.add(initials)
    label = registrable(host_of(brand.website)).partition(".")[0].replace("-", "")
    if label and label not in COMMON_NAME_WORDS:
        short.add(label)
    return short


def names_the_brand(brand: Brand, text: str) -> bool:
    """Whether a reader of this text would find the business in it."""
    return bool(short_names(brand) & _runs(_name_words(text)))


def _runs(parts: list[str], longest: int = 8) -> set[str]:
    """Every run of up to eight neighbouring words, written together."""
    return {
        "".join(parts[start : start + length])
        for start in range(len(parts))
        for length in range(1, longest + 1)
    }


def without_names(brand: Brand | None, text: str) -> str:
    """The text without the sender's names, whose words say nothing about what is sent.

    Of a name's single words only those that begin with a capital are taken out: Poker Flat is a
    town, poker is not.
    """
    names = [name[:LONGEST_NAME] for name in brand.sender_names] if brand else []
    if not names:
        return text
    whole = {*names, *(" ".join(core_words(name)) for name in names)} - {""}
    parts = {part for name in names for part in name.split() if part[0].isupper()}
    pattern = re.compile(f"(?i:{_any_of(whole)})|\\b(?:{_any_of(parts) or '(?!)'})\\b")
    return pattern.sub(" ", text)


def _any_of(texts: set[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
