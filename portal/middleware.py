from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers


class NoStoreMiddleware:
    """What a signed-in person sees is nobody else's: no cache keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Callbacks have no user at all.
        signed_in = request.user is not None and request.user.is_authenticated
        if signed_in and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response
