"""Which numbers send for which campaign, and the numbers of the account."""

from __future__ import annotations

from collections import Counter
from typing import Any

from registrations.plivo.sandbox import life, validation
from registrations.plivo.sandbox.calls import Call, Refusal
from registrations.plivo.sandbox.cards import NUMBER_ENDINGS, story_of_number
from registrations.plivo.sandbox.endpoints.campaigns import UNKNOWN
from registrations.plivo.sandbox.state import Document

# What the list of the account's numbers shows; every other number for fiction is owned as well.
LISTED = (
    *(f"141555501{ending:02}" for ending in range(50)),
    validation.WITHOUT_SMS,
    *(f"141555501{ending}" for ending in NUMBER_ENDINGS),
    "18005550100",
)

# The words of the filter are not those of the rows.
ROW_WORD = {"unregistered": "UNREGISTERED", "in_progress": "PROCESSING", "registered": "COMPLETED"}


def link_numbers(call: Call) -> tuple[int, dict[str, Any]]:
    campaign_id = call.ids[0]
    campaign = call.get(call.state.campaigns, campaign_id, UNKNOWN)
    validation.call_back_address(call.fields)
    numbers = call.fields.get("numbers")
    if not isinstance(numbers, list) or not numbers:
        raise Refusal("numbers is required")
    if campaign["registration_status"] != "ACTIVE":
        raise Refusal("The campaign is not active")
    # Whether Plivo links the good numbers beside a bad one is not known; here it is all or none.
    for number in numbers:
        refused = story_of_number("number_linking", campaign_id, str(number)).refused
        if refused or not isinstance(number, str) or not validation.may_be_linked(number):
            raise Refusal(f"The number {number} is not a valid number")
        if any(
            row["number"] == number and row["status"] != "FAILED" for row in call.state.links.rows()
        ):
            raise Refusal(f"The number {number} is already requested for linking")
    limit = call.state.settings["number_pool_limit"]
    held = {row["number"] for row in _links(call, campaign_id)} | set(numbers)
    if len(held) > limit:
        raise Refusal(f"The campaign has reached its limit of {limit} numbers")
    for number in dict.fromkeys(numbers):
        key = f"{campaign_id}/{number}"
        call.state.links.put(
            key,
            {
                "number": number,
                "status": "PROCESSING",
                "_campaign": campaign_id,
                "_account": call.account,
            },
        )
        story = story_of_number("number_linking", campaign_id, number)
        life.begin(call, "number_linking", key, story)
    return call.state.settings["link_status"], {
        "message": f"Request to link {', '.join(numbers)} to campaign {campaign_id} "
        "was received and is being processed"
    }


def campaign_numbers(call: Call) -> tuple[int, dict[str, Any]]:
    campaign = call.get(call.state.campaigns, call.ids[0], UNKNOWN)
    links = _links(call, call.ids[0])
    body = call.page(f"/10dlc/Campaign/{call.ids[0]}/Number/", "phone_numbers", links)
    return 200, _numbers_of(call, campaign, body["phone_numbers"], links)


def campaign_number(call: Call) -> tuple[int, dict[str, Any]]:
    campaign_id, number = call.ids
    campaign = call.get(call.state.campaigns, campaign_id, UNKNOWN)
    link = _link(call, campaign_id, number)
    rows = [{"number": number, "status": link["status"]}]
    return 200, _numbers_of(call, campaign, rows, rows)


def unlink_number(call: Call) -> tuple[int, dict[str, Any]]:
    campaign_id, number = call.ids
    call.get(call.state.campaigns, campaign_id, UNKNOWN)
    _link(call, campaign_id, number)
    validation.call_back_address(call.fields)
    life.begin(call, "number_unlinking", f"{campaign_id}/{number}")
    return 202, {
        "message": f"Request to unlink {number} from campaign {campaign_id} "
        "was received and is being processed"
    }


def account_numbers(call: Call) -> tuple[int, dict[str, Any]]:
    linked = (row["number"] for row in call.state.links.rows())
    rows = [_own(call, number) for number in dict.fromkeys((*LISTED, *linked))]
    query = call.query
    asked = ROW_WORD.get(query.get("tendlc_registration_status", ""))
    rows = [
        row
        for row in rows
        if row["number"].startswith(query.get("number_startswith", ""))
        and row["number_type"] == query.get("type", row["number_type"])
        and row["alias"] == query.get("alias", row["alias"])
        and query.get("subaccount", row["sub_account"]) == row["sub_account"]
        and row["tendlc_campaign_id"] == query.get("tendlc_campaign_id", row["tendlc_campaign_id"])
        and asked in (None, row["tendlc_registration_status"])
        and all(row[f"{service}_enabled"] for service in _services(query))
    ]
    return 200, call.page("/Number/", "objects", rows)


def account_number(call: Call) -> tuple[int, dict[str, Any]]:
    if not validation.owns(call.ids[0]):
        raise Refusal("not found", 404)
    return 200, _own(call, call.ids[0])


def _links(call: Call, campaign_id: str) -> list[Document]:
    return [row for row in call.state.links.rows() if row["_campaign"] == campaign_id]


def _link(call: Call, campaign_id: str, number: str) -> Document:
    status = call.state.settings["not_linked_status"]
    link = call.state.links.get(f"{campaign_id}/{number}")
    if link is None:
        raise Refusal(f"The number {number} is not linked to this campaign", status)
    return link


def _numbers_of(
    call: Call, campaign: Document, rows: list[Document], links: list[Document]
) -> dict[str, Any]:
    return {
        "campaign_id": campaign["campaign_id"],
        "campaign_alias": campaign["campaign_alias"],
        "usecase": campaign["usecase"],
        "phone_numbers": rows,
        "phone_numbers_summary": dict(Counter(link["status"] for link in links)),
        "number_pool_limit": call.state.settings["number_pool_limit"],
    }


def _services(query: dict[str, str]) -> list[str]:
    known = ("voice", "sms", "mms")
    return [service for service in query.get("services", "").split(",") if service in known]


def _own(call: Call, number: str) -> Document:
    toll_free = number[1:4] in validation.TOLL_FREE
    sms = number != validation.WITHOUT_SMS
    campaign_id, status = None, "UNREGISTERED"
    for link in call.state.links.rows():
        if link["number"] == number and link["status"] != "FAILED":
            campaign_id, status = link["_campaign"], link["status"]
    return {
        "number": number,
        "alias": "",
        "sub_account": None,
        "number_type": "tollfree" if toll_free else "local",
        "country": "UNITED STATES",
        "region": "UNITED STATES" if toll_free else "California, UNITED STATES",
        "carrier": "Plivo",
        "sms_enabled": sms,
        "mms_enabled": sms,
        "voice_enabled": True,
        "monthly_rental_rate": "0.50000",
        "added_on": "2026-01-01",
        "renewal_date": "2027-01-01",
        "tendlc_campaign_id": campaign_id,
        "tendlc_registration_status": None if toll_free or not sms else status,
    }
