"""How long each step takes as a rule: as others have published it, until we know it ourselves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Actor, Kind, Status, statuses_of
from registrations.models import AuditEntry
from registrations.statistics import percentile

Step = tuple[Kind, Status]

# What we learn from: the newest lines of the trail that tell of a step's end.
LEARNT_WITHIN = timedelta(days=180)
SAMPLE = 3_000
ENOUGH = 20

# However quick things are as a rule, nobody is called for a delay shorter than this.
LEAST = timedelta(minutes=15)

# Where something is awaited. A draft waits for nobody, and a last word is no step.
WAITING = {Status.IN_REVIEW} | QUEUED | AWAITING_PLIVO


@dataclass(frozen=True)
class Normal:
    """How long a step takes as a rule, when a longer wait is grave, and how we know."""

    slow_after: timedelta
    grave_after: timedelta
    source: str
    # How many of our own the rule was learnt from; none if others have published it.
    samples: int = 0


UNITS = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)]


def _days(days: float) -> timedelta:
    return timedelta(days=days)


REVIEW = Normal(_days(1), _days(3), "our own promise: reviewed within a day")
SENDING = Normal(LEAST, timedelta(hours=2), "our own promise: sent within minutes")

# Published ranges, as stored copies of 2021 to 2026 give them.
# Brand: Twilio's page on troubles with brands has minutes as a rule, a few over 7 days.
BRAND = Normal(_days(1), _days(7), "published: minutes as a rule, a few over 7 days")
# Campaign: Plivo's article on A2P 10DLC (support.plivo.com 360054871572) has 1 to 2 weeks; Sinch
# 1 to 7 business days. Grave after 14 business days, which are 20 days.
CAMPAIGN = Normal(_days(7), _days(20), "published: 1 to 2 weeks")
# Link: Plivo does not say; SignalWire has up to 24 hours, Telnyx up to 72 with the carriers.
LINK = Normal(_days(1), _days(3), "published: 24 to 72 hours")

AT_PLIVO = {Kind.BRAND: BRAND, Kind.CAMPAIGN: CAMPAIGN, Kind.NUMBER_LINK: LINK}


def _published(kind: Kind, status: Status) -> Normal:
    if status == Status.IN_REVIEW:
        return REVIEW
    return SENDING if status in QUEUED else AT_PLIVO[kind]


PUBLISHED: dict[Step, Normal] = {
    (kind, status): _published(kind, status)
    for kind in Kind
    for status in statuses_of(kind)
    if status in WAITING
}


def normals() -> dict[Step, Normal]:
    """What is normal for each step: what nine in ten of ours needed, where there were enough.

    One query over a bounded sample. It is asked anew each time: so every process says the same.
    """
    known = dict(PUBLISHED)
    for step, seconds in _times_taken().items():
        if len(seconds) >= ENOUGH:
            slow_after = max(timedelta(seconds=percentile(seconds, 90)), LEAST)
            known[step] = Normal(
                slow_after,
                # Plivo listens when it took longer than is published; we may be used to more.
                max(PUBLISHED[step].grave_after, 2 * slow_after),
                f"nine in ten of our last {len(seconds)}",
                samples=len(seconds),
            )
    return known


def _times_taken() -> dict[Step, list[float]]:
    """How many seconds each step lasted, newest first, for the steps that ended lately."""
    begun = [
        Subquery(
            AuditEntry.objects.filter(
                **{kind.value: OuterRef(kind.value)},
                sequence__lt=OuterRef("sequence"),
                to_status=OuterRef("from_status"),
            )
            .exclude(from_status=F("to_status"))
            # What was adopted had waited before it came: how long, nobody knows.
            .exclude(from_status="", actor=Actor.LOOKUP)
            .order_by("-sequence")
            .values("at")[:1]
        )
        for kind in Kind
    ]
    ended = (
        AuditEntry.objects.filter(at__gte=timezone.now() - LEARNT_WITHIN, from_status__in=WAITING)
        .exclude(from_status=F("to_status"))
        .annotate(begun_at=Coalesce(*begun))
        .order_by("-at", "-pk")
        .values_list("brand", "campaign", "from_status", "begun_at", "at")
    )
    taken: dict[Step, list[float]] = defaultdict(list)
    for brand, campaign, status, begun_at, at in ended[:SAMPLE]:
        kind = Kind.BRAND if brand else Kind.CAMPAIGN if campaign else Kind.NUMBER_LINK
        if begun_at:
            taken[kind, Status(status)].append((at - begun_at).total_seconds())
    return taken


def in_words(span: timedelta) -> str:
    """A span as people say it: "3 days 4 hours", "12 minutes", "under a second"."""
    seconds = max(int(span.total_seconds()), 0)
    for (name, size), (smaller, part) in pairwise(UNITS):
        if seconds >= size:
            count, rest = seconds // size, seconds % size // part
            # Hours are of no interest beside weeks, and seconds beside minutes.
            finer = rest and count < 10 and smaller != "second"
            return _counted(count, name) + (f" {_counted(rest, smaller)}" if finer else "")
    return _counted(seconds, "second") if seconds else "under a second"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
