"""Taking a queued request for oneself, for a while, before anything is sent."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from registrations.models import Brand, Operation, Phase, PlivoAccount, State, Submission
from registrations.models.submission import PAID, new_token, token_digest

# How long to wait before looking again whether something a request needs is there now.
WAIT = timedelta(seconds=30)


def claim(submission_id: int) -> Submission | None:
    """Take a queued submission that is due: nobody else may send it while the lease runs.

    Answers None if it is not ours to send now, be it taken, not due, or waiting for something.
    """
    with transaction.atomic():
        submission = _with_registration(submission_id)
        now = timezone.now()
        if submission is None or submission.state != State.QUEUED or submission.due_at > now:
            return None
        # Claims of one account take turns, so that budget and one-at-a-time are counted rightly.
        PlivoAccount.objects.select_for_update().get(pk=submission.account_id)
        obstacle = _obstacle(submission, now)
        if obstacle:
            postpone(submission, obstacle, until=now + WAIT)
            return None
        submission.lease_token = uuid.uuid4().hex
        claimed = Submission.objects.filter(pk=submission_id, state=State.QUEUED).update(
            state=State.SENDING,
            phase=Phase.PREPARED,
            lease_token=submission.lease_token,
            lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            attempts=submission.attempts + 1,
            waiting_for="",
        )
        submission.attempts += 1
        return submission if claimed else None


def enter(submission: Submission, phase: Phase, plivo_ids_before: list[str]) -> bool:
    """Commit that the call is about to be made: from here on, silence means *unknown*.

    The callback URL is stored with it, because Plivo may call back before it answers.
    Answers False if the lease was lost.
    """
    url = submission.callback_url
    token = url.rstrip("/").rpartition("/")[2] if url else new_token()
    if not url:
        url = settings.PUBLIC_URL + reverse("plivo-callback", args=[token])
    now = timezone.now()
    entered = Submission.objects.filter(
        pk=submission.pk, state=State.SENDING, lease_token=submission.lease_token
    ).update(
        phase=phase,
        called_at=now,
        callback_url=url,
        callback_token_digest=token_digest(token),
        plivo_ids_before=plivo_ids_before,
        lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
    )
    submission.callback_url, submission.called_at = url, now
    return bool(entered)


def postpone(submission: Submission, reason: str, *, until: datetime) -> None:
    """Leave it in the queue, and say what it waits for."""
    Submission.objects.filter(pk=submission.pk, state=State.QUEUED).update(
        due_at=until, waiting_for=reason[:200]
    )


def _with_registration(submission_id: int) -> Submission | None:
    return (
        Submission.objects.select_related(
            "account", "brand", "campaign__brand", "number_link__campaign"
        )
        .filter(pk=submission_id)
        .first()
    )


def _obstacle(submission: Submission, now: datetime) -> str:
    """What this request must wait for, in words, or "" if nothing keeps it."""
    account = submission.account
    if account.paused_at:
        return f"Sending is paused: {account.pause_reason}"
    if account.hold_until and account.hold_until > now:
        return "Plivo asked us to slow down."
    match submission.operation:
        case Operation.REGISTER_CAMPAIGN | Operation.UPDATE_CAMPAIGN:
            if not submission.campaign.brand.is_confirmed_registered:
                return "The brand is not confirmed as registered yet."
            if _sibling_in_flight(submission):
                return "Another campaign of this brand is being sent."
        case Operation.LINK_NUMBER:
            if not submission.number_link.campaign.is_confirmed_registered:
                return "The campaign is not confirmed as registered yet."
    if submission.is_paid and _spent_recently(submission, now):
        return "The hourly limit of paid requests is reached."
    return ""


def _sibling_in_flight(submission: Submission) -> bool:
    """A lost answer is found again by the one new campaign: so only one may be under way."""
    Brand.objects.select_for_update().get(pk=submission.campaign.brand_id)
    return (
        Submission.objects.filter(
            operation=Operation.REGISTER_CAMPAIGN,
            campaign__brand=submission.campaign.brand_id,
            state__in=[State.SENDING, State.UNKNOWN, State.NEEDS_DECISION],
        )
        .exclude(pk=submission.pk)
        .exists()
    )


def _spent_recently(submission: Submission, now: datetime) -> bool:
    paid = Submission.objects.filter(
        account=submission.account_id,
        operation__in=PAID,
        called_at__gt=now - timedelta(hours=1),
    ).exclude(pk=submission.pk)
    return paid.count() >= settings.MAX_PAID_CALLS_PER_HOUR
