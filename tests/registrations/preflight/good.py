"""A brand and a campaign with which nothing is wrong, to be spoilt one field at a time."""

from django.utils import timezone

from registrations.lifecycle import Status
from registrations.models import Brand, Campaign, NumberLink
from registrations.models.registration import random_code

BRAND = {
    "name": "Northwind Coffee",
    "entity_type": "PRIVATE",
    "company_name": "Northwind Coffee Roasters LLC",
    "ein": "36-2947581",
    "vertical": "RETAIL",
    "website": "https://northwindcoffee.com",
    "street": "12 Harbor Street",
    "city": "Portland",
    "state": "OR",
    "postal_code": "97201",
    "contact_first_name": "Alice",
    "contact_last_name": "Moreno",
    "contact_email": "alice@northwindcoffee.com",
    "contact_phone": "+15032281234",
}
REGISTERED = {"status": Status.REGISTERED, "confirmed_status": Status.REGISTERED}
CAMPAIGN = {
    "name": "Orders",
    "vertical": "RETAIL",
    "usecase": "ACCOUNT_NOTIFICATION",
    "description": "Northwind Coffee Roasters tells its customers by text when an order of beans "
    "is confirmed, roasted and ready to be collected, so that nobody comes in vain.",
    "message_flow": "Customers of Northwind Coffee place an order at "
    'https://northwindcoffee.com/order and may tick an empty box that reads: "I agree to receive '
    "order updates by text from Northwind Coffee. Message frequency varies. Message and data rates "
    'may apply. Reply STOP to opt out or HELP for help." The privacy policy and the terms are '
    "linked beside it.",
    "sample1": "Northwind Coffee: your order 4821 was roasted this morning and can be collected. "
    "Reply STOP to opt out.",
    "sample2": "Northwind Coffee: we received your order 4822 for two bags of Harbor Blend. Reply "
    "STOP to opt out.",
    "optin_message": "Northwind Coffee: you are signed up for order updates. Message frequency "
    "varies. Message and data rates may apply. Reply HELP for help, STOP to opt out.",
    "optout_message": "Northwind Coffee: you have opted out and will receive no further messages. "
    "Reply START to rejoin.",
    "help_message": "Northwind Coffee: for help call 503-228-1234 or write to "
    "help@northwindcoffee.com. Reply STOP to opt out.",
    "optin_keywords": "START,YES",
    "subscriber_optin": True,
    "subscriber_optout": True,
    "subscriber_help": True,
    "privacy_policy_link": "https://northwindcoffee.com/privacy",
    "terms_and_conditions_link": "https://northwindcoffee.com/terms",
}


def brand(**changes):
    return Brand(**BRAND | changes)


def registered_brand(**changes):
    return brand(
        **{"plivo_id": f"B{random_code(6)}", "confirmed_at": timezone.now()} | REGISTERED | changes
    )


def campaign(**changes):
    """A campaign of a registered brand. `brand__website="…"` changes a field of the brand."""
    of_the_brand = {
        name.removeprefix("brand__"): changes.pop(name)
        for name in list(changes)
        if name.startswith("brand__")
    }
    changes.setdefault("brand", registered_brand(**of_the_brand))
    return Campaign(**CAMPAIGN | changes)


def number_link(**changes):
    return NumberLink(**{"number": "14155550100"} | changes)


def with_more(field, text):
    """The good campaign's text and something after it."""
    return {field: f"{CAMPAIGN[field]} {text}"}


def without(field, text):
    """The good campaign's text, less a part of it."""
    assert text in CAMPAIGN[field]
    return {field: CAMPAIGN[field].replace(text, "")}
