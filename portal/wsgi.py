"""Where the web server hands its requests to Django."""

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

_django = get_wsgi_application()

from django.conf import settings  # noqa: E402  only now are they known

SCHEME = urlsplit(settings.PUBLIC_URL).scheme


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    # A proxy ends TLS and speaks http to us. Without this no answer would carry HSTS, and the
    # usual remedy, a header of the proxy's, is one that any client may claim as well.
    environ["wsgi.url_scheme"] = SCHEME
    environ["REMOTE_ADDR"] = _client(environ)
    return _django(environ, start_response)


def _client(environ: dict[str, Any]) -> str:
    """The address that the outermost of our own proxies saw.

    Each proxy appends one; whatever stands further left was claimed by the client itself.
    """
    peer: str = environ.get("REMOTE_ADDR", "")
    hops = settings.PROXY_HOPS
    seen = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if hops < 1 or len(seen) < hops:
        return peer
    return seen[-hops][:64] or peer
