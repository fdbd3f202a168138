"""Linking many numbers for a program: taken in at once, then linked by a worker, each by itself.

A number is marked in the transaction that makes its link, so a worker may be killed anywhere: what
it had not committed waits still, and the sweeper has it done.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from registrations import tasks
from registrations.actions.checking import TypedNumber, check_numbers, judged
from registrations.actions.ground import DRAFTERS, Blocked, NotAllowed, acting_as, locked
from registrations.actions.numbers import link_numbers
from registrations.models import Campaign, LinkBatch, LinkBatchItem, NumberLink, Organization
from registrations.models.campaign import NUMBERS_PER_CAMPAIGN

MOST_ITEMS = 1000
# Numbers that are linked in one transaction, all on one campaign.
AT_ONCE = NUMBERS_PER_CAMPAIGN
# Nudges a sweep gives at most; the rest gets its turn at the next one.
MOST_NUDGED = 50


class Wish(NamedTuple):
    """A number, as digits with country code or as it was given, and the campaign it shall be on."""

    campaign_reference: str
    number: str


@transaction.atomic
def take_in_batch(organization: Organization, wishes: Iterable[Wish], *, by: Any) -> LinkBatch:
    """Keep what shall be linked, and have a worker do it soon. What is wrong, each is told then."""
    acting_as(by, DRAFTERS, "Marketers and compliance staff link numbers.")
    batch = LinkBatch.objects.create(organization=organization, created_by=by)
    LinkBatchItem.objects.bulk_create(
        LinkBatchItem(batch=batch, position=position, **wish._asdict())
        for position, wish in enumerate(wishes, start=1)
    )
    tasks.nudge(carry_out, batch_id=batch.pk)
    return batch


@shared_task
def carry_out(*, batch_id: int) -> None:
    """Link every number of a batch that still waits. Safe when several run at once."""
    while _carry_out_some(batch_id):
        pass


@shared_task
def sweep() -> None:
    """Nudge every batch that is due: the broker may have lost it, or its worker died."""
    for batch_id in _due():
        tasks.nudge(carry_out, batch_id=batch_id)


def sweep_here() -> None:
    """The same as `sweep`, done in this process: for a portal whose broker is gone."""
    for batch_id in _due():
        carry_out(batch_id=batch_id)


def _due() -> list[int]:
    due = LinkBatch.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    return list(due.values_list("pk", flat=True)[:MOST_NUDGED])


def _carry_out_some(batch_id: int) -> bool:
    """Do the next numbers that wait for the same campaign; answer whether to go on."""
    batches = LinkBatch.objects.filter(pk=batch_id).exclude(due_at=None)
    batch = batches.select_related("created_by").first()
    if batch is None:
        return False
    chunk = _next(batch)
    if not chunk:
        batches.update(due_at=None)
        return False
    campaign = _campaign(batch, chunk[0].campaign_reference)
    # Plivo is asked before the transaction: nobody shall wait for it with locks in hand.
    problems = _problems(campaign, chunk, batch.created_by)
    with transaction.atomic():
        if not batches.select_for_update(skip_locked=True).first():
            return False  # another worker has it in hand
        waiting = batch.items.filter(pk__in=[item.pk for item in chunk], taken_at=None)
        items = list(waiting.order_by("position"))
        fit = [item for item in items if item.position not in problems]
        try:
            links = _linked(campaign, fit, batch.created_by, problems)
        except Blocked:
            # Between two looks somebody took one of these: the next round sees it.
            transaction.set_rollback(True)
            return False
        for item in items:
            item.link = links.get(item.position)
            item.problem = problems.get(item.position, "")
            item.taken_at = timezone.now()
        LinkBatchItem.objects.bulk_update(items, ["link", "problem", "taken_at"])
    return True


def _next(batch: LinkBatch) -> list[LinkBatchItem]:
    """The first that waits, and others that wait for the same campaign."""
    waiting = batch.items.filter(taken_at=None).order_by("position")
    first = waiting.first()
    if first is None:
        return []
    return list(waiting.filter(campaign_reference=first.campaign_reference)[:AT_ONCE])


def _campaign(batch: LinkBatch, reference: str) -> Campaign | None:
    """The campaign, if it is the organization's and whoever asked may still know of it."""
    mine = Campaign.objects.for_user(batch.created_by).filter(organization=batch.organization_id)
    return mine.select_related("brand", "account").filter(reference=reference).first()


def _problems(campaign: Campaign | None, chunk: list[LinkBatchItem], by: Any) -> dict[int, str]:
    """Why numbers cannot be linked, by position, as far as a check and Plivo tell."""
    if campaign is None:
        text = f"Your organization has no campaign “{chunk[0].campaign_reference}”."
        return {item.position: text for item in chunk}
    try:
        check = check_numbers(campaign, map(_typed, chunk), by=by)
    except (Blocked, NotAllowed) as refusal:
        return {item.position: str(refusal) for item in chunk}
    return {
        item.position: f"{row.message} {row.remedy}"
        for item, row in zip(chunk, check.rows, strict=True)
        if not row.is_linkable
    }


def _linked(
    campaign: Campaign | None, items: list[LinkBatchItem], by: Any, problems: dict[int, str]
) -> dict[int, NumberLink]:
    """Link what can be linked *now*, by position; `problems` gets the others.

    Raises Blocked if somebody else took one of these numbers or closed the campaign meanwhile.
    """
    if campaign is None or not items:
        return {}
    locked(campaign)
    good = []
    for item, row in zip(items, judged(campaign, map(_typed, items), by=by).rows, strict=True):
        if row.is_linkable:
            good.append(item)
        else:
            problems[item.position] = f"{row.message} {row.remedy}"
    links = link_numbers(campaign, [item.number for item in good], by=by) if good else []
    return {item.position: link for item, link in zip(good, links, strict=True)}


def _typed(item: LinkBatchItem) -> TypedNumber:
    return TypedNumber(f"item {item.position}", item.number, item.number)
