"""Signing in with a key: `Authorization: Bearer dlc_…`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registrations.models import ApiKey

# "Last used" is written down no oftener: it is for people, and each write costs.
NOTICED_EVERY = timedelta(minutes=1)


class KeyAuthentication(BaseAuthentication):
    """A program shows a key; it acts as the key's owner, as long as she is active."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        keyword, _, text = header.partition(" ")
        if keyword.lower() != self.keyword.lower():
            raise AuthenticationFailed("Show a key as “Authorization: Bearer dlc_…”.")
        key = ApiKey.find(text.strip())
        if key is None or not key.owner.is_active:
            raise AuthenticationFailed("This key is not known, has expired or was revoked.")
        now = timezone.now()
        if key.last_used_at is None or now - key.last_used_at > NOTICED_EVERY:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        return f'{self.keyword} realm="10DLC portal"'


class BrowserAuthentication(SessionAuthentication):
    """A person who is signed in to the pages; Django's check against forged forms applies."""
