from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

Answer = Callable[[HttpRequest], HttpResponse]


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
        except (ValueError, OSError):  # whatever a client makes up: names, paths, nothing
            clock = None
        if clock is None:
            return self.get_response(request)
        with timezone.override(clock):
            return self.get_response(request)
