"""Writing brands and campaigns, one step at a time.

Every way out of a step saves it: next, back, the list of steps, closing, and with JavaScript a
moment after the typing stops. What fits is stored, and what does not is kept as it was typed.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from registrations import actions, preflight
from registrations.facts import facts_in
from registrations.forms import FORMS, Changes, RegistrationForm
from registrations.forms.guidance import CHECK, Step
from registrations.forms.showing import (
    fields_named_in,
    first_open,
    label_of,
    places,
    pointer_to,
    sections_of,
    seen_by,
)
from registrations.masking import masked_in
from registrations.models import Brand, Campaign, Registration, Role, roles_of
from registrations.views.finding import find, preset

# What a script asks for, as htmx marks it: here, a page that saves by itself.
BY_ITSELF = "HX-Request"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, model: type[Registration]) -> HttpResponse:
    """Begin a draft with the first step of its form."""
    _demand_drafter(request)
    form_class = FORMS[model]
    first = form_class.steps[0]
    initial = {"brand": preset(Brand, request)} if model is Campaign else {}
    form = form_class(request.POST or None, user=request.user, step=first, initial=initial)
    if request.method == "POST" and form.is_valid():
        registration = form.save(commit=False)
        actions.draft(registration, by=request.user)
        return _go_on(request, registration, first)
    context = {
        "form": form,
        "kind": model.kind,
        "step": first,
        "steps": places(form.instance, form_class, [], first),
        "sections": sections_of(form),
        "no_brand": model is Campaign and not form.fields["brand"].queryset.exists(),
    }
    return render(request, "registrations/form.html", context)


@login_required
@require_safe
def edit(request: HttpRequest, model: type[Registration], reference: str) -> HttpResponse:
    """To the first step that is not complete; with `?check`, to the last page."""
    _demand_drafter(request)
    registration = find(model, reference, request.user)
    if "check" in request.GET:
        return redirect(_address(registration, CHECK))
    findings = actions.findings_about(registration)
    return redirect(_address(registration, first_open(registration, FORMS[model], findings)))


@sensitive_post_parameters("ein")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_step(
    request: HttpRequest, model: type[Registration], reference: str, slug: str
) -> HttpResponse:
    """One step of a draft. What is in review or beyond is shown elsewhere, not edited."""
    _demand_drafter(request)
    step = FORMS[model].step_called(slug)
    if step is None:
        raise Http404
    registration = find(model, reference, request.user)
    if request.method == "POST":
        leave = _leave_check if step is CHECK else _save
        return leave(request, registration, step)
    if not registration.is_editable:
        messages.error(request, "Only a draft can be edited.")
        return redirect(registration)
    if step is CHECK:
        return _show_check(request, registration)
    form = FORMS[model](user=request.user, step=step, instance=registration)
    return _show_step(request, form)


def _demand_drafter(request: HttpRequest) -> None:
    if not roles_of(request.user) & actions.DRAFTERS:
        raise PermissionDenied("Marketers and compliance staff write registrations.")


def _save(request: HttpRequest, registration: Any, step: Step) -> HttpResponse:
    form, changes, refusal = _store(request, registration, step)
    registration, by_itself = form.instance, BY_ITSELF in request.headers
    if refusal:
        if by_itself:
            return HttpResponse(f"Not saved: {refusal}", "text/plain", status=409)
        form.add_error(None, f"This was not saved. {refusal}")
        # Nothing was saved: the page still knows only what it knew.
        return _show_step(request, form, seen=request.POST.get("seen", ""))
    if by_itself:
        return render(request, "registrations/_draft_saved.html", _step(request, form, changes))
    if changes.clashes:
        return _show_step(request, form, changes)
    if "keep" in request.POST or "take" in request.POST:
        return redirect(_address(registration, step))
    _tell_misfits(request, registration, changes)
    return _go_on(request, registration, step)


@transaction.atomic
def _store(
    request: HttpRequest, registration: Any, step: Step
) -> tuple[RegistrationForm, Changes, str]:
    """Save what this POST changes; the last answer says why it could not, if so."""
    model = type(registration)
    # One at a time: what somebody else saves meanwhile has to be seen.
    rows = model.objects.for_user(request.user).select_for_update()
    current = get_object_or_404(rows, pk=registration.pk)
    form = FORMS[model](request.POST, user=request.user, step=step, instance=current)
    form.is_valid()
    changes = form.changes(keep=request.POST.getlist("keep"), take=request.POST.getlist("take"))
    try:
        if changes.fields or changes.typed != (current.typed or {}):
            actions.edit(current, changes.fields, by=request.user, typed=changes.typed)
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        return form, changes, str(refusal)
    return form, changes, ""


def _tell_misfits(request: HttpRequest, registration: Any, changes: Changes) -> None:
    if changes.misfits:
        labels = ", ".join(label_of(registration, name) for name in changes.misfits)
        messages.warning(
            request,
            f"Kept as you typed it, but it does not fit yet: {labels}. Put it right before you "
            "send this for review.",
        )


def _go_on(request: HttpRequest, registration: Any, step: Step) -> HttpResponse:
    """To the step that was asked for."""
    steps = FORMS[type(registration)].steps
    here, wanted = steps.index(step), request.POST.get("go", "next")
    if wanted == "close":
        messages.success(request, "Saved as a draft.")
        return redirect(registration)
    if wanted == "back":
        return redirect(_address(registration, steps[max(here - 1, 0)]))
    asked = FORMS[type(registration)].step_called(wanted)
    return redirect(_address(registration, asked or steps[min(here + 1, len(steps) - 1)]))


def _leave_check(request: HttpRequest, registration: Any, step: Step) -> HttpResponse:
    """Send it for review, or go where else was asked."""
    if request.POST.get("go") != "send":
        return _go_on(request, registration, step)
    try:
        actions.send_for_review(registration, by=request.user)
    except actions.Blocked:
        return _show_check(request, registration, refused="It was not sent yet.")
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
        return redirect(registration)
    messages.success(request, "Sent for review. Compliance looks at it next.")
    return redirect(registration)


def _show_step(
    request: HttpRequest, form: RegistrationForm, changes: Changes | None = None, **instead: str
) -> HttpResponse:
    context = _step(request, form, changes) | instead
    return render(request, "registrations/form.html", context)


def _step(request: HttpRequest, form: RegistrationForm, changes: Changes | None) -> dict[str, Any]:
    registration, step = form.instance, form.step
    findings = actions.findings_about(registration)
    # Whoever comes from the last page, or to a draft that came back, wants to see what is missing.
    of_all = "check" in request.GET or registration.version > 1
    return {
        **_frame(registration, step, findings),
        "form": form,
        "sections": sections_of(form, findings, changes=changes, of_all=of_all),
        "seen": seen_by(form, changes.behind if changes else []),
        "clashes": [label_of(registration, name) for name in changes.clashes] if changes else [],
        "misfits": len(form.errors),
    }


def _show_check(request: HttpRequest, registration: Any, refused: str = "") -> HttpResponse:
    form = FORMS[type(registration)]
    seen = actions.preview(registration)
    listed = [(found, pointer_to(registration, form, found.field)) for found in seen.findings]
    beside: dict[str, list[Any]] = {}
    for found in seen.findings:
        beside.setdefault(found.field, []).append(found)
    blocking = len(preflight.blocking(seen.findings))
    context = {
        **_frame(registration, CHECK, seen.findings),
        "refused": refused,
        "preview": seen,
        "listed": listed,
        "blocking": blocking,
        "hints": len(seen.findings) - blocking,
        "told": [
            (
                step,
                [
                    (fact, beside.get(fact.name, []), registration.field_notes.get(fact.name))
                    for fact in facts_in(registration, step.fields)
                    if fact.value or fact.name in beside or fact.name in registration.field_notes
                ],
            )
            for step in form.steps
            if step is not CHECK
        ],
        "unchangeable": facts_in(registration, form.unchangeable),
        "unchangeable_note": form.unchangeable_note,
        "may_send": Role.MARKETER in roles_of(request.user),
    }
    return render(request, "registrations/draft_check.html", context)


def _frame(registration: Any, step: Step, findings: list[preflight.Finding]) -> dict[str, Any]:
    """What stands around every step of a draft."""
    form = FORMS[type(registration)]
    return {
        "registration": registration,
        "kind": registration.kind,
        "step": step,
        "steps": places(registration, form, findings, step),
        "reasons": [
            (reason.get("code", ""), text, fields_named_in(text, registration, form))
            for reason in registration.reasons
            for text in [masked_in(reason.get("text", ""), getattr(registration, "ein", ""))]
        ],
        "noted": [
            (pointer_to(registration, form, name), note)
            for name, note in (registration.field_notes or {}).items()
        ],
    }


def _address(registration: Any, step: Step) -> str:
    name = f"{registration.kind.value}-edit-step"
    return reverse(name, args=[registration.reference, step.slug])
