from __future__ import annotations

import re
from typing import Any

from django import forms

from registrations.forms.registration import RegistrationForm
from registrations.models import Brand


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
