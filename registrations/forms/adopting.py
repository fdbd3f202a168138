"""What is chosen on the page of adoption: an account, objects of Plivo's, and their owners."""

from __future__ import annotations

from typing import Any

from django import forms

from registrations import actions
from registrations.models import Organization, PlivoAccount

# How the field is called in which the owner of a new brand is chosen.
OWNER_OF = "owner-{}"
LONGEST_ID = 100


class AccountForm(forms.Form):
    """Which account's lists to look at. One that is the only one need not be chosen."""

    account = forms.ModelChoiceField(
        PlivoAccount.objects.all(),
        label="Plivo account",
        to_field_name="auth_id",
        empty_label=None,
        error_messages={
            "required": "Choose a Plivo account; if there is none, an operator adds it.",
            "invalid_choice": "There is no such account.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = self.fields["account"].queryset
        self.is_choice = len(some := accounts[:2]) > 1
        if not self.is_choice:
            self.fields["account"].widget = forms.HiddenInput()
            self.fields["account"].initial = some[0].auth_id if some else ""


class AdoptionForm(AccountForm):
    """What was ticked, and for each new brand among it, to whom it shall belong.

    Who may own is settled by the person; what may be adopted, Plivo's lists settle.
    """

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Organization.objects.for_user(user)
        self.owners = {str(organization.pk): organization for organization in owners}

    @property
    def ticked(self) -> list[str]:
        given: Any = self.data
        return [one for one in dict.fromkeys(given.getlist("adopt")) if 0 < len(one) <= LONGEST_ID]

    @property
    def wishes(self) -> list[actions.Wanted]:
        return [actions.Wanted(plivo_id, self._owner_of(plivo_id)) for plivo_id in self.ticked]

    @property
    def again(self) -> list[tuple[str, str]]:
        """All that was said, as (name, value) of hidden fields."""
        ticked = [("adopt", plivo_id) for plivo_id in self.ticked]
        owned = [
            (OWNER_OF.format(wish.plivo_id), str(wish.organization.pk))
            for wish in self.wishes
            if wish.organization
        ]
        return [("account", self.cleaned_data["account"].auth_id), *ticked, *owned]

    def _owner_of(self, plivo_id: str) -> Organization | None:
        return self.owners.get(self.data.get(OWNER_OF.format(plivo_id), ""))
