"""Stopping and starting what is sent for one Plivo account."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from registrations.actions.ground import acting_as
from registrations.lifecycle import IllegalMove
from registrations.models import Deed, PlivoAccount, Role, SecurityEvent


@transaction.atomic
def pause_account(account: PlivoAccount, *, by: Any) -> None:
    """Send nothing more for this account. What is queued waits; callbacks are still received."""
    acting_as(by, {Role.OPERATOR}, "Operators pause accounts.")
    if account.paused_at is not None:
        raise IllegalMove(f"{account} is paused already: {account.pause_reason}")
    SecurityEvent.write(Deed.ACCOUNT_PAUSED, by=by, detail=str(account))
    account.pause(f"Paused by {by}.")


@transaction.atomic
def resume_account(account: PlivoAccount, *, by: Any) -> None:
    """Send again for an account that was paused, after its token was put right."""
    acting_as(by, {Role.OPERATOR}, "Operators resume accounts.")
    if account.paused_at is None:
        raise IllegalMove(f"{account} is not paused.")
    SecurityEvent.write(
        Deed.ACCOUNT_RESUMED, by=by, detail=f"{account}, paused because: {account.pause_reason}"
    )
    account.resume()
