"""What is news, and who wants to hear of it."""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from registrations import ageing
from registrations.lifecycle import Actor, Status
from registrations.models import (
    REGISTRATION_MODELS,
    AuditEntry,
    Notice,
    NoticeKind,
    Preferences,
    Role,
    State,
    Submission,
    roles_of,
)

# What is older was seen by somebody, or a portal that was down for long has more to do than mail.
NEWS_FOR = timedelta(days=1)
AT_ONCE = 500

CAME_BACK = Q(
    to_status__in=[
        Status.REJECTED,
        Status.REFUSED,
        Status.EXPIRED,
        Status.LINK_FAILED,
        Status.UNLINK_FAILED,
    ]
) | Q(from_status=Status.IN_REVIEW, to_status=Status.DRAFT, actor=Actor.COMPLIANCE)
# Numbers come in dozens: that they were linked is told by their page.
ARRIVED = Q(to_status=Status.REGISTERED)

# Who is told of what: members of the organization in this role, or the house's people in it.
MEMBERS, HOUSE = "members", "house"
TOLD = {
    NoticeKind.REJECTED: {(Role.MARKETER, MEMBERS), (Role.COMPLIANCE, HOUSE)},
    NoticeKind.REGISTERED: {(Role.MARKETER, MEMBERS)},
    NoticeKind.CONFLICT: {(Role.COMPLIANCE, HOUSE)},
    NoticeKind.DECISION: {(Role.COMPLIANCE, HOUSE)},
}


def write_down_news() -> None:
    """Make a notice for everybody whom something new concerns. Safe when several run at once."""
    for kind, subject, row in _news():
        people = _readers(kind, row.registration.organization_id)
        due = timezone.now() + timedelta(seconds=settings.NOTICE_GATHER_SECONDS)
        notices = [
            Notice(kind=kind, user=person, due_at=due, **{subject: row}) for person in people
        ]
        # Whoever else writes the same down at this moment is met by the constraint.
        Notice.objects.bulk_create(
            notices or [Notice(kind=kind, user=None, due_at=None, **{subject: row})],
            ignore_conflicts=True,
        )


def write_digests() -> None:
    """Once a day, on each reader's own clock, what is stuck; nothing if nothing is."""
    for person in _wanting(NoticeKind.DIGEST, User.objects.filter(groups__name__in=Role)):
        now = _on_her_clock(person)
        written = Notice.objects.filter(kind=NoticeKind.DIGEST, user=person, day=now.date())
        if now.hour < settings.DIGEST_HOUR or written.exists():
            continue
        due = timezone.now() if ageing.stuck(person) else None
        Notice.objects.bulk_create(
            [Notice(kind=NoticeKind.DIGEST, user=person, day=now.date(), due_at=due)],
            ignore_conflicts=True,
        )


def _news() -> Iterator[tuple[NoticeKind, str, Any]]:
    """(kind, "entry" or "submission", row) of what nobody has been told yet."""
    told = Notice.objects.filter(entry=OuterRef("pk"))
    recent = AuditEntry.objects.filter(at__gt=timezone.now() - NEWS_FOR).order_by("at")
    recent = recent.select_related("brand", "campaign", "number_link")
    for kind, which in ((NoticeKind.REJECTED, CAME_BACK), (NoticeKind.REGISTERED, ARRIVED)):
        moves = recent.filter(which).exclude(from_status=F("to_status"))
        # What was adopted from Plivo was so before anybody here knew of it: that is no news.
        moves = moves.exclude(from_status="")
        for entry in moves.filter(~Exists(told.filter(kind=kind)))[:AT_ONCE]:
            yield kind, "entry", entry
    for entry in _contradictions():
        yield NoticeKind.CONFLICT, "entry", entry
    undecided = Submission.objects.filter(state=State.NEEDS_DECISION)
    undecided = undecided.select_related("brand", "campaign", "number_link")
    told = Notice.objects.filter(submission=OuterRef("pk"), kind=NoticeKind.DECISION)
    for submission in undecided.filter(~Exists(told))[:AT_ONCE]:
        yield NoticeKind.DECISION, "submission", submission


def _contradictions() -> Iterator[AuditEntry]:
    """For each registration in conflict, the line of its trail that says so, if nobody knows."""
    for model in REGISTRATION_MODELS:
        for registration in model.objects.exclude(conflict="")[:AT_ONCE]:
            entry = registration.trail.filter(note=registration.conflict).first()
            if entry and not entry.notices.filter(kind=NoticeKind.CONFLICT).exists():
                yield entry


def _readers(kind: NoticeKind, organization_id: int) -> list[User]:
    concerned = Q()
    for role, where in TOLD[kind]:
        one = Q(groups__name=role)
        concerned |= one & Q(organizations=organization_id) if where == MEMBERS else one
    return list(_wanting(kind, User.objects.filter(concerned)))


def _wanting(kind: NoticeKind, people: Any) -> Iterable[User]:
    """Those of them who can be reached and have not said that they do not want it."""
    declined = Preferences.objects.filter(**{f"mail_{kind.value}": False}).values("user")
    return (
        people.filter(is_active=True)
        .exclude(email="")
        .exclude(pk__in=declined)
        .select_related("preferences")
        .distinct()
        .order_by("pk")
    )


def _on_her_clock(person: User) -> datetime:
    preferences = getattr(person, "preferences", None)
    name = (preferences and preferences.time_zone) or settings.TIME_ZONE
    return timezone.now().astimezone(zoneinfo.ZoneInfo(name))


def mail_choices_of(user: Any) -> list[NoticeKind]:
    """The kinds of news that can concern this person at all, by the roles she wears."""
    worn = roles_of(user)
    kinds: dict[NoticeKind, set[Role]] = defaultdict(set)
    for kind, readers in TOLD.items():
        kinds[kind] = {role for role, _ in readers}
    kinds[NoticeKind.DIGEST] = set(Role)
    return [kind for kind in NoticeKind if worn & kinds[kind]]
