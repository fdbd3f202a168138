"""What somebody typed into a form whose session had ended: kept until she has signed in again.

It travels sealed, in a hidden field of the sign-in page, so that nobody reads a tax id there and
nothing of strangers is stored; once the password was right it waits in the session, through the
second factor too. It is sent again by a click, never by itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from portal.sealing import seal, unseal

# Under these addresses people type what they would not like to type again.
KEPT_UNDER = ("/brands/", "/campaigns/", "/numbers/", "/review/", "/submissions/")
LONGEST = 200_000
SECONDS = 3600
PURPOSE = "typed into a form"

# Where in the session it waits.
IN_SESSION = "typed"


@dataclass(frozen=True)
class Typed:
    """A form as it was sent: where to, and each field's name with what was typed into it."""

    path: str
    fields: list[list[str]]
    # Files do not survive: these fields had one.
    files: list[str]


def typed_in(request: HttpRequest) -> Typed | None:
    """The form in this request; None where forms are not kept, or if it is too long to be."""
    if request.method != "POST" or not request.path.startswith(KEPT_UNDER):
        return None
    fields = [
        [name, str(value)]
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    if sum(len(name) + len(value.encode()) for name, value in fields) > LONGEST:
        return None
    return Typed(request.get_full_path(), fields, list(request.FILES))


def sealed(typed: Typed) -> str:
    return seal(PURPOSE, asdict(typed))


def opened(text: str) -> Typed | None:
    """What is sealed in `text`, unless that is none of ours or older than an hour."""
    content = unseal(PURPOSE, text, seconds=SECONDS)
    return Typed(**content) if content else None


def keep(session: Any, text: str) -> None:
    """Let it wait in the session of somebody whose password was right."""
    if opened(text):
        session[IN_SESSION] = text


def kept(session: Any) -> Typed | None:
    return opened(session.get(IN_SESSION, ""))


def forget(session: Any) -> None:
    session.pop(IN_SESSION, None)
