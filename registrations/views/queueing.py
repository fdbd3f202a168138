"""The queue of the review desk: many sources told as one, the longest waiting first.

A page begins where the last one ended, not after so-and-so many rows: requests that are decided
meanwhile shift nobody's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from registrations.forms.review import Ask, QueueForm
from registrations.models import Submission
from registrations.views.waiting import Source, Waiting, described, sources

PAGE_SIZE = 50


class Position(NamedTuple):
    """A place in the queue: since when, in which source, which row."""

    since: datetime
    source: str
    pk: int

    def __str__(self) -> str:
        at = self.since.astimezone(timezone.get_fixed_timezone(0)).replace(tzinfo=None)
        return f"{at.isoformat(timespec='microseconds')}Z~{self.source}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> Position | None:
        """The place that an address names; None if there can be no such place."""
        moment, _, rest = text.partition("~")
        source, _, number = rest.partition("~")
        try:
            since = parse_datetime(moment)
        except ValueError:
            return None
        # Django's numbers have 19 digits at most; Python reads digits that a database does not.
        is_number = number.isascii() and number.isdigit() and len(number) <= 18
        if since is None or timezone.is_naive(since) or not is_number:
            return None
        return cls(since, source, int(number))


@dataclass(frozen=True)
class QueuePage:
    """Some rows, and the places after or before which those beside them begin ("" if none)."""

    rows: list[Waiting]
    earlier: str
    later: str


class Queue:
    """What waits for compliance, as far as this person and these filters let it be seen."""

    def __init__(self, user: Any, filters: QueueForm) -> None:
        self.user = user
        self.all = sources(user, filters)
        ask = filters.chosen("ask")
        self.shown = [source for source in self.all if not ask or source.ask == ask]

    def counts(self) -> dict[Ask, int]:
        """How many wait for each thing."""
        counts = dict.fromkeys(Ask, 0)
        for source in self.all:
            counts[source.ask] += source.rows.count()
        return counts

    def page(self, *, after: str = "", before: str = "", size: int = PAGE_SIZE) -> QueuePage:
        """The rows after or before a place; the oldest ones if none is named."""
        start, end = Position.read(after), Position.read(before)
        if end is not None and start is None:
            found = self._walk(end, size + 1, backwards=True)
            shown, is_first, is_last = found[:size][::-1], len(found) <= size, False
        else:
            found = self._walk(start, size + 1)
            shown, is_first, is_last = found[:size], start is None, len(found) <= size
        return QueuePage(
            rows=[described(source, row, self.user) for source, row in shown],
            earlier="" if is_first or not shown else str(_place(shown[0])),
            later="" if is_last or not shown else str(_place(shown[-1])),
        )

    def beside(self, place: Position) -> tuple[Any, Any]:
        """The registrations before and after a place, or None."""
        found = (self._walk(place, 1, backwards=True), self._walk(place, 1))
        before, after = (
            described(*pair[0], self.user).registration if pair else None for pair in found
        )
        return before, after

    def about(self, registration: Any) -> tuple[list[Waiting], Position | None]:
        """All that this registration waits for, whatever the filters, and its place if any."""
        found = [
            (source, row)
            for source in sources(self.user)
            for row in self._rows_about(source, registration)
        ]
        place = min(map(_place, found), default=None)
        return [described(source, row, self.user) for source, row in found], place

    def _rows_about(self, source: Source, registration: Any) -> Any:
        model = source.rows.model
        if model is Submission:
            return source.rows.filter(**{registration.kind.value: registration.pk})
        return source.rows.filter(pk=registration.pk) if isinstance(registration, model) else ()

    def _walk(
        self, place: Position | None, size: int, *, backwards: bool = False
    ) -> list[tuple[Source, Any]]:
        """The next rows from a place on (the end if there is none), in the order of walking."""
        order = ["-since", "-pk"] if backwards else ["since", "pk"]
        found = []
        for source in self.shown:
            rows = (
                source.rows
                if place is None
                else source.rows.filter(_past(place, source, backwards))
            )
            found += [(source, row) for row in rows.order_by(*order)[:size]]
        found.sort(key=_place, reverse=backwards)
        return found[:size]


def _place(found: tuple[Source, Any]) -> Position:
    source, row = found
    return Position(row.since, source.name, row.pk)


def _past(place: Position, source: Source, backwards: bool) -> Q:
    """Rows of this source beyond a place, which may be in another source."""
    beyond = "lt" if backwards else "gt"
    further = Q(**{f"since__{beyond}": place.since})
    if source.name == place.source:
        return further | Q(since=place.since, **{f"pk__{beyond}": place.pk})
    comes_later = source.name > place.source
    return further | Q(since=place.since) if comes_later is not backwards else further
