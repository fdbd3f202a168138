"""Brands, campaigns and number links: what is told of them, and what may be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registrations import actions
from registrations.actions import Blocked
from registrations.api import callers, including
from registrations.api.etags import etag_of
from registrations.api.fields import (
    ById,
    ByName,
    Country,
    Line,
    Phone,
    Sparse,
    StrictModelSerializer,
)
from registrations.api.serializers.evidence import (
    AuditEntrySerializer,
    SubmissionSerializer,
    UserName,
)
from registrations.forms import BrandForm, CampaignForm
from registrations.forms.reading_numbers import digits_of
from registrations.lifecycle import Kind, Status
from registrations.masking import masked_in
from registrations.models import Brand, Campaign, NumberLink, Organization, PlivoAccount
from registrations.models.choices import SUB_USE_CASES
from registrations.preflight import blocking, check

WHERE_IT_STANDS = [
    "reference",
    "status",
    "status_since",
    "confirmed",
    "confirmed_status",
    "confirmed_at",
    "last_lookup_at",
    "conflict",
    "reasons",
]
WHOSE = [
    "external_id",
    "created_at",
    "created_by",
    "edited_at",
    "updated_at",
    "requested_by",
    "html_url",
    "etag",
    "included",
]
REVIEWED = ["plivo_id", "review_note", "field_notes", "deactivation_requested_by"]


class ReasonSerializer(serializers.Serializer):
    """Why Plivo said no, word for word."""

    code = serializers.CharField()
    text = serializers.CharField()


class RegistrationSerializer(Sparse, StrictModelSerializer):
    """What all kinds share. `context["request"]` says whose choices a body may name."""

    # What a body may name, field by field, as far as the caller may know of it.
    rows_open_to: Mapping[str, Any] = {}

    organization: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    account: Any = serializers.CharField(source="account.auth_id", read_only=True)
    external_id = Line(
        max_length=100,
        allow_blank=True,
        required=False,
        help_text="How you call it; unique among your own of this kind.",
    )
    confirmed = serializers.BooleanField(
        source="is_confirmed",
        read_only=True,
        help_text="A look-up at Plivo has agreed with the status.",
    )
    reasons = serializers.SerializerMethodField(help_text="Why Plivo said no, word for word.")
    created_by = UserName()
    requested_by = UserName(allow_null=True)
    updated_at = serializers.DateTimeField(
        read_only=True, help_text="When anything was last written or looked up; see updated_since."
    )
    html_url = serializers.SerializerMethodField(help_text="Its page, for people.")
    etag = serializers.SerializerMethodField(help_text="For If-Match and If-None-Match.")
    included = serializers.SerializerMethodField(
        help_text="What was asked for by `include=`, by its name; nothing else."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user is not None:
            self.rows_open_to = self.choices(request)
        for name, rows in self.rows_open_to.items():
            if name in fields and not fields[name].read_only:
                fields[name].queryset = rows
        return fields

    def choices(self, request: Any) -> dict[str, Any]:
        """Whose rows a body may name, field by field."""
        return {
            "organization": callers.organizations(request),
            "account": PlivoAccount.objects.all(),
        }

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, row: Any) -> list[dict[str, str]]:
        tax_id = getattr(row, "ein", "")
        return [
            {
                "code": str(reason.get("code", "")),
                "text": masked_in(str(reason.get("text", "")), tax_id),
            }
            for reason in row.reasons
        ]

    def get_html_url(self, row: Any) -> str:
        return settings.PUBLIC_URL + row.get_absolute_url()

    def get_etag(self, row: Any) -> str:
        return etag_of(row)

    def get_included(self, row: Any) -> dict[str, Any]:
        asked = self.context.get("include", ())
        if not asked:
            return {}
        return including.included(row, asked, self.context["request"].user, INCLUDED)

    def unsaved(self, told: dict[str, Any]) -> Any:
        """The registration that this body describes; whose it is follows from the caller."""
        model: Any = self.Meta.model
        row = model(**told)
        for name, rows in self.rows_open_to.items():
            if name not in told:
                setattr(row, name, self._only_one(name, rows))
        return row

    @transaction.atomic
    def create(self, told: dict[str, Any]) -> Any:
        by, name = told.pop("by"), told.pop("external_id", "")
        row = self.begin(self.unsaved(told), by)
        if name:
            actions.give_external_id(row, name, by=by)
        return row

    def begin(self, row: Any, by: Any) -> Any:
        actions.draft(row, by=by)
        return row

    @transaction.atomic
    def update(self, row: Any, told: dict[str, Any]) -> Any:
        by, name = told.pop("by"), told.pop("external_id", None)
        if told:
            for field, value in told.items():
                setattr(row, field, value)
            # What a person typed there and did not fit gives way to what does.
            misfits = {field: raw for field, raw in (row.typed or {}).items() if field not in told}
            actions.edit(row, told, by=by, typed=misfits)
        if name is not None:
            actions.give_external_id(row, name, by=by)
        return row

    def _only_one(self, name: str, rows: Any) -> Any:
        several = list(rows[:2])
        if len(several) == 1:
            return several[0]
        raise serializers.ValidationError({name: ["Say which one."]}, "required")


class BrandSerializer(RegistrationSerializer):
    """The business that sends."""

    fixed = ("organization", "account")

    organization = ById(
        required=False,
        queryset=Organization.objects.none(),
        help_text="Needed only if you have several.",
    )
    account = ByName(
        slug_field="auth_id",
        required=False,
        queryset=PlivoAccount.objects.none(),
        help_text="The auth id of the Plivo account; needed only if there are several.",
    )
    ein = Line(
        max_length=100, allow_blank=True, required=False, write_only=True, help_text="The tax id."
    )
    masked_ein = serializers.CharField(read_only=True)
    ein_issuing_country = Country(max_length=2, allow_blank=True, required=False)
    country = Country(max_length=2, allow_blank=True, required=False)
    contact_phone = Phone(max_length=16, allow_blank=True, required=False)
    open_usecases = serializers.ListField(child=serializers.CharField(), read_only=True)
    field_notes = serializers.DictField(child=serializers.CharField(), read_only=True)
    deactivation_requested_by = UserName(allow_null=True)

    class Meta:
        model = Brand
        read_only_fields = [
            *WHERE_IT_STANDS,
            *REVIEWED,
            *["vetting_status", "vetting_score", "open_usecases"],
        ]
        fields = [
            *WHERE_IT_STANDS,
            *BrandForm.Meta.fields,
            "masked_ein",
            *["vetting_status", "vetting_score", "open_usecases"],
            *REVIEWED,
            *WHOSE,
        ]
        validators: ClassVar[list[Any]] = []


class CampaignSerializer(RegistrationSerializer):
    """What a brand sends. It belongs to whom its brand belongs."""

    brand = ByName(
        slug_field="reference", queryset=Brand.objects.none(), help_text="The brand's reference."
    )
    sub_usecases = serializers.ListField(
        child=serializers.ChoiceField(choices=SUB_USE_CASES),
        required=False,
        max_length=len(SUB_USE_CASES),
    )
    mno_metadata = serializers.DictField(read_only=True)
    field_notes = serializers.DictField(child=serializers.CharField(), read_only=True)
    deactivation_requested_by = UserName(allow_null=True)

    class Meta:
        model = Campaign
        read_only_fields = [
            *WHERE_IT_STANDS,
            *REVIEWED,
            *["mno_metadata", "number_pool_limit"],
        ]
        fields = [
            *WHERE_IT_STANDS,
            "organization",
            "account",
            *CampaignForm.Meta.fields,
            *["mno_metadata", "number_pool_limit"],
            *REVIEWED,
            *WHOSE,
        ]
        validators: ClassVar[list[Any]] = []

    def choices(self, request: Any) -> dict[str, Any]:
        brands = callers.visible(Brand.objects.all(), request).exclude(status=Status.DEACTIVATED)
        campaign = self.instance if isinstance(self.instance, Campaign) else None
        if campaign is not None:
            # A draft stays where it was begun, and at Plivo with its brand.
            same = {"organization": campaign.organization_id, "account": campaign.account_id}
            brands = brands.filter(**same)
            if campaign.plivo_id:
                brands = brands.filter(pk=campaign.brand_id)
        return {"brand": brands}

    def unsaved(self, told: dict[str, Any]) -> Campaign:
        campaign = Campaign(**told)
        if campaign.brand_id is not None:
            campaign.organization = campaign.brand.organization
            campaign.account = campaign.brand.account
        return campaign


class NumberLinkSerializer(RegistrationSerializer):
    """A number on a campaign."""

    fixed = ("campaign", "number")

    campaign = ByName(
        slug_field="reference",
        queryset=Campaign.objects.none(),
        help_text="The campaign's reference.",
    )
    number = Line(max_length=40, help_text="In any usual form; it is kept as 14155550100.")

    class Meta:
        model = NumberLink
        read_only_fields = WHERE_IT_STANDS
        fields = [
            *WHERE_IT_STANDS,
            "organization",
            "account",
            "campaign",
            "number",
            *WHOSE,
        ]
        validators: ClassVar[list[Any]] = []

    def choices(self, request: Any) -> dict[str, Any]:
        return {"campaign": callers.visible(Campaign.objects.all(), request)}

    def validate_number(self, text: str) -> str:
        return digits_of(text)

    def unsaved(self, told: dict[str, Any]) -> NumberLink:
        campaign = told["campaign"]
        return NumberLink(**told, organization=campaign.organization, account=campaign.account)

    def begin(self, link: NumberLink, by: Any) -> NumberLink:
        if link.campaign.status == Status.REGISTERED:
            # The rules by their names, which what the action says of several numbers has not.
            if findings := blocking(check(link)):
                raise Blocked(findings)
        try:
            [begun] = actions.link_numbers(link.campaign, [link.number], by=by)
        except Blocked as blocked:
            here = {"numbers": "number"}
            raise Blocked(
                [
                    replace(found, field=here.get(found.field, found.field))
                    for found in blocked.findings
                ]
            ) from blocked
        return begun


SERIALIZERS: dict[Kind, type[RegistrationSerializer]] = {
    Kind.BRAND: BrandSerializer,
    Kind.CAMPAIGN: CampaignSerializer,
    Kind.NUMBER_LINK: NumberLinkSerializer,
}

INCLUDED = {
    "brand": BrandSerializer,
    "campaign": CampaignSerializer,
    "numbers": NumberLinkSerializer,
    "submissions": SubmissionSerializer,
    "trail": AuditEntrySerializer,
}
