"""Making a backup: while everything runs, complete or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from backup_ground import NEW, Full, digests, fill, left

from kloe.core.digest import file_digest
from kloe.core.errors import (
    EnvironmentFault,
    InvalidInput,
    NotFound,
    VerificationFailed,
)
from kloe.web.backup import archive, make, restore


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    make.make(data, path)
    return path


def test_a_round_trip_gives_every_byte_back(data: Path, backup: Path, tmp_path: Path) -> None:
    done = restore.restore(backup, tmp_path / "new")
    assert digests(tmp_path / "new") == digests(data)
    assert done.before is None
    assert {one.path for one in done.manifest.files} == set(digests(data))
    for one in done.manifest.files:
        if one.path != "kloe.sqlite3":
            assert file_digest(data / one.path) == one.sha256
    if os.name != "nt":
        assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600
        assert backup.stat().st_mode & 0o777 == 0o600
    assert left(tmp_path) == {"data", "new", "backup.zip"}


def test_the_manifest_can_be_checked_without_kloe(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as z:
        assert z.testzip() is None
        z.extractall(tmp_path / "by-hand")
        assert z.namelist()[0] == "kloe-backup"
    manifest = json.loads((tmp_path / "by-hand" / "manifest.json").read_text())
    assert manifest["format"] == "kloe-backup/1"
    assert manifest["secret_key"] is True
    for one in manifest["files"]:
        assert file_digest(tmp_path / "by-hand" / "data" / one["path"]) == one["sha256"]
    assert not any(one["path"].startswith("tmp/") for one in manifest["files"])


def test_the_database_is_copied_while_it_is_written(data: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "kloe.sqlite3", timeout=20)) as db:
            while not stop.is_set():
                # Two rows a transaction: a copy with an odd number would be torn.
                with db:
                    db.execute("INSERT INTO t (words) VALUES ('one')")
                    db.execute("INSERT INTO t (words) VALUES ('two')")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            make.make(data, tmp_path / f"{n}.zip")
    finally:
        stop.set()
        writer.join()
    for n in range(5):
        restore.restore(tmp_path / f"{n}.zip", tmp_path / f"restored-{n}")
        with closing(sqlite3.connect(tmp_path / f"restored-{n}" / "kloe.sqlite3")) as db:
            assert db.execute("SELECT count(*) % 2 FROM t").fetchone() == (0,)
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_added_while_the_backup_runs_is_in_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make.copy_database

    def late(source: Path, target: Path) -> None:
        (data / "files" / "org-1" / "late").write_text(NEW)
        (data / "files" / "org-1" / ("a" * 64)).unlink()
        copy(source, target)

    monkeypatch.setattr(make, "copy_database", late)
    names = {one.path for one in make.make(data, tmp_path / "b.zip").files}
    assert "files/org-1/late" in names
    assert f"files/org-1/{'a' * 64}" in names, "read before its row went"


# Nothing half done


@pytest.mark.parametrize("after", [1, 60_000])
def test_a_full_disk_leaves_the_earlier_backup(
    data: Path, backup: Path, tmp_path: Path, after: int
) -> None:
    before = file_digest(backup)
    with pytest.raises(EnvironmentFault, match="space"):
        make.make(data, backup, progress=Full(after, "Writing"))
    assert file_digest(backup) == before
    assert left(tmp_path) == {"data", "backup.zip"}
    assert left(data / "tmp") == {"upload.part"}


def test_a_disk_that_is_full_for_the_copy_of_the_database_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def __getattr__(self, name: str) -> Any:
            raise sqlite3.OperationalError("database or disk is full")

        def close(self) -> None:
            pass

    monkeypatch.setattr(make.sqlite3, "connect", lambda *a, **k: Full())
    with pytest.raises(EnvironmentFault, match="space"):
        make.make(data, tmp_path / "b.zip")
    assert left(tmp_path) == {"data"}
    assert left(data / "tmp") == {"upload.part"}


# What is refused -------------------------------------------------------------------------------


def test_a_backup_within_its_data_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="within"):
        make.make(data, data / "backup.zip")
    with pytest.raises(EnvironmentFault, match="folder"):
        make.make(data, tmp_path / "none" / "backup.zip")
    with pytest.raises(NotFound):
        make.make(tmp_path / "empty", tmp_path / "backup.zip")


def test_postgresql_is_left_to_its_own_means(data: Path, tmp_path: Path) -> None:
    url = "postgresql:///kloe"
    with pytest.raises(EnvironmentFault, match="pg_dump"):
        make.make(data, tmp_path / "b.zip", database_url=url)
    manifest = make.make(data, tmp_path / "b.zip", database_url=url, files_only=True)
    assert manifest.database == "postgresql, not included"
    assert archive.verify(tmp_path / "b.zip") == manifest


def test_files_alone_are_data_where_database_and_key_are_elsewhere(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "files").mkdir(parents=True)
    (data / "files" / "x").write_text("evidence")
    with pytest.raises(NotFound):
        make.make(data, tmp_path / "b.zip")
    manifest = make.make(data, tmp_path / "b.zip", database_url="postgresql:///x", files_only=True)
    assert [f.path for f in manifest.files] == ["files/x"]


def test_records_half_loaded_are_left_out(data: Path, tmp_path: Path) -> None:
    for version in ("v1", ".new-v2"):
        folder = data / "records" / "tai" / "versions" / version
        folder.mkdir(parents=True)
        (folder / "tenancy.parquet").write_text("rows")
    manifest = make.make(data, tmp_path / "b.zip")
    found = [f.path for f in manifest.files if f.path.startswith("records/")]
    assert found == ["records/tai/versions/v1/tenancy.parquet"]


def test_a_damaged_database_is_not_backed_up_in_silence(data: Path, tmp_path: Path) -> None:
    path = data / "kloe.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 6] = os.urandom(4096 * 5)
    path.write_bytes(content)
    with pytest.raises(VerificationFailed, match="damaged"):
        make.make(data, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_links_to_other_disks_are_followed_but_not_in_circles(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other-disk"
    other.mkdir()
    (other / "big").write_text("big")
    (data / "files" / "elsewhere").symlink_to(other)
    (other / "back").symlink_to(data / "files")
    names = [one.path for one in make.make(data, tmp_path / "b.zip").files]
    assert "files/elsewhere/big" in names
    assert len(names) == len(set(names))
    assert len(names) < 20


# The commands ----------------------------------------------------------------------------------


def _kloe(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KLOE_")}
    return subprocess.run(
        [sys.executable, "-c", "from kloe.cli.main import run; run()", *map(str, words)],
        capture_output=True,
        text=True,
        env=clean | env,
        check=False,
    )


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Path]:
    """A data directory with the program's own database."""
    folder = tmp_path / "real"
    code = f"from pathlib import Path; from kloe.web import boot; boot.start(Path({str(folder)!r}))"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KLOE_")}
    subprocess.run([sys.executable, "-c", code], check=True, env=clean)
    return folder


