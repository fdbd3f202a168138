"""What Plivo said, in the admin: to be searched and read, whatever is posted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from callbacks import actions
from callbacks.models import Callback, RefusedCount
from registrations.admin.evidence import EvidenceAdmin, unread_of_registrations
from registrations.admin.filtering import ByNameFilter
from registrations.admin.looking import HAPPENED, LookOnlyAdmin, link
from registrations.peers import peer_of


@admin.register(Callback)
class CallbackAdmin(EvidenceAdmin):
    """Evidence: to be searched and read, whatever is posted."""

    purpose = "Every request to a callback address, as it came, and what came of it"
    date_hierarchy = "received_at"
    sortable_by = ["received_at"]
    list_display = [
        "received_at",
        "what_came_of_it",
        "word",
        "method",
        "about",
        "account",
        "scheme",
        "v3",
        "peer",
        "page",
    ]
    list_select_related = [
        "account",
        "submission__brand",
        "submission__campaign",
        "submission__number_link",
    ]
    list_filter = ["outcome", ("account", ByNameFilter)]
    narrowed_by = ["submission"]
    whole = ["word", "submission__plivo_id", "submission__api_id"]
    about_path = "submission__"
    search_help_text = "A reference, or a whole status word, id at Plivo, API id or number."
    unread = [
        "body",
        "headers",
        "submission__payload",
        "submission__answer",
        "submission__callback_url",
        *unread_of_registrations("submission__"),
    ]
    fieldsets = [
        (
            "What came of it",
            {"fields": ["what_came_of_it", "word", "explanation", "page", "entry", "repeat_of"]},
        ),
        ("What it is about", {"fields": ["about", "submission", "account"]}),
        (
            "What came",
            {"fields": ["received_at", "peer", "method", "path", "query", "headers", "decoded"]},
        ),
        ("Its body", {"fields": ["body_as_text", "body_length", "body_digest"]}),
        ("Its signature", {"fields": ["scheme", "v3", "mac"]}),
    ]
    actions = ["export", "reapply", "verify_again"]

    def has_act_permission(self, request: HttpRequest) -> bool:
        return actions.may_act(request.user)

    @admin.action(description="Apply once more", permissions=["act"])
    def reapply(self, request: HttpRequest, queryset: QuerySet[Callback]) -> None:
        self._each(
            request, queryset, lambda one: _outcome(actions.apply_again(one, **_who(request)))
        )

    @admin.action(description="Verify refused ones again", permissions=["act"])
    def verify_again(self, request: HttpRequest, queryset: QuerySet[Callback]) -> None:
        def verify(callback: Callback) -> str:
            received = actions.verify_again(callback, **_who(request))
            return _outcome(received) if received else "still refused"

        self._each(request, queryset, verify)

    def _each(self, request: HttpRequest, queryset: QuerySet[Callback], act: Any) -> None:
        """Do it to each of them, and tell what came of it in one line."""
        outcomes: Counter[str] = Counter()
        for callback in queryset.order_by("received_at", "pk"):
            try:
                outcomes[act(callback)] += 1
            except actions.NotNow as refusal:
                outcomes[f"not: {refusal}"] += 1
        told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        self.message_user(request, f"Now: {told}.", messages.INFO)

    @admin.display(description="outcome", ordering="outcome")
    def what_came_of_it(self, callback: Callback) -> str:
        return format_html(
            '<span class="outcome" data-outcome="{}">{}</span>',
            callback.outcome,
            callback.get_outcome_display(),
        )

    @admin.display(description="registration")
    def about(self, callback: Callback) -> str:
        return super().about(callback.submission) if callback.submission else "–"

    @admin.display(description="page")
    def page(self, callback: Callback) -> str:
        return link("Its page", "callback", callback.pk)

    @admin.display(description="body")
    def body_as_text(self, callback: Callback) -> str:
        return callback.body_text


@admin.register(RefusedCount)
class RefusedCountAdmin(LookOnlyAdmin):
    section = HAPPENED
    purpose = "How many requests were refused, minute by minute"
    date_hierarchy = "minute"
    list_display = ["minute", "count"]
    sortable_by = ["minute"]


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "peer": peer_of(request)}


def _outcome(callback: Callback) -> str:
    return callback.get_outcome_display().lower()
