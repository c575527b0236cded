"""Backup and restore: round trip, every kind of damage, nothing half done."""

from __future__ import annotations

import errno
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

from kloe.core.digest import file_digest
from kloe.core.errors import (
    Conflict,
    EnvironmentFault,
    InvalidInput,
    KloeError,
    NotFound,
    VerificationFailed,
)
from kloe.core.messages import Message
from kloe.web.backup import archive, make, restore
from kloe.web.serving.hold import held

NEW = "what came later"


def _fill(folder: Path) -> Path:
    """A data directory as the program leaves it, small."""
    for name in ("files/org-1", "benchmarks/tsm-2025", "reports", "frameworks", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "secret-key").write_text("k" * 60)
    (folder / "secret-key").chmod(0o600)
    (folder / "files" / "org-1" / ("a" * 64)).write_bytes(os.urandom(70_000))
    (folder / "files" / "org-1" / ("b" * 64)).write_bytes(b"")
    (folder / "benchmarks" / "tsm-2025" / "values.parquet").write_bytes(b"PAR1" + b"x" * 4000)
    (folder / "reports" / "Adroddiad – ô.pdf").write_bytes(b"%PDF-1.7 " + b"y" * 5000)
    (folder / "frameworks" / "rules.yaml").write_text("a: 1\n" * 100)
    (folder / "tmp" / "upload.part").write_text("half an upload")
    with closing(sqlite3.connect(folder / "kloe.sqlite3")) as db, db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)")
        db.executemany("INSERT INTO t (words) VALUES (?)", [("word " * 20,)] * 500)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return _fill(tmp_path / "data")


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    make.make(data, path)
    return path


def _digests(folder: Path) -> dict[str, str]:
    """Every file by path; the database by its rows, as a copy may lay out its pages anew."""
    found = {}
    for path, name in make.files_of(folder):
        if name == "kloe.sqlite3":
            with closing(sqlite3.connect(path)) as db:
                found[name] = "\n".join(db.iterdump())
        else:
            found[name] = file_digest(path)
    return found


def _left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_a_round_trip_gives_every_byte_back(data: Path, backup: Path, tmp_path: Path) -> None:
    done = restore.restore(backup, tmp_path / "new")
    assert _digests(tmp_path / "new") == _digests(data)
    assert done.before is None
    assert {one.path for one in done.manifest.files} == set(_digests(data))
    for one in done.manifest.files:
        if one.path != "kloe.sqlite3":
            assert file_digest(data / one.path) == one.sha256
    if os.name != "nt":
        assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600
        assert backup.stat().st_mode & 0o777 == 0o600
    assert _left(tmp_path) == {"data", "new", "backup.zip"}


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


@pytest.mark.parametrize("where", [0, 2, 10, 31, 45, 0.2, 0.5, 0.8, 0.99, -1, -40, -70, -95, -110])
def test_one_changed_byte_anywhere_is_found(backup: Path, tmp_path: Path, where: float) -> None:
    content = bytearray(backup.read_bytes())
    at = int(where * len(content)) if isinstance(where, float) else where
    content[at] ^= 0x01
    backup.write_bytes(content)
    with pytest.raises(VerificationFailed):
        archive.verify(backup)
    with pytest.raises(VerificationFailed):
        restore.restore(backup, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert _left(tmp_path) == {"data", "backup.zip"}


@pytest.mark.parametrize("keep", [60, 1000, 0.5, 0.999, -1, -64])
def test_a_truncated_backup_is_found(backup: Path, tmp_path: Path, keep: float) -> None:
    content = backup.read_bytes()
    end = int(keep * len(content)) if isinstance(keep, float) else keep
    backup.write_bytes(content[:end])
    with pytest.raises(VerificationFailed):
        restore.restore(backup, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 100])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        archive.verify(path)


