from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils import timezone

from registrations.models.audit import AuditEntry
from registrations.models.organization import Organization, sees_every_organization


class EventQuerySet(models.QuerySet["Event"]):
    def for_user(self, user: Any) -> Self:
        if sees_every_organization(user):
            return self
        return self.filter(organization__in=Organization.objects.for_user(user))


class Event(models.Model):
    """One change of a status, as programs are told of it.

    Events of an organization are numbered 1, 2, 3 … without gaps, in the order in which they were
    published; a number is given only after the change was committed, so that whoever has read
    up to a number will never find something new below it.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="events")
    number = models.PositiveBigIntegerField()
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="event")
    # As "brand.registered" or "number_link.linked".
    type = models.CharField(max_length=40)
    published_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["published_at"], name="event_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="events_of_an_organization_are_counted"
            )
        ]

    def __str__(self) -> str:
        return f"event {self.number} of {self.organization_id}: {self.type}"
