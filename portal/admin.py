"""The people, for operators: who they are, which roles they wear, whether they may sign in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from registrations.models import Role, roles_of

admin.site.unregister([Group, User])


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Operators make people and give them roles; never to themselves, and never to a superuser.

    Else one person could give herself what she needs to approve what she asked for.
    """

    list_display = ["username", "email", "roles", "is_staff", "is_active", "last_login"]
    list_filter = ["groups", "is_staff", "is_active"]
    filter_horizontal = ["groups"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Who it is", {"fields": ["first_name", "last_name", "email"]}),
        ("What they may do", {"fields": ["is_active", "is_staff", "groups"]}),
        ("When", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    @admin.display(description="roles")
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def _operates(self, request: HttpRequest, obj: Any = None) -> bool:
        return Role.OPERATOR in roles_of(request.user)

    has_module_permission = has_view_permission = has_add_permission = _operates

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        itself = obj is not None and obj.pk == request.user.pk
        return self._operates(request) and not itself

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what they did stays theirs: deactivate them
