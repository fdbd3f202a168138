from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from registrations.models.organization import Organization, Role, roles_of, sees_every_organization
from registrations.models.registration import random_code


class Scope(models.TextChoices):
    """What a key may do, of what its owner may do. None includes another, but all can read."""

    READ = "read", "Read registrations and events"
    DRAFT = "draft", "Write drafts, link and unlink numbers"
    SUBMIT = "submit", "Send for review, withdraw, ask for deactivation"
    APPROVE = "approve", "Approve, return and decide"
    EVIDENCE = "evidence", "Read callbacks, submissions and trails"


# What people could ever do with a key, by the roles they wear; the actions themselves decide.
SCOPES_OF = {
    Role.MARKETER: {Scope.READ, Scope.DRAFT, Scope.SUBMIT, Scope.EVIDENCE},
    Role.COMPLIANCE: set(Scope),
    Role.AUDITOR: {Scope.READ, Scope.EVIDENCE},
    Role.OPERATOR: {Scope.READ, Scope.EVIDENCE},
}

# A whole key, as `make_secret` writes it: what looks otherwise is not even looked for.
WHOLE = re.compile(r"dlc_(?P<prefix>[0-9A-Z]{8})_(?P<secret>[0-9A-Za-z_-]{43})")


def scopes_open_to(user: Any) -> set[Scope]:
    """The scopes that a key of this person may have, and which of a key's still count."""
    return {scope for role in roles_of(user) for scope in SCOPES_OF[role]}


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def for_user(self, user: Any) -> Self:
        """Her own; operators look after everybody's."""
        if Role.OPERATOR in roles_of(user):
            return self
        return self.filter(owner=user.pk)

    def live(self) -> Self:
        now = timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def with_owner(self) -> Self:
        """Each with its owner, and whether she is a member of its organization now."""
        memberships = Organization.members.through.objects.filter(
            user=OuterRef("owner"), organization=OuterRef("organization")
        )
        rows = self.select_related("owner", "organization")
        return rows.annotate(owner_is_member=Exists(memberships))


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

    # What `with_owner` adds.
    owner_is_member: bool

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @sensitive_variables("secret")
    def make_secret(self) -> str:
        """Give this key a new prefix and secret; answer the whole key, which is seen only now."""
        secret = secrets.token_urlsafe(32)
        self.prefix, self.secret_digest = random_code(8), _digest(secret)
        return f"dlc_{self.prefix}_{secret}"

    @classmethod
    @sensitive_variables("text", "parts")
    def find(cls, text: str) -> ApiKey | None:
        """The live key that `text` is, if any, as `with_owner` gives it."""
        parts = WHOLE.fullmatch(text)
        if parts is None:
            return None
        found = cls.objects.live().with_owner().filter(prefix=parts["prefix"]).first()
        # Also where there is none, so that the time tells nothing.
        known = found.secret_digest if found else "0" * 64
        return found if hmac.compare_digest(known, _digest(parts["secret"])) else None

    @property
    def is_live(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired

    @property
    def usable_scopes(self) -> set[Scope]:
        """What it may do as its owner's roles are now."""
        return {scope for scope in scopes_open_to(self.owner) if scope in self.scopes}

    def why_stopped(self) -> str:
        """What became of its owner, so that it opens nothing though it is live; "" if it does.

        Needs what `with_owner` reads.
        """
        if not self.owner.is_active:
            return "Its owner is deactivated."
        if not self.usable_scopes:
            return "Its owner has lost the role that it needs."
        if not (self.owner_is_member or sees_every_organization(self.owner)):
            return f"Its owner has left {self.organization}."
        return ""


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
    def count_one(cls, key: ApiKey, minute: datetime, *, most: int) -> bool:
        """Count one more use in this minute, unless there were `most` already; answers if it did.

        One statement as a rule, and nothing is written for a use too many.
        """
        row = cls.objects.filter(key=key, minute=minute)
        more = row.filter(count__lt=most)
        if more.update(count=F("count") + 1):
            return True
        _, is_first = cls.objects.get_or_create(key=key, minute=minute, defaults={"count": 1})
        # Somebody else may have been the first meanwhile.
        return is_first or bool(more.update(count=F("count") + 1))

    @classmethod
    def forget(cls) -> None:
        """Delete what is older than a day: throttling needs a minute, and pages show an hour."""
        cls.objects.filter(minute__lt=timezone.now() - timedelta(days=1)).delete()


@sensitive_variables("secret")
def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
