"""A realistic snapshot of all lines of enquiry, and the documents made of it, once a session."""

from __future__ import annotations

import pytest
from report_snapshots import snapshot_of

from kloe.assessment.snapshot import Snapshot
from kloe.frameworks.library import load_all
from kloe.frameworks.model import Framework
from kloe.reports.blocks import ReportDocument
from kloe.reports.document import build


@pytest.fixture(scope="session")
def frameworks() -> list[Framework]:
    return sorted(load_all(), key=lambda f: not f.leading)


@pytest.fixture(scope="session")
def snapshot(frameworks: list[Framework]) -> Snapshot:
    return snapshot_of(frameworks, evidence=400)


@pytest.fixture(scope="session")
def document(snapshot: Snapshot) -> ReportDocument:
    return build(snapshot)


@pytest.fixture(scope="session")
def board(snapshot: Snapshot) -> ReportDocument:
    return build(snapshot, view="board")


@pytest.fixture(scope="session")
def small(frameworks: list[Framework]) -> Snapshot:
    """One line of enquiry and the prospects: quick to lay out."""
    return snapshot_of(frameworks[:1], evidence=60, only=frozenset({"1.2", "2.10"}))
