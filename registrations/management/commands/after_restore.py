from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from registrations import reconcile
from registrations.lifecycle import AWAITING_PLIVO, FINAL_WORDS
from registrations.models import REGISTRATION_MODELS, State, Submission


class Command(BaseCommand):
    help = "After a backup was restored: treat what may have been sent since as unknown."

    def handle(self, *args: Any, **options: Any) -> None:
        # Since the backup, a queued request may have been sent: it is looked for first.
        now = timezone.now()
        doubtful = Submission.objects.filter(state__in=[State.QUEUED, State.SENDING])
        count = doubtful.update(
            state=State.UNKNOWN,
            phase="",
            lease_token="",
            due_at=now,
            unknown_since=now,
            absences=0,
            error="A backup was restored; it may have been sent since.",
        )
        settled = AWAITING_PLIVO.union(*FINAL_WORDS)
        for model in REGISTRATION_MODELS:
            for registration in model.objects.filter(status__in=settled):
                reconcile.ask_for_look_up(registration)
        self.stdout.write(f"{count} requests and every registration are being looked up.")
