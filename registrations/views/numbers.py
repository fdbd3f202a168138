"""Linking numbers to a campaign."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from registrations import actions
from registrations.forms import NumberLinksForm
from registrations.models import (
    Campaign,
)
from registrations.views.finding import preset


@login_required
def new_numbers(request: HttpRequest) -> HttpResponse:
    """Link numbers to a campaign, all of them or none."""
    initial = {"campaign": preset(Campaign, request)}
    form = NumberLinksForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        campaign = form.cleaned_data["campaign"]
        try:
            links = actions.link_numbers(campaign, form.cleaned_data["numbers"], by=request.user)
        except actions.Blocked as blocked:
            form.show(blocked.findings)
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{len(links)} on their way to Plivo.")
            return redirect(campaign)
    return render(request, "registrations/numbers_form.html", {"form": form})
