"""Adopting what was made outside the portal: Plivo has it already, so nothing is sent or charged.

Brands come first, then their campaigns, then their numbers. Each stands or falls by itself, and as
often as it is tried: the database holds each object of Plivo's once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, models, transaction

from registrations import reconcile
from registrations.actions.adoptable import (
    ADOPTERS,
    CURRENT_LINK,
    WHO_ADOPTS,
    Comparison,
    Known,
    Offer,
    unknown_word,
)
from registrations.actions.adopted_rows import NotAdoptable, Read, left_out, row_for, write
from registrations.actions.ground import acting_as
from registrations.lifecycle import Kind, Status
from registrations.models import Brand, Campaign, NumberLink, Organization, PlivoAccount
from registrations.plivo.client import NotFound, OutOfTime, PlivoTrouble
from registrations.plivo.fields import code_in, name_in
from registrations.plivo.listing import Listing, There, in_words
from registrations.reconcile import Facts

# More than this at once is a task for the command, which nobody waits for.
MOST_AT_ONCE = 300

# What stands at the end of a wish for all numbers of a campaign.
ALL_NUMBERS = "/*"

_ORDER = [Kind.BRAND, Kind.CAMPAIGN, Kind.NUMBER_LINK]


@dataclass(frozen=True)
class Wanted:
    """What is to be adopted, and for a brand, to whom it shall belong.

    A number is named as "CAMPAIGN/NUMBER", all numbers of a campaign as "CAMPAIGN/*". A campaign
    belongs to whom its brand belongs, and so do its numbers.
    """

    plivo_id: str
    organization: Organization | None = None


class Result(models.TextChoices):
    """What became of a wish."""

    ADOPTED = "adopted", "Adopted"
    WOULD_BE_ADOPTED = "would_be_adopted", "Would be adopted"
    ALREADY_HERE = "already_here", "Already here"
    REFUSED = "refused", "Cannot be adopted"
    NOT_REACHED = "not_reached", "Not reached in time"


@dataclass(frozen=True)
class Adoption:
    """What became of one object, and why. `registration` is the row that it has here now."""

    plivo_id: str
    result: Result
    reason: str = ""
    kind: str = ""
    name: str = ""
    registration: Any = None

    @property
    def is_good(self) -> bool:
        return self.result in (Result.ADOPTED, Result.WOULD_BE_ADOPTED, Result.ALREADY_HERE)


@dataclass(frozen=True)
class Asked:
    """What Plivo says of what is wished for, so that it can be written down without asking more.

    `read` may be written down; `outcomes` tell of the others why not.
    """

    account: PlivoAccount
    within: Organization | None
    read: list[Read]
    outcomes: list[Adoption]


def adopt(
    account: PlivoAccount,
    wishes: Iterable[Wanted],
    *,
    by: Any,
    dry_run: bool = False,
    seconds: float = math.inf,
    within: Organization | None = None,
) -> list[Adoption]:
    """Give each of these objects a row here, as Plivo tells it now; answer what became of each.

    A dry run does all of it and takes it back. Plivo is asked for so many seconds at most: what was
    not reached is said to be, and can be asked for again. Raises CannotAsk if Plivo gave no answer.
    `within` is the only organization that may own anything, if there is such a limit.
    """
    asked = ask_about(account, wishes, by=by, seconds=seconds, within=within)
    return write_down(asked, by=by, dry_run=dry_run)


def ask_about(
    account: PlivoAccount,
    wishes: Iterable[Wanted],
    *,
    by: Any,
    seconds: float = math.inf,
    within: Organization | None = None,
) -> Asked:
    """The first half of `adopt`, which waits for Plivo: not to be done within a transaction."""
    acting_as(by, ADOPTERS, WHO_ADOPTS)
    listing = Listing(account, seconds=seconds)
    wanted, outcomes = _understood(list(wishes), listing)
    known = Known(account, {**listing.brands, **listing.campaigns}.values())
    reader, read = _Reader(listing, known, within), []
    for there, wish in wanted:
        answer = reader.read(there, wish)
        if isinstance(answer, Adoption):
            outcomes.append(answer)
        else:
            read.append(answer)
    return Asked(account, within, read, outcomes)


def write_down(asked: Asked, *, by: Any, dry_run: bool = False) -> list[Adoption]:
    """The second half of `adopt`, which writes what was asked: brands first, numbers last."""
    acting_as(by, ADOPTERS, WHO_ADOPTS)
    outcomes = list(asked.outcomes)
    # In a dry run, everything is written as it would be, so that whatever the database objects to
    # is found; nothing of it stays.
    with transaction.atomic() if dry_run else nullcontext():
        outcomes += [_written(one, asked, by, dry_run) for one in asked.read]
        if dry_run:
            transaction.set_rollback(True)
    return sorted(outcomes, key=_place)


def everything_in(comparison: Comparison, organization: Organization | None) -> list[Wanted]:
    """Everything that only Plivo has; new brands are given to `organization`.

    What cannot be adopted is wished for as well, so that it is answered with the reason.
    """
    return [
        Wanted(offer.plivo_id, organization if offer.there.kind == Kind.BRAND else None)
        for offer in comparison.offers
    ]


def _place(outcome: Adoption) -> int:
    """In which order outcomes are told; what Plivo does not list has no kind, and comes last."""
    return _ORDER.index(Kind(outcome.kind)) if outcome.kind else len(_ORDER)


def _understood(
    wishes: Sequence[Wanted], listing: Listing
) -> tuple[list[tuple[There, Wanted]], list[Adoption]]:
    """What is wished for, brands first, and what of it Plivo does not list."""
    campaign_ids = {wish.plivo_id.partition("/")[0] for wish in wishes if "/" in wish.plivo_id}
    listed = [campaign_id for campaign_id in listing.campaigns if campaign_id in campaign_ids]
    numbers = listing.numbers(listed)
    wanted: dict[str, tuple[There, Wanted]] = {}
    outcomes: list[Adoption] = []
    for wish in wishes:
        campaign_id = wish.plivo_id.partition("/")[0]
        on_campaign = numbers.get(campaign_id, {})
        if "/" in wish.plivo_id and campaign_id in listed and campaign_id not in numbers:
            outcomes.append(_not_reached(wish.plivo_id))
        elif wish.plivo_id.endswith(ALL_NUMBERS):
            wanted |= {there.plivo_id: (there, wish) for there in on_campaign.values()}
        elif found := (
            listing.brands.get(wish.plivo_id)
            or listing.campaigns.get(wish.plivo_id)
            or on_campaign.get(wish.plivo_id)
        ):
            wanted[wish.plivo_id] = (found, wish)
        else:
            outcomes.append(_not_listed(wish.plivo_id))
    return sorted(wanted.values(), key=lambda pair: _ORDER.index(pair[0].kind)), outcomes


class _Reader:
    """Asks Plivo about each object once more, by itself, until the time is over."""

    def __init__(self, listing: Listing, known: Known, within: Organization | None) -> None:
        self.listing, self.known, self.within = listing, known, within

    def read(self, there: There, wish: Wanted) -> Read | Adoption:
        offer = self.known.offer(there)
        if offer is None:
            found = _already_here(there, self.listing.account)
            owner = found.registration and found.registration.organization
            return found if self.within in (None, owner) else _not_listed(there.plivo_id)
        if stopped := self._stopped(offer):
            return stopped
        if self.listing.is_over:
            return _not_reached(there.plivo_id, there)
        try:
            return self._asked(there, wish)
        except OutOfTime:
            return _not_reached(there.plivo_id, there)
        except PlivoTrouble as trouble:
            return _outcome(there, Result.REFUSED, f"{in_words(trouble)} Try it again.")

    def _stopped(self, offer: Offer) -> Adoption | None:
        if not offer.is_seen_within(self.within):
            return _not_listed(offer.plivo_id)
        if not offer.obstacle:
            return None
        # What is known was read piece by piece: where somebody else adopted this in between, a
        # part of her own row seems to stand against it.
        here = _row_of(offer.there, self.listing.account)
        return _refused(offer) if here is None else _here(offer.there, here)

    def _asked(self, there: There, wish: Wanted) -> Read | Adoption:
        client = self.listing.client
        if there.kind == Kind.NUMBER_LINK:
            # Its row in the list is all that Plivo tells of a number.
            return Read(there, wish.organization, Facts(there.status, there.word, there.raw))
        model = Brand if there.kind == Kind.BRAND else Campaign
        facts = reconcile.read(model(plivo_id=there.plivo_id), client)
        if facts.status == Status.DEACTIVATED:
            return _outcome(there, Result.REFUSED, "Plivo does not know it any more.")
        there = replace(there, status=facts.status, word=facts.word)
        if obstacle := unknown_word(there):
            return _outcome(there, Result.REFUSED, obstacle)
        alias = facts.raw.get("brand_alias") or facts.raw.get("campaign_alias")
        if code_in(alias) != there.code:
            # The list did not tell its alias, by which a request of ours would be known.
            there = replace(there, name=name_in(alias, there.name), code=code_in(alias))
            self.known.learn(there)
            offer = self.known.offer(there)
            if offer is not None and (stopped := self._stopped(offer)):
                return stopped
        profile_uuid = str(facts.raw.get("profile_uuid") or there.parent)
        if there.kind == Kind.CAMPAIGN or not profile_uuid:
            return Read(there, wish.organization, facts)
        try:
            return Read(there, wish.organization, facts, client.get_profile(profile_uuid))
        except NotFound:
            return Read(there, wish.organization, facts)


def _written(read: Read, asked: Asked, by: Any, dry_run: bool) -> Adoption:
    try:
        with transaction.atomic():
            registration, told = row_for(read, asked.account, asked.within)
            if registration.pk is not None:
                return _outcome(read.there, Result.ALREADY_HERE, "", registration)
            write(registration, read.facts, told, by)
    except NotAdoptable as refusal:
        return _outcome(read.there, Result.REFUSED, str(refusal))
    except IntegrityError:
        # Somebody else adopted it at the same moment: the constraint has let one of us through.
        return _already_here(read.there, asked.account)
    if dry_run:
        return _outcome(read.there, Result.WOULD_BE_ADOPTED, left_out(told))
    return _outcome(read.there, Result.ADOPTED, left_out(told), registration)


def _outcome(there: There, result: Result, reason: str = "", registration: Any = None) -> Adoption:
    return Adoption(there.plivo_id, result, reason, there.kind.value, there.name, registration)


def _not_listed(plivo_id: str) -> Adoption:
    reason = "Plivo does not list it for this account. Look at the list again."
    return Adoption(plivo_id, Result.REFUSED, reason)


def _refused(offer: Offer) -> Adoption:
    return _outcome(offer.there, Result.REFUSED, offer.obstacle)


def _not_reached(plivo_id: str, there: There | None = None) -> Adoption:
    reason = "There was no time left. Ask for it again."
    if there is None:
        return Adoption(plivo_id, Result.NOT_REACHED, reason)
    return _outcome(there, Result.NOT_REACHED, reason)


def _already_here(there: There, account: PlivoAccount) -> Adoption:
    registration = _row_of(there, account)
    if registration is None:
        reason = "Somebody else was at it at this moment. Look at the list again."
        return _outcome(there, Result.REFUSED, reason)
    return _here(there, registration)


def _here(there: There, registration: Any) -> Adoption:
    return _outcome(there, Result.ALREADY_HERE, f"It is {registration}.", registration)


def _row_of(there: There, account: PlivoAccount) -> Any:
    """The row that this object has here by now, if it has one."""
    rows: Any
    match there.kind:
        case Kind.BRAND:
            rows = Brand.objects.filter(plivo_id=there.plivo_id)
        case Kind.CAMPAIGN:
            rows = Campaign.objects.filter(plivo_id=there.plivo_id)
        case _:
            links = NumberLink.objects.filter(number=there.number, status__in=CURRENT_LINK)
            rows = links.filter(campaign__plivo_id=there.parent)
    return rows.filter(account=account).order_by("-pk").first()
