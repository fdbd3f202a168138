"""Making, rotating and revoking the keys with which programs sign in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from registrations.actions.ground import Blocked, NotAllowed, blocker, locked
from registrations.lifecycle import IllegalMove
from registrations.models import ApiKey, Deed, Organization, Role, Scope, SecurityEvent, roles_of
from registrations.models.api_key import scopes_open_to


def longest_key_life() -> timedelta:
    return timedelta(days=settings.API_KEY_MAX_DAYS)


@sensitive_variables("secret")
@transaction.atomic
def make_key(
    *,
    by: Any,
    organization: Organization,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime,
    peer: str = "",
) -> tuple[ApiKey, str]:
    """Make a key that acts as `by` for one organization; answers it and the whole secret.

    The secret is seen only now. Every key can read; `scopes` says what else it may do.
    """
    wanted = {Scope.READ, *scopes}
    if too_much := wanted - scopes_open_to(by):
        raise NotAllowed(f"Your roles do not let a key {_listed(too_much)}.")
    if not Organization.objects.for_user(by).filter(pk=organization.pk).exists():
        raise NotAllowed("You may make keys only for your own organizations.")
    if expires_at <= timezone.now():
        raise Blocked([blocker("expires_at", "This is over already.", "Choose a later day.")])
    if expires_at > timezone.now() + longest_key_life():
        message = f"A key lives at most {settings.API_KEY_MAX_DAYS:,} days."
        raise Blocked([blocker("expires_at", message, "Choose an earlier day.")])
    # Whoever clicks twice waits here, and is told then that there is one of this name.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if ApiKey.objects.live().filter(owner=by, organization=organization, name=name).exists():
        message = f"You have a key “{name}” for {organization} already."
        remedy = "Revoke or rotate that one, or choose another name."
        raise Blocked([blocker("name", message, remedy)])
    key = ApiKey(
        owner=by,
        organization=organization,
        name=name,
        scopes=_in_order(wanted),
        expires_at=expires_at,
    )
    secret = key.make_secret()
    key.save()
    _write_down(Deed.KEY_MADE, key, by, peer, f"for {organization}; {_rights(key)}")
    return key, secret


@sensitive_variables("secret")
@transaction.atomic
def rotate_key(key: ApiKey, *, by: Any, overlap: timedelta, peer: str = "") -> tuple[ApiKey, str]:
    """Make another key with the same rights and as long a life; answers it and the whole secret.

    The old one lives on for `overlap`, so that programs can be given the new one meanwhile.
    """
    if key.owner_id != by.pk:
        # Whoever sees the new secret acts as its owner.
        raise NotAllowed("Only its owner rotates a key.")
    old = _locked_live(key)
    if old.replaced_by.exists():
        raise IllegalMove(f"{old} was rotated already.")
    rights = old.usable_scopes
    if not rights:
        raise NotAllowed("Your roles do not let a key do anything.")
    if not Organization.objects.for_user(by).filter(pk=old.organization_id).exists():
        raise NotAllowed(f"You have left {old.organization}.")
    now = timezone.now()
    life = old.expires_at - old.created_at if old.expires_at else longest_key_life()
    new = ApiKey(
        owner=by,
        organization=old.organization,
        name=old.name,
        scopes=_in_order(rights),
        expires_at=now + min(life, longest_key_life()),
        replaces=old,
    )
    secret = new.make_secret()
    new.save()
    if overlap:
        old.expires_at = min(old.expires_at or now + overlap, now + overlap)
    else:
        old.revoked_at = now
    old.save(update_fields=["expires_at", "revoked_at"])
    ends = f"the old one ends at {_utc(old.expires_at)}" if overlap else "the old one ended at once"
    _write_down(Deed.KEY_ROTATED, old, by, peer, f"replaced by {new}; {_rights(new)}; {ends}")
    return new, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Any, peer: str = "") -> None:
    """End a key at once: the next request that shows it is refused."""
    if key.owner_id != by.pk and Role.OPERATOR not in roles_of(by):
        raise NotAllowed("Its owner and operators revoke a key.")
    key = _locked_live(key)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    _write_down(Deed.KEY_REVOKED, key, by, peer, f"for {key.organization}")


def _locked_live(key: ApiKey) -> ApiKey:
    """The key as it is now, which nobody else changes meanwhile."""
    current: ApiKey = locked(key)
    if current.revoked_at is not None:
        raise IllegalMove(f"{current} was revoked already.")
    if not current.is_live:
        raise IllegalMove(f"{current} has expired. Make another key.")
    return current


def _write_down(deed: Deed, key: ApiKey, by: Any, peer: str, told: str) -> None:
    SecurityEvent.write(deed, by=by, about=key.owner, peer=peer, detail=f"{key} {told}")


def _rights(key: ApiKey) -> str:
    return f"may {_listed(key.scopes)}; until {_utc(key.expires_at)}"


def _in_order(scopes: Iterable[Scope]) -> list[str]:
    return [scope.value for scope in Scope if scope in scopes]


def _listed(scopes: Iterable[str]) -> str:
    return ", ".join(scope.value for scope in Scope if scope in scopes)


def _utc(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "for ever"
