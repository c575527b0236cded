"""Kept results that nothing can find any more are taken away, and no others."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from kloe.core.periods import Period
from kloe.measures.catalogue import CONTENT, Catalogue, catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.keeping import FOLDER, Kept, folder_of
from kloe.measures.pruning import prune_results
from kloe.records.store import RecordSet, use_version
from kloe.records.versions import Shelf
from record_sets import make_set

MEASURE = "rents/accounts-before-start"
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
FIRST, SECOND = "20260101T000000000000Z-aaaa", "20260201T000000000000Z-bbbb"


def tenancies(n: int) -> list[dict[str, object]]:
    return [
        {"tenancy_ref": f"T{i}", "property_ref": "P1", "start_on": date(2025, 5, 1 + i)}
        for i in range(n)
    ]


def accounts(n: int) -> list[dict[str, object]]:
    return [
        {
            "account_ref": f"A{i}",
            "tenancy_ref": f"T{i}",
            "account_type": "rent",
            "opened_on": date(2025, 5, 1),
        }
        for i in range(n)
    ]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Two versions, the second in use."""
    shelf = Shelf(tmp_path, "L1")
    for n, version in ((2, FIRST), (3, SECOND)):
        tables = {
            "tenancy": tenancies(n),
            "rent_account": accounts(n),
            "property": [{"property_ref": "P1", "area": "North"}],
        }
        make_set(shelf.folder / "versions" / version, tables)
    use_version(shelf.folder, SECOND)
    return shelf


def compute(shelf: Shelf, version: str, by: str | None = None) -> set[Path]:
    """Compute over a version; gives the files that are new."""
    before = kept(shelf)
    records = RecordSet.open(shelf.folder / "versions" / version)
    assert folder_of(records) == shelf.folder / FOLDER
    with Computing(records, Wanted((YEAR,), by=by)) as computing:
        computing.results(catalogue().source(MEASURE))
    return kept(shelf) - before


def kept(shelf: Shelf) -> set[Path]:
    return set((shelf.folder / FOLDER).rglob("*.json"))


def test_results_over_versions_on_the_shelf_stay(shelf: Shelf) -> None:
    for by in (None, "area"):
        assert compute(shelf, FIRST, by)
        assert compute(shelf, SECOND, by)
    assert prune_results(shelf, grace_seconds=0) == 0
    assert len(kept(shelf)) == 4


def test_with_a_version_its_results_go(shelf: Shelf) -> None:
    old = compute(shelf, FIRST) | compute(shelf, FIRST, "area")
    new = compute(shelf, SECOND) | compute(shelf, SECOND, "area")
    shutil.rmtree(shelf.folder / "versions" / FIRST)
    assert prune_results(shelf, grace_seconds=3600) == 0, "what is young is left alone"
    assert prune_results(shelf, grace_seconds=0) == len(old) == 2
    assert kept(shelf) == new


@pytest.mark.parametrize(
    ("name", "value"),
    [("form", 1), ("definition", "0" * 64), ("engine", "duckdb 0.0.1"), ("measure", "rents/gone")],
)
def test_what_cannot_be_found_again_goes(shelf: Shelf, name: str, value: object) -> None:
    (path,) = compute(shelf, SECOND)
    raw = json.loads(path.read_bytes())
    if name == "form":
        raw[name] = value
    else:
        raw["results"][0][name] = value
    path.write_text(json.dumps(raw))
    stays = compute(shelf, SECOND, "area")
    assert prune_results(shelf, grace_seconds=0) == 1
    assert kept(shelf) == stays


def test_what_is_no_result_goes_and_so_do_empty_folders(shelf: Shelf) -> None:
    stays = compute(shelf, SECOND)
    for name in ("broken.json", "list.json", ".half.json.123"):
        path = shelf.folder / FOLDER / "zz" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("[1" if name == "broken.json" else "[]")
        os.utime(path, (0, 0))
    assert prune_results(shelf) == 3
    assert kept(shelf) == stays
    assert not (shelf.folder / FOLDER / "zz").exists()


def test_a_changed_definition_is_computed_anew_and_the_old_result_goes(
    shelf: Shelf, tmp_path: Path
) -> None:
    old = compute(shelf, SECOND)
    place = tmp_path / "measures" / MEASURE
    shutil.copytree(CONTENT / MEASURE, place)
    words = (place / "measure.yaml").read_text("utf-8")
    (place / "measure.yaml").write_text(words + "\n# changed\n", "utf-8")
    other = Catalogue(tmp_path / "measures")
    assert other.source(MEASURE).digest != catalogue().source(MEASURE).digest
    assert prune_results(shelf, known=other, grace_seconds=0) == len(old)


def test_a_shelf_without_results_is_left_alone(tmp_path: Path) -> None:
    assert prune_results(Shelf(tmp_path, "nobody")) == 0
    assert Kept(tmp_path / "none").get("ab") is None
