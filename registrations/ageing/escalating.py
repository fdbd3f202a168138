"""What to write to Plivo's support about one registration, ready to send.

It names every id they ask for, and no tax id: mail is read by many.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from registrations.ageing.normal import Normal, in_words
from registrations.lifecycle import Actor, Kind
from registrations.models import Submission

# A tax id or a social security number, however it is punctuated. Plivo's reasons may quote one.
TAX_ID = re.compile(r"\b(\d{2}-?\d{7}|\d{3}-\d{2}-\d{4})\b")


@dataclass(frozen=True)
class Escalation:
    """A letter to Plivo's support."""

    subject: str
    body: str


def write(registration: Any, *, since: datetime, normal: Normal, lost: bool) -> Escalation:
    """The letter about a registration whose `requests` and `heard` were loaded beforehand.

    `lost`: that Plivo's answer to the last request never came.
    """
    status = registration.get_status_display().lower()
    what = f"10DLC {registration.kind.label.lower()}"
    known_as = _plivo_id(registration) or registration.reference
    if registration.conflict:
        subject = f"{what} {known_as}: which status holds?"
        asked = (
            f"You told us two contradicting things about our {what}: {registration.conflict}\n"
            "Please tell us which of them holds."
        )
    elif lost:
        subject = f"{what} {known_as}: have you received our request?"
        asked = (
            f"We sent you a request about our {what}, and your answer to it was lost. Please tell "
            "us whether you carried it out, and under which id.\n"
            "We do not send it again before we know, so as not to be billed twice."
        )
    else:
        subject = f"{what} {known_as}: {status} since {_utc(since)}"
        asked = (
            f"Our {what} has been waiting since {_utc(since)}, for "
            f"{in_words(timezone.now() - since)}. It is {status} here; as a rule that takes up to "
            f"{in_words(normal.slow_after)}.\n"
            "Please tell us what it waits for, and whether you need anything of us."
        )
    parts = [
        "Hello,",
        asked,
        _listed(_names(registration)),
        "Our requests (times in UTC):\n"
        + (_listed(map(_request, registration.requests)) or "none"),
        f"What we last heard: {_last_heard(registration)}",
        "Thank you.",
    ]
    return Escalation(
        subject=_without_tax_id(subject, registration),
        body=_without_tax_id("\n\n".join(parts), registration),
    )


def _names(registration: Any) -> list[str]:
    """By what Plivo and we know it."""
    names = [
        f"Plivo account (auth id): {registration.account.auth_id}",
        f"Our reference: {registration.reference}",
    ]
    match registration.kind:
        case Kind.BRAND:
            names += [f"Brand: {registration.company_name or registration.name}"]
        case Kind.CAMPAIGN:
            names += [
                f"Campaign: {registration.name}",
                f"Brand id: {registration.brand.plivo_id or 'not known to us'}",
            ]
        case Kind.NUMBER_LINK:
            names += [f"Number: +{registration.number}"]
    owner = "Campaign" if registration.kind == Kind.NUMBER_LINK else registration.kind.label
    return [*names, f"{owner} id: {_plivo_id(registration) or 'not known to us'}"]


def _plivo_id(registration: Any) -> str:
    """Plivo knows a link by its campaign."""
    if registration.kind == Kind.NUMBER_LINK:
        return registration.campaign.plivo_id
    return registration.plivo_id


def _request(submission: Submission) -> str:
    told = [
        f"{_utc(submission.called_at) if submission.called_at else 'not sent yet'}: "
        f"{submission.get_operation_display().lower()}",
        submission.get_state_display().lower(),
        f"HTTP {submission.answer_status}" if submission.answer_status else "",
        f"api_id {submission.api_id}" if submission.api_id else "no api_id received",
        submission.error,
    ]
    return ", ".join(part for part in told if part)


def _last_heard(registration: Any) -> str:
    if not registration.heard:
        return "nothing yet."
    entry = registration.heard[-1]
    reasons = [f"{reason['code']} {reason['text']}".strip() for reason in registration.reasons]
    heard = f"{_utc(entry.at)}, by {'a callback' if entry.actor == Actor.PLIVO else 'a look-up'}: "
    return heard + "; ".join([entry.note or entry.get_to_status_display().lower(), *reasons])


def _without_tax_id(text: str, registration: Any) -> str:
    text = TAX_ID.sub("(tax id)", text)
    own = registration.ein_digits if registration.kind == Kind.BRAND else ""
    if len(own) < 5:
        return text
    spelt = r"[\s.-]?".join(map(re.escape, own))
    return re.sub(spelt, "(tax id)", text, flags=re.IGNORECASE)


def _listed(lines: Any) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
