"""What a spreadsheet of each thing tells, column by column.

A column stands here because somebody wants to read it. Tax ids, payloads and answers do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Model, QuerySet

from registrations.models import Brand, Campaign, NumberLink, Registration

# Rows are read in pieces of this size: the memory that a million of them take is that of one.
PIECE = 2000


@dataclass(frozen=True)
class Sheet:
    """The columns of a file, and what has to be read for them."""

    columns: dict[str, Callable[[Any], Any]]
    # Names of fields, also across relations ("organization__name"). No others are read.
    reads: list[str]

    @property
    def header(self) -> list[str]:
        return list(self.columns)

    def lines(self, rows: QuerySet[Any]) -> Iterator[list[Any]]:
        """The cells of each row, read from the database while they are written."""
        beside = {name.rpartition("__")[0] for name in self.reads if "__" in name}
        rows = rows.select_related(*beside).only(*self.reads)
        for row in rows.iterator(chunk_size=PIECE):
            yield [tell(row) for tell in self.columns.values()]


def name_of(person: str) -> Callable[[Any], str]:
    """The user name in this field, which may be nobody's."""
    return lambda row: getattr(getattr(row, person), "username", "")


def reasons(registration: Registration) -> str:
    """Why Plivo said no, word for word."""
    return "; ".join(
        f"{reason.get('code', '')} {reason.get('text', '')}".strip()
        for reason in registration.reasons
    )


def _registrations(
    model: type[Model], own: dict[str, Callable[[Any], Any]], own_reads: list[str]
) -> Sheet:
    columns: dict[str, Callable[[Any], Any]] = {
        "Reference": attrgetter("reference"),
        **own,
        "Organization": attrgetter("organization.name"),
        "Plivo account": attrgetter("account.auth_id"),
        "Status": lambda row: row.get_status_display(),
        "Confirmed": lambda row: "yes" if row.is_confirmed else "no",
        "Since": attrgetter("status_since"),
        **({} if model is NumberLink else {"Plivo id": attrgetter("plivo_id")}),
        "Conflict": attrgetter("conflict"),
        "Reasons": reasons,
        "Created": attrgetter("created_at"),
        "Created by": name_of("created_by"),
        "Asked by": name_of("requested_by"),
    }
    reads = [
        "reference",
        *own_reads,
        "organization__name",
        "account__auth_id",
        "status",
        "confirmed_status",
        "confirmed_at",
        "status_since",
        *([] if model is NumberLink else ["plivo_id"]),
        "conflict",
        "reasons",
        "created_at",
        "created_by__username",
        "requested_by__username",
    ]
    return Sheet(columns, reads)


SHEETS: dict[type[Registration], Sheet] = {
    Brand: _registrations(
        Brand,
        {"Name": attrgetter("name"), "Legal company name": attrgetter("company_name")},
        ["name", "company_name"],
    ),
    Campaign: _registrations(
        Campaign,
        {
            "Name": attrgetter("name"),
            "Use case": lambda campaign: campaign.get_usecase_display(),
            "Brand": attrgetter("brand.reference"),
            "Brand name": attrgetter("brand.name"),
        },
        ["name", "usecase", "brand__reference", "brand__name"],
    ),
    NumberLink: _registrations(
        NumberLink,
        {
            # As spreadsheets keep it: a plus sign would begin a formula.
            "Number": attrgetter("number"),
            "Campaign": attrgetter("campaign.reference"),
            "Campaign name": attrgetter("campaign.name"),
        },
        ["number", "campaign__reference", "campaign__name"],
    ),
}
