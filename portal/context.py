from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from registrations import actions
from registrations.models import Role, roles_of
from registrations.models.organization import HOUSE_ROLES

EVERYBODY = set(Role)


@dataclass(frozen=True)
class Place:
    """One entry of the main navigation, and whether the reader is there."""

    label: str
    url: str
    here: bool


# (label, name of the address, who is shown it)
PLACES = [
    ("Brands", "brand-list", EVERYBODY),
    ("Campaigns", "campaign-list", EVERYBODY),
    ("Numbers", "number_link-list", EVERYBODY),
    ("Review", "review", HOUSE_ROLES),
    ("Stuck", "stuck", HOUSE_ROLES),
    ("Callbacks", "callback-list", EVERYBODY),
    ("People", "people", {Role.OPERATOR}),
]


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: who is signed in, as what, and whether Plivo is only the sandbox."""
    user = getattr(request, "user", None)
    roles = roles_of(user) if user is not None else set()
    session = getattr(request, "session", {})
    return {
        "roles": [Role(role).label for role in sorted(roles)],
        "reviews": bool(roles & HOUSE_ROLES),
        "drafts": bool(roles & actions.DRAFTERS),
        "places": _places(request, roles),
        "sought": request.GET.get("q", "") if request.path == reverse("search") else "",
        "theme": session.get("theme", ""),
        "clock": timezone.get_current_timezone_name(),
        "sandbox_url": settings.PLIVO_API_URL if settings.PLIVO_IS_SANDBOX else "",
    }


def _places(request: HttpRequest, roles: set[Role]) -> list[Place]:
    places = [
        Place(label, url, here=request.path.startswith(url))
        for label, name, shown_to in PLACES
        if roles & shown_to
        for url in [reverse(name)]
    ]
    if roles & HOUSE_ROLES and request.user.is_staff:
        places.append(Place("Admin", reverse("admin:index"), here=False))
    return places
