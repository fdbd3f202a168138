"""Plivo's official SDK drives the sandbox: what it sends is taken, what it reads is there."""

import plivo
import pytest
from plivo import exceptions

from registrations.plivo.sandbox import Sandbox, serve
from tests.plivo.sandbox_stage import AUTH_ID, AUTH_TOKEN, Clock, Letterbox, published

CALLBACK_URL = "https://portal.example.com/callbacks/plivo/tkn-7Qm2/"


@pytest.fixture
def letterbox():
    return Letterbox()


@pytest.fixture
def sandbox(letterbox):
    return Sandbox({AUTH_ID: AUTH_TOKEN}, clock=Clock(), transport=letterbox)


@pytest.fixture
def client(sandbox, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # Time stands still: the tests move it themselves.
    with serve(sandbox, keep_time=False) as server:
        # The SDK takes no base URL: it has a constant for it.
        address = f"{server.url}/v1/Account"
        monkeypatch.setattr(plivo.rest.client, "PLIVO_API_BASE_URI", address)
        with plivo.RestClient(AUTH_ID, AUTH_TOKEN) as client:
            yield client


@pytest.fixture
def brand_id(client, sandbox):
    profile = client.profile.create(**published("profile_create_request"))
    request = published("brand_create_request") | {"profile_uuid": profile.profile_uuid}
    brand_id = client.brand.create(**{**request, "url": CALLBACK_URL}).brand_id
    sandbox.step(60)
    return brand_id


@pytest.fixture
def campaign_id(client, sandbox, brand_id):
    request = published("campaign_create_request") | {"brand_id": brand_id}
    campaign_id = client.campaign.create(**request).campaign_id
    sandbox.step(60)
    return campaign_id


def test_the_sdk_makes_reads_changes_lists_and_deletes_a_profile(client):
    made = client.profile.create(**published("profile_create_request"))

    read = client.profile.get(made.profile_uuid).profile
    changed = client.profile.update(made.profile_uuid, {"website": "https://www.example.com/new"})
    listed = client.profile.list(limit=20)
    deleted = client.profile.delete(made.profile_uuid)

    assert made.message == "Profile created successfully."
    assert (read.company_name, read.profile_type) == ("Acme Inc.", "SECONDARY")
    assert changed.profile.website == "https://www.example.com/new"
    assert [profile.profile_type for profile in listed.profiles] == ["PRIMARY", "SECONDARY"]
    assert deleted.message == "Profile deleted successfully."
    with pytest.raises(exceptions.ResourceNotFoundError, match="Profile not found."):
        client.profile.get(made.profile_uuid)


def test_the_sdk_registers_a_brand(client, brand_id):
    brand = client.brand.get(brand_id).brand
    listed = client.brand.list(type="STANDARD", status="COMPLETED")
    codes = [row.code for row in client.brand.get_usecases(brand_id).use_cases]

    assert (brand.registration_status, brand.company_name) == ("COMPLETED", "Acme Inc.")
    assert [row.brand_id for row in listed.brands] == [brand_id]
    assert "MARKETING" in codes and "MIXED" in codes


def test_the_sdk_registers_a_campaign(client, brand_id, campaign_id):
    campaign = client.campaign.get(campaign_id).campaign
    listed = client.campaign.list(brand_id=brand_id, limit=5)

    assert (campaign.registration_status, campaign.usecase) == ("ACTIVE", "MIXED")
    assert campaign.campaign_attributes.subscriber_optin is True
    assert listed.campaigns[0].campaign_alias == campaign.campaign_alias
    assert listed.meta.total_count == 1


def test_the_sdk_corrects_a_rejected_campaign(client, sandbox, brand_id):
    request = published("campaign_create_request") | {"brand_id": brand_id}
    request["campaign_alias"] = "Reject this"
    campaign_id = client.campaign.create(**request).campaign_id
    sandbox.step(60)
    before = client.campaign.get(campaign_id).campaign

    # For every text that is not given the SDK sends a blank.
    client.campaign.update(campaign_id, message_flow="People tick a box at the checkout page. " * 2)
    sandbox.step(60)

    after = client.campaign.get(campaign_id).campaign
    assert (before.registration_status, before.error_code) == ("FAILED", "1004")
    assert after.registration_status == "ACTIVE"
    assert after.message_flow.startswith("People tick") and after.sample1 == before.sample1


def test_the_sdk_imports_a_campaign(client):
    answer = client.campaign.import_campaign("CSHARED", "from elsewhere")

    assert answer.campaign_id == "CSHARED"
    assert client.campaign.get("CSHARED").campaign.campaign_source == "shared"


def test_the_sdk_links_and_unlinks_a_number(client, sandbox, campaign_id, letterbox):
    letterbox.letters.clear()
    number = "14155550100"

    linked = client.campaign.number_link(campaign_id, CALLBACK_URL, "POST", [number])
    sandbox.step(60)
    listed = client.campaign.get_numbers(campaign_id)
    alone = client.campaign.get_number(campaign_id, number)
    own = client.numbers.get(number)
    unlinked = client.campaign.number_unlink(campaign_id, number, url=CALLBACK_URL)
    sandbox.step(60)

    assert linked.message.startswith(f"Request to link {number} to campaign {campaign_id}")
    assert [(row.number, row.status) for row in listed.phone_numbers] == [(number, "COMPLETED")]
    assert alone.phone_numbers[0].status == "COMPLETED"
    assert own.tendlc_campaign_id == campaign_id
    assert unlinked.message.startswith(f"Request to unlink {number}")
    with pytest.raises(exceptions.ResourceNotFoundError, match="not linked to this campaign"):
        client.campaign.get_number(campaign_id, number)
    assert letterbox.words == ["created", "success", "created", "success"]


def test_the_sdk_lists_the_numbers_that_may_be_linked(client):
    numbers = client.numbers.list(services="sms", tendlc_registration_status="unregistered")

    assert len(numbers.objects) == 20
    assert numbers.meta.total_count >= 50


def test_the_sdk_deactivates_campaign_and_brand(client, brand_id, campaign_id):
    with pytest.raises(exceptions.ValidationError, match="active campaigns"):
        client.brand.delete(brand_id)

    assert client.campaign.delete(campaign_id).message == "Campaign Deactivated"
    assert client.brand.delete(brand_id).message == "Brand Deactivated"


def test_the_sdk_reads_the_sandboxs_refusals(client, brand_id):
    request = published("campaign_create_request") | {"brand_id": brand_id, "description": "short"}

    with pytest.raises(exceptions.ValidationError, match="description must have at least 40"):
        client.campaign.create(**request)


def test_the_sdk_is_turned_away_with_a_wrong_token(client):
    with (
        plivo.RestClient(AUTH_ID, "wrong") as stranger,
        pytest.raises(exceptions.AuthenticationError),
    ):
        stranger.profile.list()