def test_the_commands_tell_what_they_did(real: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    done = _kloe("backup", "--output", path, "--data", real)
    assert done.returncode == 0, done.stderr
    assert "backed up" in done.stdout
    assert "secret key" in done.stderr
    done = _kloe("restore", "--check", path)
    assert done.returncode == 0, done.stderr
    assert "as it was made" in done.stdout
    done = _kloe("--data", tmp_path / "new", "restore", path)
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "new") == digests(real)
    done = _kloe("restore", path, "--data", tmp_path / "new")
    assert done.returncode == 7
    done = _kloe("restore", path, "--data", tmp_path / "new", "--force")
    assert done.returncode == 0, done.stderr
    assert "before" in done.stderr


def test_the_commands_end_with_the_documented_codes(data: Path, backup: Path) -> None:
    other = backup.with_name("other.zip")
    other.write_text("x")
    assert _kloe("restore", "--check", other).returncode == 3
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)
    assert _kloe("restore", "--check", backup).returncode == 4
    assert _kloe("restore", backup, "--data", backup.parent / "new").returncode == 4
    assert not (backup.parent / "new").exists()
    assert _kloe("restore", backup.parent / "none.zip").returncode == 5
    assert _kloe("backup", "--output", data / "b.zip", "--data", data).returncode == 3
    url = _kloe("backup", "-o", other, "--data", data, KLOE_DATABASE_URL="postgresql:///x")
    assert url.returncode == 8
    assert "pg_dump" in url.stderr
    assert _kloe("backup").returncode == 2


def test_the_commands_do_not_load_django(data: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kloe.web.backup import make, restore\n"
        f"make.make(Path({str(data)!r}), Path({str(tmp_path / 'b.zip')!r}))\n"
        f"restore.restore(Path({str(tmp_path / 'b.zip')!r}), Path({str(tmp_path / 'n')!r}))\n"
        "assert 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
