"""The API's description of itself (OpenAPI 3.1): what all operations have in common is told here.

The views say what is theirs. Who may, how a request is repeated safely, and which problems may
come, follows from what a view *is*, so that no view can forget to tell it.
`./run schema` writes all of it to schema.yaml, which is what the portal serves.
"""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from registrations.api.idempotency import HEADER, LONGEST_KEY, REPLAYED
from registrations.api.remedies import REMEDIES
from registrations.models import Scope

PROBLEM = "application/problem+json"
DESCRIPTION = """\
Register brands, campaigns and numbers for US text messages through Plivo, as people do on the
portal's pages: by the same rules, under the same law.

- **Sign in** with a key: `Authorization: Bearer dlc_…`. It acts for one organization, as its owner,
  as far as its scopes reach. Who asked for something cannot approve it, with whichever key.
- **Ask again** without fear: give each POST an `Idempotency-Key`.
- **Edit** what you have seen: send the `ETag` you read as `If-Match`.
- **Refusals** are problem documents (RFC 9457). Decide by their `code`.
- **Lists** come in pages; follow `next` until it is null.
- **News** come from the events feed, or as webhooks in the Standard Webhooks form.
- What is not understood is refused, never ignored: unknown members and parameters are a 400.
"""
# The parts of the API, in the order in which one needs them.
TAGS = {
    "organizations": "Organizations: for whom one acts",
    "enums": "Enums: the words that fields understand",
    "preflight": "Preflight: what would be refused, without saving anything",
    "brands": "Brands: who sends",
    "campaigns": "Campaigns: what is sent, and how people agreed to it",
    "number-links": "Number links: which number sends for which campaign",
    "link-batches": "Link batches: many numbers in one request",
    "adoption": "Adoption: what exists at Plivo already",
    "imports": "Imports: many brands or campaigns from a CSV file",
    "events": "Events: every change, in order and without gaps",
    "webhooks": "Webhooks: being told of changes",
    "submissions": "Submissions: the requests to Plivo, and what came of them",
    "callbacks": "Callbacks: what Plivo said",
    "audit-entries": "Audit entries: who moved what, when and why",
}
# Which refusals an operation may answer with; the codes of each are those of `REMEDIES`.
RESPONSES = {
    400: ("BadRequest", "The request is not as it must be; `errors` says where."),
    401: ("Unauthorized", "No key was shown, or one that opens nothing."),
    403: ("Forbidden", "The key's scopes, its owner's roles or four eyes do not allow it."),
    404: ("NotFound", "There is nothing here that the caller may see."),
    406: ("NotAcceptable", "None of the formats in `Accept` is spoken here."),
    409: ("Conflict", "The law does not allow the move from here, or it is being made already."),
    412: ("PreconditionFailed", "It has changed since the ETag in `If-Match` was read."),
    413: ("TooLarge", "The body is too large."),
    415: ("UnsupportedMediaType", "The body is not JSON."),
    422: ("Unprocessable", "It would certainly be refused, or its Idempotency-Key was used."),
    429: ("TooManyRequests", "The key asked oftener than it may; `Retry-After` says how long."),
    503: ("PlivoUnavailable", "Plivo had to be asked for this, and did not answer."),
}
DONE = {
    "200": "As it is now.",
    "201": "Made; `Location` says where it is.",
    "202": "Taken in; it is done soon.",
    "204": "Done.",
}
REFERENCE = {
    "in": "path",
    "name": "reference",
    "required": True,
    "description": "How the portal calls it, as `BR-7Q2M4XKD`.",
    "schema": {"type": "string", "pattern": "^[A-Z]{2}-[0-9A-Z]{8}$"},
}
# What every message to a webhook carries (https://www.standardwebhooks.com).
MESSAGE_HEADERS = {
    "webhook-id": "Names the message, however often it is sent: take each name once.",
    "webhook-timestamp": "When it was sent, in seconds since 1970: refuse what is old.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of id, timestamp and body joined by dots, in "
    "base64; one for each secret that is valid, with blanks between them.",
}
INSTANCE = "4f1c7c2e9a6b3d80"
EXAMPLES: dict[str, dict[str, Any]] = {
    "invalid": {
        "errors": [{"code": "invalid", "pointer": "/website", "detail": "Enter a valid URL."}]
    },
    "permission_denied": {"detail": "This key lacks the scope “approve”."},
    "illegal_move": {
        "detail": "Brand BR-7Q2M4XKD is registered and cannot become in_review.",
        "from": "registered",
        "to": "in_review",
        "lawful_now": [],
    },
    "blocked": {
        "errors": [
            {
                "code": "blocked",
                "pointer": "/ein",
                "detail": "An EIN has nine digits.",
                "remedy": "Take it from the IRS letter CP 575, as 12-3456780.",
            }
        ]
    },
}


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "registrations.api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        scopes = "\n".join(f"- `{scope.value}`: {scope.label}" for scope in Scope)
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "dlc_<prefix>_<secret>",
            "description": "A key of one organization, made on the page “API keys”. It acts as "
            "its owner, as far as her roles reach and its own scopes:\n\n" + scopes,
        }

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        # OpenAPI 3.1 lets a requirement name roles, whatever the scheme.
        scope = scope_of(auto_schema.view, auto_schema.method)
        return {self.name: [scope.value] if scope else []}


