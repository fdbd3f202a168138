from __future__ import annotations

import logging
import unicodedata
from contextvars import ContextVar

# The number of the request that is being answered, if any (see portal/middleware.py).
request_id: ContextVar[str] = ContextVar("request_id", default="")


class LineFormatter(logging.Formatter):
    """One event, one line: whatever a message holds, it cannot forge another line.

    Control and direction characters of attackers' making are written as escapes; the lines of a
    traceback, which are ours, are kept.
    """

    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(request)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        number = request_id.get()
        record.request = f" [{number}]" if number else ""
        return "".join(
            letter.encode("unicode_escape").decode()
            if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")
            else letter
            for letter in super().formatMessage(record)
        )
