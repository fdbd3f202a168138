"""What programs' authors read: the schema as a file, and pages that explain it.

They hold no secrets and need no sign-in. The schema that is served is the committed one, which the
tests hold against the code; making it anew for each reader would cost a second.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

import registrations.api
from registrations.api.remedies import REMEDIES
from registrations.api.schema import document

SCHEMA_FILE = Path(registrations.api.__file__).with_name("schema.yaml")
METHODS = ("get", "post", "put", "patch", "delete")


class Open(APIView):
    """A view that asks nobody who he is."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []


class Yaml(BaseRenderer):
    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"


class SchemaView(Open):
    """The description of the API, as YAML or (`?format=json`, or asked for in `Accept`) as JSON."""

    renderer_classes = [Yaml, JSONRenderer]
    # It describes the others.
    schema = None

    def get(self, request: Request) -> HttpResponse:
        renderer = request.accepted_renderer
        text = _written()[renderer.format]
        etag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return HttpResponseNotModified(headers={"ETag": etag})
        headers = {"ETag": etag, "Vary": "Accept"}
        return HttpResponse(text, content_type=renderer.media_type, headers=headers)


class NowhereView(Open):
    """Whatever address under /api/ there is not: a problem document, and not a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


@dataclass(frozen=True)
class Operation:
    """One line of the table of contents."""

    method: str
    path: str
    summary: str
    scope: str
    address: str


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Everything the API understands, to read and to try."""
    return render(request, "portal/api_docs.html", {"parts": _contents(), "info": _read()["info"]})


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Every code of a problem document."""
    return render(request, "portal/api_problems.html", {"remedies": REMEDIES.values()})


@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """One code: what it means and what to do; the `type` of a problem document leads here."""
    if code not in REMEDIES:
        raise Http404
    example = json.dumps(document(code), indent=2, ensure_ascii=False)
    given = {"remedy": REMEDIES[code], "example": example}
    return render(request, "portal/api_problem.html", given)


@cache
def _read() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(SCHEMA_FILE.read_bytes(), Loader=yaml.CSafeLoader)  # noqa: S506
    return loaded


@cache
def _written() -> dict[str, bytes]:
    """The schema by the format in which it is served."""
    as_json = json.dumps(_read(), ensure_ascii=False, default=str)
    return {"yaml": SCHEMA_FILE.read_bytes(), "json": as_json.encode()}


@cache
def _contents() -> list[tuple[dict[str, str], list[Operation]]]:
    """The parts of the API in the schema's order, each with its operations."""
    found = list(_operations())
    return [
        (tag, [operation for name, operation in found if name == tag["name"]])
        for tag in _read().get("tags", [])
    ]


def _operations() -> Iterator[tuple[str, Operation]]:
    for path, methods in _read()["paths"].items():
        for method in METHODS:
            if method in methods:
                told = methods[method]
                [tag] = told["tags"]
                scopes: list[str] = next(
                    (one["key"] for one in told["security"] if "key" in one), []
                )
                yield (
                    tag,
                    Operation(
                        method.upper(),
                        path,
                        told["summary"],
                        ", ".join(scopes),
                        f"#/{tag}/{told['operationId']}",
                    ),
                )
