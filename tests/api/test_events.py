"""The feed of events: what the trails say, once, in one order, without gaps."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registrations import actions, reconcile, submitting
from registrations.lifecycle import Actor, Cause, Status, move_to, raise_conflict
from registrations.models import AuditEntry, Brand, Event, Scope
from registrations.notices import events
from tests.api.tiny import bearer, key_of
from tests.conftest import BRAND

pytestmark = pytest.mark.django_db

FEED = "/api/v1/events/"


@pytest.fixture
def read(client, alice, acme):
    """Ask for the feed as a program of Acme's does."""
    _, secret = key_of(alice, acme, Scope.READ)

    def read(**asked):
        return client.get(FEED, asked, headers=bearer(secret))

    return read


def numbers(answer):
    return [item["number"] for item in answer.json()["items"]]


def kinds(answer):
    return [item["type"] for item in answer.json()["items"]]


def in_review(brand, alice):
    move_to(brand, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON, user=alice)
    return brand


# --- What becomes an event ---------------------------------------------------------------------


def test_every_move_is_one_event_and_says_what_the_trail_says(read, draft_brand, alice):
    draft_brand.external_id = "shop-42"
    draft_brand.save()
    in_review(draft_brand, alice)

    answer = read()

    first, second = draft_brand.trail.order_by("sequence")
    about = {"kind": "brand", "reference": draft_brand.reference, "external_id": "shop-42"}
    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "number": 1,
                "type": "brand.draft",
                "at": events.moment(first.at),
                "registration": about,
                "from": None,
                "to": "draft",
                "actor": "marketer",
                "cause": "person",
                "confirmed": False,
                "note": first.note,
            },
            {
                "number": 2,
                "type": "brand.in_review",
                "at": events.moment(second.at),
                "registration": about,
                "from": "draft",
                "to": "in_review",
                "actor": "marketer",
                "cause": "person",
                "confirmed": False,
                "note": "",
            },
        ],
        "next_after": 2,
        "more": False,
    }


def test_an_event_tells_what_was_so_then_and_not_what_holds_now(read, draft_brand, alice):
    before = read().json()["items"]
    in_review(draft_brand, alice)

    assert read().json()["items"][:1] == before


def test_the_link_of_a_number_says_which_number(read, registered_campaign, alice, account):
    actions.link_numbers(registered_campaign, ["14155550110"], by=alice)

    [item] = read(types="number_link.*").json()["items"]

    assert item["type"] == "number_link.link_queued"
    assert item["registration"]["number"] == "14155550110"


def test_comments_are_no_events(read, draft_brand, alice):
    actions.comment(draft_brand, by=alice, text="Confirmed: I called them.")

    assert kinds(read()) == ["brand.draft"]


@pytest.mark.django_db(transaction=True)
class TestLookingAtPlivo:
    @pytest.fixture
    def brand(self, plivo, draft_brand, submit):
        plivo.state.set(callbacks_lost=True)
        submitting.send(submit(draft_brand).pk)
        draft_brand.refresh_from_db()
        plivo.step(5)
        return draft_brand

    def look_up(self, brand):
        Brand.objects.filter(pk=brand.pk).update(lookup_due_at=timezone.now())
        reconcile.look_up(Brand.objects.get(pk=brand.pk))
        brand.refresh_from_db()

    def test_what_a_callback_reported_is_an_event_once_more_when_a_look_up_confirms_it(
        self, brand, read
    ):
        move_to(brand, Status.REGISTERED, actor=Actor.PLIVO, cause=Cause.CALLBACK)
        self.look_up(brand)
        assert brand.is_confirmed

        told = read().json()["items"][-2:]

        assert [(item["type"], item["confirmed"]) for item in told] == [
            ("brand.registered", False),
            ("brand.confirmed", True),
        ]
        assert told[1]["from"] == told[1]["to"] == "registered"

    def test_what_a_look_up_found_first_is_one_event_and_confirmed(self, brand, read):
        self.look_up(brand)
        assert brand.is_confirmed

        told = read().json()["items"]

        assert [item["type"] for item in told].count("brand.registered") == 1
        assert (told[-1]["type"], told[-1]["confirmed"]) == ("brand.registered", True)

    def test_that_two_look_ups_settled_a_conflict_is_told_as_a_confirmation(self, brand, read):
        move_to(brand, Status.REGISTERED, actor=Actor.PLIVO, cause=Cause.CALLBACK)
        raise_conflict(brand, "Twice.", actor=Actor.PLIVO, cause=Cause.CALLBACK)
        self.look_up(brand)
        earlier = timezone.now() - timedelta(minutes=2)
        Brand.objects.filter(pk=brand.pk).update(conflict_looked_up_at=earlier)
        self.look_up(brand)
        assert brand.is_confirmed and not brand.conflict

        assert kinds(read())[-2:] == ["brand.registered", "brand.confirmed"]


# --- Numbers -----------------------------------------------------------------------------------


