"""Lists of registrations, and the same rows as a file for a spreadsheet.

What is filtered stands in the address, so that a bookmark is a saved filter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from registrations.counting import count_up_to
from registrations.exporting import csv_response
from registrations.filters import FILTERS, RegistrationFilter, reported_statuses
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Kind, Status, statuses_of
from registrations.models import Brand, Campaign, NumberLink, Registration
from registrations.paging import NEWER_THAN, OLDER_THAN, page_of
from registrations.sheets import SHEETS

COUNTED = 1000
PLACES = (OLDER_THAN, NEWER_THAN)

# What a line shows. No more is read: other columns are long, or encrypted.
LINE = [
    "reference",
    "status",
    "status_since",
    "created_at",
    "confirmed_status",
    "confirmed_at",
    "conflict",
    "organization__name",
]
LINES: dict[type[Registration], list[str]] = {
    Brand: [*LINE, "name", "company_name", "plivo_id"],
    Campaign: [*LINE, "name", "usecase", "plivo_id", "brand__reference", "brand__name"],
    NumberLink: [*LINE, "number", "campaign__reference", "campaign__name"],
}
BESIDE: dict[type[Registration], list[str]] = {
    Brand: ["organization"],
    Campaign: ["organization", "brand"],
    NumberLink: ["organization", "campaign"],
}


@dataclass(frozen=True)
class Choice:
    """A way to other rows, and whether they are the ones that are shown."""

    label: str
    address: str
    here: bool = False


@login_required
@require_safe
def registration_list(request: HttpRequest, model: type[Registration]) -> HttpResponse:
    """The registrations of one kind that this person may know of, newest first."""
    asked = _without_blanks(request.GET)
    if asked != request.GET:
        return redirect(_address(request.path, asked))
    return _page(request, model, _wanted(request, model))


@login_required
@require_safe
def export(request: HttpRequest, model: type[Registration]) -> HttpResponseBase:
    """All rows that the same address shows as a list, as a file."""
    wanted = _wanted(request, model)
    if _unknown(wanted) or not wanted.is_valid():
        # Nobody takes more with her than what she meant to ask for.
        return _page(request, model, wanted, status=400)
    sheet = SHEETS[model]
    name = str(model._meta.verbose_name_plural).replace(" ", "-")
    return csv_response(request, name, sheet.header, sheet.lines(wanted.qs))


def _wanted(request: HttpRequest, model: type[Registration]) -> RegistrationFilter:
    rows = model.objects.for_user(request.user)
    return FILTERS[model.kind](request.GET, rows, request=request)


def _page(
    request: HttpRequest, model: type[Registration], wanted: RegistrationFilter, status: int = 200
) -> HttpResponse:
    kind, asked = model.kind, _without_blanks(request.GET, PLACES)
    rows = wanted.qs.select_related(*BESIDE[model]).only(*LINES[model])
    page, more = page_of(rows, request), _beside_search(wanted)
    reported = reported_statuses(kind)
    for row in page.rows:
        row.is_only_reported = row.status in reported and not row.is_confirmed
    list_url, export_url = reverse(f"{kind.value}-list"), reverse(f"{kind.value}-export")
    context = {
        "kind": kind,
        "title": model._meta.verbose_name_plural,
        "name": model._meta.verbose_name,
        "wanted": wanted,
        "unknown": _unknown(wanted),
        "more": more,
        "chosen": list(_chosen(list_url, wanted, asked)),
        "shortcuts": _shortcuts(kind, list_url, asked),
        "page": page,
        "count": count_up_to(wanted.qs, COUNTED),
        "counted": COUNTED,
        "several_organizations": any(bound.name == "organization" for bound in more),
        "list_url": list_url,
        "new_url": reverse(f"{kind.value}-new"),
        "export_url": _address(export_url, asked),
        "keep_url": request.build_absolute_uri(_address(list_url, asked)),
        "line": f"registrations/_list_{kind.value}.html",
    }
    return render(request, "registrations/list.html", context, status=status)


def _unknown(wanted: RegistrationFilter) -> list[str]:
    return [name for name in wanted.unknown if name not in PLACES]


def _beside_search(wanted: RegistrationFilter) -> list[forms.BoundField]:
    """The other filters. An organization or account is asked for only where there are several."""

    def asks(bound: forms.BoundField) -> bool:
        choices: Any = getattr(bound.field, "choices", None)
        leaves_a_choice = not isinstance(bound.field, forms.ModelChoiceField) or len(choices) > 2
        return bound.name != "q" and (bool(bound.value()) or leaves_a_choice)

    return [bound for bound in wanted.form if asks(bound)]


def _chosen(list_url: str, wanted: RegistrationFilter, asked: QueryDict) -> Iterator[Choice]:
    """Every filter that is on, and the address of the same list without it."""
    told = wanted.form.cleaned_data if wanted.form.is_valid() else {}
    for name, field in wanted.form.fields.items():
        for value in asked.getlist(name) if told.get(name) else []:
            others = asked.copy()
            others.setlist(name, [other for other in asked.getlist(name) if other != value])
            yield Choice(
                f"{field.label}: {_shown(field, value, told[name])}", _address(list_url, others)
            )


def _shown(field: Any, value: str, told: Any) -> str:
    """A value of the address as the form calls it."""
    if isinstance(field, forms.ModelChoiceField):
        return str(told)
    if isinstance(field, forms.ChoiceField):
        names: Any = field.choices
        return str(dict(names).get(value, value))
    return value


def _shortcuts(kind: Kind, list_url: str, asked: QueryDict) -> list[Choice]:
    """What people look for most."""
    on_its_way = [s for s in statuses_of(kind) if s in QUEUED | AWAITING_PLIVO]
    filters: list[tuple[str, dict[str, list[str]]]] = [
        ("All", {}),
        ("Needs attention", {"attention": ["yes"]}),
        ("On its way", {"status": [status.value for status in on_its_way]}),
    ]
    if kind == Kind.NUMBER_LINK:
        filters += [("Linked", {"status": [Status.LINKED.value]})]
    else:
        filters += [
            ("In review", {"status": [Status.IN_REVIEW.value]}),
            ("Registered", {"status": [Status.REGISTERED.value]}),
            ("My drafts", {"status": [Status.DRAFT.value], "asked_by": ["me"]}),
        ]
    links = []
    for label, values in filters:
        query = QueryDict(mutable=True)
        for name, several in values.items():
            query.setlist(name, several)
        links.append(Choice(label, _address(list_url, query), here=query == asked))
    return links


def _without_blanks(query: QueryDict, others: tuple[str, ...] = ()) -> QueryDict:
    """What was really asked: a form sends its empty fields along."""
    asked = QueryDict(mutable=True)
    for name, values in query.lists():
        told = [value for value in values if value]
        if told and name not in others:
            asked.setlist(name, told)
    return asked


def _address(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path
