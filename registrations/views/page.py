"""The page of one registration: what it is, where it stands, what you can do, what happened."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from registrations import actions
from registrations.facts import facts_about
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Status
from registrations.models import (
    Decision,
    Registration,
    Role,
    State,
    Submission,
    roles_of,
)
from registrations.views.finding import find


@login_required
@require_GET
def detail(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """What it is, where it stands, what you can do, what happened."""
    registration = find(model, reference, request.user)
    return render(
        request,
        "registrations/detail.html",
        {**_story(registration, request.user), "facts": facts_about(registration)},
    )


@login_required
@require_GET
def live(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """The part of the page that changes by itself; 204 while it shows what `seen` already shows.

    So an open part of the page stays open, and half-written notes stay, until there is news.
    """
    registration = find(model, reference, request.user)
    story = _story(registration, request.user)
    if request.GET.get("seen") == story["fingerprint"]:
        return HttpResponse(status=204)
    return render(request, "registrations/_live.html", story)


@login_required
@require_POST
def act(request: HttpRequest, model: type[Registration], reference: str, verb: str) -> HttpResponse:
    """Do one verb. What is not possible is said in a message, and nothing changes."""
    registration = find(model, reference, request.user)
    said = {name: request.POST.get(name, "") for name in ("note", "digest")}
    try:
        actions.act(verb, registration, by=request.user, **said)
    except actions.Blocked as blocked:
        for found in blocked.findings:
            messages.error(request, f"{found.message} {found.remedy}")
        if verb == "submit":
            return redirect(f"{reverse(f'{model.kind.value}-edit', args=[reference])}?check")
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
    return redirect(registration)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What shall become of a request whose outcome could not be found out."""
    submission = get_object_or_404(Submission.objects.for_user(request.user), pk=pk)
    decision = request.POST.get("decision", "")
    if decision not in Decision:
        raise Http404
    try:
        done = actions.decide(submission, Decision(decision), by=request.user)
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
    else:
        if not done:
            messages.success(request, "Proposed. Somebody else has to agree.")
    return redirect(submission.registration)


def _story(registration: Any, user: Any) -> dict[str, Any]:
    trail = registration.trail.select_related("user", "submission", "callback").order_by(
        "-sequence"
    )
    verbs = actions.what_can_be_done(registration, user)
    submissions = list(
        registration.submissions.select_related("requested_by", "approved_by")
        .order_by("-generation")
        .prefetch_related("callbacks")
    )
    shows_preview = registration.status in (Status.DRAFT, Status.IN_REVIEW)
    moving = registration.status in AWAITING_PLIVO | QUEUED
    return {
        "registration": registration,
        "kind": registration.kind,
        "trail": trail,
        "verbs": verbs,
        "waits_for_another": actions.waits_for_another(registration, user),
        "submissions": submissions,
        "undecided": next((s for s in submissions if s.state == State.NEEDS_DECISION), None),
        "may_decide": Role.COMPLIANCE in roles_of(user),
        "decisions": Decision,
        "preview": actions.preview(registration) if shows_preview else None,
        "moves_by_itself": moving
        or registration.lookup_due_at is not None
        or any(submission.is_live for submission in submissions),
        "fingerprint": _fingerprint(registration, submissions),
    }


def _fingerprint(registration: Any, submissions: list[Submission]) -> str:
    """Changes when, and only when, there is something new to show."""
    shown = [
        registration.version,
        registration.confirmed_at,
        registration.conflict,
        registration.lookup_due_at is None,
        [(s.pk, s.state, s.waiting_for, len(s.callbacks.all())) for s in submissions],
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
