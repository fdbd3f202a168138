"""What is told along with registrations (`include=`), in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Model, Prefetch

from registrations import actions
from registrations.api.filtering import with_updated_at
from registrations.models import AuditEntry, Brand, Campaign, NumberLink, Submission

# Of each, the newest so many; there are lists for all.
MOST = 50

# What needs the scope for it.
EVIDENCE = {"submissions", "trail"}

PEOPLE = ("created_by", "requested_by", "deactivation_requested_by")
REQUESTS = Submission.objects.select_related(
    "account", "requested_by", "approved_by", "decision_proposed_by", "decided_by"
)


def prefetched(model: type[Model], asked: Collection[str]) -> list[Prefetch[Any]]:
    """What is read along with rows of this model."""
    found = {
        "brand": lambda: Prefetch("brand", _whole(Brand, "account", *PEOPLE)),
        "campaign": lambda: Prefetch("campaign", _whole(Campaign, "account", "brand", *PEOPLE)),
        "numbers": lambda: Prefetch(
            "number_links",
            _whole(NumberLink, "account", "campaign", *PEOPLE).order_by("-pk")[:MOST],
            to_attr="included_numbers",
        ),
        "submissions": lambda: Prefetch(
            "submissions",
            REQUESTS.order_by("-generation")[:MOST],
            to_attr="included_submissions",
        ),
        "trail": lambda: Prefetch(
            "trail",
            AuditEntry.objects.select_related("user").order_by("-sequence")[:MOST],
            to_attr="included_trail",
        ),
    }
    return [found[name]() for name in asked if name in found]


def included(row: Any, asked: Collection[str], user: Any, serializers: Any) -> dict[str, Any]:
    """What was asked for along with this row. `serializers` tells how each is told."""
    told: dict[str, Any] = {}
    for name in asked:
        if name == "verbs":
            told[name] = [verb.name for verb in actions.what_can_be_done(row, user)]
        elif name in ("brand", "campaign"):
            told[name] = serializers[name](getattr(row, name)).data
        else:
            told[name] = serializers[name](getattr(row, f"included_{name}"), many=True).data
    return told


def _whole(model: type[Model], *related: str) -> Any:
    rows = with_updated_at(model._default_manager.all())
    return rows.select_related(*related).defer("typed", "last_lookup")
