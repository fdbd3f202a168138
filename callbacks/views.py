"""Where Plivo tells what became of a request. Its signature is its passport."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import APIView

from callbacks import receiving
from callbacks.quarantine import doorkeeper
from registrations.models import Submission
from registrations.models.submission import token_digest
from registrations.peers import peer_of
from registrations.plivo import signature

# Never kept, whoever sends them.
LEFT_OUT = {"Authorization", "Cookie", "Proxy-Authorization"}


class AnswerInJson(BaseContentNegotiation):
    """The answer is JSON, whatever is asked for: an odd Accept or query must not lose the event."""

    def select_parser(self, request: Any, parsers: Any) -> None:
        return None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class CallbackView(APIView):
    """The address of one request (with `token`), or of requests that were made elsewhere.

    Answers 200 with the outcome for whatever Plivo signed, 403 for what it did not, 404 under an
    unknown address, 400, 411 or 413 for a body that is cut short, of unknown length or too long,
    and 503 when the database cannot keep it, so that Plivo tries again.
    """

    # Plivo has no account here, sends no content that DRF should parse, and must never be
    # answered 429: that would lose the event.
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    parser_classes: list[Any] = []
    content_negotiation_class = AnswerInJson

    def get(self, request: Any, token: str = "") -> HttpResponse:
        return self._take(request._request, token)

    def post(self, request: Any, token: str = "") -> HttpResponse:
        return self._take(request._request, token)

    http_method_names = ["get", "post"]

    def _take(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            return _answer(request, token)
        except (DatabaseError, InterfaceError):
            return JsonResponse(
                {"error": "The callback could not be kept; send it again."},
                status=503,
                headers={"Retry-After": "30"},
            )


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Another spelling of an address is none: it is neither redirected nor understood."""
    return JsonResponse({"error": "There is nothing here."}, status=404)


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    path = _canonical_path(request, token)
    submission = None
    if token:
        submission = (
            Submission.objects.select_related(
                "account__main_account", "brand", "campaign", "number_link__campaign"
            )
            .filter(callback_token_digest=token_digest(token))
            .first()
        )
    if path is None or (token and submission is None):
        return nothing_here(request)
    size = _content_length(request)
    if request.method == "POST" and size is None:
        return JsonResponse({"error": "Say how long the body is (Content-Length)."}, status=411)
    if size is not None and size > settings.CALLBACK_MAX_BYTES:
        limit = settings.CALLBACK_MAX_BYTES
        return JsonResponse({"error": f"More than {limit} bytes are not taken."}, status=413)
    body = _body(request)
    if size is not None and len(body) != size:
        # Half a request would use up the signature of the whole one that Plivo sends next.
        return JsonResponse({"error": "The body is shorter than its Content-Length."}, status=400)
    arrival = _arrival(request, path, token, body)
    account, verdict = receiving.who_signed(arrival, submission)
    if account is None or not verdict.valid:
        doorkeeper.refuse(arrival, verdict.reason, submission, account)
        return JsonResponse({"error": "Plivo did not sign this."}, status=403)
    callback = receiving.receive(arrival, account, verdict, submission)
    return JsonResponse({"outcome": callback.outcome})


def _content_length(request: HttpRequest) -> int | None:
    """How long the client says the body is; None if it does not say so in plain digits."""
    size = request.META.get("CONTENT_LENGTH", "")
    # Python refuses to read thousands of digits; the first ones tell that it is too much.
    return int(size.lstrip("0")[:19] or 0) if size.isascii() and size.isdigit() else None


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except UnreadablePostError:  # the client went away
        return b""


def _canonical_path(request: HttpRequest, token: str) -> str | None:
    """The one spelling of this address; None if the client used another, as %61 for a."""
    path = reverse("plivo-callback", args=[token]) if token else reverse("plivo-callback-fixed")
    raw = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or request.path
    raw = raw.partition("?")[0]
    if "://" in raw:
        raw = "/" + raw.split("://", 1)[1].partition("/")[2]
    spelt_plainly = raw == path and unquote(raw) == raw
    return path if spelt_plainly else None


def _arrival(request: HttpRequest, path: str, token: str, body: bytes) -> receiving.Arrival:
    return receiving.Arrival(
        method=str(request.method),
        path=path.replace(token, f"{token[:6]}…") if token else path,
        query=_storable(request.META.get("QUERY_STRING", "")),
        headers={
            name: _storable(value)
            for name, value in request.headers.items()
            if name not in LEFT_OUT
        },
        body=body,
        peer=peer_of(request),
        signatures={name: request.headers.get(name, "") for name in signature.HEADERS},
    )


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
