"""How often a program may ask. Counted in the database: it needs no Redis and holds everywhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from registrations.api.callers import key_of
from registrations.models import ApiUse


class KeyThrottle(BaseThrottle):
    """Each key may ask API_REQUESTS_PER_MINUTE times in each minute, reading or writing.

    A person in a browser is not counted: sign-in is throttled, and her hands are slow.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        key = key_of(request)
        if key is None:
            return True
        now = timezone.now()
        most = settings.API_REQUESTS_PER_MINUTE
        if not ApiUse.count_one(key, now.replace(second=0, microsecond=0), most=most):
            wait = 60 - now.second - now.microsecond / 1_000_000
            raise Throttled(wait, f"A key may ask {most:,} times a minute.")
        return True
