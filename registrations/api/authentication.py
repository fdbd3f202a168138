"""Signing in with a key: `Authorization: Bearer dlc_…`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registrations.models import ApiKey

# "Last used" is written down no oftener: it is for people, and each write costs.
NOTICED_EVERY = timedelta(minutes=1)


class KeyAuthentication(BaseAuthentication):
    """A program shows a key; it acts as the key's owner, for as long as she could herself.

    Whatever else stands under `Authorization` is refused, also beside a session: a program with a
    bad key must not go on as somebody else. It costs one query, besides that for the roles.
    """

    keyword = "Bearer"

    @sensitive_variables("header", "text")
    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        keyword, _, text = header.partition(" ")
        if keyword.lower() != self.keyword.lower():
            raise AuthenticationFailed("Show a key as “Authorization: Bearer dlc_…”.")
        key = ApiKey.find(text.strip(" "))
        if key is None:
            raise AuthenticationFailed("This key is not known, has expired or was revoked.")
        if why := key.why_stopped():
            raise AuthenticationFailed(f"This key opens nothing any more. {why}")
        _notice(key)
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        return f'{self.keyword} realm="10DLC portal"'


class BrowserAuthentication(SessionAuthentication):
    """A person who is signed in to the pages; Django's check against forged forms applies."""


def _notice(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > NOTICED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
