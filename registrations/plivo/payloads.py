"""What we send to Plivo, made from our rows.

Only fields that somebody filled in are sent, and only those that count (a stock symbol counts for
public companies only): to Plivo a blank string is a value, and an update with one would wipe what
was there. `brand_type` and `secondary_vetting` always go along, because
Plivo's own defaults are a paused product and a paid service. The field names are those of Plivo's
API pages (https://www.plivo.com/docs/messaging/api/10dlc/).

A payload holds what people wrote and approved. What only belongs to one request (our alias code,
the callback URL, Plivo's ids) is added when it is sent.
"""

from __future__ import annotations

from typing import Any

from registrations.models import Brand, Campaign, NumberLink, Operation, Submission
from registrations.models.conditions import counts

PROFILE_FIELDS = (
    "customer_type",
    "entity_type",
    "company_name",
    "doing_business_as",
    "vertical",
    "website",
    "stock_symbol",
    "stock_exchange",
    "alt_business_id",
    "alt_business_id_type",
    "plivo_subaccount",
    "business_contact_email",
)
ADDRESS_FIELDS = ("street", "city", "state", "postal_code", "country")
CONTACT_FIELDS = ("first_name", "last_name", "email", "phone", "title", "seniority")

CAMPAIGN_TEXTS = (
    "description",
    "message_flow",
    "sample1",
    "sample2",
    "sample3",
    "sample4",
    "sample5",
    "optin_message",
    "optout_message",
    "help_message",
    "optin_keywords",
    "optout_keywords",
    "help_keywords",
    "terms_and_conditions_link",
    "privacy_policy_link",
    "reseller_id",
)
CAMPAIGN_FLAGS = (
    "subscriber_optin",
    "subscriber_optout",
    "subscriber_help",
    "embedded_link",
    "embedded_phone",
    "age_gated",
    "direct_lending",
    "affiliate_marketing",
)


def _filled(source: Any, names: tuple[str, ...], prefix: str = "") -> dict[str, Any]:
    counted = [name for name in names if counts(source, prefix + name)]
    values = {name: getattr(source, prefix + name) for name in counted}
    return {name: str(value) for name, value in values.items() if value}


def brand_payload(brand: Brand) -> dict[str, Any]:
    """The profile and the brand: {"alias": …, "profile": {…}, "brand": {…}}."""
    profile: dict[str, Any] = _filled(brand, PROFILE_FIELDS)
    if brand.ein:
        profile["ein"] = brand.ein_digits
        profile["ein_issuing_country"] = brand.ein_issuing_country
    profile["address"] = _filled(brand, ADDRESS_FIELDS)
    profile["authorized_contact"] = _filled(brand, CONTACT_FIELDS, prefix="contact_")
    return {
        "alias": brand.name,
        "profile": profile,
        "brand": {
            "brand_type": str(brand.brand_type),
            "secondary_vetting": brand.secondary_vetting,
        },
    }


def campaign_payload(campaign: Campaign) -> dict[str, Any]:
    """A whole campaign: {"alias": …, "campaign": {…}}."""
    fields: dict[str, Any] = {
        "brand_id": campaign.brand.plivo_id,
        "vertical": str(campaign.vertical),
        "usecase": str(campaign.usecase),
    }
    if campaign.is_compound:
        fields["sub_usecases"] = list(campaign.sub_usecases)
    fields |= _filled(campaign, CAMPAIGN_TEXTS)
    fields |= {name: getattr(campaign, name) for name in CAMPAIGN_FLAGS}
    return {"alias": campaign.name, "campaign": fields}


def campaign_update_payload(campaign: Campaign, known: dict[str, Any]) -> dict[str, Any]:
    """Only the texts that differ from `known`, the campaign's fields as Plivo last had them."""
    texts = _filled(campaign, CAMPAIGN_TEXTS)
    changed = {name: text for name, text in texts.items() if known.get(name) != text}
    return {"campaign_id": campaign.plivo_id, "changes": changed}


def number_payload(link: NumberLink) -> dict[str, Any]:
    return {"numbers": [link.number]}


def campaign_fields_at_plivo(campaign: Campaign) -> dict[str, Any]:
    """The campaign's fields as our accepted requests have left them at Plivo."""
    fields: dict[str, Any] = {}
    accepted = campaign.submissions.filter(state="accepted").order_by("generation")
    for submission in accepted:
        if submission.operation == Operation.REGISTER_CAMPAIGN:
            fields = dict(submission.payload["campaign"])
        elif submission.operation == Operation.UPDATE_CAMPAIGN:
            fields |= submission.payload["changes"]
    return fields


def payload_for(operation: str, registration: Any) -> dict[str, Any]:
    """What `operation` would send for this registration, as it stands now."""
    match operation:
        case Operation.REGISTER_BRAND:
            return brand_payload(registration)
        case Operation.REGISTER_CAMPAIGN:
            return campaign_payload(registration)
        case Operation.UPDATE_CAMPAIGN:
            return campaign_update_payload(registration, campaign_fields_at_plivo(registration))
        case Operation.LINK_NUMBER | Operation.UNLINK_NUMBER:
            return number_payload(registration)
        case _:
            return {"plivo_id": registration.plivo_id}


def needs_new_campaign(campaign: Campaign) -> bool:
    """Whether an update will not do: nothing at Plivo yet, or an unchangeable field changed."""
    known = campaign_fields_at_plivo(campaign)
    if not campaign.plivo_id or not known:
        return True
    wanted = campaign_payload(campaign)["campaign"]
    fixed = ("brand_id", *Campaign.UNCHANGEABLE)
    return any(known.get(name) != wanted.get(name) for name in fixed)


def alias_of(submission: Submission) -> str:
    """The label Plivo keeps for us: a name for people and a code that is this request's alone."""
    return f"{submission.payload['alias']} ({submission.alias_code})"
