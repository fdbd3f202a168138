"""An operator's part: is work being done, does Plivo let us in, and who came in here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from callbacks.models import QUARANTINE, Callback
from portal.home.tile import Tile, callback_tiles
from registrations.models import (
    Notice,
    PlivoAccount,
    Role,
    SecurityEvent,
    State,
    Submission,
)

FEW = 8

# A sweep may be late by its own length and a little; after that somebody should look.
SWEEPS_MISSED = 3


def part(user: Any, left_at: datetime | None) -> dict[str, Any]:
    return {
        "accounts": _accounts(),
        "tiles": [*_of_requests(), *callback_tiles(user), _quarantine(), _mail()],
        "notices": _failed_notices().select_related("user").order_by("-pk")[:FEW],
        "events": SecurityEvent.objects.select_related("user", "about")[:FEW],
        "without_second_factor": _approvers_without_second_factor(),
        "second_factor_is_demanded": settings.SECOND_FACTOR_FOR_APPROVERS,
    }


def _accounts() -> list[dict[str, Any]]:
    now = timezone.now()
    live = Q(tokens__active_from__lte=now) & (
        Q(tokens__retired_at=None) | Q(tokens__retired_at__gt=now)
    )
    swept_by = now - timedelta(seconds=settings.LIST_SWEEP_SECONDS * SWEEPS_MISSED)
    return [
        {
            "account": account,
            "held": account.hold_until is not None and account.hold_until > now,
            "unswept": (account.last_list_sweep_at or account.created_at) < swept_by,
            "tokens": account.live,
        }
        for account in PlivoAccount.objects.annotate(live=Count("tokens", filter=live))
    ]


def _of_requests() -> list[Tile]:
    overdue = Q(state=State.QUEUED, due_at__lt=timezone.now())
    unknown = Q(state=State.UNKNOWN)
    told = Submission.objects.filter(state__in=[State.QUEUED, State.UNKNOWN]).aggregate(
        overdue=Count("pk", filter=overdue),
        overdue_at=Min("due_at", filter=overdue),
        unknown=Count("pk", filter=unknown),
        unknown_at=Min("unknown_since", filter=unknown),
    )
    return [
        Tile(
            "Requests due and not sent",
            told["overdue"],
            reverse("stuck"),
            told["overdue_at"],
            colour="amber",
        ),
        Tile(
            "Requests out of sight",
            told["unknown"],
            reverse("stuck"),
            told["unknown_at"],
            colour="amber",
        ),
    ]


def _quarantine() -> Tile:
    rows = Callback.objects.filter(outcome__in=QUARANTINE).order_by()
    told = rows.aggregate(count=Count("pk"), oldest=Min("received_at"))
    outcomes = "&".join(f"outcome={outcome}" for outcome in QUARANTINE)
    url = f"{reverse('callback-list')}?{outcomes}"
    return Tile("Callbacks in quarantine", told["count"], url, told["oldest"])


def _mail() -> Tile:
    told = _failed_notices().aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Tile("Mails that failed", told["count"], "#mail", told["oldest"], colour="red")


def _failed_notices() -> Any:
    return Notice.objects.filter(sent_at=None).exclude(error="").order_by()


def _approvers_without_second_factor() -> Any:
    approvers = User.objects.filter(is_active=True, groups__name=Role.COMPLIANCE)
    return approvers.filter(second_factor=None).order_by("username")
