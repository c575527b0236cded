"""The same search on PostgreSQL: the tests of the search, run again in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from postgres import Postgres, postgres  # noqa: F401

HERE = Path(__file__).parent
#: What the databases could tell apart; pages and files are the same.
SAME = (
    "a_page_of_a_pdf or each_kind or follows_changes or deleted_evidence or restricted_to_others "
    "or another_assessment or whole_organisation or seen_in_full or bad_searches "
    "or index_can_be_built or offered"
)


@pytest.mark.postgres
def test_the_search_finds_the_same_on_postgresql(postgres: Postgres) -> None:  # noqa: F811
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", SAME,
            str(HERE / "test_documents_search.py"), str(HERE / "test_documents_passages.py"),
        ],
        env=postgres.environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
