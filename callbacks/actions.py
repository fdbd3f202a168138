"""What people may do with callbacks, one function a verb. Pages and admin call these.

Each takes `by`, the person who acts, and raises `NotAllowed` if that person may not, and `NotNow`
if there is nothing to do; its message says why. All leave a line in the log of security events.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from callbacks import applying, quarantine, receiving
from callbacks.models import PENDING, Callback, Outcome
from callbacks.rehearsal import Rehearsal, rehearse
from registrations.actions import NotAllowed
from registrations.models import Deed, PlivoAccount, Role, SecurityEvent, roles_of

__all__ = [
    "ACTORS",
    "NotAllowed",
    "NotNow",
    "apply_again",
    "may_act",
    "send_test",
    "verify_again",
    "verify_quarantine",
]

ACTORS = {Role.COMPLIANCE, Role.OPERATOR}
WHO = "Compliance staff and operators do this."

# In one go from a page; the command looks at all.
VERIFIED_AT_ONCE = 1_000
BETWEEN_TESTS = timedelta(seconds=5)


class NotNow(Exception):
    """There is nothing to do, or not yet; the message says why."""


def may_act(user: Any) -> bool:
    """Whether this person may verify, apply and test at all."""
    return bool(roles_of(user) & ACTORS)


def verify_again(callback: Callback, *, by: Any, peer: str = "") -> Callback | None:
    """Verify a refused request once more, after a token or PUBLIC_URL was corrected.

    Answers the callback that it was received as, or None if it still does not prove to be Plivo's,
    was received before, or is too long to be received from what was kept.
    """
    _stop_unless_allowed(by)
    if callback.outcome != Outcome.FORGED:
        raise NotNow("Only what was refused can be verified again.")
    received = receiving.reverify(callback)
    came_of_it = f"received as {received.pk}" if received else "not received"
    _write_down(Deed.CALLBACK_REPLAYED, by, peer, f"Callback {callback.pk} verified: {came_of_it}.")
    return received


def verify_quarantine(*, by: Any, peer: str = "") -> tuple[int, int]:
    """Verify the newest of what was refused once more. Answers (received, looked at)."""
    _stop_unless_allowed(by)
    proven, looked_at = quarantine.reverify(newest=VERIFIED_AT_ONCE)
    told = f"Quarantine verified: {proven} of {looked_at} received."
    _write_down(Deed.CALLBACK_REPLAYED, by, peer, told)
    return proven, looked_at


def apply_again(callback: Callback, *, by: Any, peer: str = "") -> Callback:
    """Apply what a fault of ours, or a word or object not known then, kept from being applied."""
    _stop_unless_allowed(by)
    if callback.outcome not in PENDING:
        raise NotNow(f"It is {callback.get_outcome_display().lower()}; it is not applied again.")
    applied = applying.reapply(callback.pk)
    told = f"Callback {callback.pk} applied again: {applied.outcome}."
    _write_down(Deed.CALLBACK_REPLAYED, by, peer, told)
    return applied


def send_test(account: PlivoAccount, *, by: Any, peer: str = "") -> Rehearsal:
    """Send a test callback to the portal's own public address, and tell what it proved."""
    _stop_unless_allowed(by)
    just_now = timezone.now() - BETWEEN_TESTS
    sent = SecurityEvent.objects.filter(deed=Deed.TEST_CALLBACK_SENT, user=by, at__gt=just_now)
    if sent.exists():
        raise NotNow("You sent one a moment ago. Wait a few seconds.")
    # Written first: whatever the test runs into, it was sent.
    _write_down(Deed.TEST_CALLBACK_SENT, by, peer, f"For {account}.")
    return rehearse(account)


def _stop_unless_allowed(user: Any) -> None:
    if not may_act(user):
        raise NotAllowed(WHO)


def _write_down(deed: Deed, by: Any, peer: str, detail: str) -> None:
    SecurityEvent.write(deed, by=by, peer=peer, detail=detail)
