"""The review desk: what waits for compliance, and deciding it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from registrations import actions
from registrations.differences import Differences, refusals
from registrations.forms.review import QueueForm, ReturnForm
from registrations.models import REGISTRATION_MODELS, Brand, Campaign, roles_of
from registrations.models.organization import HOUSE_ROLES
from registrations.preflight import fees
from registrations.views import desk
from registrations.views.queueing import PAGE_SIZE, Queue

View = Callable[..., HttpResponse]


def for_the_house(view: View) -> View:
    """Compliance works at the desk; auditors and operators look on; nobody else comes in."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not roles_of(request.user) & HOUSE_ROLES:
            raise PermissionDenied("Compliance staff review registrations.")
        return view(request, *args, **kwargs)

    return guarded


@for_the_house
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """What waits for compliance, the longest waiting first."""
    filters = QueueForm(request.GET, user=request.user)
    queue = Queue(request.user, filters)
    page = queue.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        **_tabs(queue, filters),
        "page": page,
        "earlier": filters.query(before=page.earlier) if page.earlier else "",
        "later": filters.query(after=page.later) if page.later else "",
        "may_tick": any(row.may_approve for row in page.rows),
    }
    return render(request, "registrations/review.html", context)


@for_the_house
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """The tabs with how many wait under each; 204 while that is what is `seen` already."""
    filters = QueueForm(request.GET, user=request.user)
    context = _tabs(Queue(request.user, filters), filters)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "registrations/_review_tabs.html", {**context, "is_news": True})


@for_the_house
@require_GET
def examine(request: HttpRequest, reference: str) -> HttpResponse:
    """One request: what it says, what changed, what was found, what it costs, who it is from."""
    registration = _find(request, reference)
    return _page(request, registration, ReturnForm(names=desk.noted(registration)))


@for_the_house
@require_POST
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Approve what was looked at, and go on to what waits next."""
    registration = _find(request, reference)
    further = _further(request, registration)
    try:
        actions.approve(registration, by=request.user, digest=request.POST.get("digest", ""))
    except (actions.NotAllowed, actions.IllegalMove, actions.Blocked) as refusal:
        messages.error(request, str(refusal))
        return redirect(_address(request, registration))
    _say(request, "Approved, and on its way to Plivo: {}", registration)
    return redirect(further)


@for_the_house
@require_POST
def send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Return it to the marketer with notes, and go on to what waits next."""
    registration = _find(request, reference)
    further = _further(request, registration)
    form = ReturnForm(request.POST, names=desk.noted(registration))
    if form.is_valid():
        try:
            actions.send_back(
                registration,
                by=request.user,
                note=form.cleaned_data["note"],
                field_notes=form.field_notes,
            )
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            messages.error(request, str(refusal))
        except actions.Blocked as blocked:
            form.add_error("note", str(blocked))
        else:
            _say(request, "Returned to the marketer: {}", registration)
            return redirect(further)
    return _page(request, registration, form)


@for_the_house
@require_http_methods(["GET", "HEAD", "POST"])
def approve_several(request: HttpRequest) -> HttpResponse:
    """Look at several requests with what each would send and cost; then approve them."""
    given = request.POST.getlist("approve") or request.GET.getlist("tick")
    if not given:
        messages.error(request, "Tick what you want to approve.")
        return redirect("review")
    if request.method == "POST":
        return _approve_several(request, given)
    found = _find_several(request, given)
    candidates = [desk.candidate(registration, request.user) for registration in found.values()]
    ready = [candidate for candidate in candidates if not candidate.obstacle]
    total = fees.total(line for candidate in ready for line in candidate.preview.fee_lines)
    context = {"candidates": candidates, "ready": ready, "total": total}
    return render(request, "registrations/review_several.html", context)


def _approve_several(request: HttpRequest, given: list[str]) -> HttpResponse:
    """Each by itself; the page tells of each what became of it."""
    seen = dict(text.partition(":")[::2] for text in given)
    found = _find_several(request, list(seen))
    outcomes = actions.approve_several(
        [(registration, seen[reference]) for reference, registration in found.items()],
        by=request.user,
    )
    sent = [outcome.submission for outcome in outcomes if outcome.submission]
    context = {
        "outcomes": outcomes,
        "sent": sent,
        "total": sum((submission.fee_expected for submission in sent), Decimal(0)),
    }
    return render(request, "registrations/review_outcomes.html", context)


