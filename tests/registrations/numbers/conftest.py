"""Campaigns that numbers are linked to, and alice at the page where it is done."""

import pytest

from tests.registrations.numbers.stage import NEW, stand


@pytest.fixture
def campaign(registered_campaign):
    return registered_campaign


@pytest.fixture
def other_campaign(registered_brand, make_campaign_on):
    return stand(
        make_campaign_on(registered_brand, name="Acme news"), "registered", plivo_id="CTEST02"
    )


@pytest.fixture
def globex_campaign(account, globex, make_brand, make_campaign_on):
    brand = stand(make_brand(name="Globex"), "registered", plivo_id="BTEST09")
    type(brand).objects.filter(pk=brand.pk).update(organization=globex)
    brand.refresh_from_db()
    campaign = make_campaign_on(brand, name="Secret plans")
    return stand(campaign, "registered", plivo_id="CTEST09")


@pytest.fixture
def without_plivo(settings):
    """Nobody listens at Plivo's address."""
    settings.PLIVO_API_URL = "http://127.0.0.1:9"


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def check(as_alice, campaign):
    """Check as alice; answers the page's response."""

    def check(numbers="", **more):
        return as_alice.post(NEW, {"campaign": campaign.reference, "numbers": numbers, **more})

    return check
