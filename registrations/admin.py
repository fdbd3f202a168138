"""The operator's and the power user's view over everything: to look, to search, and to act.

Facts of a registration are edited through its form and moved through `actions`; evidence cannot be
added, changed or deleted here, whatever is posted. What a person may see follows from her role.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from registrations import actions
from registrations.models import (
    AuditEntry,
    Brand,
    Campaign,
    NumberLink,
    Organization,
    PlivoAccount,
    PlivoToken,
    Role,
    Submission,
    roles_of,
)
from registrations.models.organization import HOUSE_ROLES

SECRETS = {"ein", "ein_index", "last_lookup", "payload", "answer", "callback_url", "token"}


class LookOnlyAdmin(admin.ModelAdmin):
    """Shown to the house's people, who may not add, change or delete anything through it."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.for_user(request.user) if hasattr(rows, "for_user") else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(roles_of(request.user) & HOUSE_ROLES)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request.user) & HOUSE_ROLES)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields if field.name in SECRETS]


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


class OperatedAdmin(LookOnlyAdmin):
    """What operators look after: they may add and change, and nobody deletes."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return Role.OPERATOR in roles_of(request.user)


@admin.register(Organization)
class OrganizationAdmin(OperatedAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name"]
    filter_horizontal = ["members"]


class TokenForm(forms.ModelForm):
    """A new token is typed once; of a stored one only the dates are shown."""

    class Meta:
        model = PlivoToken
        fields = ["token", "active_from", "retired_at"]
        widgets = {"token": forms.PasswordInput(attrs={"autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["token"].disabled = True
            self.fields["token"].required = False


class TokenInline(admin.TabularInline):
    """Tokens can be added and retired. A stored one is never shown again."""

    model = PlivoToken
    form = TokenForm
    extra = 0
    can_delete = False

    def _operates(self, request: HttpRequest, obj: Any = None) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    has_view_permission = has_add_permission = has_change_permission = _operates


@admin.register(PlivoAccount)
class PlivoAccountAdmin(OperatedAdmin):
    list_display = ["auth_id", "name", "main_account", "paused_at", "last_list_sweep_at"]
    search_fields = ["auth_id", "name"]
    readonly_fields = ["paused_at", "pause_reason", "hold_until", "last_list_sweep_at"]
    inlines = [TokenInline]
    actions = ["resume"]

    @admin.action(description="Send again (after a pause)", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[PlivoAccount]) -> None:
        for account in queryset:
            actions.resume_account(account, by=request.user)
        self.message_user(request, "Sending goes on.", messages.SUCCESS)
