"""Carrying letters to the mail server: each at least once, and twice only if a worker dies."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from registrations.models import Notice, NoticeKind
from registrations.notices.writing import letter

log = logging.getLogger(__name__)

# Who sends holds a letter for so long; if he dies, another sends it after that.
SENDING = timedelta(minutes=5)
# How long a letter is tried again when the mail server does not take it.
RHYTHM = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720)]


def due_letters(at_once: int = 200) -> list[tuple[int, str]]:
    """The letters to be sent, as (primary key of the person, kind)."""
    due = Notice.objects.filter(due_at__lte=timezone.now(), user__isnull=False)
    return list(due.order_by("user", "kind").values_list("user", "kind").distinct()[:at_once])


def send_letter(user_id: int, kind: str) -> bool:
    """Send one person everything of one kind that is due, in one mail; answer whether it went.

    What a mail server refuses is tried again, later and later, for about a day, and then given up
    with the error kept.
    """
    now = timezone.now()
    mine = Notice.objects.filter(user=user_id, kind=kind)
    due = list(mine.filter(due_at__lte=now).values_list("pk", flat=True))
    # Compare and swap: of two workers, each gets those that the other has not.
    claim = now + SENDING
    mine.filter(pk__in=due, due_at__lte=now).update(due_at=claim)
    notices = list(
        mine.filter(pk__in=due, due_at=claim)
        .select_related(
            "entry__brand", "entry__campaign", "entry__number_link",
            "submission__brand", "submission__campaign", "submission__number_link",
        )
        .order_by("pk")
    )  # fmt: skip
    if not notices:
        return False
    user = User.objects.get(pk=user_id)
    mail = letter(user, NoticeKind(kind), notices) if user.is_active and user.email else None
    claimed = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    if mail is None:
        claimed.update(due_at=None)
        return False
    try:
        mail.send()
    except Exception as trouble:  # whatever a mail server or the way to it may do
        log.warning("a %s notice to user %s could not be sent: %r", kind, user_id, trouble)
        for notice in notices:
            notice.error, notice.due_at = repr(trouble)[:500], _next_try(notice)
            notice.attempts += 1
            notice.save(update_fields=["error", "due_at", "attempts"])
        return False
    claimed.update(sent_at=timezone.now(), due_at=None, error="")
    return True


def _next_try(notice: Notice) -> datetime | None:
    if notice.attempts >= len(RHYTHM):
        return None
    return timezone.now() + RHYTHM[notice.attempts]
