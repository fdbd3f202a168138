"""What Submission and AuditEntry share: each is about exactly one brand, campaign or number link.

Three plain foreign keys, of which one is set, keep the database able to enforce what it is told.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from registrations.lifecycle import Kind

MODELS = {
    Kind.BRAND: "registrations.Brand",
    Kind.CAMPAIGN: "registrations.Campaign",
    Kind.NUMBER_LINK: "registrations.NumberLink",
}


def about_fields(related_name: str) -> tuple[Any, ...]:
    """One nullable foreign key per kind. Evidence is never deleted along with its subject."""
    return tuple(
        models.ForeignKey(MODELS[kind], models.PROTECT, null=True, related_name=related_name)
        for kind in Kind
    )


def about_exactly_one(name: str) -> models.CheckConstraint:
    one_of = Q()
    for chosen in Kind:
        one_of |= Q(**{f"{kind.value}__isnull": kind != chosen for kind in Kind})
    return models.CheckConstraint(name=name, condition=one_of)


def about_organizations(organizations: Any, prefix: str = "") -> Q:
    """The rows that are about a registration of one of these organizations.

    `prefix` leads to the row from what is filtered, as in "submission__".
    """
    found = Q()
    for kind in Kind:
        found |= Q(**{f"{prefix}{kind.value}__organization__in": organizations})
    return found


def registration_of(row: Any) -> Any:
    return row.brand or row.campaign or row.number_link
