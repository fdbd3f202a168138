"""What programs are told, and whether they took it: to be looked at. Secrets are shown nowhere."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from registrations.admin.filtering import ByNameFilter
from registrations.admin.looking import HAPPENED, LookOnlyAdmin, link
from registrations.models import Delivery, Event, Webhook


@admin.register(Event)
class EventAdmin(LookOnlyAdmin):
    """Found by its number or its line of the trail: there are as many as there were changes."""

    section = HAPPENED
    purpose = "What programs are told, in its order, organization by organization"
    date_hierarchy = "published_at"
    sortable_by = ["published_at"]
    list_display = ["number", "organization", "type", "published_at", "line"]
    list_select_related = ["organization"]
    list_filter = [("organization", ByNameFilter)]
    search_fields = ["=number"]
    search_help_text = "A whole number."
    fields = ["number", "organization", "type", "published_at", "line"]

    @admin.display(description="line of the trail")
    def line(self, event: Event) -> str:
        return link(event.entry_id, "admin:registrations_auditentry_change", event.entry_id)


@admin.register(Webhook)
class WebhookAdmin(LookOnlyAdmin):
    purpose = "Addresses that are told of changes; changed on their own pages"
    date_hierarchy = "created_at"
    sortable_by = ["created_at"]
    list_display = [
        "url",
        "organization",
        "created_by",
        "created_at",
        "failing_since",
        "paused_at",
        "deleted_at",
        "page",
    ]
    list_select_related = ["organization", "created_by"]
    list_filter = [("organization", ByNameFilter)]
    search_fields = ["url", "=created_by__username"]
    search_help_text = "A part of the address, or a whole user name."
    fieldsets = [
        (
            "The webhook",
            {"fields": ["url", "organization", "description", "event_types", "messages", "page"]},
        ),
        (
            "How it goes",
            {
                "fields": [
                    "created_by",
                    "created_at",
                    "read_up_to",
                    "failing_since",
                    "paused_at",
                    "pause_reason",
                    "deleted_at",
                ]
            },
        ),
    ]

    @admin.display(description="messages")
    def messages(self, webhook: Webhook) -> str:
        about = {"webhook__id__exact": webhook.pk}
        return link("Its messages", "admin:registrations_delivery_changelist", **about)

    @admin.display(description="changed on")
    def page(self, webhook: Webhook) -> str:
        if webhook.deleted_at:
            return "–"
        return format_html('<a href="{}">its page</a>', reverse("webhook", args=[webhook.pk]))


@admin.register(Delivery)
class DeliveryAdmin(LookOnlyAdmin):
    """The messages. What was sent and answered stands on the webhook's own page."""

    section = HAPPENED
    purpose = "Messages to programs, and whether each was taken"
    date_hierarchy = "created_at"
    sortable_by = ["created_at"]
    list_display = ["message_id", "webhook", "event", "state", "created_at", "settled_at"]
    list_select_related = ["webhook__organization", "event"]
    list_filter = ["state"]
    narrowed_by = ["webhook"]
    search_fields = ["=message_id"]
    search_help_text = "A whole message id."
    fieldsets = [
        ("The message", {"fields": ["message_id", "webhook", "event", "state"]}),
        ("When", {"fields": ["created_at", "due_at", "settled_at", "attempts_made"]}),
    ]
