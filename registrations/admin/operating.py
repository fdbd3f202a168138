"""What operators look after."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from registrations import actions
from registrations.admin.looking import LookOnlyAdmin
from registrations.models import (
    Organization,
    PlivoAccount,
    PlivoToken,
    Role,
    roles_of,
)


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
