"""The people and what they did besides registrations: to be looked at. People have their pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from registrations.admin.looking import HAPPENED, LookOnlyAdmin
from registrations.models import Role, SecurityEvent, roles_of

admin.site.unregister([Group, User])


@admin.register(User)
class PeopleAdmin(LookOnlyAdmin):
    """Operators look here; what they do with people, they do on their pages, which write it down.

    Only a name is put right here: it opens no door.
    """

    purpose = "Who may sign in, and as what; changed on their own pages"
    list_display = ["username", "email", "roles", "is_active", "last_login", "page"]
    list_filter = ["groups", "is_staff", "is_active"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["username", "page"]}),
        ("Who it is", {"fields": ["first_name", "last_name", "email"]}),
        ("What they may do", {"fields": ["is_active", "is_staff", "is_superuser", "roles"]}),
        ("When", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = [
        "username",
        "email",
        "is_active",
        "is_staff",
        "is_superuser",
        "roles",
        "last_login",
        "date_joined",
        "page",
    ]

    @admin.display(description="roles")
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())

    @admin.display(description="changed on")
    def page(self, person: User) -> str:
        address = reverse("person", args=[person.pk])
        return format_html('<a href="{}">their page</a>', address)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def _operates(self, request: HttpRequest, obj: Any = None) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    has_module_permission = has_view_permission = _operates

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return self._operates(request)


@admin.register(SecurityEvent)
class SecurityEventAdmin(LookOnlyAdmin):
    """What people did that is no registration's story."""

    section = HAPPENED
    purpose = "Sign-ins, exports, looks at tax ids and the like"
    date_hierarchy = "at"
    list_display = ["at", "deed", "user", "about", "peer", "short_detail"]
    fields = ["at", "deed", "user", "about", "peer", "detail"]
    list_select_related = ["user", "about"]
    list_filter = ["deed"]
    search_fields = ["user__username", "about__username", "peer", "detail"]

    @admin.display(description="detail")
    def short_detail(self, event: SecurityEvent) -> str:
        return Truncator(event.detail).chars(200)
