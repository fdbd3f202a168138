"""Signing in and out, and finding again what was typed when a session ended."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.second_factor import codes
from portal.second_factor.forms import CodeForm
from portal.sign_in import typed
from portal.sign_in.forms import SignInForm
from portal.sign_in.guesses import TooMany
from portal.sign_in.sessions import SECOND_FACTOR
from registrations.models import Deed, SecurityEvent
from registrations.peers import peer_of

# Whose password was right and whose code is awaited waits so long, and is not signed in.
WAITING, WAITING_SECONDS = "waiting", 600


@sensitive_post_parameters("password", "typed")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        goal = request.GET.get("next", "")
        if request.user.is_authenticated:
            return redirect(_safe(request, goal))
        return _door(request, SignInForm(request, initial={"next": goal}))
    form = SignInForm(request, data=request.POST)
    if not form.is_valid():
        return _door(request, form)
    person, goal = form.get_user(), _safe(request, form.cleaned_data["next"])
    if request.user.is_authenticated:
        logout(request)
    typed.keep(request.session, form.cleaned_data["typed"])
    if not codes.has_one(person):
        return _let_in(request, person, goal, "with a password")
    request.session[WAITING] = {
        "person": person.pk,
        # Ends with the password that was right.
        "proof": person.get_session_auth_hash(),
        "since": time.time(),
        "goal": goal,
    }
    request.session.cycle_key()
    return redirect("sign-in-code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step, for whoever has a second factor."""
    person = _awaited(request)
    if person is None:
        messages.warning(request, "That took too long. Please sign in again.")
        return redirect("sign-in")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            how = codes.use(person, form.cleaned_data["code"], peer=peer_of(request))
        except (codes.WrongCode, TooMany) as refusal:
            form.add_error("code", str(refusal))
            status = 429 if isinstance(refusal, TooMany) else 200
        else:
            goal = request.session.pop(WAITING)["goal"]
            request.session[SECOND_FACTOR] = True
            if how == codes.RECOVERY:
                messages.warning(request, codes.how_many_are_left(person))
            return _let_in(request, person, goal, f"with a password and {how}")
    return render(request, "portal/sign_in_code.html", {"form": form}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        SecurityEvent.write(Deed.SIGNED_OUT, by=request.user, peer=peer_of(request))
    logout(request)
    return redirect("sign-in")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def typed_again(request: HttpRequest) -> HttpResponse:
    """What was typed when the session ended: one click sends it, another throws it away."""
    found = typed.kept(request.session)
    if request.method == "POST" or found is None:
        typed.forget(request.session)
        messages.info(request, "What you typed was thrown away." if found else "Nothing is kept.")
        return redirect("home")
    return render(request, "portal/sign_in_typed.html", {"typed": found, "can_forget": True})


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """The door, for a form whose session had ended: what was typed goes along, sealed."""
    found = typed.typed_in(request)
    if found is None:
        form = SignInForm(request, initial={"next": request.path})
    else:
        form = SignInForm(request, initial={"typed": typed.sealed(found)})
    return _door(request, form, status=401, was_signed_out=True, typed=found)


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is older than the last sign-in: if it is our own, what was typed is offered.

    Django compares the Origin before the token: where a browser told it, the page was ours.
    """
    is_ours = "HTTP_ORIGIN" in request.META and "Origin checking" not in reason
    found = typed.typed_in(request) if is_ours else None
    if "HX-Request" in request.headers:
        words = "You signed in again since this page was opened. Save it to go on."
        return HttpResponse(words, status=403, content_type="text/plain")
    if found and request.user.is_authenticated:
        return render(request, "portal/sign_in_typed.html", {"typed": found}, status=403)
    if found:
        return sign_in_again(request)
    words = "This page was open for too long. Go back, load it again, and send it once more."
    return render(request, "403.html", {"exception": words}, status=403)


def _door(request: HttpRequest, form: SignInForm, status: int = 200, **also: Any) -> HttpResponse:
    response = render(
        request, "portal/sign_in.html", {"form": form, **also}, status=429 if form.wait else status
    )
    if form.wait:
        response["Retry-After"] = str(form.wait)
    return response


def _let_in(request: HttpRequest, person: User, goal: str, how: str) -> HttpResponse:
    login(request, person, "django.contrib.auth.backends.ModelBackend")
    SecurityEvent.write(Deed.SIGNED_IN, by=person, peer=peer_of(request), detail=how)
    return redirect("typed-again" if typed.IN_SESSION in request.session else goal)


def _awaited(request: HttpRequest) -> User | None:
    """Whose code is awaited: the password was right a moment ago and still is."""
    waiting = request.session.get(WAITING)
    if not waiting or time.time() - waiting["since"] > WAITING_SECONDS:
        return None
    person = User.objects.filter(pk=waiting["person"], is_active=True).first()
    if person is None or not codes.has_one(person):
        return None
    return (
        person if constant_time_compare(person.get_session_auth_hash(), waiting["proof"]) else None
    )


def _safe(request: HttpRequest, goal: str) -> str:
    """An address of our own, or home."""
    if url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return goal
    return resolve_url("home")
