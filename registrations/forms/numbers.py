from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from registrations.models import Campaign
from registrations.preflight import Finding


class NumberLinksForm(forms.Form):
    """Numbers for one campaign, pasted as people have them."""

    campaign = forms.ModelChoiceField(queryset=Campaign.objects.none())
    numbers = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "+1 415 555 0100"}),
        help_text="One a line, or separated by commas.",
        max_length=20_000,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.for_user(user).filter(
            status="registered"
        )

    def clean_numbers(self) -> list[str]:
        """Digits with country code, in the order they were typed."""
        typed = [part.strip() for part in re.split(r"[,;\n]", self.cleaned_data["numbers"])]
        return [digits_of(part) for part in typed if part]

    def show(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            field = found.field if found.field in self.fields else "numbers"
            self.add_error(field, f"{found.message} {found.remedy}".strip())


def digits_of(number: str) -> str:
    """A telephone number as Plivo writes it; what is not one is left as it was typed."""
    digits = re.sub(r"[\s().\-+]", "", number)
    if not digits.isascii() or not digits.isdigit():
        return number
    return f"1{digits}" if len(digits) == 10 else digits
