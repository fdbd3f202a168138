from __future__ import annotations

from django.db import models
from django.db.models import Q

from registrations.lifecycle import CAMPAIGN_LAW, Kind, Status
from registrations.models.choices import COMPOUND_USE_CASES, UseCase, Vertical
from registrations.models.registration import Registration

NUMBERS_PER_CAMPAIGN = 49


class Campaign(Registration):
    """What a brand sends, and how people agreed to get it.

    Field limits are those of Plivo's campaign page
    (https://www.plivo.com/docs/messaging/api/10dlc/campaign) and, where Plivo gives none, of the
    registry.
    """

    kind = Kind.CAMPAIGN
    reference_prefix = "CA"

    # Plivo's update call has no such parameters: a change of one means another campaign.
    UNCHANGEABLE = (
        "vertical",
        "usecase",
        "sub_usecases",
        "subscriber_optin",
        "subscriber_optout",
        "subscriber_help",
        "embedded_link",
        "embedded_phone",
        "age_gated",
        "direct_lending",
        "affiliate_marketing",
    )

    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    brand = models.ForeignKey("registrations.Brand", models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=60, help_text="How you call it here. Plivo sees it too.")
    vertical = models.CharField("industry", max_length=15, choices=Vertical.choices, blank=True)
    usecase = models.CharField("use case", max_length=30, choices=UseCase.choices, blank=True)
    sub_usecases = models.JSONField("kinds of messages", default=list, blank=True)
    description = models.TextField(max_length=4096, blank=True)
    message_flow = models.TextField("how people agree", max_length=2048, blank=True)
    sample1 = models.TextField("sample message 1", max_length=1024, blank=True)
    sample2 = models.TextField("sample message 2", max_length=1024, blank=True)
    sample3 = models.TextField("sample message 3", max_length=1024, blank=True)
    sample4 = models.TextField("sample message 4", max_length=1024, blank=True)
    sample5 = models.TextField("sample message 5", max_length=1024, blank=True)
    optin_message = models.TextField("opt-in message", max_length=320, blank=True)
    optout_message = models.TextField("opt-out message", max_length=320, blank=True)
    help_message = models.TextField(max_length=320, blank=True)
    optin_keywords = models.CharField("opt-in keywords", max_length=255, blank=True)
    optout_keywords = models.CharField(
        "opt-out keywords", max_length=255, blank=True, default="STOP,UNSUBSCRIBE,END,QUIT"
    )
    help_keywords = models.CharField(max_length=255, blank=True, default="HELP,INFO")
    subscriber_optin = models.BooleanField("people opt in before the first message", default=False)
    subscriber_optout = models.BooleanField("people can opt out at any time", default=False)
    subscriber_help = models.BooleanField("people who ask for help get it", default=False)
    embedded_link = models.BooleanField("messages hold a link", default=False)
    embedded_phone = models.BooleanField("messages hold a phone number", default=False)
    age_gated = models.BooleanField("content for adults only", default=False)
    direct_lending = models.BooleanField("content about loans", default=False)
    affiliate_marketing = models.BooleanField(default=False)
    terms_and_conditions_link = models.CharField(
        "link to terms and conditions", max_length=255, blank=True
    )
    privacy_policy_link = models.CharField("link to privacy policy", max_length=255, blank=True)
    reseller_id = models.CharField(max_length=40, blank=True)

    # What the operators grant, as Plivo last told it: {"AT&T": {"tpm": 4500}, …}
    mno_metadata = models.JSONField(default=dict, blank=True, editable=False)
    number_pool_limit = models.PositiveSmallIntegerField(
        default=NUMBERS_PER_CAMPAIGN, editable=False
    )

    class Meta(Registration.Meta):
        indexes = [
            *Registration.Meta.indexes,
            models.Index(fields=["status", "-created_at"], name="campaign_by_status"),
            models.Index(fields=["organization", "-created_at"], name="campaign_by_organization"),
            models.Index(fields=["lookup_due_at"], name="campaign_by_lookup_due"),
        ]
        constraints = [
            *Registration.Meta.constraints,
            models.CheckConstraint(
                name="a_campaign_wears_a_status_of_campaigns",
                condition=Q(status__in=[status for status in CAMPAIGN_LAW if status]),
            ),
            models.UniqueConstraint(
                name="one_campaign_per_plivo_id",
                fields=["account", "plivo_id"],
                condition=~Q(plivo_id=""),
            ),
            models.CheckConstraint(
                name="a_campaign_out_of_draft_has_a_use_case",
                condition=Q(status=Status.DRAFT) | Q(usecase__in=UseCase.values),
            ),
            models.CheckConstraint(
                name="a_confirmed_campaign_has_a_plivo_id",
                condition=Q(confirmed_at=None) | ~Q(plivo_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Campaign {self.reference} ({self.name})"

    @property
    def samples(self) -> list[str]:
        """The sample messages that were filled in, in their order."""
        fields = (self.sample1, self.sample2, self.sample3, self.sample4, self.sample5)
        return [text for text in fields if text]

    @property
    def is_compound(self) -> bool:
        return self.usecase in COMPOUND_USE_CASES
