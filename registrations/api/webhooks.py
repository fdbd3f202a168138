"""Webhooks: where programs ask to be told of changes instead of asking for them."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registrations.actions import webhooks
from registrations.api.callers import only_organization, organizations
from registrations.api.fields import Line, Strict
from registrations.api.paging import CursorPages
from registrations.api.problems import Problem, wrong_parameter
from registrations.api.resources import Resource
from registrations.models import Delivery, DeliveryAttempt, Organization, Scope, Webhook
from registrations.notices import events
from registrations.peers import peer_of

MESSAGE = "(?P<message_id>msg_[0-9A-Za-z]{1,36})"
PAGING = {"cursor", "limit", "order"}


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address that is told of changes, and how that goes."""

    event_types = serializers.ListField(child=serializers.ChoiceField(choices=events.PATTERNS))
    state = serializers.SerializerMethodField(
        help_text="Whether it is told: active, failing (every attempt fails of late) or paused."
    )

    class Meta:
        model = Webhook
        fields = [
            "id",
            "organization",
            "url",
            "description",
            "event_types",
            "state",
            "failing_since",
            "paused_at",
            "pause_reason",
            "read_up_to",
            "created_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "read_up_to": {"help_text": "The number of the last event that was considered."}
        }

    def get_state(self, webhook: Webhook) -> str:
        if webhook.paused_at:
            return "paused"
        return "failing" if webhook.failing_since else "active"


