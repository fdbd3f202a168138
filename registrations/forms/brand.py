from __future__ import annotations

import re
from typing import Any

from django import forms

from registrations.forms.brand_help import BRAND_HELP
from registrations.forms.guidance import CHECK, Group, Help, Step
from registrations.forms.registration import RegistrationForm
from registrations.models import Brand
from registrations.models.conditions import PUBLIC


class NeverShown(forms.TextInput):
    """What was typed here is not sent back to a browser."""

    def format_value(self, value: Any) -> None:
        return None


class BrandForm(RegistrationForm):
    helps = BRAND_HELP
    steps = (
        Step(
            "start",
            "What and for whom",
            "A brand is the business whose name people read in the messages. The draft begins "
            "with this page; everything else can wait.",
            (Group(("name", "organization", "account", "customer_type", "entity_type")),),
        ),
        Step(
            "company",
            "The company",
            "The registry compares this with the tax office's records. Have the tax letter at hand "
            "and copy from it.",
            (
                Group(("company_name", "doing_business_as")),
                Group(("ein", "forget_ein", "ein_issuing_country"), "Tax id"),
                Group(("vertical", "website"), "What it does"),
                Group(
                    ("stock_symbol", "stock_exchange", "business_contact_email"),
                    "At the stock exchange",
                    only=PUBLIC,
                ),
            ),
        ),
        Step(
            "address",
            "Its address",
            "Where the business is, as the tax office has it on file.",
            (Group(("street", "city", "state", "postal_code", "country")),),
        ),
        Step(
            "person",
            "A person there",
            "Who answers when Plivo, the registry or a carrier has a question. They do write and "
            "call.",
            (
                Group(
                    (
                        "contact_first_name",
                        "contact_last_name",
                        "contact_title",
                        "contact_seniority",
                        "contact_email",
                        "contact_phone",
                    )
                ),
            ),
        ),
        Step(
            "extras",
            "Extras",
            "Most brands leave all of this empty.",
            (
                Group(("secondary_vetting",), "A score from an outside agency"),
                Group(
                    ("alt_business_id_type", "alt_business_id"),
                    "Another business id: both of these, or neither",
                ),
                Group(("plivo_subaccount",), "At Plivo"),
            ),
        ),
        CHECK,
    )
    unchangeable = (
        "company_name",
        "entity_type",
        "ein",
        "ein_issuing_country",
        "country",
        "customer_type",
        "stock_symbol",
        "stock_exchange",
    )
    unchangeable_note = (
        "Plivo has no way to change a brand that is registered. Another company name, tax id or "
        "legal form means another brand: its fee once more, and its campaigns once more. Only "
        "while it stands rejected can it be corrected and sent again, for the fee once more."
    )
    pointers = {
        r"ein|tax[ -]?id|tax number": "ein",
        r"legal name|(?:business|company) name|name of the (?:company|business)": "company_name",
        r"dba|doing business as|trade name": "doing_business_as",
        r"entity type|legal form|business type|non-?profit|government body": "entity_type",
        r"web ?site": "website",
        r"stock (?:symbol|exchange)|ticker": "stock_symbol",
        r"industry|vertical": "vertical",
        r"zip code|postal code": "postal_code",
        r"e-?mail address": "contact_email",
        r"(?:tele)?phone number": "contact_phone",
    }

    ein = forms.CharField(
        label="Tax id (EIN)",
        required=False,
        max_length=100,
        widget=NeverShown(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    # Not for the autosave: what is forgotten by a slip cannot be brought back.
    forget_ein = forms.BooleanField(
        label="Forget the tax id that is stored",
        required=False,
        widget=forms.CheckboxInput(attrs={"data-by-hand": ""}),
    )
    # As people write it, blanks and all: the column's limit counts what is left without them.
    contact_phone = forms.CharField(label="Contact's phone", required=False)

    class Meta:
        model = Brand
        fields = [
            "name",
            "organization",
            "account",
            "customer_type",
            "entity_type",
            "company_name",
            "doing_business_as",
            "ein",
            "ein_issuing_country",
            "vertical",
            "website",
            "stock_symbol",
            "stock_exchange",
            "business_contact_email",
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
            "secondary_vetting",
            "alt_business_id_type",
            "alt_business_id",
            "plivo_subaccount",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "forget_ein" in self.fields and not self._has_ein():
            del self.fields["forget_ein"]

    def help_for(self, name: str) -> Help:
        told = super().help_for(name)
        if name != "ein" or not self._has_ein():
            return told
        stored = self.instance.masked_ein or "what was typed, which does not fit"
        text = f"Stored: {stored}. It is not shown. Leave this empty to keep it."
        return Help(text=text, example=told.example, why=told.why)

    def is_left_alone(self, name: str) -> bool:
        empty = name == "ein" and not self.data.get("ein", "").strip()
        return empty and not self.data.get("forget_ein")

    def clean_ein(self) -> str:
        return self.cleaned_data["ein"].strip()

    def clean_ein_issuing_country(self) -> str:
        return self.cleaned_data["ein_issuing_country"].upper()

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()

    def clean_contact_phone(self) -> str:
        return plain_phone(self.cleaned_data["contact_phone"])

    def _has_ein(self) -> bool:
        return bool(self.instance.ein) or "ein" in (self.instance.typed or {})


def plain_phone(typed: str) -> str:
    """People write +1 (415) 555-0100; Plivo takes +14155550100."""
    digits = re.sub(r"[\s().\-]", "", typed)
    return digits if re.fullmatch(r"\+?\d+", digits) else typed.strip()
