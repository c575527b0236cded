"""Putting a backup back: every kind of damage and malice, nothing half done."""

from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import pytest
from backup_ground import NEW, Full, digests, fill, left

from kloe.core.errors import (
    Conflict,
    EnvironmentFault,
    InvalidInput,
    KloeError,
    NotFound,
    VerificationFailed,
)
from kloe.web.backup import archive, make, restore
from kloe.web.serving.hold import held


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    make.make(data, path)
    return path


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
    assert left(tmp_path) == {"data", "backup.zip"}


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
    assert left(tmp_path) == {"evil.zip"}
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
    assert left(tmp_path) == {"data", "backup.zip"}


# Nothing half done


def test_a_full_disk_leaves_the_directory_as_it_was(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    (data / "reports" / "new.pdf").write_text(NEW)
    before = digests(data)
    with pytest.raises(EnvironmentFault, match="unchanged"):
        restore.restore(backup, data, force=True, progress=Full(50_000, "back"))
    assert digests(data) == before
    assert left(tmp_path) == {"data", "backup.zip"}


def test_a_rename_that_fails_is_taken_back(
    data: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(data)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if ".restoring-" in self.name:
            raise OSError(errno.EIO, "the disk is away")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(EnvironmentFault):
        restore.restore(backup, data, force=True)
    assert digests(data) == before
    assert left(tmp_path) == {"data", "backup.zip"}


def test_a_directory_that_holds_something_is_only_replaced_by_force(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    (data / "reports" / "new.pdf").write_text(NEW)
    now = digests(data)
    with pytest.raises(Conflict, match="not empty"):
        restore.restore(backup, data)
    assert digests(data) == now
    done = restore.restore(backup, data, force=True)
    assert not (data / "reports" / "new.pdf").exists()
    assert done.before is not None
    assert digests(done.before) == now, "what was there is kept"
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
    before, there = digests(data), data.stat().st_ino
    done = restore.restore(backup, data, force=True)
    assert data.stat().st_ino == there
    assert done.before is not None
    assert done.before.parent == data
    assert digests(done.before) == before
    assert "reports/new.pdf" not in digests(data), "what was kept is in no later backup"
    again = restore.restore(backup, data, force=True)
    assert again.before is not None

    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "reports" and ".restoring-" in str(self.parent):
            raise OSError(errno.EIO, "the disk is away")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    now = digests(data)
    with pytest.raises(EnvironmentFault):
        restore.restore(backup, data, force=True)
    assert digests(data) == now


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
