"""What a registration says of itself, in the order in which a reader wants to know it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registrations.forms import BrandForm, CampaignForm
from registrations.forms.showing import label_of, told
from registrations.lifecycle import Kind
from registrations.models.conditions import counts


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    name: str


def facts_about(registration: Any) -> list[tuple[str, list[Fact]]]:
    """(section, facts) pairs; what was not filled in, or does not count, is left out."""
    if registration.kind == Kind.NUMBER_LINK:
        sections = [("Number", ["number", "campaign", "organization", "account"])]
    elif registration.kind == Kind.BRAND:
        sections = BrandForm.sections()
    else:
        sections = CampaignForm.sections()
    stated = [
        (section, [fact for fact in facts_in(registration, names) if fact.value])
        for section, names in sections
    ]
    return [(section, facts) for section, facts in stated if facts]


def facts_in(registration: Any, names: Iterable[str]) -> list[Fact]:
    """These fields, as far as they count, filled in or not."""
    columns = {field.name for field in registration._meta.fields}
    return [
        Fact(label_of(registration, name), told(registration, name), name)
        for name in names
        if name in columns and counts(registration, name)
    ]
