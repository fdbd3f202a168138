"""What every part of the admin stands on: to look is all that one may."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from registrations.models import (
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
