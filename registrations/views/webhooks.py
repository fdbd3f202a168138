"""Webhooks: where programs are told of changes, with a log of every message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registrations import actions
from registrations.actions import webhooks as verbs
from registrations.forms.webhooks import ResumeForm, WebhookForm
from registrations.models import Delivery, DeliveryAttempt, Webhook
from registrations.notices import events
from registrations.paging import page_of
from registrations.peers import peer_of

ON_A_PAGE = 25
# What is done with one click, and what is said then.
ONE_CLICK = {
    "pause": (verbs.pause_webhook, "It is told of nothing until you resume it."),
    "delete": (verbs.delete_webhook, "The webhook is deleted."),
}
TONES = {
    Delivery.State.WAITING: "amber",
    Delivery.State.DELIVERED: "green",
    Delivery.State.GIVEN_UP: "red",
}


class _Shown:
    """A webhook as a page shows it."""

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self.state, self.tone = "Works", "green"
        if webhook.paused_at:
            self.state, self.tone = "Paused", "red"
        elif webhook.failing_since:
            self.state, self.tone = "Failing", "amber"
        elif not webhook.has_delivered:
            self.state, self.tone = "Nothing sent yet", ""
        self.told_of = [_in_words(name) for name in webhook.event_types] or ["Every change"]


@dataclass(frozen=True)
class _Message:
    """One message, and every attempt to bring it, the newest first."""

    delivery: Delivery
    attempts: list[DeliveryAttempt]
    may_redeliver: bool

    @property
    def label(self) -> str:
        return _in_words(self.delivery.event.type) if self.delivery.event else "Test message"

    @property
    def tone(self) -> str:
        return TONES[Delivery.State(self.delivery.state)]


@login_required
@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    page = page_of(_seen_by(request.user), request, size=ON_A_PAGE)
    context = {
        "page": page,
        "shown": [_Shown(webhook) for webhook in page.rows],
        "may_keep": verbs.may_keep_webhooks(request.user),
    }
    return render(request, "registrations/webhooks.html", context)


@sensitive_variables("secret")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook(request: HttpRequest) -> HttpResponse:
    _demand_keeper(request)
    given = request.POST if request.method == "POST" else None
    form = WebhookForm(given, user=request.user, is_new=True)
    if form.is_valid():
        try:
            made, secret = verbs.add_webhook(**form.given, by=request.user, peer=peer_of(request))
        except actions.Blocked as refusal:
            form.say(refusal)
        except actions.NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show_once(request, made, secret, is_new=True)
    return render(request, "registrations/webhook_form.html", {"form": form})


@login_required
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    _demand_keeper(request)
    found = _found(request, pk)
    form = WebhookForm(
        request.POST if request.method == "POST" else None,
        initial=WebhookForm.initial_of(found),
        user=request.user,
        is_new=False,
    )
    if form.is_valid():
        try:
            verbs.change_webhook(found, **form.given, by=request.user, peer=peer_of(request))
        except actions.Blocked as refusal:
            form.say(refusal)
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. It counts for what happens from now on.")
            return redirect("webhook", pk)
    context = {"form": form, "webhook": found}
    return render(request, "registrations/webhook_form.html", context)


@sensitive_variables("secret")
@login_required
@never_cache
@require_POST
def rotate_secret(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    try:
        secret = verbs.rotate_webhook_secret(found, by=request.user, peer=peer_of(request))
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
        return redirect("webhook", pk)
    return _show_once(request, found, secret, is_new=False)


@login_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _found(request, pk), ResumeForm(request.POST)
    if not form.is_valid():
        return _page(request, found, resume_form=form)
    done = "It is told again."
    _do(request, verbs.resume_webhook, found, since=form.first, peer=peer_of(request), done=done)
    return redirect("webhook", pk)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    found = _found(request, pk)
    if verb == "test":
        _do(request, verbs.send_test, found, done="A test message is on its way: see below.")
        return redirect("webhook", pk)
    if verb not in ONE_CLICK:
        raise Http404
    does, done = ONE_CLICK[verb]
    was_done = _do(request, does, found, peer=peer_of(request), done=done)
    return redirect("webhooks") if verb == "delete" and was_done else redirect("webhook", pk)


@login_required
@require_POST
def redeliver(request: HttpRequest, pk: int, message_id: str) -> HttpResponse:
    rows = _found(request, pk).deliveries.select_related("webhook__organization")
    delivery = get_object_or_404(rows, message_id=message_id)
    _do(request, verbs.redeliver, delivery, done="The message is on its way once more.")
    return redirect("webhook", pk)


def _page(request: HttpRequest, found: Webhook, resume_form: Any = None) -> HttpResponse:
    may_keep = verbs.may_keep_webhooks(request.user)
    rows = found.deliveries.select_related("event").prefetch_related("attempts")
    log = page_of(rows, request, size=ON_A_PAGE)
    context = {
        "shown": _Shown(found),
        "may_keep": may_keep,
        "missed": max(0, events.head(found.organization) - found.read_up_to),
        "resume_form": resume_form or ResumeForm(),
        "log": log,
        "messages_sent": [
            _Message(row, list(row.attempts.all()), may_keep and not found.paused_at)
            for row in log.rows
        ],
    }
    return render(request, "registrations/webhook.html", context)


# Its variables are kept out of error reports altogether: a template's are among them.
@sensitive_variables()
def _show_once(request: HttpRequest, made: Webhook, secret: str, *, is_new: bool) -> HttpResponse:
    """The only page that ever shows a secret: the answer itself, which nothing keeps."""
    context = {"webhook": made, "secret": secret, "is_new": is_new}
    return render(request, "registrations/webhook_secret.html", context)


def _do(request: HttpRequest, verb: Any, subject: Any, *, done: str, **said: Any) -> bool:
    """Do it, or say why not; answer whether it was done."""
    try:
        verb(subject, by=request.user, **said)
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, done)
    return True


def _demand_keeper(request: HttpRequest) -> None:
    if not verbs.may_keep_webhooks(request.user):
        raise PermissionDenied("Marketers and operators look after webhooks.")


def _seen_by(user: Any) -> QuerySet[Webhook]:
    delivered = Delivery.objects.filter(webhook=OuterRef("pk"), state=Delivery.State.DELIVERED)
    rows = Webhook.objects.for_user(user).filter(deleted_at=None)
    return rows.select_related("organization", "created_by").annotate(
        has_delivered=Exists(delivered)
    )


def _found(request: HttpRequest, pk: int) -> Webhook:
    return get_object_or_404(_seen_by(request.user), pk=pk)


def _in_words(name: str) -> str:
    """An event type as people read it: “Number link: linked”."""
    kind, _, word = name.partition(".")
    subject = kind.replace("_", " ").capitalize()
    return f"{subject}: {word.replace('_', ' ').replace('*', 'everything')}"
