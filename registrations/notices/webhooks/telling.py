"""The mail that says that a webhook was paused, to whoever can mend what is behind it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from registrations.legible import straightened
from registrations.models import Role, Webhook
from registrations.notices.writing import subject_line


def concerned_by(webhook_id: int) -> list[int]:
    """Who made this webhook, and the marketers of its organization: whoever can be written to."""
    webhook = Webhook.objects.get(pk=webhook_id)
    marketers = Q(groups__name=Role.MARKETER, organizations=webhook.organization_id)
    people = User.objects.filter(marketers | Q(pk=webhook.created_by_id), is_active=True)
    return list(people.exclude(email="").distinct().order_by("pk").values_list("pk", flat=True))


def tell_of_pause(webhook_id: int, user_id: int) -> None:
    """Write to one of them, if it is still so."""
    webhook = Webhook.objects.select_related("organization").get(pk=webhook_id)
    if webhook.paused_at and not webhook.deleted_at:
        _letter(webhook, User.objects.get(pk=user_id)).send()


def _letter(webhook: Webhook, person: Any) -> EmailMultiAlternatives:
    headline = f"A webhook of {webhook.organization} is paused"
    context = {
        "headline": headline,
        "webhook": webhook,
        "person": person,
        "url": settings.PUBLIC_URL + reverse("webhook", args=[webhook.pk]),
    }
    mail = EmailMultiAlternatives(
        subject=subject_line(headline),
        body=straightened(render_to_string("notices/webhook_paused.txt", context)),
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    html = straightened(render_to_string("notices/webhook_paused.html", context))
    mail.attach_alternative(html, "text/html")
    return mail
