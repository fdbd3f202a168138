from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from registrations.lifecycle import Actor, Cause, Kind, Status
from registrations.models.about import (
    about_exactly_one,
    about_fields,
    about_organizations,
    registration_of,
)
from registrations.models.organization import Organization, sees_every_organization


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def for_user(self, user: Any) -> AuditEntryQuerySet:
        if sees_every_organization(user):
            return self
        return self.filter(about_organizations(Organization.objects.for_user(user)))


class AuditEntry(models.Model):
    """One line of a registration's trail. Written once; never changed or deleted.

    Lines of one trail are numbered without gaps and chained: each holds a SHA-256 over itself and
    the line before, so that an edit, a deletion or an insertion breaks the chain from there on.
    """

    brand, campaign, number_link = about_fields("trail")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    from_status = models.CharField(max_length=20, blank=True, choices=Status.choices)
    to_status = models.CharField(max_length=20, choices=Status.choices)
    actor = models.CharField(max_length=10, choices=Actor.choices)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_entries"
    )
    submission = models.ForeignKey(
        "registrations.Submission", models.PROTECT, null=True, related_name="trail"
    )
    note = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="audit_entry_by_time")]
        constraints = [
            about_exactly_one("audit_entry_is_about_exactly_one_registration"),
            *(
                models.UniqueConstraint(
                    fields=[kind.value, "sequence"], name=f"trail_of_a_{kind.value}_has_no_twins"
                )
                for kind in Kind
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration.reference} line {self.sequence}"

    @property
    def registration(self) -> Any:
        return registration_of(self)

    @property
    def moved(self) -> bool:
        """It tells of a change of status, and not only of something worth keeping."""
        return self.from_status != self.to_status

    def save(self, *args: Any, **kwargs: Any) -> None:
        trail = type(self).objects.filter(
            brand=self.brand_id, campaign=self.campaign_id, number_link=self.number_link_id
        )
        before = trail.filter(sequence=self.sequence - 1).values_list("hash", flat=True).first()
        self.previous_hash = before or ""
        self.hash = self.computed_hash()
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def computed_hash(self) -> str:
        """SHA-256 (hex) over every field of this line and the hash of the one before."""
        content = [
            "10dlc audit entry 1",
            self.previous_hash,
            self.brand_id,
            self.campaign_id,
            self.number_link_id,
            self.sequence,
            self.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds"),
            str(self.from_status),
            str(self.to_status),
            str(self.actor),
            str(self.cause),
            self.user_id,
            self.submission_id,
            self.note,
        ]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
