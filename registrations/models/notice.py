from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class NoticeKind(models.TextChoices):
    """What people are written about; each can be switched off in `Preferences`."""

    REJECTED = "rejected", "Rejected or refused"
    CONFLICT = "conflict", "Plivo contradicts itself"
    DECISION = "decision", "A decision is needed"
    REGISTERED = "registered", "Registered"
    DIGEST = "digest", "What is stuck"


class Notice(models.Model):
    """One mail to one person: the outbox row, committed before it is sent.

    It is about a line of a trail, about a submission that needs a decision, or about a day. A row
    without a person says that nobody wanted to know, so that it is not asked again.
    """

    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices"
    )
    entry = models.ForeignKey(
        "registrations.AuditEntry", models.PROTECT, null=True, related_name="notices"
    )
    submission = models.ForeignKey(
        "registrations.Submission", models.PROTECT, null=True, related_name="notices"
    )
    day = models.DateField(null=True)

    created_at = models.DateTimeField(default=timezone.now)
    # When it is sent, or tried again; nothing once it was sent or given up.
    due_at = models.DateTimeField(null=True, default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_by_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_notice_is_about_one_thing",
                condition=Q(entry__isnull=False, submission=None, day=None)
                | Q(entry=None, submission__isnull=False, day=None)
                | Q(entry=None, submission=None, day__isnull=False),
            ),
            *(
                models.UniqueConstraint(
                    fields=["user", "kind", subject], name=f"one_notice_per_person_and_{subject}"
                )
                for subject in ("entry", "submission", "day")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.user or 'nobody'}"
