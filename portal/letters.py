"""The mails of the door: each says what happened, and what to do if it was not you."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from registrations.legible import straightened


def send_invitation(person: Any, by: Any) -> None:
    link = _link(person, "invitation")
    _send(person.email, person, "invitation", "Your invitation to the 10DLC portal", link, by)


def send_reset(person: Any) -> None:
    link = _link(person, "password-reset-choose")
    _send(person.email, person, "reset", "Choose a new password for the 10DLC portal", link)


def send_address_changed(person: Any, to: str, by: Any) -> None:
    """To the address she had before, in case it was not her wish."""
    _send(to, person, "address_changed", "Your address in the 10DLC portal was changed", by=by)


def send_second_factor_removed(person: Any, by: Any) -> None:
    subject = "Your second factor in the 10DLC portal was removed"
    _send(person.email, person, "second_factor_removed", subject, _address("sign-in"), by)


def _send(to: str, person: Any, letter: str, subject: str, link: str = "", by: Any = None) -> None:
    context = {
        "subject": subject,
        "person": person,
        "by": by,
        "link": link,
        "portal_url": settings.PUBLIC_URL,
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    text = straightened(render_to_string(f"portal/mail/{letter}.txt", context))
    mail = EmailMultiAlternatives(subject, text, to=[to])
    html = straightened(render_to_string(f"portal/mail/{letter}.html", context))
    mail.attach_alternative(html, "text/html")
    mail.send()


def _link(person: Any, name: str) -> str:
    """An address by which this person, once, chooses a password."""
    who = urlsafe_base64_encode(force_bytes(person.pk))
    return _address(name, who, default_token_generator.make_token(person))


def _address(name: str, *parts: str) -> str:
    # Never from the request: what a client claims to be our host gets into no mail.
    return settings.PUBLIC_URL + reverse(name, args=parts)
