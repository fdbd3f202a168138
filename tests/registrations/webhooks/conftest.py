import pytest

from registrations.actions import webhooks as verbs
from registrations.models import Delivery, Webhook
from registrations.notices import events, webhooks
from tests.registrations.webhooks.receiver import Raw, Receiver


@pytest.fixture
def receiver():
    """Start a program of the client that gives these answers."""
    started = []

    def receiver(*answers, **how):
        started.append(Receiver(*answers, **how))
        return started[-1]

    yield receiver
    for one in started:
        one.stop()


@pytest.fixture
def raw():
    started = []

    def raw(serve):
        started.append(Raw(serve))
        return started[-1]

    yield raw
    for one in started:
        one.stop()


@pytest.fixture
def hooked(acme, alice):
    """A webhook of Acme's to this receiver, with its secret in `secret`."""

    def hooked(receiver, **more):
        webhook, secret = verbs.add_webhook(acme, by=alice, url=receiver.url, **more)
        webhook.secret = secret
        return webhook

    return hooked


@pytest.fixture
def tell():
    """Do what a worker does: publish, choose and deliver. Answers which webhooks were paused."""

    def tell():
        events.publish()
        webhooks.choose()
        return webhooks.deliver()

    return tell


@pytest.fixture
def time_for_the_next_try():
    """Whatever waits for its next try is due now."""

    def now():
        for delivery in Delivery.objects.filter(due_at__isnull=False, lease_until=None):
            Delivery.objects.filter(pk=delivery.pk).update(due_at=delivery.created_at)

    return now


@pytest.fixture
def again():
    return lambda webhook: Webhook.objects.get(pk=webhook.pk)
