"""The law of statuses: where a registration may stand, where it may go, and who may send it there.

Nothing outside this module changes a status. `move_to` changes it and writes the line of the audit
trail in one transaction; `judge` tells what a word from Plivo would do before anybody acts on it.
The module knows no model: it works on whatever has a `kind`, a `status`, a `version` and a `trail`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from django.db import models, transaction
from django.utils import timezone


class Kind(models.TextChoices):
    """What can be registered."""

    BRAND = "brand", "Brand"
    CAMPAIGN = "campaign", "Campaign"
    NUMBER_LINK = "number_link", "Number link"


class Status(models.TextChoices):
    """Where a registration stands. Plivo's own words are translated to these in `plivo/`."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    QUEUED = "queued", "Queued"
    SUBMITTED = "submitted", "Submitted"
    CREATED = "created", "Created"
    REGISTERED = "registered", "Registered"
    REJECTED = "rejected", "Rejected"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Expired"
    DEACTIVATED = "deactivated", "Deactivated"

    LINK_QUEUED = "link_queued", "Link queued"
    LINK_SUBMITTED = "link_submitted", "Link submitted"
    LINK_CREATED = "link_created", "Link created"
    LINKED = "linked", "Linked"
    LINK_FAILED = "link_failed", "Link failed"
    UNLINK_QUEUED = "unlink_queued", "Unlink queued"
    UNLINK_SUBMITTED = "unlink_submitted", "Unlink submitted"
    UNLINK_CREATED = "unlink_created", "Unlink created"
    UNLINKED = "unlinked", "Unlinked"
    UNLINK_FAILED = "unlink_failed", "Unlink failed"


class Actor(models.TextChoices):
    """Who makes a move."""

    MARKETER = "marketer", "Marketer"
    COMPLIANCE = "compliance", "Compliance"
    OPERATOR = "operator", "Operator"
    PORTAL = "portal", "The portal"
    PLIVO = "plivo", "Plivo"
    LOOKUP = "lookup", "Look-up at Plivo"


class Cause(models.TextChoices):
    """What made somebody move."""

    PERSON = "person", "A person's decision"
    SUBMISSION = "submission", "Plivo's answer to our request"
    CALLBACK = "callback", "A callback from Plivo"
    LOOKUP = "lookup", "A look-up at Plivo"


class Verdict(Enum):
    """What a word about a registration would do to it."""

    APPLY = "apply"
    REPEAT = "repeat"
    LATE = "late"
    CONFLICT = "conflict"


class IllegalMove(Exception):
    """The law does not know this move; the message says from where to where and what is lawful.

    Where it is a move between statuses, `here`, `wanted` and `lawful` say the same to programs.
    """

    def __init__(
        self, message: str, *, here: str = "", wanted: str = "", lawful: Sequence[str] = ()
    ) -> None:
        self.here, self.wanted, self.lawful = here, wanted, list(lawful)
        super().__init__(message)


S, A = Status, Actor
PEOPLE = {A.MARKETER, A.COMPLIANCE}
NEWS = {A.PLIVO, A.LOOKUP}

# The status of a thing that does not exist yet.
NOWHERE = ""

type_of_law = Mapping[str, Mapping[str, set[Actor]]]

# From each status: where it may go, and who may send it there.
BRAND_LAW: type_of_law = {
    # A look-up may find at Plivo what nobody here has asked for: then it is adopted as it stands.
    NOWHERE: {
        S.DRAFT: PEOPLE,
        S.CREATED: {A.LOOKUP},
        S.REGISTERED: {A.LOOKUP},
        S.REJECTED: {A.LOOKUP},
    },
    S.DRAFT: {S.IN_REVIEW: {A.MARKETER}},
    S.IN_REVIEW: {S.DRAFT: PEOPLE, S.QUEUED: {A.COMPLIANCE}},
    S.QUEUED: {
        S.DRAFT: {A.COMPLIANCE},
        S.SUBMITTED: {A.PORTAL, A.LOOKUP},
        S.REFUSED: {A.PORTAL},
        S.CREATED: NEWS,
        S.REGISTERED: NEWS,
        S.REJECTED: NEWS,
    },
    S.SUBMITTED: {
        S.CREATED: NEWS,
        S.REGISTERED: NEWS,
        S.REJECTED: NEWS,
        S.DEACTIVATED: {A.PORTAL, A.LOOKUP},
    },
    S.CREATED: {
        S.REGISTERED: NEWS,
        S.REJECTED: NEWS,
        S.DEACTIVATED: {A.PORTAL, A.LOOKUP},
    },
    # What Plivo said last is final for callbacks; only a look-up may find that it was revised.
    S.REGISTERED: {S.REJECTED: {A.LOOKUP}, S.DEACTIVATED: {A.PORTAL, A.LOOKUP}},
    S.REJECTED: {
        S.DRAFT: PEOPLE,
        S.CREATED: {A.LOOKUP},
        S.REGISTERED: {A.LOOKUP},
        S.DEACTIVATED: {A.PORTAL, A.LOOKUP},
    },
    S.REFUSED: {S.DRAFT: PEOPLE},
    S.DEACTIVATED: {},
}

