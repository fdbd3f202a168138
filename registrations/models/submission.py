from __future__ import annotations

import hashlib
import json
import secrets
import string
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from registrations.models.about import (
    about_exactly_one,
    about_fields,
    about_organizations,
    registration_of,
)
from registrations.models.organization import Organization, sees_every_organization
from registrations.models.registration import random_code
from registrations.models.secret import SecretField, SecretJSONField


class Operation(models.TextChoices):
    """What we ask of Plivo."""

    REGISTER_BRAND = "register_brand", "Register brand"
    REGISTER_CAMPAIGN = "register_campaign", "Register campaign"
    UPDATE_CAMPAIGN = "update_campaign", "Update campaign"
    LINK_NUMBER = "link_number", "Link number"
    UNLINK_NUMBER = "unlink_number", "Unlink number"
    DEACTIVATE_CAMPAIGN = "deactivate_campaign", "Deactivate campaign"
    DEACTIVATE_BRAND = "deactivate_brand", "Deactivate brand"


# Each of these calls is billed, whatever comes of it: it is never repeated without two people.
PAID = [Operation.REGISTER_BRAND, Operation.REGISTER_CAMPAIGN, Operation.UPDATE_CAMPAIGN]

# These cost nothing but cannot be undone: they too need a second person.
APPROVED = [*PAID, Operation.DEACTIVATE_CAMPAIGN, Operation.DEACTIVATE_BRAND]


class State(models.TextChoices):
    """Where a request to Plivo stands."""

    QUEUED = "queued", "Waiting to be sent"
    SENDING = "sending", "Being sent"
    ACCEPTED = "accepted", "Accepted by Plivo"
    REFUSED = "refused", "Refused by Plivo"
    UNKNOWN = "unknown", "Verifying with Plivo"
    NEEDS_DECISION = "needs_decision", "Needs a decision"
    WITHDRAWN = "withdrawn", "Withdrawn"


LIVE = [State.QUEUED, State.SENDING, State.UNKNOWN, State.NEEDS_DECISION]


class Phase(models.TextChoices):
    """How far a claimed request got: a lease that ends in `prepared` has provably sent nothing."""

    PREPARED = "prepared", "Prepared"
    PROFILE = "profile", "Calling for the profile"
    CALLING = "calling", "Calling"


class Decision(models.TextChoices):
    """What two people may decide about a request whose outcome could not be found out."""

    SEND_AGAIN = "send_again", "Send again"
    WITHDRAW = "withdraw", "Withdraw"


def digest(operation: str, payload: Any) -> str:
    """SHA-256 (hex) of what would be sent. Approval is given to this, and to nothing else."""
    text = json.dumps([operation, payload], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def token_digest(token: str) -> str:
    """By what a callback's path token is found. The token itself is kept only as ciphertext."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A capability for one callback URL: 238 random bits in letters that nobody escapes."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def for_user(self, user: Any) -> SubmissionQuerySet:
        if sees_every_organization(user):
            return self
        return self.filter(about_organizations(Organization.objects.for_user(user)))

    def about(self, registration: Any) -> SubmissionQuerySet:
        return self.filter(**{registration.kind.value: registration.pk})

    def live(self) -> SubmissionQuerySet:
        return self.filter(state__in=LIVE)


class Submission(models.Model):
    """One request to Plivo for one registration.

    It is at once the outbox row (what waits to be sent), the version history (what was asked each
    time), the log of the attempt and the ledger of money. It is committed before the call.
    """

    brand, campaign, number_link = about_fields("submissions")
    account = models.ForeignKey("registrations.PlivoAccount", models.PROTECT)
    generation = models.PositiveIntegerField()
    operation = models.CharField(max_length=20, choices=Operation.choices)
    # Our own name for the object at Plivo, by which it is found again when an answer was lost.
    alias_code = models.CharField(max_length=8, unique=True, editable=False)
    payload = SecretJSONField()
    payload_digest = models.CharField(max_length=64)
    fee_expected = models.DecimalField("fee expected, US dollars", max_digits=8, decimal_places=2)

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_digest = models.CharField(max_length=64, blank=True)
    # One person in both roles, allowed by FOUR_EYES being off: recorded as what it is.
    self_approved = models.BooleanField(default=False)

    callback_url = SecretField(blank=True)
    # Null until it is first called: unique, so that blank would not do.
    callback_token_digest = models.CharField(  # noqa: DJ001
        max_length=64, unique=True, null=True
    )

    state = models.CharField(max_length=14, choices=State.choices, default=State.QUEUED)
    phase = models.CharField(max_length=8, choices=Phase.choices, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    waiting_for = models.CharField(max_length=200, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    called_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    # What Plivo had before a campaign was asked for: a new id beside these is ours.
    plivo_ids_before = models.JSONField(default=list, blank=True)
    unknown_since = models.DateTimeField(null=True)
    absences = models.PositiveIntegerField(default=0)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    plivo_id = models.CharField("Plivo id", max_length=40, blank=True)
    api_id = models.CharField("API id", max_length=64, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True)
    answer = SecretField(blank=True)
    error = models.TextField(blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="submission_by_due"),
            models.Index(fields=["-approved_at"], name="submission_by_approval"),
        ]
        constraints = [
            about_exactly_one("submission_is_for_exactly_one_registration"),
            *(
                models.UniqueConstraint(
                    fields=[kind, "generation"], name=f"a_{kind}_counts_its_submissions"
                )
                for kind in ("brand", "campaign", "number_link")
            ),
            *(
                models.UniqueConstraint(
                    fields=[kind],
                    condition=Q(state__in=LIVE),
                    name=f"a_{kind}_has_one_live_submission",
                )
                for kind in ("brand", "campaign", "number_link")
            ),
            models.CheckConstraint(
                name="what_costs_money_or_cannot_be_undone_was_approved",
                condition=~Q(operation__in=APPROVED) | Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="the_requester_does_not_approve",
                condition=Q(approved_by=None)
                | Q(self_approved=True)
                | ~Q(approved_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="what_is_sent_is_what_was_approved",
                condition=Q(approved_by=None) | Q(approved_digest=F("payload_digest")),
            ),
            models.CheckConstraint(
                name="one_person_does_not_decide_alone",
                condition=Q(decided_by=None)
                | Q(self_approved=True)
                | ~Q(decided_by=F("decision_proposed_by")),
            ),
            models.CheckConstraint(
                name="a_submission_in_a_known_state",
                condition=Q(state__in=State.values),
            ),
            models.CheckConstraint(
                name="a_request_being_sent_is_under_lease",
                condition=~Q(state=State.SENDING)
                | (~Q(lease_token="") & Q(lease_until__isnull=False) & ~Q(phase="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.registration.reference} no. {self.generation}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.alias_code:
            self.alias_code = random_code(8).lower()
        super().save(*args, **kwargs)

    @property
    def registration(self) -> Any:
        return registration_of(self)

    @property
    def is_paid(self) -> bool:
        return self.operation in PAID

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_latest(self) -> bool:
        newer = Submission.objects.about(self.registration).filter(generation__gt=self.generation)
        return not newer.exists()