def test_a_zip_of_something_else_is_no_backup(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as z:
        z.writestr("manifest.json", "{}")
    with pytest.raises(InvalidInput):
        archive.verify(tmp_path / "other.zip")
    with pytest.raises(NotFound):
        archive.verify(tmp_path / "none.zip")


# Archives made to do harm ----------------------------------------------------------------------


def _forge(
    path: Path,
    files: dict[str, bytes],
    *,
    sizes: dict[str, int] | None = None,
    link: str = "",
    extra: dict[str, bytes] | None = None,
) -> Path:
    """An archive with a right seal and right digests, as somebody with the source could make."""
    import hashlib

    entries = tuple(
        archive.Entry(n, (sizes or {}).get(n, len(c)), hashlib.sha256(c).hexdigest())
        for n, c in files.items()
    )
    manifest = archive.Manifest("2026-01-01T00:00:00+00:00", "0", "sqlite", False, entries)
    with path.open("w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr(zipfile.ZipInfo(archive.MARK), archive.MARK_BYTES)
            for name, content in (files | (extra or {})).items():
                info = zipfile.ZipInfo(archive.FOLDER + name)
                info.compress_type = zipfile.ZIP_DEFLATED
                if name == link:
                    info.external_attr = 0o120777 << 16
                z.writestr(info, content)
            z.writestr(archive.MANIFEST, manifest.to_json())
            z.comment = archive.SEAL + b"0" * archive.HEX
        archive.seal(file)
    return path


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/evil", "C:/evil", "a\\..\\evil", "..", "a//b", "./a", "a/./b"],
)
def test_no_file_leaves_the_directory(tmp_path: Path, name: str) -> None:
    path = _forge(tmp_path / "evil.zip", {name: b"harm"})
    with pytest.raises(KloeError) as caught:
        restore.restore(path, tmp_path / "in" / "new")
    assert isinstance(caught.value, InvalidInput | VerificationFailed)
    assert _left(tmp_path) == {"evil.zip"}
    assert not archive.safe_path(name)


def test_links_are_refused(tmp_path: Path) -> None:
    path = _forge(tmp_path / "evil.zip", {"link": b"/etc"}, link="link")
    with pytest.raises(InvalidInput):
        restore.restore(path, tmp_path / "new")


def test_files_beside_the_manifest_are_refused(tmp_path: Path) -> None:
    path = _forge(tmp_path / "evil.zip", {"a": b"1"}, extra={"b": b"2"})
    with pytest.raises(VerificationFailed, match="manifest"):
        archive.verify(path)


def test_a_file_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    path = _forge(tmp_path / "bomb.zip", {"a": b"\0" * 50_000_000}, sizes={"a": 10})
    assert path.stat().st_size < 200_000
    with pytest.raises(VerificationFailed, match="size"):
        restore.restore(path, tmp_path / "new")


def test_a_backup_larger_than_the_disk_is_refused_before_it_is_unpacked(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        restore.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000})()
    )
    with pytest.raises(EnvironmentFault, match="MB"):
        restore.restore(backup, tmp_path / "new")
    assert _left(tmp_path) == {"data", "backup.zip"}


# Nothing half done -----------------------------------------------------------------------------


class _Full:
    """Progress that finds the disk full after some bytes."""

    def __init__(self, after: int, words: str) -> None:
        self.after = after
        self.words = words

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        if done >= self.after and self.words in str(what):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("after", [1, 60_000])
def test_a_full_disk_leaves_the_earlier_backup(
    data: Path, backup: Path, tmp_path: Path, after: int
) -> None:
    before = file_digest(backup)
    with pytest.raises(EnvironmentFault, match="space"):
        make.make(data, backup, progress=_Full(after, "Writing"))
    assert file_digest(backup) == before
    assert _left(tmp_path) == {"data", "backup.zip"}
    assert _left(data / "tmp") == {"upload.part"}


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
    assert _left(tmp_path) == {"data"}
    assert _left(data / "tmp") == {"upload.part"}


def test_a_full_disk_leaves_the_directory_as_it_was(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    (data / "reports" / "new.pdf").write_text(NEW)
    before = _digests(data)
    with pytest.raises(EnvironmentFault, match="unchanged"):
        restore.restore(backup, data, force=True, progress=_Full(50_000, "back"))
    assert _digests(data) == before
    assert _left(tmp_path) == {"data", "backup.zip"}


def test_a_rename_that_fails_is_taken_back(
    data: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _digests(data)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if ".restoring-" in self.name:
            raise OSError(errno.EIO, "the disk is away")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(EnvironmentFault):
        restore.restore(backup, data, force=True)
    assert _digests(data) == before
    assert _left(tmp_path) == {"data", "backup.zip"}


def test_a_directory_that_holds_something_is_only_replaced_by_force(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    (data / "reports" / "new.pdf").write_text(NEW)
    now = _digests(data)
    with pytest.raises(Conflict, match="not empty"):
        restore.restore(backup, data)
    assert _digests(data) == now
    done = restore.restore(backup, data, force=True)
    assert not (data / "reports" / "new.pdf").exists()
    assert done.before is not None
    assert _digests(done.before) == now, "what was there is kept"
    file = tmp_path / "a-file"
    file.write_text("x")
    with pytest.raises(Conflict):
        restore.restore(backup, file, force=True)


def test_a_volume_keeps_its_directory(
    data: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that is a mount cannot be renamed; what is in it can."""
    monkeypatch.setattr(restore, "_has_to_stay", lambda path: True)
    (data / "reports" / "new.pdf").write_text(NEW)
    before, there = _digests(data), data.stat().st_ino
    done = restore.restore(backup, data, force=True)
    assert data.stat().st_ino == there
    assert done.before is not None
    assert done.before.parent == data
    assert _digests(done.before) == before
    assert "reports/new.pdf" not in _digests(data), "what was kept is in no later backup"
    again = restore.restore(backup, data, force=True)
    assert again.before is not None

    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "reports" and ".restoring-" in str(self.parent):
            raise OSError(errno.EIO, "the disk is away")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    now = _digests(data)
    with pytest.raises(EnvironmentFault):
        restore.restore(backup, data, force=True)
    assert _digests(data) == now


def test_nothing_is_put_back_under_a_running_server(data: Path, backup: Path) -> None:
    with (
        held(data, alone=False, address="http://localhost:8000"),
        held(data, alone=False),
        pytest.raises(Conflict, match="at work"),
    ):
        restore.restore(backup, data, force=True)
    with held(data, alone=True), pytest.raises(Conflict), held(data, alone=False):
        pass
    restore.restore(backup, data, force=True)


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
    assert _digests(tmp_path / "new") == _digests(real)
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
