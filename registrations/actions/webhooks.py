"""Webhooks: where programs of an organization are told of changes, made and looked after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from registrations import tasks
from registrations.actions.ground import Blocked, NotAllowed, blocker
from registrations.lifecycle import IllegalMove
from registrations.models import (
    Deed,
    Delivery,
    Organization,
    Role,
    SecurityEvent,
    Webhook,
    WebhookSecret,
    roles_of,
)
from registrations.notices import events, webhooks

KEEPERS = {Role.MARKETER, Role.OPERATOR}
# The old secret goes on signing beside the new one, so that a program can be given the new one.
ROTATION = timedelta(hours=24)
MOST_OF_AN_ORGANIZATION = 20


@sensitive_variables("secret")
def add_webhook(
    organization: Organization,
    *,
    by: Any,
    url: str,
    description: str = "",
    event_types: Sequence[str] = (),
    peer: str = "",
) -> tuple[Webhook, str]:
    """Tell this address of what happens from now on; answers the webhook and its secret.

    The secret is seen only now. `event_types` are as ["brand.registered", "campaign.*"]; none for
    everything.
    """
    _demand_keeper(by, organization)
    _demand_fit(url)
    with transaction.atomic():
        # Whoever clicks twice waits here, and is told then that there is one.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        _demand_free(organization, url)
        if _open(organization).count() >= MOST_OF_AN_ORGANIZATION:
            message = f"{organization} has {MOST_OF_AN_ORGANIZATION} webhooks already."
            raise Blocked([blocker("url", message, "Delete one that is not needed.")])
        events.publish()  # what has happened until now is none of its news
        webhook = Webhook.objects.create(
            organization=organization,
            url=url,
            description=description,
            event_types=_in_order(event_types),
            created_by=by,
            read_up_to=events.head(organization),
        )
        secret = WebhookSecret.new()
        webhook.secrets.create(secret=secret)
        _write_down(webhook, by, peer, f"made; told of {_told(webhook)}")
    return webhook, secret


def change_webhook(
    webhook: Webhook,
    *,
    by: Any,
    url: str | None = None,
    description: str | None = None,
    event_types: Sequence[str] | None = None,
    peer: str = "",
) -> None:
    """Change what is given. What waits is sent to the new address; new types count from now on."""
    _demand_keeper(by, webhook.organization)
    if url is not None and url != webhook.url:
        _demand_fit(url)
    with transaction.atomic():
        current = _locked(webhook)
        Organization.objects.select_for_update(no_key=True).get(pk=current.organization_id)
        before = f"{current.url}, told of {_told(current)}"
        if url is not None and url != current.url:
            _demand_free(current.organization, url)
            current.url = url
        if description is not None:
            current.description = description
        if event_types is not None:
            current.event_types = _in_order(event_types)
        current.save(update_fields=["url", "description", "event_types"])
        _write_down(current, by, peer, f"changed; told of {_told(current)}; before: {before}")
    webhook.refresh_from_db()


@transaction.atomic
def pause_webhook(webhook: Webhook, *, by: Any, peer: str = "") -> None:
    """Send nothing more until it is resumed. What happens meanwhile is kept for it."""
    _demand_keeper(by, webhook.organization)
    current = _locked(webhook)
    if current.paused_at is not None:
        raise IllegalMove("This webhook is paused already.")
    current.paused_at, current.pause_reason = timezone.now(), f"Paused by {by}."
    current.save(update_fields=["paused_at", "pause_reason"])
    webhooks.stop(current)
    _write_down(current, by, peer, "paused")
    webhook.refresh_from_db()


@transaction.atomic
def resume_webhook(webhook: Webhook, *, by: Any, since: int | None = None, peer: str = "") -> None:
    """Send again, beginning where it stopped; or with the event numbered `since`.

    Beginning earlier, what was given up is sent too; what was delivered is not sent again. With
    the number after the last event, what was missed is not told.
    """
    _demand_keeper(by, webhook.organization)
    current = _locked(webhook)
    if current.paused_at is None:
        raise IllegalMove("This webhook is not paused.")
    if since is not None:
        events.publish()
        since = max(1, min(since, events.head(current.organization) + 1))
    current.paused_at = current.failing_since = None
    current.pause_reason = ""
    current.save(update_fields=["paused_at", "failing_since", "pause_reason"])
    webhooks.rearm(current, since)
    began = "where it stopped" if since is None else f"event {since}"
    _write_down(current, by, peer, f"resumed from {began}")
    tasks.nudge(tasks.tell_programs)
    webhook.refresh_from_db()


@transaction.atomic
def delete_webhook(webhook: Webhook, *, by: Any, peer: str = "") -> None:
    """End it for good. Its log is kept for a while."""
    _demand_keeper(by, webhook.organization)
    current, now = _locked(webhook), timezone.now()
    current.deleted_at = now
    current.save(update_fields=["deleted_at"])
    webhooks.stop(current)
    current.deliveries.filter(state=Delivery.State.WAITING).update(
        state=Delivery.State.GIVEN_UP, settled_at=now
    )
    _write_down(current, by, peer, "deleted")


@sensitive_variables("secret")
@transaction.atomic
def rotate_webhook_secret(webhook: Webhook, *, by: Any, peer: str = "") -> str:
    """Make another secret and answer it. For a day the one before signs beside it."""
    _demand_keeper(by, webhook.organization)
    current, now = _locked(webhook), timezone.now()
    current.secrets.filter(retired_at=None).update(retired_at=now + ROTATION)
    secret = WebhookSecret.new()
    current.secrets.create(secret=secret, created_at=now)
    _write_down(current, by, peer, "given another secret")
    return secret


@transaction.atomic
def send_test(webhook: Webhook, *, by: Any) -> Delivery:
    """Send a message that tells of nothing, also while it is paused. It is tried once."""
    _demand_keeper(by, webhook.organization)
    current = _locked(webhook)
    if current.deliveries.filter(due_at__isnull=False, event=None).exists():
        raise IllegalMove("A test message is on its way already.")
    delivery = current.deliveries.create(message_id=webhooks.new_message_id())
    tasks.nudge(tasks.deliver_webhooks)
    return delivery


@transaction.atomic
def redeliver(delivery: Delivery, *, by: Any) -> None:
    """Send one message once more, now, whatever became of it before; its id stays the same."""
    _demand_keeper(by, delivery.webhook.organization)
    webhook = _locked(delivery.webhook)
    if webhook.paused_at is not None and delivery.event_id is not None:
        raise IllegalMove("This webhook is paused. Resume it, or send it a test message.")
    current = webhook.deliveries.get(pk=delivery.pk)
    if current.lease_until is not None and current.lease_until > timezone.now():
        raise IllegalMove("This message is being sent at this moment.")
    current.state, current.settled_at = Delivery.State.WAITING, None
    current.attempts_before, current.due_at = current.attempts_made, timezone.now()
    current.save(update_fields=["state", "settled_at", "attempts_before", "due_at"])
    tasks.nudge(tasks.deliver_webhooks)
    delivery.refresh_from_db()


def may_keep_webhooks(user: Any) -> bool:
    """Whether this person makes and changes webhooks; everybody may look."""
    return bool(roles_of(user) & KEEPERS)


def _demand_keeper(by: Any, organization: Organization) -> None:
    if not may_keep_webhooks(by):
        raise NotAllowed("Marketers and operators look after webhooks.")
    if not Organization.objects.for_user(by).filter(pk=organization.pk).exists():
        raise NotAllowed("You may look after webhooks of your own organizations.")


def _demand_fit(url: str) -> None:
    try:
        webhooks.demand_fit(url)
    except webhooks.Unfit as unfit:
        remedy = "Give the public https:// address of your program."
        raise Blocked([blocker("url", str(unfit), remedy)]) from unfit


def _demand_free(organization: Organization, url: str) -> None:
    if _open(organization).filter(url=url).exists():
        message = "There is a webhook to this address already."
        raise Blocked([blocker("url", message, "Change what that one is told of.")])


def _open(organization: Organization) -> Any:
    return Webhook.objects.filter(organization=organization, deleted_at=None)


def _locked(webhook: Webhook) -> Webhook:
    """The webhook as it is now, which nobody else changes meanwhile."""
    current = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    if current.deleted_at is not None:
        raise IllegalMove("This webhook is deleted.")
    return current


def _in_order(event_types: Sequence[str]) -> list[str]:
    if unknown := set(event_types) - set(events.PATTERNS):
        message = f"There is no event type {min(unknown)}."
        raise Blocked([blocker("event_types", message, "Choose of those that there are.")])
    return [name for name in events.PATTERNS if name in event_types]


def _told(webhook: Webhook) -> str:
    return ", ".join(webhook.event_types) or "everything"


def _write_down(webhook: Webhook, by: Any, peer: str, deed: str) -> None:
    detail = f"{webhook} to {webhook.url}: {deed}"
    SecurityEvent.write(Deed.WEBHOOK_CHANGED, by=by, peer=peer, detail=detail)
