"""Many brands or campaigns from a CSV file, each with its own outcome."""

from __future__ import annotations

import re
from typing import IO, Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from registrations.api.callers import key_of, only_organization, organizations
from registrations.api.filtering import RefusesUnknown
from registrations.api.idempotency import AnswersOnce
from registrations.api.problems import Problem, wrong_parameter
from registrations.api.rendering import CSV
from registrations.api.serializers.importing import ImportSerializer
from registrations.importing import (
    LARGEST_FILE,
    LAYOUTS,
    MOST_ROWS,
    Import,
    Result,
    Table,
    Unreadable,
    answered,
    counted,
)
from registrations.models import Brand, Campaign, Organization, Registration, Scope

# What Django reads of a body as a whole, which an Idempotency-Key needs.
LARGEST_BODY = min(LARGEST_FILE, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
MODELS: dict[str, type[Registration]] = {"brands": Brand, "campaigns": Campaign}
YES_OR_NO = {"true": True, "false": False}

BESIDE_EACH_ROW = "What became of each row."
PARAMETERS = [
    OpenApiParameter("dry_run", bool, description="Only check: nothing is saved.", default=False),
    OpenApiParameter(
        "send",
        bool,
        description="Also send for review the rows without a reason of the severity block. Needs "
        "the scope `submit` too.",
        default=False,
    ),
    OpenApiParameter(
        "organization",
        int,
        description="Its id. Needed only if you have several, as a key never has.",
    ),
]


class CSVParser(BaseParser):
    """Takes a CSV file as it is; what is in it is read by `registrations.importing`."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, bytes]:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            words = f"A file has at most {LARGEST_BODY:,} bytes here. Split it."
            raise Problem(413, "too_large", words)
        return {"file": body}


def _described(model: type[Registration]) -> Any:
    """What both kinds have in common in the API's description."""
    layout, plural = LAYOUTS[model], model._meta.verbose_name_plural
    some = [name for name in layout.names if layout.example.get(name)][:4]
    row = ",".join(layout.example[name] for name in some)
    told = {
        "dry_run": False,
        "counts": {"created": 1, "refused": 1},
        "rows": [
            {
                "row": 2,
                "external_id": layout.example["external_id"],
                "result": "created",
                "reference": f"{model.reference_prefix}-7Q2M4XKD",
                "reasons": [],
            },
            {
                "row": 3,
                "external_id": "",
                "result": "refused",
                "reference": None,
                "reasons": [
                    {
                        "rule": "required",
                        "severity": "block",
                        "certainty": "A",
                        "pointer": "/name",
                        "message": "This cannot be left empty.",
                        "remedy": "",
                        "excerpt": "",
                        "source": "",
                    }
                ],
            },
        ],
    }
    return extend_schema(
        summary=f"Import {plural}",
        description=(
            f"Make a draft of each row of a CSV file: UTF-8, at most {MOST_ROWS:,} rows and "
            f"{LARGEST_BODY:,} bytes. Its first line names the columns, which are called as the "
            f"fields are: {', '.join(f'`{name}`' for name in layout.names)}.\n\n"
            "A row that does not fit is refused and hinders no other; what carriers would refuse "
            "hinders no draft, but stands among its `reasons`. A row whose `external_id` you have "
            "already is left alone: with it, a file can be imported again. A file that cannot be "
            "read is refused whole (400).\n\n"
            "With `Accept: text/csv` the same file comes back with two more columns, `result` and "
            "`reasons`. It can be corrected and sent again as it is."
        ),
        parameters=PARAMETERS,
        request={"text/csv": OpenApiTypes.BINARY},
        responses={
            (200, "application/json"): OpenApiResponse(ImportSerializer, BESIDE_EACH_ROW),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, BESIDE_EACH_ROW),
        },
        examples=[
            OpenApiExample(
                "A row",
                f"{','.join(some)}\n{row}\n",
                media_type="text/csv",
                request_only=True,
            ),
            OpenApiExample(
                "Two rows",
                told,
                media_type="application/json",
                response_only=True,
                status_codes=["200"],
            ),
            OpenApiExample(
                "The same file",
                f"{','.join(some)},result,reasons\n{row},created,\n",
                media_type="text/csv",
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )


class Imports(RefusesUnknown, AnswersOnce, ViewSet):
    """Many brands or campaigns from a CSV file."""

    scopes = dict.fromkeys(MODELS, Scope.DRAFT)
    known = dict.fromkeys(MODELS, {"dry_run", "send", "organization"})
    parser_classes = [CSVParser]
    renderer_classes = [JSONRenderer, CSV]
    checked: tuple[Table, Import] | None = None

    def prepare(self, request: Request) -> None:
        # Checking takes its time, and others would wait for the transaction.
        self.checked = self._checked(request)

    @_described(Brand)
    @action(detail=False, methods=["post"])
    def brands(self, request: Request) -> HttpResponseBase:
        return self._answer(request)

    @_described(Campaign)
    @action(detail=False, methods=["post"])
    def campaigns(self, request: Request) -> HttpResponseBase:
        return self._answer(request)

    def _answer(self, request: Request) -> HttpResponseBase:
        table, wanted = self.checked or self._checked(request)
        dry_run = _flag(request, "dry_run")
        outcomes = wanted.outcomes if dry_run else wanted.carry_out()
        if isinstance(request.accepted_renderer, CSV):
            name = f"{self.action}-answer.csv"
            return HttpResponse(
                answered(table, outcomes),
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        told = {"dry_run": dry_run, "counts": _told(counted(outcomes)), "rows": outcomes}
        return Response(ImportSerializer(told).data)

    def _checked(self, request: Request) -> tuple[Table, Import]:
        model = MODELS[self.action]
        send = _flag(request, "send")
        key = key_of(request)
        if send and key and Scope.SUBMIT not in key.usable_scopes:
            words = f"This key lacks the scope “{Scope.SUBMIT}”."
            raise Problem(403, "permission_denied", words)
        try:
            given: Any = request.data  # empty if there was no body
            table = LAYOUTS[model].read(given.get("file", b""))
        except Unreadable as trouble:
            error = {"code": "unreadable", "pointer": "", "detail": str(trouble)}
            raise Problem(400, "invalid", "The file cannot be read.", [error]) from trouble
        return table, Import(table, model, _organization(request), by=request.user, send=send)


def _told(counts: dict[Result, int]) -> dict[str, int]:
    return {result.value: count for result, count in counts.items()}


def _flag(request: Request, name: str) -> bool:
    word = request.query_params.get(name, "false")
    if word not in YES_OR_NO:
        raise wrong_parameter(name, "Say true or false.")
    return YES_OR_NO[word]


def _organization(request: Request) -> Organization:
    """The one that is named, or the only one."""
    mine, named = organizations(request), request.query_params.get("organization")
    if named is not None:
        found = mine.filter(pk=named).first() if re.fullmatch("[0-9]{1,18}", named) else None
        if found is None:
            raise wrong_parameter("organization", "There is none of this number that you may use.")
        return found
    if only := only_organization(request):
        return only
    raise wrong_parameter("organization", "Say which one.")
