"""What callbacks can be filtered by: declared once, for the list, its live part and the export."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django_filters import (  # type: ignore[import-untyped]
    CharFilter,
    ChoiceFilter,
    DateTimeFilter,
    FilterSet,
    ModelChoiceFilter,
)

from callbacks.applying import KIND_OF
from callbacks.models import Callback, Outcome
from registrations.filters import SeveralFilter, plain
from registrations.models import PlivoAccount
from registrations.models.organization import sees_every_organization

KINDS = [
    ("brand", "Brands"),
    ("campaign", "Campaigns"),
    ("number_linking", "Linking numbers"),
    ("number_unlinking", "Unlinking numbers"),
    ("none", "None that the portal knows"),
]
SIGNATURES = [("V2", "V2"), ("Ma-V2", "Ma-V2"), ("none", "None that holds")]
METHODS = [("POST", "POST"), ("GET", "GET")]

# All in plain columns. What arrived is encrypted, and no database can search in that.
SEARCHED = [
    "path",
    "word",
    "explanation",
    "peer",
    "submission__api_id",
    "submission__plivo_id",
    "submission__brand__plivo_id",
    "submission__campaign__plivo_id",
    "submission__number_link__number",
    "submission__brand__reference",
    "submission__campaign__reference",
    "submission__number_link__reference",
]
REFERENCES = {"BR": "brand", "CA": "campaign", "NL": "number_link"}
REFERENCE = re.compile(r"(BR|CA|NL)-[0-9A-Z]{8}")
LONGEST_SEARCH = 200

# Wide enough for everybody, and no clock shifts them out of what can be reckoned.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2999, 12, 31, tzinfo=UTC)


class MomentFilter(DateTimeFilter):
    """From a minute on, or until its end, on the reader's clock."""

    def __init__(self, *, until: bool = False, **options: Any) -> None:
        self.until = until
        super().__init__(
            field_name="received_at",
            lookup_expr="lt" if until else "gte",
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            error_messages={"invalid": "Write the time as 2026-11-25T14:30."},
            validators=[
                MinValueValidator(EARLIEST, "Choose a time after 1989."),
                MaxValueValidator(LATEST, "Choose a time before the year 3000."),
            ],
            **options,
        )

    def filter(self, rows: QuerySet[Callback], moment: datetime | None) -> QuerySet[Callback]:
        if moment is not None and self.until:
            moment += timedelta(minutes=1)
        return super().filter(rows, moment)


class CallbackFilter(FilterSet):
    """Outcome, kind, registration, account, signature, method, time, and words."""

    q = CharFilter(
        label="Search",
        method="search",
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "aria-describedby": "searched"}),
    )
    outcome = SeveralFilter(
        label="Outcome", choices=Outcome.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = ChoiceFilter(label="About", method="about_kind", choices=KINDS, empty_label="anything")
    registration = CharFilter(
        label="Registration",
        method="about_registration",
        max_length=20,
        widget=forms.TextInput(attrs={"placeholder": "BR-2F7K3M9Q", "size": 14}),
    )
    account = ModelChoiceFilter(
        label="Plivo account", queryset=PlivoAccount.objects.all(), empty_label="any"
    )
    scheme = ChoiceFilter(
        label="Signature", method="signed_by", choices=SIGNATURES, empty_label="any"
    )
    method = ChoiceFilter(label="Method", choices=METHODS, empty_label="any")
    since = MomentFilter(label="From")
    until = MomentFilter(label="Until", until=True)

    class Meta:
        model = Callback
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_every_organization(self.request.user):
            del self.filters["account"]  # the accounts are the house's own affair

    @property
    def in_use(self) -> bool:
        """Whether the address asks for anything but all."""
        return any(self.data.get(name) for name in self.filters)

    def filter_queryset(self, rows: QuerySet[Callback]) -> QuerySet[Callback]:
        # Rows that were not asked for would be a wrong answer, worse than none.
        return super().filter_queryset(rows) if self.form.is_valid() else rows.none()

    def search(self, rows: QuerySet[Callback], name: str, text: str) -> QuerySet[Callback]:
        text = plain(text)
        match = Q()
        for searched in SEARCHED:
            match |= Q(**{f"{searched}__icontains": text.lstrip("+")})
        if text.isascii() and text.isdigit() and len(text) <= 18:
            match |= Q(pk=int(text))
        return rows.filter(match)

    def about_kind(self, rows: QuerySet[Callback], name: str, kind: str) -> QuerySet[Callback]:
        if kind == "none":
            return rows.filter(submission=None)
        asked = [operation for operation, answer in KIND_OF.items() if answer == kind]
        return rows.filter(submission__operation__in=asked)

    def about_registration(
        self, rows: QuerySet[Callback], name: str, text: str
    ) -> QuerySet[Callback]:
        reference = plain(text).upper()
        shape = REFERENCE.fullmatch(reference)
        if shape is None:
            return rows.none()
        return rows.filter(**{f"submission__{REFERENCES[shape[1]]}__reference": reference})

    def signed_by(self, rows: QuerySet[Callback], name: str, scheme: str) -> QuerySet[Callback]:
        return rows.filter(scheme="" if scheme == "none" else scheme)
