"""Compliance's part: every queue with its length and the age of its oldest, and the oldest few."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from portal.home.tile import Tile, callback_tiles
from registrations import ageing
from registrations.ageing import Case, Why
from registrations.lifecycle import Status
from registrations.models import REGISTRATION_MODELS, AuditEntry, Brand, Campaign

# How many of each queue are named on the page.
FEW = 5

LATELY = timedelta(days=30)
NO = [Status.REJECTED, Status.REFUSED, Status.LINK_FAILED]


def part(user: Any, left_at: datetime | None) -> dict[str, Any]:
    stuck = ageing.cases(user)
    return {
        "tiles": [
            _to_review(user),
            _to_end(user),
            *_of_stuck(stuck),
            *callback_tiles(user),
            *_unsolved(user),
        ],
        "to_review": _oldest_to_review(user),
        "stuck": ageing.tell(stuck[:FEW], user),
        "rejected": _rejected_lately(user),
    }


def _to_review(user: Any) -> Tile:
    counts = [
        model.objects.for_user(user)
        .filter(status=Status.IN_REVIEW)
        .aggregate(count=Count("pk"), oldest=Min("status_since"))
        for model in (Brand, Campaign)
    ]
    return Tile(
        "Waiting for review",
        sum(count["count"] for count in counts),
        reverse("review"),
        _oldest(count["oldest"] for count in counts),
        colour="amber",
    )


def _to_end(user: Any) -> Tile:
    asked: list[datetime] = []
    for model in (Brand, Campaign):
        wish = AuditEntry.objects.filter(
            **{model.kind.value: OuterRef("pk")},
            user=OuterRef("deactivation_requested_by"),
            from_status=F("to_status"),
        ).order_by("-sequence")
        asked += (
            model.objects.for_user(user)
            .filter(deactivation_requested_by__isnull=False)
            .order_by()
            .annotate(asked_at=Coalesce(Subquery(wish.values("at")[:1]), F("status_since")))
            .values_list("asked_at", flat=True)
        )
    return Tile(
        "Deactivations asked for",
        len(asked),
        reverse("review"),
        _oldest(asked),
        colour="amber",
    )


def _of_stuck(cases: list[Case]) -> list[Tile]:
    """Contradictions, decisions, and what is merely slow."""
    told = []
    for label, reasons, query, colour in (
        ("Needs a decision", [Why.DECISION], f"?why={Why.DECISION}", "red"),
        ("In conflict", [Why.CONFLICT], f"?why={Why.CONFLICT}", "red"),
        ("Stuck in all", list(Why), "", "amber"),
    ):
        chosen = [case for case in cases if case.why in reasons]
        told.append(
            Tile(
                label,
                len(chosen),
                reverse("stuck") + query,
                _oldest(case.since for case in chosen),
                colour=colour,
            )
        )
    return told


def _unsolved(user: Any) -> list[Tile]:
    """What Plivo said no to and nobody has corrected since, kind by kind."""
    tiles = []
    for model in REGISTRATION_MODELS:
        counts = (
            model.objects.for_user(user)
            .filter(status__in=NO)
            .aggregate(
                count=Count("pk"),
                oldest=Min("status_since"),
                lately=Count("pk", filter=Q(status_since__gte=timezone.now() - LATELY)),
            )
        )
        statuses = "&".join(f"status={status}" for status in NO if status in model.statuses())
        tiles.append(
            Tile(
                f"{model._meta.verbose_name_plural} refused".capitalize(),
                counts["count"],
                f"{reverse(f'{model.kind.value}-list')}?{statuses}",
                counts["oldest"],
                colour="red",
                note=f"{counts['lately']} in the last {LATELY.days} days",
            )
        )
    return tiles


def _oldest_to_review(user: Any) -> list[Any]:
    rows = [
        row
        for model in (Brand, Campaign)
        for row in model.objects.for_user(user)
        .filter(status=Status.IN_REVIEW)
        .select_related("organization", "requested_by")
        .defer("last_lookup", "typed")
        .order_by("status_since")[:FEW]
    ]
    return sorted(rows, key=lambda row: row.status_since)[:FEW]


def _rejected_lately(user: Any) -> list[Any]:
    rows = [
        row
        for model in (Brand, Campaign)
        for row in model.objects.for_user(user)
        .filter(status__in=NO, status_since__gte=timezone.now() - LATELY)
        .select_related("organization")
        .defer("last_lookup", "typed")
        .order_by("-status_since")[:FEW]
    ]
    return sorted(rows, key=lambda row: row.status_since, reverse=True)[:FEW]


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
