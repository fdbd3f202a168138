"""Requests to Plivo and lines of trails, as they are told: a tax id shows its last characters."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registrations.api.fields import Telling
from registrations.lifecycle import Kind
from registrations.masking import masked_in
from registrations.models import AuditEntry, Submission


@extend_schema_field(OpenApiTypes.STR)
class ReferenceField(serializers.Field):
    """The reference of the registration that a row is about."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, registration: Any) -> str:
        return registration.reference


@extend_schema_field(serializers.ChoiceField(choices=Kind.choices))
class KindField(ReferenceField):
    """What kind of registration a row is about."""

    def to_representation(self, registration: Any) -> str:
        return registration.kind.value


@extend_schema_field(OpenApiTypes.STR)
class UserName(serializers.Field):
    """A person by her user name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, person: Any) -> str:
        return person.get_username()


def tax_id_in(submission: Submission) -> str:
    """The tax id that a request to Plivo holds, if any."""
    return submission.payload.get("profile", {}).get("ein", "")


def masked_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """What is or would be sent to Plivo, with the tax id masked."""
    profile = payload.get("profile", {})
    if not profile.get("ein"):
        return payload
    return {**payload, "profile": {**profile, "ein": masked_in(profile["ein"], profile["ein"])}}


class SubmissionSerializer(Telling):
    """One request to Plivo: what was asked, by whom, what it costs, and what was answered."""

    registration = ReferenceField()
    kind = KindField(source="registration")
    account = serializers.CharField(source="account.auth_id", read_only=True)
    requested_by = UserName()
    approved_by = UserName(allow_null=True)
    decision_proposed_by = UserName(allow_null=True)
    decided_by = UserName(allow_null=True)
    payload = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    waiting_for = serializers.SerializerMethodField()

    class Meta:
        model = Submission
        fields = [
            "id",
            "registration",
            "kind",
            "generation",
            "operation",
            "state",
            "phase",
            "account",
            "fee_expected",
            "payload",
            "payload_digest",
            "requested_by",
            "requested_at",
            "approved_by",
            "approved_at",
            "approved_digest",
            "self_approved",
            "due_at",
            "waiting_for",
            "attempts",
            "called_at",
            "settled_at",
            "decision",
            "decision_proposed_by",
            "decided_by",
            "plivo_id",
            "api_id",
            "answer_status",
            "answer",
            "error",
        ]
        read_only_fields = fields

    def get_payload(self, submission: Submission) -> dict[str, Any]:
        return masked_payload(submission.payload)

    def get_answer(self, submission: Submission) -> str:
        return masked_in(submission.answer, tax_id_in(submission))

    def get_error(self, submission: Submission) -> str:
        return masked_in(submission.error, tax_id_in(submission))

    def get_waiting_for(self, submission: Submission) -> str:
        return masked_in(submission.waiting_for, tax_id_in(submission))


class AuditEntrySerializer(Telling):
    """One line of a registration's trail. `hash` chains it to the line before."""

    registration = ReferenceField()
    kind = KindField(source="registration")
    user = UserName(allow_null=True)
    submission: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    note = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "registration",
            "kind",
            "sequence",
            "at",
            "from_status",
            "to_status",
            "actor",
            "cause",
            "user",
            "submission",
            "note",
            "previous_hash",
            "hash",
        ]
        read_only_fields = fields

    def get_note(self, entry: AuditEntry) -> str:
        return masked_in(entry.note, getattr(entry.registration, "ein", ""))
