from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from registrations.models.secret import SecretField

# Old rows that are deleted in one go.
AT_ONCE = 500


class IdempotentRequest(models.Model):
    """A request of a program that may come again, and what was answered to it.

    Its row is committed before the work, so that of two at once one finds the other at it. The
    answer is kept for seven days, encrypted, since it may hold what people wrote.
    """

    # Who asked: "key 12" or "user 3".
    caller = models.CharField(max_length=24)
    key = models.CharField(max_length=255)
    # SHA-256 (hex) over method, path and body.
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    # While somebody works on it; if he dies, another may after that.
    lease_until = models.DateTimeField(null=True)
    answer_status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = SecretField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_caller_and_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"

    @classmethod
    def forget(cls) -> None:
        """Delete what is older than IDEMPOTENCY_DAYS; a few at a time, so that nobody waits."""
        before = timezone.now() - timedelta(days=settings.IDEMPOTENCY_DAYS)
        old = cls.objects.filter(created_at__lt=before).order_by("created_at")
        while some := list(old.values_list("pk", flat=True)[:AT_ONCE]):
            cls.objects.filter(pk__in=some).delete()
