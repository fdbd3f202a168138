from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from registrations.models.secret import SecretField


class SecondFactor(models.Model):
    """An authenticator app of one person (TOTP, RFC 6238), and codes for the day it is lost.

    Each code is taken once: `last_step` is the 30-second step of the last one that was. Recovery
    codes are kept only as digests, and each is struck off when it is used.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor", primary_key=True
    )
    secret = SecretField("shared secret, Base32")
    # Only once the person has shown that the app works is it kept at all.
    added_at = models.DateTimeField(default=timezone.now)
    last_step = models.PositiveBigIntegerField(default=0)
    recovery_digests = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"second factor of {self.user}"
