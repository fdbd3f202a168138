"""Brands, campaigns and number links: read, written, and moved by verbs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registrations import actions
from registrations.actions import LONGEST_COMMENT
from registrations.api import etags, including
from registrations.api.callers import key_of
from registrations.api.fields import Strict, Text
from registrations.api.filtering import LISTS, listed, with_updated_at
from registrations.api.findings import FeeLineSerializer, FindingSerializer
from registrations.api.problems import Problem
from registrations.api.resources import Readable
from registrations.api.serializers import (
    BrandSerializer,
    CampaignSerializer,
    NumberLinkSerializer,
)
from registrations.api.serializers.evidence import masked_payload
from registrations.api.verbs import (
    IF_MATCH,
    said_in,
    stop_if_unlawful,
    telling_what_is_lawful,
    with_verbs,
)
from registrations.lifecycle import Kind
from registrations.models import Brand, Campaign, NumberLink, Operation, Scope
from registrations.models.choices import UseCase

# Encrypted, long, and not told: these are not even read.
UNREAD = ("typed", "last_lookup")

FIELDS = OpenApiParameter("fields", str, description="Tell only these fields: a,b,c.")
INCLUDE = OpenApiParameter(
    "include",
    str,
    description="Tell these too, under `included`: brand, campaign, numbers, submissions, trail "
    "(the newest fifty of each); of one registration also verbs, those that you may use on it "
    "now. Submissions and trail need the scope `evidence`.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you have: if it still holds, the answer is 304 and empty.",
)


class CommentSerializer(Strict):
    """What everybody who sees the registration shall read, now and later."""

    text = Text(max_length=LONGEST_COMMENT)


class PreviewSerializer(serializers.Serializer):
    """What approval would send now, what it would cost, and what stands against it."""

    operation = serializers.ChoiceField(choices=Operation.choices)
    digest = serializers.CharField(help_text="What an approval has to name.")
    fee = serializers.DecimalField(8, 2, help_text="US dollars, charged once.")
    fee_lines = FeeLineSerializer(many=True)
    findings = FindingSerializer(many=True)
    payload = serializers.DictField(help_text="The tax id is masked.")


class UsecaseSerializer(serializers.Serializer):
    """A use case, as campaigns name it."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class UsecasesSerializer(serializers.Serializer):
    """The use cases that a campaign of this brand may have."""

    known = serializers.BooleanField(
        help_text="Plivo has said which it opens to the brand; until then, all are told."
    )
    items = UsecaseSerializer(many=True)


