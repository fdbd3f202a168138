from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from registrations.actions import NumbersCheck, TypedNumber
from registrations.forms.reading_numbers import (
    MOST_NUMBERS,
    TOO_MANY,
    numbers_in_file,
    numbers_in_text,
)
from registrations.lifecycle import Status
from registrations.models import Campaign, NumberLink
from registrations.models.number_link import HOLDING

# A select with more than these helps nobody; the campaign's own page leads here too.
MOST_CHOICES = 200


_NUMBERS_HELD = (
    NumberLink.objects.filter(campaign=OuterRef("pk"), status__in=HOLDING)
    .order_by()
    .values("campaign")
    .annotate(held=Count("pk"))
    .values("held")
)


class NumberLinksForm(forms.Form):
    """Numbers for one campaign, pasted as people have them or uploaded as a file.

    After a check, `good` carries the numbers that the person saw to be good for `seen_for`, so
    that linking takes exactly these.
    """

    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(),
        to_field_name="reference",
        help_text="Only campaigns that Plivo has confirmed as registered take numbers.",
    )
    numbers = forms.CharField(
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "placeholder": "+1 (415) 555-0100", "spellcheck": "false"}
        ),
        help_text="One a line, or between commas, semicolons or tabs, in any usual form. "
        f"At most {MOST_NUMBERS:,}.",
        max_length=120_000,
        strip=False,
    )
    file = forms.FileField(
        label="Or a CSV file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        help_text="The column with the numbers is found by its heading or by what is in it.",
    )
    good = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20_000)
    seen_for = forms.CharField(required=False, widget=forms.HiddenInput, max_length=12)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was read from the file, and the heading under which it stood there.
        self.from_file: list[TypedNumber] = []
        self.heading = ""
        field = self.fields["campaign"]
        field.queryset = (
            Campaign.objects.for_user(user)
            .filter(status=Status.REGISTERED, confirmed_status=Status.REGISTERED, conflict="")
            .exclude(confirmed_at=None)
            .select_related("organization", "account", "brand")
            .annotate(used=Coalesce(Subquery(_NUMBERS_HELD), 0))
            .order_by("-created_at")
        )
        offered = list(field.queryset[:MOST_CHOICES])
        chosen = self.data.get("campaign") if self.is_bound else self.initial.get("campaign")
        self.offers_all = len(offered) < MOST_CHOICES
        if chosen and chosen not in [campaign.reference for campaign in offered]:
            offered += field.queryset.filter(reference=str(chosen).replace("\x00", ""))[:1]
        field.choices = [
            ("", "Choose a campaign"),
            *((campaign.reference, _told(campaign)) for campaign in offered),
        ]

    def clean_good(self) -> list[str]:
        return self.cleaned_data["good"].split()

    def clean(self) -> None:
        """Read what was pasted and what was uploaded as one list of numbers."""
        typed = numbers_in_text(self.cleaned_data.get("numbers") or "")
        if upload := self.cleaned_data.get("file"):
            try:
                self.from_file, self.heading = numbers_in_file(upload)
            except ValidationError as trouble:
                self.add_error("file", trouble)
                return
        typed += self.from_file
        if len(typed) > MOST_NUMBERS:
            self.add_error("numbers", TOO_MANY)
        elif not (typed or self.cleaned_data.get("good") or self.errors):
            self.add_error("numbers", "Paste numbers, or choose a file.")
        self.cleaned_data["typed"] = typed

    @property
    def text(self) -> str:
        """What was pasted, as it was pasted, and below it what was read from the file."""
        pasted = self.cleaned_data.get("numbers") or ""
        from_file = [one.text for one in self.from_file]
        return "\n".join([pasted.rstrip(), *from_file] if from_file else [pasted])

    def without(self, numbers: Collection[str]) -> str:
        """What was typed without these, one a line."""
        typed = self.cleaned_data["typed"]
        return "\n".join(one.text for one in typed if one.number not in numbers)

    def show(self, check: NumbersCheck) -> None:
        """Offer what this check found to be good, and keep all that was given in the text."""
        self.data = self.data.copy()
        self.data["numbers"] = self.text
        self.data["good"] = " ".join(check.linkable)
        self.data["seen_for"] = check.campaign.reference


def _told(campaign: Campaign) -> str:
    return (
        f"{campaign.name} ({campaign.reference}), {campaign.organization}: "
        f"{campaign.used} of {campaign.number_pool_limit} numbers used"
    )
