"""Rows as CSV, for spreadsheets that must not run what people or Plivo wrote."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from registrations.models import Deed, SecurityEvent
from registrations.peers import peer_of

# A cell that begins with one of these is a formula to a spreadsheet, also after blanks and quotes.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def neutralised(value: Any) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would calculate."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="seconds")
    text = "" if value is None else str(value).replace("\x00", "")
    bare = text.lstrip(" '\"\u00a0\u200b\ufeff")
    return f"'{text}" if bare.startswith(FORMULA) else text


def csv_response(
    request: HttpRequest, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """`rows` as the file `name`.csv, written while it is read; who took it is written down.

    Give an iterator that reads the database in pieces: then a million rows need no memory.
    """
    SecurityEvent.write(
        Deed.EXPORTED,
        by=request.user,
        peer=peer_of(request),
        detail=f"{name}: {request.META.get('QUERY_STRING', '')}"[:500],
    )
    return StreamingHttpResponse(
        _lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # by this Excel knows the encoding
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([neutralised(value) for value in row])
