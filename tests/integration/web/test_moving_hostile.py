"""Files of assessments that were damaged, or made by somebody who means harm."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from moving_ground import Filler

from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.errors import InvalidInput, KloeError, NotFound, VerificationFailed
from kloe.web.assessments.models import Assessment
from kloe.web.backup.archive import HEX, MANIFEST, Entry, seal
from kloe.web.moving import arriving, form, packing, unpacking

pytestmark = pytest.mark.django_db
Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def packed(assessment: Any, lead: Any, tmp_path: Path) -> Path:
    """An export of an assessment that is not here any more."""
    Filler(assessment, lead).fill(publish=False)
    packing.export(assessment=assessment, output=tmp_path / "whole.zip", by=None)
    Assessment.objects.get(pk=assessment.pk).delete()
    return tmp_path / "whole.zip"


def made_anew(path: Path, change: Change, format: str = form.FORMAT) -> Path:
    """The file with its entries changed and every digest made to fit, as a forger would."""
    with zipfile.ZipFile(path) as archive:
        entries = {n: archive.read(n) for n in archive.namelist()}
        manifest = form.Manifest.from_json(entries.pop(MANIFEST))
    del entries[form.FAMILY]
    change(entries)
    files = tuple(Entry(n, len(d), sha256_hex(d)) for n, d in sorted(entries.items()))
    manifest = replace(manifest, files=files, digest=form.digest_of(files))
    target = path.with_name("forged.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(form.FAMILY), f"{format}\n")
        for name, data in entries.items():
            archive.writestr(name, data)
        archive.writestr(
            MANIFEST, manifest.to_json().replace(b"kloe-assessment/1", format.encode())
        )
        archive.comment = f"{format} sha256 ".encode() + b"0" * HEX
    with target.open("r+b") as file:
        seal(file)
    return target


def rows_changed(table: str, **values: Any) -> Change:
    """Other values in the first row of a table."""

    def change(entries: dict[str, bytes]) -> None:
        name = f"rows/{table}.jsonl"
        first, *rest = entries[name].splitlines()
        row = {k: v for k, v in (json.loads(first) | values).items() if v is not Ellipsis}
        entries[name] = b"".join(line + b"\n" for line in (canonical_json(row), *rest))

    return change


def refused(path: Path, kind: type[KloeError], words: str) -> None:
    """It is refused in these words, and nothing of it stays."""
    before = {m: m._default_manager.count() for m in apps.get_models()}
    with pytest.raises(kind, match=words) as error:
        arriving.bring_in(path, by=None)
    assert error.value.remedy
    assert {m: m._default_manager.count() for m in apps.get_models()} == before


def test_made_anew_without_a_change_it_comes_in(packed: Path) -> None:
    """So that what is refused below is refused for what was changed."""
    assert arriving.bring_in(made_anew(packed, lambda _entries: None), by=None).rows["evidence"]


def test_every_changed_byte_is_found(packed: Path) -> None:
    whole = packed.read_bytes()
    changed = packed.with_name("changed.zip")
    for at in (0, 1, 29, 33, 50, *range(60, len(whole), len(whole) // 25), len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 0x20
        changed.write_bytes(bytes(damaged))
        with pytest.raises(KloeError) as error:
            arriving.bring_in(changed, by=None)
        assert isinstance(error.value, VerificationFailed), (at, error.value)
        assert error.value.exit_code == 4
    for length in (len(whole) - 1, len(whole) // 2):
        changed.write_bytes(whole[:length])
        with pytest.raises(VerificationFailed, match="changed or is incomplete"):
            arriving.bring_in(changed, by=None)
    assert not Assessment.objects.exists()


def test_a_later_format_is_told_apart(packed: Path) -> None:
    later = made_anew(packed, lambda _entries: None, "kloe-assessment/2")
    refused(later, InvalidInput, "has the format kloe-assessment/2")


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.4", b"PK\x05\x06" + b"\0" * 18])
def test_other_files_are_told_apart(content: bytes, packed: Path) -> None:
    packed.write_bytes(content)
    refused(packed, InvalidInput, "is no assessment exported by kloe")
    packed.unlink()
    refused(packed, NotFound, "There is no file")


@pytest.mark.parametrize(
    "name",
    ["reports/../../secret-key", "reports/.new-1/x", "reports/a/b/c/d/e", "publications//x",
     "files/../x", "files/" + "A" * 64, "rows/people.jsonl", "rows/../x", "editions/x.json",
     "kloe.sqlite3", "/etc/passwd", "C:\\x", "reports\\x", "secret-key"],
)  # fmt: skip
def test_entries_that_kloe_does_not_write_are_refused(name: str, packed: Path) -> None:
    forged = made_anew(packed, lambda entries: entries.update({name: b"x"}))
    with pytest.raises(KloeError) as error:
        arriving.bring_in(forged, by=None)
    # One that a zip library itself writes otherwise is no longer what the manifest names.
    assert isinstance(error.value, InvalidInput | VerificationFailed)
    assert "made it to do harm" in str(error.value) or "not those of its manifest" in str(
        error.value
    )
    assert not Assessment.objects.exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_entry_twice_is_refused(packed: Path) -> None:
    with packed.open("r+b") as file:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("rows/ratings.jsonl", b"{}\n")
            archive.comment = form.SEALED.seal + b"0" * HEX
        seal(file)
    refused(packed, VerificationFailed, "not those of its manifest")


def test_bombs_are_not_unpacked(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bomb(entries: dict[str, bytes]) -> None:
        entries["rows/ratings.jsonl"] = b" " * 3_000_000

    forged = made_anew(packed, bomb)
    monkeypatch.setattr(unpacking, "LONGEST_ROW", 1_000_000)
    refused(forged, InvalidInput, "it is too long")
    monkeypatch.setattr(unpacking, "MOST_ROWS", 1_000_000)
    refused(forged, InvalidInput, "rows of")
    monkeypatch.setattr(unpacking, "MOST_ENTRIES", 3)
    refused(forged, InvalidInput, "entries")
    monkeypatch.undo()
    monkeypatch.setattr(unpacking, "LARGEST_FILE", 1_000)
    monkeypatch.setattr(unpacking, "limit", lambda: 1_000)
    long = made_anew(packed, lambda e: e.update({"reports/x.pdf": b"x" * 2_000}))
    refused(long, InvalidInput, r"reports/x.pdf with 0 MB")
    monkeypatch.undo()
    monkeypatch.setattr(unpacking, "SPARE", 1 << 60)
    refused(packed, KloeError, "The disk is full")


SOMEWHERE_ELSE = str(uuid4())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (rows_changed("evidence-links", item=SOMEWHERE_ELSE), "item cannot be"),
        (rows_changed("checks", evidence=SOMEWHERE_ELSE), "evidence cannot be"),
        (rows_changed("answers", cites=[SOMEWHERE_ELSE]), "cites: "),
        (rows_changed("answers", cites="all"), "cites: all"),
        (rows_changed("ratings", assessment=SOMEWHERE_ELSE), "assessment cannot be"),
        (rows_changed("ratings", updated_by="nobody@example.org"), "updated_by cannot be"),
        (rows_changed("ratings", position="superb"), "position cannot be “superb”"),
        (rows_changed("ratings", position=None), "position cannot be “nothing”"),
        (rows_changed("ratings", version=True), "version cannot be “bool”"),
        (rows_changed("ratings", version=-1), "version cannot be “-1”"),
        (rows_changed("ratings", version=10**30), "version cannot be"),
        (rows_changed("ratings", version="1"), "version cannot be “str”"),
        (rows_changed("checks", created_at="0001-01-01T00:00:00+14:00"), "created_at cannot be"),
        (rows_changed("checks", criteria=[{"a": "\x00"}]), "criteria cannot be"),
        (rows_changed("actions", organisation={"a": 1}), "organisation cannot be"),
        (rows_changed("ratings", reason="a\0b"), "a character that no text has"),
        (rows_changed("ratings", criterion="x" * 5000), "criterion cannot be"),
        (rows_changed("ratings", updated_at="yesterday"), "updated_at cannot be"),
        (rows_changed("ratings", updated_at="2026-01-01T00:00:00"), "updated_at cannot be"),
        (rows_changed("ratings", id="1; DROP TABLE"), "id cannot be"),
        (rows_changed("ratings", id=...), "id is missing"),
        (rows_changed("ratings", weight=3), "“weight” is no field of this kloe"),
        (rows_changed("evidence", organisation="conqueror"), "organisation cannot be"),
        (rows_changed("evidence", file="../../secret-key"), "file cannot be"),
        (rows_changed("evidence", file_name="../../x"), "file_name cannot be"),
        (rows_changed("evidence", media_type="text/html\r\nX: y"), "media_type cannot be"),
        (rows_changed("evidence", url="javascript:alert(1)"), "url cannot be"),
        (rows_changed("editions", edition="0" * 64), "edition cannot be"),
        (rows_changed("inspection", again="nonsense"), "again cannot be"),
        (lambda e: e.update({"rows/ratings.jsonl": b"[]\n"}), "no canonical JSON"),
        (lambda e: e.update({"rows/ratings.jsonl": b'{"a": 1}\n'}), "no canonical JSON"),
        (lambda e: e.update({"rows/ratings.jsonl": b'{"a":"\\ud800"}\n'}), "no canonical JSON"),
        (lambda e: e.update({"rows/ratings.jsonl": b"[" * 100_000 + b"\n"}), "canonical JSON"),
        (lambda e: e.update({"rows/ratings.jsonl": b'{"a":1}'}), "it has no end"),
        (lambda e: e.update({"assessment.json": b"{}"}), "it is no assessment"),
        (lambda e: e.update({"audit.jsonl": b"{}\n"}), "it is no event"),
        (lambda e: e.update({"people.jsonl": b"{}\n"}), "it names nobody"),
        (lambda e: e.update({"parties.jsonl": b"{}\n"}), "tells of no organisation"),
        (lambda e: e.pop("parties.jsonl"), "the owner of the assessment is missing"),
        (lambda e: e.update({"files/" + sha256_hex(b"x"): b"x"}), "is no file of the evidence"),
        (
            lambda e: e.update({f"editions/{sha256_hex(b'{}')}.json": b"{}"}),
            "compiled framework|is no",
        ),
    ],
)
def test_rows_that_kloe_would_not_have_written_are_refused(
    change: Change, words: str, packed: Path
) -> None:
    refused(made_anew(packed, change), InvalidInput, words)


def test_files_and_editions_are_what_they_are_called(packed: Path) -> None:
    def other(folder: str) -> Change:
        def change(entries: dict[str, bytes]) -> None:
            name = next(n for n in entries if n.startswith(folder))
            entries[name] += b" "

        return change

    for folder in ("files/", "editions/"):
        refused(made_anew(packed, other(folder)), VerificationFailed, "is not what")


def test_an_entry_of_a_plan_is_not_taken_from_another_organisation(
    packed: Path, other_org: Any
) -> None:
    from kloe.core.errors import Conflict
    from kloe.web.plans.models import Action

    with zipfile.ZipFile(packed) as archive:
        row = json.loads(archive.read("rows/actions.jsonl"))
    Action.objects.filter(pk=row["id"]).update(organisation=other_org)
    refused(packed, Conflict, "in the plan of another organisation")


def test_a_reference_that_is_taken_is_given_anew_and_said(packed: Path, org: Any) -> None:
    from kloe.web.plans.models import Action

    with zipfile.ZipFile(packed) as archive:
        row = json.loads(archive.read("rows/actions.jsonl"))
    Action.objects.all().delete()
    Action.objects.create(
        organisation=org, reference=row["reference"], title="Ours", origin="other",
        made_on="2026-01-01",
    )  # fmt: skip
    done = arriving.bring_in(packed, by=None)
    assert f"{row['reference']} of the plan is called {row['reference']}-2 here." in map(
        str, done.notes
    )
    assert Action.objects.get(pk=row["id"]).reference == f"{row['reference']}-2"
