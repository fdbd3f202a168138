"""The portal's settings for tests: a folder of their own, quick passwords, plain static files."""

import os
from pathlib import Path

os.environ["ENV_FILE"] = os.devnull
os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("DATA_DIR", str(Path(__file__).parents[1] / "var" / "tests"))

from portal.settings import *  # noqa: E402, F403

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Found when they are asked for: to list them all takes longer than most tests, for each browser.
WHITENOISE_AUTOREFRESH = True
