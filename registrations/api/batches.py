"""Many numbers in one request: taken in at once, linked by a worker, each with its own answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, CharField, Count, F, Value, When
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from registrations import actions
from registrations.api.callers import only_organization, organizations
from registrations.api.fields import ById, Line, Strict
from registrations.api.paging import CursorPages
from registrations.api.problems import wrong_parameter
from registrations.api.resources import Resource
from registrations.forms.reading_numbers import digits_of
from registrations.lifecycle import AWAITING_PLIVO, QUEUED
from registrations.models import LinkBatch, LinkBatchItem, NumberLink, Organization, Scope

WAITING, REFUSED = "waiting", "refused"
STATES = [WAITING, REFUSED, *(s for s in NumberLink.statuses() if s != REFUSED)]
UNDER_WAY = {WAITING, *QUEUED, *AWAITING_PLIVO}
_STATE = Case(
    When(taken_at=None, then=Value(WAITING)),
    When(link=None, then=Value(REFUSED)),
    default=F("link__status"),
    output_field=CharField(),
)
# Items on one page.
PAGE = 100
# Longer is neither a number nor a reference, and is not looked at.
LONGEST_TEXT = 100
REFERENCE_LENGTH = LinkBatchItem._meta.get_field("campaign_reference").max_length or 0


class AsGiven(Line):
    """A string of any signs: what copying brought along is taken off later."""

    validator = staticmethod(lambda text: None)


class WishSerializer(Strict):
    """A number, written as people write it, and the campaign it shall be on."""

    campaign = Line(
        max_length=LONGEST_TEXT, allow_blank=True, help_text="The campaign's reference."
    )
    number = AsGiven(max_length=LONGEST_TEXT, allow_blank=True, help_text="In any usual form.")


class NewLinkBatchSerializer(Strict):
    """Numbers that shall be linked, each to the campaign that it names."""

    organization = ById(
        queryset=Organization.objects.none(),
        required=False,
        help_text="Needed only if you have several.",
    )
    items = serializers.ListField(
        child=WishSerializer(), min_length=1, max_length=actions.MOST_ITEMS
    )


class LinkBatchSerializer(serializers.ModelSerializer[LinkBatch]):
    """Many numbers, and how many of them stand where."""

    is_settled = serializers.SerializerMethodField(
        help_text="Whether every number has its outcome: none waits, or is on its way."
    )
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many stand where; what has none is left out.",
    )
    total = serializers.SerializerMethodField()
    items_url = serializers.SerializerMethodField(help_text="Where the numbers are, one by one.")

    class Meta:
        model = LinkBatch
        fields = [
            "reference",
            "organization",
            "created_at",
            "is_settled",
            "counts",
            "total",
            "items_url",
        ]
        read_only_fields = fields

    def get_is_settled(self, batch: Any) -> bool:
        return not UNDER_WAY & set(batch.counts)

    def get_total(self, batch: Any) -> int:
        return sum(batch.counts.values())

    def get_items_url(self, batch: LinkBatch) -> str:
        where = reverse("api-link-batch-items", args=[batch.reference])
        return str(self.context["request"].build_absolute_uri(where))


class LinkBatchItemSerializer(serializers.ModelSerializer[LinkBatchItem]):
    """One number of a batch, and what became of it.

    `state` is “waiting” until a worker takes it; then “refused” if it was not taken (`problem` says
    why and what to do), else the status of its number link.
    """

    campaign = serializers.CharField(source="campaign_reference")
    state = serializers.ChoiceField(choices=STATES)
    problem = serializers.SerializerMethodField()
    link: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        "reference", read_only=True
    )

    class Meta:
        model = LinkBatchItem
        fields = ["position", "campaign", "number", "state", "problem", "link"]
        read_only_fields = fields

    def get_problem(self, item: LinkBatchItem) -> str:
        """Why it is not linked: our words, or Plivo's own."""
        reasons = item.link.reasons if item.link else []
        return item.problem or " ".join(str(reason.get("text", "")) for reason in reasons)


