"""The page of one registration: what it is, where it stands, what you can do, what happened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from registrations import actions, story
from registrations.facts import facts_about
from registrations.forms.showing import label_of
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Kind, Status
from registrations.models import (
    Brand,
    Decision,
    Registration,
    Role,
    State,
    Submission,
    roles_of,
)
from registrations.peers import peer_of
from registrations.standing import standing
from registrations.views.finding import find

# Rows of neighbours on the page; a list shows them all.
NEIGHBOURS = 10


@dataclass(frozen=True)
class Neighbours:
    """What was registered on this one: the newest few, how many there are, and where."""

    title: str
    rows: list[Any]
    total: int
    all_url: str
    new_url: str
    new_label: str
    # Where numbers are told by what became of them, and dealt with together.
    together_url: str = ""

    @property
    def are_more(self) -> bool:
        return self.total > len(self.rows)


@login_required
@require_GET
def detail(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """What it is, where it stands, what you can do, what happened.

    The address may name an earlier part of the trail (`before`) or of the requests
    (`requests_before`), or ask for the whole trail (`whole`), to print it.
    """
    return _page(request, find(model, reference, request.user))


@require_GET
def live(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """What has changed on an open page; 204 as long as that shows all there is (`seen`).

    So what is open stays open and what is half-written stays, until there is news; and news
    brings the buttons only if they are others (`offered`), and of the trail only the lines that
    came after line `told`.
    """
    if not request.user.is_authenticated:
        return _signed_out(request, model, reference)
    rows = model.objects.for_user(request.user).only(*story.SEEN_AT_ONCE)
    seen = request.GET.get("seen", "")
    if seen == story.fingerprint(get_object_or_404(rows, reference=reference)):
        return HttpResponse(status=204)
    registration = find(model, reference, request.user)
    context = _what_moves(request, registration)
    context["buttons_changed"] = request.GET.get("offered") != context["offered"]
    if told := _number(request.GET.get("told", "")):
        news = story.trail_since(registration, told)
        context |= {"news": news, "told": news[0].entry.sequence if news else told}
    return render(request, "registrations/_news.html", context)


@login_required
@require_POST
def act(request: HttpRequest, model: type[Registration], reference: str, verb: str) -> HttpResponse:
    """Do one verb. What is not possible is said in a message, and nothing changes."""
    registration = find(model, reference, request.user)
    said = {name: _typed(request, name) for name in ("note", "digest")}
    try:
        actions.act(verb, registration, by=request.user, **said)
    except actions.Blocked as blocked:
        if said["note"]:
            refused = {"note": said["note"], "note_error": str(blocked), "note_of": verb}
            return _page(request, registration, **refused)
        _say(request, blocked)
        if verb == "submit":
            return redirect(f"{reverse(f'{model.kind.value}-edit', args=[reference])}?check")
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
    return redirect(registration)


@login_required
@require_POST
def comment(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """Write a comment into the trail. One that cannot be kept stays in its box."""
    registration = find(model, reference, request.user)
    text = _typed(request, "comment")
    try:
        actions.comment(registration, by=request.user, text=text)
    except actions.Blocked as blocked:
        return _page(request, registration, comment=text, comment_error=str(blocked))
    except actions.NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{registration.get_absolute_url()}#trail")


@login_required
@require_POST
@never_cache
@sensitive_variables("tax_id")
def reveal(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the tax id of a brand on this one answer, and nowhere else."""
    brand = find(Brand, reference, request.user)
    peer = peer_of(request)
    reason = _typed(request, "reason")
    try:
        tax_id = actions.reveal_tax_id(brand, by=request.user, reason=reason, peer=peer)
    except actions.Blocked as blocked:
        return _page(request, brand, reason=reason, reason_error=str(blocked))
    except actions.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        context = {"registration": brand, "tax_id": tax_id, "reason": reason}
        return render(request, "registrations/revealed.html", context)
    return redirect(brand)


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


def _page(request: HttpRequest, registration: Any, **typed: str) -> HttpResponse:
    before = _number(request.GET.get("before", ""))
    size = story.WHOLE if "whole" in request.GET else story.LINES
    context = _what_moves(request, registration)
    trail = story.trail(registration, before=before, size=size)
    context |= {
        "trail": trail,
        # An earlier part of the trail is no place for what happens now.
        "told": 0 if before else trail.rows[0].entry.sequence,
        "before": before,
        "facts": facts_about(registration),
        "neighbours": _neighbours(registration),
        "may_comment": actions.may_comment(request.user),
        "longest_comment": actions.LONGEST_COMMENT,
        "may_reveal": registration.kind == Kind.BRAND and actions.may_reveal(request.user),
        "longest_reason": actions.LONGEST_REASON,
        **typed,
    }
    return render(request, "registrations/detail.html", context)


