"""What a request to Plivo is expected to cost, in US dollars.

Prices are data with a date: Plivo passes on the registry's and the carriers' fees, and those
change. Nothing is charged again for reading, linking or deactivating.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils import timezone

from registrations.models import Operation
from registrations.models.choices import EntityType, UseCase


class Item(Enum):
    """What is priced, as a person reads it on the bill."""

    BRAND = "Brand registration"
    VETTING = "Secondary vetting"
    AUTHENTICATION = "Authentication+ of a public company"
    CAMPAIGN_REVIEW = "Campaign review"
    CAMPAIGN_MONTH = "Campaign, each month (three months at least)"
    LOW_VOLUME_MONTH = "Low-volume campaign, each month (three months at least)"
    LINK = "Number link"


@dataclass(frozen=True)
class Price:
    item: Item
    amount: Decimal
    valid_from: date


@dataclass(frozen=True)
class FeeLine:
    """One line of the bill. `amount` is in US dollars; `recurring` means each month."""

    label: str
    amount: Decimal
    recurring: bool = False


# Sources: Plivo's article on A2P 10DLC (support.plivo.com 360054871572), the registry's fees as
# carriers' partners publish them, and the registry's notice of its fees from 1 August 2025.
PRICES = [
    Price(Item.BRAND, Decimal("4.00"), date(2021, 3, 1)),
    Price(Item.BRAND, Decimal("4.50"), date(2025, 8, 1)),
    Price(Item.VETTING, Decimal("40.00"), date(2021, 3, 1)),
    Price(Item.VETTING, Decimal("41.50"), date(2025, 8, 1)),
    Price(Item.AUTHENTICATION, Decimal("12.50"), date(2025, 8, 1)),
    Price(Item.CAMPAIGN_REVIEW, Decimal("15.00"), date(2023, 2, 1)),
    Price(Item.CAMPAIGN_MONTH, Decimal("10.00"), date(2021, 3, 1)),
    Price(Item.LOW_VOLUME_MONTH, Decimal("1.50"), date(2021, 3, 1)),
    Price(Item.LINK, Decimal("0.00"), date(2021, 3, 1)),
]
MONTHLY = {Item.CAMPAIGN_MONTH, Item.LOW_VOLUME_MONTH}


def expected(operation: str, registration: Any, on: date | None = None) -> list[FeeLine]:
    """The lines of the bill for this operation on this day (today unless told).

    An item that had no price on that day is not on the bill.
    """
    day = on or timezone.localdate()
    return [
        FeeLine(item.value, price.amount, recurring=item in MONTHLY)
        for item in _items(operation, registration)
        if (price := _price(item, day))
    ]


def total(lines: Iterable[FeeLine]) -> Decimal:
    """What is charged once; monthly lines are not in it."""
    return sum((line.amount for line in lines if not line.recurring), Decimal("0.00"))


def _items(operation: str, registration: Any) -> list[Item]:
    match operation:
        case Operation.REGISTER_BRAND:
            items = [Item.BRAND]
            if registration.secondary_vetting:
                items.append(Item.VETTING)
            if registration.entity_type == EntityType.PUBLIC:
                items.append(Item.AUTHENTICATION)
            return items
        case Operation.REGISTER_CAMPAIGN if registration.usecase == UseCase.LOW_VOLUME:
            return [Item.CAMPAIGN_REVIEW, Item.LOW_VOLUME_MONTH]
        case Operation.REGISTER_CAMPAIGN:
            return [Item.CAMPAIGN_REVIEW, Item.CAMPAIGN_MONTH]
        case Operation.UPDATE_CAMPAIGN:
            return [Item.CAMPAIGN_REVIEW]
        case Operation.LINK_NUMBER:
            return [Item.LINK]
        case _:
            return []


def _price(item: Item, day: date) -> Price | None:
    valid = [price for price in PRICES if price.item is item and price.valid_from <= day]
    return max(valid, key=lambda price: price.valid_from, default=None)
