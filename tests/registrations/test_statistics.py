"""Counts by status and times until registered, as charts tell them."""

import statistics as reference
from datetime import timedelta

import pytest
from django.utils import timezone

from registrations import statistics
from registrations.lifecycle import Actor, Cause, Kind, Status, note
from registrations.models import Brand, NumberLink
from registrations.statistics import percentile

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN_DAYS_AGO = timezone.now() - 10 * DAY
NONE = timedelta(0)


@pytest.fixture
def registers(make_brand, lives_through):
    """A brand that was registered so long after Plivo took it."""

    def registers(taking, *, begun=TEN_DAYS_AGO, **fields):
        return lives_through(
            make_brand(**fields),
            ("in_review", HOUR),
            ("queued", HOUR),
            ("submitted", HOUR),
            ("created", taking / 2),
            ("registered", taking / 2),
            begun=begun,
        )

    return registers


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [
        ([7], 90, 7),
        ([1, 2, 3], 50, 2),
        ([4, 1, 3, 2], 50, 2.5),
        ([1, 2, 10], 90, 8.4),
        ([0, 10], 0, 0),
        ([0, 10], 100, 10),
        (range(101), 90, 90),
    ],
)
def test_a_percentile_is_exact(values, percent, found):
    assert percentile(list(values), percent) == pytest.approx(found)


def test_percentiles_agree_with_the_standard_library():
    values = [3.5, 1.25, 9.0, 4.75, 4.75, 12.5, 0.5]

    deciles = reference.quantiles(values, n=10, method="inclusive")

    assert [percentile(values, p) for p in range(10, 100, 10)] == pytest.approx(deciles)


def test_there_is_no_percentile_of_nothing():
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_registrations_are_counted_by_status_in_the_order_of_their_lives(alice, make_brand):
    for status in ("registered", "draft", "registered", "rejected"):
        brand = make_brand()
        Brand.objects.filter(pk=brand.pk).update(status=status)

    brands, campaigns, _ = statistics.by_status(alice)

    assert brands.counts == [(Status.DRAFT, 1), (Status.REGISTERED, 2), (Status.REJECTED, 1)]
    assert (brands.total, campaigns.total) == (4, 0)


def test_nothing_foreign_is_counted(bob, registered_brand, registers):
    registers(HOUR)

    standings = statistics.by_status(bob)

    assert [standing.total for standing in standings] == [0, 0, 0]
    assert statistics.time_to_registered(bob) == []


def test_time_runs_from_plivo_taking_the_request_to_its_yes(carol, registers):
    for hours in (1, 2, 10):
        registers(hours * HOUR)

    (brands,) = statistics.time_to_registered(carol)

    assert (brands.kind, brands.samples) == (Kind.BRAND, 3)
    assert brands.median == 2 * HOUR
    assert brands.ninetieth == 8.4 * HOUR


def test_where_a_callback_was_faster_than_the_answer_time_runs_from_the_queue(
    carol, make_brand, lives_through
):
    lives_through(
        make_brand(),
        ("in_review", NONE),
        ("queued", HOUR),
        ("registered", 3 * HOUR),
        begun=TEN_DAYS_AGO,
    )

    (brands,) = statistics.time_to_registered(carol)

    assert brands.median == 3 * HOUR


def test_what_was_rejected_first_is_timed_from_the_request_that_succeeded(
    carol, make_brand, lives_through
):
    lives_through(
        make_brand(),
        ("in_review", NONE),
        ("queued", NONE),
        ("submitted", NONE),
        ("rejected", 2 * DAY),
        ("draft", DAY),
        ("in_review", DAY),
        ("queued", DAY),
        ("registered", HOUR),
        begun=TEN_DAYS_AGO,
    )

    (brands,) = statistics.time_to_registered(carol)

    assert (brands.samples, brands.median) == (1, HOUR)


def test_what_happened_long_ago_is_not_told(carol, registers):
    registers(HOUR, begun=timezone.now() - 100 * DAY)

    assert statistics.time_to_registered(carol) == []


def test_a_link_that_stays_after_all_was_not_waited_for(
    carol, acme, alice, account, registered_campaign, lives_through
):
    link = NumberLink.objects.create(
        organization=acme, account=account, campaign=registered_campaign, number="14155550100",
        created_by=alice,
    )  # fmt: skip
    lives_through(
        link,
        ("link_submitted", NONE),
        ("linked", HOUR),
        ("unlink_queued", DAY),
        ("linked", DAY),
        begun=TEN_DAYS_AGO,
    )

    (links,) = statistics.time_to_registered(carol)

    assert (links.kind, links.samples) == (Kind.NUMBER_LINK, 1)


def test_notes_in_between_change_no_time(carol, make_brand, lives_through):
    brand = make_brand()
    lives_through(
        brand, ("in_review", NONE), ("queued", NONE), ("submitted", NONE), begun=TEN_DAYS_AGO
    )
    note(brand, "Asked Plivo by telephone.", actor=Actor.COMPLIANCE, cause=Cause.PERSON)
    lives_through(brand, ("registered", 4 * HOUR), begun=TEN_DAYS_AGO)

    (brands,) = statistics.time_to_registered(carol)

    assert brands.median == 4 * HOUR


def test_more_rows_cost_no_more_queries(carol, registers, django_assert_num_queries):
    registers(HOUR)
    statistics.by_status(carol)
    for _ in range(5):
        registers(HOUR)

    with django_assert_num_queries(6):
        statistics.by_status(carol)
        statistics.time_to_registered(carol)
