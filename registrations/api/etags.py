"""ETags: a program knows a registration again by them, and overwrites nothing it never saw."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request

from registrations.api.problems import Problem

# What no answer shows, or shows only in part (the tax id, which has its own digest).
UNSHOWN = {
    "ein",
    "typed",
    "profile_uuid",
    "last_lookup",
    "lookup_due_at",
    "lookups_without_news",
    "conflict_looked_up_status",
    "conflict_looked_up_at",
}


def etag_of(registration: Any) -> str:
    """A strong ETag: it changes with everything of a registration that an answer tells."""
    told = [
        [field.attname, getattr(registration, field.attname)]
        for field in registration._meta.concrete_fields
        if field.name not in UNSHOWN
    ]
    digest = hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()
    return f'"{digest[:32]}"'


def is_conditional(request: Request) -> bool:
    return "If-Match" in request.headers


def demand_match(request: Request, registration: Any) -> None:
    """Stop if the request was made for another state than the registration is in now."""
    wanted = request.headers.get("If-Match", "*")
    current = etag_of(registration)
    if wanted.strip() != "*" and current not in parse_etags(wanted):
        raise Problem(
            412,
            "changed_meanwhile",
            "It has changed since you read it. Read it again, and decide anew.",
            etag=current,
        )


def is_known(request: Request, etag: str) -> bool:
    """Whether the caller has just this already (If-None-Match)."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or etag in [one.removeprefix("W/") for one in parse_etags(known)]
