"""Counts and times over registrations, for charts.

Each function asks a constant number of queries, starts from what the reader may know of, and
reckons the same on PostgreSQL and on SQLite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Subquery
from django.utils import timezone

from registrations.lifecycle import QUEUED, Kind, Status, statuses_of
from registrations.models import REGISTRATION_MODELS, AuditEntry

# How far back times are looked at, and at how many of the newest registrations of a kind.
LOOKED_BACK = timedelta(days=90)
SAMPLE = 2_000

# Plivo has taken the request, and has it; in the order of a registration's life.
SENT = {Status.SUBMITTED, Status.LINK_SUBMITTED}
ARRIVED = {Status.REGISTERED, Status.LINKED}

# What a registration may stand at that has once arrived.
BEYOND = [
    *ARRIVED,
    Status.REJECTED,
    Status.EXPIRED,
    Status.DEACTIVATED,
    Status.LINK_FAILED,
    Status.UNLINK_QUEUED,
    Status.UNLINK_SUBMITTED,
    Status.UNLINK_CREATED,
    Status.UNLINK_FAILED,
    Status.UNLINKED,
]

# Who comes back from these has not been waited for: a link that was to be undone and stays, a
# campaign that had lapsed.
NOT_ARRIVING_FROM = [Status.UNLINK_QUEUED, Status.UNLINKED, Status.EXPIRED]


@dataclass(frozen=True)
class Standing:
    """How many registrations of one kind stand where; only statuses that somebody wears."""

    kind: Kind
    counts: list[tuple[Status, int]]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)


@dataclass(frozen=True)
class TimeTaken:
    """How long Plivo took from our request to its yes, over `samples` of one kind."""

    kind: Kind
    samples: int
    median: timedelta
    ninetieth: timedelta


def by_status(user: Any) -> list[Standing]:
    """How many of each kind stand where. One query a kind."""
    standings = []
    for model in REGISTRATION_MODELS:
        rows = model.objects.for_user(user).order_by()
        counts = dict(rows.values_list("status").annotate(number=Count("pk")))
        stands = [
            (status, counts[status]) for status in statuses_of(model.kind) if status in counts
        ]
        standings.append(Standing(model.kind, stands))
    return standings


def time_to_registered(user: Any) -> list[TimeTaken]:
    """Kind by kind, how long it took to be registered or linked; kinds without any are left out.

    From when Plivo took the request (or, if its word was faster, from when it was queued) until
    its yes. One query a kind, over the newest registrations.
    """
    taken = []
    for model in REGISTRATION_MODELS:
        kind = model.kind.value
        newest = model.objects.for_user(user).filter(status__in=BEYOND)
        newest_pks = newest.order_by("-created_at", "-pk").values("pk")[:SAMPLE]
        # The last of these moves before the yes belongs to the request that it answers.
        sent = AuditEntry.objects.filter(
            **{kind: OuterRef(kind)},
            sequence__lt=OuterRef("sequence"),
            to_status__in=SENT | QUEUED,
        ).exclude(from_status=F("to_status"))
        times = (
            AuditEntry.objects.filter(
                **{f"{kind}__in": newest_pks},
                to_status__in=ARRIVED,
                at__gte=timezone.now() - LOOKED_BACK,
            )
            .exclude(from_status=F("to_status"))
            .exclude(from_status__in=NOT_ARRIVING_FROM)
            .annotate(sent_at=Subquery(sent.order_by("-sequence").values("at")[:1]))
            .order_by()
            .values_list("sent_at", "at")
        )
        seconds = [(at - sent_at).total_seconds() for sent_at, at in times if sent_at]
        if seconds:
            taken.append(
                TimeTaken(
                    kind=model.kind,
                    samples=len(seconds),
                    median=timedelta(seconds=percentile(seconds, 50)),
                    ninetieth=timedelta(seconds=percentile(seconds, 90)),
                )
            )
    return taken


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of them lie, between neighbours in proportion.

    As PostgreSQL's percentile_cont does it. Raises ValueError if there are no values.
    """
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ordered = sorted(values)
    rank = (len(ordered) - 1) * percent / 100
    below, above = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return below + (above - below) * (rank - math.floor(rank))
