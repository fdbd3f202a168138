from django.db import migrations

from registrations.models.append_only import AppendOnly


class Migration(migrations.Migration):
    """From here on the database itself refuses to alter a line of a trail."""

    dependencies = [("registrations", "0001_registrations_and_their_trail")]

    operations = [AppendOnly("AuditEntry")]
