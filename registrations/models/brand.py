from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from registrations.lifecycle import BRAND_LAW, Kind, Status
from registrations.models.choices import (
    AltBusinessIdType,
    BrandType,
    CustomerType,
    EntityType,
    Seniority,
    StockExchange,
    Vertical,
)
from registrations.models.registration import Registration
from registrations.models.secret import SecretField, blind_index


class Brand(Registration):
    """The business that sends: what Plivo calls a profile, and its registration as a brand.

    One profile carries one brand only, so the two are one thing here. Field limits are those of
    Plivo's profile and brand pages (https://www.plivo.com/docs/messaging/api/10dlc/profile).
    A draft may be incomplete; `preflight` says what is missing before it is sent for review.
    """

    kind = Kind.BRAND
    reference_prefix = "BR"

    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    name = models.CharField(max_length=60, help_text="How you call it here. Plivo sees it too.")
    customer_type = models.CharField(
        max_length=8, choices=CustomerType.choices, default=CustomerType.DIRECT
    )
    entity_type = models.CharField("legal form", max_length=10, choices=EntityType.choices)
    company_name = models.CharField("legal company name", max_length=100, blank=True)
    doing_business_as = models.CharField(max_length=100, blank=True)
    ein = SecretField("tax id (EIN)", blank=True)
    ein_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    ein_issuing_country = models.CharField(
        "country that issued the tax id", max_length=2, blank=True, default="US"
    )
    vertical = models.CharField("industry", max_length=15, choices=Vertical.choices, blank=True)
    website = models.CharField(max_length=100, blank=True)
    stock_symbol = models.CharField(max_length=10, blank=True)
    stock_exchange = models.CharField(max_length=6, choices=StockExchange.choices, blank=True)
    alt_business_id = models.CharField("other business id", max_length=50, blank=True)
    alt_business_id_type = models.CharField(
        "kind of other business id",
        max_length=4,
        choices=AltBusinessIdType.choices,
        blank=True,
    )
    plivo_subaccount = models.CharField("Plivo subaccount", max_length=20, blank=True)
    business_contact_email = models.CharField(max_length=255, blank=True)

    street = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField("state or region", max_length=20, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True, default="US")

    contact_first_name = models.CharField("contact's first name", max_length=100, blank=True)
    contact_last_name = models.CharField("contact's last name", max_length=100, blank=True)
    contact_email = models.CharField("contact's e-mail", max_length=100, blank=True)
    contact_phone = models.CharField("contact's phone", max_length=16, blank=True)
    contact_title = models.CharField("contact's job title", max_length=100, blank=True)
    contact_seniority = models.CharField(
        "contact's seniority", max_length=15, choices=Seniority.choices, blank=True
    )

    brand_type = models.CharField(
        max_length=8, choices=BrandType.choices, default=BrandType.STANDARD, editable=False
    )
    secondary_vetting = models.BooleanField(
        default=False,
        help_text="An agency scores the brand, which may raise its throughput. Costs extra.",
    )

    profile_uuid = models.CharField(max_length=36, blank=True, editable=False)
    vetting_status = models.CharField(max_length=40, blank=True, editable=False)
    # The codes of the use cases that Plivo opens to this brand; empty while it was not asked.
    open_usecases = models.JSONField(default=list, blank=True, editable=False)
    vetting_score = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta(Registration.Meta):
        indexes = [
            *Registration.Meta.indexes,
            models.Index(fields=["status", "-created_at"], name="brand_by_status"),
            models.Index(fields=["organization", "-created_at"], name="brand_by_organization"),
            models.Index(fields=["lookup_due_at"], name="brand_by_lookup_due"),
        ]
        constraints = [
            *Registration.Meta.constraints,
            models.CheckConstraint(
                name="a_brand_wears_a_status_of_brands",
                condition=Q(status__in=[status for status in BRAND_LAW if status]),
            ),
            models.UniqueConstraint(
                name="one_brand_per_plivo_id",
                fields=["account", "plivo_id"],
                condition=~Q(plivo_id=""),
            ),
            models.UniqueConstraint(
                name="one_profile_one_brand",
                fields=["account", "profile_uuid"],
                condition=~Q(profile_uuid=""),
            ),
            models.CheckConstraint(
                name="a_brand_out_of_draft_names_its_company",
                condition=Q(status=Status.DRAFT) | ~Q(company_name=""),
            ),
            models.CheckConstraint(
                name="a_brand_has_a_known_legal_form",
                condition=Q(entity_type__in=EntityType.values),
            ),
            models.CheckConstraint(
                name="a_confirmed_brand_has_a_plivo_id",
                condition=Q(confirmed_at=None) | ~Q(plivo_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Brand {self.reference} ({self.name})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.ein_index = blind_index(self.ein_digits) if self.ein else ""
        super().save(*args, **kwargs)

    @property
    def ein_digits(self) -> str:
        """The tax id without the punctuation that people put in it."""
        return "".join(letter for letter in self.ein.upper() if letter.isalnum())

    @property
    def masked_ein(self) -> str:
        """The tax id as it may be shown: the last four characters, of a whole one only."""
        digits = self.ein_digits
        return f"•••••{digits[-4:] if len(digits) >= 9 else ''}" if digits else ""

    @property
    def sender_names(self) -> list[str]:
        """The names under which readers of a message may know this business."""
        return [name for name in (self.doing_business_as, self.company_name, self.name) if name]
