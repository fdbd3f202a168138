"""What a session holds of a person, and how it ends."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from portal.preferences import remember
from registrations.models import Preferences, roles_of

# The roles worn when the session began, or gained since; it ends when one of them is lost.
ROLES = "roles"
# Whether this session has shown a second factor.
SECOND_FACTOR = "second_factor"


def begin(request: HttpRequest, user: Any, **_: Any) -> None:
    """Whenever somebody signs in: what pages then need not ask the database for."""
    request.session[ROLES] = roles_in_words(User.objects.get(pk=user.pk))
    remember(request.session, Preferences.of(user))


def roles_in_words(user: Any) -> list[str]:
    return sorted(role.value for role in roles_of(user))


def end_all(person: Any) -> None:
    """End every session of this person, wherever it is open."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
