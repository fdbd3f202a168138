from django.db import migrations

from registrations.models.append_only import AppendOnly


class Migration(migrations.Migration):
    """What arrived is never altered; only quarantine may be let go."""

    dependencies = [("callbacks", "0001_callbacks_and_quarantine")]

    operations = [
        AppendOnly(
            "Callback",
            columns=[
                "received_at",
                "method",
                "path",
                "query",
                "headers",
                "body",
                "body_length",
                "body_digest",
                "peer",
                "account_id",
                "scheme",
                "v3",
                "mac",
                "repeat_of_id",
            ],
            deletable_where="OLD.outcome IN ('forged', 'suspicious')",
            frozen_where="NEW.outcome IN ('forged', 'suspicious')",
        )
    ]
