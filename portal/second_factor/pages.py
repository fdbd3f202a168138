"""Each person's own second factor."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.sealing import seal, unseal
from portal.second_factor import codes
from portal.second_factor.forms import CodeForm
from portal.sign_in import typed
from portal.sign_in.guesses import TooMany
from portal.sign_in.sessions import SECOND_FACTOR
from registrations.actions import NotAllowed
from registrations.peers import peer_of

# The secret of an app that has not yet shown a code waits in the session, sealed.
PENDING, PENDING_SECONDS = "second_factor_pending", 3600

Refusals = (codes.WrongCode, TooMany, NotAllowed)


@login_required
@never_cache
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Have a secret shown to an app; whoever has one already gives a code of that first."""
    if codes.has_one(request.user):
        form = CodeForm(request.POST)
        if not form.is_valid():
            return _page(request, move_form=form)
        try:
            codes.use(request.user, form.cleaned_data["code"], peer=peer_of(request))
        except Refusals as refusal:
            form.add_error("code", str(refusal))
            return _page(request, move_form=form)
    request.session[PENDING] = seal(PENDING, codes.new_secret())
    return redirect("second-factor")


@login_required
@never_cache
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """The app is not set up after all; one that was there before stays."""
    request.session.pop(PENDING, None)
    return redirect("second-factor")


@login_required
@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """The app shows its first code: from now on it is the second factor."""
    secret, form = _pending(request), CodeForm(request.POST)
    if not secret:
        messages.warning(request, "That took too long. Please begin again.")
        return redirect("second-factor")
    if form.is_valid():
        try:
            recovery = codes.add(
                request.user, secret, form.cleaned_data["code"], peer=peer_of(request)
            )
        except Refusals as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[PENDING]
            request.session[SECOND_FACTOR] = True
            request.session.cycle_key()
            return _show_once(request, recovery)
    return _page(request, confirm_form=form)


@login_required
@never_cache
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """New recovery codes; those that are left fit no more."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            recovery = codes.replace_recovery_codes(
                request.user, form.cleaned_data["code"], peer=peer_of(request)
            )
        except Refusals as refusal:
            form.add_error("code", str(refusal))
        else:
            return _show_once(request, recovery)
    return _page(request, renew_form=form)


@login_required
@never_cache
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            codes.remove(request.user, form.cleaned_data["code"], peer=peer_of(request))
        except Refusals as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.pop(SECOND_FACTOR, None)
            messages.success(request, "Removed. From now on the password alone signs you in.")
            return redirect("second-factor")
    return _page(request, remove_form=form)


def _page(request: HttpRequest, **forms: CodeForm) -> HttpResponse:
    """The page as things stand, with the form that was not taken."""
    context = {
        "required": codes.is_required_of(request.user),
        "confirm_form": CodeForm(auto_id="confirm_%s"),
        "move_form": CodeForm(auto_id="move_%s"),
        "renew_form": CodeForm(auto_id="renew_%s"),
        "remove_form": CodeForm(auto_id="remove_%s"),
        **forms,
    }
    if secret := _pending(request):
        context["drawing"] = codes.drawing_for_app(request.user, secret)
        context["secret"] = [secret[place : place + 4] for place in range(0, len(secret), 4)]
    else:
        context["factor"] = codes.of(request.user)
    return render(request, "portal/second_factor.html", context)


def _show_once(request: HttpRequest, recovery: list[str]) -> HttpResponse:
    onward = "typed-again" if typed.IN_SESSION in request.session else "home"
    context = {"codes": recovery, "onward": onward}
    return render(request, "portal/second_factor_codes.html", context)


def _pending(request: HttpRequest) -> str:
    return unseal(PENDING, request.session.get(PENDING, ""), seconds=PENDING_SECONDS) or ""
