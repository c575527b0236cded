"""Append-only tables: the database itself refuses to change or remove a row.

Used by migrations. ``DELETE`` stays possible for tables that fall with their assessment.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython


def append_only(table: str, *, forbid_delete: bool = True) -> RunPython:
    """A migration operation that forbids UPDATE (and DELETE) on ``table``."""
    verbs = ["UPDATE", "DELETE"] if forbid_delete else ["UPDATE"]

    def forward(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in verbs:
                editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            return
        editor.execute(
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger AS $$ BEGIN "
            f"RAISE EXCEPTION '{table} is append-only' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {' OR '.join(verbs)} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )

    def backward(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in verbs:
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb.lower()}")
            return
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
        editor.execute(f"DROP FUNCTION IF EXISTS {table}_append_only()")

    return RunPython(forward, backward, elidable=False)
