"""The inspector: every callback as it came, what became of it, and why one was refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from callbacks import actions, diagnosis, receiving, telling
from callbacks.applying import KIND_OF
from callbacks.filters import CallbackFilter
from callbacks.models import PENDING, Callback, Outcome, RefusedCount
from registrations.exporting import csv_response
from registrations.models import Operation, PlivoAccount
from registrations.models.organization import sees_every_organization
from registrations.paging import NEWER_THAN, OLDER_THAN, PAGE_SIZE, page_of
from registrations.peers import peer_of
from registrations.plivo import vocabulary

REPEATS_SHOWN = 50

# What a line of the list shows, and no more: the rest is long, or costs decrypting.
LINE = [
    "received_at",
    "method",
    "path",
    "outcome",
    "word",
    "explanation",
    "scheme",
    "v3",
    "peer",
    "body_length",
    "body_digest",
    "repeat_of",
    "account__auth_id",
    "account__name",
    "submission__operation",
    "submission__api_id",
    *(
        f"submission__{kind}{what}"
        for kind in ("brand", "campaign", "number_link")
        for what in ("", "__reference")
    ),
]


@login_required
@require_GET
def callback_list(request: HttpRequest) -> HttpResponseBase:
    """Every callback that this person may know of, newest first."""
    filters = _filters(request)
    if request.GET.get("format") == "csv":
        rows = filters.qs.order_by("-received_at", "-pk").iterator(chunk_size=500)
        return csv_response(request, "callbacks", COLUMNS, _lines(rows))
    return render(request, "callbacks/list.html", _inspected(request, filters))


@login_required
@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """The part of the list that changes by itself; 204 while it shows what `seen` already shows."""
    filters = _filters(request)
    seen, _, newest = request.GET.get("seen", "").partition("~")
    if seen == _fingerprint(filters.qs, request.user):
        return HttpResponse(status=204)
    context = _inspected(request, filters)
    known = int(newest) if newest.isascii() and newest.isdigit() and len(newest) < 19 else 0
    for callback in context["page"].rows:
        callback.is_fresh = callback.pk > known
    context["came"] = sum(callback.is_fresh for callback in context["page"].rows)
    return render(request, "callbacks/_live.html", context)


@login_required
@require_GET
def callback_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One callback: the verdict, what came, how it was understood, and what came of it."""
    callback = _find(request, pk)
    body = bytes(callback.body or b"")
    may_act = actions.may_act(request.user)
    found = diagnosis.of(callback) if sees_every_organization(request.user) else None
    context = {
        "callback": callback,
        "registration": callback.submission.registration if callback.submission else None,
        "verdict": telling.verdict(callback),
        "diagnosis": found,
        "verifies": may_act and found is not None and found.tried,
        "applies": may_act and callback.outcome in PENDING,
        "signatures": telling.signature_headers(callback),
        "understood": _understood(callback),
        "hexadecimal": "" if telling.is_text(body) else telling.hexadecimal(body),
        "bytes_kept": len(body) if len(body) < callback.body_length else None,
        "repeats": callback.repeats.order_by("-pk")[:REPEATS_SHOWN],
    }
    return render(request, "callbacks/detail.html", context)


@login_required
@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Verify a refused one again; to the new callback if it is received now."""
    callback = _find(request, pk)
    try:
        received = actions.verify_again(callback, by=request.user, peer=peer_of(request))
    except actions.NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except actions.NotNow as refusal:
        messages.error(request, str(refusal))
        return redirect("callback", pk)
    if received is not None:
        outcome = received.get_outcome_display().lower()
        messages.success(request, f"It is Plivo's, and was received now: {outcome}.")
        return redirect("callback", received.pk)
    if receiving.was_cut(callback):
        messages.warning(request, "Nothing was received from what was kept of it. See below why.")
    else:
        messages.warning(request, "Verified again: nothing was received. See below why.")
    return redirect("callback", pk)


@login_required
@require_POST
def verify_all(request: HttpRequest) -> HttpResponse:
    """Verify the quarantine again."""
    try:
        proven, looked_at = actions.verify_quarantine(by=request.user, peer=peer_of(request))
    except actions.NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    told = f"{proven:,} of {looked_at:,} proved to be Plivo's, and were received."
    if looked_at == actions.VERIFIED_AT_ONCE:
        told += " Older ones were not looked at: the command reverify_quarantine looks at all."
    messages.success(request, told)
    return redirect("callback-list")


@login_required
@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply once more what was kept from being applied."""
    callback = _find(request, pk)
    try:
        applied = actions.apply_again(callback, by=request.user, peer=peer_of(request))
    except actions.NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except actions.NotNow as refusal:
        messages.error(request, str(refusal))
    else:
        outcome = applied.get_outcome_display().lower()
        level = messages.WARNING if applied.outcome in PENDING else messages.SUCCESS
        messages.add_message(request, level, f"Applied again. It is now: {outcome}.")
    return redirect("callback", pk)


@login_required
@require_http_methods(["GET", "POST"])
def send_test(request: HttpRequest) -> HttpResponse:
    """Let the portal call itself at its public address, as Plivo would, and show what happened."""
    if not actions.may_act(request.user):
        raise PermissionDenied(actions.WHO)
    accounts = PlivoAccount.objects.all()
    context: dict[str, Any] = {
        "accounts": accounts,
        "url": settings.PUBLIC_URL + reverse("plivo-callback-fixed"),
    }
    if request.method == "POST":
        chosen = request.POST.get("account", "")
        account = next((one for one in accounts if str(one.pk) == chosen), None)
        if account is None:
            messages.error(request, "Choose an account.")
            return redirect("callback-test")
        try:
            rehearsal = actions.send_test(account, by=request.user, peer=peer_of(request))
        except actions.NotNow as refusal:
            messages.error(request, str(refusal))
            return redirect("callback-test")
        context |= {"rehearsal": rehearsal, "chosen": account}
    return render(request, "callbacks/test.html", context)


