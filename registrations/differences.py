"""What is different from the last version that was sent, field by field.

A tax id is compared and never told: of it one learns only that it changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from registrations.forms import FORMS
from registrations.forms.showing import fields_named_in, label_of
from registrations.lifecycle import Kind
from registrations.masking import masked_in
from registrations.models import Brand, Operation, State, Submission
from registrations.models.choices import UseCase
from registrations.models.submission import PAID
from registrations.plivo.fields import CAMPAIGN_TEXTS, brand_told
from registrations.plivo.payloads import (
    FIXED_FIELDS,
    brand_payload,
    campaign_fields_looked_up,
    campaign_payload,
    changes_of_what_is_fixed,
)

# The field that holds a secret, and the one that is not the registration's own.
SECRET, BRAND_ID = "ein", "brand_id"

# Texts that have less than this in common are shown one after the other, not woven together.
ALIKE = 0.4


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, came or went."""

    text: str
    came: bool = False
    went: bool = False


@dataclass(frozen=True)
class Difference:
    """One field, as it was sent last and as it would be sent now. A secret one tells neither."""

    name: str
    label: str
    before: str
    now: str
    is_secret: bool = False

    @cached_property
    def pieces(self) -> list[Piece]:
        return [] if self.is_secret else woven(self.before, self.now)


@dataclass(frozen=True)
class Differences:
    """How what would be sent now differs from the last version, which `last` sent.

    What was adopted and not sent since is compared with what Plivo last told of it.
    """

    last: Submission | None
    operation: Operation
    fields: list[Difference] = field(default_factory=list)
    # Labels of what changed and no update can change: so that another campaign is registered.
    unchangeable: list[str] = field(default_factory=list)
    # Labels of what changed or was emptied and an update cannot carry: Plivo keeps what it has.
    kept: list[str] = field(default_factory=list)
    # It was made outside the portal, and nothing was sent for it since.
    adopted: bool = False

    @property
    def is_first(self) -> bool:
        return self.last is None and not self.adopted

    @property
    def nothing_changed(self) -> bool:
        return not self.is_first and not self.fields

    @property
    def names(self) -> set[str]:
        return {difference.name for difference in self.fields}


def since_last_version(registration: Any, submissions: Iterable[Submission]) -> Differences:
    """What changed since the last of these, which are the registration's own requests.

    Asks the database for nothing but a campaign's brand, so that a whole queue can be told.
    """
    if registration.kind == Kind.BRAND:
        now = _brand_fields(brand_payload(registration))
    else:
        now = _campaign_fields(campaign_payload(registration))
    adopted = _adopted(registration, now)
    last, before, at_plivo = _replayed(submissions, adopted)
    if last is None and not adopted:
        return Differences(last=None, operation=_registering(registration))
    is_adopted = last is None
    labels = _Labels(registration)
    fields = [
        labels.difference(name, before.get(name), now.get(name))
        for name in sorted({*before, *now}, key=labels.place)
        if before.get(name) != now.get(name)
    ]
    if registration.kind == Kind.BRAND or not registration.plivo_id or not at_plivo:
        return Differences(last, _registering(registration), fields, adopted=is_adopted)
    unchangeable = [labels.of(name) for name in changes_of_what_is_fixed(at_plivo, now)]
    if unchangeable:
        operation = Operation.REGISTER_CAMPAIGN
        return Differences(last, operation, fields, unchangeable, adopted=is_adopted)
    emptied = [name for name in CAMPAIGN_TEXTS if at_plivo.get(name) and name not in now]
    renamed = ["name"] if at_plivo["name"] != now["name"] else []
    kept = [labels.of(name) for name in (*renamed, *emptied)]
    return Differences(last, Operation.UPDATE_CAMPAIGN, fields, kept=kept, adopted=is_adopted)


@dataclass(frozen=True)
class Refusal:
    """One reason why Plivo said no last time, and the fields it names, as far as that shows."""

    code: str
    text: str
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def refusals(registration: Any, differences: Differences) -> list[Refusal]:
    """The reasons of the last refusal, and whether what they name was changed since."""
    form = FORMS[type(registration)]
    tax_id = registration.ein if registration.kind == Kind.BRAND else ""
    touched = {_sort(name) for name in differences.names}
    told = []
    for reason in registration.reasons:
        text = masked_in(str(reason.get("text", "")), tax_id)
        named = {
            _sort(found.label): _sort(found.name)
            for found in fields_named_in(text, registration, form)
        }
        told.append(
            Refusal(
                code=str(reason.get("code", "")),
                text=text,
                changed=[label for label, name in named.items() if name in touched],
                unchanged=[label for label, name in named.items() if name not in touched],
            )
        )
    return told


