"""Brands, campaigns and number links."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from registrations import actions
from registrations.admin.looking import LookOnlyAdmin
from registrations.models import (
    AuditEntry,
    Brand,
    Campaign,
    NumberLink,
    Role,
    Submission,
    roles_of,
)
from registrations.models.organization import HOUSE_ROLES


class TrailInline(admin.TabularInline):
    """The trail under its registration: to be read, never written."""

    model = AuditEntry
    extra = 0
    can_delete = False
    fields = readonly_fields = [
        "sequence",
        "at",
        "from_status",
        "to_status",
        "actor",
        "user",
        "cause",
        "note",
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request.user) & HOUSE_ROLES)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SubmissionInline(TrailInline):
    model = Submission
    show_change_link = True
    fields = readonly_fields = [
        "generation",
        "operation",
        "state",
        "fee_expected",
        "requested_by",
        "approved_by",
        "plivo_id",
        "api_id",
        "error",
    ]


class RegistrationAdmin(LookOnlyAdmin):
    """Brands, campaigns and number links. The actions are those of the pages."""

    date_hierarchy = "created_at"
    list_select_related = ["organization", "account"]
    list_filter = ["status", "organization", "account"]
    inlines = [TrailInline, SubmissionInline]
    actions = ["ask_plivo_now"]

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return bool(roles_of(request.user) & {Role.COMPLIANCE, Role.OPERATOR})

    @admin.action(description="Ask Plivo now", permissions=["ask"])
    def ask_plivo_now(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, lambda row: actions.look_up_now(row, by=request.user))

    @admin.display(description="page")
    def page(self, registration: Any) -> str:
        return format_html('<a href="{}">open</a>', registration.get_absolute_url())

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], act: Any) -> None:
        done = 0
        for registration in queryset:
            try:
                act(registration)
            except (actions.NotAllowed, actions.IllegalMove, actions.Blocked) as refusal:
                self.message_user(request, f"{registration}: {refusal}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, f"Done for {done}.", messages.SUCCESS)


class ReviewedAdmin(RegistrationAdmin):
    actions = ["ask_plivo_now", "approve"]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return Role.COMPLIANCE in roles_of(request.user)

    @admin.action(description="Approve and send to Plivo", permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        def approve(registration: Any) -> None:
            seen = actions.preview(registration).digest
            actions.approve(registration, by=request.user, digest=seen)

        self._each(request, queryset, approve)


@admin.register(Brand)
class BrandAdmin(ReviewedAdmin):
    list_display = [
        "reference",
        "name",
        "company_name",
        "organization",
        "status",
        "confirmed_status",
        "plivo_id",
        "created_at",
        "page",
    ]
    search_fields = ["reference", "name", "company_name", "plivo_id", "profile_uuid"]
    readonly_fields = ["masked_ein"]


@admin.register(Campaign)
class CampaignAdmin(ReviewedAdmin):
    list_display = [
        "reference",
        "name",
        "brand",
        "usecase",
        "organization",
        "status",
        "confirmed_status",
        "plivo_id",
        "created_at",
        "page",
    ]
    list_select_related = ["organization", "account", "brand"]
    list_filter = ["status", "usecase", "organization", "account"]
    search_fields = ["reference", "name", "brand__name", "plivo_id"]


@admin.register(NumberLink)
class NumberLinkAdmin(RegistrationAdmin):
    list_display = [
        "reference",
        "number",
        "campaign",
        "organization",
        "status",
        "confirmed_status",
        "created_at",
        "page",
    ]
    list_select_related = ["organization", "account", "campaign"]
    search_fields = ["reference", "number", "campaign__reference", "campaign__plivo_id"]
