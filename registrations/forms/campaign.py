from __future__ import annotations

from typing import Any

from django import forms

from registrations.forms.registration import RegistrationForm
from registrations.models import Brand, Campaign
from registrations.models.choices import SUB_USE_CASES


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