def _what_moves(request: HttpRequest, registration: Any) -> dict[str, Any]:
    """Whatever of the page may change while it is open."""
    user = request.user
    # Taken first: what changes while the rest is read is news.
    fingerprint = story.fingerprint(registration)
    requests_before = _number(request.GET.get("requests_before", ""))
    on_its_way = registration.submissions.live().select_related("decision_proposed_by")
    live = on_its_way.defer(*story.CONTENT).first()
    verbs = actions.what_can_be_done(registration, user)
    shows_preview = registration.status in (Status.DRAFT, Status.IN_REVIEW)
    preview = actions.preview(registration) if shows_preview else None
    context = {
        "registration": registration,
        "kind": registration.kind,
        "standing": standing(registration, live),
        # What brings it forward comes first.
        "verbs": sorted(verbs, key=lambda verb: verb.tone != "main"),
        "waits_for_another": actions.waits_for_another(registration, user),
        "requests": story.requests(registration, before=requests_before),
        "requests_before": requests_before,
        "live": live,
        "longest_note": actions.LONGEST_NOTE,
        "undecided": live if live and live.state == State.NEEDS_DECISION else None,
        "may_decide": Role.COMPLIANCE in roles_of(user),
        "decisions": Decision,
        "desk": _desk(registration, user),
        "preview": preview,
        "findings": [
            (label_of(registration, found.field) if found.field else "", found)
            for found in (preview.findings if preview else ())
        ],
        "moves_by_itself": live is not None
        or registration.status in AWAITING_PLIVO | QUEUED
        or registration.lookup_due_at is not None,
        "fingerprint": fingerprint,
    }
    return {**context, "offered": _offered(context)}


def _desk(registration: Any, user: Any) -> str:
    """Where it is reviewed, for those who do."""
    reviews = Role.COMPLIANCE in roles_of(user) and registration.status == Status.IN_REVIEW
    return reverse("review-request", args=[registration.reference]) if reviews else ""


def _offered(context: dict[str, Any]) -> str:
    """Changes when the buttons do, or what one of them would agree to."""
    preview, undecided = context["preview"], context["undecided"]
    shown = [
        [verb.name for verb in context["verbs"]],
        [verb.name for verb in context["waits_for_another"]],
        preview and preview.digest,
        undecided and (undecided.pk, undecided.decision, undecided.decision_proposed_by_id),
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _neighbours(registration: Any) -> Neighbours | None:
    """The first of what was registered on this one, and how many there are."""
    match registration.kind:
        case Kind.BRAND:
            title, rows, kind = "Campaigns", registration.campaigns, Kind.CAMPAIGN
        case Kind.CAMPAIGN:
            title, rows, kind = "Numbers", registration.number_links, Kind.NUMBER_LINK
        case _:
            return None
    this = f"?{registration.kind.value}={registration.reference}"
    return Neighbours(
        title=title,
        rows=list(rows.select_related("organization")[:NEIGHBOURS]),
        total=rows.count(),
        all_url=reverse(f"{kind.value}-list") + this,
        new_url=reverse(f"{kind.value}-new") + this,
        new_label="New campaign" if kind == Kind.CAMPAIGN else "Link numbers",
        together_url=(
            reverse("campaign-numbers", args=[registration.reference])
            if kind == Kind.NUMBER_LINK
            else ""
        ),
    )


def _signed_out(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """Tell it on the page that is open: a form to sign in would appear in the midst of it."""
    page = reverse(model.kind.value, args=[reference])
    if "HX-Request" not in request.headers:
        return redirect(f"{reverse('sign-in')}?next={page}")
    return render(request, "registrations/_signed_out.html", {"page": page})


def _say(request: HttpRequest, blocked: actions.Blocked) -> None:
    for found in blocked.findings:
        messages.error(request, f"{found.message} {found.remedy}")


def _typed(request: HttpRequest, name: str) -> str:
    """What was typed, without the one character that no database keeps."""
    return request.POST.get(name, "").replace("\x00", "")


def _number(text: str) -> int:
    """The number of a line as the address gives it; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
