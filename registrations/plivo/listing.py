"""Everything that one account has at Plivo, as Plivo's lists tell it, read while somebody waits.

A list is read whole or not at all: what is missing from half a list would look absent.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone

from registrations.lifecycle import Kind
from registrations.models import PlivoAccount
from registrations.plivo import vocabulary
from registrations.plivo.client import (
    NotFound,
    OutOfTime,
    PlivoClient,
    PlivoTrouble,
    RateLimited,
    Unauthorised,
)
from registrations.plivo.fields import code_in, name_in
from registrations.plivo.finding import client_for

AT_ONCE = 8
# Somebody waits: no single answer may use up the time for all of them.
PATIENCE = 0.5


class CannotAsk(Exception):
    """Plivo could not be asked, or gave no answer that could be relied on; the message says why."""


@dataclass(frozen=True)
class There:
    """One object at Plivo. `status` is our word for Plivo's `word`, "" if it is not known here.

    A number's `plivo_id` is that of its campaign, a slash and its digits, for Plivo gives it none.
    `parent` is what it hangs on: a brand on its profile, a campaign on its brand, a number on its
    campaign.
    """

    kind: Kind
    plivo_id: str
    name: str
    status: str
    word: str
    parent: str
    code: str = ""
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def number(self) -> str:
        return self.plivo_id.rpartition("/")[2]


@dataclass(frozen=True)
class ProfileThere:
    """A profile at Plivo: who a business is, without which no brand can be made."""

    plivo_id: str
    name: str
    code: str
    is_primary: bool


class Listing:
    """Reads the lists of one account, each when it is first asked for, until the time is over.

    Everything raises CannotAsk, but numbers that were not read in time are only left out.
    """

    def __init__(self, account: PlivoAccount, *, seconds: float = math.inf) -> None:
        self.account = account
        self._until = time.monotonic() + seconds
        self._patience = None if math.isinf(seconds) else seconds * PATIENCE

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    @cached_property
    def client(self) -> PlivoClient:
        account = self.account
        if account.hold_until is not None and account.hold_until > timezone.now():
            raise CannotAsk("Plivo asked us to slow down. Try it again in a few minutes.")
        try:
            return client_for(account, patience=self._patience, until=self._until)
        except LookupError as trouble:
            raise CannotAsk(str(trouble)) from trouble

    @cached_property
    def profiles(self) -> dict[str, ProfileThere]:
        rows = self._asked(lambda: self.client.list_profiles())
        return {found.plivo_id: found for found in map(_profile, rows) if found.plivo_id}

    @cached_property
    def brands(self) -> dict[str, There]:
        rows = self._asked(lambda: self.client.list_brands())
        return {found.plivo_id: found for found in map(_brand, rows) if found.plivo_id}

    @cached_property
    def campaigns(self) -> dict[str, There]:
        rows = self._asked(lambda: self.client.list_campaigns())
        return {found.plivo_id: found for found in map(_campaign, rows) if found.plivo_id}

    def numbers(self, campaign_ids: Collection[str]) -> dict[str, dict[str, There]]:
        """The numbers of each of these campaigns by their ids, where there was time to read them.

        Several campaigns at once; no thread touches the database.
        """
        client = self.client
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="listing") as pool:
            lists = pool.map(lambda campaign_id: _numbers(client, campaign_id), campaign_ids)
            read = zip(campaign_ids, self._asked(lambda: list(lists)), strict=True)
            return {campaign_id: found for campaign_id, found in read if found is not None}

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except PlivoTrouble as trouble:
            raise CannotAsk(in_words(trouble)) from trouble


def in_words(trouble: PlivoTrouble) -> str:
    """What hindered us from asking, and what to do about it."""
    match trouble:
        case OutOfTime():
            return "Plivo's lists are too long to be read while you wait. Use manage.py adopt."
        case RateLimited():
            return "Plivo asks us to slow down. Try it again in a few minutes."
        case Unauthorised():
            return f"Plivo does not accept our credentials: {trouble}"
        case _:
            return f"Plivo could not be asked: {trouble}"


def _profile(row: dict[str, Any]) -> ProfileThere:
    alias = row.get("profile_alias")
    plivo_id = str(row.get("profile_uuid") or "")
    return ProfileThere(
        plivo_id=plivo_id,
        name=name_in(alias, str(row.get("company_name") or plivo_id)),
        code=code_in(alias),
        is_primary=str(row.get("profile_type")).upper() == "PRIMARY",
    )


def _brand(row: dict[str, Any]) -> There:
    alias, plivo_id = row.get("brand_alias"), str(row.get("brand_id") or "")
    return There(
        kind=Kind.BRAND,
        plivo_id=plivo_id,
        name=name_in(alias, str(row.get("company_name") or plivo_id)),
        **_standing(Kind.BRAND, row.get("registration_status")),
        parent=str(row.get("profile_uuid") or ""),
        code=code_in(alias),
        raw=row,
    )


def _campaign(row: dict[str, Any]) -> There:
    alias, plivo_id = row.get("campaign_alias"), str(row.get("campaign_id") or "")
    return There(
        kind=Kind.CAMPAIGN,
        plivo_id=plivo_id,
        name=name_in(alias, plivo_id),
        **_standing(Kind.CAMPAIGN, row.get("registration_status")),
        parent=str(row.get("brand_id") or ""),
        code=code_in(alias),
        raw=row,
    )


def _numbers(client: PlivoClient, campaign_id: str) -> dict[str, There] | None:
    """None if there was no time left to read them."""
    try:
        rows = client.campaign_numbers(campaign_id)
    except OutOfTime:
        return None
    except NotFound:
        return {}  # the campaign went away since it was listed
    return {found.plivo_id: found for found in _numbers_in(rows, campaign_id)}


def _numbers_in(rows: list[dict[str, Any]], campaign_id: str) -> Iterator[There]:
    for row in rows:
        digits = re.sub(r"[^0-9]", "", str(row.get("number")))
        yield There(
            kind=Kind.NUMBER_LINK,
            plivo_id=f"{campaign_id}/{digits}",
            name=f"+{digits}",
            **_standing(Kind.NUMBER_LINK, row.get("status")),
            parent=campaign_id,
            raw=row,
        )


def _standing(kind: Kind, word: Any) -> dict[str, str]:
    said = "" if word is None else str(word).strip()
    return {"status": vocabulary.confirmed_status(kind, said) or "", "word": said}
