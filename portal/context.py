from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from registrations.models import Role, roles_of


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: who is signed in, as what, and whether Plivo is only the sandbox."""
    user = getattr(request, "user", None)
    roles = roles_of(user) if user is not None else set()
    return {
        "roles": [Role(role).label for role in sorted(roles)],
        "reviews": bool(roles & {Role.COMPLIANCE, Role.AUDITOR, Role.OPERATOR}),
        "drafts": bool(roles & {Role.MARKETER, Role.COMPLIANCE}),
        "sandbox_url": settings.PLIVO_API_URL if settings.PLIVO_IS_SANDBOX else "",
    }
