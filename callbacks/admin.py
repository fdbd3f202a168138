from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from callbacks import applying
from callbacks.models import PENDING, Callback, RefusedCount
from registrations.admin.looking import LookOnlyAdmin
from registrations.models import Role, roles_of


@admin.register(Callback)
class CallbackAdmin(LookOnlyAdmin):
    """Evidence: to be searched and read, whatever is posted."""

    date_hierarchy = "received_at"
    list_display = ["received_at", "outcome", "word", "method", "about", "scheme", "v3", "peer"]
    list_select_related = [
        "submission__brand",
        "submission__campaign",
        "submission__number_link",
    ]
    list_filter = ["outcome", "method", "scheme", "v3", "account"]
    search_fields = [
        "path",
        "word",
        "submission__plivo_id",
        "submission__brand__reference",
        "submission__campaign__reference",
        "submission__number_link__reference",
    ]
    readonly_fields = ["about", "decoded", "body_as_text"]
    actions = ["reapply"]

    def has_reapply_permission(self, request: HttpRequest) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    @admin.action(description="Apply once more", permissions=["reapply"])
    def reapply(self, request: HttpRequest, queryset: QuerySet[Callback]) -> None:
        pending = queryset.filter(outcome__in=PENDING).values_list("pk", flat=True)
        outcomes = Counter(applying.reapply(number).get_outcome_display() for number in pending)
        told = ", ".join(f"{count} {outcome.lower()}" for outcome, count in outcomes.items())
        self.message_user(request, f"Now: {told}." if told else "None of them is pending.")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["body"]  # shown as text

    @admin.display(description="registration")
    def about(self, callback: Callback) -> str:
        if callback.submission is None:
            return "–"
        registration = callback.submission.registration
        return format_html(
            '<a href="{}">{}</a>', registration.get_absolute_url(), registration.reference
        )

    @admin.display(description="body")
    def body_as_text(self, callback: Callback) -> str:
        return callback.body_text


@admin.register(RefusedCount)
class RefusedCountAdmin(LookOnlyAdmin):
    list_display = ["minute", "count"]
