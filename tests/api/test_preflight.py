"""Checking before writing, and the value lists."""

import pytest

from registrations import preflight
from registrations.models import Brand, Campaign, NumberLink
from registrations.models.choices import UseCase
from tests.conftest import BRAND, CAMPAIGN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_account(account):
    """There is one account at Plivo, and nobody need name it."""


def rules(answer):
    assert answer.status_code == 200, answer.content
    return {found["rule"] for found in answer.json()["findings"]}


def test_a_brand_is_checked_by_the_rules_of_the_form_and_not_saved(alices, acme, account):
    wrong = {**BRAND, "ein": "12", "website": ""}

    answer = alices.post("/preflight/", {"kind": "brand", **wrong})

    found = preflight.check(Brand(organization=acme, account=account, **wrong))
    told = answer.json()
    assert [one["rule"] for one in told["findings"]] == [one.rule for one in found]
    assert told["blocked"]
    assert not Brand.objects.exists()


def test_a_finding_says_what_where_how_sure_and_who_says_so(alices):
    told = alices.post("/preflight/", {"kind": "brand", **BRAND, "ein": "12"}).json()

    found = next(one for one in told["findings"] if one["pointer"] == "/ein")
    assert found["severity"] in ("block", "warn", "info")
    assert found["certainty"] in "ABCU"
    assert found["message"] and found["remedy"] and found["source"]
    assert '"12"' not in found["excerpt"]


def test_what_is_good_is_not_blocked_and_has_its_price(alices):
    told = alices.post("/preflight/", {"kind": "brand", **BRAND}).json()

    assert not told["blocked"]
    assert told["fee"] == "4.50"
    assert told["fee_lines"] == [
        {"label": "Brand registration", "amount": "4.50", "recurring": False}
    ]


def test_a_brand_of_which_little_is_known_is_checked(alices):
    told = alices.post("/preflight/", {"kind": "brand"}).json()

    assert told["blocked"]
    assert "/company_name" in [found["pointer"] for found in told["findings"]]


def test_a_campaign_is_checked_beside_its_brand(alices, registered_brand):
    Brand.objects.update(open_usecases=["MARKETING"])
    written = {"kind": "campaign", **CAMPAIGN, "brand": registered_brand.reference}

    assert "CP-USECASE-OFFERED" in rules(alices.post("/preflight/", written))
    assert not Campaign.objects.exists()


def test_a_campaign_without_a_brand_is_checked_too(alices):
    assert rules(alices.post("/preflight/", {"kind": "campaign", **CAMPAIGN}))


def test_a_brand_of_others_is_none(bobs, registered_brand):
    written = {"kind": "campaign", "brand": registered_brand.reference}

    assert bobs.post("/preflight/", written).status_code == 400


def test_a_number_is_checked_for_its_campaign(alices, registered_campaign):
    wanted = {"kind": "number_link", "campaign": registered_campaign.reference}

    good = alices.post("/preflight/", {**wanted, "number": "+1 415 555 0100"})
    wrong = alices.post("/preflight/", {**wanted, "number": "555"})

    assert not good.json()["blocked"]
    assert "NM-SHAPE" in rules(wrong)
    assert not NumberLink.objects.exists()


def test_a_number_without_a_campaign_is_refused(alices):
    answer = alices.post("/preflight/", {"kind": "number_link", "number": "14155550100"})

    assert answer.json()["errors"][0]["pointer"] == "/campaign"


@pytest.mark.parametrize("body", [{}, {"kind": "club"}, {"kind": ["brand"]}, {"kind": None}, []])
def test_the_kind_is_named(alices, body):
    answer = alices.post("/preflight/", body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/kind"


def test_an_unknown_field_is_refused_here_too(alices):
    answer = alices.post("/preflight/", {"kind": "brand", **BRAND, "status": "x"})

    assert answer.json()["code"] == "read_only"


def test_every_value_list_is_told_with_labels(alices):
    told = alices.get("/enums/").json()

    assert {"value": "RETAIL", "label": "Retail and consumer products"} in told["vertical"]
    assert [one["value"] for one in told["usecase"]] == UseCase.values
    assert "MIXED" not in [one["value"] for one in told["sub_usecases"]]
    statuses = {one["value"] for one in told["number_link_status"]}
    assert statuses == set(NumberLink.statuses())
    assert told.keys() >= {"entity_type", "stock_exchange", "brand_status", "operation", "scope"}
