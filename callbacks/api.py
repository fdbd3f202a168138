"""Callbacks as programs read them: what came, whether it was Plivo, and what came of it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import IsoDateTimeFilter  # type: ignore[import-untyped]
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from callbacks.models import QUARANTINE, Callback, Outcome
from registrations.api.fields import Telling
from registrations.api.filtering import AboutList
from registrations.api.resources import Readable
from registrations.api.serializers.evidence import tax_id_in
from registrations.filters import SeveralFilter
from registrations.masking import masked_in
from registrations.models import Scope
from registrations.models.organization import sees_every_organization


class CallbackSerializer(Telling):
    """One request to a callback address, as it came, and what came of it."""

    registration = serializers.SerializerMethodField(
        allow_null=True, help_text="The reference of what it is about."
    )
    account = serializers.CharField(
        source="account.auth_id", read_only=True, default=None, allow_null=True
    )
    submission: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    entry: Any = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True, help_text="The line of the trail that it caused."
    )
    repeat_of: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    headers = serializers.DictField(child=serializers.CharField(), read_only=True)
    scheme = serializers.CharField(
        read_only=True, help_text="By which signature it proved to be Plivo's; empty if by none."
    )
    body_text = serializers.SerializerMethodField()
    decoded = serializers.SerializerMethodField(help_text="The fields that could be read.")

    class Meta:
        model = Callback
        fields = [
            "id",
            "received_at",
            "registration",
            "submission",
            "account",
            "outcome",
            "explanation",
            "word",
            "scheme",
            "v3",
            "method",
            "path",
            "query",
            "headers",
            "body_text",
            "body_length",
            "body_digest",
            "decoded",
            "peer",
            "entry",
            "repeat_of",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_registration(self, callback: Callback) -> str | None:
        return callback.submission.registration.reference if callback.submission else None

    def get_body_text(self, callback: Callback) -> str:
        return masked_in(callback.body_text, _tax_id(callback))

    @extend_schema_field(
        serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )
    def get_decoded(self, callback: Callback) -> dict[str, list[str]]:
        tax_id = _tax_id(callback)
        return {
            name: [masked_in(value, tax_id) for value in values]
            for name, values in callback.decoded.items()
        }


class CallbackList(AboutList):
    """About what, with which outcome, and when."""

    row_to = "submission__"
    outcome = SeveralFilter(choices=Outcome.choices)
    received_from = IsoDateTimeFilter("received_at", "gte")
    received_to = IsoDateTimeFilter("received_at", "lt")


class Callbacks(Readable):
    """What Plivo said. What did not prove to be Plivo's only the house's people see."""

    model = Callback
    about = "submission__"
    serializer_class = CallbackSerializer
    filterset_class = CallbackList
    lookup_value_regex = "[0-9]{1,18}"
    orders = ("received_at",)
    related = ("account", "submission__brand", "submission__campaign", "submission__number_link")
    scopes = {"list": Scope.EVIDENCE, "retrieve": Scope.EVIDENCE}

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        user = self.request and self.request.user  # nobody asks while the schema is made
        if user and sees_every_organization(user):
            return rows
        return rows.exclude(outcome__in=QUARANTINE)


def _tax_id(callback: Callback) -> str:
    return tax_id_in(callback.submission) if callback.submission else ""


router = SimpleRouter()
router.register("callbacks", Callbacks, basename="api-callback")

urlpatterns = router.urls
