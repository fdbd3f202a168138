"""What compliance fills in: which requests to see, and what to write when one goes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.db import models

from registrations import actions
from registrations.lifecycle import Kind
from registrations.models import Organization


class Ask(models.TextChoices):
    """What compliance is asked to do."""

    REVIEW = "review", "To approve"
    DEACTIVATION = "deactivation", "To deactivate"
    CONFLICT = "conflict", "In conflict"
    DECISION = "decision", "To decide"


class QueueForm(forms.Form):
    """Which part of the queue to see. What makes no sense in an address is passed over."""

    # The tabs.
    ask = forms.ChoiceField(choices=Ask.choices, required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="Search", required=False, max_length=100)
    kind = forms.ChoiceField(choices=[("", "all"), *Kind.choices], required=False)
    organization = forms.ModelChoiceField(
        Organization.objects.none(), required=False, empty_label="all"
    )
    by = forms.ModelChoiceField(
        User.objects.none(),
        label="Asked by",
        required=False,
        empty_label="anybody",
        to_field_name="username",
    )
    older = forms.TypedChoiceField(
        label="Waiting",
        choices=[("", "any time"), ("1", "over a day"), ("3", "over three days")],
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
    )
    mine = forms.BooleanField(label="Only what I may decide", required=False)

    def __init__(self, data: Mapping[str, Any], *, user: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.fields["organization"].queryset = Organization.objects.for_user(user)
        self.fields["by"].queryset = (
            User.objects.filter(groups__name__in=actions.DRAFTERS).order_by("username").distinct()
        )
        self.is_valid()

    def chosen(self, name: str) -> Any:
        return self.cleaned_data.get(name)

    @property
    def is_narrowed(self) -> bool:
        """Something beside the tab was chosen."""
        return any(self.chosen(name) for name in self.fields if name != "ask")

    def query(self, **changes: str) -> str:
        """The chosen filters as the address holds them, with these changes."""
        given = {name: self.data[name] for name in self.fields if self.chosen(name)} | changes
        return urlencode({name: value for name, value in given.items() if value})


class ReturnForm(forms.Form):
    """Why a request goes back: a note about the whole, and notes beside single fields."""

    note = forms.CharField(
        label="What is to be changed",
        required=False,
        max_length=actions.LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, names: Mapping[str, str]) -> None:
        """`names` are the fields that a note may stand beside, with their labels."""
        super().__init__(data, auto_id="return-%s")
        for name, label in names.items():
            self.fields[f"note-{name}"] = forms.CharField(
                label=f"Note beside {label}",
                required=False,
                max_length=1000,
                # The boxes stand beside the facts, outside of the form that sends them.
                widget=forms.Textarea(attrs={"rows": 2, "form": "return"}),
            )

    def beside(self, name: str) -> forms.BoundField | None:
        """The box for a note beside this field."""
        return self[f"note-{name}"] if f"note-{name}" in self.fields else None

    @property
    def field_notes(self) -> dict[str, str]:
        prefix = "note-"
        return {
            name.removeprefix(prefix): said
            for name, said in self.cleaned_data.items()
            if name.startswith(prefix) and said
        }
