"""Who sends, as the registry knows it: brands, each made of one profile."""

from __future__ import annotations

from typing import Any

from registrations.plivo.sandbox import life, validation
from registrations.plivo.sandbox.calls import Call, Refusal, public
from registrations.plivo.sandbox.state import Document

UNKNOWN = "Brand not found."
# In US dollars (https://www.plivo.com/docs/messaging/a2p-10dlc/quickstart).
REGISTRATION_FEE, VETTING_FEE = "4.50", "41.50"

OF_PROFILE = (
    "entity_type",
    "company_name",
    "ein",
    "ein_issuing_country",
    "vertical",
    "website",
    "stock_symbol",
    "stock_exchange",
    "alt_business_id",
    "alt_business_id_type",
    "address",
    "authorized_contact",
)


def create_brand(call: Call) -> tuple[int, dict[str, Any]]:
    fields = call.fields
    validation.brand(fields)
    profile = call.state.profiles.get(fields["profile_uuid"])
    if profile is None or profile["_account"] != call.account:
        raise Refusal("Profile not found.")
    if call.story.refused:
        raise Refusal("company_name is not acceptable")
    if not profile.get("ein"):
        raise Refusal("brand_type STANDARD needs a profile with an ein")
    if any(row["profile_uuid"] == fields["profile_uuid"] for row in call.state.brands.rows()):
        raise Refusal("A brand is already registered with this profile_uuid")
    brand_id = call.sandbox.new_id("B", call.state.brands)
    vetting = fields.get("secondary_vetting", True)
    call.state.brands.put(
        brand_id,
        {
            "brand_id": brand_id,
            "brand_alias": fields["brand_alias"],
            "brand_type": fields["brand_type"],
            "profile_uuid": fields["profile_uuid"],
            "registration_status": "PROCESSING",
            "created_at": call.sandbox.timestamp(),
            "_account": call.account,
            "_vetting": vetting,
        },
    )
    call.sandbox.bill(call, fields["brand_alias"], REGISTRATION_FEE, brand_id)
    if vetting:
        call.sandbox.bill(
            call, fields["brand_alias"], VETTING_FEE, brand_id, operation="secondary_vetting"
        )
    life.begin(call, "brand", brand_id)
    return 200, {
        "brand_id": brand_id,
        "message": "Request to create brand was received and is being processed.",
    }


def list_brands(call: Call) -> tuple[int, dict[str, Any]]:
    status = call.query.get("registration_status", call.query.get("status", ""))
    rows = [
        _with_profile(call, row)
        for row in call.mine(call.state.brands)
        if row["brand_type"] == call.query.get("type", row["brand_type"])
        and status.upper() in ("", row["registration_status"])
    ]
    return 200, call.page("/10dlc/Brand/", "brands", rows)


def get_brand(call: Call) -> tuple[int, dict[str, Any]]:
    row = call.get(call.state.brands, call.ids[0], UNKNOWN)
    return 200, {"brand": public(_with_profile(call, row))}


def brand_usecases(call: Call) -> tuple[int, dict[str, Any]]:
    call.get(call.state.brands, call.ids[0], UNKNOWN)
    codes = [*validation.BASE_USE_CASES, "MIXED", "LOW_VOLUME"]
    rows = [
        {"name": code.replace("_", " ").title(), "code": code, "details": f"{code} messages"}
        for code in codes
    ]
    return 200, {"brand_id": call.ids[0], "use_cases": rows}


def delete_brand(call: Call) -> tuple[int, dict[str, Any]]:
    brand_id = call.ids[0]
    call.get(call.state.brands, brand_id, UNKNOWN)
    if any(
        row["brand_id"] == brand_id and row["registration_status"] in ("ACTIVE", "PROCESSING")
        for row in call.state.campaigns.rows()
    ):
        raise Refusal("The brand has active campaigns")
    call.state.brands.drop(brand_id)
    return 200, {"message": "Brand Deactivated", "brand_id": brand_id}


def _with_profile(call: Call, brand: Document) -> Document:
    profile = call.state.profiles.get(brand["profile_uuid"]) or {}
    return {**{name: profile[name] for name in OF_PROFILE if name in profile}, **brand}