def _tabs(queue: Queue, filters: QueueForm) -> dict[str, Any]:
    counted = queue.counts()
    chosen = filters.chosen("ask") or ""
    choices = [("", "Everything", sum(counted.values()))]
    choices += [(ask.value, ask.label, count) for ask, count in counted.items()]
    tabs = [
        {"label": label, "count": count, "query": filters.query(ask=ask), "here": ask == chosen}
        for ask, label, count in choices
    ]
    seen = "-".join(str(count) for count in counted.values())
    return {"filters": filters, "query": filters.query(), "tabs": tabs, "seen": seen}


def _find(request: HttpRequest, reference: str) -> Any:
    """The registration of this reference, which tells its kind by how it begins."""
    for model in REGISTRATION_MODELS:
        if reference.startswith(f"{model.reference_prefix}-"):
            rows = model.objects.for_user(request.user).select_related(
                "organization", "account", "requested_by", "deactivation_requested_by"
            )
            if found := rows.filter(reference=reference).first():
                return found
    raise Http404


def _find_several(request: HttpRequest, references: list[str]) -> dict[str, Any]:
    """These brands and campaigns, in this order. One that does not exist spoils all."""
    if any("\x00" in reference for reference in references):
        raise Http404
    if len(references) > PAGE_SIZE:
        raise BadRequest(f"At most {PAGE_SIZE} at once.")
    found = {
        row.reference: row
        for model in (Brand, Campaign)
        for row in model.objects.for_user(request.user)
        .filter(reference__in=references)
        .select_related("organization", "account", "requested_by")
    }
    if not found.keys() >= set(references):
        raise Http404
    return {reference: found[reference] for reference in references}


def _address(request: HttpRequest, registration: Any) -> str:
    """Its page at the desk, with the filters of the queue kept."""
    query = QueueForm(request.GET, user=request.user).query()
    address = reverse("review-request", args=[registration.reference])
    return f"{address}?{query}" if query else address


def _further(request: HttpRequest, registration: Any) -> str:
    """Where one goes from this request: to the next that waits, or back to the queue."""
    filters = QueueForm(request.GET, user=request.user)
    queue = Queue(request.user, filters)
    _, place = queue.about(registration)
    _, after = queue.beside(place) if place else (None, None)
    return _address(request, after) if after else f"{reverse('review')}?{filters.query()}"


def _say(request: HttpRequest, text: str, registration: Any) -> None:
    link = format_html('<a href="{}">{}</a>', registration.get_absolute_url(), registration)
    messages.success(request, format_html(text, link))


def _page(request: HttpRequest, registration: Any, form: ReturnForm) -> HttpResponse:
    filters = QueueForm(request.GET, user=request.user)
    queue = Queue(request.user, filters)
    waits, place = queue.about(registration)
    if place is None:
        messages.info(request, "Nothing waits for compliance here.")
        return redirect(registration)
    before, after = queue.beside(place)
    verbs = {verb.name for verb in actions.what_can_be_done(registration, request.user)}
    context = {
        "registration": registration,
        "kind": registration.kind,
        "waits": {row.ask.value: row for row in waits},
        "verbs": verbs,
        "query": filters.query(),
        "before": _address(request, before) if before else "",
        "after": _address(request, after) if after else "",
        "history": desk.history_beside(registration),
        "spent": desk.spent(registration.submissions.all()),
        "four_eyes": settings.FOUR_EYES,
    }
    for row in waits:
        if row.differences is not None:
            boxes = form if "return" in verbs else None
            context |= _review(request, registration, row.differences, boxes)
        elif row.submission is not None:
            context |= {
                "choices": desk.choices_for(row.submission, request.user),
                "proposal": desk.proposal_of(row.submission),
            }
    if "facts" not in context:
        context["facts"] = desk.facts_to_review(registration, [], set(), None)
    return render(request, "registrations/review_request.html", context)


def _review(
    request: HttpRequest, registration: Any, differences: Differences, form: ReturnForm | None
) -> dict[str, Any]:
    """What is to be known before one approves."""
    preview = actions.preview(registration)
    return {
        "preview": preview,
        "differences": differences,
        "refusals": refusals(registration, differences),
        "refused_at": desk.refused_at(registration),
        "returns": desk.returns_of(registration),
        "facts": desk.facts_to_review(registration, preview.findings, differences.names, form),
        "obstacle": desk.obstacle_to_approval(registration, preview, request.user),
        "alone": registration.requested_by_id == request.user.pk,
        "form": form,
    }
