"""What registrations can be filtered by: declared once, for lists, exports and the API.

An address is never handed to the database: only what is declared here can be asked, and whoever
asks chooses among what she may know of.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_filters import (  # type: ignore[import-untyped]
    CharFilter,
    ChoiceFilter,
    DateFilter,
    Filter,
    FilterSet,
    ModelChoiceFilter,
)

from registrations.lifecycle import LAW, Actor, Kind, Status, statuses_of
from registrations.models import (
    Brand,
    Campaign,
    NumberLink,
    Organization,
    PlivoAccount,
    State,
    Submission,
)
from registrations.models.choices import UseCase

# What has come to a halt and needs somebody.
HALTED = [
    Status.REJECTED,
    Status.REFUSED,
    Status.EXPIRED,
    Status.LINK_FAILED,
    Status.UNLINK_FAILED,
]

SEARCHED = {
    Kind.BRAND: ["reference", "name", "company_name", "doing_business_as", "plivo_id"],
    Kind.CAMPAIGN: ["reference", "name", "plivo_id", "brand__name"],
    Kind.NUMBER_LINK: ["reference", "number", "campaign__name", "campaign__reference"],
}

CONFIRMED = Q(confirmed_at__isnull=False, confirmed_status=F("status"))

# A number as people write it: +1 (415) 555-0100, 1.415.555.0100, 415/555 0100.
WRITTEN_NUMBER = re.compile(r"[\d\s+().\-/–]+")
REFERENCE = re.compile(r"(BR|CA|NL)-[0-9A-Z]{8}")
MOST_WORDS = 8
LONGEST_SEARCH = 200


def plain(text: str) -> str:
    """What was typed or pasted, without the invisible marks that come along from elsewhere."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def reference_in(text: str) -> str:
    """The reference that this is, as it is kept; nothing if it is anything else."""
    reference = plain(text).upper()
    return reference if REFERENCE.fullmatch(reference) else ""


def digits_of(text: str) -> str:
    """The digits of a number however it is written; nothing if it is anything else."""
    if not WRITTEN_NUMBER.fullmatch(text):
        return ""
    return "".join(letter for letter in text if letter in "0123456789")


def matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of one kind of registration in which every word of `text` is found somewhere."""
    kind = rows.model.kind
    text = plain(text)
    reference = reference_in(text)
    if reference.startswith(rows.model.reference_prefix):
        return rows.filter(reference=reference)
    found = Q()
    for word in text.split()[:MOST_WORDS]:
        somewhere = Q()
        for name in SEARCHED[kind]:
            somewhere |= Q(**{f"{name}__icontains": word})
        found &= somewhere
    digits = digits_of(text)
    if kind == Kind.NUMBER_LINK and len(digits) >= 3:
        found |= Q(number__contains=digits)
    return rows.filter(found)


def reported_statuses(kind: str) -> list[str]:
    """Those that Plivo's own word brings, and that a look-up has yet to confirm."""
    moves = LAW[kind].values()
    said = {to for lawful in moves for to, actors in lawful.items() if Actor.PLIVO in actors}
    return [status for status in statuses_of(kind) if status in said]


