"""Which numbers are the account's: asked of Plivo while somebody waits for the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils import timezone

from registrations.models import PlivoAccount
from registrations.plivo.client import (
    NotFound,
    NotSent,
    PlivoClient,
    PlivoTrouble,
    RateLimited,
    Unauthorised,
)
from registrations.plivo.finding import client_for

AT_ONCE = 8

# Whoever hears one of these need not ask on: the next question would fare no better.
IN_VAIN = (NotSent, RateLimited, Unauthorised)


class Standing(Enum):
    """What Plivo says of one number."""

    OURS = "ours"
    NOT_RENTED = "not rented"
    WITHOUT_SMS = "without SMS"
    OF_ANOTHER_SUBACCOUNT = "of another subaccount"
    # Plivo could not be asked, or not in time.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Ownership:
    """How a number stands with the account, and its campaign at Plivo ("" if it is on none)."""

    standing: Standing
    campaign_id: str = ""


UNKNOWN = Ownership(Standing.UNKNOWN)


class Owning:
    """Asks Plivo whether numbers are this account's, until the time is over.

    `subaccounts` are the auth ids of subaccounts whose numbers will do as well, and `most` is how
    many questions may be asked in all. Trouble is no answer: what could not be asked is UNKNOWN,
    and nobody is kept waiting for it.
    """

    def __init__(
        self,
        account: PlivoAccount,
        *,
        subaccounts: Collection[str] = (),
        most: int,
        seconds: float,
    ) -> None:
        self._fine = {"", account.auth_id, *subaccounts}
        self._left = most
        self._until = time.monotonic() + seconds
        self._in_vain = threading.Event()
        self._client = _client_for(account, patience=seconds / 2)

    def ask(self, numbers: Collection[str]) -> dict[str, Ownership]:
        """How each of these numbers stands. Several at once; no thread touches the database."""
        answers = dict.fromkeys(numbers, UNKNOWN)
        asked = list(answers)[: self._left]
        if self._client is None or self._is_over or not asked:
            return answers
        self._left -= len(asked)
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="owning")
        calls = {pool.submit(self._ask_one, self._client, number): number for number in asked}
        done, _ = wait(calls, timeout=self._until - time.monotonic())
        # Who still hangs is left behind: his call ends by its own time-out, unheard.
        pool.shutdown(wait=False, cancel_futures=True)
        return answers | {calls[call]: call.result() for call in done}

    @property
    def _is_over(self) -> bool:
        return self._in_vain.is_set() or time.monotonic() >= self._until

    def _ask_one(self, client: PlivoClient, number: str) -> Ownership:
        if self._is_over:
            return UNKNOWN
        try:
            row = client.account_number(number)
        except NotFound:
            return Ownership(Standing.NOT_RENTED)
        except PlivoTrouble as trouble:
            if isinstance(trouble, IN_VAIN):
                self._in_vain.set()
            return UNKNOWN
        return Ownership(self._standing(row), str(row.get("tendlc_campaign_id") or ""))

    def _standing(self, row: dict[str, Any]) -> Standing:
        if _subaccount(row) not in self._fine:
            return Standing.OF_ANOTHER_SUBACCOUNT
        # Only a plain no counts: where Plivo says nothing, linking will tell.
        if row.get("sms_enabled") is False:
            return Standing.WITHOUT_SMS
        return Standing.OURS


def _client_for(account: PlivoAccount, *, patience: float) -> PlivoClient | None:
    """None while Plivo does not accept the account's token, or has asked us to be slower."""
    held = account.hold_until is not None and account.hold_until > timezone.now()
    if held or account.paused_at is not None:
        return None
    try:
        return client_for(account, patience=patience)
    except LookupError:
        return None


def _subaccount(row: dict[str, Any]) -> str:
    """Its auth id, which Plivo also gives as the end of a path: /v1/Account/SA…/."""
    return str(row.get("sub_account") or "").rstrip("/").rpartition("/")[2]