class BrowserScheme(OpenApiAuthenticationExtension):
    target_class = "registrations.api.authentication.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-session",
            "description": "Whoever is signed in to the pages. What changes something also takes "
            "the header `X-CSRFToken`, which the page “API” adds by itself.",
        }


def scope_of(view: Any, method: str) -> Scope | None:
    """What a key needs for this operation; None where keys do nothing."""
    found: Scope | None = view.scopes.get(getattr(view, "action", None) or method.lower())
    return found


class Schema(AutoSchema):
    """What drf-spectacular finds out by itself, and what all operations of ours have in common."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        words = operation.get("description", "").strip()
        if "summary" not in operation:
            first, _, words = words.partition("\n\n")
            operation["summary"] = re.sub(r"\s+", " ", first).rstrip(".")
        scope = scope_of(self.view, self.method)
        needs = f"Needs the scope `{scope.value}`." if scope else "Keys do not do this."
        operation["description"] = "\n\n".join(part for part in (words.strip(), needs) if part)
        return operation

    def get_operation_id(self) -> str:
        """As `brands_submit`: the resource, and what is done with it."""
        tokens = [token.replace("-", "_") for token in self._tokenize_path()]
        action = getattr(self.view, "action", None) or self.method_mapping[self.method.lower()]
        return "_".join([*tokens, *([] if tokens[-1:] == [action] else [action])])

    def get_tags(self) -> list[str]:
        return self._tokenize_path()[:1]

    def _is_list_view(self, serializer: Any = None) -> bool:
        """An answer is a list where it comes in pages; what only begins at some number is not."""
        if getattr(self.view, "action", "") == "list":
            return getattr(self.view, "pagination_class", None) is not None
        return bool(super()._is_list_view(serializer))

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        known = [REFERENCE for name in variables if name == "reference"]
        return known + super()._resolve_path_parameters(
            [name for name in variables if name != "reference"]
        )

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._headers()]

    def _headers(self) -> list[OpenApiParameter]:
        if not self._answers_once():
            return []
        return [
            OpenApiParameter(
                HEADER,
                {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
                OpenApiParameter.HEADER,
                description="A name of your own making for this request, as a random UUID. "
                "Whoever asks the same again under it, within a week, gets the same answer, and "
                "it is done once.",
            ),
            OpenApiParameter(
                REPLAYED,
                {"type": "string", "enum": ["true"]},
                OpenApiParameter.HEADER,
                description="Present where this was answered before.",
                response=[200, 201, 202],
            ),
        ]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            for status, response in responses.items():
                response["description"] = response["description"] or DONE.get(status, "")
            if self._takes("If-None-Match"):
                responses["304"] = {"description": "You have it as it is."}
            for refusal in self._refusals():
                responses.setdefault(
                    str(refusal), {"$ref": f"#/components/responses/{RESPONSES[refusal][0]}"}
                )
        return responses

    def _refusals(self) -> list[int]:
        """The statuses with which this operation may refuse."""
        known = {400, 401, 403, 406, 429} | getattr(self.view, "refusals", set())
        if "{" in self.path:
            known.add(404)
        if self.method in ("POST", "PATCH", "PUT"):
            known |= {413, 415}
        if self._answers_once():
            known |= {409, 422}
        if self._takes("If-Match"):
            known |= {409, 412}
        return sorted(known)

    def _takes(self, header: str) -> bool:
        return any(
            isinstance(parameter, OpenApiParameter) and parameter.name == header
            for parameter in self.get_override_parameters()
        )

    def _answers_once(self) -> bool:
        return self.method == "POST" and getattr(self.view, "answers_once", False)


def only_the_api(endpoints: list[Any], **_: Any) -> list[Any]:
    """What is described: not the addresses at which Plivo calls back, which are nobody else's."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what operations refer to: the problem document, and each refusal with its codes."""
    result["info"]["description"] = DESCRIPTION
    used = {
        tag for path in result["paths"].values() for one in path.values() for tag in one["tags"]
    }
    result["tags"] = [
        {"name": name, "description": words} for name, words in TAGS.items() if name in used
    ]
    for name, message in result.get("webhooks", {}).items():
        message["post"] |= {
            "operationId": f"webhook_{name}",
            "tags": ["webhooks"],
            "parameters": [
                {
                    "in": "header",
                    "name": header,
                    "required": True,
                    "description": words,
                    "schema": {"type": "string"},
                }
                for header, words in MESSAGE_HEADERS.items()
            ],
        }
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(PROBLEM_SCHEMAS)
    components["responses"] = {
        name: _response(status, words) for status, (name, words) in RESPONSES.items()
    }
    return result


