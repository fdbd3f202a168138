from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from callbacks.models import Callback
from registrations.models import REGISTRATION_MODELS, AuditEntry, Submission


class Command(BaseCommand):
    help = "Print registrations, submissions, callbacks and audit entries in a stable form."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON (the only form)")

    def handle(self, *args: Any, **options: Any) -> None:
        state = {
            "registrations": [
                _registration(row)
                for model in REGISTRATION_MODELS
                for row in model.objects.order_by("pk")
            ],
            "submissions": [
                _submission(row)
                for row in Submission.objects.select_related(
                    "brand", "campaign", "number_link"
                ).order_by("pk")
            ],
            "callbacks": [
                {
                    "id": row.pk,
                    "received_at": row.received_at.isoformat(),
                    "method": row.method,
                    "submission": row.submission_id,
                    "outcome": row.outcome,
                    "entry": row.entry_id,
                    "body_sha256": row.body_digest,
                }
                for row in Callback.objects.order_by("pk")
            ],
            "audit_entries": [
                {
                    "registration": row.registration.reference,
                    "sequence": row.sequence,
                    "at": row.at.isoformat(),
                    "from": row.from_status,
                    "to": row.to_status,
                    "actor": row.actor,
                    "cause": row.cause,
                    "user": row.user and row.user.get_username(),
                    "submission": row.submission_id,
                    "note": row.note,
                    "hash": row.hash,
                }
                for row in AuditEntry.objects.select_related(
                    "brand", "campaign", "number_link", "user"
                ).order_by("pk")
            ],
        }
        self.stdout.write(json.dumps(state, indent=1, sort_keys=True))


def _registration(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "reference": row.reference,
        "organization": row.organization_id,
        "status": row.status,
        "confirmed_status": row.confirmed_status,
        "confirmed": row.is_confirmed,
        "conflict": row.conflict,
        "plivo_id": row.plivo_id or "",
        "number": getattr(row, "number", ""),
        "reasons": row.reasons,
        "version": row.version,
    }


def _submission(row: Submission) -> dict[str, Any]:
    return {
        "id": row.pk,
        "registration": row.registration.reference,
        "generation": row.generation,
        "operation": row.operation,
        "state": row.state,
        "attempts": row.attempts,
        "plivo_id": row.plivo_id,
        "api_id": row.api_id,
        "payload_sha256": row.payload_digest,
        "fee_expected": str(row.fee_expected),
        "error": row.error,
    }
