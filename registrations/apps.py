from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistrationsConfig(AppConfig):
    """What we register at Plivo and how it lives."""

    name = "registrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from registrations.models.organization import create_role_groups
        from registrations.models.plivo_account import adopt_account_from_settings

        post_migrate.connect(create_role_groups, sender=self)
        post_migrate.connect(adopt_account_from_settings, sender=self)
