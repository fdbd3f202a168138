"""The pages on which operators look after people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.people import verbs
from portal.people.forms import AccessForm, AddressForm, InviteForm, WhichPeople
from portal.sign_in.guesses import index_of
from registrations.actions import NotAllowed
from registrations.models import Deed, Role, SecurityEvent, roles_of
from registrations.models.organization import HOUSE_ROLES
from registrations.paging import page_of
from registrations.peers import peer_of

# What is done with one click, as its address writes it.
ONE_CLICK = {
    "invite-again": (verbs.invite_again, "A new link is on its way to {person.email}."),
    "deactivate": (verbs.deactivate, "{person} is deactivated and signed out everywhere."),
    "reactivate": (verbs.reactivate, "{person} may sign in again."),
    "remove-second-factor": (
        verbs.remove_second_factor,
        "The second factor of {person} is removed; they were told by mail.",
    ),
}


def for_operators(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @login_required
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if Role.OPERATOR not in roles_of(request.user):
            raise PermissionDenied("Only operators look after people.")
        return page(request, *args, **kwargs)

    return guarded


@for_operators
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    form = WhichPeople(request.GET, by=request.user)
    form.is_valid()
    rows = _matching(**form.cleaned_data).select_related("second_factor")
    rows = rows.prefetch_related("groups", "organizations")
    page = page_of(rows, request, moment="date_joined")
    shown = [_Shown(person) for person in page.rows]
    return render(request, "portal/people.html", {"form": form, "page": page, "people": shown})


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, by=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "portal/person_new.html", {"form": form})
    fields = form.cleaned_data
    _do(request, verbs.invite, **fields, done=f"An invitation is on its way to {fields['email']}.")
    return redirect("person", User.objects.get(username=fields["username"]).pk)


@for_operators
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(pk))


@for_operators
@require_POST
def access(request: HttpRequest, pk: int) -> HttpResponse:
    """Change roles and organizations, together or not at all."""
    found = _found(pk)
    form = AccessForm(request.POST, by=request.user)
    if not form.is_valid():
        return _page(request, found, access_form=form)
    _do(request, _change_access, found, **form.cleaned_data, done="Saved.")
    return redirect("person", pk)


@for_operators
@require_POST
def address(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(pk)
    form = AddressForm(request.POST, auto_id="address_%s")
    if not form.is_valid():
        return _page(request, found, address_form=form)
    email = form.cleaned_data["email"]
    _do(request, verbs.change_address, found, email, done=f"The address is now {email}.")
    return redirect("person", pk)


@for_operators
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    found = _found(pk)
    if verb not in ONE_CLICK:
        raise Http404
    does, done = ONE_CLICK[verb]
    _do(request, does, found, done=done.format(person=found))
    return redirect("person", pk)


class _Shown:
    """A person as a page shows her; reads nothing that was not fetched with her."""

    def __init__(self, person: User) -> None:
        self.person = person
        worn = {group.name for group in person.groups.all()}
        self.roles = [role.label for role in Role if role in worn]
        self.organizations = list(person.organizations.all())
        self.has_second_factor = hasattr(person, "second_factor")
        self.lacks_second_factor = (
            settings.SECOND_FACTOR_FOR_APPROVERS
            and Role.COMPLIANCE in worn
            and not self.has_second_factor
        )
        self.sees_all = bool(worn & HOUSE_ROLES) or person.is_superuser
        self.has_chosen_password = person.has_usable_password()
        if not person.is_active:
            self.state, self.tone = "Deactivated", "grey"
        elif not self.has_chosen_password:
            self.state, self.tone = "Invited", "amber"
        else:
            self.state, self.tone = "Active", "green"


def _page(request: HttpRequest, found: User, **forms: Any) -> HttpResponse:
    """Who it is, what may be done with her, and what she did and was done to her."""
    shown = _Shown(found)
    worn = [group.name for group in found.groups.all()]
    access = {"roles": worn, "organizations": shown.organizations}
    context = {
        "shown": shown,
        "why_not": verbs.why_not(found, request.user),
        "access_form": AccessForm(initial=access, by=request.user),
        "address_form": AddressForm(auto_id="address_%s"),
        "log": page_of(_story_of(found), request, moment="at"),
        **forms,
    }
    return render(request, "portal/person.html", context)


def _story_of(found: User) -> QuerySet[SecurityEvent]:
    """What she did, what was done to her, and who failed to sign in under her name."""
    at_the_door = Q(deed=Deed.SIGN_IN_FAILED, name_index=index_of(found.get_username()))
    theirs = Q(user=found) | Q(about=found) | at_the_door
    return SecurityEvent.objects.filter(theirs).select_related("user", "about")


def _matching(
    q: str = "", role: str = "", organization: Any = None, state: str = ""
) -> QuerySet[User]:
    rows = User.objects.all()
    for word in q.split():
        rows = rows.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    if role:
        rows = rows.filter(groups__name=role)
    if organization:
        rows = rows.filter(organizations=organization)
    if state:
        rows = rows.filter(is_active=state != WhichPeople.DEACTIVATED)
    invited = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if state == WhichPeople.INVITED:
        rows = rows.filter(invited)
    elif state == WhichPeople.ACTIVE:
        rows = rows.exclude(invited)
    return rows


def _found(pk: int) -> User:
    return get_object_or_404(
        User.objects.select_related("second_factor").prefetch_related("groups", "organizations"),
        pk=pk,
    )


@transaction.atomic
def _change_access(
    found: User, *, roles: list[Role], organizations: Any, by: Any, peer: str
) -> None:
    verbs.change_roles(found, roles, by=by, peer=peer)
    verbs.change_organizations(found, organizations, by=by, peer=peer)


def _do(
    request: HttpRequest, does: Callable[..., Any], *args: Any, done: str, **kwargs: Any
) -> None:
    """Do it, and tell what came of it."""
    try:
        does(*args, **kwargs, by=request.user, peer=peer_of(request))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    except OSError as trouble:  # whatever a mail server, or the way to it, may do
        words = f"That is done, but the mail server did not take the letter: {trouble}."
        messages.warning(request, f"{words} Send the link again later.")
    else:
        messages.success(request, done)
