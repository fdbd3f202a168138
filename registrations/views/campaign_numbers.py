"""The numbers of one campaign: what became of each, live until each has its outcome."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from registrations import actions
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Status
from registrations.models import Campaign, NumberLink, Submission, roles_of
from registrations.models.number_link import HOLDING
from registrations.paging import page_of
from registrations.views.finding import find
from registrations.views.numbers import numbers_left

# What became of a number.
LINKED, MOVING, FAILED, PAST = "linked", "moving", "failed", "past"

LINKED_AGAIN_FROM = (Status.LINK_FAILED, Status.REFUSED)
UNLINKED_FROM = (Status.LINKED, Status.UNLINK_FAILED)

HEADINGS = {
    FAILED: "Numbers that failed",
    MOVING: "Numbers on their way",
    LINKED: "Linked numbers",
    PAST: "Numbers that are not on this campaign any more",
}

# So many failures stand on top of the page; the filter shows all of them.
FAILURES_ON_TOP = 50
# As many as one page shows may be dealt with at once.
MOST_CHOSEN = 100


@dataclass(frozen=True)
class Tile:
    """How many numbers had one outcome; it leads to them."""

    name: str
    label: str
    tone: str
    count: int
    here: bool


@dataclass(frozen=True)
class Row:
    """One number, what is worth knowing of it, and what can be done about it here."""

    link: NumberLink

    @property
    def may_be_chosen(self) -> bool:
        return self.link.status in UNLINKED_FROM

    @property
    def again(self) -> str:
        """The verb that may be tried again on what failed."""
        if self.link.outcome != FAILED:
            return ""
        return "link" if self.link.status in LINKED_AGAIN_FROM else "unlink"

    @property
    def news(self) -> list[str]:
        """Why it failed, what it waits for, and what to do."""
        if self.link.outcome == MOVING:
            waits = [
                ": ".join(filter(None, [one.get_state_display(), one.waiting_for, one.error]))
                for one in self.link.on_their_way
            ]
            return waits or ["Plivo has it, and will tell."]
        if self.again == "unlink":
            return ["The number is still on this campaign."]
        if self.again and not self.link.reasons:
            return ["Plivo gave no reason. If it fails once more, ask Plivo's support."]
        return []


@login_required
@require_GET
def campaign_numbers(request: HttpRequest, reference: str) -> HttpResponse:
    """Every number of a campaign with its outcome, what failed on top."""
    campaign = _campaign(request, reference)
    story = _story(request, campaign) | {"left": numbers_left(request, campaign)}
    return render(request, "registrations/numbers_progress.html", story)


@login_required
@require_GET
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """The part that changes by itself; 204 while there is no news, 286 when none is to come."""
    seen = request.GET.get("seen")
    story = _story(request, _campaign(request, reference))
    if story["moves"] and seen == story["fingerprint"]:
        return HttpResponse(status=204)
    # htmx asks on every two seconds until it is answered 286.
    status = 200 if story["moves"] else 286
    return render(request, "registrations/_numbers_live.html", story, status=status)


@login_required
@require_POST
def act(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Link again or unlink several numbers at once. What is not possible is said of each."""
    campaign = _campaign(request, reference)
    if not _may_act(request.user):
        raise PermissionDenied("Marketers and compliance staff link and unlink numbers.")
    links = _links(campaign)
    chosen = links.filter(reference__in=request.POST.getlist("link")[:MOST_CHOSEN])
    match verb:
        case "link":
            several = actions.link_several_again(chosen, by=request.user)
        case "link-failed":
            failed = links.filter(outcome=FAILED, status__in=LINKED_AGAIN_FROM)
            several = actions.link_several_again(failed, by=request.user)
        case "unlink":
            several = actions.unlink_several(chosen, by=request.user)
        case _:
            raise Http404
    _tell(request, several, "taken off" if verb == "unlink" else "linked again")
    return redirect("campaign-numbers", reference)


def _tell(request: HttpRequest, several: actions.Several, deed: str) -> None:
    if several.done:
        count = len(several.done)
        some = "1 number is" if count == 1 else f"{count} numbers are"
        messages.success(request, f"{some} being {deed}.")
    for link, why in several.left:
        messages.error(request, f"+{link.number} stays as it is. {why}")
    if not several.done and not several.left:
        messages.warning(request, "No number was chosen.")


