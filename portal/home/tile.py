from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from callbacks.statistics import pending


@dataclass(frozen=True)
class Tile:
    """One number that leads to what it counts, with the age of the oldest of them."""

    label: str
    count: int
    url: str
    oldest_at: datetime | None = None
    # How it looks while it counts anything.
    colour: str = ""
    note: str = ""

    @property
    def tone(self) -> str:
        return self.colour if self.count else ""


def callback_tiles(user: Any) -> list[Tile]:
    """One for each outcome that waits for somebody; mostly none."""
    return [
        Tile(
            f"Callbacks: {one.outcome.label.lower()}",
            one.count,
            f"{reverse('callback-list')}?outcome={one.outcome}",
            one.oldest_at,
            colour="red",
        )
        for one in pending(user)
    ]
