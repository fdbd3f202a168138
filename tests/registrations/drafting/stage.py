"""A draft on the stage: its steps, what a browser sends, and what a page shows."""

import re

from registrations.models import Brand
from tests.conftest import BRAND, CAMPAIGN

BRAND_STEPS = {
    "start": ["name", "customer_type", "entity_type"],
    "company": ["company_name", "doing_business_as", "ein", "ein_issuing_country", "vertical",
                "website"],
    "address": ["street", "city", "state", "postal_code", "country"],
    "person": ["contact_first_name", "contact_last_name", "contact_title", "contact_seniority",
               "contact_email", "contact_phone"],
    "extras": ["secondary_vetting", "alt_business_id_type", "alt_business_id", "plivo_subaccount"],
}  # fmt: skip
CAMPAIGN_STEPS = {
    "start": ["name", "brand"],
    "purpose": ["usecase", "sub_usecases", "vertical", "description"],
    "samples": ["sample1", "sample2", "sample3", "sample4", "sample5"],
    "consent": ["message_flow", "subscriber_optin", "optin_message", "optin_keywords"],
    "replies": ["subscriber_optout", "optout_message", "optout_keywords", "subscriber_help",
                "help_message", "help_keywords"],
    "holds": ["embedded_link", "embedded_phone", "age_gated", "direct_lending",
              "affiliate_marketing", "privacy_policy_link", "terms_and_conditions_link",
              "reseller_id"],
}  # fmt: skip
WHOLE_BRAND = {**BRAND, "customer_type": "DIRECT", "country": "US", "ein_issuing_country": "US"}
WHOLE_CAMPAIGN = {**CAMPAIGN, "optout_keywords": "STOP", "help_keywords": "HELP"}
FIRST_BRAND = {"name": "Acme", "customer_type": "DIRECT", "entity_type": "PRIVATE"}
# With this header a page saves by itself, and gets the changed pieces of itself.
AUTOSAVE = {"HX-Request": "true"}


def step_of(registration, slug):
    section = "brands" if isinstance(registration, Brand) else "campaigns"
    return f"/{section}/{registration.reference}/edit/{slug}/"


def as_posted(values):
    """What a browser sends of these values: a ticked box is "on", an unticked one is not sent."""
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value not in (False, None)
    }


def fields_in(page):
    return set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page))


def seen_in(page):
    return re.search(r'name="seen" value="([^"]*)"', page).group(1)


def read(registration):
    return type(registration).objects.get(pk=registration.pk)