def needing_attention(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What has halted, is in conflict, was returned by compliance or needs a decision."""
    kind = rows.model.kind.value
    undecided = Submission.objects.filter(state=State.NEEDS_DECISION, **{f"{kind}__isnull": False})
    returned = Q(status=Status.DRAFT) & ~Q(review_note="")
    return rows.filter(
        Q(status__in=HALTED) | ~Q(conflict="") | returned | Q(pk__in=undecided.values(f"{kind}_id"))
    )


def confirmed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What a look-up at Plivo agreed with."""
    return rows.filter(CONFIRMED)


def only_reported(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What Plivo's word brought where it stands, and no look-up has agreed with yet."""
    return rows.filter(~CONFIRMED, status__in=reported_statuses(rows.model.kind))


class SeveralFilter(Filter):
    """One of several values. (django-filter's own also asks for DISTINCT, which reads all.)"""

    field_class = forms.MultipleChoiceField

    def __init__(self, **options: Any) -> None:
        super().__init__(lookup_expr="in", **options)


class DayFilter(DateFilter):
    """From the beginning of a day, or until its end, on the reader's clock."""

    def __init__(self, moment: str, *, until: bool = False, **options: Any) -> None:
        self.until = until
        super().__init__(
            field_name=moment,
            lookup_expr="lt" if until else "gte",
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "Write the day as 2026-11-25."},
            # Wide enough for everybody, and no clock shifts them out of what can be reckoned.
            validators=[
                MinValueValidator(date(1990, 1, 1), "Choose a day after 1989."),
                MaxValueValidator(date(2999, 12, 31), "Choose a day before the year 3000."),
            ],
            **options,
        )

    def filter(self, rows: QuerySet[Any], day: date | None) -> QuerySet[Any]:
        if day is None:
            return rows
        midnight = datetime.combine(day + timedelta(days=self.until), time.min)
        return super().filter(rows, timezone.make_aware(midnight))


class ReferenceFilter(CharFilter):
    """What belongs to the registration of this reference, as BR-2F7K3M9Q."""

    def __init__(self, field_name: str, prefix: str, **options: Any) -> None:
        super().__init__(
            field_name=field_name,
            validators=[
                RegexValidator(
                    rf"(?i)^{prefix}-[0-9A-Z]{{8}}\Z",
                    f"A reference looks like {prefix}-2F7K3M9Q.",
                )
            ],
            **options,
        )

    def filter(self, rows: QuerySet[Any], reference: str) -> QuerySet[Any]:
        return super().filter(rows, reference.upper())


def organizations_known_to(request: Any) -> QuerySet[Organization]:
    return Organization.objects.for_user(request.user)


def accounts_known_to(request: Any) -> QuerySet[PlivoAccount]:
    return PlivoAccount.objects.all()


class RegistrationFilterForm(forms.Form):
    """Says what contradicts itself, beside the second of the two."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        for moment in ("created", "since"):
            begins, ends = told.get(f"{moment}_from"), told.get(f"{moment}_to")
            if begins and ends and ends < begins:
                self.add_error(f"{moment}_to", "This day is before the other one.")
        return told


class RegistrationFilter(FilterSet):
    """What every kind of registration can be filtered by. Whatever is malformed finds nothing."""

    q = CharFilter(label="Search", method="search", max_length=LONGEST_SEARCH)
    attention = ChoiceFilter(
        label="Needs attention",
        choices=[("yes", "Yes")],
        empty_label="Whether or not",
        method="by_attention",
    )
    organization = ModelChoiceFilter(queryset=organizations_known_to, empty_label="All")
    account = ModelChoiceFilter(
        label="Plivo account", queryset=accounts_known_to, empty_label="All"
    )
    confirmed = ChoiceFilter(
        label="Word of Plivo",
        choices=[("yes", "Confirmed by a look-up"), ("no", "Only reported")],
        empty_label="Any",
        method="by_confirmation",
    )
    conflict = ChoiceFilter(
        choices=[("yes", "In conflict"), ("no", "Without")],
        empty_label="Any",
        method="by_conflict",
    )
    asked_by = ChoiceFilter(
        label="Asked by", choices=[("me", "Me")], empty_label="Anybody", method="mine"
    )
    created_from = DayFilter("created_at", label="Created from")
    created_to = DayFilter("created_at", until=True, label="Created until")
    since_from = DayFilter("status_since", label="In this status since")
    since_to = DayFilter("status_since", until=True, label="and until")

    @property
    def unknown(self) -> list[str]:
        """What was asked that is no filter. It has no effect, and whoever asked is told so."""
        return [name for name in self.data if name not in self.filters]

    def filter_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        # Rows that were not asked for would be a wrong answer, worse than none.
        return super().filter_queryset(rows) if self.form.is_valid() else rows.none()

    def search(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return matching(rows, text)

    def by_attention(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return needing_attention(rows)

    def by_confirmation(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return confirmed(rows) if value == "yes" else only_reported(rows)

    def by_conflict(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.exclude(conflict="") if value == "yes" else rows.filter(conflict="")

    def mine(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        me = self.request.user
        return rows.filter(Q(requested_by=me) | Q(requested_by=None, created_by=me))


def status_filter(kind: Kind) -> SeveralFilter:
    return SeveralFilter(
        field_name="status",
        label="Status",
        choices=[(status.value, status.label) for status in statuses_of(kind)],
        widget=forms.CheckboxSelectMultiple,
    )


class BrandFilter(RegistrationFilter):
    status = status_filter(Kind.BRAND)

    class Meta:
        model = Brand
        fields: list[str] = []
        form = RegistrationFilterForm


class CampaignFilter(RegistrationFilter):
    status = status_filter(Kind.CAMPAIGN)
    usecase = ChoiceFilter(label="Use case", choices=UseCase.choices, empty_label="Any")
    brand = ReferenceFilter("brand__reference", "BR", label="Of the brand")

    class Meta:
        model = Campaign
        fields: list[str] = []
        form = RegistrationFilterForm


class NumberLinkFilter(RegistrationFilter):
    status = status_filter(Kind.NUMBER_LINK)
    campaign = ReferenceFilter("campaign__reference", "CA", label="On the campaign")

    class Meta:
        model = NumberLink
        fields: list[str] = []
        form = RegistrationFilterForm


FILTERS: dict[Kind, type[RegistrationFilter]] = {
    Kind.BRAND: BrandFilter,
    Kind.CAMPAIGN: CampaignFilter,
    Kind.NUMBER_LINK: NumberLinkFilter,
}
