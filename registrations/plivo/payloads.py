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
from registrations.plivo.fields import (
    ADDRESS_FIELDS,
    CAMPAIGN_FLAGS,
    CAMPAIGN_TEXTS,
    CONTACT_FIELDS,
    PROFILE_FIELDS,
    campaign_told,
)

# What says which campaign it is: with another one of these it is another campaign.
FIXED_FIELDS = ("brand_id", *Campaign.UNCHANGEABLE)


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
    """The campaign's fields as our accepted requests have left them at Plivo.

    One that was adopted was made by no request of ours: there it begins with what Plivo tells.
    """
    fields = campaign_fields_looked_up(campaign)
    accepted = campaign.submissions.filter(state="accepted").order_by("generation")
    for submission in accepted:
        if submission.operation == Operation.REGISTER_CAMPAIGN:
            fields = dict(submission.payload["campaign"])
        elif submission.operation == Operation.UPDATE_CAMPAIGN:
            fields |= submission.payload["changes"]
    return fields


def campaign_fields_looked_up(campaign: Campaign) -> dict[str, Any]:
    """The campaign's fields as the last look-up told them; none if it did not find the campaign."""
    there = campaign.last_lookup
    if not isinstance(there, dict) or set(there) <= {"error"}:
        return {}
    if there.get("campaign_id", campaign.plivo_id) != campaign.plivo_id:
        return {}
    brand_id = {"brand_id": there["brand_id"]} if there.get("brand_id") else {}
    return {**brand_id, **campaign_told(there).fields}


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
    return bool(changes_of_what_is_fixed(known, campaign_payload(campaign)["campaign"]))


def changes_of_what_is_fixed(known: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """The fields that no update can carry and that differ from what Plivo has.

    What Plivo does not tell of a campaign that was adopted is not known to differ.
    """
    return [name for name in FIXED_FIELDS if name in known and known[name] != wanted.get(name)]


def alias_of(submission: Submission) -> str:
    """The label Plivo keeps for us: a name for people and a code that is this request's alone."""
    return f"{submission.payload['alias']} ({submission.alias_code})"
