"""What is sent, and how people agreed to it."""

from __future__ import annotations

from typing import Any

from registrations.plivo.sandbox import life, validation
from registrations.plivo.sandbox.calls import Call, Refusal, public

UNKNOWN = "Campaign not found."
# For each submission and each resubmission, in US dollars
# (https://www.plivo.com/docs/messaging/a2p-10dlc/quickstart).
VETTING_FEE = "15.00"

# What an update may not change: a wrong one means a new campaign.
FIXED = ("brand_id", "vertical", "usecase", "sub_usecases", *validation.FLAGS)


def create_campaign(call: Call) -> tuple[int, dict[str, Any]]:
    fields = call.fields
    validation.campaign(fields)
    brand = call.state.brands.get(fields["brand_id"])
    if brand is None or brand["_account"] != call.account:
        raise Refusal("Brand not found.")
    if brand["registration_status"] != "COMPLETED":
        raise Refusal("The brand is not registered")
    if call.story.refused:
        raise Refusal("message_flow is not acceptable")
    campaign_id = call.sandbox.new_id("C", call.state.campaigns)
    call.state.campaigns.put(
        campaign_id,
        {
            "campaign_id": campaign_id,
            "brand_id": fields["brand_id"],
            "usecase": fields["usecase"],
            "sub_usecase": ",".join(fields.get("sub_usecases") or []),
            "vertical": fields["vertical"],
            "registration_status": "PROCESSING",
            "reseller_id": "",
            "campaign_source": "plivo",
            "mno_metadata": {},
            **{name: fields[name] for name in validation.CAMPAIGN_TEXTS if name in fields},
            "campaign_attributes": {name: fields[name] for name in validation.FLAGS},
            "created_at": call.sandbox.timestamp(),
            "_account": call.account,
        },
    )
    call.sandbox.bill(call, fields["campaign_alias"], VETTING_FEE, campaign_id)
    life.begin(call, "campaign", campaign_id)
    return 200, {
        "campaign_id": campaign_id,
        "message": "Request to create campaign was received and is being processed.",
    }


def import_campaign(call: Call) -> tuple[int, dict[str, Any]]:
    validation.demand(call.fields, "campaign_id", "campaign_alias")
    validation.strings(call.fields, "campaign_id", "campaign_alias")
    validation.call_back_address(call.fields)
    campaign_id = call.fields["campaign_id"]
    if campaign_id in call.state.campaigns:
        raise Refusal("The campaign is already imported")
    call.state.campaigns.put(
        campaign_id,
        {
            "campaign_id": campaign_id,
            "campaign_alias": call.fields["campaign_alias"],
            "brand_id": "",
            "usecase": "",
            "sub_usecase": "",
            "registration_status": "PROCESSING",
            "reseller_id": "",
            "campaign_source": "shared",
            "mno_metadata": {},
            "campaign_attributes": {},
            "created_at": call.sandbox.timestamp(),
            "_account": call.account,
        },
    )
    life.begin(call, "campaign", campaign_id)
    return 200, {
        "campaign_id": campaign_id,
        "message": "Request to import campaign was received and is being processed.",
    }


def list_campaigns(call: Call) -> tuple[int, dict[str, Any]]:
    asked = {
        name: call.query[name]
        for name in ("brand_id", "usecase", "registration_status", "campaign_source")
        if name in call.query
    }
    rows = [
        row
        for row in call.mine(call.state.campaigns)
        # Documents write the status as Active, objects as ACTIVE.
        if all(str(row[name]).lower() == value.lower() for name, value in asked.items())
    ]
    if not call.state.settings["campaign_alias_in_lists"]:
        rows = [{name: row[name] for name in row if name != "campaign_alias"} for row in rows]
    return 200, call.page("/10dlc/Campaign/", "campaigns", rows)


def get_campaign(call: Call) -> tuple[int, dict[str, Any]]:
    return 200, {"campaign": public(call.get(call.state.campaigns, call.ids[0], UNKNOWN))}


def update_campaign(call: Call) -> tuple[int, dict[str, Any]]:
    """Texts only, and a new vetting each time. Answers the campaign with the status it had."""
    campaign_id = call.ids[0]
    campaign = call.get(call.state.campaigns, campaign_id, UNKNOWN)
    if campaign["registration_status"] not in ("FAILED", "PROCESSING"):
        raise Refusal("The campaign can be updated only after it has failed")
    for name in FIXED:
        if name in call.fields:
            raise Refusal(f"{name} cannot be updated")
    validation.campaign_texts(call.fields)
    changes = {name: call.fields[name] for name in validation.CAMPAIGN_TEXTS if name in call.fields}
    if not changes:
        raise Refusal("There is nothing to update")
    if call.story.refused:
        raise Refusal("message_flow is not acceptable")
    call.state.campaigns.change(campaign_id, **changes)
    answer = get_campaign(call)
    alias = str(changes.get("campaign_alias", campaign["campaign_alias"]))
    call.sandbox.bill(call, alias, VETTING_FEE, campaign_id)
    life.begin(call, "campaign", campaign_id)
    return answer


def delete_campaign(call: Call) -> tuple[int, dict[str, Any]]:
    campaign_id = call.ids[0]
    call.get(call.state.campaigns, campaign_id, UNKNOWN)
    links = [(key, row) for key, row in call.state.links.items() if row["_campaign"] == campaign_id]
    if any(row["status"] == "PROCESSING" for _, row in links):
        raise Refusal("The campaign has numbers in processing")
    for key, _ in links:
        call.state.links.drop(key)
    call.state.campaigns.drop(campaign_id)
    return 200, {"message": "Campaign Deactivated", "campaign_id": campaign_id}
