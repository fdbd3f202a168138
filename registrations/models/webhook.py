from __future__ import annotations

import base64
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from registrations.models.event import Event
from registrations.models.organization import Organization, sees_every_organization
from registrations.models.secret import SecretField


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def for_user(self, user: Any) -> Self:
        if sees_every_organization(user):
            return self
        return self.filter(organization__in=Organization.objects.for_user(user))


class Webhook(models.Model):
    """An address of an organization's own program, which is told of changes as they happen.

    Messages have the form of Standard Webhooks (https://www.standardwebhooks.com/).
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="webhooks")
    url = models.CharField("address", max_length=500)
    description = models.CharField(max_length=200, blank=True)
    # As ["brand.registered", "campaign.*"]; empty for everything.
    event_types = models.JSONField(default=list, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # Since when every attempt fails; what lasts too long pauses it.
    failing_since = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    pause_reason = models.TextField(blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    # The number of the last event for which deliveries were made.
    read_up_to = models.PositiveBigIntegerField(default=0, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"webhook {self.pk} of {self.organization}"

    def live_secrets(self) -> list[str]:
        """Every secret that signs now, newest first. Two do during a rotation."""
        now = timezone.now()
        live = self.secrets.filter(Q(retired_at=None) | Q(retired_at__gt=now))
        return [row.secret for row in live.order_by("-created_at", "-pk")]


class WebhookSecret(models.Model):
    """What signs the messages of a webhook: "whsec_" and Base64, as Standard Webhooks has it."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="secrets")
    secret = SecretField()
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"secret {self.pk} of webhook {self.webhook_id}"

    @staticmethod
    def new() -> str:
        return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Delivery(models.Model):
    """One message to one webhook: the outbox row, committed before it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        GIVEN_UP = "given_up", "Given up"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    # None for a message of the test button.
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="deliveries")
    message_id = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    # Its attempts count from here again when somebody sends it once more by hand.
    attempts_before = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_by_due"
            ),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_by_webhook"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event"], name="one_delivery_per_webhook_and_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to webhook {self.webhook_id}"


class DeliveryAttempt(models.Model):
    """What was sent once, and what was answered."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    address = models.CharField(max_length=64, blank=True)
    body = SecretField(blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True)
    answer = SecretField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"attempt {self.pk} at {self.delivery}"