class ByPosition(CursorPages):
    """Pages in the order in which the items were given.

    The cursor is the position behind which a page begins or, with a minus, before which it ends.
    """

    def paginate_queryset(self, rows: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        place = _place(request)
        if back := place < 0:
            found = list(rows.filter(position__lt=-place).order_by("-position")[: PAGE + 1])
        else:
            found = list(rows.filter(position__gt=place).order_by("position")[: PAGE + 1])
        shown, are_more = found[:PAGE], len(found) > PAGE
        if back:
            shown.reverse()
        self.next = self.previous = None
        if shown and (are_more or back):
            self.next = self._at(shown[-1].position)
        if shown and (are_more if back else place > 0):
            self.previous = self._at(-shown[0].position)
        return shown

    def _at(self, place: int) -> str:
        return replace_query_param(self.request.build_absolute_uri(), "cursor", place)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        return [one for one in parameters if one["name"] == "cursor"]


class LinkBatches(Resource):
    """Many numbers in one request, linked by a worker."""

    model = LinkBatch
    lookup_field = "reference"
    serializer_class = LinkBatchSerializer
    pagination_class = CursorPages
    orders = ("created_at",)
    scopes = {
        "list": Scope.READ,
        "retrieve": Scope.READ,
        "items": Scope.READ,
        "create": Scope.DRAFT,
    }

    known = {"list": {"cursor", "limit", "order"}, "items": {"cursor", "state"}}

    @extend_schema(
        summary="Link many numbers",
        request=NewLinkBatchSerializer,
        responses={202: LinkBatchSerializer},
        examples=[
            OpenApiExample(
                "Two numbers",
                {
                    "items": [
                        {"campaign": "CA-7Q2M4XKD", "number": "+1 415 555 0100"},
                        {"campaign": "CA-7Q2M4XKD", "number": "14155550101"},
                    ]
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Take in up to 1,000 numbers, each naming its campaign, and link them soon.

        The answer comes at once and names where to watch them. A number that cannot be linked
        hinders no other: its item says why.
        """
        asked = NewLinkBatchSerializer(data=request.data)
        asked.fields["organization"].queryset = organizations(request)  # type: ignore[attr-defined]
        asked.is_valid(raise_exception=True)
        batch = actions.take_in_batch(
            asked.validated_data.get("organization") or _only_organization(request),
            [
                actions.Wish(_reference(item["campaign"]), digits_of(item["number"]))
                for item in asked.validated_data["items"]
            ],
            by=request.user,
        )
        [batch] = _counted([batch])
        where = request.build_absolute_uri(reverse("api-link-batch-detail", args=[batch.reference]))
        return Response(self.get_serializer(batch).data, status=202, headers={"Location": where})

    @extend_schema(summary="List batches of numbers")
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.get_serializer(_counted(page), many=True).data)

    @extend_schema(summary="Show a batch of numbers")
    def retrieve(self, request: Request, reference: str) -> Response:
        """How many of its numbers stand where."""
        [batch] = _counted([self.get_object()])
        return Response(self.get_serializer(batch).data)

    @extend_schema(
        summary="List the numbers of a batch",
        responses=LinkBatchItemSerializer(many=True),
        parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=STATES)],
    )
    @action(detail=True, serializer_class=LinkBatchItemSerializer, pagination_class=ByPosition)
    def items(self, request: Request, reference: str) -> Response:
        """Each with what became of it, in the order in which they were given."""
        rows = self.get_object().items.annotate(state=_STATE).select_related("link")
        state = request.query_params.get("state", "")
        if state and state not in STATES:
            raise wrong_parameter("state", f"Give one of these: {', '.join(STATES)}.")
        page = self.paginate_queryset(rows.filter(state=state) if state else rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def _place(request: Request) -> int:
    text = request.query_params.get("cursor", "0")
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise wrong_parameter("cursor", "Take it as it stands in next or previous.")
    return int(text)


def _counted(batches: Iterable[LinkBatch]) -> list[Any]:
    """The batches with `counts`, in one query for all of them."""
    batches = list(batches)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    items = LinkBatchItem.objects.filter(batch__in=batches).annotate(state=_STATE).order_by()
    for batch_id, state, count in items.values_list("batch", "state").annotate(n=Count("pk")):
        counts[batch_id][state] = count
    for batch in batches:
        given = counts[batch.pk]
        batch.counts = {state: given[state] for state in STATES if state in given}  # type: ignore[attr-defined]
    return batches


def _only_organization(request: Request) -> Organization:
    if only := only_organization(request):
        return only
    raise serializers.ValidationError({"organization": ["Say which one."]}, "required")


def _reference(text: str) -> str:
    """As much of it as is kept; what is cut short is longer than any reference."""
    return text if len(text) <= REFERENCE_LENGTH else f"{text[: REFERENCE_LENGTH - 1]}…"
