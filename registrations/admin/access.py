"""The keys with which programs sign in: to be looked at. They are revoked on their own page."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from registrations.admin.filtering import ByNameFilter
from registrations.admin.looking import LookOnlyAdmin
from registrations.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(LookOnlyAdmin):
    """Operators see everybody's, others of the house their own; nobody sees a secret."""

    purpose = "Keys of programs: whose, for what, until when; changed on their own pages"
    date_hierarchy = "created_at"
    list_display = [
        "prefix",
        "name",
        "organization",
        "owner",
        "may",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
        "page",
    ]
    list_select_related = ["organization", "owner"]
    list_filter = [("organization", ByNameFilter)]
    search_fields = ["=prefix", "name", "=owner__username"]
    search_help_text = "A name, a whole prefix or a whole user name."
    unread = ["secret_digest"]
    fieldsets = [
        (
            "The key",
            {"fields": ["prefix", "name", "organization", "owner", "may", "replaces", "page"]},
        ),
        ("When", {"fields": ["created_at", "expires_at", "last_used_at", "revoked_at"]}),
    ]

    @admin.display(description="may")
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="changed on")
    def page(self, key: ApiKey) -> str:
        return format_html('<a href="{}">its page</a>', reverse("key", args=[key.prefix]))
