"""Where one registration stands: the line of its steps, how sure that is, and what comes next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from registrations.ageing import Normal, in_words, normals
from registrations.ageing.normal import PUBLISHED
from registrations.forms.showing import label_of
from registrations.lifecycle import AWAITING_PLIVO, FINAL_WORDS, QUEUED, Cause, Kind, Status
from registrations.masking import masked_in
from registrations.models import State, Submission

S = Status

# The way that each kind goes when all goes well.
REGISTERING = [S.DRAFT, S.IN_REVIEW, S.QUEUED, S.SUBMITTED, S.CREATED, S.REGISTERED]
LINKING = [S.LINK_QUEUED, S.LINK_SUBMITTED, S.LINK_CREATED, S.LINKED]
UNLINKING = [S.LINKED, S.UNLINK_QUEUED, S.UNLINK_SUBMITTED, S.UNLINK_CREATED, S.UNLINKED]

# Moves that are looked through for the round that runs now: many more than a round can have.
MOVES = 30

# What Plivo has said its last word on, and a look-up may still confirm.
SAID = {status for pair in FINAL_WORDS for status in pair} | {S.EXPIRED, S.DEACTIVATED}

GOOD, BAD, OVER = "good", "bad", "over"
TONES = {
    S.REGISTERED: GOOD,
    S.LINKED: GOOD,
    S.REJECTED: BAD,
    S.REFUSED: BAD,
    S.EXPIRED: BAD,
    S.LINK_FAILED: BAD,
    S.UNLINK_FAILED: BAD,
    S.DEACTIVATED: OVER,
    S.UNLINKED: OVER,
}

# What comes next, whoever has to do it.
NEXT = {
    S.DRAFT: "A marketer completes it and sends it for review.",
    S.IN_REVIEW: "Compliance looks at it, and approves it or returns it with a note.",
    S.SUBMITTED: "Plivo has it and passes it on to the registry.",
    S.CREATED: "The registry has it and reviews it.",
    S.REJECTED: "It is corrected and sent again, which costs the fee again.",
    S.REFUSED: "It is corrected and sent again. Plivo made nothing of this request.",
    S.EXPIRED: "It has lapsed at Plivo. What was sent on it needs another campaign.",
    S.DEACTIVATED: "Nothing: it has ended at Plivo and cannot be brought back.",
    S.LINK_SUBMITTED: "Plivo has it and passes it on to the operators.",
    S.LINK_CREATED: "The operators put the number on the campaign.",
    S.LINKED: "Nothing: the number can send texts.",
    S.LINK_FAILED: "It is linked again, or another number is.",
    S.UNLINK_SUBMITTED: "Plivo has it and passes it on to the operators.",
    S.UNLINK_CREATED: "The operators take the number off the campaign.",
    S.UNLINKED: "Nothing: the number is free for another campaign.",
    S.UNLINK_FAILED: "The number is still linked: it is unlinked again, or stays.",
}
REGISTERED_NEXT = {
    Kind.BRAND: "Campaigns can be registered on this brand.",
    Kind.CAMPAIGN: "Numbers can be linked to this campaign.",
}
ON_ITS_WAY = {
    State.QUEUED: "The portal sends it to Plivo in a moment.",
    State.SENDING: "The portal is sending it to Plivo.",
    State.UNKNOWN: (
        "The portal is verifying with Plivo whether it arrived, because no clear answer came back."
        " Nothing has failed, nothing is sent twice, and nobody needs to do anything."
    ),
    State.NEEDS_DECISION: (
        "Plivo shows no trace of the request, and sending it again may cost the fee twice:"
        " two people of compliance decide."
    ),
}

# What refusals call a field besides its own name, or words that are clear enough.
NAMED_IN_PROSE = {
    "ein": "ein|tax id",
    "website": "web ?site",
    "usecase": "use[ -]?case",
    "message_flow": "message flow|call[ -]to[ -]action|cta",
    "privacy_policy_link": "privacy policy",
    "terms_and_conditions_link": "terms and conditions",
}


@dataclass(frozen=True)
class Step:
    """One stop on the way. `place` is "passed", "here" or "ahead"; `tone` how it ended there."""

    label: str
    place: str
    at: datetime | None = None
    tone: str = ""

    @property
    def is_here(self) -> bool:
        return self.place == "here"

    @property
    def is_ahead(self) -> bool:
        return self.place == "ahead"


@dataclass(frozen=True)
class Assurance:
    """How sure the status is: `confirmed` by a look-up, or only told in another way."""

    confirmed: bool
    text: str


@dataclass(frozen=True)
class Reason:
    """Why Plivo said no, word for word, and the field that its words name, if they name one."""

    code: str
    text: str
    field: str


@dataclass(frozen=True)
class Standing:
    """Where a registration stands, in what a page shows of it at the top."""

    steps: list[Step]
    assurance: Assurance | None
    reasons: list[Reason]
    # What compliance noted beside fields when it came back: (field, note).
    notes: list[tuple[str, str]]
    next: str
    # What the request that is on its way waits for, in the portal's or in Plivo's words.
    waiting_for: str
    # How long this step takes as a rule, while it is awaited.
    usually: str
    is_slow: bool
    settling: str


@dataclass(frozen=True)
class Move:
    status: str
    at: datetime
    cause: str


def standing(registration: Any, live: Submission | None) -> Standing:
    """Where it stands; `live` is its request that is on its way, if there is one. Two queries."""
    moves = _moves(registration)
    normal = _normal(registration)
    waits_for = (live.waiting_for or live.error) if live else ""
    return Standing(
        steps=_steps(registration, moves),
        assurance=_assurance(registration, moves),
        reasons=_reasons(registration),
        notes=_notes(registration),
        next=_next(registration, live),
        waiting_for=masked_in(waits_for, getattr(registration, "ein", "")),
        usually=(
            f"As a rule it takes up to {in_words(normal.slow_after)} ({normal.source})."
            if normal
            else ""
        ),
        is_slow=normal is not None
        and timezone.now() - registration.status_since > normal.slow_after,
        settling=_settling(registration),
    )


def _reasons(registration: Any) -> list[Reason]:
    tax_id = getattr(registration, "ein", "")
    return [
        Reason(
            code=reason.get("code", ""),
            text=masked_in(reason.get("text", ""), tax_id),
            field=field_named_in(reason.get("text", ""), registration),
        )
        for reason in registration.reasons
    ]


def field_named_in(text: str, registration: Any) -> str:
    """What people call the field that a refusal speaks of; "" if its words name none."""
    # Whoever writes to us at length names the field at the beginning.
    said = text[:2000]
    for field in registration._meta.fields:
        if field.editable and re.search(_spoken_of(field.name), said, flags=re.IGNORECASE):
            return label_of(registration, field.name)
    return ""


def _spoken_of(name: str) -> str:
    """A pattern for a field in prose. Names of ours that are everyday words prove nothing."""
    words = NAMED_IN_PROSE.get(name, "")
    if "_" in name or name[-1].isdigit():
        words = f"{name}|{words}" if words else name
    return rf"\b(?:{words})\b" if words else r"(?!)"


def _notes(registration: Any) -> list[tuple[str, str]]:
    notes = registration.field_notes or {}
    return [(label_of(registration, name), note) for name, note in notes.items()]


def _moves(registration: Any) -> list[Move]:
    """The last moves, newest first."""
    moved = registration.trail.exclude(from_status=F("to_status")).order_by("-sequence")
    told = moved.values_list("to_status", "at", "cause")[:MOVES]
    return [Move(*move) for move in told]


def _steps(registration: Any, moves: list[Move]) -> list[Step]:
    road, start = _road(registration, moves)
    reached = _reached(moves, start)
    here = Status(registration.status)
    if here in road:
        passed, ahead = road[: road.index(here)], road[road.index(here) + 1 :]
    else:
        # It left the way: what it passed is what it did reach, and nothing lies ahead.
        passed, ahead = [status for status in road if status in reached], []
    steps = [Step(status.label, "passed", reached.get(status)) for status in passed]
    steps.append(Step(here.label, "here", registration.status_since, _tone(registration)))
    steps += [Step(status.label, "ahead") for status in ahead]
    if ahead or here in SAID:
        steps.append(_confirmation(registration, here))
    return steps


def _road(registration: Any, moves: list[Move]) -> tuple[list[Status], Status]:
    """The way it goes now, and the status with which this round of it began."""
    if registration.kind != Kind.NUMBER_LINK:
        return REGISTERING, S.DRAFT
    begun = next((m.status for m in moves if m.status in (S.LINK_QUEUED, S.UNLINK_QUEUED)), "")
    if begun == S.UNLINK_QUEUED and registration.status != S.LINKED:
        return UNLINKING, S.UNLINK_QUEUED
    return LINKING, S.LINK_QUEUED


def _reached(moves: list[Move], start: Status) -> dict[str, datetime]:
    """When each status was reached in this round. That a number was linked came before it."""
    reached: dict[str, datetime] = {}
    began = False
    for move in moves:
        if not began or (start == S.UNLINK_QUEUED and move.status == S.LINKED):
            reached.setdefault(move.status, move.at)
        began = began or move.status == start
    return reached


def _tone(registration: Any) -> str:
    return BAD if registration.conflict else TONES.get(registration.status, "")


def _confirmation(registration: Any, here: Status) -> Step:
    if here in SAID and registration.is_confirmed and not registration.conflict:
        return Step("Confirmed", "passed", registration.confirmed_at)
    return Step("Confirmed", "ahead")


def _assurance(registration: Any, moves: list[Move]) -> Assurance | None:
    """How we know; None as long as Plivo has not been heard."""
    if registration.conflict:
        return Assurance(confirmed=False, text="In question: it was told otherwise, too.")
    if registration.is_confirmed:
        return Assurance(confirmed=True, text="Confirmed by a look-up at Plivo")
    if not moves or registration.status not in AWAITING_PLIVO | SAID:
        return None
    source = {
        Cause.CALLBACK: "Reported by a callback, not yet confirmed by a look-up.",
        Cause.SUBMISSION: "Told by Plivo's answer to the request, not yet confirmed by a look-up.",
        Cause.LOOKUP: "Found by one look-up, not yet confirmed by another.",
    }.get(Cause(moves[0].cause), "Not yet confirmed by a look-up.")
    if registration.confirmed_at:
        last = Status(registration.confirmed_status).label.lower()
        source += f" The last look-up that was clear said {last}."
    return Assurance(confirmed=False, text=source)


def _normal(registration: Any) -> Normal | None:
    """How long the step that it is at takes; None where nothing is awaited."""
    step = (registration.kind, Status(registration.status))
    return normals().get(step) if step in PUBLISHED else None


def _next(registration: Any, live: Submission | None) -> str:
    if registration.conflict:
        return "What is right is found out; until then nothing that costs money builds on it."
    if live is not None:
        return ON_ITS_WAY[State(live.state)]
    if registration.status in QUEUED:
        return ON_ITS_WAY[State.QUEUED]
    if registration.status == S.REGISTERED:
        if not registration.is_confirmed:
            return "The portal asks Plivo to confirm it; what costs money waits for that."
        return REGISTERED_NEXT[registration.kind]
    return NEXT[registration.status]


def _settling(registration: Any) -> str:
    """How the contradiction ends."""
    if not registration.conflict:
        return ""
    gap = settings.CONFLICT_GAP_SECONDS
    text = (
        f"Two look-ups at Plivo that agree, at least {gap:.0f} seconds apart, settle this by "
        "themselves. Compliance can settle it sooner, with a note that says how they know."
    )
    if registration.conflict_looked_up_status:
        said = Status(registration.conflict_looked_up_status).label.lower()
        text += f" The last look-up said {said}."
    return text
