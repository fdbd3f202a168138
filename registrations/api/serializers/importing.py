"""What became of the rows of a CSV file, as it is told in JSON."""

from __future__ import annotations

from rest_framework import serializers

from registrations.api.findings import FindingSerializer
from registrations.importing import Result


class ImportedRowSerializer(serializers.Serializer):
    """One row, and what became of it."""

    row = serializers.IntegerField(
        source="line.number",
        help_text="Its number as a spreadsheet counts it, with the names of the columns as 1.",
    )
    external_id = serializers.CharField(source="line.cells.external_id", default="")
    result = serializers.ChoiceField(choices=Result.choices)
    reference = serializers.CharField(
        source="registration.reference",
        default=None,
        allow_null=True,
        help_text="Of what it is now, or was already; null if there is none.",
    )
    reasons = FindingSerializer(
        many=True,
        help_text="All that was found. What does not fit its field has the severity block and, as "
        "its rule, the code of the error.",
    )


class ImportSerializer(serializers.Serializer):
    """What became of a file, row by row."""

    dry_run = serializers.BooleanField(help_text="It was only checked: nothing is saved.")
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many rows had which result; what none had is left out.",
    )
    rows = ImportedRowSerializer(many=True)
