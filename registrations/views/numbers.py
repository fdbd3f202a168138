"""Linking numbers to a campaign: paste or upload them, look at the check, link the good ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from registrations import actions
from registrations.forms import NumberLinksForm
from registrations.forms.reading_numbers import numbers_in_text
from registrations.models import Campaign, NumberLink, roles_of
from registrations.models.number_link import HOLDING
from registrations.views.finding import preset

# In the session: {"campaign": reference, "text": …}. Nothing that somebody typed is lost.
TYPED = "numbers_typed"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_numbers(request: HttpRequest) -> HttpResponse:
    """Check numbers, which changes nothing, or link those that a check has shown to be good."""
    if not roles_of(request.user) & actions.DRAFTERS:
        raise PermissionDenied("Marketers and compliance staff link numbers.")
    if request.method != "POST":
        return _begin(request)
    form = NumberLinksForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _page(request, form)
    _remember(request, form.cleaned_data["campaign"], form.text)
    if request.POST.get("intent") == "link":
        return _link(request, form)
    return _check(request, form)


def numbers_left(request: HttpRequest, campaign: Campaign) -> int:
    """How much of what this person typed for this campaign is still to be dealt with."""
    typed = request.session.get(TYPED, {})
    if typed.get("campaign") != campaign.reference:
        return 0
    held = campaign.number_links.filter(status__in=HOLDING).values_list("number", flat=True)
    on_campaign = set(held)
    return sum(one.number not in on_campaign for one in numbers_in_text(typed["text"]))


def _begin(request: HttpRequest) -> HttpResponse:
    campaign = preset(Campaign, request)
    typed = request.session.get(TYPED, {})
    wanted = campaign.reference if campaign else typed.get("campaign", "")
    initial = {"campaign": wanted}
    if typed.get("campaign") == wanted:
        initial["numbers"] = typed.get("text", "")
    form = NumberLinksForm(user=request.user, initial=initial)
    takes_numbers = form.fields["campaign"].queryset.filter(reference=wanted).exists()
    closed = campaign if campaign and not takes_numbers else None
    return _page(request, form, closed=closed)


def _check(request: HttpRequest, form: NumberLinksForm) -> HttpResponse:
    campaign, typed = form.cleaned_data["campaign"], form.cleaned_data["typed"]
    try:
        check = actions.check_numbers(campaign, typed, by=request.user)
    except actions.Blocked as blocked:
        form.add_error("campaign", str(blocked))
        return _page(request, form)
    form.show(check)
    return _page(request, form, check=check)


def _link(request: HttpRequest, form: NumberLinksForm) -> HttpResponse:
    campaign, good = form.cleaned_data["campaign"], form.cleaned_data["good"]
    if form.cleaned_data["seen_for"] != campaign.reference or not good:
        messages.warning(request, "Nothing was linked yet: look at the check for this campaign.")
        return _check(request, form)
    try:
        links = actions.link_numbers(campaign, good, by=request.user)
    except actions.Blocked:
        if not _are_on(campaign, good, request.user):
            text = "Nothing was linked: something has changed meanwhile. Look at the check again."
            messages.error(request, text)
            return _check(request, form)
        messages.info(request, "These numbers are on the campaign already, or on their way.")
    else:
        some = "1 number is" if len(links) == 1 else f"{len(links)} numbers are"
        messages.success(request, f"{some} on the way to Plivo.")
    _remember(request, campaign, form.without(good))
    return redirect("campaign-numbers", campaign.reference)


def _are_on(campaign: Campaign, numbers: list[str], user: Any) -> bool:
    """Whether all of them are linked or on their way, as after a button was clicked twice."""
    held = NumberLink.objects.for_user(user).filter(campaign=campaign, status__in=HOLDING)
    return held.filter(number__in=numbers).count() == len(set(numbers))


def _remember(request: HttpRequest, campaign: Campaign, text: str) -> None:
    if text.strip():
        request.session[TYPED] = {"campaign": campaign.reference, "text": text}
    else:
        request.session.pop(TYPED, None)


def _page(request: HttpRequest, form: NumberLinksForm, **more: Any) -> HttpResponse:
    return render(request, "registrations/numbers_form.html", {"form": form, **more})
