"""What a registration says of itself, in the order in which a reader wants to know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from registrations.forms import BrandForm, CampaignForm
from registrations.lifecycle import Kind
from registrations.models.choices import UseCase


@dataclass(frozen=True)
class Fact:
    label: str
    value: str


def facts_about(registration: Any) -> list[tuple[str, list[Fact]]]:
    """(section, facts) pairs; what was not filled in is left out."""
    if registration.kind == Kind.NUMBER_LINK:
        sections = [("Number", ["number", "campaign", "organization", "account"])]
    else:
        form = BrandForm if registration.kind == Kind.BRAND else CampaignForm
        sections = form.sections
    told = [
        (section, [fact for name in names if (fact := _fact(registration, name)).value])
        for section, names in sections
    ]
    return [(section, facts) for section, facts in told if facts]


def _fact(registration: Any, name: str) -> Fact:
    field = registration._meta.get_field(name)
    return Fact(label=capfirst(str(field.verbose_name)), value=_value(registration, name))


def _value(registration: Any, name: str) -> str:
    if name == "ein":
        return registration.masked_ein
    if name == "sub_usecases":
        return ", ".join(str(UseCase(code).label) for code in registration.sub_usecases)
    display = getattr(registration, f"get_{name}_display", None)
    value = display() if display else getattr(registration, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value or "")
