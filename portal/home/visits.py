"""When somebody was last here, so that home can tell what moved since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from registrations.models import Preferences

# Who does not look at home for so long has left.
VISIT_ENDS_AFTER = timedelta(minutes=30)


def last_visit_ended_at(user: Any) -> datetime | None:
    """Note that this person looks at home now; answer when her visit before this one ended.

    None while this is her first. The answer stays the same as long as this visit lasts.
    """
    now = timezone.now()
    Preferences.objects.get_or_create(user=user)
    rows = Preferences.objects.filter(user=user)
    # Of two pages opened at once only the first finds the old visit, and ends it.
    left = rows.filter(here_at__lt=now - VISIT_ENDS_AFTER)
    if not left.update(last_visit_ended_at=F("here_at"), here_at=now):
        rows.update(here_at=now)
    return rows.values_list("last_visit_ended_at", flat=True).get()
