"""The lines of all trails: who moved what from where to where, and why."""

from __future__ import annotations

from django_filters import IsoDateTimeFilter  # type: ignore[import-untyped]

from registrations.api.filtering import AboutList
from registrations.api.resources import Readable
from registrations.api.serializers import AuditEntrySerializer
from registrations.filters import SeveralFilter
from registrations.lifecycle import Actor, Cause, Status
from registrations.models import AuditEntry, Scope


class AuditEntryList(AboutList):
    """About what, by whom and when."""

    to_status = SeveralFilter(choices=Status.choices)
    actor = SeveralFilter(choices=Actor.choices)
    cause = SeveralFilter(choices=Cause.choices)
    at_from = IsoDateTimeFilter("at", "gte")
    at_to = IsoDateTimeFilter("at", "lt")


class AuditEntries(Readable):
    """The audit trail: written once, never changed, and chained by hashes."""

    model = AuditEntry
    serializer_class = AuditEntrySerializer
    filterset_class = AuditEntryList
    lookup_value_regex = "[0-9]{1,18}"
    orders = ("at",)
    related = ("brand", "campaign", "number_link", "user")
    scopes = {"list": Scope.EVIDENCE, "retrieve": Scope.EVIDENCE}
