"""Where the pieces of a chart lie. Templates draw them as SVG; words and numbers stay HTML.

Drawings are as wide as their place and scaled in one direction only, so that they hold no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from callbacks.models import Outcome
from callbacks.statistics import Day
from registrations.ageing import in_words
from registrations.lifecycle import Kind
from registrations.statistics import Standing, TimeTaken

# The least width and height at which one still sees that there is something.
VISIBLE = 0.6

WIDE, HIGH = 100, 100


@dataclass(frozen=True)
class Piece:
    """One rectangle, in hundredths of the drawing; `of` is the status or outcome it stands for."""

    of: Any
    count: int
    x: float = 0
    y: float = 0
    width: float = WIDE
    height: float = HIGH

    @property
    def label(self) -> str:
        return f"{self.count} {self.of.label.lower()}"


@dataclass(frozen=True)
class StatusBar:
    """One bar that is parted by where the registrations of a kind stand."""

    kind: Kind
    total: int
    pieces: list[Piece]
    title: str


@dataclass(frozen=True)
class TimeBar:
    """Two lengths: until half of them were registered, and until nine in ten were."""

    taken: TimeTaken
    median: float
    ninetieth: float
    title: str


@dataclass(frozen=True)
class Column:
    """One day, as pieces on top of each other."""

    date: date
    total: int
    pieces: list[Piece]
    title: str
    counts: list[int]


@dataclass(frozen=True)
class Days:
    """A column for each day; `totals` is the legend: each outcome that came, and how often."""

    columns: list[Column]
    most: int
    total: int
    totals: list[tuple[Outcome, int]]
    title: str


def status_bars(standings: Sequence[Standing]) -> list[StatusBar]:
    return [_status_bar(standing) for standing in standings if standing.total]


def time_bars(taken: Sequence[TimeTaken]) -> list[TimeBar]:
    longest = max((one.ninetieth.total_seconds() for one in taken), default=0) or 1
    return [
        TimeBar(
            taken=one,
            median=_share(one.median.total_seconds(), longest),
            ninetieth=_share(one.ninetieth.total_seconds(), longest),
            title=f"{one.kind.label}: half within {in_words(one.median)}, "
            f"nine in ten within {in_words(one.ninetieth)}",
        )
        for one in taken
    ]


def day_columns(days: Sequence[Day]) -> Days:
    most = max((day.total for day in days), default=0)
    totals: Counter[Outcome] = Counter()
    for day in days:
        totals.update(day.counts)
    came = [(outcome, totals[outcome]) for outcome in Outcome if totals[outcome]]
    said = ", ".join(f"{count} {outcome.label.lower()}" for outcome, count in came)
    return Days(
        columns=[
            _column(day, number, len(days), most or 1, [outcome for outcome, _ in came])
            for number, day in enumerate(days)
        ],
        most=most,
        total=totals.total(),
        totals=came,
        title=f"Callbacks of the last {len(days)} days: {said or 'none'}",
    )


def _status_bar(standing: Standing) -> StatusBar:
    pieces: list[Piece] = []
    # What would be too thin to see takes its width from the others.
    shares = [max(_share(count, standing.total), VISIBLE) for _, count in standing.counts]
    x = 0.0
    for (status, count), share in zip(standing.counts, shares, strict=True):
        width = share * WIDE / sum(shares)
        pieces.append(Piece(of=status, count=count, x=round(x, 2), width=round(width, 2)))
        x += width
    told = ", ".join(piece.label for piece in pieces)
    return StatusBar(
        kind=standing.kind,
        total=standing.total,
        pieces=pieces,
        title=f"{standing.kind.label}s by status: {told}",
    )


def _column(day: Day, number: int, days: int, most: int, outcomes: Sequence[Outcome]) -> Column:
    pieces: list[Piece] = []
    step, y = WIDE / days, float(HIGH)
    for outcome, count in day.counts.items():
        height = count * HIGH / most
        y -= height
        pieces.append(
            Piece(
                of=outcome,
                count=count,
                x=round(number * step + step * 0.1, 2),
                y=round(y, 2),
                width=round(step * 0.8, 2),
                height=round(max(height, VISIBLE), 2),
            )
        )
    told = ", ".join(piece.label for piece in pieces) or "none"
    return Column(
        date=day.date,
        total=day.total,
        pieces=pieces,
        title=f"{day.date:%d %b}: {told}",
        counts=[day.counts.get(outcome, 0) for outcome in outcomes],
    )


def _share(part: float, whole: float) -> float:
    return round(max(part * WIDE / whole, VISIBLE), 2)
