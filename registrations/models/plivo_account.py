from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections, models
from django.db.models import Q
from django.utils import timezone

from registrations.models.secret import SecretField


class PlivoAccount(models.Model):
    """An account or subaccount at Plivo through which we register."""

    auth_id = models.CharField("auth id", max_length=20, unique=True)
    name = models.CharField(max_length=100, blank=True)
    main_account = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subaccounts",
        help_text="For a subaccount: the account whose token makes the Ma-V2 signature.",
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True)
    # Plivo asked us to be slower: nothing is sent for this account before then.
    hold_until = models.DateTimeField(null=True, blank=True)
    last_list_sweep_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "Plivo account"
        ordering = ["auth_id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.auth_id})" if self.name else self.auth_id

    @property
    def main(self) -> PlivoAccount:
        return self.main_account or self

    def live_tokens(self) -> list[str]:
        """Every auth token that is valid now, newest first. Several live during a rotation."""
        now = timezone.now()
        live = self.tokens.filter(
            Q(retired_at=None) | Q(retired_at__gt=now), active_from__lte=now
        ).order_by("-active_from", "-pk")
        return [row.token for row in live]

    def pause(self, reason: str) -> None:
        """Stop sending. What is queued stays queued; callbacks are still received."""
        self.paused_at, self.pause_reason = timezone.now(), reason
        self.save(update_fields=["paused_at", "pause_reason"])

    def resume(self) -> None:
        self.paused_at, self.pause_reason = None, ""
        self.save(update_fields=["paused_at", "pause_reason"])


class PlivoToken(models.Model):
    """An auth token of a Plivo account: it signs our requests in, and Plivo's callbacks."""

    account = models.ForeignKey(PlivoAccount, models.CASCADE, related_name="tokens")
    token = SecretField("auth token")
    active_from = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "Plivo token"
        ordering = ["-active_from", "-pk"]

    def __str__(self) -> str:
        return f"token {self.pk} of {self.account.auth_id}"


def adopt_account_from_settings(using: str = "default", **_: Any) -> None:
    """Make the account that the environment names, or give it the token the environment has.

    A token that was already there stays live until somebody retires it, so that callbacks signed
    with it during a rotation are still accepted.
    """
    if PlivoAccount._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before there were accounts
    auth_id, token = settings.PLIVO_AUTH_ID, settings.PLIVO_AUTH_TOKEN
    account, _created = PlivoAccount.objects.using(using).get_or_create(auth_id=auth_id)
    if token not in account.live_tokens():
        account.tokens.create(token=token)
