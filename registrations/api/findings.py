"""What preflight finds, as it is told; and checking without saving anything."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from registrations import preflight
from registrations.api.filtering import RefusesUnknown
from registrations.api.idempotency import AnswersOnce
from registrations.api.serializers import SERIALIZERS
from registrations.lifecycle import Kind
from registrations.models import Operation, Scope
from registrations.preflight import SEVERITIES, Finding, fees

SOURCES = {
    rule.id: rule.source
    for book in (*preflight.ALONE, *preflight.AMONG_OTHERS)
    for rule in book.rules
}
ASKED_OF_PLIVO = {
    Kind.BRAND: Operation.REGISTER_BRAND,
    Kind.CAMPAIGN: Operation.REGISTER_CAMPAIGN,
    Kind.NUMBER_LINK: Operation.LINK_NUMBER,
}


class FindingSerializer(serializers.Serializer):
    """One thing that a carrier, the registry or Plivo would look at."""

    rule = serializers.CharField(help_text="Its id, which stays the same.")
    severity = serializers.ChoiceField(choices=SEVERITIES)
    certainty = serializers.CharField(
        help_text="How well it is known: A and B from primary sources, C from one other, U not."
    )
    pointer = serializers.SerializerMethodField(help_text="To the field; empty for the whole.")
    message = serializers.CharField(help_text="What was found.")
    remedy = serializers.CharField(help_text="What to write instead.")
    excerpt = serializers.CharField(help_text="The text in question, shortened.")
    source = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Who says so."
    )

    def get_pointer(self, found: Finding) -> str:
        return f"/{found.field}" if found.field else ""

    def get_source(self, found: Finding) -> str:
        return SOURCES.get(found.rule, "")


class FeeLineSerializer(serializers.Serializer):
    """A line of the bill."""

    label = serializers.CharField()  # type: ignore[assignment]
    amount = serializers.DecimalField(8, 2, help_text="US dollars.")
    recurring = serializers.BooleanField(help_text="Each month.")


class CheckSerializer(serializers.Serializer):
    """What preflight finds, and what it would cost."""

    blocked = serializers.BooleanField(help_text="It could not be sent like this.")
    findings = FindingSerializer(many=True)
    fee = serializers.DecimalField(8, 2, help_text="US dollars, charged once.")
    fee_lines = FeeLineSerializer(many=True)


class Preflight(RefusesUnknown, AnswersOnce, ViewSet):
    """Checking before writing."""

    scopes = {"create": Scope.READ}
    # Nothing is changed by it.
    answers_once = False

    @extend_schema(
        request={
            "application/json": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"type": "string", "enum": Kind.values}},
                "description": "The kind, and beside it the fields as they would be sent to the "
                "resource of this kind.",
            }
        },
        responses={200: CheckSerializer},
        examples=[
            OpenApiExample(
                "A brand",
                {"kind": "brand", "name": "Acme", "entity_type": "PRIVATE", "ein": "12-3456780"},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Check without saving: by all rules by which the forms and the review do.

        What does not fit its field at all is refused as it would be when writing (400).
        """
        fields = dict(request.data) if isinstance(request.data, dict) else {}
        kind = fields.pop("kind", None)
        if kind not in Kind.values:
            known = ", ".join(Kind.values)
            raise serializers.ValidationError({"kind": [f"Name one of these: {known}."]})
        registration = self._unsaved(Kind(kind), fields, request)
        found = preflight.check(registration)
        lines = fees.expected(ASKED_OF_PLIVO[registration.kind], registration)
        told = {
            "blocked": bool(preflight.blocking(found)),
            "findings": found,
            "fee": fees.total(lines),
            "fee_lines": lines,
        }
        return Response(CheckSerializer(told).data)

    def _unsaved(self, kind: Kind, fields: dict[str, Any], request: Request) -> Any:
        # A draft may be incomplete; but a number is checked for a campaign.
        partial = kind != Kind.NUMBER_LINK
        body = SERIALIZERS[kind](data=fields, partial=partial, context={"request": request})
        body.is_valid(raise_exception=True)
        told = dict(body.validated_data)
        told.pop("external_id", None)
        return body.unsaved(told)
