"""The lines of all trails: who moved what from where to where, and why."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet, IsoDateTimeFilter  # type: ignore[import-untyped]

from registrations.api.filtering import about_reference
from registrations.api.resources import Readable
from registrations.api.serializers import AuditEntrySerializer
from registrations.filters import SeveralFilter
from registrations.lifecycle import Actor, Cause, Status
from registrations.models import AuditEntry, Scope


class AuditEntryList(FilterSet):
    """About what, by whom and when."""

    registration = CharFilter(label="Reference of the registration", method="about", max_length=20)
    to_status = SeveralFilter(choices=Status.choices)
    actor = SeveralFilter(choices=Actor.choices)
    cause = SeveralFilter(choices=Cause.choices)
    at_from = IsoDateTimeFilter("at", "gte")
    at_to = IsoDateTimeFilter("at", "lt")

    def about(self, rows: QuerySet[Any], name: str, reference: str) -> QuerySet[Any]:
        return about_reference(rows, reference)


class AuditEntries(Readable):
    """The audit trail: written once, never changed, and chained by hashes."""

    model = AuditEntry
    serializer_class = AuditEntrySerializer
    filterset_class = AuditEntryList
    lookup_value_regex = "[0-9]{1,18}"
    orders = ("at",)
    related = ("brand", "campaign", "number_link", "user")
    scopes = {"list": Scope.EVIDENCE, "retrieve": Scope.EVIDENCE}
