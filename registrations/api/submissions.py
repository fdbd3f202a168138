"""Requests to Plivo, and what two people decide about those whose outcome is not known."""

from __future__ import annotations

from django_filters import IsoDateTimeFilter  # type: ignore[import-untyped]
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registrations import actions
from registrations.api.fields import Strict
from registrations.api.filtering import AboutList
from registrations.api.resources import Readable
from registrations.api.serializers import SubmissionSerializer
from registrations.api.verbs import said_in
from registrations.filters import SeveralFilter
from registrations.models import Decision, Operation, Scope, State, Submission


class SubmissionList(AboutList):
    """Whose, what and where they stand."""

    operation = SeveralFilter(choices=Operation.choices)
    state = SeveralFilter(choices=State.choices)
    requested_from = IsoDateTimeFilter("requested_at", "gte")
    requested_to = IsoDateTimeFilter("requested_at", "lt")


class DecisionSerializer(Strict):
    """What shall become of it. The first person proposes, a second one makes it so."""

    decision = serializers.ChoiceField(choices=Decision.choices)


class Submissions(Readable):
    """What was asked of Plivo: by whom, for how much, and what was answered."""

    model = Submission
    serializer_class = SubmissionSerializer
    filterset_class = SubmissionList
    lookup_value_regex = "[0-9]{1,18}"
    orders = ("requested_at",)
    related = (
        "brand",
        "campaign",
        "number_link",
        "account",
        "requested_by",
        "approved_by",
        "decision_proposed_by",
        "decided_by",
    )
    scopes = {"list": Scope.EVIDENCE, "retrieve": Scope.EVIDENCE, "decide": Scope.APPROVE}

    @extend_schema(request=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Decide about a paid request whose outcome could not be found out.

        What the first person proposes is done once a second one says the same.
        """
        submission = self.get_object()
        decision = said_in(DecisionSerializer, request.data)["decision"]
        actions.decide(submission, Decision(decision), by=request.user)
        return Response(self.told(self.get_object()).data)