class NewWebhookSerializer(WebhookSerializer):
    """A webhook with its secret, which is told only now."""

    secret = serializers.CharField(help_text="Signs the messages. Keep it: it is not told again.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """Another secret, which is told only now. For 24 hours the one before signs beside it."""

    secret = serializers.CharField()


class WebhookFieldsSerializer(Strict):
    """What is said of a webhook. Without `event_types` it is told of everything."""

    organization = serializers.PrimaryKeyRelatedField(
        queryset=Organization.objects.none(),
        required=False,
        help_text="Needed only by who acts for several.",
    )
    url = Line(max_length=500)
    description = Line(max_length=200, required=False, allow_blank=True)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=events.PATTERNS),
        required=False,
        max_length=len(events.PATTERNS),
    )
    fixed = ("organization",)


class ResumptionSerializer(Strict):
    """From where to go on. Without `since`, where it stopped: then nothing is missed."""

    since = serializers.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        help_text="The number of the first event to tell. What was delivered is not sent again.",
    )


class DeliveryAttemptSerializer(serializers.ModelSerializer[DeliveryAttempt]):
    """What was sent once, to which address, and what was answered."""

    class Meta:
        model = DeliveryAttempt
        fields = ["at", "address", "body", "answer_status", "answer", "error", "milliseconds"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One message, with every attempt to bring it. `event` is its number; null for a test."""

    event = serializers.IntegerField(source="event.number", allow_null=True, default=None)
    type = serializers.CharField(source="event.type", default="test.ping")
    attempts = DeliveryAttemptSerializer(many=True)

    class Meta:
        model = Delivery
        fields = [
            "message_id",
            "type",
            "event",
            "state",
            "created_at",
            "due_at",
            "settled_at",
            "attempts",
        ]
        read_only_fields = fields


class Webhooks(Resource):
    """Addresses that are told of changes as they happen."""

    model = Webhook
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = WebhookSerializer
    pagination_class = CursorPages
    orders = ("created_at",)
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    scopes = {
        "list": Scope.READ,
        "retrieve": Scope.READ,
        "deliveries": Scope.READ,
        "create": Scope.DRAFT,
        "partial_update": Scope.DRAFT,
        "destroy": Scope.DRAFT,
        "pause": Scope.DRAFT,
        "resume": Scope.DRAFT,
        "rotate_secret": Scope.DRAFT,
        "test": Scope.DRAFT,
        "redeliver": Scope.DRAFT,
    }
    known = {"list": PAGING, "deliveries": {*PAGING, "state"}}

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(deleted_at=None).select_related("organization")

    @extend_schema(summary="List webhooks")
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(summary="Show a webhook")
    def retrieve(self, request: Request, pk: str) -> Response:
        """What it is told of, and how that goes."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Make a webhook",
        request=WebhookFieldsSerializer,
        responses={201: NewWebhookSerializer},
        examples=[
            OpenApiExample(
                "Outcomes of brands and campaigns",
                {
                    "url": "https://hooks.example.com/10dlc",
                    "event_types": ["brand.registered", "brand.rejected", "campaign.*"],
                },
                request_only=True,
            )
        ],
    )
    @sensitive_variables("secret", "told")
    def create(self, request: Request) -> Response:
        """Tell an address of what happens from now on.

        It must be https and lead to a public address. Messages are signed as Standard Webhooks has
        it; the secret is in this answer and is not told again.
        """
        asked = WebhookFieldsSerializer(data=request.data)
        asked.fields["organization"].queryset = organizations(request)  # type: ignore[attr-defined]
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        organization = said.pop("organization", None) or _only_organization(request)
        webhook, secret = webhooks.add_webhook(
            organization, by=request.user, peer=peer_of(request), **said
        )
        told = {**self.get_serializer(webhook).data, "secret": secret}
        where = request.build_absolute_uri(reverse("webhooks-detail", args=[webhook.pk]))
        return Response(told, status=201, headers={"Location": where})

    @extend_schema(
        summary="Change a webhook", request=WebhookFieldsSerializer, responses=WebhookSerializer
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given. What waits goes to the new address."""
        webhook = self.get_object()
        asked = WebhookFieldsSerializer(webhook, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        webhooks.change_webhook(
            webhook, by=request.user, peer=peer_of(request), **asked.validated_data
        )
        return Response(self.get_serializer(webhook).data)

    @extend_schema(summary="Delete a webhook", responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Nothing more is sent to it."""
        webhooks.delete_webhook(self.get_object(), by=request.user, peer=peer_of(request))
        return Response(status=204)

    @extend_schema(summary="Pause a webhook", request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Send nothing until it is resumed; what happens meanwhile is kept for it."""
        _demand_nothing(request)
        webhook = self.get_object()
        webhooks.pause_webhook(webhook, by=request.user, peer=peer_of(request))
        return Response(self.get_serializer(webhook).data)

    @extend_schema(
        summary="Resume a webhook", request=ResumptionSerializer, responses=WebhookSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Send again, from where it stopped or from the event numbered `since`."""
        webhook = self.get_object()
        asked = ResumptionSerializer(data=request.data or {})
        asked.is_valid(raise_exception=True)
        since = asked.validated_data.get("since")
        webhooks.resume_webhook(webhook, by=request.user, since=since, peer=peer_of(request))
        return Response(self.get_serializer(webhook).data)

    @extend_schema(
        summary="Rotate the secret of a webhook", request=None, responses=WebhookSecretSerializer
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    @sensitive_variables("secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        """Make another secret. For 24 hours messages carry signatures of both."""
        _demand_nothing(request)
        secret = webhooks.rotate_webhook_secret(
            self.get_object(), by=request.user, peer=peer_of(request)
        )
        return Response({"secret": secret})

    @extend_schema(summary="Send a test message", request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a message of type `test.ping`, once. What comes of it stands in the deliveries."""
        _demand_nothing(request)
        delivery = webhooks.send_test(self.get_object(), by=request.user)
        return Response(DeliverySerializer(delivery).data, status=202)

    @extend_schema(
        summary="List the messages to a webhook",
        parameters=[
            OpenApiParameter("state", str, enum=Delivery.State.values, description="Only these.")
        ],
        responses=DeliverySerializer(many=True),
    )
    @action(detail=True, serializer_class=DeliverySerializer)
    def deliveries(self, request: Request, pk: str) -> Response:
        """The newest first, each with what was sent and answered. Kept for 30 days."""
        rows = self.get_object().deliveries.select_related("event").prefetch_related("attempts")
        if "state" in request.query_params:
            state = request.query_params["state"]
            if state not in Delivery.State.values:
                raise wrong_parameter("state", f"One of {', '.join(Delivery.State.values)}.")
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Send a message once more", request=None, responses={202: DeliverySerializer}
    )
    @action(detail=True, methods=["post"], url_path=f"deliveries/{MESSAGE}/redeliver")
    def redeliver(self, request: Request, pk: str, message_id: str) -> Response:
        """Send it now, whatever became of it before, under the same id."""
        _demand_nothing(request)
        rows = self.get_object().deliveries.select_related("webhook__organization", "event")
        delivery = get_object_or_404(rows, message_id=message_id)
        webhooks.redeliver(delivery, by=request.user)
        return Response(DeliverySerializer(delivery).data, status=202)


def _demand_nothing(request: Request) -> None:
    """Nothing is said with these verbs; who says something believes that it is heeded."""
    Strict(data=request.data or {}).is_valid(raise_exception=True)


def _only_organization(request: Request) -> Organization:
    if only := only_organization(request):
        return only
    where = {
        "code": "required",
        "pointer": "/organization",
        "detail": "You act for several organizations, or for none: say for which.",
    }
    raise Problem(400, "invalid", "Something in the request is wrong.", [where])
