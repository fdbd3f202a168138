"""Fields that count only while another field says so.

What was written into such a field stays in the draft when the condition ends, so that nobody loses
it by trying another choice. But then it is neither sent to Plivo nor held against anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registrations.lifecycle import Kind
from registrations.models.choices import COMPOUND_USE_CASES, EntityType


@dataclass(frozen=True)
class Condition:
    """`field` holds one of `values`; a box that is ticked holds "True". `words` say for whom."""

    field: str
    values: tuple[str, ...]
    words: str

    def holds(self, registration: Any) -> bool:
        return str(getattr(registration, self.field)) in self.values


PUBLIC = Condition("entity_type", (EntityType.PUBLIC.value,), "public companies")
COMPOUND = Condition(
    "usecase",
    tuple(usecase.value for usecase in COMPOUND_USE_CASES),
    "the use cases mixed and low volume",
)
OPTED_IN = Condition("subscriber_optin", ("True",), "campaigns whose people opt in")

CONDITIONS: Mapping[Kind, Mapping[str, Condition]] = {
    Kind.BRAND: {
        "stock_symbol": PUBLIC,
        "stock_exchange": PUBLIC,
        "business_contact_email": PUBLIC,
    },
    Kind.CAMPAIGN: {
        "sub_usecases": COMPOUND,
        "optin_message": OPTED_IN,
        "optin_keywords": OPTED_IN,
    },
    Kind.NUMBER_LINK: {},
}


def counts(registration: Any, name: str) -> bool:
    """Whether this field of the registration means anything, as the other fields stand now."""
    condition = CONDITIONS[registration.kind].get(name)
    return condition is None or condition.holds(registration)
