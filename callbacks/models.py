from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from registrations.models.about import about_organizations
from registrations.models.organization import Organization, sees_every_organization
from registrations.models.secret import SecretBytesField
from registrations.plivo import vocabulary
from registrations.plivo.vocabulary import Said


class Outcome(models.TextChoices):
    """What came of a callback. The last two are quarantine: bounded, and never believed."""

    APPLIED = "applied", "Applied"
    REPEAT = "repeat", "Repeat"
    LATE = "late", "Late"
    NOTED = "noted", "Noted"
    CONFLICT = "conflict", "Conflict"
    UNRECOGNISED = "unrecognised", "Unrecognised"
    UNAPPLIED = "unapplied", "Not applied yet"
    SUSPICIOUS = "suspicious", "Suspicious"
    FORGED = "forged", "Forged"


QUARANTINE = [Outcome.SUSPICIOUS, Outcome.FORGED]

# What may be tried once more: it changed nothing, and may after a fault of ours is mended, a word
# is learnt or the object becomes known.
PENDING = [Outcome.UNAPPLIED, Outcome.UNRECOGNISED]


class CallbackQuerySet(models.QuerySet["Callback"]):
    def for_user(self, user: Any) -> CallbackQuerySet:
        """A marketer sees what was said about her organizations' registrations."""
        if sees_every_organization(user):
            return self
        organizations = Organization.objects.for_user(user)
        return self.filter(about_organizations(organizations, prefix="submission__"))


class Callback(models.Model):
    """One request to a callback address, byte for byte, and what came of it.

    What arrived is never changed. What came of it may be written once more, when a fault of ours
    that kept it from being applied is mended.
    """

    Outcome = Outcome

    received_at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=8)
    # Without the token, which is a capability: "/callbacks/plivo/aB3x9Q…/".
    path = models.CharField(max_length=200)
    query = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    body = SecretBytesField(blank=True, default=b"")
    body_length = models.PositiveIntegerField(default=0)
    body_digest = models.CharField("SHA-256 of the body", max_length=64)
    peer = models.CharField(max_length=64, blank=True)

    account = models.ForeignKey(
        "registrations.PlivoAccount", models.PROTECT, null=True, related_name="callbacks"
    )
    submission = models.ForeignKey(
        "registrations.Submission", models.PROTECT, null=True, related_name="callbacks"
    )
    # The line of the trail that this callback caused.
    entry = models.OneToOneField(
        "registrations.AuditEntry", models.PROTECT, null=True, related_name="callback"
    )
    scheme = models.CharField("signature", max_length=5, blank=True)
    v3 = models.CharField("V3 signature", max_length=6, blank=True)
    # The signature as we computed it (hex): by this a delivery is known again.
    mac = models.CharField(max_length=64, blank=True)
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats")

    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    word = models.CharField("status word", max_length=60, blank=True)
    explanation = models.TextField(blank=True)
    # When the sweeper applies it once more, if a fault of ours kept it from being applied.
    try_again_at = models.DateTimeField(null=True, editable=False)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="callback_by_time"),
            models.Index(fields=["outcome", "-received_at"], name="callback_by_outcome"),
            models.Index(
                fields=["try_again_at"],
                condition=Q(try_again_at__isnull=False),
                name="callback_to_try_again",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_first_receipt_per_signature",
                fields=["account", "mac"],
                condition=Q(repeat_of=None) & ~Q(outcome__in=QUARANTINE) & ~Q(mac=""),
            ),
            models.CheckConstraint(
                name="a_callback_has_a_known_outcome", condition=Q(outcome__in=Outcome.values)
            ),
        ]

    def __str__(self) -> str:
        return f"Callback {self.pk} ({self.outcome})"

    @cached_property
    def said(self) -> Said:
        """What it says, read anew from the bytes: a word that was learnt since is understood."""
        content_type = self.headers.get("Content-Type", "")
        return vocabulary.decode(self.method, content_type, self.query, bytes(self.body or b""))

    @property
    def decoded(self) -> dict[str, list[str]]:
        """The fields that could be read, for showing; kept nowhere but in the encrypted body."""
        return self.said.fields

    @property
    def body_text(self) -> str:
        """The body for reading: bytes that are no text are shown as replacement characters."""
        return bytes(self.body or b"").decode("utf-8", "replace")


class RefusedCount(models.Model):
    """How many requests were refused in one minute, counted exactly; only a few are kept whole."""

    minute = models.DateTimeField(unique=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-minute"]

    def __str__(self) -> str:
        return f"{self.count} refused in the minute of {self.minute:%Y-%m-%d %H:%M}"