# A campaign lives like a brand, and may also lapse.
CAMPAIGN_LAW: type_of_law = {
    **BRAND_LAW,
    NOWHERE: {**BRAND_LAW[NOWHERE], S.EXPIRED: {A.LOOKUP}},
    S.SUBMITTED: {**BRAND_LAW[S.SUBMITTED], S.EXPIRED: {A.LOOKUP}},
    S.CREATED: {**BRAND_LAW[S.CREATED], S.EXPIRED: {A.LOOKUP}},
    S.REGISTERED: {**BRAND_LAW[S.REGISTERED], S.EXPIRED: {A.LOOKUP}},
    S.REJECTED: {**BRAND_LAW[S.REJECTED], S.EXPIRED: {A.LOOKUP}},
    S.EXPIRED: {S.REGISTERED: {A.LOOKUP}, S.DEACTIVATED: {A.PORTAL, A.LOOKUP}},
}

NUMBER_LINK_LAW: type_of_law = {
    NOWHERE: {
        S.LINK_QUEUED: PEOPLE,
        S.LINK_SUBMITTED: {A.LOOKUP},
        S.LINKED: {A.LOOKUP},
        S.LINK_FAILED: {A.LOOKUP},
    },
    S.LINK_QUEUED: {
        S.UNLINKED: {A.COMPLIANCE},
        S.LINK_SUBMITTED: {A.PORTAL, A.LOOKUP},
        S.REFUSED: {A.PORTAL},
        S.LINK_CREATED: NEWS,
        S.LINKED: NEWS,
        S.LINK_FAILED: NEWS,
    },
    S.LINK_SUBMITTED: {
        S.LINK_CREATED: NEWS,
        S.LINKED: NEWS,
        S.LINK_FAILED: NEWS,
        S.UNLINKED: {A.LOOKUP},
    },
    S.LINK_CREATED: {S.LINKED: NEWS, S.LINK_FAILED: NEWS, S.UNLINKED: {A.LOOKUP}},
    S.LINKED: {S.UNLINK_QUEUED: PEOPLE, S.LINK_FAILED: {A.LOOKUP}, S.UNLINKED: {A.LOOKUP}},
    S.LINK_FAILED: {S.LINK_QUEUED: PEOPLE, S.LINKED: {A.LOOKUP}},
    S.REFUSED: {S.LINK_QUEUED: PEOPLE},
    S.UNLINK_QUEUED: {
        S.LINKED: {A.COMPLIANCE},
        S.UNLINK_SUBMITTED: {A.PORTAL, A.LOOKUP},
        S.UNLINK_CREATED: NEWS,
        S.UNLINKED: NEWS | {A.PORTAL},
        S.UNLINK_FAILED: NEWS | {A.PORTAL},
    },
    S.UNLINK_SUBMITTED: {S.UNLINK_CREATED: NEWS, S.UNLINKED: NEWS, S.UNLINK_FAILED: NEWS},
    S.UNLINK_CREATED: {S.UNLINKED: NEWS, S.UNLINK_FAILED: NEWS},
    S.UNLINK_FAILED: {S.UNLINK_QUEUED: PEOPLE, S.UNLINKED: {A.LOOKUP}},
    S.UNLINKED: {S.LINKED: {A.LOOKUP}},
}

LAW: Mapping[str, type_of_law] = {
    Kind.BRAND: BRAND_LAW,
    Kind.CAMPAIGN: CAMPAIGN_LAW,
    Kind.NUMBER_LINK: NUMBER_LINK_LAW,
}

# The last words Plivo has on one request. Two different ones of a pair contradict each other.
FINAL_WORDS = (
    {S.REGISTERED, S.REJECTED},
    {S.LINKED, S.LINK_FAILED},
    {S.UNLINKED, S.UNLINK_FAILED},
)

# Plivo has the request and owes us its last word.
AWAITING_PLIVO = {
    S.SUBMITTED,
    S.CREATED,
    S.LINK_SUBMITTED,
    S.LINK_CREATED,
    S.UNLINK_SUBMITTED,
    S.UNLINK_CREATED,
}

# Our request is on its way and Plivo has not been heard yet.
QUEUED = {S.QUEUED, S.LINK_QUEUED, S.UNLINK_QUEUED}


def statuses_of(kind: str) -> list[Status]:
    """Every status a registration of this kind can wear, in the order of its life."""
    return [status for status in Status if status in LAW[kind]]


