"""Searching everything from every page, as far as whoever searches may know of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from callbacks.models import Callback
from registrations.filters import LONGEST_SEARCH, digits_of, matching, plain, reference_in
from registrations.models import (
    REGISTRATION_MODELS,
    Brand,
    Campaign,
    NumberLink,
    Organization,
    Registration,
    Role,
    Submission,
    roles_of,
)

SHOWN = 10

# What is shown of a registration, with its status. The rest is long, or encrypted.
LINE = [
    "reference",
    "status",
    "confirmed_status",
    "confirmed_at",
    "conflict",
    "organization__name",
]
READ: dict[type[Registration], list[str]] = {
    Brand: [*LINE, "name", "plivo_id"],
    Campaign: [*LINE, "name", "plivo_id"],
    NumberLink: [*LINE, "number"],
}


class SearchForm(forms.Form):
    q = forms.CharField(label="Search for", max_length=LONGEST_SEARCH, required=False)


@dataclass(frozen=True)
class Hit:
    """One thing that was found, and the page where it is read."""

    label: str
    url: str
    about: str = ""
    # Shown with its status.
    registration: Any = None
    # What was sought names this and nothing like it.
    exact: bool = False


@dataclass(frozen=True)
class Group:
    """What was found of one sort; where all of it is listed, if there is such a list."""

    title: str
    hits: list[Hit]
    has_more: bool
    list_url: str = ""


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found, in groups. What names one thing exactly leads straight to its page."""
    form = SearchForm(request.GET)
    text = plain(form.cleaned_data["q"]) if form.is_valid() else ""
    groups = [group for group in _groups(text, request.user) if group.hits] if text else []
    hits = [hit for group in groups for hit in group.hits]
    if any(hit.exact for hit in hits) and len({hit.url for hit in hits}) == 1:
        return redirect(hits[0].url)
    context = {"form": form, "text": text, "groups": groups, "number": len(hits)}
    return render(request, "portal/search.html", context)


def _groups(text: str, user: Any) -> Iterator[Group]:
    """One query each, of which no more is read than is shown."""
    for model in REGISTRATION_MODELS:
        yield _registrations(model, text, user)
    yield _group("Requests to Plivo", _submissions(text, user), _submission_hit)
    yield _group("Callbacks", _callbacks(text, user), _callback_hit)
    organizations = Organization.objects.for_user(user).filter(name__icontains=text)
    yield _group("Organizations", organizations, _organization_hit)
    if Role.OPERATOR in roles_of(user):
        yield _group("People", _people(text), _person_hit, _with_q("people", text))


def _group(title: str, rows: QuerySet[Any], hit: Any, list_url: str = "") -> Group:
    found = list(rows[: SHOWN + 1])
    return Group(title, [hit(row) for row in found[:SHOWN]], len(found) > SHOWN, list_url)


def _registrations(model: type[Registration], text: str, user: Any) -> Group:
    rows: QuerySet[Any] = model.objects.for_user(user)
    rows = rows.select_related("organization").only(*READ[model])
    if reference := reference_in(text):
        rows = rows.filter(reference=reference)
    else:
        rows = matching(rows, text)
    digits = digits_of(text)
    sought = {text.upper(), *([digits, f"1{digits}"] if digits else [])}

    def hit(row: Any) -> Hit:
        called = row.number if model is NumberLink else row.name
        ids = {row.reference, row.number if model is NumberLink else row.plivo_id.upper()}
        return Hit(
            label=row.reference,
            url=row.get_absolute_url(),
            about=f"+{called}" if model is NumberLink else called,
            registration=row,
            exact=bool(sought & ids),
        )

    list_url = _with_q(f"{model.kind.value}-list", text)
    return _group(capfirst(str(model._meta.verbose_name_plural)), rows, hit, list_url)


def _submissions(text: str, user: Any) -> QuerySet[Submission]:
    named = Q(api_id__iexact=text) | Q(plivo_id__iexact=text) | Q(alias_code__iexact=text)
    beside = [f"{kind}__{name}" for kind in ("brand", "campaign") for name in ("reference", "name")]
    return (
        Submission.objects.for_user(user)
        .filter(named)
        .select_related("brand", "campaign", "number_link")
        .only("operation", "generation", "state", *beside, "number_link__reference")
    )


def _submission_hit(submission: Submission) -> Hit:
    return Hit(
        label=str(submission),
        url=submission.registration.get_absolute_url(),
        about=submission.get_state_display(),
        exact=True,
    )


def _callbacks(text: str, user: Any) -> QuerySet[Callback]:
    rows = Callback.objects.for_user(user).only("received_at", "outcome", "word")
    # No id has more digits; a database refuses a number that it cannot hold.
    is_id = text.isascii() and text.isdigit() and len(text) <= 18
    return rows.filter(pk=int(text)) if is_id else rows.none()


def _callback_hit(callback: Callback) -> Hit:
    return Hit(
        label=f"Callback {callback.pk}",
        url=reverse("callback", args=[callback.pk]),
        about=f"{callback.get_outcome_display()} {callback.word}",
        exact=True,
    )


def _organization_hit(organization: Organization) -> Hit:
    brands = f"{reverse('brand-list')}?{urlencode({'organization': organization.pk})}"
    return Hit(label=organization.name, url=brands)


def _people(text: str) -> QuerySet[User]:
    named = Q()
    for name in ("username", "email", "first_name", "last_name"):
        named |= Q(**{f"{name}__icontains": text})
    return User.objects.filter(named).order_by("username")


def _person_hit(person: User) -> Hit:
    return Hit(
        label=person.get_username(),
        url=reverse("person", args=[person.pk]),
        about=" ".join(filter(None, (person.get_full_name(), person.email))),
    )


def _with_q(address: str, text: str) -> str:
    return f"{reverse(address)}?{urlencode({'q': text})}"
