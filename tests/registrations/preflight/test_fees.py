from datetime import date
from decimal import Decimal

import pytest

from registrations.models import Operation
from registrations.preflight import fees
from tests.registrations.preflight import good

BEFORE, AFTER = date(2025, 7, 31), date(2025, 8, 1)
VETTED = {"secondary_vetting": True}
PUBLIC = {"entity_type": "PUBLIC"}


@pytest.mark.parametrize(
    ("particulars", "day", "amount"),
    [
        ({}, BEFORE, "4.00"),
        ({}, AFTER, "4.50"),
        (VETTED, BEFORE, "44.00"),
        (VETTED, AFTER, "46.00"),
        (PUBLIC, BEFORE, "4.00"),
        (PUBLIC, AFTER, "17.00"),
        (VETTED | PUBLIC, AFTER, "58.50"),
    ],
)
def test_what_a_brand_costs_depends_on_the_day(particulars, day, amount):
    lines = fees.expected(Operation.REGISTER_BRAND, good.brand(**particulars), on=day)

    assert fees.total(lines) == Decimal(amount)
    assert not any(line.recurring for line in lines)


@pytest.mark.parametrize(("usecase", "monthly"), [("MARKETING", "10.00"), ("LOW_VOLUME", "1.50")])
def test_a_campaign_costs_its_review_once_and_something_each_month(usecase, monthly):
    lines = fees.expected(Operation.REGISTER_CAMPAIGN, good.campaign(usecase=usecase), on=AFTER)

    assert fees.total(lines) == Decimal("15.00")
    assert [line.amount for line in lines if line.recurring] == [Decimal(monthly)]


def test_an_update_costs_another_review():
    lines = fees.expected(Operation.UPDATE_CAMPAIGN, good.campaign(), on=AFTER)

    assert fees.total(lines) == Decimal("15.00")


@pytest.mark.parametrize(
    "operation", [Operation.LINK_NUMBER, Operation.UNLINK_NUMBER, Operation.DEACTIVATE_BRAND]
)
def test_linking_and_ending_are_free(operation):
    assert fees.total(fees.expected(operation, good.number_link())) == Decimal("0.00")


def test_a_link_says_that_it_is_free():
    (line,) = fees.expected(Operation.LINK_NUMBER, good.number_link())

    assert line == fees.FeeLine("Number link", Decimal("0.00"), recurring=False)


def test_without_a_day_today_counts(time_machine):
    time_machine.move_to("2025-07-30T12:00:00Z")

    (line,) = fees.expected(Operation.REGISTER_BRAND, good.brand())

    assert line.amount == Decimal("4.00")
