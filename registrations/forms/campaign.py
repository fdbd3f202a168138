from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms

from registrations.forms.campaign_help import CAMPAIGN_HELP, PURPOSES
from registrations.forms.guidance import CHECK, Group, Help, Step
from registrations.forms.registration import RegistrationForm
from registrations.models import Brand, Campaign
from registrations.models.choices import SUB_USE_CASES, UseCase
from registrations.models.conditions import COMPOUND, OPTED_IN

MESSAGES = ("sample1", "sample2", "sample3", "sample4", "sample5")
REPLIES = ("optin_message", "optout_message", "help_message")


class BrandChoice(forms.ModelChoiceField):
    def label_from_instance(self, brand: Brand) -> str:
        return f"{brand.name} ({brand.reference}, {brand.get_status_display().lower()})"


class CampaignForm(RegistrationForm):
    helps = CAMPAIGN_HELP
    steps = (
        Step(
            "start",
            "What and which brand",
            "A campaign is one kind of messages of one brand. The draft begins with this page; "
            "everything else can wait.",
            (Group(("name", "brand")),),
        ),
        Step(
            "purpose",
            "What is sent",
            "What the messages are for, and to whom they go. Reviewers read this first, and hold "
            "everything else against it.",
            (
                Group(("usecase",)),
                Group(("sub_usecases",), only=COMPOUND),
                Group(("vertical", "description")),
            ),
        ),
        Step(
            "samples",
            "Sample messages",
            "Two at least, as real as you can. They may not be sent word for word later, but they "
            "show what people will get.",
            (Group(MESSAGES),),
        ),
        Step(
            "consent",
            "How people agree",
            "Nobody is texted who has not asked for it. Reviewers want to see how people do, and "
            "refuse more campaigns over this page than over all others.",
            (
                Group(("message_flow", "subscriber_optin")),
                Group(("optin_message", "optin_keywords"), only=OPTED_IN),
            ),
        ),
        Step(
            "replies",
            "How they end it, and get help",
            "What comes back when somebody texts STOP or HELP.",
            (
                Group(("subscriber_optout", "optout_message", "optout_keywords"), "Ending it"),
                Group(("subscriber_help", "help_message", "help_keywords"), "Getting help"),
            ),
        ),
        Step(
            "holds",
            "What the messages hold, and policies",
            "Look at your sample messages once more while you answer this.",
            (
                Group(
                    (
                        "embedded_link",
                        "embedded_phone",
                        "age_gated",
                        "direct_lending",
                        "affiliate_marketing",
                    ),
                    "What the messages hold",
                ),
                Group(("privacy_policy_link", "terms_and_conditions_link"), "Policies"),
                Group(("reseller_id",), "Resellers"),
            ),
        ),
        CHECK,
    )
    unchangeable = ("brand", *Campaign.UNCHANGEABLE)
    unchangeable_note = (
        "Texts can be corrected if the campaign is rejected, for the review's fee once more. These "
        "cannot: if one of them is wrong, the campaign has to be ended and another one made, with "
        "its own review, fee and wait."
    )
    pointers = {
        r"samples?|sample messages?": "sample1",
        r"message flow|call to action|cta|opt-?in (?:flow|method|process|language)": "message_flow",
        r"opt-?in (?:confirmation )?message": "optin_message",
        r"opt-?out (?:confirmation )?message": "optout_message",
        r"help message": "help_message",
        r"privacy policy": "privacy_policy_link",
        r"terms (?:and|&) conditions|terms of service": "terms_and_conditions_link",
        r"use[ -]?case": "usecase",
        r"campaign description": "description",
        r"direct lending": "direct_lending",
        r"age[ -]?gat\w{0,3}": "age_gated",
        r"embedded links?": "embedded_link",
        r"embedded phone(?: numbers?)?": "embedded_phone",
        r"affiliate marketing": "affiliate_marketing",
    }

    brand = BrandChoice(queryset=Brand.objects.none())
    sub_usecases = forms.MultipleChoiceField(
        label="Kinds of messages", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Campaign
        fields = [
            "name",
            "brand",
            "usecase",
            "sub_usecases",
            "vertical",
            "description",
            *MESSAGES,
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
            "privacy_policy_link",
            "terms_and_conditions_link",
            "reseller_id",
        ]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in (*MESSAGES, *REPLIES)} | {
            "description": forms.Textarea(attrs={"rows": 5}),
            "message_flow": forms.Textarea(attrs={"rows": 9}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "brand" in self.fields:
            self._offer_brands()
        if "usecase" in self.fields:
            self._offer_use_cases()

    def business(self) -> str:
        if not self.instance.brand_id:
            return super().business()
        return self.instance.brand.sender_names[0]

    def help_for(self, name: str) -> Help:
        told = super().help_for(name)
        if name == "usecase" and self.instance.brand_id:
            return replace(told, text=f"{told.text} {self._said_of_offer()}")
        if name == "brand" and self._is_at_plivo():
            return replace(told, text="It is at Plivo under this brand, and stays there.")
        return told

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        brand = cleaned.get("brand")
        if brand is not None and not self.instance.pk:
            # A campaign belongs to whom its brand belongs.
            self.instance.organization = brand.organization
            self.instance.account = brand.account
        return cleaned

    def _is_at_plivo(self) -> bool:
        return bool(self.instance.pk and self.instance.plivo_id)

    def _offer_brands(self) -> None:
        brands = Brand.objects.for_user(self.user).exclude(status="deactivated")
        if self.instance.pk:
            # A draft stays where it was begun: with its organization and account.
            brands = Brand.objects.for_user(self.user).filter(
                organization=self.instance.organization_id, account=self.instance.account_id
            )
        self.fields["brand"].queryset = brands
        self.fields["brand"].disabled = self._is_at_plivo()

    def _offer_use_cases(self) -> None:
        """Those that Plivo opens to the brand. What was chosen before stays to be seen."""
        offered = set(self._open())
        self.fields["usecase"].choices = [
            ("", "Choose one"),
            *self._marked(UseCase.choices, offered, [self.instance.usecase]),
        ]
        self.fields["sub_usecases"].choices = self._marked(
            SUB_USE_CASES, offered, self.instance.sub_usecases or []
        )

    def _open(self) -> list[str]:
        brand = self.instance.brand if self.instance.brand_id else None
        return (brand.open_usecases if brand else []) or list(UseCase.values)

    @staticmethod
    def _marked(
        choices: Iterable[tuple[str, Any]], offered: set[str], chosen: Iterable[str]
    ) -> list[tuple[str, str]]:
        shown = []
        for code, label in choices:
            purpose = PURPOSES.get(UseCase(code))
            named = f"{label} – {purpose}" if purpose else str(label)
            if code in offered:
                shown.append((code, named))
            elif code in chosen:
                shown.append((code, f"{label} – not open to this brand"))
        return shown

    def _said_of_offer(self) -> str:
        brand = self.instance.brand
        if not brand.open_usecases:
            return (
                f"Plivo has not said yet which ones {brand.name} may have, so all are listed. It "
                "says so once the brand is registered and confirmed."
            )
        missing = [str(label) for code, label in UseCase.choices if code not in brand.open_usecases]
        if not missing:
            return f"Plivo opens all of them to {brand.name}."
        return (
            f"Not listed, because Plivo does not open them to {brand.name}: {', '.join(missing)}. "
            "It decides by the legal form and the standing of the brand at the registry."
        )
