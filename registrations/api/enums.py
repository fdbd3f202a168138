"""The value lists: what a field may hold, and how people call it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from registrations.api.filtering import RefusesUnknown
from registrations.api.idempotency import AnswersOnce
from registrations.lifecycle import Actor, Cause, Kind, statuses_of
from registrations.models import Decision, Operation, Phase, Scope, State
from registrations.models.choices import (
    SUB_USE_CASES,
    AltBusinessIdType,
    CustomerType,
    EntityType,
    Seniority,
    StockExchange,
    UseCase,
    Vertical,
)

# By the name of the field that holds them.
LISTS: dict[str, Iterable[tuple[str, Any]]] = {
    "customer_type": CustomerType.choices,
    "entity_type": EntityType.choices,
    "vertical": Vertical.choices,
    "stock_exchange": StockExchange.choices,
    "alt_business_id_type": AltBusinessIdType.choices,
    "contact_seniority": Seniority.choices,
    "usecase": UseCase.choices,
    "sub_usecases": SUB_USE_CASES,
    **{
        f"{kind.value}_status": [(one.value, one.label) for one in statuses_of(kind)]
        for kind in Kind
    },
    "operation": Operation.choices,
    "state": State.choices,
    "phase": Phase.choices,
    "decision": Decision.choices,
    "actor": Actor.choices,
    "cause": Cause.choices,
    "scope": Scope.choices,
}


class ChoiceSerializer(serializers.Serializer):
    """A value, and how people call it."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


EnumsSerializer = type(
    "EnumsSerializer",
    (serializers.Serializer,),
    {"__doc__": "Every list.", **{name: ChoiceSerializer(many=True) for name in LISTS}},
)


class Enums(RefusesUnknown, AnswersOnce, ViewSet):
    """The value lists."""

    scopes = {"list": Scope.READ}

    @extend_schema(responses=EnumsSerializer)
    def list(self, request: Request) -> Response:
        """List what each field may hold, by the field's name.

        Which use cases a certain brand may have, the brand's own list tells.
        """
        return Response(
            {
                name: [{"value": value, "label": str(label)} for value, label in choices]
                for name, choices in LISTS.items()
            }
        )
