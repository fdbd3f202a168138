from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from registrations.models.organization import Organization, Role, roles_of, sees_every_organization
from registrations.models.registration import random_code


class Scope(models.TextChoices):
    """What a key may do, of what its owner may do. None includes another, but all can read."""

    READ = "read", "Read registrations and events"
    DRAFT = "draft", "Write drafts, link and unlink numbers"
    SUBMIT = "submit", "Send for review, withdraw, ask for deactivation"
    APPROVE = "approve", "Approve, return and decide"
    EVIDENCE = "evidence", "Read callbacks, submissions and trails"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def for_user(self, user: Any) -> Self:
        """Her own; operators look after everybody's."""
        if Role.OPERATOR in roles_of(user):
            return self
        return self.filter(owner=user.pk)

    def live(self) -> Self:
        now = timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiKey(models.Model):
    """What a program of one organization signs in with; it acts as its owner, within its scopes.

    "dlc_" and a prefix, which is shown, and a secret, which is shown once and kept only as SHA-256:
    its 256 random bits need no slow hash. Because a key is a person's, two keys of one person are
    still one pair of eyes.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_keys")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100, help_text="What it is for: “shop system”.")
    prefix = models.CharField(max_length=8, unique=True, editable=False)
    secret_digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="replaced_by"
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    def make_secret(self) -> str:
        """Give this key a new prefix and secret; answer the whole key, which is seen only now."""
        secret = secrets.token_urlsafe(32)
        self.prefix, self.secret_digest = random_code(8), _digest(secret)
        return f"dlc_{self.prefix}_{secret}"

    @classmethod
    def find(cls, text: str) -> ApiKey | None:
        """The live key that `text` is, if any."""
        mark, _, rest = text.partition("_")
        prefix, _, secret = rest.partition("_")
        if mark != "dlc" or not secret or not text.isascii():
            return None
        key = cls.objects.live().select_related("owner", "organization").filter(prefix=prefix)
        found = key.first()
        known = found.secret_digest if found else "0" * 64
        return found if hmac.compare_digest(known, _digest(secret)) else None

    @property
    def is_live(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired


class ApiUse(models.Model):
    """How often a key was used in one minute: what its throttle counts, in every process alike."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="uses")
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "minute"], name="one_count_per_key_and_minute")
        ]

    def __str__(self) -> str:
        return f"{self.key.prefix} at {self.minute:%H:%M}: {self.count}"

    @classmethod
    def count_one(cls, key: ApiKey, minute: datetime) -> int:
        """Count one more use, and answer how many there are in this minute now."""
        ApiUse.objects.bulk_create([ApiUse(key=key, minute=minute)], ignore_conflicts=True)
        row = ApiUse.objects.filter(key=key, minute=minute)
        row.update(count=F("count") + 1)
        return row.values_list("count", flat=True).get()


def organizations_of(user: Any) -> models.QuerySet[Organization]:
    """Those for which this person may hold a key: her own; the house's people, every one."""
    if sees_every_organization(user):
        return Organization.objects.all()
    return Organization.objects.for_user(user)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
