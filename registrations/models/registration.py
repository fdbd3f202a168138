from __future__ import annotations

import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from registrations.lifecycle import (
    AWAITING_PLIVO,
    FINAL_WORDS,
    LAW,
    QUEUED,
    Kind,
    Status,
)
from registrations.models.organization import Organization, sees_every_organization
from registrations.models.secret import SecretJSONField

# Crockford's base 32: nothing that is misread over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def random_code(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class RegistrationQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        """Only what this person may know of: a foreign registration does not exist for her."""
        if sees_every_organization(user):
            return self
        return self.filter(organization__in=Organization.objects.for_user(user))

    def unsettled(self) -> Self:
        """Plivo has not said its last word, or what it said awaits a look-up's agreement."""
        final = {status for pair in FINAL_WORDS for status in pair}
        return self.filter(
            models.Q(status__in=AWAITING_PLIVO)
            | models.Q(status__in=final, confirmed_at=None)
            | ~models.Q(conflict="")
        )


class Registration(models.Model):
    """What Brand, Campaign and NumberLink share: an owner, a status and a trail.

    `status` is what was last reported; `confirmed_status` is what a look-up at Plivo said. The
    body of a callback is not signed, so whatever costs money waits until both agree.
    """

    kind: Kind
    reference_prefix: str

    organization = models.ForeignKey("registrations.Organization", models.PROTECT)
    account = models.ForeignKey(
        "registrations.PlivoAccount", models.PROTECT, verbose_name="Plivo account"
    )
    reference = models.CharField(max_length=12, unique=True, editable=False)
    status = models.CharField(max_length=20, choices=Status.choices, editable=False)
    status_since = models.DateTimeField(default=timezone.now, editable=False)
    # Counts the lines of the trail, and is what two writers at once compare and swap.
    version = models.PositiveIntegerField(default=1, editable=False)
    plivo_id = models.CharField("Plivo id", max_length=40, blank=True, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    # How a program calls it, by which it finds its own things again.
    external_id = models.CharField(max_length=100, blank=True)
    review_note = models.TextField(blank=True, editable=False)
    # What compliance wrote beside single fields when it came back: {"website": "…"}.
    field_notes = models.JSONField(default=dict, blank=True, editable=False)
    # What was typed into a draft and does not fit its field yet: {"state": "California, …"}.
    # Nothing that somebody typed is lost because it was wrong.
    typed = SecretJSONField(default=dict, blank=True, editable=False)
    deactivation_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    confirmed_status = models.CharField(max_length=20, blank=True, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    conflict = models.TextField(blank=True, editable=False)
    # What the last look-up said while the conflict lasted, and when: two that agree settle it.
    conflict_looked_up_status = models.CharField(max_length=20, blank=True, editable=False)
    conflict_looked_up_at = models.DateTimeField(null=True, editable=False)
    # [{"code": "1101", "text": "…"}], word for word as Plivo gives them.
    reasons = models.JSONField(default=list, blank=True, editable=False)
    last_lookup = SecretJSONField(null=True, editable=False)
    last_lookup_at = models.DateTimeField(null=True, editable=False)
    lookup_due_at = models.DateTimeField(null=True, editable=False)
    lookups_without_news = models.PositiveIntegerField(default=0, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~models.Q(external_id=""),
                name="%(class)s_has_its_own_external_id",
                violation_error_message="Another one has this external id already.",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="%(class)s_by_time"),
            models.Index(
                fields=["status_since"],
                condition=~models.Q(conflict=""),
                name="%(class)s_in_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind.label} {self.reference}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.reference:
            self.reference = f"{self.reference_prefix}-{random_code(8)}"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse(f"{self.kind.value}", args=[self.reference])

    @property
    def is_confirmed(self) -> bool:
        """A look-up at Plivo has agreed with the status."""
        return self.confirmed_at is not None and self.confirmed_status == self.status

    @property
    def is_confirmed_registered(self) -> bool:
        return self.is_confirmed and self.status == Status.REGISTERED and not self.conflict

    @property
    def is_editable(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def awaits_plivo(self) -> bool:
        return self.status in AWAITING_PLIVO

    @property
    def is_on_its_way(self) -> bool:
        return self.status in QUEUED

    @property
    def latest_submission(self) -> Any:
        return self.submissions.order_by("-generation").first()  # type: ignore[attr-defined]

    @classmethod
    def statuses(cls) -> list[str]:
        return [status for status in LAW[cls.kind] if status]
