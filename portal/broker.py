"""A broker made of files, for the portal on one machine: no Redis, nothing to install.

It is kombu's own file transport without the races that make it lose messages: a message appears
whole or not at all, and of two readers one gets it. It suits hundreds of waiting messages, not
tens of thousands, and needs POSIX file locks. What a kill loses, the sweeper finds again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out, self.processed_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _bindings_locked(self) -> Iterator[None]:
        # The table of bindings is read, changed and written back: two at once would lose one.
        folder = Path(self.control_folder)
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def get_table(self, exchange: str) -> Any:
        with self._bindings_locked():
            return super().get_table(exchange)

    def _queue_bind(self, *args: Any) -> None:
        with self._bindings_locked():
            super()._queue_bind(*args)

    def _delete(self, *args: Any, **kwargs: Any) -> None:
        with self._bindings_locked():
            super()._delete(*args, **kwargs)

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Names sort by time; a rename within one file system is all or nothing.
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f".{name}"
        unfinished.write_text(dumps(message))
        unfinished.rename(folder / name)

    def _get(self, queue: str, *args: Any, **kwargs: Any) -> Any:
        for path in self._waiting(queue):
            mine = Path(self.processed_folder) / path.name
            try:
                path.rename(mine)
            except FileNotFoundError:
                continue  # another reader was faster
            text = mine.read_text(errors="replace")
            mine.unlink()
            try:
                return loads(text)
            except ValueError:
                # After a power cut a file may stand there without what was written into it. It
                # must not end the worker: it was a nudge, and the sweeper finds the work.
                log.warning("%s cannot be read and was thrown away", path.name)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        waiting = self._waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _waiting(self, queue: str) -> list[Path]:
        folder = Path(self.data_folder_in)
        ending = f".{queue}.msg"
        return [
            folder / name
            for name in sorted(os.listdir(folder))
            if name.endswith(ending) and not name.startswith(".")
        ]


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES["portal"] = "portal.broker:Transport"
