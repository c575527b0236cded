# ruff: noqa: F811
"""Files of evidence: what comes in, where it lies, what is left when it goes."""

from __future__ import annotations

import hashlib
import os
import time
from typing import Any

import pytest
from evidence_ground import Ground, ground, make_small_assessment  # noqa: F401

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.web.evidence import actions, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.filenames import clean_name, served_as, sniff
from kloe.web.evidence.models import StoredFile

PDF = b"%PDF-1.7\n" + b"x" * 500


def add(
    ground: Ground, content: bytes, name: str = "minutes.pdf", assessment: Any = None, **more: Any
) -> Any:
    return actions.add_file(
        assessment=assessment or ground.assessment,
        received=storage.receive([content]),
        file_name=name,
        details=Details(title="Minutes"),
        by=ground.lead,
        **more,
    )


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Any:
    """Run what waits for the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_file_lies_under_its_organisation_and_digest(ground: Ground) -> None:
    item = add(ground, PDF)
    digest = hashlib.sha256(PDF).hexdigest()
    path = ground.data / "files" / str(ground.org.pk) / digest
    assert path.read_bytes() == PDF
    assert (item.file.sha256, item.file.size, item.media_type) == (
        digest,
        len(PDF),
        "application/pdf",
    )
    assert ground.temporary() == []


def test_the_same_file_twice_is_stored_once(ground: Ground) -> None:
    first, second = add(ground, PDF), add(ground, PDF, "copy.pdf")
    assert first.file_id == second.file_id
    assert (first.number, second.number) == (1, 2)
    assert len(ground.files()) == 1
    assert ground.temporary() == []


def test_two_organisations_never_share_a_file(ground: Ground) -> None:
    theirs = make_small_assessment(ground.other_org, ground.stranger)
    here, there = add(ground, PDF), add(ground, PDF, assessment=theirs)
    assert here.file_id != there.file_id
    assert len(ground.files()) == 2


def test_bytes_go_with_the_last_item_and_the_tombstone_stays(
    ground: Ground, committing: Any
) -> None:
    first, second = add(ground, PDF), add(ground, PDF)
    with committing():
        actions.delete(item=first, reason="Twice", by=ground.lead)
    assert len(ground.files()) == 1
    with committing():
        actions.delete(item=second, reason="Wrong tenancy", by=ground.lead)
    assert ground.files() == []
    second.refresh_from_db()
    assert second.deleted_reason == "Wrong tenancy"
    assert second.deleted_by == ground.lead
    stored = StoredFile.objects.get()
    assert stored.removed_at is not None
    with pytest.raises(NotFound):
        storage.open_file(stored)
    with pytest.raises(Conflict, match="not kept any more"):
        actions.restore(item=second, by=ground.lead)


def test_a_removed_file_comes_back_when_it_is_added_again(ground: Ground, committing: Any) -> None:
    with committing():
        actions.delete(item=add(ground, PDF), reason="Gone", by=ground.lead)
    again = add(ground, PDF)
    assert StoredFile.objects.get().removed_at is None
    assert again.number == 2
    with storage.open_file(again.file) as f:
        assert f.read() == PDF


def test_an_upload_that_meets_a_removal_keeps_its_bytes(ground: Ground) -> None:
    """Deleted and committed, but the bytes not removed yet, when somebody adds the file again."""
    item = add(ground, PDF)
    actions.delete(item=item, reason="Gone", by=ground.lead)
    add(ground, PDF)
    assert storage.remove_unused(item.file_id) is False
    assert len(ground.files()) == 1


def test_a_deleted_item_is_restored_while_the_bytes_are_there(
    ground: Ground, committing: Any
) -> None:
    first = add(ground, PDF)
    add(ground, PDF)
    with committing():
        actions.delete(item=first, reason="By mistake", by=ground.lead)
    back = actions.restore(item=first, by=ground.lead)
    assert back.deleted_at is None
    assert actions.restore(item=first, by=ground.lead).version == back.version
    with committing():
        actions.delete(item=back, reason="Now in earnest", by=ground.lead)
    with pytest.raises(Conflict, match="was deleted"):
        actions.delete(item=back, reason="Again", by=ground.lead)


def test_beyond_the_limit_reading_stops_and_nothing_is_left(ground: Ground) -> None:
    read = 0

    def endless() -> Any:
        nonlocal read
        while True:
            read += 1000
            yield b"x" * 1000

    with pytest.raises(storage.TooLarge) as caught:
        storage.receive(endless(), max_bytes=10_500)
    assert read == 11_000
    assert "0 MB" in str(caught.value)
    assert ground.temporary() == []


def test_a_broken_connection_leaves_nothing(ground: Ground) -> None:
    def broken() -> Any:
        yield b"some"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        storage.receive(broken())
    assert ground.temporary() == []


def test_an_empty_file_is_refused_in_words(ground: Ground) -> None:
    with pytest.raises(InvalidInput, match="0 bytes"):
        add(ground, b"")
    assert ground.files() == []
    assert ground.temporary() == []


def test_sweeping_takes_what_nobody_uses_and_nothing_else(ground: Ground) -> None:
    kept = add(ground, PDF)
    unused = add(ground, b"only here")
    unused_id = unused.file_id
    unused.delete()
    folder = ground.data / "files" / str(ground.org.pk)
    old, new = folder / ("a" * 64), folder / ("b" * 64)
    stranger = ground.data / "files" / "00000000-0000-0000-0000-000000000000"
    stranger.mkdir(exist_ok=True)
    for path in (old, new, stranger / ("c" * 64)):
        path.write_bytes(b"nobody's")
    abandoned, current = (ground.data / "tmp" / f"evidence-{n}" for n in ("old", "new"))
    for path in (abandoned, current):
        path.write_bytes(b"part")
    long_ago = time.time() - 2 * storage.GRACE_SECONDS
    for path in (old, stranger / ("c" * 64), abandoned):
        os.utime(path, (long_ago, long_ago))
    swept = storage.sweep()
    assert (swept.temporary, swept.unused, swept.unknown) == (1, 1, 2)
    assert new.exists()
    assert current.exists()
    assert storage.has_bytes(kept.file)
    assert not storage.has_bytes(StoredFile.objects.get(pk=unused_id))
    assert StoredFile.objects.count() == 2
    assert storage.sweep() == storage.Swept(0, 0, 0)
    stranger.rmdir()


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("minutes.pdf", "minutes.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\fake path\\report  final.docx", "report final.docx"),
        ("nul\x00in.pdf", "nulin.pdf"),
        ("line\r\nbreak\t.txt", "linebreak.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth\u2066.csv", "zerowidth.csv"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ("  spaced .pdf ", "spaced.pdf"),
        ("adroddiad â ŵ.pdf", "adroddiad â ŵ.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("no extension but. a sentence", "no extension but. a sentence"),
    ],
)
def test_names_are_made_safe(given: str, clean: str) -> None:
    assert clean_name(given) == clean


@pytest.mark.parametrize("letter", ["a", "ŵ", "語", "😀"])
def test_long_names_keep_their_extension(letter: str) -> None:
    name = clean_name(letter * 300 + ".xlsx")
    assert name.endswith(".xlsx")
    assert name.startswith(letter)
    assert len(name.encode()) <= 200


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (PDF, "x.png", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "x", "image/png"),
        (b"PK\x03\x04....", "x.docx", "application/vnd.openxmlformats-officedocument."
         "wordprocessingml.document"),
        (b"PK\x03\x04....", "x.bin", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls", "application/vnd.ms-excel"),
        (b"a,b\n1,2\n", "x.csv", "text/csv"),
        (b"a,b\n1,2\n", "x.pdf", "text/plain"),
        (b"\x00\x01\x02", "x.txt", "application/octet-stream"),
        (b"<!DOCTYPE html><html>", "x.txt", "text/html"),
        (b'<?xml version="1.0"?><svg onload="x">', "x.png", "image/svg+xml"),
        (b"hello <script>x</script>", "x.csv", "text/html"),
        (b"<?xml version='1.0'?><a/>", "x.xml", "application/xml"),
        ("gŵyl".encode(), "x.md", "text/markdown"),
        (b"RIFF....WEBPVP8 ", "x", "image/webp"),
        (b"....ftypheic", "x.heic", "image/heic"),
        (b"MZ\x90", "x.pdf", "application/x-msdownload"),
    ],
)  # fmt: skip
def test_types_come_from_the_content(head: bytes, name: str, media_type: str) -> None:
    assert sniff(head, name) == media_type


@pytest.mark.parametrize("active", ["text/html", "image/svg+xml", "application/xml", ""])
def test_nothing_a_browser_would_run_is_served_as_itself(active: str) -> None:
    assert served_as(active) == "application/octet-stream"
