from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from callbacks import quarantine, receiving
from callbacks.models import Callback, Outcome

# What cannot be applied for so long needs a person.
TRY_FOR = timedelta(days=2)
AT_ONCE = 100


@shared_task
def sweep() -> None:
    """Apply what could not be applied before, and trim the quarantine. Safe to overlap."""
    waiting = Callback.objects.filter(
        Q(outcome=Outcome.UNAPPLIED) | Q(outcome=Outcome.UNRECOGNISED, submission=None),
        received_at__gt=timezone.now() - TRY_FOR,
    )
    for callback in waiting.order_by("pk")[:AT_ONCE]:
        receiving.reapply(callback)
    quarantine.trim()
