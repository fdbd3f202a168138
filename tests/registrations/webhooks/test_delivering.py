"""The outbox: each change is told once it is committed, until it is taken, and no oftener."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.core import mail
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from registrations.actions import webhooks as verbs
from registrations.lifecycle import Actor, Cause, Status, move_to
from registrations.models import Delivery, DeliveryAttempt, Event
from registrations.notices import events, webhooks
from registrations.notices.webhooks import choosing, outbox

pytestmark = pytest.mark.django_db

DELIVERED, WAITING, GIVEN_UP = "delivered", "waiting", "given_up"


def states(webhook):
    return list(webhook.deliveries.order_by("pk").values_list("state", flat=True))


def told_numbers(receiver):
    return [json.loads(taken.body)["data"]["number"] for taken in receiver.taken]


# --- What is told ------------------------------------------------------------------------------


def test_a_change_is_told_as_the_feed_tells_it_and_signed(receiver, hooked, make_brand, tell):
    listening = receiver()
    webhook = hooked(listening)
    brand = make_brand()

    tell()

    [taken] = listening.taken
    [(event, item)] = list(events.read(Event.objects.all()))
    assert taken.verified(webhook.secret) == {
        "type": "brand.draft",
        "timestamp": events.moment(brand.trail.get().at),
        "data": item,
    }
    delivery = webhook.deliveries.get()
    assert (delivery.state, delivery.event, taken.id) == (DELIVERED, event, delivery.message_id)


def test_what_is_posted_is_what_the_schema_says(receiver, hooked, make_brand, tell, alice):
    listening = receiver()
    webhook = hooked(listening)
    make_brand()
    verbs.send_test(webhook, by=alice)

    tell()

    schema = SchemaGenerator().get_schema(request=None, public=True)
    told = {taken.verified(webhook.secret)["type"]: taken for taken in listening.taken}
    for name, kind in (("event", "brand.draft"), ("test", outbox.TEST)):
        post = schema["webhooks"][name]["post"]
        assert {one["name"] for one in post["parameters"]} <= {*told[kind].headers}
        whole = {**schema, **post["requestBody"]["content"]["application/json"]["schema"]}
        Draft202012Validator(whole).validate(json.loads(told[kind].body))


def test_what_happened_before_it_was_made_is_not_told(receiver, hooked, make_brand, tell):
    make_brand()
    listening = receiver()
    hooked(listening)

    tell()

    assert listening.taken == []


def test_only_the_types_it_wants_are_told(receiver, hooked, make_brand, tell, alice):
    listening = receiver()
    webhook = hooked(listening, event_types=["brand.in_review", "campaign.*"])
    brand = make_brand()
    move_to(brand, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON, user=alice)

    tell()

    assert told_numbers(listening) == [2]
    webhook.refresh_from_db()
    assert webhook.read_up_to == 2


def test_nobody_is_told_of_what_is_others(
    receiver, hooked, make_brand, tell, globex, bob, acme, alice
):
    mine, theirs = receiver(), receiver()
    hooked(mine)
    verbs.add_webhook(globex, by=bob, url=theirs.url)
    make_brand()

    tell()

    assert len(mine.taken) == 1
    assert theirs.taken == []


def test_what_was_taken_is_not_told_again(receiver, hooked, make_brand, tell):
    listening = receiver()
    hooked(listening)
    make_brand()

    for _ in range(3):
        tell()

    assert len(listening.taken) == 1


def test_messages_go_in_the_order_of_their_numbers_to_one_who_takes_one_at_a_time(
    receiver, hooked, make_brand, tell, monkeypatch
):
    monkeypatch.setattr(outbox, "AT_ONCE", 1)
    listening = receiver()
    hooked(listening)
    for _ in range(6):
        make_brand()

    tell()

    assert told_numbers(listening) == [1, 2, 3, 4, 5, 6]


def test_what_cannot_be_sent_soon_waits_as_events(receiver, hooked, make_brand, tell, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_WAITING", 3)
    listening = receiver()
    webhook = hooked(listening)
    for _ in range(8):
        make_brand()
    events.publish()
    webhooks.choose()
    assert webhook.deliveries.count() == 3

    tell()

    assert sorted(told_numbers(listening)) == list(range(1, 9))


# --- What is not taken -------------------------------------------------------------------------


def test_what_is_not_taken_is_tried_again_with_the_same_id_and_the_same_words(
    receiver, hooked, draft_brand, make_brand, tell, time_for_the_next_try
):
    listening = receiver(500, (302, b"", {"Location": "/elsewhere"}), 200)
    webhook = hooked(listening)
    brand = make_brand()
    tell()
    assert states(webhook) == [WAITING]
    brand.external_id = "changed meanwhile"
    brand.save()

    for _ in range(2):
        time_for_the_next_try()
        tell()

    assert states(webhook) == [DELIVERED]
    assert len(listening.taken) == 3
    assert len(set(listening.ids)) == 1
    assert len({taken.body for taken in listening.taken}) == 1
    log = webhook.deliveries.get().attempts.order_by("pk")
    assert [attempt.answer_status for attempt in log] == [500, 302, 200]


def test_tries_come_later_and_later_over_three_days_and_then_it_is_given_up(
    receiver, hooked, make_brand, tell, again
):
    listening = receiver(500)
    webhook = hooked(listening)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        begun = timezone.now()
        make_brand()
        tell()
        waits = []
        while (delivery := webhook.deliveries.get()).state == WAITING and delivery.due_at:
            waits.append((delivery.due_at - timezone.now()).total_seconds())
            clock.move_to(delivery.due_at)
            tell()
        lasted = timezone.now() - begun

    assert waits == sorted(waits)
    planned = configured.WEBHOOK_RETRY_SECONDS
    for wait, plan in zip(waits, planned, strict=True):
        assert plan <= wait <= plan * 1.1
    assert timedelta(days=3) <= lasted <= timedelta(days=3.5)
    assert webhook.deliveries.get().state == GIVEN_UP
    assert len(listening.taken) == len(planned) + 1
    assert again(webhook).paused_at is not None


def test_where_nobody_listens_the_log_says_why(raw, hooked, make_brand, tell):
    gone = raw(lambda connection: None)
    webhook = hooked(gone)
    gone.stop()
    make_brand()

    tell()

    attempt = DeliveryAttempt.objects.get()
    assert attempt.answer_status is None
    assert attempt.error.startswith("The connection failed")
    assert states(webhook) == [WAITING]


def test_a_name_that_leads_inside_by_now_is_not_told(
    receiver, hooked, make_brand, tell, settings, again
):
    listening = receiver()
    webhook = hooked(listening)
    settings.WEBHOOK_ALLOW_PRIVATE = False
    type(webhook).objects.update(url=f"https://localhost:{listening.port}/")
    make_brand()

    tell()

    assert listening.taken == []
    assert "not a public address" in DeliveryAttempt.objects.get().error
    assert again(webhook).failing_since is not None


def test_when_it_works_again_what_waits_is_told_at_once(
    receiver, hooked, make_brand, tell, time_for_the_next_try, again
):
    listening = receiver(500, 500, 500, 500, 200)
    webhook = hooked(listening)
    for _ in range(4):
        make_brand()
    tell()
    assert again(webhook).failing_since is not None
    first = webhook.deliveries.order_by("pk").first()
    webhook.deliveries.filter(pk=first.pk).update(due_at=timezone.now())

    tell()

    assert states(webhook) == [DELIVERED] * 4
    assert again(webhook).failing_since is None


def test_a_target_that_hangs_holds_up_nobody_else(receiver, hooked, make_brand, tell, acme, alice):
    release = threading.Event()

    def hang(handler):
        release.wait(20)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    quick = receiver()
    hanging = [receiver(hang) for _ in range(3)]
    for one in [*hanging, quick]:
        hooked(one)
    for _ in range(8):
        make_brand()

    worker = threading.Timer(0.1, release.set)
    begun = time.monotonic()

    def watch():
        while len(quick.taken) < 8 and time.monotonic() - begun < 15:
            time.sleep(0.02)
        quick_after.append(time.monotonic() - begun)
        most_at_once.extend(len(one.taken) for one in hanging)
        worker.start()

    quick_after, most_at_once = [], []
    watcher = threading.Thread(target=watch)
    watcher.start()
    tell()
    watcher.join()
    worker.join()

    assert quick_after[0] < 10
    assert max(most_at_once) <= outbox.AT_ONCE
    assert all(len(one.taken) == 8 for one in hanging)


def test_one_that_fails_is_sent_one_at_a_time(receiver, hooked, make_brand, tell, acme):
    at_once, most, lock = [0], [0], threading.Lock()

    def fail(handler):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with lock:
            at_once[0] -= 1
        handler.send_response(500)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    webhook = hooked(receiver(fail))
    type(webhook).objects.update(failing_since=timezone.now())
    for _ in range(5):
        make_brand()

    tell()

    assert most == [1]
    assert webhook.deliveries.filter(attempts_made=1).count() == 5


# --- A worker that dies ------------------------------------------------------------------------


def test_what_a_dead_worker_held_is_sent_when_its_lease_ends(receiver, hooked, make_brand, tell):
    listening = receiver()
    webhook = hooked(listening)
    make_brand()
    events.publish()
    webhooks.choose()
    [job] = outbox._take([])  # and he dies

    tell()
    assert listening.taken == []
    with time_machine.travel(timezone.now() + outbox.LEASE + timedelta(seconds=1)):
        tell()

    assert states(webhook) == [DELIVERED]
    assert job.letter.headers["webhook-id"] == listening.taken[0].id
    log = webhook.deliveries.get().attempts.order_by("pk")
    assert [attempt.error for attempt in log] == ["No outcome was recorded.", ""]


def test_an_answer_that_comes_after_the_lease_was_lost_changes_no_more_than_it_proves(
    receiver, hooked, make_brand
):
    webhook = hooked(receiver())
    make_brand()
    events.publish()
    webhooks.choose()
    [late] = outbox._take([])
    later = timezone.now() + outbox.LEASE + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        [second] = outbox._take([])
        outbox._settle(late, outbox.Reply(status=500))
        assert webhook.deliveries.get().lease_until == second.lease_until

        outbox._settle(second, outbox.Reply(status=200))
        outbox._settle(late, outbox.Reply(status=500))

    assert states(webhook) == [DELIVERED]


# --- Pausing -----------------------------------------------------------------------------------


def test_410_pauses_at_once_and_people_are_told_by_mail(
    receiver, hooked, make_brand, again, client, alice
):
    from registrations import tasks

    listening = receiver(410)
    webhook = hooked(listening)
    for _ in range(2):
        make_brand()

    tasks.sweep_here()

    webhook = again(webhook)
    assert webhook.paused_at is not None
    assert "410" in webhook.pause_reason
    assert not webhooks.is_anything_due()
    [letter] = mail.outbox
    assert letter.to == [alice.email]
    assert "paused" in letter.subject
    assert webhook.url in letter.body
    assert f"/webhooks/{webhook.pk}/" in letter.body


def test_after_three_days_of_failure_it_is_paused_and_one_good_answer_begins_anew(
    receiver, hooked, make_brand, tell, again
):
    listening = receiver(500, 200, 500)
    webhook = hooked(listening)
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        make_brand()
        tell()
        clock.move_to(begun + timedelta(days=2))
        tell()
        assert states(webhook) == [DELIVERED]
        clock.move_to(begun + timedelta(days=4))
        make_brand()
        tell()
        assert again(webhook).paused_at is None
        clock.move_to(begun + timedelta(days=6))
        tell()
        assert again(webhook).paused_at is None
        clock.move_to(begun + timedelta(days=7, minutes=1))
        make_brand()

        paused = tell()

    assert paused == [webhook.pk]
    assert "Every message failed since" in again(webhook).pause_reason


def test_creator_and_marketers_are_told_and_nobody_twice(
    receiver, hooked, alice, bob, oscar, acme, django_user_model
):
    webhook = hooked(receiver())
    type(webhook).objects.update(created_by=oscar)
    anna = django_user_model.objects.create_user("anna", "anna@example.com", "x")
    anna.groups.set(alice.groups.all())
    acme.members.add(anna)
    gone = django_user_model.objects.create_user("gone", "gone@example.com", "x", is_active=False)
    gone.groups.set(alice.groups.all())
    acme.members.add(gone)

    assert set(webhooks.concerned_by(webhook.pk)) == {alice.pk, anna.pk, oscar.pk}


def test_no_mail_says_what_is_not_so_any_more(receiver, hooked, alice):
    webhook = hooked(receiver())

    webhooks.tell_of_pause(webhook.pk, alice.pk)

    assert mail.outbox == []


# --- The log -----------------------------------------------------------------------------------


def test_what_was_sent_and_answered_is_unreadable_in_the_database(
    receiver, hooked, make_brand, tell
):
    from django.db import connection

    webhook = hooked(receiver((200, b"a secret answer")))
    make_brand()
    tell()

    with connection.cursor() as cursor:
        cursor.execute("SELECT body, answer FROM registrations_deliveryattempt")
        [(body, answer)] = cursor.fetchall()
        cursor.execute("SELECT secret FROM registrations_webhooksecret")
        [(secret,)] = cursor.fetchall()

    attempt = DeliveryAttempt.objects.get()
    assert attempt.answer == "a secret answer"
    assert "brand.draft" in attempt.body and "brand.draft" not in body
    assert "secret" not in answer
    assert webhook.secret not in secret


def test_old_messages_are_forgotten_and_what_waits_is_not(
    receiver, hooked, make_brand, tell, settings
):
    settings.WEBHOOK_LOG_DAYS = 30
    webhook = hooked(receiver(200, 500))
    for _ in range(2):
        make_brand()
        tell()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        webhooks.forget_old()

    assert states(webhook) == [WAITING]
    assert DeliveryAttempt.objects.count() == 1
    assert Event.objects.count() == 2


def test_nothing_is_due_where_nothing_happened(receiver, hooked):
    hooked(receiver())

    assert not webhooks.is_anything_due()
    assert not Delivery.objects.exists()
