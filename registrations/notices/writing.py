"""The words of a mail, as plain text and as HTML."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from registrations import ageing
from registrations.legible import straightened
from registrations.models import Notice, NoticeKind, Preferences
from registrations.models.about import registration_of

LONGEST_SUBJECT = 120
# Beyond so many of one kind a mail counts the rest and points to the portal.
MOST_IN_A_LETTER = 50

HEADLINES = {
    NoticeKind.REJECTED: ("{what} came back", "{count} registrations came back"),
    NoticeKind.REGISTERED: ("{what} is registered", "{count} registrations are registered"),
    NoticeKind.CONFLICT: (
        "Plivo contradicts itself about {what}",
        "Plivo contradicts itself about {count} registrations",
    ),
    NoticeKind.DECISION: ("{what} needs a decision", "{count} requests need a decision"),
    NoticeKind.DIGEST: ("One registration is stuck", "{count} registrations are stuck"),
}


def letter(user: Any, kind: NoticeKind, notices: Sequence[Notice]) -> EmailMultiAlternatives | None:
    """One mail to one person about all of these, or nothing if it is no news any more."""
    items = _stuck(user) if kind == NoticeKind.DIGEST else [_item(notice) for notice in notices]
    if not items:
        return None
    one, many = HEADLINES[kind]
    headline = (one if len(items) == 1 else many).format(what=items[0]["what"], count=len(items))
    context = {
        "headline": headline,
        "kind": kind,
        "items": items[:MOST_IN_A_LETTER],
        "more": max(len(items) - MOST_IN_A_LETTER, 0),
        "user": user,
        "portal_url": f"{settings.PUBLIC_URL}{reverse('home')}",
        "preferences_url": f"{settings.PUBLIC_URL}{reverse('preferences')}",
    }
    with timezone.override(_clock(user)):
        mail = EmailMultiAlternatives(
            subject=subject_line(headline),
            body=straightened(render_to_string("notices/letter.txt", context)),
            to=[user.email],
            # So that no out-of-office answers, and a reader's program offers where to choose.
            headers={
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{context['preferences_url']}>",
            },
        )
        html = straightened(render_to_string("notices/letter.html", context))
        mail.attach_alternative(html, "text/html")
    return mail


def subject_line(headline: str) -> str:
    """One line, whatever somebody put into a name."""
    line = " ".join("".join(c if c.isprintable() else " " for c in headline).split())
    cut = line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"
    return f"[10DLC portal] {cut}"


def _item(notice: Notice) -> dict[str, Any]:
    row = notice.entry or notice.submission
    assert row is not None  # the constraint says so
    registration = registration_of(row)
    return {
        "what": str(registration),
        "organization": registration.organization,
        "url": f"{settings.PUBLIC_URL}{registration.get_absolute_url()}",
        "status": registration.get_status_display(),
        "confirmed": registration.is_confirmed,
        "entry": notice.entry,
        "reasons": registration.reasons if notice.kind == NoticeKind.REJECTED else [],
        "returned": registration.review_note,
        "field_notes": registration.field_notes,
        "conflict": registration.conflict,
        "error": notice.submission.error if notice.submission else "",
    }


def _stuck(user: Any) -> list[dict[str, Any]]:
    return [
        {
            "what": str(case.registration),
            "organization": case.registration.organization,
            "url": f"{settings.PUBLIC_URL}{case.registration.get_absolute_url()}",
            "status": case.registration.get_status_display(),
            "since": case.since,
            "remedy": case.remedy,
        }
        for case in ageing.stuck(user)
    ]


def _clock(user: Any) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(Preferences.of(user).time_zone or settings.TIME_ZONE)
