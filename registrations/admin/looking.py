"""What every part of the admin stands on: to look is all that one may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, strip_tags
from django.utils.text import capfirst

from registrations.counting import count_up_to
from registrations.exporting import csv_response
from registrations.filters import LONGEST_SEARCH
from registrations.models import roles_of
from registrations.models.organization import HOUSE_ROLES
from registrations.sheets import PIECE, Sheet

SECRETS = {
    "ein",
    "ein_index",
    "typed",
    "last_lookup",
    "payload",
    "answer",
    "callback_url",
    "callback_token_digest",
    "token",
}
# How the admin's own links narrow a list, and no other way is open.
NARROWING = r"(__exact|__isnull|__id__exact|__isempty|__gte|__lt)?"
# Years that no clock shifts out of what can be reckoned.
DATES = {"year": r"(199|2\d\d)\d", "month": r"\d{1,2}", "day": r"\d{1,2}"}
PAGED = 5_000

# The parts of the admin's first page, in their order.
REGISTERED, HAPPENED, LOOKED_AFTER = SECTIONS = (
    "What is registered",
    "What happened",
    "What operators look after",
)


class UpToPaginator(Paginator):
    """Counts and turns pages no further than anybody does: else both read whole tables."""

    object_list: QuerySet[Any]

    @cached_property
    def counted(self) -> int:
        return count_up_to(self.object_list, PAGED)

    @property
    def count(self) -> int:
        return min(self.counted, PAGED)

    @property
    def is_cut(self) -> bool:
        """There are more rows than pages."""
        return self.counted > PAGED


class SearchForm(ChangeListSearchForm):
    """No search is longer than on the pages: SQLite would refuse it as too complex."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR].validators.append(MaxLengthValidator(LONGEST_SEARCH))


class Rows(ChangeList):
    search_form_class = SearchForm


def link(text: Any, address: str, *args: Any, **query: Any) -> str:
    """A link to the page of this address, with these filters."""
    url = reverse(address, args=args)
    return format_html('<a href="{}">{}</a>', f"{url}?{urlencode(query)}" if query else url, text)


def links(*several: str) -> str:
    """Links beside each other."""
    return format_html(" · ".join(["{}"] * len(several)), *several)


class LookOnlyAdmin(admin.ModelAdmin):
    """Shown to the house's people, who may not add, change or delete anything through it.

    What is posted is refused unless it is one of the actions that this person is offered.
    """

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = UpToPaginator
    actions = ["export"]
    # Where it stands on the admin's first page, and what is told of it there.
    section = LOOKED_AFTER
    purpose = ""
    # Not read for a list: long, or encrypted, and perhaps of what is shown beside it.
    unread: list[str] = []
    # The columns of a file; those of the list if there is nothing here.
    sheet: Sheet | None = None
    # Fields by which other pages of the admin lead here, beside those of the filters.
    narrowed_by: list[str] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).defer(*self.unread)
        return rows.for_user(request.user) if hasattr(rows, "for_user") else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(roles_of(request.user) & HOUSE_ROLES)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request.user) & HOUSE_ROLES)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields if field.name in SECRETS]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            self._refuse_what_is_not_offered(request)
        told = request.GET.copy()
        for name in [name for name, values in told.lists() if not any(values)]:
            del told[name]  # the boxes of the filters send "all" as nothing
        if request.method == "GET" and told != request.GET:
            return redirect(f"{request.path}?{told.urlencode()}" if told else request.path)
        title = {"title": capfirst(str(self.model._meta.verbose_name_plural))}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Django asks only about rows that it finds: others would be told whether there is one.
        if not self.has_module_permission(request):
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not self.has_module_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Rows

    def _refuse_what_is_not_offered(self, request: HttpRequest) -> None:
        named = {name for name in request.POST.getlist("action") if name}
        if "action" not in request.POST or "_save" in request.POST:
            raise PermissionDenied
        if named - set(self.get_actions(request)):
            raise PermissionDenied

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the page itself offers: a list answers no other question about its rows."""
        if "\x00" in value:
            return False
        moment, _, part = lookup.rpartition("__")
        if self.date_hierarchy and moment == self.date_hierarchy and part in DATES:
            return bool(re.fullmatch(DATES[part], value, re.ASCII))
        return any(re.fullmatch(re.escape(name) + NARROWING, lookup) for name in self._narrowing())

    def _narrowing(self) -> Iterator[str]:
        yield from self.narrowed_by
        for one in self.list_filter:
            if isinstance(one, str):
                yield one
            elif isinstance(one, tuple):
                yield str(one[0])
            else:
                yield one.parameter_name

    @admin.action(description="Export as CSV", permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        name = str(self.model._meta.verbose_name_plural).replace(" ", "-")
        if self.sheet is not None:
            return csv_response(request, name, self.sheet.header, self.sheet.lines(queryset))
        columns = [str(column) for column in self.get_list_display(request) if column != "page"]
        header = [str(label_for_field(column, self.model, self)) for column in columns]
        if isinstance(self.list_select_related, list):
            queryset = queryset.select_related(*self.list_select_related)
        cells = (
            [self._cell(column, row) for column in columns]
            for row in queryset.iterator(chunk_size=PIECE)
        )
        return csv_response(request, name, header, cells)

    def _cell(self, column: str, row: Any) -> Any:
        field, _, value = lookup_field(column, row, self)
        if field is not None and field.choices:
            return display_for_field(value, field, "")
        return strip_tags(value) if hasattr(value, "__html__") else value
