"""A request, what an endpoint sees of it, and the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from registrations.plivo.sandbox.cards import Story

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox
    from registrations.plivo.sandbox.state import Document, Shelf, State


class Refusal(Exception):
    """The API answers with this HTTP status and this text."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request as it came. Names of headers are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """An answer, and how the connection treats it.

    `delay` holds it back by so many seconds. `cut` is "" (all is sent), "closed" (no byte is
    sent), "reset" (no byte, and the connection is reset) or "half" (the body breaks off).
    `first` are the callbacks to deliver before it is sent.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0
    cut: str = ""
    first: tuple[str, ...] = ()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Call:
    """What an endpoint sees: who calls, with which fields, on which object, and how it will end."""

    sandbox: Sandbox
    account: str
    operation: str
    fields: dict[str, Any]
    query: dict[str, str]
    ids: tuple[str, ...]
    story: Story

    @property
    def state(self) -> State:
        return self.sandbox.state

    def mine(self, shelf: Shelf) -> list[Document]:
        return [row for row in shelf.rows() if row["_account"] == self.account]

    def get(self, shelf: Shelf, object_id: str, text: str) -> Document:
        """The caller's object. Raises Refusal (404): to others it does not exist."""
        row = shelf.get(object_id)
        if row is None or row["_account"] != self.account:
            raise Refusal(text, 404)
        return row

    def page(self, path: str, key: str, rows: list[Document]) -> dict[str, Any]:
        """One page of a list, as `limit` and `offset` in the query ask for it."""
        settings = self.state.settings
        if settings["newest_first"]:
            rows = rows[::-1]
        try:
            limit, offset = int(self.query.get("limit", 20)), int(self.query.get("offset", 0))
        except ValueError:
            raise Refusal("limit and offset must be integers") from None
        if not 1 <= limit <= 20:
            raise Refusal("limit must be between 1 and 20")
        if offset < 0:
            raise Refusal("offset must not be negative")

        def at(start: int) -> str:
            query = urlencode({**self.query, "limit": limit, "offset": start})
            return f"/v1/Account/{self.account}{path}?{query}"

        body: dict[str, Any] = {
            key: [public(row) for row in rows[offset : offset + limit]],
            "meta": {
                "limit": limit,
                "offset": offset,
                "next": at(offset + limit) if offset + limit < len(rows) else None,
                "previous": at(max(offset - limit, 0)) if offset else None,
                "total_count": len(rows),
            },
        }
        if not settings["meta"]:
            del body["meta"]
        return body


def public(row: Document) -> Document:
    """A row without what the sandbox only remembers for itself."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def json_response(status: int, body: Any) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
