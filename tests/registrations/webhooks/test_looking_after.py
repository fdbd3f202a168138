"""What people do with webhooks, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from standardwebhooks import Webhook as Oracle
from standardwebhooks import WebhookVerificationError

from registrations import actions
from registrations.actions import webhooks as verbs
from registrations.lifecycle import IllegalMove
from registrations.models import Deed, SecurityEvent, Webhook

pytestmark = pytest.mark.django_db

GOOD = "https://203.0.114.7/hook"


def test_what_people_do_with_a_webhook_is_written_down_without_its_secret(receiver, hooked, alice):
    webhook = hooked(receiver())
    verbs.change_webhook(webhook, by=alice, event_types=["brand.*"])
    verbs.pause_webhook(webhook, by=alice)
    verbs.resume_webhook(webhook, by=alice)
    another = verbs.rotate_webhook_secret(webhook, by=alice)
    verbs.delete_webhook(webhook, by=alice, peer="192.0.2.1")

    lines = SecurityEvent.objects.filter(deed=Deed.WEBHOOK_CHANGED).order_by("pk")
    told = "\n".join(line.detail for line in lines)
    for word in ("made", "changed", "paused", "resumed", "another secret", "deleted"):
        assert word in told
    assert {line.user for line in lines} == {alice}
    assert lines.last().peer == "192.0.2.1"
    assert webhook.secret not in told and another not in told and "whsec" not in told


@pytest.mark.parametrize("who", ["carol", "audrey", "bob"])
def test_others_look_and_change_nothing(request, who, receiver, hooked, acme):
    person, webhook = request.getfixturevalue(who), hooked(receiver())
    delivery = verbs.send_test(webhook, by=request.getfixturevalue("alice"))
    deeds = [
        lambda: verbs.add_webhook(acme, by=person, url=GOOD),
        lambda: verbs.change_webhook(webhook, by=person, url=GOOD),
        lambda: verbs.pause_webhook(webhook, by=person),
        lambda: verbs.resume_webhook(webhook, by=person),
        lambda: verbs.rotate_webhook_secret(webhook, by=person),
        lambda: verbs.delete_webhook(webhook, by=person),
        lambda: verbs.send_test(webhook, by=person),
        lambda: verbs.redeliver(delivery, by=person),
    ]
    before = list(Webhook.objects.values())

    for deed in deeds:
        with pytest.raises(actions.NotAllowed):
            deed()

    assert list(Webhook.objects.values()) == before


def test_operators_look_after_everybodys(receiver, hooked, oscar):
    webhook = hooked(receiver())

    verbs.pause_webhook(webhook, by=oscar)

    assert webhook.paused_at is not None


def test_an_address_that_leads_inside_is_refused_when_it_is_saved(acme, alice, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False

    for url in ("https://127.0.0.1/", "https://169.254.169.254/latest/", "http://203.0.114.7/"):
        with pytest.raises(actions.Blocked) as refusal:
            verbs.add_webhook(acme, by=alice, url=url)
        assert refusal.value.findings[0].field == "url"
    webhook, _ = verbs.add_webhook(acme, by=alice, url=GOOD.replace("203.0.114.7", "8.8.8.8"))
    with pytest.raises(actions.Blocked):
        verbs.change_webhook(webhook, by=alice, url="https://10.0.0.1/")


def test_the_same_address_twice_is_no_second_webhook(receiver, hooked, acme, globex, alice, bob):
    listening, other = receiver(), receiver()
    webhook = hooked(listening)
    another = hooked(other)

    with pytest.raises(actions.Blocked, match="already"):
        verbs.add_webhook(acme, by=alice, url=webhook.url)
    with pytest.raises(actions.Blocked, match="already"):
        verbs.change_webhook(another, by=alice, url=webhook.url)
    verbs.add_webhook(globex, by=bob, url=webhook.url)
    verbs.delete_webhook(webhook, by=alice)
    verbs.add_webhook(acme, by=alice, url=webhook.url)


def test_an_organization_has_so_many_and_no_more(acme, alice, monkeypatch):
    monkeypatch.setattr(verbs, "MOST_OF_AN_ORGANIZATION", 2)
    for port in (9001, 9002):
        verbs.add_webhook(acme, by=alice, url=f"http://127.0.0.1:{port}/")

    with pytest.raises(actions.Blocked, match="2 webhooks already"):
        verbs.add_webhook(acme, by=alice, url="http://127.0.0.1:9003/")


def test_a_type_that_there_is_not_is_refused(acme, alice):
    with pytest.raises(actions.Blocked) as refusal:
        verbs.add_webhook(acme, by=alice, url="http://127.0.0.1/", event_types=["brand.married"])

    assert refusal.value.findings[0].field == "event_types"


def test_a_deleted_one_is_told_nothing_and_can_do_nothing(
    receiver, hooked, make_brand, tell, alice
):
    listening = receiver(500)
    webhook = hooked(listening)
    make_brand()
    tell()

    verbs.delete_webhook(webhook, by=alice)
    make_brand()
    tell()

    assert len(listening.taken) == 1
    assert [delivery.state for delivery in webhook.deliveries.all()] == ["given_up"]
    with pytest.raises(IllegalMove, match="deleted"):
        verbs.pause_webhook(webhook, by=alice)


# --- Secrets -----------------------------------------------------------------------------------


def test_for_a_day_after_a_rotation_both_secrets_sign_and_then_the_new_one(
    receiver, hooked, make_brand, tell, alice
):
    listening = receiver()
    webhook = hooked(listening)
    new = verbs.rotate_webhook_secret(webhook, by=alice)
    make_brand()
    tell()
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        make_brand()
        tell()

        during, after = listening.taken
        after.verified(new)
        with pytest.raises(WebhookVerificationError):
            after.verified(webhook.secret)
    during.verified(new)
    during.verified(webhook.secret)


def test_a_secret_is_not_signed_with_before_it_was_made(receiver, hooked, make_brand, tell, alice):
    listening = receiver()
    webhook = hooked(listening)
    make_brand()
    tell()

    new = verbs.rotate_webhook_secret(webhook, by=alice)

    [taken] = listening.taken
    with pytest.raises(WebhookVerificationError):
        Oracle(new).verify(taken.body, taken.headers)


# --- Pausing and resuming ----------------------------------------------------------------------


def numbers(receiver):
    import json

    return [json.loads(taken.body)["data"]["number"] for taken in receiver.taken]


@pytest.fixture
def missed(receiver, hooked, make_brand, tell, alice):
    """A webhook that took event 1, and was paused while 2, 3 and 4 happened."""
    listening = receiver()
    webhook = hooked(listening)
    make_brand()
    tell()
    verbs.pause_webhook(webhook, by=alice)
    for _ in range(3):
        make_brand()
    tell()
    assert numbers(listening) == [1]
    return webhook, listening


def test_a_resumed_one_is_told_of_all_that_it_missed(missed, tell, alice):
    webhook, listening = missed

    verbs.resume_webhook(webhook, by=alice)
    tell()

    assert sorted(numbers(listening)) == [1, 2, 3, 4]


def test_it_may_begin_later(missed, tell, alice):
    webhook, listening = missed

    verbs.resume_webhook(webhook, by=alice, since=4)
    tell()

    assert numbers(listening) == [1, 4]


def test_it_may_begin_with_what_happens_from_now_on(missed, tell, alice, make_brand):
    webhook, listening = missed

    verbs.resume_webhook(webhook, by=alice, since=2**63 - 1)
    make_brand()
    tell()

    assert numbers(listening) == [1, 5]


def test_beginning_earlier_sends_what_was_given_up_and_not_what_was_delivered(
    receiver, hooked, make_brand, tell, alice, again
):
    listening = receiver(200, 410, 200)
    webhook = hooked(listening)
    for _ in range(2):
        make_brand()
        tell()
    webhook.deliveries.filter(event__number=2).update(state="given_up", settled_at=timezone.now())
    assert again(webhook).paused_at is not None

    verbs.resume_webhook(webhook, by=alice, since=1)
    tell()

    assert numbers(listening) == [1, 2, 2]
    assert {delivery.state for delivery in webhook.deliveries.all()} == {"delivered"}
    resumed = again(webhook)
    assert (resumed.paused_at, resumed.failing_since, resumed.pause_reason) == (None, None, "")


def test_what_waited_when_it_was_paused_is_sent_when_it_is_resumed(
    receiver, hooked, make_brand, tell, alice
):
    listening = receiver(500, 200)
    webhook = hooked(listening)
    make_brand()
    tell()
    verbs.pause_webhook(webhook, by=alice)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        tell()
        assert len(listening.taken) == 1

        verbs.resume_webhook(webhook, by=alice)
        tell()

    assert len(set(listening.ids)) == 1
    assert webhook.deliveries.get().state == "delivered"


def test_pausing_what_is_paused_and_resuming_what_is_not_is_refused(receiver, hooked, alice):
    webhook = hooked(receiver())

    with pytest.raises(IllegalMove):
        verbs.resume_webhook(webhook, by=alice)
    verbs.pause_webhook(webhook, by=alice)
    with pytest.raises(IllegalMove):
        verbs.pause_webhook(webhook, by=alice)


# --- Test messages, and once more --------------------------------------------------------------


def test_a_test_message_is_signed_sent_once_and_changes_nothing_else(
    receiver, hooked, tell, alice, again
):
    listening = receiver(410)
    webhook = hooked(listening)

    verbs.send_test(webhook, by=alice)
    with pytest.raises(IllegalMove):
        verbs.send_test(webhook, by=alice)
    tell()

    [taken] = listening.taken
    said = taken.verified(webhook.secret)
    assert said["type"] == "test.ping"
    assert set(said) == {"type", "timestamp", "data"}
    assert webhook.deliveries.get().state == "given_up"
    assert (again(webhook).paused_at, again(webhook).failing_since) == (None, None)


def test_a_paused_one_can_be_tested(receiver, hooked, tell, alice):
    listening = receiver()
    webhook = hooked(listening)
    verbs.pause_webhook(webhook, by=alice)

    verbs.send_test(webhook, by=alice)
    tell()

    assert webhook.deliveries.get().state == "delivered"


def test_a_message_is_sent_once_more_under_its_id(receiver, hooked, make_brand, tell, alice):
    listening = receiver()
    webhook = hooked(listening)
    make_brand()
    tell()

    verbs.redeliver(webhook.deliveries.get(), by=alice)
    tell()

    assert len(listening.taken) == 2
    assert len(set(listening.ids)) == 1
    assert webhook.deliveries.get().attempts.count() == 2


def test_one_that_was_given_up_gets_all_its_tries_again(
    receiver, hooked, make_brand, tell, alice, settings, time_for_the_next_try
):
    settings.WEBHOOK_RETRY_SECONDS = [1]
    webhook = hooked(receiver(500))
    make_brand()
    tell()
    time_for_the_next_try()
    tell()
    delivery = webhook.deliveries.get()
    assert delivery.state == "given_up"

    verbs.redeliver(delivery, by=alice)
    tell()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made) == ("waiting", 3)
    assert delivery.due_at is not None


def test_what_is_on_its_way_is_not_sent_beside_itself(receiver, hooked, make_brand, alice):
    from registrations.notices import events, webhooks
    from registrations.notices.webhooks import outbox

    webhook = hooked(receiver())
    make_brand()
    events.publish()
    webhooks.choose()
    outbox._take([])

    with pytest.raises(IllegalMove, match="being sent"):
        verbs.redeliver(webhook.deliveries.get(), by=alice)


def test_nothing_is_sent_once_more_while_it_is_paused(receiver, hooked, make_brand, tell, alice):
    webhook = hooked(receiver())
    make_brand()
    tell()
    verbs.pause_webhook(webhook, by=alice)

    with pytest.raises(IllegalMove, match="paused"):
        verbs.redeliver(webhook.deliveries.get(), by=alice)
