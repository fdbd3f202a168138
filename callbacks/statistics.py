"""Callbacks counted: by day and outcome for a chart, and those that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Min, Sum, Value, When
from django.utils import timezone

from callbacks.models import PENDING, Callback, Outcome, RefusedCount
from registrations.models.organization import sees_every_organization


@dataclass(frozen=True)
class Day:
    """One day on the reader's clock: how many callbacks came of each outcome."""

    date: date
    counts: dict[Outcome, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def per_day(user: Any, days: int = 30) -> list[Day]:
    """The callbacks of the last `days` days, today included, oldest day first. Two queries.

    Of what was refused only some is kept, but all is counted; the counters are nobody's in
    particular, so only who sees every organization is told them.
    """
    today = timezone.localdate()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    begins = [timezone.make_aware(datetime.combine(day, time.min)) for day in dates]
    counts: list[dict[Outcome, int]] = [{} for _ in dates]
    # The database knows no reader's clock: she says where her days begin, and it only compares.
    received = (
        Callback.objects.for_user(user)
        .filter(received_at__gte=begins[0], outcome__in=Outcome)
        .order_by()
        .values_list("outcome", _number_of_day("received_at", begins))
        .annotate(Count("pk"))
    )
    for outcome, number, count in received:
        counts[number][Outcome(outcome)] = count
    if sees_every_organization(user):
        refused = (
            RefusedCount.objects.filter(minute__gte=begins[0])
            .order_by()
            .values_list(_number_of_day("minute", begins))
            .annotate(Sum("count"))
        )
        for number, count in refused:
            # Those that were kept have been counted, too.
            kept = counts[number].get(Outcome.FORGED, 0)
            counts[number][Outcome.FORGED] = max(kept, count)
    return [
        Day(day, {outcome: told[outcome] for outcome in Outcome if outcome in told})
        for day, told in zip(dates, counts, strict=True)
    ]


def _number_of_day(moment: str, begins: list[datetime]) -> Case:
    """0 for the first of these days, 1 for the next …; the newest is asked for first."""
    newest_first = list(enumerate(begins))[::-1]
    return Case(
        *(When(**{f"{moment}__gte": begin, "then": Value(n)}) for n, begin in newest_first),
        output_field=IntegerField(),
    )


@dataclass(frozen=True)
class Pending:
    """Callbacks that changed nothing yet and may: how many, and since when."""

    outcome: Outcome
    count: int
    oldest_at: datetime


def pending(user: Any) -> list[Pending]:
    """What was not applied, or not recognised, outcome by outcome; only those there are."""
    rows = Callback.objects.for_user(user).filter(outcome__in=PENDING).order_by()
    told = rows.values_list("outcome").annotate(Count("pk"), Min("received_at"))
    return [Pending(Outcome(outcome), count, oldest) for outcome, count, oldest in told]
