"""What lists of registrations are narrowed by: the same questions that the pages ask."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from registrations import filters
from registrations.lifecycle import statuses_of


class StatusFilter(admin.SimpleListFilter):
    """The statuses that this kind can wear."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kind = model_admin.model.kind
        return [(status.value, str(status.label)) for status in statuses_of(kind)]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(status=self.value()) if self.value() else rows


class AttentionFilter(admin.SimpleListFilter):
    title = "need"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Needs attention")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return filters.needing_attention(rows) if self.value() == "yes" else rows


class ConfirmedFilter(admin.SimpleListFilter):
    title = "word of Plivo"
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Confirmed by a look-up"), ("no", "Only reported"), ("torn", "In conflict")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "yes":
                return filters.confirmed(rows)
            case "no":
                return filters.only_reported(rows)
            case "torn":
                return rows.exclude(conflict="")
            case _:
                return rows


class ByNameFilter(admin.RelatedFieldListFilter):
    """One of many, chosen from a box: a list of all of them would be longer than the page."""

    template = "admin/filter_by_name.html"

    def choices(self, changelist: Any) -> Any:
        yield {
            "name": self.lookup_kwarg,
            "chosen": str((self.lookup_val or [""])[-1]),
            "options": [(str(pk), text) for pk, text in self.lookup_choices],
            "others": [
                (name, value)
                for name, values in changelist.filter_params.items()
                if name != self.lookup_kwarg
                for value in values
            ],
        }
