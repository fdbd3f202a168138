"""Requests to Plivo, the lines of the trails, and the mails about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator

from registrations.admin.filtering import ByNameFilter
from registrations.admin.looking import HAPPENED, LookOnlyAdmin, link, links
from registrations.filters import plain, reference_in
from registrations.lifecycle import Kind
from registrations.models import (
    REGISTRATION_MODELS,
    AuditEntry,
    Notice,
    Submission,
)

KINDS = {model.reference_prefix: model.kind for model in REGISTRATION_MODELS}


# Of the registration beside a row: long, or encrypted, and not shown there.
UNREAD = {
    Kind.BRAND: ["ein", "typed", "last_lookup"],
    Kind.CAMPAIGN: ["description", "message_flow", "typed", "last_lookup"],
    Kind.NUMBER_LINK: ["typed", "last_lookup"],
}


def unread_of_registrations(path: str = "") -> list[str]:
    """What is not read of the registrations that `path` leads to."""
    return [f"{path}{kind.value}__{name}" for kind, names in UNREAD.items() for name in names]


class EvidenceAdmin(LookOnlyAdmin):
    """What happened. Found by a reference or by a whole id: tables like these grow for ever."""

    section = HAPPENED
    # Fields of which one is what was typed, and the way to the registration.
    whole: list[str] = []
    about_path = ""
    search_fields = ["pk"]  # see get_search_results

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = plain(search_term)
        if reference := reference_in(text):
            kind = KINDS[reference[:2]].value
            return queryset.filter(**{f"{self.about_path}{kind}__reference": reference}), False
        found = Q(pk=None)
        for name in self.whole:
            found |= Q(**{f"{name}__iexact": text})
        if text.isascii() and text.isdigit() and len(text) <= 18:
            found |= Q(pk=int(text))
        return queryset.filter(found) if text else queryset, False

    @admin.display(description="registration")
    def about(self, row: Any) -> str:
        registration = row.registration
        return format_html(
            '<a href="{}">{}</a>', registration.get_absolute_url(), registration.reference
        )

    @admin.display(description="registration in the admin")
    def about_here(self, row: Any) -> str:
        registration = row.registration
        name = registration._meta.model_name
        return link(registration, f"admin:registrations_{name}_change", registration.pk)


@admin.register(Submission)
class SubmissionAdmin(EvidenceAdmin):
    purpose = "Each request to Plivo: who approved it, what it cost, what Plivo answered"
    date_hierarchy = "requested_at"
    sortable_by = ["requested_at"]
    list_display = [
        "__str__",
        "about",
        "state",
        "account",
        "fee_expected",
        "requested_by",
        "approved_by",
        "plivo_id",
        "requested_at",
    ]
    list_select_related = [
        "brand",
        "campaign",
        "number_link",
        "account",
        "requested_by",
        "approved_by",
    ]
    list_filter = ["state", "operation", ("account", ByNameFilter)]
    whole = ["plivo_id", "api_id", "alias_code"]
    search_help_text = "A reference, or a whole API id, id at Plivo or alias."
    unread = ["payload", "answer", "callback_url", *unread_of_registrations()]
    fieldsets = [
        (
            "What was asked",
            {"fields": ["operation", "generation", "about", "about_here", "together", "account"]},
        ),
        (
            "Where it stands",
            {
                "fields": [
                    "state",
                    "phase",
                    "waiting_for",
                    "due_at",
                    "attempts",
                    "called_at",
                    "settled_at",
                    "unknown_since",
                    "absences",
                    "error",
                ]
            },
        ),
        (
            "Who spent what",
            {
                "fields": [
                    "fee_expected",
                    "requested_by",
                    "requested_at",
                    "approved_by",
                    "approved_at",
                    "self_approved",
                    "payload_digest",
                    "approved_digest",
                    "decision",
                    "decision_proposed_by",
                    "decided_by",
                ]
            },
        ),
        ("At Plivo", {"fields": ["plivo_id", "api_id", "alias_code", "answer_status"]}),
    ]

    @admin.display(description="belongs together")
    def together(self, submission: Submission) -> str:
        about = {"submission__id__exact": submission.pk}
        return links(
            link("Callbacks", "admin:callbacks_callback_changelist", **about),
            link("Lines of the trail", "admin:registrations_auditentry_changelist", **about),
        )


@admin.register(AuditEntry)
class AuditEntryAdmin(EvidenceAdmin):
    purpose = "Every line of every trail: who moved what, and why"
    date_hierarchy = "at"
    sortable_by = ["at"]
    list_display = [
        "at",
        "about",
        "sequence",
        "from_status",
        "to_status",
        "actor",
        "user",
        "cause",
        "short_note",
    ]
    list_select_related = ["brand", "campaign", "number_link", "user"]
    list_filter = ["to_status", "actor", "cause"]
    narrowed_by = ["submission"]
    search_help_text = "A reference."
    unread = unread_of_registrations()
    fieldsets = [
        (
            "What happened",
            {"fields": ["at", "from_status", "to_status", "actor", "user", "cause", "note"]},
        ),
        (
            "To what, and by what",
            {"fields": ["about", "about_here", "sequence", "submission", "came_by"]},
        ),
        ("How it is chained", {"fields": ["previous_hash", "hash"]}),
    ]

    @admin.display(description="note")
    def short_note(self, entry: AuditEntry) -> str:
        return Truncator(entry.note).chars(80)

    @admin.display(description="callback")
    def came_by(self, entry: AuditEntry) -> str:
        callback = getattr(entry, "callback", None)
        if callback is None:
            return "–"
        return link(callback, "admin:callbacks_callback_change", callback.pk)


@admin.register(Notice)
class NoticeAdmin(LookOnlyAdmin):
    """The mails: to whom about what, and whether each was sent."""

    section = HAPPENED
    purpose = "Mails to people, and whether each was sent"
    date_hierarchy = "created_at"
    sortable_by = ["created_at"]
    list_display = [
        "created_at",
        "kind",
        "user",
        "day",
        "sent_at",
        "due_at",
        "attempts",
        "short_error",
    ]
    list_select_related = ["user"]
    list_filter = ["kind"]
    search_fields = ["=user__username"]
    search_help_text = "A whole user name."
    fieldsets = [
        ("The mail", {"fields": ["kind", "user", "day", "entry", "submission"]}),
        ("When", {"fields": ["created_at", "due_at", "sent_at", "attempts", "error"]}),
    ]

    @admin.display(description="error")
    def short_error(self, notice: Notice) -> str:
        return Truncator(notice.error).chars(80)
