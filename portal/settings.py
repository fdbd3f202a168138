"""Settings, all from the environment; `.env.example` explains each.

Without any, this is the embedded portal: SQLite, a broker made of files, and the Plivo sandbox on
this machine as the address of Plivo, so that nothing can reach the outside world or spend money.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from portal.keys import made_up_keys

BASE_DIR = Path(__file__).resolve().parent.parent
SANDBOX_URL = "http://127.0.0.1:8001"

env = environ.Env()
env.escape_proxy = True  # a value that begins with $ is written \$
# The real environment wins. Tests name another file, so that nobody's own settings reach them.
env.read_env(env("ENV_FILE", default=str(BASE_DIR / ".env")))

DEBUG = env.bool("DEBUG", False)
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var")))
PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
PLIVO_API_URL = env("PLIVO_API_URL", default=SANDBOX_URL).rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
# The sandbox lives on this machine and nowhere else; Plivo never does.
PLIVO_IS_SANDBOX = urlsplit(PLIVO_API_URL).hostname == urlsplit(SANDBOX_URL).hostname

_made_up = made_up_keys(DATA_DIR) if DEBUG else {}
SECRET_KEY = env("SECRET_KEY", default=_made_up.get("SECRET_KEY", ""))
ENCRYPTION_KEYS = env.list(
    "ENCRYPTION_KEYS", default=[_made_up["ENCRYPTION_KEYS"]] if _made_up else []
)
INDEX_KEY = env("INDEX_KEY", default=_made_up.get("INDEX_KEY", ""))
PLIVO_AUTH_ID = env("PLIVO_AUTH_ID", default=_made_up.get("PLIVO_AUTH_ID", ""))
PLIVO_AUTH_TOKEN = env("PLIVO_AUTH_TOKEN", default=_made_up.get("PLIVO_AUTH_TOKEN", ""))
DEMO_PASSWORD = _made_up.get("DEMO_PASSWORD", "")


MAKE_A_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


def _problems() -> list[str]:
    """What keeps this configuration from starting, each with its remedy."""
    found = []
    address = urlsplit(PLIVO_API_URL)
    if not address.netloc or address.path or address.query:
        found.append(
            "PLIVO_API_URL must be scheme and host only, as https://api.plivo.com: "
            "the path is the portal's to add."
        )
    for key in ENCRYPTION_KEYS:
        try:
            Fernet(key)
        except ValueError:
            found.append(
                "ENCRYPTION_KEYS holds something that is no Fernet key; "
                f"make one with: {MAKE_A_KEY}"
            )
            break
    if DEBUG:
        return found
    random = "make one with: openssl rand -base64 48"
    console = "copy it from the overview page of Plivo's console"
    required = [
        ("SECRET_KEY", SECRET_KEY, random),
        ("ENCRYPTION_KEYS", ENCRYPTION_KEYS, f"make one with: {MAKE_A_KEY}"),
        ("INDEX_KEY", INDEX_KEY, random),
        ("ALLOWED_HOSTS", ALLOWED_HOSTS, "name the host of PUBLIC_URL"),
        ("PLIVO_AUTH_ID", PLIVO_AUTH_ID, console),
        ("PLIVO_AUTH_TOKEN", PLIVO_AUTH_TOKEN, console),
    ]
    found += [f"{name} is not set; {remedy}." for name, value, remedy in required if not value]
    if PLIVO_IS_SANDBOX:
        found.append(
            "PLIVO_API_URL still points to the sandbox on this machine; "
            "set it to https://api.plivo.com."
        )
    elif address.scheme != "https":
        found.append("PLIVO_API_URL must begin with https: the auth token travels there.")
    if urlsplit(PUBLIC_URL).scheme != "https":
        found.append("PUBLIC_URL must be the https address under which Plivo reaches the portal.")
    if "*" in ALLOWED_HOSTS:
        found.append("ALLOWED_HOSTS must name the hosts; * trusts whatever a client claims.")
    if SECRET_KEY and SECRET_KEY in (*ENCRYPTION_KEYS, INDEX_KEY):
        found.append("ENCRYPTION_KEYS and INDEX_KEY must differ from SECRET_KEY.")
    return found


if _found := _problems():
    raise ImproperlyConfigured(
        "The portal does not start with these settings (DEBUG is "
        f"{'on' if DEBUG else 'off'}; for the demo, use ./run demo):\n - " + "\n - ".join(_found)
    )

if DEBUG and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", str(urlsplit(PUBLIC_URL).hostname)]

# --- The portal's own knobs ----------------------------------------------------------------

FOUR_EYES = env.bool("FOUR_EYES", True)
# Whoever approves shows a second factor. On, unless this is a machine nobody else reaches.
SECOND_FACTOR_FOR_APPROVERS = env.bool("SECOND_FACTOR_FOR_APPROVERS", not DEBUG)
# How many proxies of our own stand before us, each of which adds to X-Forwarded-For whom it saw.
PROXY_HOPS = env.int("PROXY_HOPS", 0)
SIGN_IN_WINDOW_SECONDS = env.float("SIGN_IN_WINDOW_SECONDS", 900)
SIGN_IN_FAILURES_PER_PERSON = env.int("SIGN_IN_FAILURES_PER_PERSON", 8)
SIGN_IN_FAILURES_PER_ADDRESS = env.int("SIGN_IN_FAILURES_PER_ADDRESS", 60)
CALLBACK_MAX_BYTES = env.int("CALLBACK_MAX_BYTES", 64 * 1024)
QUARANTINE_MAX_ROWS = env.int("QUARANTINE_MAX_ROWS", 10_000)
QUARANTINE_MAX_BYTES = env.int("QUARANTINE_MAX_BYTES", 64 * 1024 * 1024)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 15)
LIST_SWEEP_SECONDS = env.float("LIST_SWEEP_SECONDS", 300)
LEASE_SECONDS = env.float("LEASE_SECONDS", 180)
HTTP_CONNECT_SECONDS = env.float("HTTP_CONNECT_SECONDS", 5)
HTTP_READ_SECONDS = env.float("HTTP_READ_SECONDS", 60)
LOOKUP_MIN_GAP_SECONDS = env.float("LOOKUP_MIN_GAP_SECONDS", 1)
CONFLICT_GAP_SECONDS = env.float("CONFLICT_GAP_SECONDS", 60)
ABSENCE_GRACE_SECONDS = env.float("ABSENCE_GRACE_SECONDS", 900)
ABSENCE_LOOKUPS = env.int("ABSENCE_LOOKUPS", 3)
AUTO_RESUBMIT_AFTER_ABSENCE = env.bool("AUTO_RESUBMIT_AFTER_ABSENCE", False)
MAX_PAID_CALLS_PER_HOUR = env.int("MAX_PAID_CALLS_PER_HOUR", 100)
CHECKPOINT_SECONDS = env.float("CHECKPOINT_SECONDS", 3600)
# How long the answer to a request with an Idempotency-Key is kept for those who ask it again.
IDEMPOTENCY_DAYS = env.int("IDEMPOTENCY_DAYS", 7)
# How often we look for what programs must be told, and how often through the whole trail.
EVENT_SECONDS = env.float("EVENT_SECONDS", 2)
EVENT_CHECK_SECONDS = env.float("EVENT_CHECK_SECONDS", 3600)
# Webhooks lead to public addresses by https, unless this is a machine nobody else reaches.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", DEBUG)
# After so many seconds each a message that was not taken is tried again: three days in all.
WEBHOOK_RETRY_SECONDS = env.list(
    "WEBHOOK_RETRY_SECONDS",
    cast=float,
    default=[5, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400, 100_800],
)
# A webhook for which everything has failed so long is paused.
WEBHOOK_PAUSE_SECONDS = env.float("WEBHOOK_PAUSE_SECONDS", 3 * 24 * 3600)
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", 30)
# How often each API key may ask in a minute, and how long it may live.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 600)
API_KEY_MAX_DAYS = env.int("API_KEY_MAX_DAYS", 365)

# --- Django --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "registrations",
    "callbacks",
    "portal",
]
MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.RolesMiddleware",
    "portal.middleware.SecondFactorMiddleware",
    "portal.middleware.TypedTextMiddleware",
    "portal.middleware.ReadersClockMiddleware",
    "portal.middleware.NoStoreMiddleware",
    "portal.middleware.DirectionsMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.surroundings",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# Our own templates come first, Django's form templates after them.
INSTALLED_APPS.insert(0, "django.forms")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "portal.formats"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
CSRF_FAILURE_VIEW = "portal.sign_in.pages.csrf_failure"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env(
    "MAIL_FROM", default=f"10DLC portal <portal@{urlsplit(PUBLIC_URL).hostname}>"
)
# When, on each reader's own clock, the daily digest of what is stuck is written.
DIGEST_HOUR = env.int("DIGEST_HOUR", 8)
# News is gathered for so long: a batch of numbers makes one mail, and Plivo gives its reasons.
NOTICE_GATHER_SECONDS = env.float("NOTICE_GATHER_SECONDS", 60)

# --- Database ------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    database: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
    )
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE: a transaction that reads and then writes would else fail at once, whatever
        # the time-out. FULL: a commit survives a power cut. Recursive triggers: without them
        # INSERT OR REPLACE deletes evidence past its trigger.
        options |= {
            "timeout": 8,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;",
        }
    else:
        # The web server's threads come and go, and a thread that ended would keep its connection:
        # there a pool bounds them. Elsewhere connections are kept, and checked before use, so
        # that the first request after the database restarted finds a good one.
        pool = env.int("DATABASE_POOL", 0)
        if pool:
            options["pool"] = {
                "min_size": 1,
                "max_size": pool,
                "timeout": 5,
                "max_lifetime": 600,
                # After an outage it would else wait longer and longer before it tries again.
                "reconnect_timeout": 1,
            }
        else:
            database |= {"CONN_MAX_AGE": 60}
        database["CONN_HEALTH_CHECKS"] = True
        options |= {
            "application_name": "portal",
            "connect_timeout": 3,
            "options": "-c statement_timeout=5000 -c lock_timeout=3000 "
            "-c idle_in_transaction_session_timeout=10000",
        }
    return database


DATABASES = {"default": _database()}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- Static files and security headers ----------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are collected, hashed and compressed for production, which names where to.
_COLLECTED = not DEBUG or "STATIC_ROOT" in env
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", 12 * 3600)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    # TLS ends at the proxy: the redirect to https is its work too. That people come over https
    # is told by PUBLIC_URL (see portal/wsgi.py), never by what a client's headers claim.
    SECURE_SSL_REDIRECT = False
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
    SILENCED_SYSTEM_CHECKS = ["security.W008"]

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["registrations.api.reading.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "registrations.api.rendering.Negotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registrations.api.authentication.KeyAuthentication",
        "registrations.api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registrations.api.callers.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["registrations.api.throttling.KeyThrottle"],
    "EXCEPTION_HANDLER": "registrations.api.problems.answer",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "registrations.api.schema.Schema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "10DLC portal",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": "/", "description": "This portal"}],
    "ENFORCE_NON_BLANK_FIELDS": True,
    "COMPONENT_SPLIT_REQUEST": True,
    # Some lists of words stand under several names: these are what they are called.
    "ENUM_NAME_OVERRIDES": {
        "Kind": "registrations.lifecycle.Kind",
        "Status": "registrations.lifecycle.Status",
        "Actor": "registrations.lifecycle.Actor",
        "Cause": "registrations.lifecycle.Cause",
        "EventType": "registrations.notices.events.EVENT_TYPES",
        "EventPattern": "registrations.notices.events.PATTERNS",
    },
    "PREPROCESSING_HOOKS": ["registrations.api.schema.only_the_api"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "registrations.api.schema.complete",
    ],
    "WEBHOOKS": ["registrations.api.events.EVENT_MESSAGE", "registrations.api.events.TEST_MESSAGE"],
}

# --- Celery --------------------------------------------------------------------------------

REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # Somebody waits while a request publishes: Redis is given half a second and one try, and what
    # it did not take is found by the sweeper. Workers are more patient: see portal/celery.py.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 0.5,
        "socket_connect_timeout": 0.5,
        "max_retries": 0,
        "global_keyprefix": "portal:",
    }
    CELERY_VISIBILITY_TIMEOUT = 300
else:
    CELERY_BROKER_URL = "portal://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "queue"),
        "data_folder_out": str(DATA_DIR / "queue"),
        "control_folder": str(DATA_DIR / "control"),
        "processed_folder": str(DATA_DIR / "claimed"),
        "store_processed": True,
        "polling_interval": 0.1,
    }
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# What a worker does through people's actions stands with them.
CELERY_IMPORTS = ["registrations.actions.batches"]
CELERY_BEAT_SCHEDULE = {
    "sweep registrations": {"task": "registrations.tasks.sweep", "schedule": SWEEP_SECONDS},
    "sweep Plivo's lists": {
        "task": "registrations.tasks.sweep_lists",
        "schedule": LIST_SWEEP_SECONDS,
    },
    "link numbers of batches": {
        "task": "registrations.actions.batches.sweep",
        "schedule": SWEEP_SECONDS,
    },
    "forget old answers": {"task": "registrations.tasks.forget_answers", "schedule": 3600},
    "tell people": {"task": "registrations.tasks.tell", "schedule": SWEEP_SECONDS},
    # What could not be taken in time is not news: the next one finds the same.
    "tell programs": {
        "task": "registrations.tasks.tell_programs",
        "schedule": EVENT_SECONDS,
        "options": {"expires": 2 * EVENT_SECONDS},
    },
    "look after events": {
        "task": "registrations.tasks.look_after_events",
        "schedule": EVENT_CHECK_SECONDS,
    },
    "write digests": {"task": "registrations.tasks.write_digests", "schedule": 900},
    "forget old uses of keys": {"task": "registrations.tasks.forget_uses", "schedule": 3600},
    "sweep callbacks": {"task": "callbacks.tasks.sweep", "schedule": SWEEP_SECONDS},
}

# --- Logs ----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "portal.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}
