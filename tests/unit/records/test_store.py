"""A set of records is what its manifest says, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.records.store import CURRENT, MANIFEST, VERSIONS, RecordSet, use_version
from record_sets import make_set

TABLES = {"property": [{"property_ref": "P1", "area": "North"}, {"property_ref": "P2"}]}


def test_a_set_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = make_set(tmp_path / "set", TABLES, rejects={"property": 2})
    found = RecordSet.open(tmp_path / "set")
    assert found == made
    table = found.table("property")
    assert (table.rows, table.rejects) == (2, 2)
    assert (table.columns["area"].given, table.columns["area"].values) == (True, 1)
    assert not table.columns["estate"].given
    found.verify()
    with pytest.raises(NotFound, match="no table “tenancy”"):
        found.table("tenancy")


def test_the_digest_follows_the_data_and_nothing_else(tmp_path: Path) -> None:
    first = make_set(tmp_path / "a", TABLES)
    same = make_set(tmp_path / "b", TABLES)
    other = make_set(tmp_path / "c", {"property": TABLES["property"][:1]})
    assert first.digest == same.digest != other.digest


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    made = make_set(tmp_path / "set", TABLES)
    with (tmp_path / "set" / "property.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(VerificationFailed, match=r"property\.parquet"):
        made.verify()


def test_a_manifest_that_was_changed_is_refused(tmp_path: Path) -> None:
    make_set(tmp_path / "set", TABLES)
    path = tmp_path / "set" / MANIFEST
    raw = json.loads(path.read_text())
    raw["tables"]["property"]["rejects"] = 7
    path.write_text(json.dumps(raw))
    with pytest.raises(VerificationFailed, match="own digest"):
        RecordSet.open(tmp_path / "set")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(InvalidInput, match="cannot be read"):
        RecordSet.open(tmp_path)


def test_no_records_say_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="kloe records load"):
        RecordSet.open(tmp_path)


def test_the_version_in_use_is_swapped_in_one_step(tmp_path: Path) -> None:
    for name, rows in (("1", TABLES), ("2", {"property": []})):
        make_set(tmp_path / VERSIONS / name, rows)
        use_version(tmp_path, name)
    assert RecordSet.open(tmp_path).table("property").rows == 0
    use_version(tmp_path, "1")
    assert RecordSet.open(tmp_path).table("property").rows == 2
    (tmp_path / CURRENT).write_text('{"version": "../../elsewhere"}')
    with pytest.raises(InvalidInput, match="does not name a version"):
        RecordSet.open(tmp_path)
