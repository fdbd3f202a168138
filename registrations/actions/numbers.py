"""Putting numbers on campaigns, and taking them off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from registrations import preflight, submitting, tasks
from registrations.actions.ground import (
    DRAFTERS,
    FORGET_WHAT_PLIVO_SAID,
    Blocked,
    acting_as,
    blocker,
    change,
    locked,
    queue,
)
from registrations.lifecycle import Actor, Status, begin
from registrations.models import Campaign, NumberLink, Operation, Submission
from registrations.models.number_link import HOLDING


@transaction.atomic
def link_numbers(campaign: Campaign, numbers: Iterable[str], *, by: Any) -> list[NumberLink]:
    """Put numbers on a campaign, one request each. All of them, or none.

    `numbers` are digits with country code ("14155550100"). Raises Blocked with one finding per
    number that cannot be linked.
    """
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff link numbers.")
    numbers = list(numbers)
    campaign = locked(campaign)
    _stop_if_unlinkable(campaign, numbers)
    links = []
    for number in numbers:
        link = NumberLink(
            organization=campaign.organization,
            account=campaign.account,
            campaign=campaign,
            number=number,
            created_by=by,
            requested_by=by,
        )
        link.save()
        begin(link, actor=actor, user=by)
        submission = submitting.enqueue(link, Operation.LINK_NUMBER, requested_by=by)
        tasks.nudge(tasks.send, submission_id=submission.pk)
        links.append(link)
    return links


def link_again(link: NumberLink, *, by: Any) -> Submission:
    """The link failed or was refused: ask Plivo once more."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff link numbers.")
    _stop_if_held_elsewhere(link)
    return _requeue_link(link, Status.LINK_QUEUED, Operation.LINK_NUMBER, actor, by)


def unlink(link: NumberLink, *, by: Any) -> Submission:
    """Take a number off its campaign. Linking it again means a new round at the operators."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff unlink numbers.")
    return _requeue_link(link, Status.UNLINK_QUEUED, Operation.UNLINK_NUMBER, actor, by)


def _stop_if_unlinkable(campaign: Campaign, numbers: Sequence[str]) -> None:
    findings = []
    if campaign.status != Status.REGISTERED:
        findings.append(
            blocker(
                "campaign",
                f"{campaign} is {campaign.get_status_display().lower()}.",
                "Numbers can be linked once the campaign is registered.",
            )
        )
    if not numbers:
        findings.append(blocker("numbers", "No number was given.", "Give at least one."))
    seen: set[str] = set()
    for number in numbers:
        if number in seen:
            findings.append(blocker("numbers", f"{number} stands twice.", "Give it once."))
            continue
        link = NumberLink(campaign=campaign, account=campaign.account, number=number)
        findings += preflight.blocking(preflight.check(link))
        seen.add(number)
    on_campaign = campaign.number_links.filter(status__in=HOLDING).count()
    if on_campaign + len(seen) > campaign.number_pool_limit:
        findings.append(
            blocker(
                "numbers",
                f"A campaign takes {campaign.number_pool_limit} numbers; "
                f"this one has {on_campaign}, and you give {len(seen)} more.",
                "Take fewer, or another campaign.",
            )
        )
    if findings:
        raise Blocked(findings)


def _stop_if_held_elsewhere(link: NumberLink) -> None:
    held = NumberLink.objects.filter(
        account=link.account_id, number=link.number, status__in=HOLDING
    ).exclude(pk=link.pk)
    if held.exists():
        raise Blocked(
            [blocker("number", f"{link.number} is on another campaign by now.", "Unlink it there.")]
        )


@transaction.atomic
def _requeue_link(
    link: NumberLink, status: Status, operation: Operation, actor: Actor, by: Any
) -> Submission:
    link = locked(link)
    change(link, requested_by=by, **FORGET_WHAT_PLIVO_SAID)
    return queue(link, status, operation, actor=actor, requested_by=by, user=by)