def test_numbers_count_each_organization_by_itself(read, draft_brand, account, globex, bob):
    actions.draft(Brand(organization=globex, account=account, **BRAND), by=bob)
    events.publish()

    assert list(Event.objects.filter(organization=globex).values_list("number", flat=True)) == [1]
    assert numbers(read()) == [1]


def test_publishing_again_makes_nothing_new(draft_brand):
    assert events.publish() == 1
    assert events.publish() == 0
    assert events.publish_what_was_missed() == 0


def test_what_was_published_keeps_its_number(draft_brand, make_brand, alice):
    events.publish()
    before = list(Event.objects.values_list("pk", "number", "entry"))
    in_review(make_brand(), alice)
    in_review(draft_brand, alice)

    events.publish()

    assert list(Event.objects.values_list("pk", "number", "entry"))[:1] == before
    assert list(Event.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_more_than_is_published_at_once_is_published_in_the_order_of_the_trail(
    make_brand, monkeypatch
):
    monkeypatch.setattr(events, "AT_ONCE", 3)
    for _ in range(8):
        make_brand()

    assert events.publish() == 8

    entries = Event.objects.order_by("number").values_list("entry", flat=True)
    assert list(entries) == list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def test_a_portal_that_published_nothing_for_days_misses_nothing(read, make_brand, alice):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        brand = make_brand()
        events.publish()
    for days in (1, 2, 3):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            make_brand()
    with time_machine.travel(start + timedelta(days=4), tick=False):
        in_review(brand, alice)
        events.publish()

    assert kinds(read()) == ["brand.draft"] * 4 + ["brand.in_review"]


def missed(make_brand):
    """A line that no search finds which begins at what was published of late."""
    lost, *others = [make_brand() for _ in range(3)]
    now = timezone.now()
    for number, (brand, age) in enumerate(zip(others, (2, 1), strict=True), start=1):
        Event.objects.create(
            organization=brand.organization,
            number=number,
            entry=brand.trail.get(),
            type="brand.draft",
            published_at=now - timedelta(days=age),
        )
    events.publish()
    assert not Event.objects.filter(entry=lost.trail.get()).exists()
    return lost


def test_what_every_quick_search_missed_is_found_by_looking_through_everything(make_brand):
    lost = missed(make_brand)

    assert events.publish_what_was_missed() == 1

    assert Event.objects.get(entry=lost.trail.get()).number == 3


def test_whoever_moves_on_brings_along_what_was_missed_of_her_in_the_right_order(
    make_brand, alice, read
):
    lost = in_review(missed(make_brand), alice)

    told = [
        (item["number"], item["to"])
        for item in read().json()["items"]
        if item["registration"]["reference"] == lost.reference
    ]

    assert told == [(3, "draft"), (4, "in_review")]


def in_threads(*deeds):
    gate, troubles = Barrier(len(deeds)), []

    def run(deed):
        gate.wait()
        try:
            deed()
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shared_database")
def test_moves_and_publishers_at_once_leave_no_gap_and_no_twin(make_brand, alice, acme):
    brands = [make_brand() for _ in range(6)]

    def live(brand):
        for _ in range(4):
            move_to(brand, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)
            move_to(brand, Status.DRAFT, actor=Actor.MARKETER, cause=Cause.PERSON)

    def publish():
        for _ in range(12):
            events.publish()

    in_threads(*([lambda b=brand: live(b) for brand in brands] + [publish] * 3))
    events.publish()

    published = list(Event.objects.filter(organization=acme).select_related("entry"))
    assert [event.number for event in published] == list(range(1, 6 * 9 + 1))
    assert {event.entry_id for event in published} == set(
        AuditEntry.objects.values_list("pk", flat=True)
    )
    for brand in brands:
        sequences = [e.entry.sequence for e in published if e.entry.brand_id == brand.pk]
        assert sequences == list(range(1, 10))


@pytest.mark.django_db(transaction=True)
def test_a_line_that_is_committed_late_gets_the_next_number(make_brand, alice, acme, read):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: nothing is committed late.")
    slow, quick = make_brand(), make_brand()
    events.publish()
    written, published = Barrier(2), Barrier(2)

    def be_slow():
        with transaction.atomic():
            move_to(slow, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)
            written.wait()
            published.wait()

    def be_quick():
        written.wait()
        move_to(quick, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)
        # Long after: the last event but one is old by now, and still nothing is lost.
        Event.objects.update(published_at=timezone.now() - timedelta(hours=1))
        events.publish()
        published.wait()

    in_threads(be_slow, be_quick)

    told = read(after=2).json()["items"]
    assert [(item["number"], item["registration"]["reference"]) for item in told] == [
        (3, quick.reference),
        (4, slow.reference),
    ]


# --- Reading on --------------------------------------------------------------------------------


def test_reading_on_from_page_to_page_tells_everything_once(read, make_brand):
    for _ in range(7):
        make_brand()

    told, after, more = [], 0, True
    while more:
        page = read(after=after, limit=3).json()
        told += [item["number"] for item in page["items"]]
        after, more = page["next_after"], page["more"]

    assert told == list(range(1, 8))
    assert read(after=after).json() == {"items": [], "next_after": 7, "more": False}


def test_only_the_types_that_were_asked_for_are_told(read, draft_brand, make_brand, alice):
    in_review(draft_brand, alice)
    make_brand()

    assert kinds(read(types="brand.in_review")) == ["brand.in_review"]
    assert numbers(read(types="brand.*, campaign.draft")) == [1, 2, 3]
    assert read(types="campaign.*").json() == {"items": [], "next_after": 3, "more": False}


def test_what_is_of_other_types_is_passed_over_a_stretch_at_a_time(
    read, make_brand, alice, monkeypatch
):
    monkeypatch.setattr("registrations.api.events.SPAN", 4)
    brands = [make_brand() for _ in range(6)]
    in_review(brands[0], alice)

    first = read(types="brand.in_review").json()
    second = read(types="brand.in_review", after=first["next_after"]).json()

    assert first == {"items": [], "next_after": 4, "more": True}
    assert [item["number"] for item in second["items"]] == [7]
    assert (second["next_after"], second["more"]) == (7, False)


def test_a_page_costs_the_same_however_long_it_is(
    read, make_brand, make_campaign_on, django_assert_num_queries
):
    make_campaign_on(make_brand())
    read()
    with CaptureQueriesContext(connection) as few:
        assert len(read().json()["items"]) == 2
    cost = len(few)
    for _ in range(5):
        make_campaign_on(make_brand())
    read()

    with django_assert_num_queries(cost):
        assert len(read().json()["items"]) == 12


@pytest.mark.parametrize(
    ("asked", "name", "code"),
    [
        ({"after": "-1"}, "after", "invalid_parameter"),
        ({"after": "x"}, "after", "invalid_parameter"),
        ({"after": "９"}, "after", "invalid_parameter"),
        ({"after": "9" * 30}, "after", "invalid_parameter"),
        ({"limit": "0"}, "limit", "invalid_parameter"),
        ({"limit": "501"}, "limit", "invalid_parameter"),
        ({"types": "brand.married"}, "types", "invalid_parameter"),
        ({"types": "*"}, "types", "invalid_parameter"),
        ({"organization": "\x00"}, "organization", "invalid_parameter"),
        ({"cursor": "1"}, "cursor", "unknown_parameter"),
    ],
)
def test_what_makes_no_sense_in_the_address_is_refused(read, asked, name, code):
    answer = read(**asked)

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["parameter"] == name


def test_the_largest_numbers_are_read_without_trouble(read, draft_brand):
    largest = 2**63 - 1

    answer = read(after=largest)

    assert answer.json() == {"items": [], "next_after": largest, "more": False}


# --- Whose events ------------------------------------------------------------------------------


def test_others_events_are_told_to_nobody_else(client, draft_brand, bob, globex, acme):
    _, secret = key_of(bob, globex, Scope.READ)

    mine = client.get(FEED, headers=bearer(secret))
    foreign = client.get(FEED, {"organization": acme.pk}, headers=bearer(secret))

    assert mine.json()["items"] == []
    assert foreign.status_code == 400
    assert "Acme" not in foreign.content.decode()


def test_a_key_tells_only_of_its_organization_however_much_its_owner_sees(
    client, draft_brand, carol, globex, acme
):
    _, secret = key_of(carol, globex, Scope.READ)

    assert client.get(FEED, headers=bearer(secret)).json()["items"] == []
    asked = {"organization": acme.pk}
    assert client.get(FEED, asked, headers=bearer(secret)).status_code == 400


def test_whoever_acts_for_several_says_whose(client, draft_brand, globex, carol, acme):
    client.force_login(carol)

    assert client.get(FEED).json()["errors"][0]["parameter"] == "organization"
    assert numbers(client.get(FEED, {"organization": acme.pk})) == [1]


def test_a_marketer_of_one_organization_need_not_say_which(client, draft_brand, alice):
    client.force_login(alice)

    assert numbers(client.get(FEED)) == [1]


def test_nobody_reads_without_a_key_or_with_one_that_lacks_the_scope(
    client, draft_brand, alice, acme
):
    _, secret = key_of(alice, acme, Scope.DRAFT)

    assert client.get(FEED).status_code == 401
    assert client.get(FEED, headers=bearer(secret)).status_code == 403
    assert client.post(FEED, headers=bearer(secret)).status_code in (403, 405)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shared_database")
def test_several_readers_at_once_are_told_the_same(make_brand, alice, acme):
    for _ in range(5):
        make_brand()
    _, secret = key_of(alice, acme, Scope.READ)
    told = []

    in_threads(*[lambda: told.append(Client().get(FEED, headers=bearer(secret)).json())] * 6)

    assert told == [told[0]] * 6
    assert [item["number"] for item in told[0]["items"]] == [1, 2, 3, 4, 5]
