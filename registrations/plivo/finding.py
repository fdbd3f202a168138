"""Finding at Plivo what one of our requests made there.

Plivo takes no idempotency key. So before each create, and whenever an answer was lost, we look for
the traces a request leaves: our alias code, the profile's uuid, a new id, the number's own row.
Every function reads all pages and answers the object's id, or "" when there is no trace of it.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings

from registrations.models import Operation, PlivoAccount, State, Submission
from registrations.plivo.client import NotFound, PlivoClient


def client_for(
    account: PlivoAccount, *, patience: float | None = None, until: float = math.inf
) -> PlivoClient:
    """A client that signs in with the account's newest live token.

    With `patience`, no call waits longer than so many seconds: for calls that nothing depends on.
    With `until`, a moment of the monotonic clock, no call is begun after it.
    Raises LookupError if every token of the account has been retired.
    """
    tokens = account.live_tokens()
    if not tokens:
        raise LookupError(f"Plivo account {account.auth_id} has no live token: add one.")
    return PlivoClient(
        account.auth_id,
        tokens[0],
        base_url=settings.PLIVO_API_URL,
        connect_seconds=min(settings.HTTP_CONNECT_SECONDS, patience or math.inf),
        read_seconds=min(settings.HTTP_READ_SECONDS, patience or math.inf),
        until=until,
    )


def find(client: PlivoClient, submission: Submission) -> str:
    """The Plivo id (for a link: the number) that shows that this request took effect, or ""."""
    return _FINDERS[Operation(submission.operation)](client, submission)


def find_profile(client: PlivoClient, submission: Submission) -> str:
    for profile in client.list_profiles():
        if _is_ours(profile.get("profile_alias"), submission):
            return str(profile["profile_uuid"])
    return ""


def campaign_ids(client: PlivoClient, submission: Submission) -> list[str]:
    """Every campaign the brand has at Plivo now: the picture before ours is made."""
    brand_id = submission.campaign.brand.plivo_id
    return sorted(str(row["campaign_id"]) for row in client.list_campaigns(brand_id=brand_id))


def _find_brand(client: PlivoClient, submission: Submission) -> str:
    profile_uuid = submission.brand.profile_uuid
    for brand in client.list_brands():
        same_profile = profile_uuid and brand.get("profile_uuid") == profile_uuid
        if same_profile or _is_ours(brand.get("brand_alias"), submission):
            return str(brand["brand_id"])
    return ""


def _find_campaign(client: PlivoClient, submission: Submission) -> str:
    rows = client.list_campaigns(brand_id=submission.campaign.brand.plivo_id)
    nameless = []
    for row in rows:
        campaign_id = str(row["campaign_id"])
        if campaign_id in submission.plivo_ids_before:
            continue
        # List rows may come without the alias; the object itself has it.
        alias = row.get("campaign_alias") or client.get_campaign(campaign_id).get("campaign_alias")
        if _is_ours(alias, submission):
            return campaign_id
        if not alias:
            nameless.append(row)
    # Only one campaign of a brand is asked for at a time, so a single new one of our use case,
    # which carries no name at all, can only be ours.
    usecase = submission.payload["campaign"]["usecase"]
    same = [row for row in nameless if row.get("usecase") == usecase]
    was_called = submission.state in (State.UNKNOWN, State.ACCEPTED)
    return str(same[0]["campaign_id"]) if was_called and len(same) == 1 else ""


def _find_update(client: PlivoClient, submission: Submission) -> str:
    campaign_id = submission.payload["campaign_id"]
    there = client.get_campaign(campaign_id)
    changes = submission.payload["changes"]
    return campaign_id if all(there.get(name) == text for name, text in changes.items()) else ""


def _find_link(client: PlivoClient, submission: Submission) -> str:
    row = _number_row(client, submission)
    # A failed link is not the one we are asking for now.
    return row["number"] if row and str(row.get("status", "")).upper() != "FAILED" else ""


def _find_unlink(client: PlivoClient, submission: Submission) -> str:
    return "" if _number_row(client, submission) else submission.number_link.number


def _number_row(client: PlivoClient, submission: Submission) -> dict[str, Any] | None:
    link = submission.number_link
    return client.campaign_number(link.campaign.plivo_id, link.number)


def _find_deactivation(client: PlivoClient, submission: Submission) -> str:
    plivo_id = submission.payload["plivo_id"]
    read = client.get_brand if submission.brand_id else client.get_campaign
    try:
        read(plivo_id)
    except NotFound:
        return plivo_id
    return ""


def _is_ours(alias: Any, submission: Submission) -> bool:
    return f"({submission.alias_code})" in str(alias or "")


_FINDERS = {
    Operation.REGISTER_BRAND: _find_brand,
    Operation.REGISTER_CAMPAIGN: _find_campaign,
    Operation.UPDATE_CAMPAIGN: _find_update,
    Operation.LINK_NUMBER: _find_link,
    Operation.UNLINK_NUMBER: _find_unlink,
    Operation.DEACTIVATE_CAMPAIGN: _find_deactivation,
    Operation.DEACTIVATE_BRAND: _find_deactivation,
}
