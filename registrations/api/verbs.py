"""The verbs of `actions.VERBS` as addresses, so that programs can do what the pages offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registrations import actions
from registrations.actions import LONGEST_NOTE, IllegalMove, Verb
from registrations.api.fields import Strict, Text
from registrations.api.problems import Problem
from registrations.lifecycle import Actor, Status, lawful_moves
from registrations.models import Role, Scope, roles_of

# What a key needs for each verb; one that does not stand here yet, what only few keys have.
SCOPES = {
    "submit": Scope.SUBMIT,
    "withdraw": Scope.SUBMIT,
    "ask-deactivation": Scope.SUBMIT,
    "approve": Scope.APPROVE,
    "return": Scope.APPROVE,
    "take-back": Scope.APPROVE,
    "settle-conflict": Scope.APPROVE,
    "deactivate": Scope.APPROVE,
    "revise": Scope.DRAFT,
    "link": Scope.DRAFT,
    "unlink": Scope.DRAFT,
    "confirm": Scope.DRAFT,
}
HATS = {Role.MARKETER: Actor.MARKETER, Role.COMPLIANCE: Actor.COMPLIANCE}

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you read. If it has changed since, nothing is done (412).",
)


class NothingSerializer(Strict):
    """Nothing has to be said with it."""


class NoteSerializer(Strict):
    """How one knows."""

    note = Text(max_length=LONGEST_NOTE)


class DigestSerializer(Strict):
    """What was looked at: the digest that the preview gave."""

    digest = serializers.CharField(max_length=64)


class ReturnSerializer(Strict):
    """What is to be changed: about the whole, beside single fields, or both."""

    note = Text(max_length=LONGEST_NOTE, required=False, allow_blank=True)
    field_notes = serializers.DictField(
        child=Text(max_length=LONGEST_NOTE, allow_blank=True),
        required=False,
        help_text='As {"website": "It does not open."}.',
    )


BODIES: dict[str, type[Strict]] = {
    "": NothingSerializer,
    "note": NoteSerializer,
    "digest": DigestSerializer,
}
ViewSet = TypeVar("ViewSet", bound=type)


def with_verbs(view: ViewSet) -> ViewSet:
    """Give a resource an address for each verb of its kind, with the scope that it needs."""
    kind = view.model.kind  # type: ignore[attr-defined]
    for verb in actions.VERBS:
        if kind in verb.kinds:
            use = _route(verb)
            setattr(view, use.__name__, use)
            view.scopes = {**view.scopes, use.__name__: scope_of(verb)}  # type: ignore[attr-defined]
    return view


def scope_of(verb: Verb) -> Scope:
    return SCOPES.get(verb.name, Scope.APPROVE)


def _route(verb: Verb) -> Callable[..., Response]:
    body = ReturnSerializer if verb.name == "return" else BODIES[verb.takes]

    def use(self: Any, request: Request, reference: str) -> Response:
        return self.use(verb, body, request)

    use.__name__ = verb.name.replace("-", "_")
    use.__doc__ = f"{verb.label}.\n\n{verb.explanation}"
    routed = action(detail=True, methods=["post"], url_path=verb.name, url_name=verb.name)(use)
    asks = None if body is NothingSerializer else body
    # In this order: the route would forget what was said before it.
    described: Callable[..., Response] = extend_schema(request=asks, parameters=[IF_MATCH])(routed)
    return described


def said_in(body: type[Strict], data: Any) -> dict[str, Any]:
    """What a body says, checked."""
    serializer = body(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def stop_if_unlawful(verb: Verb, registration: Any, user: Any) -> None:
    """Tell that it is not the time for this verb, before anything is wrong with what was said.

    Whether somebody may use it at all is the action's to say, and comes first.
    """
    if registration.status not in verb.statuses and roles_of(user) & verb.roles:
        stand = Status(registration.status).label.lower()
        raise IllegalMove(
            f"{registration} is {stand}; from there one cannot “{verb.label.lower()}”.",
            here=registration.status,
            wanted=verb.leads_to,
        )


@contextmanager
def telling_what_is_lawful(registration: Any, user: Any) -> Iterator[None]:
    """Whatever move the law refuses: tell where it stands, where it may go, and by which verbs."""
    try:
        yield
    except IllegalMove as refusal:
        registration.refresh_from_db()
        worn = roles_of(user)
        moves = {
            move.value
            for role, actor in HATS.items()
            if role in worn
            for move in lawful_moves(registration.kind, registration.status, actor)
        }
        where = {"from": registration.status, "to": refusal.wanted}
        raise Problem(
            409,
            "illegal_move",
            str(refusal),
            **{name: status for name, status in where.items() if status},
            lawful_now=sorted(moves),
            verbs_now=[verb.name for verb in actions.what_can_be_done(registration, user)],
        ) from refusal
