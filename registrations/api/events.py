"""What happened, as an ordered feed that a program reads on from where it was."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    OpenApiWebhook,
    extend_schema,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registrations.api.callers import only_organization, organizations
from registrations.api.problems import wrong_parameter
from registrations.api.resources import Resource
from registrations.lifecycle import Actor, Cause, Kind, Status
from registrations.models import Event, Organization, Scope
from registrations.notices import events
from registrations.notices.webhooks.outbox import TEST

LIMIT, MOST = 100, 500
# So many events are looked through for one page, however few are of the types asked for.
SPAN = 10_000
LARGEST = 2**63 - 1

EXAMPLE = {
    "number": 17,
    "type": "brand.registered",
    "at": "2026-11-25T12:00:00.000000Z",
    "registration": {"kind": "brand", "reference": "BR-7Q2M4XKD", "external_id": "shop-42"},
    "from": "submitted",
    "to": "registered",
    "actor": "plivo",
    "cause": "callback",
    "confirmed": False,
    "note": "",
}


class EventSubjectSerializer(serializers.Serializer[Any]):
    """What an event is about. `number` is there if it is the link of a number."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    reference = serializers.CharField()
    external_id = serializers.CharField(allow_blank=True)
    number = serializers.CharField(required=False)


class EventSerializer(serializers.Serializer[Any]):
    """One change, as the trail tells it: what was so then, not what holds now."""

    number = serializers.IntegerField(
        min_value=1, help_text="Counts the events of the organization: 1, 2, 3 … without gaps."
    )
    type = serializers.ChoiceField(choices=events.EVENT_TYPES)
    at = serializers.DateTimeField(help_text="When it happened.")
    registration = EventSubjectSerializer()
    to = serializers.ChoiceField(choices=Status.choices)
    actor = serializers.ChoiceField(choices=Actor.choices, help_text="Who made the change.")
    cause = serializers.ChoiceField(choices=Cause.choices, help_text="What it followed from.")
    confirmed = serializers.BooleanField(
        help_text="Whether a look-up at Plivo says so. What a callback reports is followed by an "
        "event of type `….confirmed`."
    )
    note = serializers.CharField(allow_blank=True, help_text="In words; of a rejection, Plivo's.")

    def get_fields(self) -> dict[str, Any]:
        before = serializers.ChoiceField(
            choices=Status.choices, allow_null=True, help_text="Null for the first of all."
        )
        # No attribute can have this name.
        return {**super().get_fields(), "from": before}


class FeedSerializer(serializers.Serializer[Any]):
    """A part of the feed, and where to go on."""

    items = EventSerializer(many=True)
    next_after = serializers.IntegerField(
        help_text="Keep this, and give it as `after` to read on: nothing is missed or told twice."
    )
    more = serializers.BooleanField(help_text="Whether there is more to read at once.")


class MessageSerializer(serializers.Serializer[Any]):
    """What is posted to a webhook: an event, in the form of Standard Webhooks."""

    type = serializers.ChoiceField(choices=events.EVENT_TYPES)
    timestamp = serializers.DateTimeField(help_text="When it happened.")
    data = EventSerializer(help_text="The event, as the feed tells it.")  # type: ignore[assignment]


class TestDataSerializer(serializers.Serializer[Any]):
    """What a test says."""

    message = serializers.CharField()


class TestMessageSerializer(serializers.Serializer[Any]):
    """What is posted to a webhook to try it: no change is told of."""

    type = serializers.ChoiceField(choices=[TEST])
    timestamp = serializers.DateTimeField(help_text="When the test was asked for.")
    data = TestDataSerializer()  # type: ignore[assignment]


# What the portal itself asks of others, for the schema.
EVENT_MESSAGE = OpenApiWebhook(
    "event",
    extend_schema(
        summary="An event happened",
        description="Posted to each webhook that wants its type, with the headers `webhook-id`, "
        "`webhook-timestamp` and `webhook-signature` of Standard Webhooks. Any status from 200 to "
        "299 takes the message; 410 pauses the webhook; whatever else is tried again for three "
        "days under the same `webhook-id`. Messages may come twice and overtake each other: "
        "`data.number` tells their order.",
        request=MessageSerializer,
        responses={200: OpenApiResponse(description="It is taken.")},
        examples=[
            OpenApiExample(
                "A brand is registered",
                {"type": EXAMPLE["type"], "timestamp": EXAMPLE["at"], "data": EXAMPLE},
            )
        ],
    ),
)
TEST_MESSAGE = OpenApiWebhook(
    "test",
    extend_schema(
        summary="Somebody tries a webhook",
        description="Posted to one webhook when its owner presses *Send a test*, signed and tried "
        "again as an event is.",
        request=TestMessageSerializer,
        responses={200: OpenApiResponse(description="It is taken.")},
    ),
)


class Events(Resource):
    """Every change of a status, in one order, without gaps."""

    model = Event
    scopes = {"list": Scope.READ}
    known = {"list": {"after", "limit", "types", "organization"}}

    @extend_schema(
        summary="Read events",
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": LARGEST, "default": 0},
                description="Only events after this number: `next_after` of the last answer.",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
                description="How many to answer at most.",
            ),
            OpenApiParameter(
                "types",
                OpenApiTypes.STR,
                description="Only these, with commas between them: `brand.registered,campaign.*`.",
            ),
            OpenApiParameter(
                "organization",
                OpenApiTypes.INT,
                description="Whose events. Needed only by who acts for several.",
            ),
        ],
        responses=FeedSerializer,
        examples=[
            OpenApiExample(
                "One event", {"items": [EXAMPLE], "next_after": 17, "more": False},
                response_only=True,
            )
        ],
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """What happened to registrations of one organization, oldest first.

        Begin with `after=0`, keep `next_after`, and ask again with it: whoever has read up to a
        number never finds something new below it. A number is given when a change is committed, so
        that the order is the one in which changes became true; those of one registration are in
        the order of its trail.
        """
        asked = request.query_params
        after = _number(asked.get("after", "0"), "after", least=0, most=LARGEST)
        limit = _number(asked.get("limit", str(LIMIT)), "limit", least=1, most=MOST)
        types = _types(asked["types"]) if "types" in asked else None
        organization = _organization(request)
        events.publish()
        last = events.head(organization)
        end = min(last, after + SPAN)
        rows = self.get_queryset().filter(
            organization=organization, number__gt=after, number__lte=end
        )
        if types is not None:
            rows = rows.filter(type__in=types)
        items = [item for _, item in events.read(rows.order_by("number")[: limit + 1])]
        if len(items) > limit:
            items = items[:limit]
            end = items[-1]["number"]
        # Who asks beyond the end stays there: what comes is above it.
        next_after = max(after, end)
        return Response({"items": items, "next_after": next_after, "more": end < last})


def _organization(request: Request) -> Organization:
    if "organization" in request.query_params:
        pk = _number(request.query_params["organization"], "organization", least=1, most=LARGEST)
        if found := organizations(request).filter(pk=pk).first():
            return found
        raise wrong_parameter("organization", "There is none of this number that you may use.")
    if only := only_organization(request):
        return only
    remedy = "You act for several organizations, or for none: say whose events."
    raise wrong_parameter("organization", remedy)


def _types(text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in events.PATTERNS:
            raise wrong_parameter("types", "Give types like brand.registered, or brand.* for all.")
    return events.types_matching(wanted)


def _number(text: str, name: str, *, least: int, most: int) -> int:
    # Python reads odd digits, and very many of them slowly.
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else -1
    if not least <= number <= most:
        raise wrong_parameter(name, f"Give a number from {least} to {most}.")
    return number