class Registrations(Readable):
    """What all kinds share. Nothing is deleted, and nothing replaced whole."""

    lookup_field = "reference"
    lookup_value_regex = "[A-Za-z]{2}-[0-9A-Za-z]{8}"
    orders = ("created_at", "updated_at")
    related: ClassVar[tuple[str, ...]] = (
        "account",
        "created_by",
        "requested_by",
        "deactivation_requested_by",
    )
    scopes = {
        "list": Scope.READ,
        "retrieve": Scope.READ,
        "preview": Scope.READ,
        "usecases": Scope.READ,
        "create": Scope.DRAFT,
        "partial_update": Scope.DRAFT,
        "comment": Scope.DRAFT,
    }
    # What `include=` may name.
    includes: ClassVar[tuple[str, ...]] = ("submissions", "trail")

    def parameters(self) -> Collection[str]:
        reads = self.action == "retrieve" or (self.action == "list" and not self._is_csv())
        return {*super().parameters(), *(["include"] if reads else [])}

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "include": self._asked()}

    def fields_asked(self) -> Sequence[str] | None:
        fields = super().fields_asked()
        if fields is not None and self._asked():
            return [*fields, "included"]
        if fields is None and self._is_csv():
            return [name for name in self.fields_told() if name != "included"]
        return fields

    def shown(self) -> QuerySet[Any]:
        asked = self._asked()
        beside = [name for name in self.related if name not in asked]
        rows = with_updated_at(self.get_queryset()).select_related(*beside).defer(*UNREAD)
        return rows.prefetch_related(*including.prefetched(self.model, asked))

    @extend_schema(parameters=[FIELDS, INCLUDE])
    def list(self, request: Request) -> Response:
        """List them, the newest first.

        `updated_since` finds whatever was written or looked up since then, at least; ordered by
        `updated_at`, nothing is missed while one reads.
        """
        return super().list(request)

    @extend_schema(parameters=[FIELDS, INCLUDE, IF_NONE_MATCH])
    def retrieve(self, request: Request, reference: str) -> Response:
        """Show one of them."""
        row = self.get_object()
        if self._asked():
            # What is told along with it changes without it.
            return Response(self.told(row).data)
        etag = etags.etag_of(row)
        headers = {"ETag": etag}
        if etags.is_known(request, etag):
            return Response(status=304, headers=headers)
        return Response(self.told(row).data, headers=headers)

    def create(self, request: Request) -> Response:
        """Begin a draft."""
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = body.save(by=request.user)
        path = f"{request.path}{made.reference}/"
        return self.as_it_stands(made, status=201, Location=request.build_absolute_uri(path))

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, reference: str) -> Response:
        """Change these fields of a draft.

        What is in review or beyond keeps its content; only `external_id` can be changed always.
        """
        seen = self.get_object()
        with telling_what_is_lawful(seen, request.user), transaction.atomic():
            row = self._locked(reference)
            etags.demand_match(request, row)
            body = self.get_serializer(row, data=request.data, partial=True)
            body.is_valid(raise_exception=True)
            body.save(by=request.user)
        return self.as_it_stands(seen)

    @extend_schema(request=CommentSerializer)
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, reference: str) -> Response:
        """Say something about it, for everybody who sees it."""
        row = self.get_object()
        actions.comment(row, by=request.user, **said_in(CommentSerializer, request.data))
        return self.as_it_stands(row)

    def use(self, verb: actions.Verb, body: type[Strict], request: Request) -> Response:
        """Do what the verb says. See `verbs.with_verbs`."""
        row, said = self.get_object(), said_in(body, request.data)
        # Under lock only where the caller depends on what she read; the action locks for itself.
        unchanged = transaction.atomic if etags.is_conditional(request) else nullcontext
        with telling_what_is_lawful(row, request.user), unchanged():
            if etags.is_conditional(request):
                row = self._locked(row.reference)
                etags.demand_match(request, row)
            stop_if_unlawful(verb, row, request.user)
            verb.does(row, by=request.user, **said)
        return self.as_it_stands(row)

    def as_it_stands(self, row: Any, status: int = 200, **headers: str) -> Response:
        """The answer to whatever changed it: as it is now, with its ETag."""
        now = self.shown().get(pk=row.pk)
        headers["ETag"] = etags.etag_of(now)
        return Response(self.told(now).data, status=status, headers=headers)

    def _locked(self, reference: str) -> Any:
        rows = self.get_queryset()
        if self.model is NumberLink:
            # Whoever links a number again locks its campaign first, and so do we.
            links = rows.filter(reference=reference.upper()).values("campaign")
            list(Campaign.objects.select_for_update().filter(pk__in=links))
        return get_object_or_404(rows.select_for_update(), reference=reference.upper())

    def _asked(self) -> Sequence[str]:
        """What the address wants told along with each."""
        if getattr(self, "swagger_fake_view", False) or self.action not in ("list", "retrieve"):
            return []
        known = [*self.includes, *(["verbs"] if self.action == "retrieve" else [])]
        asked = listed(self.request, "include", known) or []
        key = key_of(self.request)
        if key and including.EVIDENCE & set(asked) and Scope.EVIDENCE not in key.usable_scopes:
            message = f"This key lacks the scope “{Scope.EVIDENCE}”."
            raise Problem(403, "permission_denied", message)
        return asked


class Reviewed(Registrations):
    """What compliance approves before it goes to Plivo."""

    @extend_schema(responses=PreviewSerializer)
    @action(detail=True)
    def preview(self, request: Request, reference: str) -> Response:
        """Show what approval would send now, what it would cost, and what stands against it.

        An approval names the `digest`: what has changed since is not approved.
        """
        seen = actions.preview(self.get_object())
        told = {
            "operation": seen.operation,
            "digest": seen.digest,
            "fee": seen.fee,
            "fee_lines": seen.fee_lines,
            "findings": seen.findings,
            "payload": masked_payload(seen.payload),
        }
        return Response(PreviewSerializer(told).data)


@with_verbs
class Brands(Reviewed):
    """The businesses that send."""

    model = Brand
    serializer_class = BrandSerializer
    filterset_class = LISTS[Kind.BRAND]

    @extend_schema(responses=UsecasesSerializer)
    @action(detail=True)
    def usecases(self, request: Request, reference: str) -> Response:
        """List the use cases that a campaign of this brand may have."""
        codes = self.get_object().open_usecases
        labels = dict(UseCase.choices)
        items = [{"value": code, "label": str(labels.get(code, code))} for code in codes or labels]
        return Response({"known": bool(codes), "items": items})


@with_verbs
class Campaigns(Reviewed):
    """What is sent, and how people agreed to get it."""

    model = Campaign
    serializer_class = CampaignSerializer
    filterset_class = LISTS[Kind.CAMPAIGN]
    related = (*Registrations.related, "brand")
    includes = (*Registrations.includes, "brand", "numbers")


@with_verbs
class NumberLinks(Registrations):
    """Numbers on campaigns."""

    model = NumberLink
    serializer_class = NumberLinkSerializer
    filterset_class = LISTS[Kind.NUMBER_LINK]
    related = (*Registrations.related, "campaign")
    includes = (*Registrations.includes, "campaign")

    def create(self, request: Request) -> Response:
        """Put one number on a campaign. For many, there are link batches."""
        return super().create(request)
