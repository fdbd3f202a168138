"""The organizations that the caller acts for."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from registrations.api import callers
from registrations.api.fields import Sparse
from registrations.api.resources import Readable
from registrations.models import Organization


class OrganizationSerializer(Sparse, serializers.ModelSerializer):
    """A client business or an internal team, to which registrations belong."""

    class Meta:
        model = Organization
        fields = ["id", "name", "created_at"]
        read_only_fields = fields


class Organizations(Readable):
    """Those that the caller acts for: a key for one, a person for all of hers."""

    model = Organization
    serializer_class = OrganizationSerializer
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Organization.objects.none()
        return callers.organizations(self.request)
