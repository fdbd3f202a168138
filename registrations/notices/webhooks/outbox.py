"""The outbox: taking messages for oneself, having them carried, and settling what came of each.

Many are under way at once, so that slow targets hold up nobody else: threads carry letters and
know no database; this one takes and settles. A target that fails gets one message at a time, and
all of those together at most half of the hands. What a killed worker held is due again when its
lease ends.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from registrations.models import Delivery, DeliveryAttempt, Event, Webhook
from registrations.notices import events
from registrations.notices.webhooks.choosing import choose, stop
from registrations.notices.webhooks.sending import Letter, Reply, send
from registrations.notices.webhooks.signing import headers_for

log = logging.getLogger(__name__)

HANDS = 16
# Of one webhook so many are under way at once.
AT_ONCE = 4
# Longer than any attempt can last.
LEASE = timedelta(seconds=40)
# Nobody works on longer than this in one go: a worker that is to stop is not kept from it.
STINT_SECONDS = 20.0
TEST = "test.ping"
GONE = 410

_working = threading.Lock()


@dataclass(frozen=True)
class Job:
    """One attempt that was taken: until its lease ends nobody else makes one."""

    attempt_id: int
    delivery_id: int
    webhook_id: int
    lease_until: datetime
    fails: bool
    letter: Letter


def is_anything_due() -> bool:
    return _due().exists()


def deliver() -> list[int]:
    """Send everything that is due; answer which webhooks had to be paused, to tell of it.

    In one process one at a time works on it, with many hands.
    """
    if not _working.acquire(blocking=False):
        return []
    try:
        return list(_work())
    finally:
        _working.release()


def forget_old() -> None:
    """Settled messages and their attempts are kept for `WEBHOOK_LOG_DAYS`."""
    before = timezone.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    for webhook in Webhook.objects.all():
        old = webhook.deliveries.filter(created_at__lt=before, settled_at__isnull=False)
        old.filter(pk__in=list(old.values_list("pk", flat=True)[:10_000])).delete()


def _work() -> Iterator[int]:
    until = time.monotonic() + STINT_SECONDS
    with ThreadPoolExecutor(HANDS, thread_name_prefix="webhook") as hands:
        running: dict[Future[Reply], Job] = {}
        while True:
            if time.monotonic() < until:
                for job in _take(list(running.values())):
                    running[hands.submit(send, job.letter)] = job
            if not running:
                return
            done, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                if _settle(job, future.result()):
                    yield job.webhook_id
            if done:
                choose()


def _due() -> Any:
    return Delivery.objects.filter(
        Q(webhook__paused_at=None) | Q(event=None),
        due_at__lte=timezone.now(),
        webhook__deleted_at=None,
    )


def _take(running: list[Job]) -> list[Job]:
    """Take what is due, as far as hands are free; of those that fail, not too much."""
    room, failing = HANDS - len(running), sum(job.fails for job in running)
    if room <= 0:
        return []
    waiting = _due().order_by().values_list("webhook", "webhook__failing_since").distinct()
    taken: list[Job] = []
    for webhook_id, failing_since in sorted(waiting, key=lambda row: (row[1] is not None, row[0])):
        left = room - len(taken)
        if failing_since is not None:
            left = min(left, HANDS // 2 - failing)
        if left > 0:
            jobs = _take_of(webhook_id, left)
            failing += sum(job.fails for job in jobs)
            taken += jobs
    return taken


@transaction.atomic
def _take_of(webhook_id: int, most: int) -> list[Job]:
    """Take the oldest due messages of one webhook, the lease committed before anything is sent."""
    # Whoever takes from one webhook takes turns, so that what is under way is counted rightly.
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook_id)
    now = timezone.now()
    fails = webhook.failing_since is not None
    under_way = webhook.deliveries.filter(
        due_at__gt=now, due_at__lte=now + LEASE, lease_until__gt=now
    ).count()
    room = min(most, (1 if fails else AT_ONCE) - under_way)
    if room <= 0:
        return []
    rows = _due().filter(webhook=webhook).order_by("event__number", "pk")[:room]
    deliveries = list(rows)
    told = dict(_items_of(deliveries))
    secrets = webhook.live_secrets()
    return [
        _taken(delivery, webhook, told.get(delivery.event_id), secrets, now, fails)
        for delivery in deliveries
    ]


def _items_of(deliveries: list[Delivery]) -> Iterator[tuple[int, dict[str, Any]]]:
    about = Event.objects.filter(pk__in=[row.event_id for row in deliveries if row.event_id])
    for event, item in events.read(about):
        yield event.pk, item


def _taken(
    delivery: Delivery,
    webhook: Webhook,
    item: dict[str, Any] | None,
    secrets: list[str],
    now: datetime,
    fails: bool,
) -> Job:
    lease_until = now + LEASE
    Delivery.objects.filter(pk=delivery.pk).update(
        lease_until=lease_until, due_at=lease_until, attempts_made=F("attempts_made") + 1
    )
    # What was said once is said again in the same words.
    first = delivery.attempts.order_by("pk").first()
    body = first.body if first else _body(delivery, item)
    attempt = DeliveryAttempt.objects.create(
        delivery=delivery, at=now, body=body, error="No outcome was recorded."
    )
    headers = headers_for(delivery.message_id, int(now.timestamp()), body.encode(), secrets)
    letter = Letter(webhook.url, body.encode(), headers)
    return Job(attempt.pk, delivery.pk, webhook.pk, lease_until, fails, letter)


def _body(delivery: Delivery, item: dict[str, Any] | None) -> str:
    if item is None:
        at = events.moment(delivery.created_at)
        words = "A test message of the 10DLC portal: it tells of no change."
        content = {"type": TEST, "timestamp": at, "data": {"message": words}}
    else:
        content = {"type": item["type"], "timestamp": item["at"], "data": item}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@transaction.atomic
def _settle(job: Job, reply: Reply) -> bool:
    """Write down what came of an attempt and what follows; answer whether the webhook is paused."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=job.webhook_id)
    DeliveryAttempt.objects.filter(pk=job.attempt_id).update(
        address=reply.address,
        answer_status=reply.status,
        answer=reply.answer,
        error=reply.error[:300],
        milliseconds=reply.milliseconds,
    )
    delivery = Delivery.objects.filter(pk=job.delivery_id).first()
    if delivery is None or delivery.state == Delivery.State.DELIVERED:
        return False
    if reply.was_taken:
        _end(delivery, Delivery.State.DELIVERED)
        if delivery.event_id and webhook.failing_since:
            _has_recovered(webhook)
    elif delivery.lease_until == job.lease_until:
        # Else somebody else took it meanwhile, or it was told to stop.
        return _has_failed(webhook, delivery, reply)
    return False


