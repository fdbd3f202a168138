"""Configurations that start but are dangerous: found by `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from registrations.models import AuditEntry


@register(Tags.security, deploy=True)
def dangerous_settings(**_: Any) -> list[Error]:
    database = settings.DATABASES["default"]
    found = []
    if len(settings.PLIVO_AUTH_TOKEN) < 20:
        found.append(Error("PLIVO_AUTH_TOKEN is too short to be one of Plivo's.", id="portal.E1"))
    if database.get("ATOMIC_REQUESTS"):
        found.append(
            Error("ATOMIC_REQUESTS would roll back callbacks that were kept.", id="portal.E2")
        )
    if database["ENGINE"].endswith("sqlite3") and (
        database["OPTIONS"].get("transaction_mode") != "IMMEDIATE"
        or "recursive_triggers=ON" not in database["OPTIONS"].get("init_command", "")
    ):
        found.append(
            Error("SQLite needs IMMEDIATE transactions and recursive triggers.", id="portal.E3")
        )
    if settings.LIST_SWEEP_SECONDS > 3600:
        found.append(
            Error("LIST_SWEEP_SECONDS above an hour finds lost callbacks late.", id="portal.E4")
        )
    if settings.REDIS_URL and not settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("socket_timeout"):
        found.append(Error("Redis without socket time-outs can hang us.", id="portal.E5"))
    return found


@register(Tags.database, deploy=True)
def evidence_is_protected(databases: Any = None, **_: Any) -> list[Error]:
    """The triggers that keep the trail append-only are in place, once it has been migrated."""
    table = AuditEntry._meta.db_table
    if not databases or table not in connection.introspection.table_names():
        return []
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgname = %s AND tgenabled = 'A'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name = %s"
    with connection.cursor() as cursor:
        missing = [
            deed
            for deed in ("update", "delete")
            if not cursor.execute(query, [f"{table}_no_{deed}"]) or not cursor.fetchone()
        ]
    return [
        Error(f"The trigger against {deed} of the audit trail is missing.", id="portal.E6")
        for deed in missing
    ]
