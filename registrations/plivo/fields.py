"""The names of Plivo's fields, and what it tells in them, as fields of our rows.

This is the way back from `payloads`. Plivo leaves out what it likes, and what was made elsewhere
may hold what fits no field here. Such a value is not bent until it fits: it is left out, and said
to be (https://www.plivo.com/docs/messaging/api/10dlc/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registrations.models import Brand, Campaign
from registrations.models.choices import SUB_USE_CASES

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

# The end of every alias that we gave: "Acme (k3v9t0qz)".
_CODE = re.compile(r"\s*\(([0-9a-z]{8})\)\s*$")
EIN_DIGITS = 9


@dataclass(frozen=True)
class Told:
    """The fields that Plivo tells and that fit; `unfit` names those that it tells and do not."""

    fields: dict[str, Any] = field(default_factory=dict)
    unfit: list[str] = field(default_factory=list)


def code_in(alias: Any) -> str:
    """The alias code that one of our requests may have put there, or ""."""
    found = _CODE.search(str(alias or ""))
    return found[1] if found else ""


def name_in(alias: Any, otherwise: str) -> str:
    """The alias as the name of a registration: without a code, and no longer than a name is."""
    bare = _CODE.sub("", str(alias or "")).strip() or otherwise
    most = Brand._meta.get_field("name").max_length or len(bare)
    return bare if len(bare) <= most else f"{bare[: most - 1]}…"


def brand_told(brand: Mapping[str, Any], profile: Mapping[str, Any]) -> Told:
    """A brand with its profile. Where both tell something, the brand's is what is registered."""
    both = {**profile, **{name: value for name, value in brand.items() if _is_told(value)}}
    ein = both.get("ein")
    if isinstance(ein, int):
        # As a number it has lost the noughts at its beginning.
        both["ein"] = f"{ein:0{EIN_DIGITS}d}"
    if not _is_told(both.get("company_name")):
        both["company_name"] = brand.get("name")
    flat = {name: both.get(name) for name in (*PROFILE_FIELDS, "ein", "ein_issuing_country")}
    address, contact = _object(both, "address"), _object(both, "authorized_contact")
    flat |= {name: address.get(name) for name in ADDRESS_FIELDS}
    flat |= {f"contact_{name}": contact.get(name) for name in CONTACT_FIELDS}
    return _fitted(Brand, flat)


def campaign_told(campaign: Mapping[str, Any]) -> Told:
    """A campaign. What an older object lacks (one of the flags, say) is not told."""
    flat = {name: campaign.get(name) for name in ("vertical", "usecase", *CAMPAIGN_TEXTS)}
    told = _fitted(Campaign, flat)
    kinds = list(_codes(campaign.get("sub_usecases") or campaign.get("sub_usecase")))
    if kinds:
        fits = set(kinds) <= {code for code, _ in SUB_USE_CASES}
        told.fields["sub_usecases"] = kinds
        told.unfit.extend([] if fits else ["sub_usecases"])
    attributes = {**campaign, **_object(campaign, "campaign_attributes")}
    for name in CAMPAIGN_FLAGS:
        if _is_told(attributes.get(name)):
            told.fields[name] = str(attributes[name]).strip().lower() in ("true", "1", "yes")
    return told


def _fitted(model: type[Brand] | type[Campaign], flat: Mapping[str, Any]) -> Told:
    told = Told()
    for name, value in flat.items():
        if not _is_told(value):
            continue
        fitting = _fitting(model._meta.get_field(name), str(value).strip())
        if fitting:
            told.fields[name] = fitting
        else:
            told.unfit.append(name)
    return told


def _fitting(column: Any, text: str) -> str:
    """The text as the column holds it, or "" if it does not fit."""
    if column.choices:
        return next((code for code, _ in column.flatchoices if code == text.upper()), "")
    if column.max_length and len(text) > column.max_length:
        return ""
    return text.upper() if column.name.endswith("country") else text


def _is_told(value: Any) -> bool:
    return value not in (None, [], {}) and bool(str(value).strip())


def _object(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, Mapping) else {}


def _codes(given: Any) -> Iterator[str]:
    """Plivo gives several codes as a list, or as one text with commas."""
    parts = given if isinstance(given, list) else str(given or "").split(",")
    yield from (code for part in parts if (code := str(part).strip().upper()))
