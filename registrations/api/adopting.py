"""Adopting what was made outside the portal: what only Plivo has, and giving it rows here."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from registrations import actions
from registrations.api.callers import key_of, only_organization, organizations
from registrations.api.filtering import RefusesUnknown
from registrations.api.idempotency import AnswersOnce
from registrations.api.problems import wrong_parameter
from registrations.api.serializers.adopting import (
    AdoptionsSerializer,
    ComparisonSerializer,
    NewAdoptionSerializer,
)
from registrations.lifecycle import Kind
from registrations.models import Organization, PlivoAccount, Scope

# Plivo is asked for so many seconds while a program waits.
LOOK_SECONDS = 10
ADOPT_SECONDS = 20


class Adoptable(RefusesUnknown, AnswersOnce, ViewSet):
    """What was made outside the portal."""

    scopes = {"list": Scope.APPROVE, "adopt": Scope.APPROVE}
    known = {"list": {"account", "kind"}}
    # Plivo may not answer.
    refusals = {503}

    # What Plivo was asked before the transaction of a request with an Idempotency-Key.
    asked: actions.Asked | None = None

    @extend_schema(
        summary="Compare with Plivo",
        tags=["adoption"],
        parameters=[
            OpenApiParameter(
                "account",
                OpenApiTypes.STR,
                description="The auth id of the Plivo account; needed only if there are several.",
            ),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=Kind.values, description="Only these."),
        ],
        responses=ComparisonSerializer,
        examples=[
            OpenApiExample(
                "A brand that was made elsewhere",
                {
                    "account": "MAXXXXXXXXXXXXXXXXXX",
                    "offers": [
                        {
                            "plivo_id": "BX7Q2M4",
                            "kind": "brand",
                            "name": "Initech",
                            "status": "registered",
                            "plivo_status": "COMPLETED",
                            "brand_id": "BX7Q2M4",
                            "organization": None,
                            "obstacle": "",
                            "made_by": None,
                        }
                    ],
                    "drift": [],
                    "profiles": [],
                    "unread": [],
                },
                response_only=True,
            )
        ],
    )
    def list(self, request: Request) -> Response:
        """What only Plivo has, and what stands otherwise there than here.

        Plivo is asked for it, for ten seconds at most, and nothing is changed. A key is told
        nothing that belongs to another organization. For compliance staff and operators.
        """
        kind = request.query_params.get("kind", "")
        if kind and kind not in Kind.values:
            raise wrong_parameter("kind", f"Give one of these: {', '.join(Kind.values)}.")
        comparison = actions.compare(
            _account_in(request), by=request.user, seconds=LOOK_SECONDS, within=_within(request)
        )
        if kind:
            comparison = replace(
                comparison,
                offers=[offer for offer in comparison.offers if offer.there.kind == kind],
                drift=[drift for drift in comparison.drift if drift.registration.kind == kind],
            )
        return Response(ComparisonSerializer(comparison).data)

    def prepare(self, request: Request) -> None:
        # What is wrong with the body is said by the work itself, so that the answer is kept.
        with suppress(serializers.ValidationError):
            self.asked = _asked(request)

    @extend_schema(
        summary="Adopt",
        tags=["adoption"],
        request=NewAdoptionSerializer,
        responses=AdoptionsSerializer,
        examples=[
            OpenApiExample(
                "A brand, a campaign on it and all its numbers",
                {
                    "items": [
                        {"plivo_id": "BX7Q2M4", "organization": 7},
                        {"plivo_id": "CK3V9T0"},
                        {"plivo_id": "CK3V9T0/*"},
                    ],
                    "dry_run": True,
                },
                request_only=True,
            ),
            OpenApiExample(
                "What would become of them",
                {
                    "dry_run": True,
                    "items": [
                        {
                            "plivo_id": "BX7Q2M4",
                            "kind": "brand",
                            "name": "Initech",
                            "result": "would_be_adopted",
                            "reason": "",
                            "reference": None,
                            "url": None,
                            "html_url": None,
                        }
                    ],
                },
                response_only=True,
            ),
        ],
    )
    @action(detail=False, methods=["post"])
    def adopt(self, request: Request) -> Response:
        """Give rows here to what only Plivo has, as Plivo tells it now; or only try it.

        Nothing is sent and nothing is charged. Each stands or falls by itself, and as often as it
        is asked for: what is here already is answered so. Up to 300 at once; what there was no
        time for is `not_reached`, and can be asked for again. For compliance staff and operators.
        """
        dry_run = _said(request)["dry_run"]
        asked = self.asked or _asked(request)
        outcomes = actions.write_down(asked, by=request.user, dry_run=dry_run)
        told = {"dry_run": dry_run, "items": outcomes}
        return Response(AdoptionsSerializer(told, context={"request": request}).data)


def _asked(request: Request) -> actions.Asked:
    """What Plivo says of what the body wishes for."""
    said = _said(request)
    account = said.get("account") or _only(PlivoAccount.objects.all())
    if account is None:
        raise serializers.ValidationError({"account": ["Say which one."]}, "required")
    owner = only_organization(request)
    return actions.ask_about(
        account,
        [actions.Wanted(one["plivo_id"], one.get("organization", owner)) for one in said["items"]],
        by=request.user,
        seconds=ADOPT_SECONDS,
        within=_within(request),
    )


def _said(request: Request) -> dict[str, Any]:
    body = NewAdoptionSerializer(data=request.data, organizations=organizations(request))
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _account_in(request: Request) -> PlivoAccount:
    """The account that the address names; the only one need not be named."""
    named = request.query_params.get("account")
    accounts = [one for one in PlivoAccount.objects.all() if named in (None, one.auth_id)]
    if len(accounts) != 1:
        raise wrong_parameter("account", "Give the auth id of a Plivo account.")
    return accounts[0]


def _only(rows: QuerySet[Any]) -> Any:
    """The one row there is; None if there are several, or none."""
    some = list(rows[:2])
    return some[0] if len(some) == 1 else None


def _within(request: Request) -> Organization | None:
    """The only organization of which the caller may learn anything, if there is such a limit."""
    key = key_of(request)
    return key.organization if key else None