def woven(before: str, now: str) -> list[Piece]:
    """Two texts as one, word by word: what stayed, what went, what came."""
    old, new = (re.findall(r"\S+\s*|^\s+", text) for text in (before, now))
    matcher = SequenceMatcher(a=old, b=new)
    if not old or not new or matcher.ratio() < ALIKE:
        whole = [Piece(before, went=True), Piece(now, came=True)]
        return [piece for piece in whole if piece.text]
    pieces = []
    for deed, start, end, other_start, other_end in matcher.get_opcodes():
        went, came = "".join(old[start:end]), "".join(new[other_start:other_end])
        if deed == "equal":
            pieces.append(Piece(went))
            continue
        if went:
            pieces.append(Piece(went, went=True))
        if came:
            pieces.append(Piece(came, came=True))
    return pieces


def _sort(name: str) -> str:
    """A few fields of one sort ("sample message 1" to 5) are one to whoever refuses."""
    return name.rstrip(" 12345")


def _registering(registration: Any) -> Operation:
    return (
        Operation.REGISTER_BRAND if registration.kind == Kind.BRAND else Operation.REGISTER_CAMPAIGN
    )


def _adopted(registration: Any, now: Mapping[str, Any]) -> dict[str, Any]:
    """What Plivo told of something that was made outside the portal; {} if it was not.

    What it does not tell, and no update could change, is not known to differ.
    """
    there = registration.last_lookup
    if not registration.plivo_id or not isinstance(there, dict):
        return {}
    if registration.kind == Kind.BRAND:
        told = brand_told(there, {}).fields
        if SECRET in told:
            told[SECRET] = Brand(ein=told[SECRET]).ein_digits
        return {**now, **told}
    told = campaign_fields_looked_up(registration)
    untold = {name: now[name] for name in FIXED_FIELDS if name in now}
    return {"name": registration.name, **untold, **told} if told else {}


def _replayed(
    submissions: Iterable[Submission], adopted: dict[str, Any]
) -> tuple[Submission | None, dict[str, Any], dict[str, Any]]:
    """The last request, all fields as it would have left them, and as Plivo has them."""
    last = None
    version = at_plivo = adopted
    for submission in sorted(submissions, key=lambda row: row.generation):
        if submission.operation not in PAID:
            continue
        last, version = submission, _fields_of(submission, at_plivo)
        if submission.state == State.ACCEPTED:
            at_plivo = version
    return last, version, at_plivo


def _fields_of(submission: Submission, at_plivo: Mapping[str, Any]) -> dict[str, Any]:
    match submission.operation:
        case Operation.REGISTER_BRAND:
            return _brand_fields(submission.payload)
        case Operation.REGISTER_CAMPAIGN:
            return _campaign_fields(submission.payload)
        case _:
            return {**at_plivo, **submission.payload["changes"]}


def _brand_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    profile = dict(payload["profile"])
    address, contact = profile.pop("address"), profile.pop("authorized_contact")
    contact = {f"contact_{name}": value for name, value in contact.items()}
    return {"name": payload["alias"], **profile, **address, **contact, **payload["brand"]}


def _campaign_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": payload["alias"], **payload["campaign"]}


class _Labels:
    """What the fields of one registration are called, and in which order people know them."""

    def __init__(self, registration: Any) -> None:
        self.registration = registration
        self.fields = {field.name: field for field in registration._meta.fields}
        self.order = list(self.fields)

    def place(self, name: str) -> int:
        return self.order.index(name) if name in self.fields else len(self.order)

    def of(self, name: str) -> str:
        if name == BRAND_ID:
            return "The brand's id at Plivo"
        return label_of(self.registration, name) if name in self.fields else name

    def difference(self, name: str, before: Any, now: Any) -> Difference:
        if name == SECRET:
            return Difference(name, self.of(name), before="", now="", is_secret=True)
        return Difference(
            name, self.of(name), before=self._told(name, before), now=self._told(name, now)
        )

    def _told(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list):
            return ", ".join(str(dict(UseCase.choices).get(code, code)) for code in value)
        known = self.fields.get(name)
        choices = dict(known.flatchoices) if known is not None else {}
        return str(choices.get(value, value or ""))
