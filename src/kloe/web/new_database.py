"""A database that is new: drawn from the models as they are, not by walking through its history.

A migration describes a step from one state of all models to the next, and Django builds both states
anew for each; over the hundreds of steps of this project and its libraries that takes most of the
first start. A database without tables has no rows to carry over, so its tables are made as the last
state has them, and every step is recorded as taken. What steps do besides (triggers, the index of
the full-text search) is done in their order. All of it is one transaction: a process that is killed
leaves a database without tables. ``tests/integration/test_new_database.py`` holds that both ways
end at the same database.

Only SQLite is drawn: a PostgreSQL is set up once by who runs it, and there tables of a library
would number their rows by another type.
"""

from __future__ import annotations

from typing import cast

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState, StateApps


def draw(executor: MigrationExecutor) -> bool:
    """Make all tables, if the database is an SQLite without any; else do nothing.

    :param executor: that found no migration applied.
    :returns: whether it was new, and is now as if all migrations had been applied.
    """
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    emit_pre_migrate_signal(0, False, DEFAULT_DB_ALIAS, apps=apps, plan=plan)
    with connection.schema_editor() as editor:
        # Somebody may have begun just before, and be done now.
        if connection.introspection.table_names():
            return False
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy and not model._meta.swapped:
                editor.create_model(model)
        _settle(editor)
        editor.create_model(executor.recorder.Migration)
        for migration, _backwards in plan:
            _besides(migration, editor)
            executor.recorder.record_applied(migration.app_label, migration.name)
            for replaced in migration.replaces:
                executor.recorder.record_applied(*replaced)
        emit_post_migrate_signal(0, False, DEFAULT_DB_ALIAS, apps=apps, plan=plan)
    return True


def _settle(editor: BaseDatabaseSchemaEditor) -> None:
    """Indexes and foreign keys, which wait until all tables are there."""
    for statement in editor.deferred_sql:
        editor.execute(statement, None)
    editor.deferred_sql.clear()


def _besides(migration: Migration, editor: BaseDatabaseSchemaEditor) -> None:
    """What a migration does that no model tells of."""
    for operation in migration.operations:
        if isinstance(operation, RunPython):
            operation.code(cast("StateApps", apps), editor)
        elif isinstance(operation, RunSQL):
            # It looks at no state, only at the statements it was given.
            operation.database_forwards(migration.app_label, editor, ProjectState(), ProjectState())
