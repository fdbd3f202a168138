"""Campaigns: begun on a brand, and written."""

import pytest

from registrations.models import Brand, Campaign, PlivoAccount
from tests.conftest import CAMPAIGN

pytestmark = pytest.mark.django_db


def codes(answer):
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def test_a_campaign_belongs_to_whom_its_brand_belongs(alices, registered_brand, acme):
    answer = alices.post("/campaigns/", {**CAMPAIGN, "brand": registered_brand.reference})

    told, campaign = answer.json(), Campaign.objects.get()
    assert answer.status_code == 201
    assert (told["brand"], told["organization"]) == (registered_brand.reference, acme.pk)
    assert (campaign.brand, campaign.account) == (registered_brand, registered_brand.account)


def test_kinds_of_messages_are_a_list_of_use_cases(alices, registered_brand):
    written = {**CAMPAIGN, "brand": registered_brand.reference, "usecase": "MIXED"}
    right = {**written, "sub_usecases": ["CUSTOMER_CARE", "MARKETING"]}

    made = alices.post("/campaigns/", right)

    assert made.json()["sub_usecases"] == ["CUSTOMER_CARE", "MARKETING"]
    for wrong in (["MIXED"], "MARKETING", [1], [["MARKETING"]], {"MARKETING": 1}, ["2FA"] * 50):
        assert alices.post("/campaigns/", {**written, "sub_usecases": wrong}).status_code == 400


def test_windows_line_ends_count_once(alices, registered_brand):
    text = "a\r\n" * 511  # 1,022 characters, as everybody else counts them

    answer = alices.post(
        "/campaigns/", {"name": "A", "brand": registered_brand.reference, "sample1": text + "."}
    )

    assert answer.status_code == 201
    assert "\r" not in Campaign.objects.get().sample1


@pytest.mark.parametrize("reference", ["BR-00000000", "nonsense", "", "BR-\x00", 5, None, "BR-é"])
def test_a_brand_that_there_is_not_is_refused(alices, reference):
    answer = alices.post("/campaigns/", {**CAMPAIGN, "brand": reference})

    assert answer.status_code == 400
    assert list(codes(answer)) == ["/brand"]


def test_a_brand_of_others_is_refused_as_one_that_there_is_not(bobs, carols, registered_brand):
    foreign = bobs.post("/campaigns/", {**CAMPAIGN, "brand": registered_brand.reference}).json()
    none = bobs.post("/campaigns/", {**CAMPAIGN, "brand": "BR-00000000"}).json()

    assert foreign["errors"] == none["errors"]
    assert not Campaign.objects.exists()


def test_whose_it_is_cannot_be_told_beside_the_brand(alices, registered_brand, acme):
    written = {**CAMPAIGN, "brand": registered_brand.reference, "organization": acme.pk}

    assert codes(alices.post("/campaigns/", written)) == {"/organization": "read_only"}


def test_a_draft_moves_to_another_brand_of_the_same_account_only(alices, make_brand, make_campaign):
    campaign, other, elsewhere = make_campaign(), make_brand(), make_brand()
    another_account = PlivoAccount.objects.create(auth_id="MAOTHER")
    Brand.objects.filter(pk=elsewhere.pk).update(account=another_account)
    address = f"/campaigns/{campaign.reference}/"

    moved = alices.patch(address, {"brand": other.reference})
    not_moved = alices.patch(address, {"brand": elsewhere.reference})

    assert moved.json()["brand"] == other.reference
    assert codes(not_moved) == {"/brand": "does_not_exist"}


def test_what_plivo_has_stays_with_its_brand(alices, make_brand, make_campaign):
    campaign, other = make_campaign(), make_brand()
    Campaign.objects.update(plivo_id="CTEST01")

    answer = alices.patch(f"/campaigns/{campaign.reference}/", {"brand": other.reference})

    assert codes(answer) == {"/brand": "does_not_exist"}


def test_no_campaign_is_begun_on_a_brand_that_has_ended(alices, registered_brand):
    Brand.objects.update(status="deactivated")

    answer = alices.post("/campaigns/", {**CAMPAIGN, "brand": registered_brand.reference})

    assert answer.status_code == 400
