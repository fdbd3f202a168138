"""What the forms of brands and campaigns share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from registrations.models import Organization, PlivoAccount
from registrations.preflight import Finding


class RegistrationForm(forms.ModelForm):
    """What the forms of brands and campaigns share.

    `user` limits every choice to what this person may know of.
    """

    # (legend, names of fields): the form in sections that can be read one at a time.
    sections: list[tuple[str, list[str]]] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        organizations = Organization.objects.for_user(user)
        self.fields["organization"].queryset = organizations
        self.fields["account"].queryset = PlivoAccount.objects.all()
        if self.instance.pk:
            # A draft stays where it was begun.
            for name in ("organization", "account"):
                self.fields[name].disabled = True
        else:
            self._choose_the_only_one("organization")
            self._choose_the_only_one("account")

    def _choose_the_only_one(self, name: str) -> None:
        rows = list(self.fields[name].queryset[:2])
        if len(rows) == 1:
            self.fields[name].initial = rows[0]
            self.fields[name].empty_label = None

    def show(self, findings: Iterable[Finding]) -> None:
        """Put preflight's findings beside the fields they are about."""
        self.findings = []
        for found in findings:
            if found.field in self.fields:
                field = self.fields[found.field]
                field.findings = [*getattr(field, "findings", []), found]
            else:
                self.findings.append(found)

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names]) for legend, names in self.sections]

    def changed_model_fields(self) -> list[str]:
        """The fields of the row that this form writes."""
        return [name for name in self._meta.fields if not self.fields[name].disabled]
