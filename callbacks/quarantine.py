"""Where unsigned requests end: a few are kept, all are counted, and none can fill the disk."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, QuerySet, Sum, TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone

from callbacks import receiving
from callbacks.models import QUARANTINE, Callback, Outcome, RefusedCount
from registrations import reconcile
from registrations.models import PlivoAccount, Submission

log = logging.getLogger(__name__)

# Kept whole in one minute, per path and peer, and in all, by one process.
KEPT_PER_SOURCE = 5
KEPT_PER_MINUTE = 60

# An unsigned request may still mean that Plivo rang and our token list was stale.
LOOK_UP_GAP = timedelta(minutes=5)

# How long one can look back on how many were refused.
COUNTED_FOR = timedelta(days=400)


def _in_a_second(write: Callable[[], None]) -> None:
    """In a thread of its own: nobody knows when the next refused request comes."""

    def write_and_hang_up() -> None:
        try:
            write()
        finally:
            connection.close()

    thread = threading.Timer(1, write_and_hang_up)
    thread.daemon = True
    thread.start()


class Doorkeeper:
    """Decides which refused requests are kept, and counts the others in memory for a second."""

    def __init__(self, later: Callable[[Callable[[], None]], None] = _in_a_second) -> None:
        """`later` calls a function when it is time to write down what was counted meanwhile."""
        self._later = later
        self._lock = threading.Lock()
        self._minute = 0
        self._kept: Counter[tuple[str, str]] = Counter()
        self._uncounted: Counter[datetime] = Counter()
        self._writes_soon = False

    def refuse(
        self,
        arrival: receiving.Arrival,
        reason: str,
        submission: Submission | None = None,
        account: PlivoAccount | None = None,
    ) -> None:
        """Keep or count one request. A database that cannot take it changes no answer."""
        try:
            if self._keeps(arrival):
                with transaction.atomic():
                    _look_up_seldom(submission)
                    receiving.refuse(arrival, reason, submission, account)
        except (DatabaseError, InterfaceError) as trouble:
            log.warning("a refused callback could not be kept: %r", trouble)
        self._count()

    def _keeps(self, arrival: receiving.Arrival) -> bool:
        with self._lock:
            minute = int(time.monotonic() // 60)
            if minute != self._minute:
                self._minute = minute
                self._kept.clear()
            source = (arrival.path, arrival.peer)
            if self._kept[source] >= KEPT_PER_SOURCE or self._kept.total() >= KEPT_PER_MINUTE:
                return False
            self._kept[source] += 1
            return True

    def _count(self) -> None:
        with self._lock:
            self._uncounted[timezone.now().replace(second=0, microsecond=0)] += 1
            if self._writes_soon:
                return
            self._writes_soon = True
        self._later(self._write_down)

    def _write_down(self) -> None:
        with self._lock:
            counts, self._uncounted = self._uncounted, Counter()
            self._writes_soon = False
        try:
            with transaction.atomic():
                for minute, count in counts.items():
                    RefusedCount.objects.get_or_create(minute=minute)
                    RefusedCount.objects.filter(minute=minute).update(count=F("count") + count)
        except (DatabaseError, InterfaceError) as trouble:
            log.warning("refused callbacks could not be counted yet: %r", trouble)
            with self._lock:
                self._uncounted += counts  # the next refusal brings the next attempt


doorkeeper = Doorkeeper()


def trim() -> None:
    """Let go of the oldest rows above the limits. Nothing that was verified is ever among them."""
    RefusedCount.objects.filter(minute__lt=timezone.now() - COUNTED_FOR).delete()
    rows = Callback.objects.filter(outcome__in=QUARANTINE)
    kept = rows.order_by("-pk").values_list("pk", flat=True)[: settings.QUARANTINE_MAX_ROWS]
    oldest = min(kept, default=0)
    rows.filter(pk__lt=oldest).delete()
    while _size(rows) > settings.QUARANTINE_MAX_BYTES:
        first = list(rows.order_by("pk").values_list("pk", flat=True)[:500])
        rows.filter(pk__in=first).delete()


def reverify(newest: int | None = None) -> tuple[int, int]:
    """Verify what was refused again, or the `newest` of it, and receive what proves to be Plivo's.

    In the order in which it came. Answers how many are Plivo's, and how many were looked at.
    """
    refused = Callback.objects.filter(outcome=Outcome.FORGED).order_by("-pk")
    numbers = list(refused.values_list("pk", flat=True)[:newest])[::-1]
    proven = 0
    for number in numbers:
        callback = refused.filter(pk=number).first()  # the sweep may have let go of it
        proven += callback is not None and receiving.reverify(callback) is not None
    return proven, len(numbers)


def _size(rows: QuerySet[Callback]) -> int:
    """About how many bytes are kept."""
    size = Length("body") + Length("query") + Length(Cast("headers", TextField()))
    return rows.aggregate(size=Sum(size))["size"] or 0


def _look_up_seldom(submission: Submission | None) -> None:
    recent = Callback.objects.filter(
        submission=submission,
        outcome=Outcome.FORGED,
        received_at__gt=timezone.now() - LOOK_UP_GAP,
    )
    if submission is not None and not recent.exists():
        reconcile.ask_for_look_up(submission.registration)
