"""What the API refuses: missing fields, values outside the lists, short texts, wrong types.

Fields, lists and lengths are those of Plivo's API pages
(https://www.plivo.com/docs/messaging/api/10dlc/overview); the wording of most errors is not
published and is the sandbox's own.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from registrations.plivo.sandbox.calls import Refusal

Fields = dict[str, Any]

CUSTOMER_TYPES = ("DIRECT", "RESELLER")
ENTITY_TYPES = ("PRIVATE", "PUBLIC", "NON_PROFIT", "GOVERNMENT", "INDIVIDUAL")
VERTICALS = (
    "PROFESSIONAL",
    "REAL_ESTATE",
    "HEALTHCARE",
    "HUMAN_RESOURCES",
    "ENERGY",
    "ENTERTAINMENT",
    "RETAIL",
    "TRANSPORTATION",
    "AGRICULTURE",
    "INSURANCE",
    "POSTAL",
    "EDUCATION",
    "HOSPITALITY",
    "FINANCIAL",
    "POLITICAL",
    "GAMBLING",
    "LEGAL",
    "CONSTRUCTION",
    "NGO",
    "MANUFACTURING",
    "GOVERNMENT",
    "TECHNOLOGY",
    "COMMUNICATION",
)
STOCK_EXCHANGES = (
    "NASDAQ",
    "NYSE",
    "AMEX",
    "AMX",
    "ASX",
    "B3",
    "BME",
    "BSE",
    "FRA",
    "ICEX",
    "JPX",
    "JSE",
    "KRX",
    "LON",
    "NSE",
    "OMX",
    "SEHK",
    "SGX",
    "SSE",
    "STO",
    "SWX",
    "SZSE",
    "TSX",
    "TWSE",
    "VSE",
    "OTHER",
)
ALT_BUSINESS_ID_TYPES = ("DUNS", "LEI", "GIIN", "NONE")
BASE_USE_CASES = (
    "2FA",
    "ACCOUNT_NOTIFICATION",
    "CUSTOMER_CARE",
    "DELIVERY_NOTIFICATION",
    "FRAUD_ALERT",
    "HIGHER_EDUCATION",
    "MARKETING",
    "POLLING_VOTING",
    "PUBLIC_SERVICE_ANNOUNCEMENT",
    "SECURITY_ALERT",
)
COMPOUND_USE_CASES = ("MIXED", "LOW_VOLUME", "STARTER")

# field → most characters
PROFILE_TEXTS = {
    "profile_alias": 255,
    "customer_type": 20,
    "entity_type": 20,
    "company_name": 100,
    "ein": 100,
    "ein_issuing_country": 2,
    "vertical": 50,
    "website": 100,
    "stock_symbol": 10,
    "stock_exchange": 10,
    "alt_business_id": 50,
    "alt_business_id_type": 10,
    "plivo_subaccount": 20,
    "business_contact_email": 255,
    "doing_business_as": 100,
}
ADDRESS = {"street": 100, "city": 100, "state": 20, "postal_code": 10, "country": 2}
CONTACT = {
    "first_name": 100,
    "last_name": 100,
    "email": 100,
    "phone": 16,
    "title": 100,
    "seniority": 100,
}
PROFILE_FIXED = ("profile_alias", "customer_type", "stock_symbol", "stock_exchange")

# field → least characters
CAMPAIGN_TEXTS = {
    "campaign_alias": 1,
    "description": 40,
    "message_flow": 40,
    "sample1": 20,
    "sample2": 20,
    "sample3": 20,
    "sample4": 20,
    "sample5": 20,
    "help_message": 20,
    "optout_message": 20,
    "optin_message": 20,
    "optin_keywords": 1,
    "optout_keywords": 1,
    "help_keywords": 1,
    "reseller_id": 1,
    "terms_and_conditions_link": 1,
    "privacy_policy_link": 1,
}
FLAGS = (
    "embedded_link",
    "embedded_phone",
    "age_gated",
    "direct_lending",
    "subscriber_optin",
    "subscriber_optout",
    "subscriber_help",
    "affiliate_marketing",
)

TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
WITHOUT_SMS = "14155550189"


def demand(fields: Fields, *names: str) -> None:
    for name in names:
        if fields.get(name) in (None, "", [], {}):
            raise Refusal(f"{name} is required")


def strings(fields: Fields, *names: str) -> None:
    for name in names:
        if not isinstance(fields.get(name, ""), str):
            raise Refusal(f"{name} must be a string")


def one_of(fields: Fields, name: str, values: tuple[str, ...]) -> None:
    if name in fields and fields[name] not in values:
        raise Refusal(f"{name} must be one of {', '.join(values)}")


def call_back_address(fields: Fields) -> None:
    """`url` and `method`, as every request that is told about later takes them."""
    if "url" in fields and not is_url(fields["url"]):
        raise Refusal("url is not a valid URL")
    one_of(fields, "method", ("GET", "POST"))


def is_url(text: Any) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, TypeError, AttributeError):
        return False


def profile(fields: Fields) -> None:
    demand(fields, "profile_alias", "customer_type", "entity_type", "company_name", "vertical")
    demand(fields, "address", "authorized_contact")
    profile_values(fields)
    if fields["entity_type"] != "INDIVIDUAL":
        demand(fields, "ein", "ein_issuing_country")
    if fields["entity_type"] == "PUBLIC":
        demand(fields, "stock_symbol", "stock_exchange")


def profile_values(fields: Fields) -> None:
    """The fields that are given; an update gives only some."""
    _texts(fields, PROFILE_TEXTS)
    one_of(fields, "customer_type", CUSTOMER_TYPES)
    one_of(fields, "entity_type", ENTITY_TYPES)
    one_of(fields, "vertical", VERTICALS)
    one_of(fields, "stock_exchange", STOCK_EXCHANGES)
    one_of(fields, "alt_business_id_type", ALT_BUSINESS_ID_TYPES)
    for name, limits, needed in (
        ("address", ADDRESS, tuple(ADDRESS)),
        ("authorized_contact", CONTACT, ("first_name", "last_name", "email", "phone")),
    ):
        if name in fields:
            if not isinstance(fields[name], dict):
                raise Refusal(f"{name} must be an object")
            demand(fields[name], *needed)
            _texts(fields[name], limits)


def brand(fields: Fields) -> None:
    demand(fields, "profile_uuid", "brand_alias")
    strings(fields, "profile_uuid", "brand_alias", "brand_type")
    # Plivo's default is a product that it has paused.
    if fields.get("brand_type", "STARTER") == "STARTER":
        raise Refusal("brand_type STARTER is not available")
    one_of(fields, "brand_type", ("STANDARD",))
    if not isinstance(fields.get("secondary_vetting", True), bool):
        raise Refusal("secondary_vetting must be true or false")
    call_back_address(fields)


def campaign(fields: Fields) -> None:
    demand(fields, "brand_id", "campaign_alias", "vertical", "usecase", "description")
    demand(fields, "sample1", "sample2", "message_flow", "help_message", "optout_message")
    strings(fields, "brand_id")
    one_of(fields, "vertical", VERTICALS)
    one_of(fields, "usecase", BASE_USE_CASES + COMPOUND_USE_CASES)
    campaign_texts(fields)
    demand_flags(fields)
    sub_usecases(fields)
    call_back_address(fields)


def campaign_texts(fields: Fields) -> None:
    strings(fields, *CAMPAIGN_TEXTS)
    for name, least in CAMPAIGN_TEXTS.items():
        if name in fields:
            if len(fields[name]) < least:
                raise Refusal(f"{name} must have at least {least} characters")


def demand_flags(fields: Fields) -> None:
    for name in FLAGS:
        if name not in fields:
            raise Refusal(f"{name} is required")
        if not isinstance(fields[name], bool):
            raise Refusal(f"{name} must be true or false")


def sub_usecases(fields: Fields) -> None:
    given = fields.get("sub_usecases") or []
    if fields["usecase"] not in COMPOUND_USE_CASES:
        if given:
            raise Refusal(f"sub_usecases are not allowed with usecase {fields['usecase']}")
        return
    if not isinstance(given, list) or not 2 <= len(given) <= 5:
        raise Refusal("sub_usecases must hold 2 to 5 use cases")
    for code in given:
        if code not in BASE_USE_CASES:
            raise Refusal(f"sub_usecases must be of {', '.join(BASE_USE_CASES)}")


def owns(number: str) -> bool:
    """The account owns every US number that is kept for fiction: 1 NXX 555 01XX."""
    return re.fullmatch(r"1[2-9]\d\d55501\d\d", number, re.ASCII) is not None


def may_be_linked(number: str) -> bool:
    return owns(number) and number[1:4] not in TOLL_FREE and number != WITHOUT_SMS


def _texts(fields: Fields, limits: dict[str, int]) -> None:
    strings(fields, *limits)
    for name, most in limits.items():
        if len(fields.get(name, "")) > most:
            raise Refusal(f"{name} must have at most {most} characters")
