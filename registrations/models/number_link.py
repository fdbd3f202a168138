from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from registrations.lifecycle import NUMBER_LINK_LAW, Kind, Status
from registrations.models.registration import Registration

# The number is on a campaign, or on its way there or back.
HOLDING = [
    Status.LINK_QUEUED,
    Status.LINK_SUBMITTED,
    Status.LINK_CREATED,
    Status.LINKED,
    Status.UNLINK_QUEUED,
    Status.UNLINK_SUBMITTED,
    Status.UNLINK_CREATED,
    Status.UNLINK_FAILED,
]


class NumberLink(Registration):
    """A number on a campaign: from the wish to link it until it is unlinked.

    Plivo knows a link by campaign and number; it has no id of its own.
    """

    kind = Kind.NUMBER_LINK
    reference_prefix = "NL"
    # None is how Django leaves out a field of an abstract model.
    plivo_id = None  # type: ignore[assignment]

    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.LINK_QUEUED, editable=False
    )
    campaign = models.ForeignKey(
        "registrations.Campaign", models.PROTECT, related_name="number_links"
    )
    number = models.CharField(
        max_length=15,
        validators=[RegexValidator(r"^1\d{10}$", "Eleven digits that begin with 1.")],
        help_text="Digits with country code and no plus sign, as Plivo writes them: 14155550100.",
    )

    class Meta(Registration.Meta):
        indexes = [
            *Registration.Meta.indexes,
            models.Index(fields=["status", "-created_at"], name="link_by_status"),
            models.Index(fields=["organization", "-created_at"], name="link_by_organization"),
            models.Index(fields=["lookup_due_at"], name="link_by_lookup_due"),
        ]
        constraints = [
            *Registration.Meta.constraints,
            models.CheckConstraint(
                name="a_number_link_wears_a_status_of_links",
                condition=Q(status__in=[status for status in NUMBER_LINK_LAW if status]),
            ),
            models.UniqueConstraint(
                name="a_number_is_on_one_campaign_at_a_time",
                fields=["account", "number"],
                condition=Q(status__in=HOLDING),
                violation_error_message="This number is on a campaign already, or on its way.",
            ),
        ]

    def __str__(self) -> str:
        return f"Number +{self.number} ({self.reference})"
