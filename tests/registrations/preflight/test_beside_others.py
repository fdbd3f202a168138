"""What preflight says about a registration among its neighbours in the database."""

import pytest

from registrations import preflight
from registrations.lifecycle import Status
from registrations.models import Organization, PlivoAccount
from tests.registrations.preflight import good

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(django_user_model):
    """Who owns what these tests keep."""
    return {
        "organization": Organization.objects.create(name="Northwind"),
        "account": PlivoAccount.objects.create(name="main", auth_id="MAXXXXXXXXXXXXXXXXXX"),
        "created_by": django_user_model.objects.create(username="alice"),
    }


@pytest.fixture
def other_house(house):
    return house | {"organization": Organization.objects.create(name="Southwind")}


def kept(registration):
    registration.save()
    return registration


def found(rule, registration):
    return [finding for finding in preflight.check(registration) if finding.rule == rule]


def test_a_tax_id_that_a_live_brand_has_is_a_warning(house):
    first = kept(good.registered_brand(**house))

    (finding,) = found("BR-EIN-DUP-LOCAL", good.brand(**house, ein="362947581"))

    assert finding.severity == "warn"
    assert first.reference in finding.message


def test_another_organization_is_not_named(house, other_house):
    first = kept(good.registered_brand(**other_house))

    (finding,) = found("BR-EIN-DUP-LOCAL", good.brand(**house))

    assert first.reference not in finding.message
    assert first.name not in finding.message
    assert found("BR-FIELD-DUP-LOCAL", good.brand(**house)) == []


def test_a_brand_is_not_its_own_twin(house):
    brand = kept(good.registered_brand(**house))

    assert preflight.check(brand) == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.REFUSED, Status.DEACTIVATED])
def test_a_brand_that_does_not_live_is_no_twin(house, status):
    kept(good.brand(**house, status=status))

    assert preflight.check(good.brand(**house)) == []


def test_particulars_of_another_brand_are_warned_of_field_by_field(house):
    kept(good.registered_brand(**house))
    twin = good.brand(**house, ein="36-1111112", company_name="Harbor Tea LLC")

    fields = {finding.field for finding in found("BR-FIELD-DUP-LOCAL", twin)}

    assert fields == {"website", "contact_email"}


def test_a_brand_has_room_for_a_hundred_campaigns(house, monkeypatch):
    monkeypatch.setattr(preflight.database, "CAMPAIGNS_PER_BRAND", 2)
    brand = kept(good.registered_brand(**house))
    kept(good.campaign(**house, brand=brand, status=Status.REGISTERED))
    assert found("CP-BRAND-100", good.campaign(**house, brand=brand)) == []

    kept(good.campaign(**house, brand=brand, status=Status.REGISTERED))

    assert preflight.blocking(found("CP-BRAND-100", good.campaign(**house, brand=brand)))


def test_an_individual_has_one_campaign(house):
    brand = kept(good.registered_brand(**house, entity_type="INDIVIDUAL"))
    first = kept(good.campaign(**house, brand=brand, status=Status.REGISTERED))

    assert found("CP-SP-ONE", first) == []
    assert preflight.blocking(found("CP-SP-ONE", good.campaign(**house, brand=brand)))


def test_a_sample_does_not_name_another_brand(house):
    kept(good.brand(**house, name="Tea", company_name="Harbor Tea LLC"))
    brand = kept(good.registered_brand(**house))
    sample = "Northwind Coffee and Harbor Tea are open on Sunday. Reply STOP to opt out."

    (finding,) = found("CP-SAMPLE-OTHERBRAND", good.campaign(**house, brand=brand, sample2=sample))

    assert finding.field == "sample2"
    assert found("CP-SAMPLE-OTHERBRAND", good.campaign(**house, brand=brand)) == []


def test_a_campaign_does_not_repeat_another(house):
    brand = kept(good.registered_brand(**house))
    kept(good.campaign(**house, brand=brand, status=Status.REGISTERED))
    other_texts = {"description": "Northwind asks guests how they liked the tasting on Sunday."}

    assert found("LC-DUP-CAMPAIGN", good.campaign(**house, brand=brand))
    assert found("LC-DUP-CAMPAIGN", good.campaign(**house, brand=brand, **other_texts)) == []


def test_a_rejected_campaign_is_corrected_not_repeated(house):
    brand = kept(good.registered_brand(**house))
    rejected = kept(good.campaign(**house, brand=brand, status=Status.REJECTED))

    (finding,) = found("LC-EDIT-NOT-NEW", good.campaign(**house, brand=brand))

    assert rejected.reference in finding.message
    assert found("LC-EDIT-NOT-NEW", rejected) == []
    assert found("LC-EDIT-NOT-NEW", good.campaign(**house, brand=brand, usecase="2FA")) == []


@pytest.fixture
def campaign(house):
    brand = kept(good.registered_brand(**house))
    return kept(good.campaign(**house, brand=brand, status=Status.REGISTERED))


def test_a_number_is_on_one_campaign_at_a_time(house, campaign):
    first = kept(good.number_link(**house, campaign=campaign, status=Status.LINKED))

    assert preflight.blocking(found("NM-ONE-CAMPAIGN", good.number_link(campaign=campaign)))
    assert found("NM-ONE-CAMPAIGN", first) == []
    assert preflight.check(good.number_link(campaign=campaign, number="14155550101")) == []


def test_a_number_that_was_unlinked_is_free(house, campaign):
    kept(good.number_link(**house, campaign=campaign, status=Status.UNLINKED))

    assert preflight.check(good.number_link(campaign=campaign)) == []


def test_a_campaign_takes_as_many_numbers_as_its_pool_holds(house, campaign):
    campaign.number_pool_limit = 1
    only = kept(good.number_link(**house, campaign=campaign, status=Status.LINKED))
    another = good.number_link(campaign=campaign, number="14155550101")

    assert preflight.blocking(found("NM-LIMIT-49", another))
    assert found("NM-LIMIT-49", only) == []


def test_an_individual_has_one_number(house, campaign):
    campaign.brand.entity_type = "INDIVIDUAL"
    only = kept(good.number_link(**house, campaign=campaign, status=Status.LINKED))
    another = good.number_link(campaign=campaign, number="14155550101")

    assert preflight.blocking(found("NM-SP-1", another))
    assert found("NM-SP-1", only) == []


def test_forms_that_are_barely_begun_break_nothing():
    for registration in (good.Brand(), good.Campaign()):
        assert preflight.blocking(preflight.check(registration))
