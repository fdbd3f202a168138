"""Writing brands and campaigns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from registrations import actions, preflight
from registrations.forms import FORMS
from registrations.models import (
    Brand,
    Campaign,
    Registration,
    Role,
    roles_of,
)
from registrations.views.finding import find, preset
from registrations.views.page import act


@login_required
def new(request: HttpRequest, model: type[Registration]) -> HttpResponse:
    """Begin a draft."""
    if not roles_of(request.user) & {Role.MARKETER, Role.COMPLIANCE}:
        raise PermissionDenied("Marketers and compliance staff begin registrations.")
    initial = {"brand": preset(Brand, request)} if model is Campaign else {}
    form = FORMS[model](request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        registration = form.save(commit=False)
        actions.draft(registration, by=request.user)
        return _saved(request, registration)
    return render(request, "registrations/form.html", {"form": form, "kind": model.kind})


@login_required
def edit(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """Change a draft. What is in review or beyond is shown, not edited."""
    registration = find(model, reference, request.user)
    if not registration.is_editable:
        messages.error(request, "Only a draft can be edited.")
        return redirect(registration)
    form = FORMS[model](request.POST or None, instance=registration, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(form.save(commit=False), form.changed_model_fields(), by=request.user)
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _saved(request, registration)
    if "check" in request.GET and request.method == "GET":
        form.show(preflight.check(registration))
    context = {"form": form, "kind": model.kind, "registration": registration}
    return render(request, "registrations/form.html", context)


def _saved(request: HttpRequest, registration: Any) -> HttpResponse:
    """A draft is kept in any case; sending it for review may still find faults."""
    if request.POST.get("intent") != "submit":
        messages.success(request, "Saved as a draft.")
        return redirect(registration)
    return act(request, type(registration), registration.reference, "submit")
