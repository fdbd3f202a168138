from __future__ import annotations

import re
import secrets
import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from portal import views
from portal.logs import request_id
from portal.second_factor import codes
from portal.sign_in import pages, typed
from portal.sign_in.sessions import ROLES, SECOND_FACTOR, roles_in_words
from registrations.legible import DIRECTIONS, straightened
from registrations.models import Deed, Role, SecurityEvent
from registrations.peers import peer_of

Answer = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Every answer carries a number of its own (X-Request-ID) that also stands in the log.

    It is ours: what a client sends under that name is not looked at.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(8)
        request.request_id = number  # type: ignore[attr-defined]
        token = request_id.set(number)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = number
        return response


class NoStoreMiddleware:
    """What a signed-in person sees is nobody else's: no cache keeps it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Callbacks have no user at all.
        signed_in = request.user is not None and request.user.is_authenticated
        if signed_in and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response


class DirectionsMiddleware:
    """No text on a page turns around what stands beside it, whoever wrote it.

    What stands in a field of a form is left as it is: it goes back as it came, and turns only
    itself.
    """

    TURNS = re.compile(f"[{''.join(map(chr, DIRECTIONS))}]")
    FIELDS = re.compile(r'(<textarea\b.*?</textarea>|\svalue="[^"]*")', re.DOTALL)

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            html = response.text
            if self.TURNS.search(html):
                parts = self.FIELDS.split(html)
                parts[::2] = [straightened(part) for part in parts[::2]]
                response.content = "".join(parts)
        return response


class ReadersClockMiddleware:
    """Times are written on the reader's clock: the one she chose, else that of her browser.

    What she chose is in her session since she signed in or chose it; the browser tells its own in
    a cookie (see static/portal.js).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A page without cookies at all reads no session: callbacks come this way too.
        chosen = request.session.get("time_zone") if request.COOKIES else ""
        name = chosen or unquote(request.COOKIES.get("time_zone", ""))
        try:
            clock = zoneinfo.ZoneInfo(name) if name else None
        except (KeyError, ValueError, OSError):  # whatever a client makes up
            clock = None
        if clock is None:
            return self.get_response(request)
        with timezone.override(clock):
            return self.get_response(request)


class RolesMiddleware:
    """A session ends when a role it began with is lost, and when its person may sign in no more.

    It costs no query beyond the one for the roles, which every page asks for anyhow, and nothing
    where there is no session: callbacks and health.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self._compare(request)
        return self.get_response(request)

    def _compare(self, request: HttpRequest) -> None:
        person = request.user
        if not person.is_authenticated:
            # The password was changed elsewhere, or she was deactivated.
            logout(request)
            messages.warning(request, "You have been signed out.")
            return
        had, worn = request.session.get(ROLES, []), roles_in_words(person)
        lost = sorted(set(had) - set(worn))
        if lost:
            SecurityEvent.write(
                Deed.SESSION_ENDED,
                by=person,
                peer=peer_of(request),
                detail=f"lost: {', '.join(lost)}",
            )
            logout(request)
            labels = ", ".join(Role(role).label for role in lost)
            messages.warning(
                request, f"You were signed out because a role was taken from you: {labels}."
            )
        elif had != worn:
            request.session[ROLES] = worn


class SecondFactorMiddleware:
    """Whoever must show a second factor and has not can do nothing else, on pages and in the admin.

    What this session has shown stands in it; only who has not is asked the database about.
    """

    # All that is open to her: to set one up, to leave, and what asks for no person.
    OPEN = {
        "second-factor",
        "second-factor-begin",
        "second-factor-confirm",
        "second-factor-forget",
        "sign-in",
        "sign-in-code",
        "sign-out",
        "healthz",
        "readyz",
        "metrics",
        "plivo-callback",
        "plivo-callback-fixed",
        "api-schema",
        "api-docs",
        "api-problems",
        "api-problem",
    }

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_FOR_APPROVERS:
            return None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        if request.resolver_match and request.resolver_match.view_name in self.OPEN:
            return None
        if not codes.is_required_of(request.user) or request.session.get(SECOND_FACTOR):
            return None
        if codes.has_one(request.user):
            # She set it up elsewhere, after this session began without: back to the door.
            logout(request)
            messages.warning(request, "Sign in again, with a code: your role demands it.")
            return None
        words = "Your role demands a second factor. Set it up, and everything opens."
        if request.path.startswith("/api/"):
            return views.problem(request, "second_factor_required", words)
        if _by_htmx(request):
            return HttpResponse(words, status=403, content_type="text/plain")
        if found := typed.typed_in(request):
            typed.keep(request.session, typed.sealed(found))
        return redirect("second-factor")  # which says the same


class TypedTextMiddleware:
    """Nothing typed is lost when a session ends: the door keeps it (see portal/sign_in/typed.py).

    What htmx asks for without a session is answered 401: were the door shown in its place, or the
    browser sent there, what stands on the page would be gone.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _by_htmx(request) and _leads_to_the_door(response):
            return render(request, "portal/sign_in_signed_out.html", status=401)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        # Django's own check against forged forms has been passed here.
        if request.method != "POST" or not request.path.startswith(typed.KEPT_UNDER):
            return None
        if not request.user.is_authenticated:
            return None if _by_htmx(request) else pages.sign_in_again(request)
        if typed.IN_SESSION in request.session:
            kept = typed.kept(request.session)
            if kept is None or kept.path == request.get_full_path():
                typed.forget(request.session)
        return None


def _by_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _leads_to_the_door(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(
        resolve_url(settings.LOGIN_URL)
    )
