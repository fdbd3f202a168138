import pytest

from registrations import actions
from registrations.models import Brand
from tests.registrations.drafting.stage import FIRST_BRAND


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def open_draft(account, acme, alice):
    """A brand that was just begun: nothing but its first step."""
    brand = Brand(organization=acme, account=account, **FIRST_BRAND)
    actions.draft(brand, by=alice)
    return brand
