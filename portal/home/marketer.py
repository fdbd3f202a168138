"""A marketer's part: what is asked of her, her drafts, what is on its way, and what moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from registrations import ageing
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Kind, Status
from registrations.models import Brand, Campaign, NumberLink, Registration

# The most that are shown; the lists have them all.
SHOWN = 10
MOVED = 50
MOVED_BEFORE = 8

RETURNED = Q(status=Status.DRAFT) & (~Q(review_note="") | ~Q(field_notes={}))
HALTED = [Status.REJECTED, Status.REFUSED, Status.EXPIRED]
FAILED = [Status.LINK_FAILED, Status.REFUSED, Status.UNLINK_FAILED]
ON_ITS_WAY = {Status.IN_REVIEW} | QUEUED | AWAITING_PLIVO

# What she can do about it: a sentence, and what the link is called.
REMEDIES = {
    Status.DRAFT: ("Change what compliance asks for, and send it for review again.", "Change it"),
    Status.REJECTED: ("Look at the reasons, correct it, and send it for review again.", "See why"),
    Status.REFUSED: ("Plivo did not take it. See why, and send it again corrected.", "See why"),
    Status.EXPIRED: (
        "It lapsed at Plivo. Register another campaign if it is needed.",
        "Look at it",
    ),
    Status.LINK_FAILED: ("It cannot send texts. See why, and link it again.", "See why"),
    Status.UNLINK_FAILED: ("It is still linked. See why, and unlink it again.", "See why"),
}

# Whose turn it is.
TURNS = {
    Status.IN_REVIEW: "Compliance looks at it.",
    Status.QUEUED: "Approved. It goes to Plivo next.",
    Status.SUBMITTED: "Plivo has it.",
    Status.CREATED: "The registry and the carriers look at it.",
    Status.LINK_QUEUED: "The request goes to Plivo next.",
    Status.LINK_SUBMITTED: "Plivo has the request.",
    Status.LINK_CREATED: "The carriers are told.",
    Status.UNLINK_QUEUED: "The request goes to Plivo next.",
    Status.UNLINK_SUBMITTED: "Plivo has the request.",
    Status.UNLINK_CREATED: "The carriers are told.",
}


@dataclass(frozen=True)
class Line:
    """One registration, or the numbers of one campaign that stand at the same."""

    kind: Kind
    what: str
    url: str
    status: Status
    since: datetime
    # What was said about it, what she can do and what the link to that is called.
    said: str = ""
    todo: str = ""
    link: str = ""
    turn: str = ""
    conflict: bool = False
    normal: ageing.Normal | None = None

    @property
    def label(self) -> str:
        return "Returned" if self.status == Status.DRAFT else self.status.label

    @property
    def is_slow(self) -> bool:
        return self.normal is not None and timezone.now() - self.since > self.normal.slow_after


def part(user: Any, left_at: datetime | None) -> dict[str, Any]:
    brands, campaigns, numbers = (_own(model, user) for model in (Brand, Campaign, NumberLink))
    asked = _asked(brands, campaigns, numbers)
    moved = _moved(brands, campaigns, numbers, since=left_at)[:MOVED] if left_at else []
    return {
        "belongs_somewhere": user.organizations.exists(),
        "has_brands": brands.exists(),
        "has_campaigns": campaigns.exists(),
        "asked": asked[:SHOWN],
        "asks_more": len(asked) > SHOWN,
        "drafts": _drafts(brands, campaigns),
        "on_its_way": _on_its_way(brands, campaigns, numbers),
        "moved": moved or _moved(brands, campaigns, numbers)[:MOVED_BEFORE],
        "left_at": left_at,
        "moved_since": bool(moved),
    }


def _own(model: type[Registration], user: Any) -> QuerySet[Any]:
    """Those of her own organizations, also if another role of hers lets her see them all."""
    rows = model.objects.for_user(user).filter(organization__in=user.organizations.all())
    return rows.defer("last_lookup", "typed").order_by()


def _asked(brands: Any, campaigns: Any, numbers: Any) -> list[Line]:
    """What came back to her, latest first."""
    back = RETURNED | Q(status__in=HALTED)
    lines = [
        _line(row)
        for rows in (brands, campaigns)
        for row in rows.filter(back).order_by("-status_since")[: SHOWN + 1]
    ]
    lines += _by_campaign(numbers.filter(status__in=FAILED))
    return sorted(lines, key=lambda line: line.since, reverse=True)


def _drafts(brands: Any, campaigns: Any) -> list[Any]:
    """What she began and has not sent, the one she touched last first."""
    drafts = [
        row
        for rows in (brands, campaigns)
        for row in rows.filter(status=Status.DRAFT).exclude(RETURNED).order_by("-edited_at")[:SHOWN]
    ]
    return sorted(drafts, key=lambda row: row.edited_at, reverse=True)[:SHOWN]


def _on_its_way(brands: Any, campaigns: Any, numbers: Any) -> list[Line]:
    """What others have to do something about, longest first."""
    lines = [
        _line(row)
        for rows in (brands, campaigns)
        for row in rows.filter(status__in=ON_ITS_WAY).order_by("status_since")[:SHOWN]
    ]
    lines += _by_campaign(numbers.filter(status__in=ON_ITS_WAY), since=Min)
    known = ageing.normals() if lines else {}
    lines = [replace(line, normal=known.get((line.kind, line.status))) for line in lines]
    return sorted(lines, key=lambda line: line.since)[:SHOWN]


def _moved(brands: Any, campaigns: Any, numbers: Any, since: datetime | None = None) -> list[Line]:
    """Where things went, latest first; drafts count only if they came back."""
    news = ~Q(status=Status.DRAFT) | RETURNED
    of_numbers = Q()
    if since:
        news &= Q(status_since__gt=since)
        of_numbers = Q(status_since__gt=since)
    lines = [
        _line(row)
        for rows in (brands, campaigns)
        for row in rows.filter(news).order_by("-status_since")[:MOVED]
    ]
    lines += _by_campaign(numbers.filter(of_numbers))
    return sorted(lines, key=lambda line: line.since, reverse=True)


def _line(row: Any) -> Line:
    status = Status(row.status)
    returned = status == Status.DRAFT
    page = f"{row.kind.value}-edit" if returned else row.kind.value
    todo, link = REMEDIES.get(status, ("", ""))
    return Line(
        kind=row.kind,
        what=str(row),
        url=reverse(page, args=[row.reference]),
        status=status,
        since=row.status_since,
        said=row.review_note if returned else "; ".join(told["text"] for told in row.reasons),
        todo=todo,
        link=link,
        turn=TURNS.get(status, ""),
        conflict=bool(row.conflict),
    )


def _by_campaign(numbers: Any, since: type[Min | Max] = Max) -> list[Line]:
    """The numbers of each campaign that stand at the same, as one line; a single one by name."""
    groups = numbers.values("campaign__reference", "campaign__name", "status").annotate(
        count=Count("pk"), since=since("status_since"), number=Min("number"), one=Min("reference")
    )
    lines = []
    for group in groups.order_by("since" if since is Min else "-since")[:MOVED]:
        status = Status(group["status"])
        todo, link = REMEDIES.get(status, ("", ""))
        campaign = group["campaign__reference"]
        if group["count"] == 1:
            what = f"Number +{group['number']}"
            url = reverse("number_link", args=[group["one"]])
        else:
            what = f"{group['count']} numbers"
            url = f"{reverse('number_link-list')}?campaign={campaign}&status={status}"
        lines.append(
            Line(
                kind=Kind.NUMBER_LINK,
                what=f"{what} on campaign {group['campaign__name']}",
                url=url,
                status=status,
                since=group["since"],
                todo=todo,
                link=link,
                turn=TURNS.get(status, ""),
            )
        )
    return lines
