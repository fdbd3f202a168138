"""Which columns a file may have: the fields of the form, by the names that the API has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models

from registrations.forms import BrandForm, CampaignForm, RegistrationForm
from registrations.forms.showing import label_of
from registrations.importing.files import Table, read, write
from registrations.models import Brand, Campaign, Registration
from registrations.models.choices import SUB_USE_CASES

RESULT, REASONS = "result", "reasons"
BETWEEN_SEVERAL = "|"


@dataclass(frozen=True)
class Column:
    """A column for whoever fills it: what it means, and what its cells may hold."""

    name: str
    label: str
    help: str
    holds: str
    is_needed: bool = False


@dataclass(frozen=True)
class Layout:
    """The files of one kind: their columns, and a row that shows how they are filled.

    Of each group in `needed` one column has to be there.
    """

    model: type[Registration]
    form: type[RegistrationForm]
    own: tuple[Column, ...]
    needed: tuple[tuple[str, ...], ...]
    example: Mapping[str, str]

    @cached_property
    def columns(self) -> list[Column]:
        mine = {column.name for column in self.own}
        fields = [name for name in self.form._meta.fields or () if name not in mine]
        # For whom is said once for the whole file.
        return [*self.own, *(self._column(name) for name in fields if name != "organization")]

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def template(self) -> str:
        """A file with every column and the example."""
        return write(self.names, [[self.example.get(name, "") for name in self.names]])

    def read(self, data: bytes) -> Table:
        """The rows of a file of this kind, also of one that came back from here."""
        return read(data, self.names, self.needed, replaced=(RESULT, REASONS))

    def choices(self, name: str) -> list[str]:
        """The words that this column understands; none if it takes any text."""
        if name == "sub_usecases":
            return [code for code, _ in SUB_USE_CASES]
        field: Any = self.model._meta.get_field(name)
        return [str(code) for code, _ in field.choices or ()]

    def _column(self, name: str) -> Column:
        field: Any = self.model._meta.get_field(name)
        told = self.form.helps.get(name)
        is_needed = any(group == (name,) for group in self.needed)
        words = told.text if told else ""
        return Column(name, label_of(self.model, name), words, self._holds(name, field), is_needed)

    def _holds(self, name: str, field: Any) -> str:
        if name == "account":
            return "its auth id; needed only if there are several"
        if isinstance(field, models.BooleanField):
            return "true or false; empty means false"
        if choices := ", ".join(self.choices(name)):
            several = name == "sub_usecases"
            return (
                f"several, with {BETWEEN_SEVERAL} between them: {choices}" if several else choices
            )
        most = field.max_length or getattr(self.form.base_fields[name], "max_length", None)
        return f"at most {most:,} characters" if most else ""


_EXTERNAL_ID = Column(
    "external_id",
    "Your own name for it",
    "What there is of this name is left alone: with it, a file can be imported twice and nothing "
    "is made twice.",
    "at most 100 characters",
)

LAYOUTS: dict[type[Registration], Layout] = {
    Brand: Layout(
        Brand,
        BrandForm,
        own=(_EXTERNAL_ID,),
        needed=(("name",), ("entity_type",)),
        example={
            "external_id": "shop-42",
            "name": "Acme Shoes",
            "customer_type": "DIRECT",
            "entity_type": "PRIVATE",
            "company_name": "Acme Shoes Inc.",
            "ein": "12-3456781",
            "ein_issuing_country": "US",
            "vertical": "RETAIL",
            "website": "https://www.example.com/",
            "street": "1 Main Street",
            "city": "San Francisco",
            "state": "CA",
            "postal_code": "94105",
            "country": "US",
            "contact_first_name": "Alice",
            "contact_last_name": "Doe",
            "contact_title": "Head of Marketing",
            "contact_seniority": "DIRECTOR",
            "contact_email": "alice@example.com",
            "contact_phone": "+14155550101",
            "secondary_vetting": "false",
        },
    ),
    Campaign: Layout(
        Campaign,
        CampaignForm,
        own=(
            _EXTERNAL_ID,
            Column("brand", "Brand", "The brand's reference.", "as BR-7Q2M4XKD"),
            Column(
                "brand_external_id",
                "Brand, by your own name",
                "Instead of its reference: the external_id with which the brand was imported.",
                "at most 100 characters",
            ),
        ),
        needed=(("name",), ("brand", "brand_external_id")),
        example={
            "external_id": "shop-42-orders",
            "brand_external_id": "shop-42",
            "name": "Acme orders",
            "usecase": "CUSTOMER_CARE",
            "vertical": "RETAIL",
            "description": "Acme Shoes answers customers who asked for help with an order at "
            "www.example.com, and tells them how their order stands.",
            "sample1": "Acme Shoes: your order 1234 has left our store. Reply STOP to opt out.",
            "sample2": "Acme Shoes support: we have your question and will answer it today.",
            "message_flow": "Customers tick an unchecked box at https://www.example.com/checkout "
            "that reads: I agree to receive customer care texts from Acme Shoes. Message frequency "
            "varies. Message and data rates may apply. Reply STOP to opt out, HELP for help. "
            "Terms: https://www.example.com/terms Privacy: https://www.example.com/privacy. "
            "Consent is not a condition of purchase. Mobile numbers are never shared with third "
            "parties.",
            "subscriber_optin": "true",
            "optin_message": "Acme Shoes: you are subscribed to customer care texts. Message "
            "frequency varies. Message and data rates may apply. Reply HELP for help, STOP to opt "
            "out.",
            "optin_keywords": "START,YES",
            "subscriber_optout": "true",
            "optout_message": "Acme Shoes: you are unsubscribed and will get no more messages "
            "from us.",
            "optout_keywords": "STOP,UNSUBSCRIBE,END,QUIT",
            "subscriber_help": "true",
            "help_message": "Acme Shoes: write to help@example.com for help. Reply STOP to opt "
            "out.",
            "help_keywords": "HELP,INFO",
            "embedded_link": "false",
            "embedded_phone": "false",
            "age_gated": "false",
            "direct_lending": "false",
            "affiliate_marketing": "false",
            "privacy_policy_link": "https://www.example.com/privacy",
            "terms_and_conditions_link": "https://www.example.com/terms",
        },
    ),
}
