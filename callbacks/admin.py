from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from callbacks.models import Callback, RefusedCount
from registrations.admin import LookOnlyAdmin


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
    search_fields = ["path", "word", "submission__plivo_id", "submission__brand__reference"]
    readonly_fields = ["body_as_text"]

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
