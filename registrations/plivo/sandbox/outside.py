"""What somebody makes at Plivo without the portal, as one can in Plivo's console.

It costs what anything costs, goes through at once, and nobody is called back about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from registrations.plivo.sandbox import life
from registrations.plivo.sandbox.calls import Call
from registrations.plivo.sandbox.cards import Story
from registrations.plivo.sandbox.endpoints.brands import create_brand
from registrations.plivo.sandbox.endpoints.campaigns import create_campaign
from registrations.plivo.sandbox.endpoints.numbers import link_numbers
from registrations.plivo.sandbox.endpoints.profiles import create_profile
from registrations.plivo.sandbox.validation import FLAGS

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox

PROFILE = {
    "profile_alias": "Initech",
    "customer_type": "DIRECT",
    "entity_type": "PRIVATE",
    "company_name": "Initech LLC",
    "ein": "12-3456779",
    "ein_issuing_country": "US",
    "vertical": "TECHNOLOGY",
    "website": "https://initech.example.com/",
    "address": {
        "street": "2 Side Street",
        "city": "Chicago",
        "state": "IL",
        "postal_code": "60601",
        "country": "US",
    },
    "authorized_contact": {
        "first_name": "Peter",
        "last_name": "Doe",
        "email": "peter@initech.example.com",
        "phone": "+13125550100",
        "title": "Head of Support",
        "seniority": "DIRECTOR",
    },
}
CAMPAIGN = {
    "campaign_alias": "Initech support",
    "vertical": "TECHNOLOGY",
    "usecase": "CUSTOMER_CARE",
    "description": "Initech LLC answers the questions of customers who asked for help with their "
    "printers at initech.example.com.",
    "message_flow": "Customers tick an unchecked box at https://initech.example.com/help that "
    "reads: I agree to receive customer care texts from Initech LLC. Message frequency varies. "
    "Message and data rates may apply. Reply STOP to opt out, HELP for help.",
    "sample1": "Initech LLC: we have your question and will answer it today. Reply STOP to end.",
    "sample2": "Initech LLC: your printer is repaired. Reply HELP for help, STOP to end.",
    "optin_message": "Initech LLC: you are subscribed to customer care texts. Reply STOP to end.",
    "optout_message": "Initech LLC: you are unsubscribed and will get no more messages from us.",
    "help_message": "Initech LLC: write to help@initech.example.com for help. Reply STOP to end.",
    **{name: name.startswith("subscriber_") for name in FLAGS},
}
NUMBERS = [f"131255501{ending}" for ending in range(10, 90)]


def make(sandbox: Sandbox) -> dict[str, Any]:
    """A registered brand, a campaign on it and two numbers; answers their ids."""

    def done(endpoint: Callable[[Call], Any], fields: dict[str, Any], *ids: str) -> dict[str, Any]:
        call = Call(sandbox, sandbox.main_account, endpoint.__name__, fields, {}, ids, Story())
        _, answer = endpoint(call)
        return dict(answer)

    def through(kind: str, object_id: str) -> None:
        life.forget_turns(sandbox.state, object_id)
        life.settle(sandbox.state, kind, object_id, life.LAST_WORDS[kind][0])

    taken = {link["number"] for link in sandbox.state.links.rows()}
    numbers = [number for number in NUMBERS if number not in taken][:2]
    if len(numbers) < 2:
        raise ValueError("there are no numbers left")
    profile_uuid = done(create_profile, PROFILE)["profile_uuid"]
    brand = {"brand_alias": "Initech", "brand_type": "STANDARD", "profile_uuid": profile_uuid}
    brand_id = done(create_brand, brand)["brand_id"]
    through("brand", brand_id)
    campaign_id = done(create_campaign, {**CAMPAIGN, "brand_id": brand_id})["campaign_id"]
    through("campaign", campaign_id)
    done(link_numbers, {"numbers": numbers}, campaign_id)
    for number in numbers:
        through("number_linking", f"{campaign_id}/{number}")
    return {"brand_id": brand_id, "campaign_id": campaign_id, "numbers": numbers}
