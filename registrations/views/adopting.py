"""What exists only at Plivo: looking at it, trying what adoption would bring, and adopting it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from registrations import actions
from registrations.actions.adoptable import ADOPTERS, WHO_ADOPTS
from registrations.actions.adopting import MOST_AT_ONCE
from registrations.forms.adopting import AccountForm, AdoptionForm
from registrations.models import Organization, roles_of
from registrations.views.families import families_of

View = Callable[..., HttpResponse]

# Plivo is asked for so many seconds while somebody waits for the page.
LOOK_SECONDS = 10
ADOPT_SECONDS = 20
# What is beyond comes to light once these are adopted.
MOST_SHOWN = 50


def for_adopters(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not roles_of(request.user) & ADOPTERS:
            raise PermissionDenied(WHO_ADOPTS)
        return view(request, *args, **kwargs)

    return guarded


@for_adopters
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest) -> HttpResponse:
    """Compare Plivo's lists with what is here, and adopt what was ticked, or only try it.

    Plivo is asked only where the address names an account: looking changes nothing, but it costs
    requests.
    """
    if request.method == "POST":
        return _adopt(request)
    form = AccountForm(request.GET if "account" in request.GET else None)
    if not form.is_valid():
        return _page(request, form)
    try:
        comparison = actions.compare(
            form.cleaned_data["account"], by=request.user, seconds=LOOK_SECONDS
        )
    except actions.CannotAsk as trouble:
        return _page(request, form, trouble=str(trouble))
    families = families_of(comparison)
    context = {
        "comparison": comparison,
        "families": families[:MOST_SHOWN],
        "in_all": len(families),
        "may_tick": any(family.is_adoptable for family in families),
        "owners": Organization.objects.for_user(request.user),
    }
    return _page(request, form, **context)


def _adopt(request: HttpRequest) -> HttpResponse:
    form = AdoptionForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form)
    wishes = form.wishes
    if not wishes:
        return _page(request, form, trouble="Nothing was ticked. Look, and tick what to adopt.")
    if len(wishes) > MOST_AT_ONCE:
        return _page(
            request,
            form,
            trouble=f"You ticked {len(wishes)}; at most {MOST_AT_ONCE} are adopted at once. Go "
            "back and tick fewer, or have all of it adopted by manage.py adopt --everything.",
        )
    is_trial = request.POST.get("go") != "adopt"
    try:
        outcomes = actions.adopt(
            form.cleaned_data["account"],
            wishes,
            by=request.user,
            dry_run=is_trial,
            seconds=ADOPT_SECONDS,
        )
    except actions.CannotAsk as trouble:
        return _page(request, form, trouble=f"Nothing was adopted. {trouble}")
    context = {
        "form": form,
        "is_trial": is_trial,
        "outcomes": outcomes,
        "good": [outcome for outcome in outcomes if outcome.is_good],
    }
    return render(request, "registrations/adopt_outcomes.html", context)


def _page(request: HttpRequest, form: AccountForm, **context: Any) -> HttpResponse:
    return render(request, "registrations/adopt.html", {"form": form, **context})
