from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from callbacks import applying, quarantine
from callbacks.models import Callback, Outcome

AT_ONCE = 100


@shared_task
def sweep() -> None:
    """Apply what could not be applied before, and trim the quarantine. Safe to overlap."""
    now = timezone.now()
    failed = Callback.objects.filter(try_again_at__lte=now).order_by("try_again_at")
    # The newest first: most likely, the object is about to become known.
    nobodys = Callback.objects.filter(
        outcome=Outcome.UNRECOGNISED,
        submission=None,
        received_at__gt=now - applying.TRY_FOR,
    ).order_by("-received_at")
    for waiting in (failed, nobodys):
        for number in list(waiting.values_list("pk", flat=True)[:AT_ONCE]):
            applying.reapply(number)
    quarantine.trim()
