"""Sealed packages: the same bytes each time, every byte covered, tricks found out."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kloe.core.errors import Cancelled, EnvironmentFault, InvalidInput, NotFound, UsageError
from kloe.reports import sealing, verifying
from kloe.reports.sealing import Source

MADE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
FILES = {
    "data/evidence.jsonl": b'{"number":1}\n' * 400,
    "data/ratings.jsonl": b"",
    "report/report.html": b"<p>Gwasanaeth da</p>" * 300,
    "report/report.pdf": bytes(range(256)) * 20,
}


def make(folder: Path, files: dict[str, bytes] = FILES, key: Any = None, **more: Any) -> Path:
    """A package of these files."""
    sources = []
    for path, data in files.items():
        file = folder / "in" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        sources.append(Source(path, file))
    output = folder / "package.zip"
    values = {
        "key": key or Ed25519PrivateKey.from_private_bytes(b"k" * 32),
        "edition": "public",
        "about": {"title": "Inspection", "number": 1},
        "made_at": MADE,
        "made_by": "Arolygiaeth",
        "version": "1.0",
    }
    sealing.seal(output, sources, **(values | more))
    return output


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Callable[[bytes | None], Path]:
    """The package with other bytes."""

    def written(data: bytes | None = None) -> Path:
        path = tmp_path / "copy.zip"
        path.write_bytes(package.read_bytes() if data is None else data)
        return path

    return written


def kinds(path: Path, **more: Any) -> set[tuple[str, str]]:
    proof = verifying.verify(path, **more)
    assert proof.whole == (not proof.problems)
    return {(p.kind, p.path) for p in proof.problems}


def rezipped(package: Path, change: Callable[[str, bytes], bytes | None], **more: Any) -> bytes:
    """The same files, zipped again by somebody else."""
    out = io.BytesIO()
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(out, "w", **more) as new:
        for info in old.infolist():
            data = change(info.filename, old.read(info))
            if data is not None:
                new.writestr(zipfile.ZipInfo(info.filename), data)
    return out.getvalue()


def test_a_package_is_whole_and_says_what_it_is(package: Path) -> None:
    proof = verifying.verify(package)
    assert proof.whole
    manifest = proof.manifest
    assert manifest is not None
    assert (manifest.edition, manifest.made_by, manifest.about["number"]) == (
        "public", "Arolygiaeth", 1,
    )  # fmt: skip
    by_path = {f.path: f for f in manifest.files}
    for path, data in FILES.items():
        assert by_path[path].size == len(data)
        assert by_path[path].sha256 == hashlib.sha256(data).hexdigest()
    assert proof.as_dict()["whole"] is True


def test_any_zip_program_unpacks_it(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        assert {n: archive.read(n) for n in FILES} == FILES
        archive.extractall(tmp_path)
    assert (tmp_path / "report/report.pdf").read_bytes() == FILES["report/report.pdf"]


def test_the_same_files_give_the_same_bytes(package: Path, tmp_path: Path) -> None:
    backwards = dict(reversed(FILES.items()))
    assert make(tmp_path, backwards).read_bytes() == package.read_bytes()


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_it_can_be_verified_by_hand_as_the_readme_says(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
        return done.stdout.decode()

    manifest = json.loads((tmp_path / "MANIFEST.json").read_bytes())
    assert "FAILED" not in run("sha256sum", "--check", "SHA256SUMS")
    sums = run("sha256sum", "SHA256SUMS").split()[0]
    assert sums in (tmp_path / "MANIFEST.json").read_text()
    assert "Verified" in run(
        "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "PUBLIC-KEY.pem", "-rawin",
        "-in", "MANIFEST.json", "-sigfile", "MANIFEST.sig",
    )  # fmt: skip
    subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", "PUBLIC-KEY.pem", "-outform", "DER", "-out", "k.der"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    by_hand = hashlib.sha256((tmp_path / "k.der").read_bytes()).hexdigest()
    assert by_hand == manifest["key"]["fingerprint"]
    listed = {line.split("  ")[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()}
    assert listed == {f["path"] for f in manifest["files"]} - {"SHA256SUMS"}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_changed_byte_anywhere_is_found(data: st.DataObject, package: Path, copy: Any) -> None:
    raw = bytearray(package.read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    assert kinds(copy(bytes(raw)))


def test_a_changed_byte_in_the_frame_is_found_at_every_place(package: Path, copy: Any) -> None:
    """Every byte that is not of a file: headers, manifest, signature, directory, end."""
    raw = package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        inside = {
            at
            for i in archive.infolist()
            if i.filename not in sealing.FRAME
            for at in range(i.header_offset + 60, i.header_offset + 30 + i.file_size)
        }
    frame = [at for at in range(len(raw)) if at not in inside]
    assert len(frame) > 2000
    for at in frame[:: max(1, len(frame) // 700)]:
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        assert kinds(copy(bytes(changed))), at


def test_a_changed_bit_in_the_end_of_the_zip_is_a_change(package: Path, copy: Any) -> None:
    """Also where it leads a zip library to a place before the beginning of the file."""
    raw = package.read_bytes()
    for at in range(len(raw) - 22, len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[at] ^= 1 << bit
            assert ("container", "") in kinds(copy(bytes(changed))), (at - len(raw), bit)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_package_cut_short_is_never_whole(data: st.DataObject, package: Path, copy: Any) -> None:
    raw = package.read_bytes()
    cut = copy(raw[: data.draw(st.integers(0, len(raw) - 1))])
    try:
        assert kinds(cut)
    except InvalidInput:
        # Not even its mark is left.
        assert cut.stat().st_size < 60


@pytest.mark.parametrize("name", FILES)
def test_it_says_which_file_was_changed(name: str, package: Path, copy: Any) -> None:
    if not FILES[name]:
        return
    raw = package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        at = archive.getinfo(name).header_offset + 30 + len(name)
    changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    assert kinds(copy(changed)) == {("changed", name)}


def test_a_file_more_or_less_is_named(package: Path, copy: Any) -> None:
    less = rezipped(package, lambda n, d: None if n == "report/report.pdf" else d)
    assert ("missing", "report/report.pdf") in kinds(copy(less))
    out = io.BytesIO(package.read_bytes())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("../../etc/passwd", b"root")
    found = kinds(copy(out.getvalue()))
    assert ("added", "../../etc/passwd") in found
    assert ("container", "") in found


def test_a_file_there_twice_is_named(package: Path, copy: Any) -> None:
    out = io.BytesIO(package.read_bytes())
    with (
        zipfile.ZipFile(out, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("report/report.pdf", b"another")
    assert ("added", "report/report.pdf") in kinds(copy(out.getvalue()))


def test_zipped_again_the_same_files_are_not_the_package(package: Path, copy: Any) -> None:
    again = rezipped(package, lambda _n, d: d)
    assert {kind for kind, _path in kinds(copy(again))} == {"container"}


def test_what_changed_is_named_though_it_was_zipped_again(package: Path, copy: Any) -> None:
    again = rezipped(
        package,
        lambda n, d: d.replace(b"1", b"2") if n == "data/evidence.jsonl" else d,
        compression=zipfile.ZIP_DEFLATED,
    )
    assert ("changed", "data/evidence.jsonl") in kinds(copy(again))


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw + b"\0",
        lambda raw: raw + b"PK\x05\x06" + bytes(18),
        lambda raw: b"#!/bin/sh\nrm -rf /\n" + raw,
        lambda raw: raw[:-2] + b"\x05\0hello",
        lambda raw: raw + raw,
    ],
)
def test_what_stands_before_or_behind_is_found(change: Any, package: Path, copy: Any) -> None:
    assert any(kind == "container" for kind, _ in kinds(copy(change(package.read_bytes()))))


def test_a_link_or_an_encrypted_file_is_found(package: Path, copy: Any) -> None:
    raw = bytearray(package.read_bytes())
    at = raw.find(b"PK\x01\x02", raw.find(b"PK\x01\x02") + 4)
    link = bytearray(raw)
    link[at + 38 : at + 42] = ((stat.S_IFLNK | 0o777) << 16).to_bytes(4, "little")
    assert ("container", "") in kinds(copy(bytes(link)))
    raw[6] |= 1
    assert kinds(copy(bytes(raw)))


def test_a_bomb_is_not_unpacked(package: Path, copy: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
        with new.open("data/bomb", "w") as bomb:
            for _n in range(64):
                bomb.write(bytes(1 << 20))
    assert ("added", "data/bomb") in kinds(copy(out.getvalue()))


def signed_again(package: Path, change: Callable[[dict[str, Any]], None], key: Any) -> bytes:
    """The package with another manifest, signed by whoever changed it."""
    from kloe.core.digest import canonical_json

    with zipfile.ZipFile(package) as archive:
        said = json.loads(archive.read("MANIFEST.json"))
    said["key"] |= {
        "public": sealing.raw(key.public_key()),
        "fingerprint": sealing.fingerprint(key.public_key()),
    }
    change(said)
    raw = canonical_json(said)
    new = {"MANIFEST.json": raw, "MANIFEST.sig": key.sign(raw)}
    return rezipped(package, new.get)


def test_another_manifest_does_not_fit_the_signature(package: Path, copy: Any) -> None:
    raw = package.read_bytes().replace(b'"number":1', b'"number":2')
    assert {k for k, _ in kinds(copy(raw))} >= {"signature"}


@pytest.mark.parametrize(
    "path", ["../up", "/abs", "C:\\x", "a//b", "a/./b", "con\nx", ".hidden", "", "é", "a" * 300]
)
def test_a_manifest_with_an_unsafe_path_is_none(path: str, package: Path, copy: Any) -> None:
    key = Ed25519PrivateKey.generate()
    assert not sealing.safe_path(path)
    raw = signed_again(package, lambda m: m["files"].insert(0, m["files"][0] | {"path": path}), key)
    assert any(kind in {"manifest", "container"} for kind, _ in kinds(copy(raw)))
    with pytest.raises(InvalidInput):
        make(copy().parent, {**FILES}, edition="neither")


def test_a_later_format_is_said_to_be_one(tmp_path: Path, monkeypatch: Any) -> None:
    real = sealing.Manifest
    monkeypatch.setattr(
        sealing, "Manifest", lambda **v: replace(real(**v), format="kloe-package/7")
    )
    later = make(tmp_path)
    with pytest.raises(InvalidInput, match="kloe-package/7"):
        verifying.verify(later)


def test_signed_by_another_key_only_the_fingerprint_tells(package: Path, tmp_path: Path) -> None:
    mine = verifying.verify(package).manifest
    assert mine is not None
    forged = make(tmp_path, key=Ed25519PrivateKey.generate())
    assert not kinds(forged)
    assert kinds(forged, key=mine.fingerprint) == {("key", "PUBLIC-KEY.pem")}
    typed = ":".join(mine.fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    assert not kinds(package, key=f" {typed} ")


@pytest.mark.parametrize("given_key", ["abc", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_fingerprint_is_refused(given_key: str, package: Path) -> None:
    with pytest.raises(UsageError, match="64"):
        verifying.verify(package, key=given_key)


def test_what_is_no_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        verifying.verify(tmp_path / "none.zip")
    for n, data in enumerate((b"", b"PK", b"%PDF-1.7", b"KLOE-PACKAGE " * 99, bytes(1 << 18))):
        file = tmp_path / f"{n}.zip"
        file.write_bytes(data)
        with pytest.raises(InvalidInput, match="no sealed package"):
            verifying.verify(file)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "b")
    with pytest.raises(InvalidInput, match="no sealed package"):
        verifying.verify(tmp_path / "other.zip")
    with pytest.raises(InvalidInput):
        verifying.verify(tmp_path)


def test_what_cannot_be_read_is_the_machines(package: Path, monkeypatch: Any) -> None:
    def refused(*_args: Any, **_more: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(EnvironmentFault, match="Permission denied"):
        verifying.verify(package)


def test_paths_that_would_overwrite_are_refused(tmp_path: Path) -> None:
    for name in ("MANIFEST.json", "readme.txt", "../x", "a b"):
        with pytest.raises(InvalidInput):
            sealing._check("public", [name])
    with pytest.raises(InvalidInput):
        sealing._check("public", ["a/B", "a/b"])


def test_nothing_is_left_of_a_package_that_was_called_off(tmp_path: Path) -> None:
    class Stop:
        def step(self, done: int, total: int, what: Any = "") -> None:
            if done > total // 2:
                raise Cancelled("stop")

    with pytest.raises(Cancelled):
        make(tmp_path, progress=Stop())
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_the_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    first = sealing.signing_key(tmp_path)
    path = tmp_path / sealing.KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = sealing.signing_key(tmp_path)
    assert sealing.raw(first.public_key()) == sealing.raw(second.public_key())
    assert [p.name for p in tmp_path.iterdir()] == [sealing.KEY]


@pytest.mark.parametrize("data", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAA==\n"])
def test_a_file_that_is_no_key_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / sealing.KEY).write_bytes(data)
    with pytest.raises(EnvironmentFault, match="no key"):
        sealing.signing_key(tmp_path)
    assert (tmp_path / sealing.KEY).read_bytes() == data


def test_a_key_of_another_kind_is_told(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    other = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / sealing.KEY).write_bytes(other)
    with pytest.raises(EnvironmentFault, match="no key"):
        sealing.signing_key(tmp_path)


def test_a_large_package_streams(tmp_path: Path) -> None:
    """Many megabytes pass through little memory, both ways."""
    import tracemalloc

    files = {f"data/{n}.bin": bytes([n]) * (8 << 20) for n in range(6)}
    package = make(tmp_path, files)
    files.clear()
    tracemalloc.start()
    assert verifying.verify(package).whole
    sealing.seal(
        tmp_path / "again.zip",
        [Source(f"data/{n}.bin", tmp_path / "in" / f"data/{n}.bin") for n in range(6)],
        key=Ed25519PrivateKey.generate(), edition="public", about={}, made_at=MADE, made_by="",
        version="1",
    )  # fmt: skip
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20
