"""Pages of lists: a cursor names the row where a page begins, so that writes shift nothing."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from registrations.api.problems import wrong_parameter

LIMIT, MOST = 50, 200
# Any clock can reckon with these.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """A place in a list: behind (or, going back, before) the row of this moment and number."""

    order: str
    at: datetime
    number: int
    back: bool = False

    def __str__(self) -> str:
        text = f"{self.order} {self.at.isoformat()} {self.number} {int(self.back)}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Raises ValueError if this is no cursor of ours."""
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        order, at, number, back = urlsafe_b64decode(padded).decode("ascii").split(" ")
        cursor = cls(order, datetime.fromisoformat(at), int(number), back == "1")
        if cursor.at.tzinfo is None or not EARLIEST < cursor.at < LATEST:
            raise ValueError("There are no such moments.")
        if not 0 <= cursor.number < 2**63:
            raise ValueError("There are no such numbers.")
        return cursor


class CursorPages(BasePagination):
    """{"items": […], "next": …, "previous": …}, the last two as addresses, or null at the ends.

    A view says in `orders` by which fields of time its rows can be ordered; the first is the
    default, newest first. Nothing is counted or skipped: each page costs the same.
    """

    def paginate_queryset(self, rows: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        limit, order = _limit(request), order_of(request, view.orders)
        cursor = _cursor(request, order)
        moment, back = order.removeprefix("-"), cursor is not None and cursor.back
        falls = order.startswith("-") != back
        if cursor is not None:
            than = "lt" if falls else "gt"
            beyond = Q(**{f"{moment}__{than}": cursor.at}) | Q(**{f"pk__{than}": cursor.number})
            # The bound says nothing new, but an index can be used for it.
            rows = rows.filter(beyond, **{f"{moment}__{than}e": cursor.at})
        sign = "-" if falls else ""
        found = list(rows.order_by(f"{sign}{moment}", f"{sign}pk")[: limit + 1])
        shown, are_more = found[:limit], len(found) > limit
        if back:
            shown.reverse()
        self.next = self.previous = None
        if shown and (are_more or back):
            self.next = self._address(Cursor(order, getattr(shown[-1], moment), shown[-1].pk))
        if shown and cursor is not None and (are_more or not back):
            first = Cursor(order, getattr(shown[0], moment), shown[0].pk, back=True)
            self.previous = self._address(first)
        return shown

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"items": data, "next": self.next, "previous": self.previous})

    def _address(self, cursor: Cursor) -> str:
        query = self.request.query_params.copy()
        query["cursor"] = str(cursor)
        path = f"{self.request.path}?{urlencode(list(_pairs(query)))}"
        return self.request.build_absolute_uri(path)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["items", "next", "previous"],
            "properties": {
                "items": {"type": "array", "items": schema["items"]}
                if "items" in schema
                else schema,
                "next": {**link, "description": "Where the list goes on; null at its end."},
                "previous": {**link, "description": "The page before; null on the first."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orders = [f"{sign}{moment}" for moment in view.orders for sign in ("-", "")]
        return [
            _parameter("cursor", "Where the page begins; taken from `next` or `previous`."),
            _parameter(
                "limit",
                "How many rows a page has at most.",
                type="integer",
                minimum=1,
                maximum=MOST,
                default=LIMIT,
            ),
            _parameter(
                "order",
                "By what the rows are ordered; - is newest first.",
                type="string",
                enum=orders,
                default=orders[0],
            ),
        ]


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema or {"type": "string"},
    }


def _pairs(query: Any) -> Any:
    return ((name, value) for name, values in query.lists() for value in values)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise wrong_parameter("limit", f"Give a number from 1 to {MOST}.")
    return int(text)


def order_of(request: Request, orders: tuple[str, ...]) -> str:
    """The order that the address asks for, as "-created_at"."""
    order = request.query_params.get("order", f"-{orders[0]}")
    if order.removeprefix("-") not in orders or order.startswith("--"):
        known = ", ".join(f"{name}, -{name}" for name in orders)
        raise wrong_parameter("order", f"Rows are ordered by one of these: {known}.")
    return order


def _cursor(request: Request, order: str) -> Cursor | None:
    if "cursor" not in request.query_params:
        return None
    try:
        cursor = Cursor.read(request.query_params["cursor"])
    except (ValueError, OverflowError) as trouble:
        raise wrong_parameter("cursor", "Take it as it stands in next or previous.") from trouble
    if cursor.order != order:
        raise wrong_parameter("cursor", f"This one is of a list ordered by {cursor.order}.")
    return cursor
