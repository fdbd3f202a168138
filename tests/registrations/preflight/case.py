from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """What a rule finds in a good registration with `bad` changes, and not with `fine` ones."""

    rule: str
    severity: str
    bad: dict[str, Any]
    fine: dict[str, Any] = field(default_factory=dict)
    at: str | None = None

    def __str__(self):
        return f"{self.rule}: {', '.join(self.bad)}"[:60]
