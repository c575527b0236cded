"""How commands reach Django: point it at a data directory, start it, migrate the database."""

from __future__ import annotations

import os
from pathlib import Path

from kloe.core.errors import EnvironmentFault
from kloe.core.messages import _

#: The data directory this process works in; its children choose their own.
_started: list[Path] = []
FOLDERS = ("files", "benchmarks", "reports", "tmp", "frameworks")


def start(data_dir: Path, *, migrate: bool = True) -> None:
    """Start Django on ``data_dir``. Safe to call again with the same directory.

    :raises EnvironmentFault: if Django already runs on another directory, or the database
        cannot be brought up to date.
    :raises Conflict: if a backup is just being put back there.
    """
    if _started and _started != [data_dir]:
        raise EnvironmentFault(
            _("kloe already works in %(other)s in this process.", other=_started[0]),
            _("One process works in one data directory."),
        )
    from kloe.web.backup.swap import recover

    recover(data_dir)
    for name in FOLDERS:
        (data_dir / name).mkdir(parents=True, exist_ok=True)
    os.environ["KLOE_DATA"] = str(data_dir)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloe.web.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    _started[:] = [data_dir]
    if migrate:
        bring_up_to_date()


def bring_up_to_date() -> None:
    """Apply the migrations that are missing; one short query when there are none."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from kloe.web import new_database

    try:
        executor = MigrationExecutor(connection)
        if not executor.loader.applied_migrations and new_database.draw(executor):
            return
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise EnvironmentFault(
            _("The database could not be opened or brought up to date: %(error)s.", error=error),
            _("kloe needs its own database file, or a PostgreSQL it may create tables in."),
            _("Check --data and KLOE_DATABASE_URL; a backup can be put back with kloe restore."),
        ) from error
