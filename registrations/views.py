"""The pages of brands, campaigns and number links.

A view translates: HTTP in, one action, HTTP out. Every queryset starts from `for_user`, so that
what a person may not know of is a 404.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import ListView

from registrations import actions, preflight
from registrations.facts import facts_about
from registrations.forms import FORMS, NumberLinksForm
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Status, statuses_of
from registrations.models import (
    Brand,
    Campaign,
    Decision,
    NumberLink,
    Registration,
    Role,
    State,
    Submission,
    roles_of,
)

SEARCHED = {
    Brand: ["reference", "name", "company_name", "plivo_id"],
    Campaign: ["reference", "name", "brand__name", "plivo_id"],
    NumberLink: ["reference", "number", "campaign__name"],
}


class RegistrationList(LoginRequiredMixin, ListView):
    """Every registration of one kind that this person may know of."""

    paginate_by = 50
    template_name = "registrations/list.html"

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.model.objects.for_user(self.request.user).select_related("organization")
        if self.model is NumberLink:
            rows = rows.select_related("campaign")
        status = self.request.GET.get("status", "")
        if status:
            rows = rows.filter(status=status)
        wanted = self.request.GET.get("q", "").strip().replace("\x00", "")
        if wanted:
            match = Q()
            for name in SEARCHED[self.model]:
                match |= Q(**{f"{name}__icontains": wanted.lstrip("+")})
            rows = rows.filter(match)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            kind=self.model.kind,
            title=self.model._meta.verbose_name_plural,
            statuses=statuses_of(self.model.kind),
            chosen=self.request.GET.get("status", ""),
            wanted=self.request.GET.get("q", ""),
            new_url=reverse(f"{self.model.kind.value}-new"),
            **kwargs,
        )


@login_required
@require_GET
def detail(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """What it is, where it stands, what you can do, what happened."""
    registration = _find(model, reference, request.user)
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
    registration = _find(model, reference, request.user)
    story = _story(registration, request.user)
    if request.GET.get("seen") == story["fingerprint"]:
        return HttpResponse(status=204)
    return render(request, "registrations/_live.html", story)


@login_required
def new(request: HttpRequest, model: type[Registration]) -> HttpResponse:
    """Begin a draft."""
    if not roles_of(request.user) & {Role.MARKETER, Role.COMPLIANCE}:
        raise PermissionDenied("Marketers and compliance staff begin registrations.")
    initial = {"brand": _preset(Brand, request)} if model is Campaign else {}
    form = FORMS[model](request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        registration = form.save(commit=False)
        actions.draft(registration, by=request.user)
        return _saved(request, registration)
    return render(request, "registrations/form.html", {"form": form, "kind": model.kind})


@login_required
def edit(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """Change a draft. What is in review or beyond is shown, not edited."""
    registration = _find(model, reference, request.user)
    if not registration.is_editable:
        messages.error(request, "Only a draft can be edited.")
        return redirect(registration)
    form = FORMS[model](request.POST or None, instance=registration, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(form.save(commit=False), form.changed_model_fields(), by=request.user)
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _saved(request, registration)
    if "check" in request.GET and request.method == "GET":
        form.show(preflight.check(registration))
    context = {"form": form, "kind": model.kind, "registration": registration}
    return render(request, "registrations/form.html", context)


@login_required
def new_numbers(request: HttpRequest) -> HttpResponse:
    """Link numbers to a campaign, all of them or none."""
    initial = {"campaign": _preset(Campaign, request)}
    form = NumberLinksForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        campaign = form.cleaned_data["campaign"]
        try:
            links = actions.link_numbers(campaign, form.cleaned_data["numbers"], by=request.user)
        except actions.Blocked as blocked:
            form.show(blocked.findings)
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{len(links)} on their way to Plivo.")
            return redirect(campaign)
    return render(request, "registrations/numbers_form.html", {"form": form})


@login_required
@require_POST
def act(request: HttpRequest, model: type[Registration], reference: str, verb: str) -> HttpResponse:
    """Do one verb. What is not possible is said in a message, and nothing changes."""
    registration = _find(model, reference, request.user)
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


@login_required
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """What waits for compliance, oldest first."""
    if not roles_of(request.user) & {Role.COMPLIANCE, Role.AUDITOR, Role.OPERATOR}:
        raise PermissionDenied("Compliance staff review registrations.")
    waiting = [
        registration
        for model in (Brand, Campaign)
        for registration in model.objects.for_user(request.user)
        .filter(
            Q(status=Status.IN_REVIEW)
            | Q(deactivation_requested_by__isnull=False)
            | ~Q(conflict="")
        )
        .select_related("organization", "requested_by")
    ]
    waiting.sort(key=lambda registration: registration.status_since)
    undecided = Submission.objects.for_user(request.user).filter(state=State.NEEDS_DECISION)
    undecided = undecided.select_related("brand", "campaign", "number_link")
    context = {"waiting": waiting, "undecided": undecided}
    return render(request, "registrations/review.html", context)


def _find(model: type[Registration], reference: str, user: Any) -> Any:
    rows = model.objects.for_user(user).select_related("organization", "account", "requested_by")
    return get_object_or_404(rows, reference=reference)


def _preset(model: type[Registration], request: HttpRequest) -> Any:
    """The registration that the address names as ?brand=BR-… or ?campaign=CA-…"""
    reference = request.GET.get(model.kind.value, "")
    return model.objects.for_user(request.user).filter(reference=reference).first()


def _saved(request: HttpRequest, registration: Any) -> HttpResponse:
    """A draft is kept in any case; sending it for review may still find faults."""
    if request.POST.get("intent") != "submit":
        messages.success(request, "Saved as a draft.")
        return redirect(registration)
    return act(request, type(registration), registration.reference, "submit")


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
