"""What a worker does for the door."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from portal import letters
from registrations.models import Deed, SecurityEvent

# However often links are asked for, from wherever: more of them help only who annoys the person.
LINKS_IN_A_WINDOW = 3


@shared_task(autoretry_for=(OSError,), retry_backoff=10, max_retries=5)
def send_link(*, event_id: int) -> None:
    """Mail the link that was asked for, unless nobody has the address or got some just now."""
    asked = SecurityEvent.objects.select_related("about").filter(pk=event_id).first()
    if asked is None or asked.about is None or not asked.about.is_active:
        return
    since = asked.at - timedelta(seconds=settings.SIGN_IN_WINDOW_SECONDS)
    before = SecurityEvent.objects.filter(
        deed=Deed.RESET_ASKED, about=asked.about, at__gt=since, pk__lt=asked.pk
    )
    if before.count() < LINKS_IN_A_WINDOW:
        letters.send_reset(asked.about)
