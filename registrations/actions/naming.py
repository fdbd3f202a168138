"""How programs call registrations: names of their own, by which they find them again."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from registrations.actions.ground import DRAFTERS, acting_as, change


class Taken(Exception):
    """Another registration of this kind has this external id; `remedy` says what to do."""

    remedy = "Find the other one by it, or give another."

    def __init__(self, external_id: str) -> None:
        super().__init__(f"Another one of yours has the external id “{external_id}” already.")


def give_external_id(registration: Any, external_id: str, *, by: Any) -> None:
    """Call it so from now on, wherever it stands; "" takes the name away. Raises Taken."""
    acting_as(by, DRAFTERS, "Marketers and compliance staff name registrations.")
    try:
        # A savepoint: a refused name must not spoil the transaction it stands in.
        with transaction.atomic():
            change(registration, external_id=external_id, edited_at=timezone.now())
    except IntegrityError as refused:
        raise Taken(external_id) from refused