def _response(status: int, words: str) -> dict[str, Any]:
    remedies = [row for row in REMEDIES.values() if row.status == status]
    response: dict[str, Any] = {
        "description": words,
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {
                    row.code: {"summary": row.meaning, "value": document(row.code)}
                    for row in remedies
                },
            }
        },
    }
    if status == 429:
        response["headers"] = {
            "Retry-After": {
                "description": "How many seconds to wait.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    if status == 401:
        response["headers"] = {
            "WWW-Authenticate": {
                "description": "How to sign in.",
                "schema": {"type": "string"},
            }
        }
    return response


def document(code: str) -> dict[str, Any]:
    """A problem document of this code, as an example."""
    row = REMEDIES[code]
    return {
        "type": f"/api/docs/problems/{code}",
        "title": row.title,
        "status": row.status,
        "code": code,
        "detail": row.meaning,
        "request_id": INSTANCE,
        **EXAMPLES.get(code, {}),
    }


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


PROBLEM_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "A refusal (RFC 9457), or a fault of ours. There may be more members than "
        "these; programs decide by `code`, which stays the same, and never by the words.",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": _text("A page about problems of this code.", format="uri-reference"),
            "title": _text("The status in words."),
            "status": {"type": "integer", "description": "The HTTP status.", "minimum": 400},
            "code": _text("What is the matter: " + ", ".join(f"`{code}`" for code in REMEDIES)),
            "detail": _text("What is the matter here, in words."),
            "request_id": _text("Also in the header X-Request-ID, and in the portal's log."),
            "errors": {
                "type": "array",
                "description": "Each thing that is wrong, and where.",
                "items": {"$ref": "#/components/schemas/ProblemError"},
            },
            "from": _text("Where the registration stands (illegal_move)."),
            "to": _text("Where it was to go (illegal_move)."),
            "lawful_now": {
                "type": "array",
                "description": "Where it may go from here (illegal_move).",
                "items": {"type": "string"},
            },
        },
    },
    "ProblemError": {
        "type": "object",
        "description": "One thing that is wrong.",
        "required": ["code", "pointer", "detail"],
        "properties": {
            "code": _text("What is wrong: a rule of preflight, or of the field."),
            "pointer": _text("A JSON pointer (RFC 6901) to the member; empty for the whole."),
            "detail": _text("What is wrong, in words."),
            "remedy": _text("What to write instead."),
        },
    },
}
