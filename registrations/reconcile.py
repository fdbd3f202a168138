"""What does Plivo really say? Look-ups of one registration, and sweeps over Plivo's lists.

A callback's body is not signed, and callbacks get lost: so what Plivo's API says is the fact that
confirms or corrects what was reported. Two final words that differ are never settled by one look:
two that agree, a minute apart, do.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from registrations.lifecycle import (
    AWAITING_PLIVO,
    Actor,
    Cause,
    Kind,
    Status,
    Verdict,
    judge,
    move_to,
    note,
    raise_conflict,
    settle_conflict,
)
from registrations.models import (
    Brand,
    Campaign,
    NumberLink,
    Operation,
    PlivoAccount,
)
from registrations.models.number_link import HOLDING
from registrations.plivo import finding, vocabulary
from registrations.plivo.client import NotFound, PlivoClient, PlivoTrouble, Unauthorised

log = logging.getLogger(__name__)

# How soon to look again while Plivo has no news. The list sweep watches over everything anyway.
RHYTHM = [timedelta(seconds=s) for s in (2, 5, 15, 60, 300, 900, 3600)]
LONGEST_RHYTHM = timedelta(hours=6)

# Who looks holds the look-up for so long; if he dies, the sweeper gives it to another.
LOOKING = timedelta(minutes=3)

# For so long after an update, an old rejection is not taken for a new one.
STALE_AFTER_UPDATE = timedelta(minutes=10)

# So many of a brand's use cases are kept; Plivo knows a dozen.
MOST_USECASES = 50

# Plivo has nothing to tell about these.
NOTHING_THERE = {Status.DRAFT, Status.IN_REVIEW, Status.QUEUED, Status.REFUSED, Status.LINK_QUEUED}


@dataclass(frozen=True)
class Facts:
    """What one look-up said: our word for it ("" if Plivo's is not known to us), and the rest."""

    status: str
    word: str
    raw: Any
    reasons: list[dict[str, str]] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        reasons = "; ".join(f"{reason['code']} {reason['text']}".strip() for reason in self.reasons)
        return f"Plivo says {self.word}." + (f" {reasons}" if reasons else "")


def ask_for_look_up(registration: Any, *, delay: timedelta = timedelta(0)) -> None:
    """Make a look-up due. Many wishes at once become one; no object is asked for too often."""
    now = timezone.now()
    due = now + delay
    if registration.last_lookup_at:
        gap = timedelta(seconds=settings.LOOKUP_MIN_GAP_SECONDS)
        due = max(due, registration.last_lookup_at + gap)
    type(registration).objects.filter(pk=registration.pk).update(lookup_due_at=due)
    registration.lookup_due_at = due


def due_look_ups(at_once: int = 200) -> list[tuple[Kind, int]]:
    """The registrations whose look-up is due, as (kind, primary key)."""
    now = timezone.now()
    return [
        (model.kind, pk)
        for model in (Brand, Campaign, NumberLink)
        for pk in model.objects.filter(lookup_due_at__lte=now)
        .order_by("lookup_due_at")
        .values_list("pk", flat=True)[:at_once]
    ]


def read(registration: Any, client: PlivoClient) -> Facts:
    """What Plivo says of a registration whose Plivo id is known. It need not be saved."""
    facts: Facts = _READERS[registration.kind](registration, client)
    return facts


def look_up(registration: Any) -> bool:
    """Ask Plivo about one registration, if its look-up is due, and believe the answer.

    Answers whether the registration is now confirmed where it was not before: what waited for it
    may go on. A failing API changes no status; the look-up only becomes due again later.
    """
    rows = type(registration).objects.filter(pk=registration.pk)
    now = timezone.now()
    if not rows.filter(lookup_due_at__lte=now).update(lookup_due_at=now + LOOKING):
        return False
    registration = rows.select_related("account").get()
    if registration.status in NOTHING_THERE:
        rows.update(lookup_due_at=None)
        return False
    was_confirmed = registration.is_confirmed
    version = registration.version
    try:
        client = finding.client_for(registration.account)
        if not _knows_its_object(registration, client):
            facts = None
        else:
            facts = read(registration, client)
    except (PlivoTrouble, LookupError) as trouble:
        log.warning("look-up of %s failed: %s", registration.reference, trouble)
        if isinstance(trouble, Unauthorised):
            registration.account.pause(f"Plivo does not accept our credentials ({trouble}).")
        _look_again(registration, rows)
        return False
    if facts is None:
        _look_again(registration, rows)
        return False
    with transaction.atomic():
        current = rows.select_for_update().get()
        _keep(current, facts)
        if current.version != version:
            # Something was said while we looked, and may be newer than what we saw.
            rows.update(lookup_due_at=timezone.now())
            return False
        _believe(current, facts)
    current.refresh_from_db()
    return current.is_confirmed and not was_confirmed


def sweep_lists(account: PlivoAccount) -> None:
    """Read all of Plivo's lists and make a look-up due wherever they differ from what we show.

    It finds lost callbacks, lapsed campaigns and numbers that were unlinked elsewhere.
    """
    client = finding.client_for(account)
    brands = Brand.objects.filter(account=account).exclude(plivo_id="")
    rows = {str(row.get("brand_id")): row for row in client.list_brands()}
    _compare(brands, lambda brand: rows.get(brand.plivo_id), "registration_status")
    campaigns = Campaign.objects.filter(account=account).exclude(plivo_id="")
    rows = {str(row.get("campaign_id")): row for row in client.list_campaigns()}
    _compare(campaigns, lambda campaign: rows.get(campaign.plivo_id), "registration_status")
    on_campaigns = NumberLink.objects.filter(account=account, status__in=[*HOLDING, "linked"])
    for campaign in campaigns.filter(number_links__in=on_campaigns).distinct():
        numbers = {row["number"]: row for row in client.campaign_numbers(campaign.plivo_id)}
        links = on_campaigns.filter(campaign=campaign)
        _compare(links, lambda link, numbers=numbers: numbers.get(link.number), "status")
    PlivoAccount.objects.filter(pk=account.pk).update(last_list_sweep_at=timezone.now())


def _compare(registrations: Any, row_of: Any, word_key: str) -> None:
    for registration in registrations:
        if registration.status in NOTHING_THERE:
            continue
        row = row_of(registration)
        said = vocabulary.confirmed_status(registration.kind, row[word_key]) if row else None
        if said is None and registration.status in (Status.DEACTIVATED, Status.UNLINKED):
            continue
        under_way = said in AWAITING_PLIVO and registration.status in AWAITING_PLIVO
        if not under_way and said != registration.confirmed_status:
            ask_for_look_up(registration)


def _knows_its_object(registration: Any, client: PlivoClient) -> bool:
    """Have the Plivo id, or find it: a callback may have come before the answer with the id."""
    if registration.kind == Kind.NUMBER_LINK or registration.plivo_id:
        return True
    submission = registration.latest_submission
    found = finding.find(client, submission) if submission else ""
    if not found:
        return False
    try:
        with transaction.atomic():
            type(registration).objects.filter(pk=registration.pk).update(plivo_id=found)
            registration.submissions.filter(pk=submission.pk).update(plivo_id=found)
    except IntegrityError:
        log.error("%s: Plivo id %s belongs to another here", registration.reference, found)
        return False
    registration.plivo_id = found
    return True


def _read_brand(brand: Brand, client: PlivoClient) -> Facts:
    try:
        there = client.get_brand(brand.plivo_id)
    except NotFound as missing:
        return _missing(missing)
    status = vocabulary.confirmed_status(brand.kind, there.get("registration_status")) or ""
    extras: dict[str, Any] = {
        "vetting_status": str(there.get("vetting_status") or "")[:40],
        "vetting_score": _score(there.get("vetting_score")),
    }
    if status == Status.REGISTERED and (codes := _open_usecases(brand, client)):
        extras["open_usecases"] = codes
    return Facts(
        status=status,
        word=str(there.get("registration_status", "")),
        raw=there,
        reasons=vocabulary.declined_reasons(there),
        extras=extras,
    )


def _open_usecases(brand: Brand, client: PlivoClient) -> list[str]:
    """The codes of the use cases that Plivo opens to this brand; none if it does not tell.

    They only help to fill a form: where the brand stands is believed without them.
    """
    try:
        rows = client.brand_usecases(brand.plivo_id)
    except PlivoTrouble as trouble:
        log.warning("use cases of %s were not told: %s", brand.reference, trouble)
        return []
    codes = [str(row["code"])[:30] for row in rows[:MOST_USECASES] if row.get("code")]
    return list(dict.fromkeys(codes))


def _read_campaign(campaign: Campaign, client: PlivoClient) -> Facts:
    try:
        there = client.get_campaign(campaign.plivo_id)
    except NotFound as missing:
        return _missing(missing)
    metadata = there.get("mno_metadata")
    return Facts(
        status=vocabulary.confirmed_status(campaign.kind, there.get("registration_status")) or "",
        word=str(there.get("registration_status", "")),
        raw=there,
        reasons=vocabulary.campaign_reasons(there),
        extras={"mno_metadata": metadata} if isinstance(metadata, dict) else {},
    )


def _read_link(link: NumberLink, client: PlivoClient) -> Facts:
    try:
        row = client.campaign_number(link.campaign.plivo_id, link.number)
    except NotFound as missing:
        # Without its campaign a number is linked to nothing.
        return Facts(status=Status.UNLINKED, word="not found", raw={"error": missing.error})
    if row is None:
        return Facts(status=Status.UNLINKED, word="not linked", raw={})
    status = vocabulary.confirmed_status(link.kind, row.get("status")) or ""
    return Facts(status=status, word=str(row.get("status", "")), raw=row)


def _missing(missing: NotFound) -> Facts:
    return Facts(status=Status.DEACTIVATED, word="not found", raw={"error": missing.error})


def _score(value: Any) -> int | None:
    try:
        return min(max(int(value), 0), 100)
    except (TypeError, ValueError):
        return None


_READERS: dict[Kind, Any] = {
    Kind.BRAND: _read_brand,
    Kind.CAMPAIGN: _read_campaign,
    Kind.NUMBER_LINK: _read_link,
}


def _keep(registration: Any, facts: Facts) -> None:
    """Keep what Plivo said, whatever we make of it."""
    registration.last_lookup, registration.last_lookup_at = facts.raw, timezone.now()
    changed = ["last_lookup", "last_lookup_at"]
    for name, value in facts.extras.items():
        setattr(registration, name, value)
        changed.append(name)
    if facts.reasons:
        registration.reasons = facts.reasons
        changed.append("reasons")
    registration.save(update_fields=changed)


def _believe(registration: Any, facts: Facts) -> None:
    """Let the fact confirm, move or contradict where the registration stands."""
    rows = type(registration).objects.filter(pk=registration.pk)
    said = facts.status
    if not said or _is_no_news(registration, said):
        _look_again(registration, rows)
        return
    if _agrees(registration, said) and not registration.conflict:
        _confirm(registration, rows, facts)
        return
    verdict = judge(registration.kind, registration.status, said, actor=Actor.LOOKUP)
    if verdict is Verdict.LATE:
        log.warning("%s: Plivo says %s", registration, facts.word)
        _look_again(registration, rows)
        return
    if not _needs_two_looks(registration, said):
        move_to(
            registration, Status(said), actor=Actor.LOOKUP, cause=Cause.LOOKUP, note=facts.in_words
        )
        _confirm(registration, rows, facts)
        return
    if not _agrees_with_last_look(registration, said):
        _contradict(registration, rows, facts)
        return
    if verdict is Verdict.APPLY:
        move_to(
            registration, Status(said), actor=Actor.LOOKUP, cause=Cause.LOOKUP, note=facts.in_words
        )
    if registration.conflict:
        settle_conflict(
            registration,
            f"Two look-ups agree: Plivo says {facts.word}.",
            actor=Actor.LOOKUP,
            cause=Cause.LOOKUP,
        )
    _confirm(registration, rows, facts)


def _agrees(registration: Any, said: str) -> bool:
    # A link that failed is not listed as linked: both words mean the same.
    failed = registration.status == Status.LINK_FAILED and said == Status.UNLINKED
    return said == registration.status or failed


def _is_no_news(registration: Any, said: str) -> bool:
    """Plivo still works on what it was asked, or on undoing it."""
    status = registration.status
    if status in AWAITING_PLIVO and said in AWAITING_PLIVO:
        return True
    # Reported as done, and the API has not caught up yet.
    if said in AWAITING_PLIVO and registration.confirmed_at is None:
        return True
    if said == Status.REJECTED and status == Status.SUBMITTED and _was_just_updated(registration):
        return True
    # A link that is being undone reads as linked until it is.
    unlinking = {Status.UNLINK_QUEUED, Status.UNLINK_SUBMITTED, Status.UNLINK_CREATED}
    if status in unlinking and said != Status.UNLINKED:
        return True
    # A link that was just asked for may not be listed yet.
    return status == Status.LINK_SUBMITTED and said == Status.UNLINKED


def _was_just_updated(registration: Any) -> bool:
    """After an update a campaign still reads as failed, until Plivo has begun to look at it."""
    submission = registration.latest_submission
    recently = timezone.now() - STALE_AFTER_UPDATE
    return submission.operation == Operation.UPDATE_CAMPAIGN and submission.settled_at > recently


def _needs_two_looks(registration: Any, said: str) -> bool:
    """Whether one look is not enough: it contradicts a last word, or says that a thing is gone."""
    if registration.conflict:
        return True
    if registration.status in AWAITING_PLIVO:
        return said == Status.DEACTIVATED
    undoing = registration.status == Status.UNLINK_FAILED and said == Status.UNLINKED
    return not undoing


def _agrees_with_last_look(registration: Any, said: str) -> bool:
    at = registration.conflict_looked_up_at
    if registration.conflict_looked_up_status != said or at is None:
        return False
    return timezone.now() - at >= timedelta(seconds=settings.CONFLICT_GAP_SECONDS)


def _contradict(registration: Any, rows: Any, facts: Facts) -> None:
    """Remember what this look said; the next one settles it if it says the same."""
    first_of_its_kind = registration.conflict_looked_up_status != facts.status
    if not registration.conflict:
        raise_conflict(
            registration,
            f"We show {registration.get_status_display().lower()}, "
            f"a look-up at Plivo says {facts.word}.",
            actor=Actor.LOOKUP,
            cause=Cause.LOOKUP,
        )
    now = timezone.now()
    changes: dict[str, Any] = {
        "lookup_due_at": now + timedelta(seconds=settings.CONFLICT_GAP_SECONDS)
    }
    if first_of_its_kind:
        changes |= {
            "conflict_looked_up_status": facts.status,
            "conflict_looked_up_at": now,
        }
    rows.update(**changes)


def _confirm(registration: Any, rows: Any, facts: Facts) -> None:
    """A look-up agrees with where it stands. The trail tells when that was first so."""
    told = registration.trail.order_by("-sequence").first()
    if not registration.is_confirmed and told.actor != Actor.LOOKUP:
        text = f"Confirmed: {facts.in_words}"
        note(registration, text, actor=Actor.LOOKUP, cause=Cause.LOOKUP)
    final = registration.status not in AWAITING_PLIVO
    rows.update(
        confirmed_status=registration.status,
        confirmed_at=timezone.now(),
        lookups_without_news=0,
        lookup_due_at=None if final else timezone.now() + RHYTHM[0],
    )


def _look_again(registration: Any, rows: Any) -> None:
    looks = registration.lookups_without_news
    wait = RHYTHM[looks] if looks < len(RHYTHM) else LONGEST_RHYTHM
    rows.update(lookups_without_news=looks + 1, lookup_due_at=timezone.now() + wait)
