"""What only Plivo has, what stands otherwise there, and what became of adopting it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from registrations.actions import Adoption, Drift, Offer
from registrations.actions.adopting import MOST_AT_ONCE, Result
from registrations.api.fields import ById, ByName, Line, Strict, Tick
from registrations.forms.adopting import LONGEST_ID
from registrations.lifecycle import Kind
from registrations.models import Organization, PlivoAccount


class OfferSerializer(serializers.Serializer[Offer]):
    """Something that Plivo has and the portal has not."""

    plivo_id = serializers.CharField(
        help_text="Plivo's. A number's is that of its campaign, a slash and its digits."
    )
    kind = serializers.ChoiceField(choices=Kind.choices, source="there.kind")
    name = serializers.CharField(source="there.name")
    status = serializers.CharField(
        source="there.status", help_text="Where it would stand here; empty if nobody can tell."
    )
    plivo_status = serializers.CharField(source="there.word", help_text="In Plivo's word.")
    brand_id = serializers.CharField(help_text="Of the brand at Plivo on which it hangs.")
    organization = serializers.IntegerField(
        source="owner.pk",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="To whom it would belong, because its brand does; null if that is to be said.",
    )
    obstacle = serializers.CharField(
        help_text="Why it cannot be adopted, and what to do; empty if it can."
    )
    made_by = serializers.CharField(
        source="made_by.reference",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="The registration here that has to do with it, if there is an obstacle.",
    )


class DriftSerializer(serializers.Serializer[Drift]):
    """A registration that stands otherwise at Plivo."""

    reference = serializers.CharField(source="registration.reference")
    kind = serializers.ChoiceField(choices=Kind.choices, source="registration.kind")
    status = serializers.CharField(source="registration.status", help_text="Here.")
    plivo_status = serializers.CharField(
        source="there", help_text="In Plivo's word; empty if Plivo does not list it."
    )
    detail = serializers.CharField(source="words", help_text="The same in a sentence.")
    html_url = serializers.SerializerMethodField(help_text="Its page, for people.")

    def get_html_url(self, drift: Drift) -> str:
        return str(settings.PUBLIC_URL + drift.registration.get_absolute_url())


class ProfileThereSerializer(serializers.Serializer[Any]):
    """Who a business is, told to Plivo, of which no brand was made."""

    plivo_id = serializers.CharField()
    name = serializers.CharField()


@extend_schema_serializer(many=False)
class ComparisonSerializer(serializers.Serializer[Any]):
    """One account at Plivo, compared with what is here."""

    account = serializers.CharField(source="account.auth_id")
    offers = OfferSerializer(many=True, help_text="What only Plivo has.")
    drift = DriftSerializer(many=True, help_text="What stands otherwise there.")
    profiles = ProfileThereSerializer(
        many=True, help_text="Profiles without a brand; told to people only, not to keys."
    )
    unread = serializers.ListField(
        child=serializers.CharField(),
        help_text="The campaigns at Plivo whose numbers there was no time to read.",
    )


class WantedSerializer(Strict):
    """What is to be adopted, and for a new brand, to whom it shall belong."""

    plivo_id = Line(
        max_length=LONGEST_ID,
        help_text="Of a brand or a campaign; a number is named as CAMPAIGN/NUMBER, all of a "
        "campaign's as CAMPAIGN/*.",
    )
    organization = ById(
        queryset=Organization.objects.none(),
        required=False,
        help_text="Needed for new brands, if you have several; the rest follows its brand.",
    )


class NewAdoptionSerializer(Strict):
    """What is to be adopted."""

    account = ByName(
        slug_field="auth_id",
        required=False,
        queryset=PlivoAccount.objects.all(),
        help_text="The auth id of the Plivo account; needed only if there are several.",
    )
    items = serializers.ListField(child=WantedSerializer(), min_length=1, max_length=MOST_AT_ONCE)
    dry_run = Tick(default=False, help_text="Only say what would happen.")

    def __init__(self, *args: Any, organizations: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organizations is not None:
            item: Any = self.fields["items"]
            item.child.fields["organization"].queryset = organizations


class AdoptionSerializer(serializers.Serializer[Adoption]):
    """What became of one object, and where it is here."""

    plivo_id = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=Kind.choices, allow_blank=True, help_text="Empty if Plivo does not list it."
    )
    name = serializers.CharField()
    result = serializers.ChoiceField(choices=Result.choices)
    reason = serializers.CharField(
        help_text="Why not, and what to do; or what was left out because it fits no field here."
    )
    reference = serializers.CharField(
        source="registration.reference", read_only=True, default=None, allow_null=True
    )
    url = serializers.SerializerMethodField(help_text="Where this API tells of it.")
    html_url = serializers.SerializerMethodField(help_text="Its page, for people.")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_url(self, adoption: Adoption) -> str | None:
        if adoption.registration is None:
            return None
        where = reverse(f"api-{adoption.kind}-detail", args=[adoption.registration.reference])
        return str(self.context["request"].build_absolute_uri(where))

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_html_url(self, adoption: Adoption) -> str | None:
        if adoption.registration is None:
            return None
        return str(settings.PUBLIC_URL + adoption.registration.get_absolute_url())


class AdoptionsSerializer(serializers.Serializer[Any]):
    """What became of each: brands first, then campaigns, then numbers."""

    dry_run = serializers.BooleanField()
    items = AdoptionSerializer(many=True)
