"""Somebody who works at Plivo without the portal."""

from registrations.models import Brand, Campaign
from registrations.plivo.client import PlivoClient
from registrations.plivo.payloads import brand_payload, campaign_payload
from tests.conftest import BRAND, CAMPAIGN

NUMBER = "14155550100"
ELSEWHERE = {"url": "https://elsewhere.example.com/", "method": "POST"}


class Outside:
    """Somebody who works at Plivo without the portal, as in Plivo's console."""

    def __init__(self, sandbox, settings):
        self.sandbox = sandbox
        self.client = PlivoClient(
            settings.PLIVO_AUTH_ID, settings.PLIVO_AUTH_TOKEN, base_url=settings.PLIVO_API_URL
        )
        sandbox.state.set(callbacks_lost=True)

    def profile(self, alias, **fields):
        payload = brand_payload(Brand(**{**BRAND, **fields}))
        made = self.client.create_profile({"profile_alias": alias, **payload["profile"]})
        return made.get("profile_uuid")

    def brand(self, alias="Initech", status="COMPLETED", **fields):
        payload = brand_payload(Brand(**{**BRAND, **fields}))
        profile_uuid = self.profile(alias, **fields)
        made = self.client.create_brand(
            {
                "brand_alias": alias,
                "profile_uuid": profile_uuid,
                **payload["brand"],
                **ELSEWHERE,
            }
        )
        brand_id = made.get("brand_id")
        self.sandbox.state.brands.change(brand_id, registration_status=status)
        return brand_id

    def campaign(self, brand_id, alias="Initech orders", status="ACTIVE", **fields):
        payload = campaign_payload(
            Campaign(brand=Brand(plivo_id=brand_id), **{**CAMPAIGN, **fields})
        )
        made = self.client.create_campaign(
            {"campaign_alias": alias, **payload["campaign"], **ELSEWHERE}
        )
        campaign_id = made.get("campaign_id")
        self.sandbox.state.campaigns.change(campaign_id, registration_status=status)
        return campaign_id

    def number(self, campaign_id, number=NUMBER, status="COMPLETED"):
        self.client.link_numbers(campaign_id, [number], callback_url=ELSEWHERE["url"])
        self.sandbox.state.links.change(f"{campaign_id}/{number}", status=status)
        return f"{campaign_id}/{number}"