def _campaign(request: HttpRequest, reference: str) -> Campaign:
    return find(Campaign, reference, request.user)


def _may_act(user: Any) -> bool:
    return bool(roles_of(user) & actions.DRAFTERS)


def _links(campaign: Campaign) -> QuerySet[Any]:
    """The campaign's links, each with its `outcome`.

    A failure is past once the same number was asked for again, here or on another campaign.
    """
    others = NumberLink.objects.filter(account=OuterRef("account"), number=OuterRef("number"))
    asked_again = Exists(others.filter(Q(status__in=HOLDING) | Q(pk__gt=OuterRef("pk"))))
    failed = Q(status=Status.UNLINK_FAILED) | (Q(status__in=LINKED_AGAIN_FROM) & ~asked_again)
    return campaign.number_links.annotate(
        outcome=Case(
            When(status=Status.LINKED, then=Value(LINKED)),
            When(status__in=AWAITING_PLIVO | QUEUED, then=Value(MOVING)),
            When(failed, then=Value(FAILED)),
            default=Value(PAST),
            output_field=CharField(),
        )
    )


def _story(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    query = request.GET.copy()
    # Neither belongs to another page: what was seen here, and that all of this page are chosen.
    query.pop("seen", None)
    choose = query.pop("choose", [""])[-1]
    request.GET = query
    links = _links(campaign)
    counts = {
        row["outcome"]: row
        for row in links.order_by()
        .values("outcome")
        .annotate(
            count=Count("pk"),
            held=Count("pk", filter=Q(status__in=HOLDING)),
            watched=Count("pk", filter=Q(lookup_due_at__isnull=False)),
        )
    }
    many = {outcome: row["count"] for outcome, row in counts.items()}
    shown = query.get("show") or ""
    if shown not in HEADINGS:
        shown = ""
    live = Submission.objects.live().defer("payload", "callback_url", "answer")
    rows = links.prefetch_related(Prefetch("submissions", live, to_attr="on_their_way"))
    page = page_of(rows.filter(outcome__in=[shown] if shown else [LINKED, MOVING]), request)
    failures = rows.filter(outcome=FAILED).order_by("-created_at", "-pk")
    on_top = [] if shown or page.newer else list(failures[:FAILURES_ON_TOP])
    settled = many.get(LINKED, 0) + many.get(FAILED, 0)
    used = sum(row["held"] for row in counts.values())
    if choose:
        query["choose"] = choose
    may_act = _may_act(request.user)
    return {
        "campaign": campaign,
        "shown": shown,
        "heading": HEADINGS.get(shown) or ("The others" if on_top else "All of them"),
        "tiles": [
            Tile(name, label, tone if many.get(name) else "", many.get(name, 0), name == shown)
            for name, label, tone in (
                (FAILED, "failed", "red"),
                (MOVING, "on their way", "amber"),
                (LINKED, "linked", "green"),
                (PAST, "past", ""),
            )
        ],
        "page": page,
        "rows": [Row(link) for link in page.rows],
        "failures": [Row(link) for link in on_top],
        "failed": many.get(FAILED, 0),
        "moving": many.get(MOVING, 0),
        "settled": settled,
        "total": settled + many.get(MOVING, 0),
        "used": used,
        "room": max(campaign.number_pool_limit - used, 0),
        "moves": bool(many.get(MOVING)) or any(row["watched"] for row in counts.values()),
        "may_act": may_act,
        "may_link_again": may_act and any(Row(link).again == "link" for link in on_top),
        "may_choose": may_act and any(Row(link).may_be_chosen for link in page.rows),
        "choose": choose,
        "query": query.urlencode(),
        "fingerprint": _fingerprint(counts, [*on_top, *page.rows]),
    }


def _fingerprint(counts: dict[str, Any], links: list[NumberLink]) -> str:
    """Changes when, and only when, there is something new to show."""
    shown = [
        sorted(counts.items()),
        [
            (
                link.version,
                link.confirmed_at,
                link.conflict,
                [(s.state, s.waiting_for, s.error) for s in link.on_their_way],
            )
            for link in links
        ],
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
