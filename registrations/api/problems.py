"""Refusals as problem documents (RFC 9457): a stable code, where it is, and the remedy in words."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from registrations import actions
from registrations.lifecycle import IllegalMove
from registrations.preflight import Finding

CONTENT_TYPE = "application/problem+json"
# When nothing else is wrong, these name the whole problem.
TELLING = {"unknown_field", "read_only"}


class Problem(exceptions.APIException):
    """A refusal with a code of ours. `errors` are [{"code", "pointer", "detail", "remedy"}, …]."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: list[dict[str, str]] | None = None,
        **more: Any,
    ) -> None:
        self.status_code, self.code, self.errors, self.more = status, code, errors or [], more
        super().__init__(detail, code)


def wrong_parameter(name: str, remedy: str, code: str = "invalid_parameter") -> Problem:
    """The query string holds something under this name that is not understood."""
    error = {"code": code, "pointer": "", "parameter": name, "detail": remedy}
    return Problem(400, code, f"The parameter “{name}” is not understood.", [error])


def answer(trouble: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler: whatever is raised, told in one form."""
    problem = _problem_of(trouble)
    if problem is None:
        return None  # a fault of ours: Django answers 500 and logs it
    # Not above: the framework's views take our parsers in while they are imported, and those this.
    from rest_framework.views import set_rollback

    set_rollback()
    request = context["request"]
    document = {
        "type": f"/api/docs/problems/{problem.code}",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "code": problem.code,
        "detail": str(problem.detail),
        "request_id": getattr(request, "request_id", ""),
        **({"errors": problem.errors} if problem.errors else {}),
        **problem.more,
    }
    # A refusal is JSON, also where CSV was asked for.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    headers: dict[str, str] = {}
    if wait := getattr(trouble, "wait", None):
        headers["Retry-After"] = str(wait)
    if header := getattr(trouble, "auth_header", None):
        headers["WWW-Authenticate"] = header
    return Response(
        document, status=problem.status_code, headers=headers, content_type=CONTENT_TYPE
    )


def _problem_of(trouble: Exception) -> Problem | None:
    match trouble:
        case Problem():
            return trouble
        case actions.NotAllowed():
            return Problem(403, "not_allowed", str(trouble))
        case actions.CannotAsk():
            return Problem(503, "plivo_unavailable", str(trouble))
        case actions.Changed():
            return Problem(409, "changed", str(trouble))
        case actions.Taken():
            error = {
                "code": "external_id_taken",
                "pointer": "/external_id",
                "detail": str(trouble),
                "remedy": trouble.remedy,
            }
            return Problem(409, "external_id_taken", str(trouble), [error])
        case actions.Blocked():
            errors = [_of_finding(found) for found in trouble.findings]
            return Problem(422, "blocked", str(trouble), errors)
        case IllegalMove():
            where: dict[str, Any] = {}
            if trouble.wanted:
                where = {"from": trouble.here, "to": trouble.wanted, "lawful_now": trouble.lawful}
            return Problem(409, "illegal_move", str(trouble), **where)
        case exceptions.ValidationError():
            errors = _fields(trouble.detail)
            codes = {error["code"] for error in errors}
            code = codes.pop() if len(codes) == 1 and codes <= TELLING else "invalid"
            return Problem(400, code, "Something in the request is wrong.", errors)
        case ModelError():
            errors = [
                {"code": "invalid", "pointer": "", "detail": text} for text in trouble.messages
            ]
            return Problem(400, "invalid", "Something in the request is wrong.", errors)
        case Http404():
            return Problem(404, "not_found", "There is nothing here that you may see.")
        case PermissionDenied():
            return Problem(403, "permission_denied", str(trouble) or "You may not do this.")
        case RequestDataTooBig():
            return Problem(413, "too_large", "The request is too large. Send less at once.")
        case exceptions.APIException():
            return Problem(trouble.status_code, str(trouble.default_code), str(trouble.detail))
    return None


def _of_finding(found: Finding) -> dict[str, str]:
    return {
        "code": found.rule or "blocked",
        "pointer": f"/{found.field}" if found.field else "",
        "detail": found.message,
        "remedy": found.remedy,
    }


def _fields(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """Every message of DRF's nested errors, with a JSON pointer to what it is about."""
    return list(_flattened(detail, pointer))


def _flattened(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            below = pointer if name == "non_field_errors" else f"{pointer}/{escaped}"
            yield from _flattened(inner, below)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            below = f"{pointer}/{place}" if isinstance(inner, dict) else pointer
            yield from _flattened(inner, below)
    else:
        yield {
            "code": getattr(detail, "code", "invalid"),
            "pointer": pointer,
            "detail": str(detail),
        }
