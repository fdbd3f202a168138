"""Importing brands and campaigns from a CSV file: look at the check, import, take the answer along.

Nothing of a file stays here. The page that tells what became of it carries the answer, sealed, and
brings it back to be downloaded or, after a check, to be imported.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registrations import actions
from registrations.forms.importing import ImportForm, opened, sealed
from registrations.importing import (
    LARGEST_FILE,
    LAYOUTS,
    Import,
    Outcome,
    Result,
    Unreadable,
    answered,
    counted,
)
from registrations.models import Registration, roles_of

# More rows on one page help nobody; the answer has all of them.
MOST_SHOWN = 200
# The fields around it, and what packing into a form adds.
ROOM_FOR_THE_REST = 64 * 1024
TONES = {
    Result.CREATED: "blue",
    Result.SENT_FOR_REVIEW: "green",
    Result.WOULD_BE_CREATED: "blue",
    Result.ALREADY_HERE: "",
    Result.REFUSED: "red",
}


@sensitive_post_parameters("text", "answer")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest, model: type[Registration]) -> HttpResponse:
    """Check a file, which changes nothing, or import it."""
    _demand_drafter(request)
    if request.method != "POST":
        return _page(request, model, ImportForm(user=request.user))
    form = ImportForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _page(request, model, form)
    really = request.POST.get("intent") == "import"
    try:
        table = LAYOUTS[model].read(form.given().read(LARGEST_FILE + 1))
        wanted = Import(
            table,
            model,
            form.cleaned_data["organization"],
            by=request.user,
            send=form.cleaned_data.get("send", False),
        )
    except Unreadable as trouble:
        form.add_error(form.source, str(trouble))
        return _page(request, model, form)
    outcomes = wanted.carry_out() if really else wanted.outcomes
    return _show(request, model, form, outcomes, answered(table, outcomes), really)


@login_required
@require_safe
def template(request: HttpRequest, model: type[Registration]) -> HttpResponse:
    """A file with every column and one example."""
    _demand_drafter(request)
    return _file(f"{_plural(model)}-template", LAYOUTS[model].template)


@sensitive_post_parameters("answer")
@login_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """The answered file that a page carried, as a file. Nothing is imported by it."""
    try:
        kind, text = opened(request.POST.get("answer", ""), user=request.user)
    except signing.BadSignature as trouble:
        raise Http404 from trouble
    return _file(f"{kind}-answer", text)


def _demand_drafter(request: HttpRequest) -> None:
    if not roles_of(request.user) & actions.DRAFTERS:
        raise PermissionDenied("Marketers and compliance staff import registrations.")


def _page(request: HttpRequest, model: type[Registration], form: ImportForm) -> HttpResponse:
    context = {"form": form, "columns": LAYOUTS[model].columns, **_names(model)}
    return render(request, "registrations/import.html", context)


def _show(
    request: HttpRequest,
    model: type[Registration],
    form: ImportForm,
    outcomes: list[Outcome],
    answer: str,
    really: bool,
) -> HttpResponse:
    counts = counted(outcomes)
    # What needs somebody first; else as in the file.
    told = sorted(outcomes, key=lambda outcome: outcome.result != Result.REFUSED)
    seal = sealed(answer, kind=_plural(model), user=request.user)
    fits = len(seal) + ROOM_FOR_THE_REST < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    context = {
        **_names(model),
        "really": really,
        "counts": [(result.label, TONES[result], count) for result, count in counts.items()],
        "rows": [(outcome, TONES[outcome.result]) for outcome in told[:MOST_SHOWN]],
        "total": len(outcomes),
        "left_out": len(outcomes[MOST_SHOWN:]),
        "organization": form.cleaned_data["organization"],
        "send": form.cleaned_data.get("send", False),
        "seal": seal if fits else "",
        "creatable": 0 if really else counts.get(Result.WOULD_BE_CREATED, 0),
    }
    return render(request, "registrations/import_result.html", context)


def _names(model: type[Registration]) -> dict[str, Any]:
    kind = model.kind
    return {
        "kind": kind,
        "name": model._meta.verbose_name,
        "title": _plural(model),
        "import_url": reverse(f"{kind.value}-import"),
        "template_url": reverse(f"{kind.value}-import-template"),
    }


def _plural(model: type[Registration]) -> str:
    return str(model._meta.verbose_name_plural)


def _file(name: str, text: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
