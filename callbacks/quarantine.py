"""Where unsigned requests end: a few are kept, all are counted, and none can fill the disk."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from callbacks import receiving
from callbacks.models import QUARANTINE, Callback, RefusedCount
from registrations import reconcile
from registrations.models import PlivoAccount, Submission

log = logging.getLogger(__name__)

# Kept whole in one minute, per path and peer, and in all, by one process.
KEPT_PER_SOURCE = 5
KEPT_PER_MINUTE = 60

# An unsigned request may still mean that Plivo rang and our token list was stale.
LOOK_UP_GAP = timedelta(minutes=5)


class Doorkeeper:
    """Decides which refused requests are kept, and counts the others in memory for a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._kept: Counter[tuple[str, str]] = Counter()
        self._uncounted: Counter[datetime] = Counter()
        self._flushed = 0.0

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
                    receiving.refuse(arrival, reason, submission, account)
                    if submission is not None:
                        _look_up_seldom(submission)
            self._count()
        except DatabaseError:
            log.exception("a refused callback could not be kept")

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
            if time.monotonic() - self._flushed < 1:
                return
            self._flushed = time.monotonic()
            counts, self._uncounted = self._uncounted, Counter()
        for minute, count in counts.items():
            RefusedCount.objects.get_or_create(minute=minute)
            RefusedCount.objects.filter(minute=minute).update(count=F("count") + count)


doorkeeper = Doorkeeper()


def trim() -> None:
    """Let go of the oldest rows above the limits. Nothing that was verified is ever among them."""
    rows = Callback.objects.filter(outcome__in=QUARANTINE)
    kept = rows.order_by("-pk").values_list("pk", flat=True)[: settings.QUARANTINE_MAX_ROWS]
    oldest = min(kept, default=0)
    rows.filter(pk__lt=oldest).delete()
    while (rows.aggregate(size=Sum("body_length"))["size"] or 0) > settings.QUARANTINE_MAX_BYTES:
        first = list(rows.order_by("pk").values_list("pk", flat=True)[:500])
        rows.filter(pk__in=first).delete()


def _look_up_seldom(submission: Submission) -> None:
    registration = submission.registration
    last = registration.last_lookup_at
    if last is None or timezone.now() - last > LOOK_UP_GAP:
        reconcile.ask_for_look_up(registration)
