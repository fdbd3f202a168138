"""The forms people fill. They keep whatever fits the database: a draft may be incomplete.

What carriers would refuse is preflight's to say, beside the field, when it is sent for review.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from registrations.models import Brand, Campaign, Organization, PlivoAccount
from registrations.models.choices import SUB_USE_CASES
from registrations.models.registration import Registration
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


class BrandForm(RegistrationForm):
    sections = [
        ("This registration", ["name", "organization", "account"]),
        (
            "The company",
            [
                "entity_type",
                "company_name",
                "doing_business_as",
                "ein",
                "ein_issuing_country",
                "vertical",
                "website",
                "customer_type",
            ],
        ),
        ("Its address", ["street", "city", "state", "postal_code", "country"]),
        (
            "A person there",
            [
                "contact_first_name",
                "contact_last_name",
                "contact_title",
                "contact_seniority",
                "contact_email",
                "contact_phone",
            ],
        ),
        (
            "Public companies only",
            ["stock_symbol", "stock_exchange", "business_contact_email"],
        ),
        (
            "Seldom needed",
            ["alt_business_id_type", "alt_business_id", "plivo_subaccount", "secondary_vetting"],
        ),
    ]
    ein = forms.CharField(
        label="Tax id (EIN)",
        required=False,
        max_length=100,
        help_text="As on the letter of the tax office, for example 12-3456789.",
    )

    class Meta:
        model = Brand
        fields = [
            "name",
            "organization",
            "account",
            "entity_type",
            "company_name",
            "doing_business_as",
            "ein",
            "ein_issuing_country",
            "vertical",
            "website",
            "customer_type",
            "street",
            "city",
            "state",
            "postal_code",
            "country",
            "contact_first_name",
            "contact_last_name",
            "contact_title",
            "contact_seniority",
            "contact_email",
            "contact_phone",
            "stock_symbol",
            "stock_exchange",
            "business_contact_email",
            "alt_business_id_type",
            "alt_business_id",
            "plivo_subaccount",
            "secondary_vetting",
        ]
        help_texts = {
            "company_name": "Exactly as on the tax letter, with Inc., LLC and the like.",
            "doing_business_as": "Only if people know it by another name.",
            "website": "The https address of its home page.",
            "contact_email": "At the company's own domain.",
            "contact_phone": "With country code: +1 415 555 0100.",
            "state": "Two letters in the United States: CA.",
            "country": "Two letters: US.",
            "business_contact_email": "Of somebody who works there: the registry writes to it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.ein:
            # The stored one is never sent back to a browser.
            self.initial["ein"] = ""
            self.fields[
                "ein"
            ].help_text = f"Stored: {self.instance.masked_ein}. Leave it empty to keep it."

    def clean_ein(self) -> str:
        # construct_instance runs later, so the instance still holds what is stored.
        return self.cleaned_data["ein"].strip() or self.instance.ein

    def clean_contact_phone(self) -> str:
        """People write +1 (415) 555-0100; Plivo takes +14155550100."""
        typed = self.cleaned_data["contact_phone"].strip()
        digits = re.sub(r"[\s().\-]", "", typed)
        return digits if re.fullmatch(r"\+?\d+", digits) else typed


class CampaignForm(RegistrationForm):
    sections = [
        ("This registration", ["name", "brand", "organization", "account"]),
        ("What is sent", ["usecase", "sub_usecases", "vertical", "description"]),
        ("Sample messages", ["sample1", "sample2", "sample3", "sample4", "sample5"]),
        (
            "How people agree",
            ["message_flow", "subscriber_optin", "optin_message", "optin_keywords"],
        ),
        (
            "How they end it, and get help",
            [
                "subscriber_optout",
                "optout_message",
                "optout_keywords",
                "subscriber_help",
                "help_message",
                "help_keywords",
            ],
        ),
        (
            "What the messages hold",
            [
                "embedded_link",
                "embedded_phone",
                "age_gated",
                "direct_lending",
                "affiliate_marketing",
            ],
        ),
        (
            "Policies",
            ["terms_and_conditions_link", "privacy_policy_link", "reseller_id"],
        ),
    ]
    sub_usecases = forms.MultipleChoiceField(
        label="Kinds of messages",
        choices=SUB_USE_CASES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Two to five, for the use cases mixed and low volume only.",
    )

    class Meta:
        model = Campaign
        fields = [
            "name",
            "brand",
            "organization",
            "account",
            "usecase",
            "sub_usecases",
            "vertical",
            "description",
            "sample1",
            "sample2",
            "sample3",
            "sample4",
            "sample5",
            "message_flow",
            "subscriber_optin",
            "optin_message",
            "optin_keywords",
            "subscriber_optout",
            "optout_message",
            "optout_keywords",
            "subscriber_help",
            "help_message",
            "help_keywords",
            "embedded_link",
            "embedded_phone",
            "age_gated",
            "direct_lending",
            "affiliate_marketing",
            "terms_and_conditions_link",
            "privacy_policy_link",
            "reseller_id",
        ]
        help_texts = {
            "description": "Who sends what to whom, and why. At least 40 characters.",
            "message_flow": (
                "Step by step how a person agrees: where, to which words, with which links."
            ),
            "sample1": "A real message, with the name of the business and “Reply STOP to end”.",
            "optin_keywords": "Separated by commas, without blanks.",
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in (
                "sample1",
                "sample2",
                "sample3",
                "sample4",
                "sample5",
                "optin_message",
                "optout_message",
                "help_message",
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].queryset = Brand.objects.for_user(self.user).exclude(
            status="deactivated"
        )
        # A campaign belongs to whom its brand belongs.
        for name in ("organization", "account"):
            del self.fields[name]
        if self.instance.pk:
            self.fields["brand"].disabled = True

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [
            (legend, [self[name] for name in names if name in self.fields])
            for legend, names in self.sections
        ]

    def changed_model_fields(self) -> list[str]:
        return [name for name in self.fields if not self.fields[name].disabled]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        brand = cleaned.get("brand")
        if brand is not None:
            self.instance.organization = brand.organization
            self.instance.account = brand.account
        return cleaned


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


FORMS: dict[type[Registration], type[RegistrationForm]] = {
    Brand: BrandForm,
    Campaign: CampaignForm,
}
