from django.db import migrations

from registrations.models.append_only import AppendOnly


class Migration(migrations.Migration):
    """From here on the database itself refuses to alter what people did."""

    dependencies = [("registrations", "0003_people_and_notices")]

    operations = [AppendOnly("SecurityEvent")]
