"""What people add to a registration's trail without moving it: a comment, a look at its tax id."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from registrations.actions.ground import Blocked, NotAllowed, blocker, worded
from registrations.lifecycle import Actor, Cause, note
from registrations.models import AuditEntry, Brand, Deed, Role, SecurityEvent, roles_of

COMMENTERS = {Role.MARKETER, Role.COMPLIANCE, Role.OPERATOR}
LONGEST_COMMENT = 2000
LONGEST_REASON = 500

# How the trail tells what somebody remarked from what the portal noted of her doings.
COMMENT = "Comment: "


def comment(registration: Any, *, by: Any, text: str) -> AuditEntry:
    """Say something about a registration, for everybody who sees it, now and later."""
    if not may_comment(by):
        raise NotAllowed("Auditors only read.")
    said = _said(text, "comment", LONGEST_COMMENT, "Write what the others shall read.")
    return note(registration, COMMENT + said, actor=_hat(by), cause=Cause.PERSON, user=by)


def comment_in(entry: AuditEntry) -> str:
    """What somebody remarked in this line of a trail; "" if the line tells of something else."""
    if entry.cause != Cause.PERSON or entry.moved or not entry.note.startswith(COMMENT):
        return ""
    return entry.note.removeprefix(COMMENT)


def may_comment(user: Any) -> bool:
    return bool(roles_of(user) & COMMENTERS)


def may_reveal(user: Any) -> bool:
    return Role.COMPLIANCE in roles_of(user)


@sensitive_variables("tax_id")
@transaction.atomic
def reveal_tax_id(brand: Brand, *, by: Any, reason: str, peer: str = "") -> str:
    """The whole tax id of a brand, for one look; that it was looked at, and why, is written down.

    `peer` is the address from which it was asked for.
    """
    if not may_reveal(by):
        raise NotAllowed("Compliance staff look at tax ids.")
    tax_id = brand.ein
    if not tax_id:
        raise Blocked([blocker("ein", "This brand has no tax id yet.", "Ask its marketer.")])
    why = _said(reason, "reason", LONGEST_REASON, "Say why you need to see it.")
    note(brand, f"Looked at the tax id: {why}", actor=_hat(by), cause=Cause.PERSON, user=by)
    SecurityEvent.write(Deed.REVEALED, by=by, peer=peer, detail=f"{brand.reference}: {why}")
    return tax_id


def _said(text: str, what: str, longest: int, remedy: str) -> str:
    said = worded(text, what, longest)
    if not said:
        raise Blocked([blocker(what, f"The {what} is empty.", remedy)])
    return said


def _hat(user: Any) -> Actor:
    """As what this person speaks; more than one hat would be one too many."""
    worn = roles_of(user)
    if Role.MARKETER in worn:
        return Actor.MARKETER
    return Actor.COMPLIANCE if Role.COMPLIANCE in worn else Actor.OPERATOR
