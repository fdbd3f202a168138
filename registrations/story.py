"""The story of one registration as its page tells it: what happened, and what was asked of Plivo.

However long the story is, it is told in the same number of queries: the newest part first, and
each earlier part from where the last one ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, QuerySet

from registrations.actions import comment_in
from registrations.masking import masked_in
from registrations.models import AuditEntry, Submission

# Lines of the trail on one page, and the most that are shown to be printed.
LINES, WHOLE = 50, 2000

# Lines that may come at once while a page is open, as after a night of sleep.
NEWS = 200

# Requests on one page, and the callbacks beside them that moved nothing.
REQUESTS, QUIET_CALLBACKS = 10, 20

# What is long and encrypted, and is not shown where a request is only named.
CONTENT = ("payload", "answer", "callback_url")


@dataclass(frozen=True)
class Line:
    """One line of the trail. What it says is a comment of somebody's, or a note."""

    entry: AuditEntry
    comment: str
    note: str


@dataclass(frozen=True)
class Request:
    """One request to Plivo: what was asked, what was answered, and what was heard of it since."""

    submission: Submission
    asked: list[tuple[str, str]]
    answer: str
    error: str
    # The callbacks that changed nothing; each of the others stands beside the line it caused.
    quiet: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """A part of something long, newest first, and where the part before it begins (0: nowhere)."""

    rows: list[Any]
    earlier: int


def trail(registration: Any, *, before: int = 0, size: int = LINES) -> Part:
    """The newest lines of the trail, or the newest of those before line `before`."""
    entries = _entries(registration)
    if before:
        entries = entries.filter(sequence__lt=before)
    part = _part(entries, size, "sequence")
    return Part(_lines(registration, part.rows), part.earlier)


def trail_since(registration: Any, sequence: int) -> list[Line]:
    """The lines that came after line `sequence`, newest first."""
    entries = _entries(registration).filter(sequence__gt=sequence)
    return _lines(registration, entries[:NEWS])


def requests(registration: Any, *, before: int = 0) -> Part:
    """The newest requests to Plivo, or the newest of those before request number `before`."""
    submissions = (
        registration.submissions.select_related(
            "requested_by", "approved_by", "decision_proposed_by", "decided_by"
        )
        .defer("callback_url")
        .order_by("-generation")
    )
    if before:
        submissions = submissions.filter(generation__lt=before)
    part = _part(submissions, REQUESTS, "generation")
    quiet = _quiet_callbacks(part.rows)
    return Part(
        [_request(submission, quiet.get(submission.pk, [])) for submission in part.rows],
        part.earlier,
    )


def fingerprint(registration: Any) -> str:
    """Changes when, and only when, a page of this registration has news. One small query."""
    heard = (
        registration.submissions.annotate(said=Max("callbacks"))
        .order_by("-generation")
        .values_list("pk", "state", "phase", "waiting_for", "error", "decision", "said")
    )
    shown = [
        *(getattr(registration, name) for name in SEEN_AT_ONCE),
        list(heard[:REQUESTS]),
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


# What else of a registration changes by itself; everything people do raises its version.
SEEN_AT_ONCE = (
    "version",
    "reasons",
    "conflict",
    "conflict_looked_up_status",
    "confirmed_status",
    "confirmed_at",
    "last_lookup_at",
    "lookup_due_at",
)


def _entries(registration: Any) -> QuerySet[AuditEntry]:
    return (
        registration.trail.select_related("user", "submission", "callback")
        .defer(*(f"submission__{name}" for name in CONTENT))
        .order_by("-sequence")
    )


def _part(rows: QuerySet[Any], size: int, number: str) -> Part:
    found = list(rows[: size + 1])
    shown = found[:size]
    return Part(shown, getattr(shown[-1], number) if len(found) > size else 0)


def _lines(registration: Any, entries: Any) -> list[Line]:
    tax_id = getattr(registration, "ein", "")
    return [
        Line(
            entry=entry,
            comment=masked_in(comment_in(entry), tax_id),
            note=masked_in(entry.note, tax_id),
        )
        for entry in entries
    ]


def _quiet_callbacks(submissions: list[Submission]) -> dict[int, list[Any]]:
    # The callbacks' room stands above this one, and is seen only through the relation.
    callbacks: Any = Submission._meta.get_field("callbacks").related_model
    found: dict[int, list[Any]] = {}
    newest = callbacks.objects.filter(submission__in=submissions, entry=None).order_by("-pk")
    for callback in newest[:QUIET_CALLBACKS]:
        found.setdefault(callback.submission_id, []).append(callback)
    return found


def _request(submission: Submission, quiet: list[Any]) -> Request:
    profile = submission.payload.get("profile", {})
    tax_id = profile.get("ein", "")
    masked = {"profile": {**profile, "ein": masked_in(tax_id, tax_id)}} if tax_id else {}
    return Request(
        submission=submission,
        asked=list(_flat({**submission.payload, **masked})),
        answer=masked_in(submission.answer, tax_id),
        error=masked_in(submission.error, tax_id),
        quiet=quiet,
    )


def _flat(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """What a request holds, one value a line: ("profile address city", "San Francisco")."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _flat(value, f"{path} {name}".strip())
    elif isinstance(content, list):
        yield path, ", ".join(str(value) for value in content)
    elif isinstance(content, bool):
        yield path, "yes" if content else "no"
    else:
        yield path, str(content)
