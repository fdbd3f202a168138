"""What the admin shows otherwise than Django does: its first page, and the days of a list."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import template
from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format

from registrations.admin.looking import SECTIONS

register = template.Library()


@register.simple_tag
def sections(app_list: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(title, models) pairs in our order and words; each model also tells what it is for."""
    found: dict[str, list[dict[str, Any]]] = {title: [] for title in SECTIONS}
    for app in app_list:
        for model in app["models"]:
            shown_by: Any = admin.site.get_model_admin(model["model"])
            found[shown_by.section].append({**model, "purpose": shown_by.purpose})
    return [(title, models) for title, models in found.items() if models]


@register.inclusion_tag("admin/date_hierarchy.html")
def days(cl: Any) -> dict[str, Any]:
    """The years, months or days between the oldest row and the newest.

    Django's own shows only those that have rows, and reads the whole table to find out.
    """
    field = cl.date_hierarchy
    moments = cl.root_queryset.order_by().values_list(field, flat=True)
    oldest, newest = moments.order_by(field).first(), moments.order_by(f"-{field}").first()
    if oldest is None or newest is None:
        return {"show": False}
    begin, end = timezone.localtime(oldest).date(), timezone.localtime(newest).date()
    asked = {part: cl.params.get(f"{field}__{part}") for part in ("year", "month", "day")}
    year, month, day = (int(value) if value else None for value in asked.values())

    def to(**parts: int | None) -> str:
        new = {f"{field}__{part}": value for part, value in parts.items()}
        return cl.get_query_string(new, [f"{field}__"])

    if year and month and day:
        back = {"link": to(year=year, month=month), "title": _month(year, month)}
        return {"show": True, "back": back, "choices": [{"title": _day(date(year, month, day))}]}
    if year and month:
        back = {"link": to(year=year), "title": str(year)}
        choices = [
            {"link": to(year=year, month=month, day=one.day), "title": _day(one)}
            for one in _days(year, month)
            if begin <= one <= end
        ]
        return {"show": True, "back": back, "choices": choices}
    if year or begin.year == end.year:
        year = year or begin.year
        months = [(year, one) for one in range(1, 13)]
        choices = [
            {"link": to(year=year, month=one), "title": _month(year, one)}
            for year, one in months
            if (begin.year, begin.month) <= (year, one) <= (end.year, end.month)
        ]
        all_dates = {"link": to(), "title": "All dates"} if asked["year"] else None
        return {"show": True, "back": all_dates, "choices": choices}
    years = range(begin.year, end.year + 1)
    return {"show": True, "choices": [{"link": to(year=one), "title": str(one)} for one in years]}


def _days(year: int, month: int) -> Iterator[date]:
    for day in range(1, calendar.monthrange(year, month)[1] + 1):
        yield date(year, month, day)


def _day(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


def _month(year: int, month: int) -> str:
    return date_format(date(year, month, 1), "YEAR_MONTH_FORMAT")
