"""What the whole database holds, to see whether asking has changed anything."""

from django.db import connection

# What looking leaves behind is no change: sessions, who looked at what, who knocked in vain, and
# how often a key was used.
LEFT_BEHIND = {
    "django_session",
    "registrations_securityevent",
    "callbacks_refusedcount",
    "registrations_apiuse",
}
LEFT_OUT = {
    "registrations_preferences": {"here_at", "last_visit_ended_at"},
    "registrations_apikey": {"last_used_at"},
}


def everything():
    """Every row of the database, as raw as it is."""
    tables = sorted(set(connection.introspection.table_names()) - LEFT_BEHIND)
    return {table: rows_of(table) for table in tables}


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return sorted(
        repr([value for name, value in row.items() if name not in LEFT_OUT.get(table, ())])
        for row in rows
        if row.get("outcome") != "forged"
    )


def changed_since(before):
    """The tables that hold something else than they did."""
    return [table for table, rows in everything().items() if rows != before[table]]
