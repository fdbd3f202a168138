"""Which webhook is told of what: deliveries are made from events, as many as can be sent soon.

A webhook remembers up to which event it has read. It reads on while few of its messages wait, so
that one whose program is down for days does not pile up what will be read from the events anyway.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from registrations.models import Delivery, Event, Webhook
from registrations.notices.events import types_matching

# So many messages of one webhook wait at most; the rest waits as events.
MOST_WAITING = 200
# So many events are looked through at once.
AT_ONCE = 1000


def new_message_id() -> str:
    """What a receiver knows a message by: the same each time it is sent."""
    return f"msg_{secrets.token_urlsafe(20).replace('-', 'A').replace('_', 'B')}"


def choose() -> None:
    """Make the deliveries of what was published. Safe when several run at once."""
    news = Event.objects.filter(
        organization=OuterRef("organization"), number__gt=OuterRef("read_up_to")
    )
    open_ones = Webhook.objects.filter(paused_at=None, deleted_at=None)
    for pk in list(open_ones.filter(Exists(news)).order_by("pk").values_list("pk", flat=True)):
        _read_on(pk)


def stop(webhook: Webhook) -> None:
    """Nothing that waits is due any more. To be called with the webhook locked."""
    webhook.deliveries.filter(due_at__isnull=False).update(due_at=None, lease_until=None)


def rearm(webhook: Webhook, since: int | None) -> None:
    """Make what waits due again; of what was missed, everything from event `since` on.

    Without `since` it goes on where it stopped. With one that is beyond the last event, only what
    happens from now on is told. To be called with the webhook locked.
    """
    now, about_events = timezone.now(), webhook.deliveries.exclude(event=None)
    if since is not None:
        about_events.filter(state=Delivery.State.WAITING, event__number__lt=since).update(
            state=Delivery.State.GIVEN_UP, settled_at=now
        )
        about_events.filter(state=Delivery.State.GIVEN_UP, event__number__gte=since).update(
            state=Delivery.State.WAITING, settled_at=None, attempts_before=F("attempts_made")
        )
        webhook.read_up_to = since - 1
        webhook.save(update_fields=["read_up_to"])
    webhook.deliveries.filter(state=Delivery.State.WAITING).update(due_at=now)


@transaction.atomic
def _read_on(pk: int) -> None:
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=pk)
    if webhook.paused_at or webhook.deleted_at:
        return
    room = MOST_WAITING - webhook.deliveries.filter(due_at__isnull=False).count()
    if room <= 0:
        return
    unread = Event.objects.filter(
        organization=webhook.organization_id, number__gt=webhook.read_up_to
    )
    wanted = set(types_matching(webhook.event_types))
    chosen: list[Delivery] = []
    read_up_to = webhook.read_up_to
    for event_id, number, name in unread.values_list("pk", "number", "type")[:AT_ONCE]:
        if name in wanted:
            if len(chosen) == room:
                break
            chosen.append(Delivery(webhook=webhook, event_id=event_id, message_id=new_message_id()))
        read_up_to = number
    # What was delivered before it was told to begin again is met by the constraint.
    Delivery.objects.bulk_create(chosen, ignore_conflicts=True)
    Webhook.objects.filter(pk=pk).update(read_up_to=read_up_to)