def _has_recovered(webhook: Webhook) -> None:
    """What waited for its next try need not wait any longer."""
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=None)
    webhook.deliveries.filter(due_at__gt=timezone.now(), lease_until=None).update(
        due_at=timezone.now()
    )


def _has_failed(webhook: Webhook, delivery: Delivery, reply: Reply) -> bool:
    now = timezone.now()
    if delivery.event_id is None:
        _end(delivery, Delivery.State.GIVEN_UP)  # a test is tried once, and proves nothing else
        return False
    tries = delivery.attempts_made - delivery.attempts_before
    if tries > len(settings.WEBHOOK_RETRY_SECONDS):
        _end(delivery, Delivery.State.GIVEN_UP)
    else:
        seconds = settings.WEBHOOK_RETRY_SECONDS[tries - 1] * random.uniform(1, 1.1)  # noqa: S311
        Delivery.objects.filter(pk=delivery.pk).update(
            due_at=now + timedelta(seconds=seconds), lease_until=None
        )
    since = webhook.failing_since or now
    if webhook.failing_since is None:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=since)
    if reply.status == GONE:
        return _pause(webhook, f"{webhook.url} answered 410 Gone: it wants no more messages.")
    if (now - since).total_seconds() >= settings.WEBHOOK_PAUSE_SECONDS:
        last = f"status {reply.status}" if reply.status else reply.error
        reason = f"Every message failed since {since:%Y-%m-%d %H:%M} UTC; last: {last}"
        return _pause(webhook, reason)
    return False


def _end(delivery: Delivery, state: Delivery.State) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, settled_at=timezone.now(), due_at=None, lease_until=None
    )


def _pause(webhook: Webhook, reason: str) -> bool:
    Webhook.objects.filter(pk=webhook.pk).update(paused_at=timezone.now(), pause_reason=reason)
    stop(webhook)
    log.warning("webhook %s is paused: %s", webhook.pk, reason)
    return True