# --- The list ---


def _filters(request: HttpRequest) -> CallbackFilter:
    rows = (
        Callback.objects.for_user(request.user)
        .select_related(
            "account", "submission__brand", "submission__campaign", "submission__number_link"
        )
        .only(*LINE)
    )
    return CallbackFilter(request.GET, queryset=rows, request=request)


def _inspected(request: HttpRequest, filters: CallbackFilter) -> dict[str, Any]:
    user, tiles = request.user, _last_day(request.user)
    page = page_of(filters.qs, request, moment="received_at")
    newest = max((callback.pk for callback in page.rows), default=0)
    reads_older = OLDER_THAN in request.GET or NEWER_THAN in request.GET
    seen = f"{_digest(page.rows, user)}~{newest}"
    return {
        "filters": filters,
        "page": page,
        "lives": not reads_older and request.GET.get("live") != "off",
        "paused": not reads_older and request.GET.get("live") == "off",
        "news_address": _address(request, seen=seen),
        "pause_address": _address(request, live="off"),
        "resume_address": _address(request),
        "export_address": _address(request, format="csv"),
        "tiles": tiles,
        "refused": _refused_last_day(user, kept=dict(tiles)[Outcome.FORGED]),
        "legend": telling.legend(),
        "may_act": actions.may_act(user),
    }


def _address(request: HttpRequest, **changes: str) -> str:
    """The filters of this address, on the first page, with these changes."""
    query = request.GET.copy()
    for name in (OLDER_THAN, NEWER_THAN, "seen", "live", "format"):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _fingerprint(rows: QuerySet[Callback], user: Any) -> str:
    newest = rows.order_by("-received_at", "-pk").select_related(None)
    return _digest(list(newest.only("outcome")[:PAGE_SIZE]), user)


def _digest(rows: list[Callback], user: Any) -> str:
    """Changes when, and only when, there is something new to show."""
    shown: list[Any] = [(callback.pk, callback.outcome) for callback in rows]
    if sees_every_organization(user):
        shown.append(RefusedCount.objects.values_list("minute", "count").first())
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _last_day(user: Any) -> list[tuple[Outcome, int]]:
    """How many came in the last 24 hours, by outcome."""
    rows = Callback.objects.for_user(user).filter(received_at__gt=_a_day_ago()).order_by()
    counts = dict(rows.values_list("outcome").annotate(number=Count("pk")))
    return [(outcome, counts.get(outcome, 0)) for outcome in Outcome]


def _refused_last_day(user: Any, *, kept: int) -> dict[str, int] | None:
    """How many were refused in the last 24 hours; whose they were, only the house may know."""
    if not sees_every_organization(user):
        return None
    minutes = RefusedCount.objects.filter(minute__gt=_a_day_ago())
    # What is kept is there at once, and the count comes a second later.
    refused = max(minutes.aggregate(sum=Sum("count"))["sum"] or 0, kept)
    return {"all": refused, "only_counted": refused - kept}


def _a_day_ago() -> datetime:
    return timezone.now() - timedelta(days=1)


COLUMNS = [
    "callback",
    "received at (UTC)",
    "outcome",
    "explanation",
    "word",
    "about",
    "request",
    "API id",
    "method",
    "path",
    "Plivo account",
    "signature",
    "V3 signature",
    "from",
    "bytes",
    "SHA-256 of the body",
    "repeat of",
]


def _lines(rows: Iterator[Callback]) -> Iterator[list[Any]]:
    for callback in rows:
        asked = callback.submission
        yield [
            callback.pk,
            callback.received_at,
            callback.outcome,
            callback.explanation,
            callback.word,
            asked.registration.reference if asked else "",
            asked.operation if asked else "",
            asked.api_id if asked else "",
            callback.method,
            callback.path,
            callback.account or "",
            callback.scheme,
            callback.v3,
            callback.peer,
            callback.body_length,
            callback.body_digest,
            callback.repeat_of_id or "",
        ]


# --- One callback ---


def _find(request: HttpRequest, pk: int) -> Callback:
    rows = Callback.objects.for_user(request.user).select_related(
        "account",
        "repeat_of",
        "entry__brand",
        "entry__campaign",
        "entry__number_link",
        "submission__account__main_account",
        "submission__brand",
        "submission__campaign",
        "submission__number_link__campaign",
    )
    return get_object_or_404(rows, pk=pk)


def _understood(callback: Callback) -> list[tuple[str, str]]:
    """What was read in it, in the portal's words; only what it holds."""
    said, asked = callback.said, callback.submission
    kind = KIND_OF.get(Operation(asked.operation), "") if asked else said.kind
    status = vocabulary.reported_status(kind, said.word)
    told = [
        ("Kind", said.kind.replace("_", " ")),
        ("Status word", said.word),
        ("Which is here", status.label if status else "not known" if said.word else ""),
        ("Brand id", said.brand_id),
        ("Campaign id", said.campaign_id),
        ("Numbers", ", ".join(said.numbers)),
        ("API id", said.api_id),
        ("Reason", said.reason),
        ("Doubt", "It says two different things at once." if said.ambiguous else ""),
        ("Beside it", "It says something where it does not count." if said.misplaced else ""),
    ]
    return [(name, value) for name, value in told if value]
