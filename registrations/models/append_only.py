"""Triggers that refuse to change or delete evidence, on PostgreSQL and on SQLite.

They bind whoever speaks SQL to the database, our own code and the admin included. What a database
administrator can still do is found out by `verify_audit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation


class AppendOnly(Operation):
    """Migration operation: the rows of a model may be written once and never altered.

    `columns`: refuse changes of these columns only (all, if empty).
    `deletable_where`: an SQL condition on OLD under which a row may still be deleted.
    `frozen_where`: one on NEW that no update may bring about, so that nothing is made deletable.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        model_name: str,
        columns: Sequence[str] = (),
        deletable_where: str = "",
        frozen_where: str = "",
    ) -> None:
        self.model_name = model_name
        self.columns = tuple(columns)
        self.deletable_where = deletable_where
        self.frozen_where = frozen_where

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in self.statements(table, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in drop_statements(table, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Refuse changes to rows of {self.model_name}"

    def statements(self, table: str, vendor: str) -> list[str]:
        """The SQL that creates the triggers."""
        update = f"UPDATE OF {', '.join(self.columns)}" if self.columns else "UPDATE"
        unless = f"NOT ({self.deletable_where})" if self.deletable_where else ""
        deeds = [("no_update", f"BEFORE {update}", ""), ("no_delete", "BEFORE DELETE", unless)]
        if self.frozen_where:
            deeds.append(("no_trick", "BEFORE UPDATE", self.frozen_where))
        if vendor == "postgresql":
            refuse = f"EXECUTE FUNCTION {table}_is_append_only()"
            return [
                f"CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql",
                *(
                    f"CREATE TRIGGER {table}_{name} {deed} ON {table} FOR EACH ROW "
                    f"{f'WHEN ({when})' if when else ''} {refuse}"
                    for name, deed, when in deeds
                ),
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT {refuse}",
                # Replicas' sessions skip ordinary triggers: these must not be skipped.
                *(
                    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}"
                    for name in [*(name for name, _, _ in deeds), "no_truncate"]
                ),
            ]
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        return [
            f"CREATE TRIGGER {table}_{name} {deed} ON {table} "
            f"{f'WHEN {when}' if when else ''} {refuse}"
            for name, deed, when in deeds
        ]


def drop_statements(table: str, vendor: str) -> list[str]:
    """The SQL that takes the triggers away again."""
    if vendor == "postgresql":
        return [f"DROP FUNCTION IF EXISTS {table}_is_append_only() CASCADE"]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{deed}" for deed in ("update", "delete", "trick")]
