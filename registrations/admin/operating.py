"""What operators look after."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from registrations import actions
from registrations.admin.looking import LookOnlyAdmin, link
from registrations.models import (
    Deed,
    Organization,
    PlivoAccount,
    PlivoToken,
    Role,
    SecurityEvent,
    roles_of,
)
from registrations.peers import peer_of


class OperatedAdmin(LookOnlyAdmin):
    """What operators look after: they may add and change, and nobody deletes."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    def _write_down(self, request: HttpRequest, deed: Deed, detail: str) -> None:
        peer = peer_of(request)
        SecurityEvent.write(deed, by=request.user, peer=peer, detail=detail)


@admin.register(Organization)
class OrganizationAdmin(OperatedAdmin):
    purpose = "Clients and teams, and who belongs to them"
    list_display = ["name", "number_of_members", "brands", "created_at"]
    search_fields = ["name"]
    # Who belongs to it is changed on the people's pages, which say what was before and after.
    fields = ["name", "belonging", "brands", "created_at"]
    readonly_fields = ["belonging", "brands", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(members_counted=Count("members"))

    @admin.display(description="members")
    def number_of_members(self, organization: Any) -> int:
        return organization.members_counted

    @admin.display(description="members")
    def belonging(self, organization: Organization) -> str:
        if organization.pk is None:
            return "–"
        return ", ".join(str(person) for person in organization.members.order_by("username")) or "–"

    @admin.display(description="brands")
    def brands(self, organization: Organization) -> str:
        if organization.pk is None:
            return "–"
        about = {"organization__id__exact": organization.pk}
        return link("Its brands", "admin:registrations_brand_changelist", **about)


class MomentField(forms.DateTimeField):
    """Day and time in one box, which has one label: Django's two boxes share one."""

    def __init__(self, **options: Any) -> None:
        attrs = {"type": "datetime-local", "step": "1"}
        widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M:%S")
        super().__init__(widget=widget, **options)


class TokenForm(forms.ModelForm):
    """A new token is typed once; of a stored one only the dates are shown."""

    active_from = MomentField()
    retired_at = MomentField(required=False)

    class Meta:
        model = PlivoToken
        fields = ["token", "active_from", "retired_at"]
        widgets = {"token": forms.PasswordInput(attrs={"autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["token"].disabled = True
            self.fields["token"].required = False


class TokenInline(admin.StackedInline):
    """Tokens can be added and retired. A stored one is never shown again."""

    model = PlivoToken
    form = TokenForm
    extra = 0
    can_delete = False

    def _operates(self, request: HttpRequest, obj: Any = None) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    has_view_permission = has_add_permission = has_change_permission = _operates

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MainAccount(AutocompleteSelect):
    """The choice of a main account. Django would ask the database for whatever was sent."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if str(key).isdecimal()], attrs)


@admin.register(PlivoAccount)
class PlivoAccountAdmin(OperatedAdmin):
    purpose = "Accounts at Plivo, their tokens, and whether anything is sent for them"
    list_display = ["auth_id", "name", "main_account", "paused_at", "last_list_sweep_at"]
    list_select_related = ["main_account"]
    search_fields = ["auth_id", "name"]
    readonly_fields = ["paused_at", "pause_reason", "hold_until", "last_list_sweep_at"]
    autocomplete_fields = ["main_account"]
    inlines = [TokenInline]
    actions = ["export", "resume", "pause"]
    change_form_template = "admin/plivo_account.html"

    class Media:
        js = ["admin-look.js"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "main_account":
            kwargs["widget"] = MainAccount(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.action(description="Send again (after a pause)", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[PlivoAccount]) -> None:
        for account in queryset:
            self._act(request, actions.resume_account, account, "Sending goes on")

    @admin.action(description="Pause sending", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[PlivoAccount]) -> None:
        for account in queryset:
            self._act(request, actions.pause_account, account, "Nothing is sent any more")

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_resume" in request.POST:
            self._act(request, actions.resume_account, obj, "Sending goes on")
        elif "_pause" in request.POST:
            self._act(request, actions.pause_account, obj, "Nothing is sent any more")
        return super().response_change(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        added, changed = len(formset.new_objects), len(formset.changed_objects)
        if added or changed:
            told = f"{form.instance}: {added} added, {changed} with other dates."
            self._write_down(request, Deed.TOKENS_CHANGED, told)

    def _act(self, request: HttpRequest, act: Any, account: PlivoAccount, done: str) -> None:
        try:
            act(account, by=request.user)
        except (actions.NotAllowed, actions.IllegalMove) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{done} for {account}.", messages.SUCCESS)
