"""What a diagnosis is made from, and what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Key:
    """A token, by what may be told of it.

    `signs` are the headers in which its signature counts for this request, were it live.
    """

    number: int
    owner: str
    token: str = field(repr=False)
    active_from: datetime
    retired_at: datetime | None = None
    signs: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"token {self.number} of {self.owner}"

    def is_live(self, now: datetime) -> bool:
        return self.active_from <= now and (self.retired_at is None or self.retired_at > now)


@dataclass(frozen=True)
class Refused:
    """What came, as far as a signature covers or carries it.

    `url` is the address over which it was verified; it is `fixed` if PUBLIC_URL makes it, and
    otherwise stored with the request to Plivo. `secret` is the part of it that is not shown.
    `hosts` are others under which the portal may be known.
    """

    headers: dict[str, str]
    url: str
    fixed: bool
    secret: str = ""
    query: str = ""
    method: str = "POST"
    form: Sequence[tuple[str, str]] = ()
    public_url: str = ""
    hosts: Sequence[str] = ()

    def shown(self, url: str) -> str:
        """An address without its secret part."""
        if not self.secret:
            return url
        return re.sub(re.escape(self.secret), lambda m: f"{m[0][:6]}…", url, flags=re.IGNORECASE)


@dataclass(frozen=True)
class Reason:
    """One thing that was wrong, and what mends it."""

    text: str
    remedy: str


@dataclass(frozen=True)
class Diagnosis:
    """Why a request was refused, in a sentence, and what to do about it.

    `proven` says that the signature was made with a token we know. `urls` and `keys` are what was
    tried, the expected first.
    """

    sentence: str
    remedy: str
    proven: bool = False
    # Everything about it is right by now.
    holds: bool = False
    tried: int = 0
    urls: Sequence[str] = ()
    keys: Sequence[Key] = ()
