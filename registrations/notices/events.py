"""What programs are told: every move of every trail, once, in one gapless order per organization.

Nobody has to remember to tell: the trail is what happened, and this publishes it. A number is given
only to what is committed, and by one publisher of an organization at a time; so whoever has read up
to a number never finds something new below it. A line whose transaction ended late gets the next
number, whatever its own is; lines of one registration keep their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from registrations.lifecycle import Actor, Kind, statuses_of
from registrations.models import REGISTRATION_MODELS, AuditEntry, Event, Organization

# A look-up agreed with what was reported: no move, but what programs wait for before they go on.
CONFIRMED = "confirmed"
# How such a line of the trail begins; see reconcile.py, which writes them.
WORDS_OF_CONFIRMATION = ("Confirmed: ", "Two look-ups agree: ")

# Longer than any transaction of ours lasts. What was published before that is not looked through
# again; what should have taken longer still is found by `publish_what_was_missed`.
LONGEST_TRANSACTION = timedelta(minutes=15)
AT_ONCE = 500
PIECE = 20_000

KINDS = [kind.value for kind in Kind]
MODEL_OF: dict[str, Any] = {model.kind.value: model for model in REGISTRATION_MODELS}
EVENT_TYPES = [f"{kind.value}.{word}" for kind in Kind for word in [*statuses_of(kind), CONFIRMED]]
# What a webhook may be subscribed to: single types, or all of one kind.
PATTERNS = [*EVENT_TYPES, *(f"{kind.value}.*" for kind in Kind)]


def publish() -> int:
    """Number everything that is committed and not yet published; answer how many events that made.

    Safe when several run at once, and cheap when there is nothing: the search begins at what was
    published a quarter of an hour before the last event.
    """
    return _publish(_unpublished().filter(pk__gt=_searched_up_to()))


def publish_what_was_missed() -> int:
    """The same, looking through the whole trail: for what no shorter search would find."""
    last = AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    return sum(
        _publish(_unpublished().filter(pk__gt=start, pk__lte=start + PIECE))
        for start in range(0, last, PIECE)
    )


def head(organization: Organization) -> int:
    """The number of the last event of this organization; 0 if it has none."""
    last = organization.events.order_by("-number").values_list("number", flat=True).first()
    return last or 0


def read(events: QuerySet[Event]) -> Iterator[tuple[Event, dict[str, Any]]]:
    """These events, each with what programs are told of it. One query."""
    about = [f"entry__{kind.value}" for kind in Kind]
    told = events.select_related(*about).only(
        "number", "type", "organization", "entry__at", "entry__from_status", "entry__to_status",
        "entry__actor", "entry__cause", "entry__note", "entry__number_link__number",
        *(f"{path}__{name}" for path in about for name in ("reference", "external_id")),
    )  # fmt: skip
    for event in told:
        yield event, item(event)


def item(event: Event) -> dict[str, Any]:
    """One event as the feed and the webhooks tell it: what the trail said, not what holds now."""
    entry = event.entry
    registration = entry.registration
    about = {
        "kind": registration.kind.value,
        "reference": registration.reference,
        "external_id": registration.external_id,
    }
    if registration.kind == Kind.NUMBER_LINK:
        about["number"] = registration.number
    return {
        "number": event.number,
        "type": event.type,
        "at": moment(entry.at),
        "registration": about,
        "from": entry.from_status or None,
        "to": entry.to_status,
        "actor": entry.actor,
        "cause": entry.cause,
        "confirmed": entry.actor == Actor.LOOKUP,
        "note": entry.note,
    }


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def types_matching(patterns: Iterable[str]) -> list[str]:
    """The event types that these patterns mean, as ["brand.*"]; every one if there is none."""
    wanted = set(patterns)
    if not wanted:
        return EVENT_TYPES
    return [name for name in EVENT_TYPES if {name, f"{name.partition('.')[0]}.*"} & wanted]


def _publish(candidates: QuerySet[AuditEntry]) -> int:
    """From the oldest line to the newest, in pieces each of which is published as a whole."""
    made = 0
    while rows := list(candidates.values_list(*KINDS)[:AT_ONCE]):
        made += _number_in_turn(rows)
    return made


def _unpublished() -> QuerySet[AuditEntry]:
    moved = ~Q(from_status=F("to_status"))
    begins = Q()
    for words in WORDS_OF_CONFIRMATION:
        begins |= Q(note__startswith=words)
    published = Event.objects.filter(entry=OuterRef("pk"))
    told = AuditEntry.objects.filter(moved | Q(begins, actor=Actor.LOOKUP))
    return told.filter(~Exists(published)).order_by("pk")


def _searched_up_to() -> int:
    """The line of the trail below which nothing can still have been on its way when last we looked.

    What was published long before the last event: the transactions of all lines before it were
    over when that one was published, and what they wrote was published then at the latest.
    """
    by_time = Event.objects.order_by("-published_at", "entry")
    last = by_time.values_list("published_at", flat=True).first()
    if last is None:
        return 0
    long_ago = by_time.filter(published_at__lt=last - LONGEST_TRANSACTION)
    return long_ago.values_list("entry", flat=True).first() or 0


@transaction.atomic
def _number_in_turn(rows: list[tuple[int | None, ...]]) -> int:
    """Give the next numbers to all that these registrations have to tell.

    `rows` name the registrations, each in the place of its kind.
    """
    about = Q()
    organization_of: dict[tuple[str, int], int] = {}
    for kind, ids in zip(KINDS, zip(*rows, strict=True), strict=True):
        wanted = {pk for pk in ids if pk}
        about |= Q(**{f"{kind}__in": wanted})
        owned = MODEL_OF[kind].objects.filter(pk__in=wanted).values_list("pk", "organization")
        organization_of |= {(kind, pk): organization for pk, organization in owned}
    # Publishers of one organization take turns; on SQLite whoever writes does so anyway. It is a
    # lock that leaves foreign keys alone, or new registrations would wait for it.
    organizations = Organization.objects.filter(pk__in=set(organization_of.values()))
    locked = organizations.select_for_update(no_key=True).order_by("pk")
    last = {organization.pk: head(organization) for organization in locked}
    # All of their lines, wherever the search began, and in one statement: lines of one trail are
    # committed one after the other, so that none is numbered before the one that went before it.
    lines = _unpublished().filter(about).values_list("pk", "from_status", "to_status", *KINDS)
    events, now = [], timezone.now()
    for pk, before, after, *places in lines:
        kind, owned_by = next((kind, of) for kind, of in zip(KINDS, places, strict=True) if of)
        organization = organization_of[kind, owned_by]
        last[organization] += 1
        events.append(
            Event(
                organization_id=organization,
                number=last[organization],
                entry_id=pk,
                type=f"{kind}.{after if before != after else CONFIRMED}",
                published_at=now,
            )
        )
    Event.objects.bulk_create(events)
    return len(events)
