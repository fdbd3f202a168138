"""What the sandbox remembers, in memory and in one file that outlives the process."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SETTINGS: Document = {
    # Seconds from a request to its first callback, and to Plivo's last word.
    "created_after": 0.5,
    "final_after": 1.5,
    # Plivo tries again 60, 120 and 240 seconds after a failed callback; times this.
    "retry_scale": 0.1,
    # form, form_camel, json, nested or empty: the true shape is not published.
    "callback_shape": "form",
    "callback_v3": False,
    "same_nonce_on_retry": True,
    # Callbacks are lost on their way.
    "callbacks_lost": False,
    # An update names no URL of its own; whether its callbacks go to the first one is not known.
    "callbacks_after_update": True,
    # A campaign reads PROCESSING for so many seconds after the callback "registered".
    "active_after_registered": 0.0,
    # An updated campaign still reads FAILED for so many seconds.
    "update_reads_failed_for": 0.0,
    # False: nobody's credentials are right. A text: the main account's token from now on.
    "auth": True,
    "auth_token": "",
    # Plivo allows 300 calls in 5 seconds; 0 is no limit.
    "calls_in_5_seconds": 300,
    "camel_case": False,
    "meta": True,
    "newest_first": False,
    "campaign_alias_in_lists": True,
    "number_pool_limit": 49,
    # Two codes that Plivo's documents leave open.
    "link_status": 202,
    "not_linked_status": 404,
}

# How many calls and callbacks are remembered for whoever asks afterwards.
MOST_REMEMBERED = 5_000


class Shelf:
    """Things of one kind by id, oldest first. What changes is written at `State.commit`."""

    def __init__(self, rows: dict[str, Document], most: int | None = None) -> None:
        self._rows = rows
        self._most = most
        # In the order of change, so that the file keeps things in the order they came.
        self.unsaved: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def get(self, key: str) -> Document | None:
        return self._rows.get(key)

    def rows(self) -> list[Document]:
        return list(self._rows.values())

    def items(self) -> list[tuple[str, Document]]:
        return list(self._rows.items())

    def put(self, key: str, row: Document) -> None:
        self._rows[key] = row
        self.unsaved[key] = None
        if self._most is not None and len(self._rows) > self._most:
            self.drop(next(iter(self._rows)))

    def append(self, row: Document) -> str:
        key = str(uuid.uuid4())
        self.put(key, row)
        return key

    def change(self, key: str, **fields: Any) -> None:
        """Set some fields of a row; None removes one."""
        row = {**self._rows[key], **fields}
        self._rows[key] = {name: value for name, value in row.items() if value is not None}
        self.unsaved[key] = None

    def drop(self, key: str) -> None:
        if self._rows.pop(key, None) is not None:
            self.unsaved[key] = None

    def clear(self) -> None:
        for key in list(self._rows):
            self.drop(key)


class State:
    """Everything the sandbox remembers. Raises sqlite3.DatabaseError if the file is another's."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._database = None if path is None else _opened(Path(path))
        kept: dict[str, dict[str, Document]] = {}
        for kind, key, row in self._read():
            kept.setdefault(kind, {})[key] = row
        self.profiles = Shelf(kept.get("profiles", {}))
        self.brands = Shelf(kept.get("brands", {}))
        self.campaigns = Shelf(kept.get("campaigns", {}))
        # By "campaign id/number".
        self.links = Shelf(kept.get("links", {}))
        # What will happen, and when ("due", in seconds since 1970).
        self.events = Shelf(kept.get("events", {}))
        self.faults = Shelf(kept.get("faults", {}))
        self.ledger = Shelf(kept.get("ledger", {}))
        self.deliveries = Shelf(kept.get("deliveries", {}), MOST_REMEMBERED)
        # Cards that work once and have done so.
        self.spent = Shelf(kept.get("spent", {}))
        self._knobs = Shelf(kept.get("knobs", {}))
        # Calls are only remembered while the process lives.
        self.calls: deque[Document] = deque(maxlen=MOST_REMEMBERED)

    def shelves(self) -> dict[str, Shelf]:
        names = {"knobs": self._knobs}
        return names | {
            name: row
            for name, row in vars(self).items()
            if name[0] != "_" and isinstance(row, Shelf)
        }

    @property
    def settings(self) -> Document:
        return SETTINGS | (self._knobs.get("settings") or {})

    def set(self, **settings: Any) -> None:
        """Change some settings. Raises ValueError for a name or a type that does not exist."""
        for name, value in settings.items():
            if name not in SETTINGS:
                raise ValueError(f"there is no setting {name}")
            settings[name] = _like(SETTINGS[name], value, name)
        self._knobs.put("settings", (self._knobs.get("settings") or {}) | settings)

    @property
    def clock_ahead(self) -> float:
        return (self._knobs.get("clock") or {"ahead": 0.0})["ahead"]

    @clock_ahead.setter
    def clock_ahead(self, seconds: float) -> None:
        self._knobs.put("clock", {"ahead": seconds})

    def clear(self) -> None:
        for shelf in self.shelves().values():
            shelf.clear()
        self.calls.clear()

    def commit(self) -> None:
        """Write what changed, all or nothing, and wait for the disk: then one may answer."""
        changed = {name: shelf for name, shelf in self.shelves().items() if shelf.unsaved}
        if self._database is not None and changed:
            with self._database:
                for name, shelf in changed.items():
                    for key in shelf.unsaved:
                        self._write(name, key, shelf.get(key))
        for shelf in changed.values():
            shelf.unsaved.clear()

    def _read(self) -> Iterator[tuple[str, str, Document]]:
        if self._database is not None:
            sql = "SELECT kind, id, row FROM documents ORDER BY rowid"
            for kind, key, row in self._database.execute(sql):
                yield kind, key, json.loads(row)

    def _write(self, kind: str, key: str, row: Document | None) -> None:
        assert self._database is not None
        if row is None:
            sql = "DELETE FROM documents WHERE kind = ? AND id = ?"
            self._database.execute(sql, (kind, key))
        else:
            self._database.execute(
                "INSERT INTO documents (kind, id, row) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, id) DO UPDATE SET row = excluded.row",
                (kind, key, json.dumps(row)),
            )


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The sandbox's own lock lets one thread at a time do anything.
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS documents ("
        "kind TEXT NOT NULL, id TEXT NOT NULL, row TEXT NOT NULL, UNIQUE (kind, id))"
    )
    return database


def _like(example: Any, value: Any, name: str) -> Any:
    """The value in the type of its default; a form's page says everything in text."""
    if isinstance(example, bool):
        if isinstance(value, str):
            value = {"true": True, "on": True, "false": False, "off": False}.get(value, value)
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")
        return value
    return type(example)(value)
