"""How a rule is written down: what it is as data, and one small function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from registrations.preflight.finding import BLOCK, SEVERITIES, Finding

CERTAINTIES = ("A", "B", "C", "U")
CERTAIN_ENOUGH_TO_BLOCK = ("A", "B")
EXCERPT_LENGTH = 80


@dataclass(frozen=True)
class Seen:
    """What a rule's function saw: a sentence, and where it says more than its rule.

    `severity` may only be milder than the rule's own.
    """

    message: str
    excerpt: str = ""
    field: str = ""
    remedy: str = ""
    severity: str = ""


Look = Callable[[Any], Iterable[Seen]]


@dataclass(frozen=True)
class Rule:
    """One thing to look for. `source` says in words who published it."""

    id: str
    severity: str
    certainty: str
    field: str
    remedy: str
    source: str
    look: Look

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES or self.certainty not in CERTAINTIES:
            raise ValueError(f"{self.id}: unknown severity or certainty.")
        if self.severity == BLOCK and self.certainty not in CERTAIN_ENOUGH_TO_BLOCK:
            raise ValueError(f"{self.id}: what is not certain does not block.")

    def findings(self, registration: Any) -> Iterator[Finding]:
        for seen in self.look(registration):
            severity = seen.severity or self.severity
            if SEVERITIES.index(severity) < SEVERITIES.index(self.severity):
                raise ValueError(f"{self.id}: a finding is never graver than its rule.")
            yield Finding(
                rule=self.id,
                severity=severity,
                certainty=self.certainty,
                field=seen.field or self.field,
                message=seen.message,
                remedy=seen.remedy or self.remedy,
                excerpt=shortened(seen.excerpt),
            )


class Rulebook:
    """The rules about one kind of registration that belong together."""

    def __init__(self, model: type) -> None:
        self.model = model
        self.rules: list[Rule] = []

    def rule(
        self,
        id: str,
        severity: str,
        certainty: str,
        *,
        field: str = "",
        remedy: str,
        source: str,
    ) -> Callable[[Look], Look]:
        """Write the decorated function down as a rule of this book."""

        def write_down(look: Look) -> Look:
            self.rules.append(Rule(id, severity, certainty, field, remedy, source, look))
            return look

        return write_down

    def check(self, registration: Any) -> Iterator[Finding]:
        for rule in self.rules:
            yield from rule.findings(registration)


def shortened(text: str) -> str:
    folded = " ".join(text[: 4 * EXCERPT_LENGTH].split())
    return folded if len(folded) <= EXCERPT_LENGTH else folded[: EXCERPT_LENGTH - 1] + "…"


def too_long(registration: Any) -> Iterator[Seen]:
    """Every text of a registration that is longer than its field."""
    for field in registration._meta.concrete_fields:
        length = len(str(getattr(registration, field.attname) or ""))
        if field.editable and field.max_length and length > field.max_length:
            yield Seen(
                f"This may have {field.max_length} characters, and has {length}.", field=field.name
            )
