"""Putting numbers on campaigns, and taking them off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from registrations import submitting, tasks
from registrations.actions.checking import TypedNumber, demand_open, judged
from registrations.actions.ground import (
    DRAFTERS,
    FORGET_WHAT_PLIVO_SAID,
    Blocked,
    acting_as,
    blocker,
    change,
    locked,
    queue,
    stop_if_blocked,
)
from registrations.lifecycle import Actor, IllegalMove, Status, begin
from registrations.models import Campaign, NumberLink, Operation, Submission


@transaction.atomic
def link_numbers(campaign: Campaign, numbers: Iterable[str], *, by: Any) -> list[NumberLink]:
    """Put numbers on a campaign, one request each. All of them, or none.

    `numbers` are digits with country code ("14155550100"). Raises Blocked with one finding per
    number that cannot be linked.
    """
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff link numbers.")
    numbers = list(numbers)
    campaign = locked(campaign)
    _stop_if_unlinkable(campaign, numbers, by)
    try:
        # A savepoint: a refused insert must not spoil the transaction it stands in.
        with transaction.atomic():
            # In one order for everybody: two sets that overlap then wait for each other, and do
            # not lock each other up.
            links = {number: _new_link(campaign, number, by) for number in sorted(numbers)}
    except IntegrityError as refused:
        _stop_if_unlinkable(campaign, numbers, by)
        raise Blocked(
            [blocker("numbers", "Somebody else was linking one of these.", "Check them again.")]
        ) from refused
    for link in links.values():
        begin(link, actor=actor, user=by)
        submission = submitting.enqueue(link, Operation.LINK_NUMBER, requested_by=by)
        tasks.nudge(tasks.send, submission_id=submission.pk)
    return [links[number] for number in numbers]


@transaction.atomic
def link_again(link: NumberLink, *, by: Any) -> Submission:
    """The link failed or was refused: ask Plivo once more."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff link numbers.")
    demand_open(locked(link.campaign))
    stop_if_blocked(link)
    try:
        return _requeue(link, Status.LINK_QUEUED, Operation.LINK_NUMBER, actor, by)
    except IntegrityError as refused:
        raise Blocked(
            [blocker("number", f"{link.number} is on another campaign by now.", "Unlink it there.")]
        ) from refused


def unlink(link: NumberLink, *, by: Any) -> Submission:
    """Take a number off its campaign. Linking it again means a new round at the operators."""
    actor = acting_as(by, DRAFTERS, "Marketers and compliance staff unlink numbers.")
    return _requeue(link, Status.UNLINK_QUEUED, Operation.UNLINK_NUMBER, actor, by)


@dataclass(frozen=True)
class Several:
    """What came of one deed for several numbers: each stands or falls by itself."""

    done: list[NumberLink] = field(default_factory=list)
    # (link, why it was left as it is)
    left: list[tuple[NumberLink, str]] = field(default_factory=list)


def link_several_again(links: Iterable[NumberLink], *, by: Any) -> Several:
    """Ask Plivo once more for each of these whose link failed or was refused."""
    return _each(link_again, links, by)


def unlink_several(links: Iterable[NumberLink], *, by: Any) -> Several:
    """Take each of these numbers off its campaign."""
    return _each(unlink, links, by)


def _each(deed: Callable[..., Submission], links: Iterable[NumberLink], by: Any) -> Several:
    several = Several()
    for link in links:
        try:
            deed(link, by=by)
        except (Blocked, IllegalMove) as refusal:
            several.left.append((link, str(refusal)))
        else:
            several.done.append(link)
    return several


def _new_link(campaign: Campaign, number: str, by: Any) -> NumberLink:
    return NumberLink.objects.create(
        organization=campaign.organization,
        account=campaign.account,
        campaign=campaign,
        number=number,
        created_by=by,
        requested_by=by,
    )


def _stop_if_unlinkable(campaign: Campaign, numbers: list[str], by: Any) -> None:
    demand_open(campaign)
    if not numbers:
        raise Blocked([blocker("numbers", "No number was given.", "Give at least one.")])
    typed = [
        TypedNumber(place=f"place {place}", text=number, number=number)
        for place, number in enumerate(numbers, start=1)
    ]
    problems = judged(campaign, typed, by=by).problems
    if problems:
        raise Blocked(
            [blocker("numbers", f"{row.typed.text}: {row.message}", row.remedy) for row in problems]
        )


@transaction.atomic
def _requeue(
    link: NumberLink, status: Status, operation: Operation, actor: Actor, by: Any
) -> Submission:
    link = locked(link)
    change(link, requested_by=by, **FORGET_WHAT_PLIVO_SAID)
    return queue(link, status, operation, actor=actor, requested_by=by, user=by)
