"""How a form is told: its steps, and what stands beside each field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registrations.models.conditions import Condition


@dataclass(frozen=True)
class Help:
    """What helps somebody to fill one field.

    `text` says what belongs there, `example` shows a good one. `why` and `model` are for whoever
    wants more: what reviewers look for, and a text to begin with, where {brand} is the business.
    `least` is the fewest characters that Plivo takes. `is_message` is true of what people will
    read on their telephones, which is counted in segments too.
    """

    text: str = ""
    example: str = ""
    why: str = ""
    model: str = ""
    least: int = 0
    is_message: bool = False


@dataclass(frozen=True)
class Group:
    """Fields of a step that stand together, perhaps only under a condition."""

    fields: tuple[str, ...]
    title: str = ""
    only: Condition | None = None


@dataclass(frozen=True)
class Step:
    """One page of a form. `lead` says what it is about, in a sentence or two."""

    slug: str
    title: str
    lead: str
    groups: tuple[Group, ...] = ()

    @property
    def fields(self) -> list[str]:
        return list(self._fields())

    def _fields(self) -> Iterator[str]:
        for group in self.groups:
            yield from group.fields


CHECK = Step(
    "check",
    "Check and send",
    "Everything that was written, what it will cost, and what can never be changed afterwards.",
)
