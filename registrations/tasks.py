"""Celery's shells around submitting, reconciling and telling people.

Messages carry ids and nothing else.

A task is only a nudge: what is due stands in the database, and the sweeper finds what a broker
lost. So every task may run twice, late, or not at all.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from registrations import notices, reconcile, submitting
from registrations.models import (
    REGISTRATION_MODELS,
    ApiUse,
    IdempotentRequest,
    PlivoAccount,
    State,
)
from registrations.notices import events, webhooks
from registrations.plivo.client import PlivoTrouble

log = logging.getLogger(__name__)

# After a broker failed to take a message, it is not tried again for so many seconds: a request
# that waits for a dead broker helps nobody, and the sweeper does the work.
BROKER_REST_SECONDS = 30.0
_rest_until = 0.0


def nudge(task: Task[Any, Any], *, in_seconds: float = 0, **ids: Any) -> None:
    """Ask a worker, once the transaction is committed, to do soon what is due in the database."""
    transaction.on_commit(lambda: _publish(task, in_seconds, ids))


def look_up_soon(registration: Any) -> None:
    """Make a look-up due, and have it done when it is."""
    reconcile.ask_for_look_up(registration)
    _nudge_look_up(registration)


def _nudge_look_up(registration: Any) -> None:
    wait = (registration.lookup_due_at - timezone.now()).total_seconds()
    nudge(look_up, in_seconds=max(wait, 0), kind=registration.kind.value, pk=registration.pk)


def _publish(task: Task[Any, Any], in_seconds: float, ids: dict[str, Any]) -> None:
    global _rest_until
    if time.monotonic() < _rest_until:
        return
    try:
        task.apply_async(kwargs=ids, countdown=in_seconds, retry=False)
    except Exception as trouble:  # whatever a broker's client may raise: the sweeper will do it
        _rest_until = time.monotonic() + BROKER_REST_SECONDS
        log.warning("the broker took no message (%r); the sweeper will find the work", trouble)


@shared_task
def send(*, submission_id: int) -> None:
    """Send one queued request to Plivo, and look for it there if its answer was lost."""
    if submitting.send(submission_id) == State.UNKNOWN:
        nudge(resolve, submission_id=submission_id)


@shared_task
def resolve(*, submission_id: int) -> None:
    """Find out what became of one request whose answer was lost."""
    submitting.resolve(submission_id)


@shared_task
def look_up(*, kind: str, pk: int) -> None:
    """Ask Plivo how one registration stands, and let go on what waited for it."""
    model = next(model for model in REGISTRATION_MODELS if model.kind == kind)
    registration = model.objects.filter(pk=pk).first()
    if registration is None:
        return
    if reconcile.look_up(registration):
        for submission_id in submitting.waiting_for(registration):
            nudge(send, submission_id=submission_id)
    registration.refresh_from_db()
    again = registration.lookup_due_at
    # What is due before the sweeper comes round again is not left to it.
    if again and again - timezone.now() < timedelta(seconds=settings.SWEEP_SECONDS):
        _nudge_look_up(registration)


@shared_task
def sweep() -> None:
    """Nudge everything that is due. Safe when several run at once."""
    submitting.expire_leases()
    to_send, to_resolve = submitting.due()
    for submission_id in to_send:
        nudge(send, submission_id=submission_id)
    for submission_id in to_resolve:
        nudge(resolve, submission_id=submission_id)
    for kind, pk in reconcile.due_look_ups():
        nudge(look_up, kind=kind, pk=pk)


@shared_task
def sweep_lists() -> None:
    """Compare all of Plivo's lists with what we show."""
    for account in PlivoAccount.objects.filter(paused_at=None):
        try:
            reconcile.sweep_lists(account)
        except (PlivoTrouble, LookupError) as trouble:
            log.warning("the list sweep of %s failed: %s", account.auth_id, trouble)


@shared_task
def tell() -> None:
    """Write down what is news, and have every letter that is due sent. Safe to overlap."""
    notices.write_down_news()
    for user_id, kind in notices.due_letters():
        nudge(send_letter, user_id=user_id, notice_kind=kind)


@shared_task
def send_letter(*, user_id: int, notice_kind: str) -> None:
    """Mail one person everything of one kind that is due."""
    notices.send_letter(user_id, notice_kind)


@shared_task
def write_digests() -> None:
    """Give everybody whose day has begun her digest of what is stuck."""
    notices.write_digests()


@shared_task
def forget_uses() -> None:
    """Forget how often keys were used in each minute, once no page shows it any more."""
    ApiUse.forget()


@shared_task
def forget_answers() -> None:
    """Forget what programs were answered under their Idempotency-Keys, once it is old enough."""
    IdempotentRequest.forget()


@shared_task
def tell_programs() -> None:
    """Publish what has happened, and have every webhook that is due told of it. Safe to overlap."""
    events.publish()
    webhooks.choose()
    if webhooks.is_anything_due():
        nudge(deliver_webhooks)


@shared_task
def deliver_webhooks() -> None:
    """Send every message that is due to the programs of our clients."""
    for webhook_id in webhooks.deliver():
        for user_id in webhooks.concerned_by(webhook_id):
            nudge(tell_of_paused_webhook, webhook_id=webhook_id, user_id=user_id)


@shared_task(autoretry_for=(Exception,), retry_backoff=60, retry_backoff_max=3600, max_retries=12)
def tell_of_paused_webhook(*, webhook_id: int, user_id: int) -> None:
    """Mail one person that a webhook was paused."""
    webhooks.tell_of_pause(webhook_id, user_id)


@shared_task
def look_after_events() -> None:
    """Publish what no search but one through everything would find; forget old messages."""
    events.publish_what_was_missed()
    webhooks.forget_old()


def sweep_here() -> None:
    """The same as `sweep`, done in this process: for a portal whose broker is gone."""
    submitting.expire_leases()
    to_send, to_resolve = submitting.due()
    for submission_id in to_send:
        submitting.send(submission_id)
    for submission_id in to_resolve:
        submitting.resolve(submission_id)
    for kind, pk in reconcile.due_look_ups():
        look_up(kind=kind, pk=pk)
    notices.write_down_news()
    for user_id, notice_kind in notices.due_letters():
        notices.send_letter(user_id, notice_kind)
    events.publish()
    webhooks.choose()
    for webhook_id in webhooks.deliver():
        for person_id in webhooks.concerned_by(webhook_id):
            webhooks.tell_of_pause(webhook_id, person_id)
