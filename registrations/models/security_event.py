from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Deed(models.TextChoices):
    """What people did that is no registration's story, and that an auditor asks for."""

    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    SECOND_FACTOR_FAILED = "second_factor_failed", "Gave a wrong code"
    SIGNED_OUT = "signed_out", "Signed out"
    SESSION_ENDED = "session_ended", "Was signed out because a role was lost"
    PASSWORD_CHANGED = "password_changed", "Changed the password"  # noqa: S105
    RESET_ASKED = "reset_asked", "Asked for a new password"
    SECOND_FACTOR_ADDED = "second_factor_added", "Added a second factor"
    SECOND_FACTOR_REMOVED = "second_factor_removed", "Removed a second factor"
    INVITED = "invited", "Invited somebody"
    ROLES_CHANGED = "roles_changed", "Changed somebody's roles"
    ORGANIZATIONS_CHANGED = "organizations_changed", "Changed somebody's organizations"
    ADDRESS_CHANGED = "address_changed", "Changed somebody's e-mail address"
    DEACTIVATED = "deactivated", "Deactivated somebody"
    REACTIVATED = "reactivated", "Reactivated somebody"
    KEY_MADE = "key_made", "Made an API key"
    KEY_ROTATED = "key_rotated", "Rotated an API key"
    KEY_REVOKED = "key_revoked", "Revoked an API key"
    WEBHOOK_CHANGED = "webhook_changed", "Changed a webhook"
    TOKENS_CHANGED = "tokens_changed", "Changed the tokens of a Plivo account"
    ACCOUNT_PAUSED = "account_paused", "Paused a Plivo account"
    ACCOUNT_RESUMED = "account_resumed", "Resumed a Plivo account"
    EXPORTED = "exported", "Exported rows"
    REVEALED = "revealed", "Looked at a tax id"
    TEST_CALLBACK_SENT = "test_callback_sent", "Sent a test callback"
    CALLBACK_REPLAYED = "callback_replayed", "Verified or applied a callback again"


class SecurityEvent(models.Model):
    """One line of what people did besides registrations. Written once; never changed or deleted.

    `name_index` is a keyed digest of the name that was typed at the door: people type passwords
    into the wrong field, and counting needs no more than to know a name again.
    """

    at = models.DateTimeField(default=timezone.now)
    deed = models.CharField(max_length=24, choices=Deed.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="security_events"
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="security_events_about"
    )
    name_index = models.CharField(max_length=64, blank=True)
    peer = models.CharField("address", max_length=64, blank=True)
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="security_event_by_time"),
            models.Index(fields=["deed", "peer", "-at"], name="security_event_by_peer"),
            models.Index(fields=["deed", "name_index", "-at"], name="security_event_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} at {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def write(
        cls,
        deed: Deed,
        *,
        by: Any = None,
        about: Any = None,
        peer: str = "",
        name_index: str = "",
        detail: str = "",
    ) -> SecurityEvent:
        """Write down what somebody did; `by` is None for one who is not signed in."""
        return cls.objects.create(
            deed=deed, user=by, about=about, peer=peer[:64], name_index=name_index, detail=detail
        )
