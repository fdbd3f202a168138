from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from registrations.models import Organization, Role

WHAT_ROLES_DO = {
    Role.MARKETER: "Writes brands, campaigns and number links of their organizations.",
    Role.COMPLIANCE: "Reviews and approves, spends fees, decides; sees every organization.",
    Role.AUDITOR: "Reads everything, evidence included, and changes nothing.",
    Role.OPERATOR: "Looks after people, Plivo accounts and callbacks; approves nothing.",
}


class AccessForm(forms.Form):
    """The roles a person wears, and the organizations she belongs to."""

    roles = forms.TypedMultipleChoiceField(
        coerce=Role,
        choices=[(role.value, f"{role.label}: {does}") for role, does in WHAT_ROLES_DO.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    organizations = forms.ModelMultipleChoiceField(
        queryset=Organization.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="A marketer sees and writes only what belongs to these.",
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organizations"]
        field.queryset = Organization.objects.for_user(by)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if Role.MARKETER in cleaned.get("roles", []) and not cleaned.get("organizations"):
            self.add_error("organizations", "A marketer needs at least one organization.")
        return cleaned


class InviteForm(AccessForm):
    """Who somebody is, and what she may do."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    username = forms.CharField(
        max_length=150,
        validators=[User.username_validator],
        help_text="With this they sign in. It stands in every trail and cannot be changed.",
    )

    field_order = ["email", "first_name", "last_name", "username", "roles", "organizations"]

    def clean_email(self) -> str:
        return _free_address(self.cleaned_data["email"])

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("Somebody has this username already.")
        return username


class AddressForm(forms.Form):
    email = forms.EmailField(label="New e-mail address", max_length=254)

    def clean_email(self) -> str:
        return _free_address(self.cleaned_data["email"])


class WhichPeople(forms.Form):
    """The filters of the list, as its address writes them; what is none of them is not heeded."""

    ACTIVE, INVITED, DEACTIVATED = "active", "invited", "deactivated"
    STATES = [(ACTIVE, "Active"), (INVITED, "Invited"), (DEACTIVATED, "Deactivated")]

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    role = forms.ChoiceField(choices=[("", "all"), *Role.choices], required=False)
    organization = forms.ModelChoiceField(
        queryset=Organization.objects.none(), required=False, empty_label="all"
    )
    state = forms.ChoiceField(choices=[("", "all"), *STATES], required=False)

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organization"]
        field.queryset = Organization.objects.for_user(by)


def _free_address(email: str) -> str:
    if User.objects.filter(email__iexact=email).exists():
        raise forms.ValidationError("Somebody has this address already.")
    return email
