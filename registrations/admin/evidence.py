"""Requests to Plivo and the lines of the trails."""

from __future__ import annotations

from django.contrib import admin

from registrations.admin.looking import LookOnlyAdmin
from registrations.models import (
    AuditEntry,
    Submission,
)


@admin.register(Submission)
class SubmissionAdmin(LookOnlyAdmin):
    date_hierarchy = "requested_at"
    list_display = [
        "__str__",
        "operation",
        "state",
        "account",
        "fee_expected",
        "requested_by",
        "approved_by",
        "plivo_id",
        "due_at",
    ]
    list_select_related = ["brand", "campaign", "number_link", "account"]
    list_filter = ["state", "operation", "account"]
    search_fields = ["plivo_id", "api_id", "alias_code", "brand__reference", "campaign__reference"]


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnlyAdmin):
    date_hierarchy = "at"
    list_display = ["at", "__str__", "from_status", "to_status", "actor", "cause", "user"]
    list_select_related = ["brand", "campaign", "number_link", "user"]
    list_filter = ["to_status", "actor", "cause"]
    search_fields = ["brand__reference", "campaign__reference", "number_link__reference", "note"]
