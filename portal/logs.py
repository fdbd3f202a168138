from __future__ import annotations

import logging
import unicodedata
from contextvars import ContextVar
from typing import Any

# The number of the request that is being answered, if any (see portal/middleware.py).
request_id: ContextVar[str] = ContextVar("request_id", default="")


class LineFormatter(logging.Formatter):
    """One event, one line: whatever a message holds, it cannot forge another line.

    Control and direction characters of attackers' making are written as escapes. The lines of a
    traceback are kept, and indented: what an exception says may hold anything, too.
    """

    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(request)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        number = request_id.get()
        record.request = f" [{number}]" if number else ""
        return _on_one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        return _indented(super().formatStack(stack_info))


def _on_one_line(text: str) -> str:
    return "".join(
        letter.encode("unicode_escape").decode()
        if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")
        else letter
        for letter in text
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {_on_one_line(line)}" for line in text.split("\n"))