def lawful_moves(kind: str, status: str, actor: str) -> list[Status]:
    """Where `actor` may send a registration of this kind from here."""
    return [to for to in Status if actor in LAW[kind].get(status, {}).get(to, ())]


def judge(kind: str, current: str, said: str, *, actor: Actor) -> Verdict:
    """What the word `said` does to a registration that stands at `current`."""
    if said == current:
        return Verdict.REPEAT
    if actor in LAW[kind][current].get(said, ()):
        return Verdict.APPLY
    if any(current in pair and said in pair for pair in FINAL_WORDS):
        return Verdict.CONFLICT
    return Verdict.LATE


def begin(
    registration: Any,
    *,
    actor: Actor,
    cause: Cause = Cause.PERSON,
    user: Any = None,
    note: str = "",
) -> Any:
    """Write the first line of a new registration's trail: how it came to be.

    Raises IllegalMove if `actor` may not bring such a thing into being.
    """
    _demand(registration, NOWHERE, registration.status, actor)
    return _record(registration, NOWHERE, registration.status, actor, cause, user=user, note=note)


def move_to(
    registration: Any,
    status: Status,
    *,
    actor: Actor,
    cause: Cause,
    user: Any = None,
    submission: Any = None,
    note: str = "",
) -> Any:
    """Change the status and write the trail, together or not at all; answer the new entry.

    Raises IllegalMove if `actor` may not make this move from where the registration stands *now*,
    which may be further than where the caller last saw it.
    """
    rows = type(registration)._base_manager.filter(pk=registration.pk)
    while True:
        with transaction.atomic():
            # On PostgreSQL, taking turns from the start keeps a crowd of callbacks from a deadlock.
            mine = rows.select_for_update(no_key=True)
            current, version = mine.values_list("status", "version").get()
            _demand(registration, current, status, actor)
            # Compare and swap: SQLite has no row locks. Whoever comes second finds the version
            # gone, and reads again.
            now = timezone.now()
            if rows.filter(version=version).update(
                status=status, version=version + 1, status_since=now
            ):
                registration.status, registration.version = status, version + 1
                registration.status_since = now
                return _record(registration, current, status, actor, cause, user, submission, note)


def note(
    registration: Any,
    text: str,
    *,
    actor: Actor,
    cause: Cause,
    user: Any = None,
    submission: Any = None,
) -> Any:
    """Write a line into the trail that changes no status; answer the new entry."""
    rows = type(registration)._base_manager.filter(pk=registration.pk)
    with transaction.atomic():
        # The counter is raised first: it makes writers of one trail take turns.
        rows.update(version=models.F("version") + 1)
        status, version = rows.values_list("status", "version").get()
        registration.status, registration.version = status, version
        return _record(registration, status, status, actor, cause, user, submission, text)


def raise_conflict(
    registration: Any, text: str, *, actor: Actor, cause: Cause, submission: Any = None
) -> Any:
    """Two final words contradict each other: say so, visibly, until somebody settles it."""
    with transaction.atomic():
        type(registration)._base_manager.filter(pk=registration.pk).update(
            conflict=text, conflict_looked_up_status="", conflict_looked_up_at=None
        )
        registration.conflict = text
        return note(registration, text, actor=actor, cause=cause, submission=submission)


def settle_conflict(
    registration: Any, text: str, *, actor: Actor, cause: Cause, user: Any = None
) -> Any:
    """The contradiction is over; the trail keeps who said so and why."""
    with transaction.atomic():
        type(registration)._base_manager.filter(pk=registration.pk).update(
            conflict="", conflict_looked_up_status="", conflict_looked_up_at=None
        )
        registration.conflict = ""
        return note(registration, text, actor=actor, cause=cause, user=user)


def _demand(registration: Any, current: str, status: str, actor: str) -> None:
    kind = registration.kind
    if actor in LAW[kind].get(current, {}).get(status, ()):
        return
    moves = lawful_moves(kind, current, actor)
    lawful = ", ".join(to.label.lower() for to in moves) or "nothing"
    here = Status(current).label.lower() if current else "new"
    raise IllegalMove(
        f"{registration} is {here} and cannot become {Status(status).label.lower()} "
        f"by {Actor(actor).label.lower()}; from here it may become: {lawful}.",
        here=current,
        wanted=status,
        lawful=[to.value for to in moves],
    )


def _record(
    registration: Any,
    before: str,
    after: str,
    actor: Actor,
    cause: Cause,
    user: Any = None,
    submission: Any = None,
    note: str = "",
) -> Any:
    return registration.trail.create(
        sequence=registration.version,
        from_status=before,
        to_status=after,
        actor=actor,
        cause=cause,
        user=user,
        submission=submission,
        note=note,
    )
