"""Callbacks counted by day on the reader's clock, and those that wait."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from callbacks.models import Callback, Outcome, RefusedCount
from callbacks.statistics import pending, per_day

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def keep(outcome, received_at=NOON, **fields):
    return Callback.objects.create(
        method="POST", path="/callbacks/plivo/abc…/", body_digest="0" * 64, outcome=outcome,
        received_at=received_at, **fields,
    )  # fmt: skip


def test_each_day_tells_how_many_came_of_each_outcome(carol):
    keep("applied")
    keep("applied")
    keep("late", NOON - timedelta(days=1))

    days = per_day(carol)

    assert len(days) == 30
    assert days[-1].date == date(2026, 11, 25)
    assert days[-1].counts == {Outcome.APPLIED: 2}
    assert days[-2].counts == {Outcome.LATE: 1}
    assert sum(day.total for day in days) == 3


def test_what_is_older_is_left_out(carol):
    keep("applied", NOON - timedelta(days=29, hours=12))
    keep("late", NOON - timedelta(days=29, hours=12, seconds=1))

    days = per_day(carol)

    assert days[0].counts == {Outcome.APPLIED: 1}
    assert sum(day.total for day in days) == 1


@pytest.mark.parametrize(
    ("clock", "day"),
    [("UTC", 24), ("Asia/Tokyo", 25), ("America/Los_Angeles", 24)],
)
def test_days_are_those_of_the_readers_clock(carol, clock, day):
    keep("applied", datetime(2026, 11, 24, 15, 30, tzinfo=UTC))

    with timezone.override(ZoneInfo(clock)):
        came = [told.date for told in per_day(carol) if told.total]

    assert came == [date(2026, 11, day)]


def test_a_day_of_twenty_five_hours_is_one_day(carol):
    for hour in (4, 28):  # the first and the last hour of 1 November in New York
        keep("applied", datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hour, minutes=30))

    with timezone.override(ZoneInfo("America/New_York")):
        came = {told.date: told.total for told in per_day(carol) if told.total}

    assert came == {date(2026, 11, 1): 2}


def test_what_was_refused_is_counted_whole_though_only_some_is_kept(carol):
    keep("forged")
    RefusedCount.objects.create(minute=NOON, count=700)
    RefusedCount.objects.create(minute=NOON - timedelta(minutes=1), count=50)

    assert per_day(carol)[-1].counts == {Outcome.FORGED: 750}


def test_a_marketer_is_told_of_her_own_only(alice, bob, draft_brand, submit):
    keep("applied", submission=submit(draft_brand))
    keep("forged")
    RefusedCount.objects.create(minute=NOON, count=9)

    assert per_day(alice)[-1].counts == {Outcome.APPLIED: 1}
    assert per_day(bob)[-1].counts == {}


def test_it_is_two_queries_however_many_there_are(carol, django_assert_num_queries):
    per_day(carol)
    for n in range(20):
        keep("applied", NOON - timedelta(days=n))

    with django_assert_num_queries(2):
        per_day(carol)


def test_what_changed_nothing_yet_waits_since_its_oldest(carol):
    keep("unapplied", NOON - timedelta(hours=2))
    keep("unapplied")
    keep("applied")

    (waiting,) = pending(carol)

    assert (waiting.outcome, waiting.count) == (Outcome.UNAPPLIED, 2)
    assert waiting.oldest_at == NOON - timedelta(hours=2)


def test_the_queue_of_what_is_stuck_tells_of_them(client, carol):
    keep("unapplied", NOON - timedelta(hours=2))
    client.force_login(carol)

    page = client.get("/stuck/").content.decode()

    assert "1 callback: not applied yet" in page and "2 hours ago" in page
    assert "/callbacks/?outcome=unapplied" in page
