"""What exists only at Plivo as a page shows it: brands with their campaigns and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from registrations.actions import Comparison, Offer
from registrations.actions.adopting import ALL_NUMBERS
from registrations.forms.adopting import OWNER_OF
from registrations.lifecycle import Kind
from registrations.models import Brand, Campaign

# More than these are ticked as one.
FEW_NUMBERS = 6


@dataclass
class Branch:
    """A campaign that only Plivo has, or one that is `here`, with the numbers only Plivo has."""

    plivo_id: str
    offer: Offer | None = None
    here: Campaign | None = None
    numbers: list[Offer] = field(default_factory=list)

    @property
    def all_numbers(self) -> str:
        """How all of its numbers are wished for at once; "" if there are few to tick."""
        to_tick = [offer for offer in self.numbers if not offer.obstacle]
        return f"{self.plivo_id}{ALL_NUMBERS}" if len(to_tick) > FEW_NUMBERS else ""

    @property
    def offers(self) -> Iterator[Offer]:
        yield from [self.offer] if self.offer else []
        yield from self.numbers


@dataclass
class Family:
    """A brand that only Plivo has, or one that is `here`, with what hangs on it."""

    plivo_id: str
    offer: Offer | None = None
    here: Brand | None = None
    branches: dict[str, Branch] = field(default_factory=dict)

    @property
    def owner_field(self) -> str:
        return OWNER_OF.format(self.plivo_id)

    @property
    def is_adoptable(self) -> bool:
        """Whether anything in it can be adopted."""
        return any(not offer.obstacle for offer in self.offers)

    @property
    def offers(self) -> Iterator[Offer]:
        yield from [self.offer] if self.offer else []
        for branch in self.branches.values():
            yield from branch.offers


def families_of(comparison: Comparison) -> list[Family]:
    """By brand, in Plivo's order, but those in which nothing can be adopted come last."""
    offers = comparison.offers
    families = {offer.brand_id: Family(offer.brand_id) for offer in offers}
    for offer in offers:
        family = families[offer.brand_id]
        if offer.there.kind == Kind.BRAND:
            family.offer = offer
            continue
        is_campaign = offer.there.kind == Kind.CAMPAIGN
        campaign_id = offer.plivo_id if is_campaign else offer.there.parent
        branch = family.branches.setdefault(campaign_id, Branch(campaign_id))
        if is_campaign:
            branch.offer = offer
        else:
            branch.numbers.append(offer)
    _tell_what_is_here(comparison, list(families.values()))
    return sorted(families.values(), key=lambda family: not family.is_adoptable)


def _tell_what_is_here(comparison: Comparison, families: list[Family]) -> None:
    branches = [branch for family in families for branch in family.branches.values()]
    brands = _here(Brand, comparison, families)
    campaigns = _here(Campaign, comparison, branches)
    for family in families:
        family.here = brands.get(family.plivo_id)
    for branch in branches:
        branch.here = campaigns.get(branch.plivo_id)


def _here(model: Any, comparison: Comparison, shown: Iterable[Family | Branch]) -> dict[str, Any]:
    ids = {one.plivo_id for one in shown if one.offer is None} - {""}
    rows = model.objects.filter(account=comparison.account, plivo_id__in=ids)
    return {row.plivo_id: row for row in rows.select_related("organization")}
