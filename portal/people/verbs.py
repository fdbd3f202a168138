"""What operators do with people, one function a verb. The pages call these and nothing else.

Nobody changes what she herself may do, nobody but a superuser touches a superuser, and the last
operator stays one: else one person could give herself what she needs to approve what she asked
for, or nobody could look after people any more. Each verb writes down who did it, and what was
before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from portal import letters
from portal.models import SecondFactor
from portal.sign_in.sessions import end_all
from registrations.actions import NotAllowed
from registrations.models import Deed, Organization, Role, SecurityEvent, roles_of
from registrations.models.organization import HOUSE_ROLES


def invite(
    *,
    username: str,
    email: str,
    first_name: str,
    last_name: str,
    roles: Iterable[Role],
    organizations: Iterable[Organization],
    by: Any,
    peer: str = "",
) -> User:
    """Make a person and mail her a link to choose a password.

    If the mail server does not take it (`OSError`), she is made all the same: invite her again.
    """
    roles, organizations = set(roles), list(organizations)
    with transaction.atomic():
        _demand_operator(by)
        person = User(username=username, email=email, first_name=first_name, last_name=last_name)
        person.set_unusable_password()
        person.save()
        _wear(person, roles)
        person.organizations.set(organizations)
        detail = f"{email}; roles: {_listed(roles)}; organizations: {_listed(organizations)}"
        SecurityEvent.write(Deed.INVITED, by=by, about=person, peer=peer, detail=detail)
    letters.send_invitation(person, by)
    return person


def invite_again(person: User, *, by: Any, peer: str = "") -> None:
    """Mail her another link to choose a password; the one she may have fits until then."""
    with _looking_after(person, by):
        if not person.is_active:
            raise NotAllowed(f"{person} is deactivated. Reactivate first.")
        detail = f"again: {person.email}"
        SecurityEvent.write(Deed.INVITED, by=by, about=person, peer=peer, detail=detail)
    letters.send_invitation(person, by)


def change_address(person: User, email: str, *, by: Any, peer: str = "") -> None:
    """Invite her under another address: her password ends, and she chooses one by a link there.

    Else whoever owns the new mailbox would be taken for her unproven. The old one is told.
    """
    with _looking_after(person, by):
        before = person.email
        if email == before:
            return
        person.email = email
        person.set_unusable_password()
        person.save(update_fields=["email", "password"])
        end_all(person)
        detail = f"{before or 'none'} → {email}"
        SecurityEvent.write(Deed.ADDRESS_CHANGED, by=by, about=person, peer=peer, detail=detail)
    if before:
        letters.send_address_changed(person, before, by)
    if person.is_active:
        letters.send_invitation(person, by)


def change_roles(person: User, roles: Iterable[Role], *, by: Any, peer: str = "") -> None:
    """Let her wear these roles. With one that she loses, her sessions end."""
    roles = set(roles)
    with _looking_after(person, by) as operators:
        before = set(person.groups.values_list("name", flat=True)) & set(Role)
        if roles == before:
            return
        if Role.OPERATOR not in roles:
            _keep_an_operator(person, operators)
        _wear(person, roles)
        detail = f"{_listed(before)} → {_listed(roles)}"
        SecurityEvent.write(Deed.ROLES_CHANGED, by=by, about=person, peer=peer, detail=detail)


def change_organizations(
    person: User, organizations: Iterable[Organization], *, by: Any, peer: str = ""
) -> None:
    """Make her a member of these organizations and of no other."""
    organizations = set(organizations)
    with _looking_after(person, by):
        before = set(person.organizations.all())
        if organizations == before:
            return
        person.organizations.set(organizations)
        detail = f"{_listed(before)} → {_listed(organizations)}"
        SecurityEvent.write(
            Deed.ORGANIZATIONS_CHANGED, by=by, about=person, peer=peer, detail=detail
        )


def deactivate(person: User, *, by: Any, peer: str = "") -> None:
    """She signs in no more; what she did stays hers."""
    with _looking_after(person, by) as operators:
        if not person.is_active:
            return
        _keep_an_operator(person, operators)
        person.is_active = False
        person.save(update_fields=["is_active"])
        end_all(person)
        detail = "active → deactivated"
        SecurityEvent.write(Deed.DEACTIVATED, by=by, about=person, peer=peer, detail=detail)


def reactivate(person: User, *, by: Any, peer: str = "") -> None:
    """She signs in again with the password she had."""
    with _looking_after(person, by):
        if person.is_active:
            return
        person.is_active = True
        person.save(update_fields=["is_active"])
        detail = "deactivated → active"
        SecurityEvent.write(Deed.REACTIVATED, by=by, about=person, peer=peer, detail=detail)


def remove_second_factor(person: User, *, by: Any, peer: str = "") -> None:
    """Her app is lost: she signs in without, and sets up another. Her sessions end; she is told."""
    with _looking_after(person, by):
        removed, _ = SecondFactor.objects.filter(user=person).delete()
        if not removed:
            raise NotAllowed(f"{person} has no second factor.")
        end_all(person)
        SecurityEvent.write(
            Deed.SECOND_FACTOR_REMOVED, by=by, about=person, peer=peer, detail="by an operator"
        )
    if person.email:
        letters.send_second_factor_removed(person, by)


def why_not(person: User, by: Any) -> str:
    """Why `by` may not change this person; "" if he may."""
    if Role.OPERATOR not in roles_of(by):
        return "Only operators look after people."
    if person.pk == by.pk:
        return "Nobody changes what they themselves may do. Ask another operator."
    if person.is_superuser and not by.is_superuser:
        return "This is a superuser. Only another superuser changes them."
    return ""


@contextmanager
def _looking_after(person: User, by: Any) -> Iterator[set[int]]:
    """A transaction in which `by` may change `person`; gives the active operators' numbers."""
    with transaction.atomic():
        # Two operators who depose each other take turns: the second is none any more.
        operators = (
            User.objects.select_for_update(of=("self",))
            .filter(groups__name=Role.OPERATOR, is_active=True)
            .order_by("pk")
        )
        numbers = {operator.pk for operator in operators}
        person.refresh_from_db()
        if refusal := why_not(person, _demand_operator(by)):
            raise NotAllowed(refusal)
        yield numbers


def _demand_operator(by: Any) -> User:
    """`by` as the database knows him now."""
    fresh = User.objects.get(pk=by.pk)
    if Role.OPERATOR not in roles_of(fresh):
        raise NotAllowed("Only operators look after people.")
    return fresh


def _keep_an_operator(person: User, operators: set[int]) -> None:
    if operators == {person.pk}:
        raise NotAllowed(f"{person} is the last operator. Make somebody else one first.")


def _wear(person: User, roles: set[Role]) -> None:
    person.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in sorted(roles)])
    # The admin opens to the house's people.
    person.is_staff = person.is_superuser or bool(roles & HOUSE_ROLES)
    person.save(update_fields=["is_staff"])


def _listed(things: Iterable[Any]) -> str:
    return ", ".join(sorted(str(thing) for thing in things)) or "none"
