from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models


class Theme(models.TextChoices):
    """Whether pages are dark or light; blank leaves it to the device."""

    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            "“%(name)s” is no time zone, as Europe/Vienna is.", params={"name": name}
        )


class Preferences(models.Model):
    """How one person wants the portal: her clock, her light, and what she is written about."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences", primary_key=True
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Blank: that of the browser.",
    )
    theme = models.CharField(max_length=5, choices=Theme.choices, blank=True)

    mail_rejected = models.BooleanField("something was rejected", default=True)
    mail_conflict = models.BooleanField("Plivo contradicts itself", default=True)
    mail_decision = models.BooleanField("a decision is needed", default=True)
    mail_registered = models.BooleanField("something was registered", default=True)
    mail_digest = models.BooleanField("once a day, what is stuck", default=True)

    # Home tells what moved since the last visit. A visit ends when nobody looked for a while.
    here_at = models.DateTimeField(null=True, editable=False)
    last_visit_ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user}"

    @classmethod
    def of(cls, user: Any) -> Preferences:
        """Those of this person; the usual ones, unsaved, for one who never chose."""
        return cls.objects.filter(user=user).first() or cls(user=user)
