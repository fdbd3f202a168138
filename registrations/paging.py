"""Pages of long lists, newest first, that cost the same however deep one reads.

A page begins where the last one ended (its moment and number), not after so-and-so many rows:
nothing is counted or skipped, and rows that come meanwhile shift nobody's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

PAGE_SIZE = 50

# In the address: rows older than this one, or newer than it.
OLDER_THAN, NEWER_THAN = "before", "after"


@dataclass(frozen=True)
class Page:
    """Some rows, and the query strings of the pages beside them ("" where there is none)."""

    rows: list[Any]
    newer: str
    older: str


def page_of(
    rows: QuerySet[Any], request: HttpRequest, *, moment: str = "created_at", size: int = PAGE_SIZE
) -> Page:
    """The page of `rows` that the address names; the newest one if it names none that is.

    `moment` is the field of time by which they are ordered; the other filters of the address are
    kept. One query.
    """
    older_than = _position(request.GET.get(OLDER_THAN, ""))
    newer_than = None if older_than else _position(request.GET.get(NEWER_THAN, ""))
    if newer_than:
        at, number = newer_than
        later = Q(**{f"{moment}__gte": at}) & (Q(**{f"{moment}__gt": at}) | Q(pk__gt=number))
        found = list(rows.filter(later).order_by(moment, "pk")[: size + 1])
        beyond, shown = len(found) > size, found[:size][::-1]
        return Page(
            rows=shown,
            newer=_address(request, NEWER_THAN, shown[0], moment) if beyond else "",
            older=_address(request, OLDER_THAN, shown[-1], moment) if shown else "",
        )
    if older_than:
        at, number = older_than
        rows = rows.filter(
            Q(**{f"{moment}__lte": at}) & (Q(**{f"{moment}__lt": at}) | Q(pk__lt=number))
        )
    found = list(rows.order_by(f"-{moment}", "-pk")[: size + 1])
    beyond, shown = len(found) > size, found[:size]
    return Page(
        rows=shown,
        newer=_address(request, NEWER_THAN, shown[0], moment) if older_than and shown else "",
        older=_address(request, OLDER_THAN, shown[-1], moment) if beyond else "",
    )


def _position(text: str) -> tuple[datetime, int] | None:
    """A place in the list as the address writes it: 2026-11-25T12:00:00.000000Z~17."""
    moment, _, number = text.partition("~")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    # Django's numbers have 19 digits at most; Python reads odd digits that a database does not.
    if at is None or timezone.is_naive(at) or not (number.isascii() and number.isdigit()):
        return None
    # Near the ends of time a moment has no other time zones.
    if not 1900 < at.year < 9000 or len(number) > 18:
        return None
    return at, int(number)


def _address(request: HttpRequest, name: str, row: Any, moment: str) -> str:
    query = request.GET.copy()
    for known in (OLDER_THAN, NEWER_THAN):
        query.pop(known, None)
    at = getattr(row, moment).astimezone(timezone.get_fixed_timezone(0))
    query[name] = f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z~{row.pk}"
    return f"?{query.urlencode()}"
