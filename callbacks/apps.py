from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    """What Plivo said, whether it was Plivo, and what came of it."""

    name = "callbacks"
    default_auto_field = "django.db.models.BigAutoField"
