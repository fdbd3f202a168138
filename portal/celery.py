import os

from celery import Celery

import portal.broker  # noqa: F401  makes the portal:// transport known

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
