from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from registrations.models.organization import Organization, sees_every_organization
from registrations.models.registration import random_code


class LinkBatchQuerySet(models.QuerySet["LinkBatch"]):
    def for_user(self, user: Any) -> Self:
        if sees_every_organization(user):
            return self
        return self.filter(organization__in=Organization.objects.for_user(user))


class LinkBatch(models.Model):
    """Many numbers that a program wants linked, each to the campaign it names.

    They are taken in at once and linked by a worker; each has its own answer.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="link_batches")
    reference = models.CharField(max_length=12, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # When the worker takes the next of them; nothing once all were taken.
    due_at = models.DateTimeField(null=True, default=timezone.now)

    objects = LinkBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "link batches"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="link_batch_by_due"
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.reference}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.reference:
            self.reference = f"LB-{random_code(8)}"
        super().save(*args, **kwargs)


class LinkBatchItem(models.Model):
    """One number of a batch, where it was to go, and what became of the wish."""

    batch = models.ForeignKey(LinkBatch, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    campaign_reference = models.CharField(max_length=12)
    number = models.CharField(max_length=40)
    link = models.ForeignKey(
        "registrations.NumberLink", models.PROTECT, null=True, related_name="batch_items"
    )
    # Why it was not taken, and what to do; blank while it waits or once it was.
    problem = models.TextField(blank=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="a_batch_counts_its_items")
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.batch_id}"
