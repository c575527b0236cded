"""Text is read from each kind of file, and nothing a file holds gets further."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import files_to_read as made
import pytest

from kloe.assessment.documents import reading
from kloe.assessment.documents.outcome import (
    NOTE_WORDS,
    REASON_WORDS,
    Note,
    Reading,
    Reason,
    Unit,
)
from kloe.core.errors import Cancelled


def read(folder: Path, name: str, content: bytes, **limits: int) -> Reading:
    """Read content under a name; the file stays as it was."""
    path = folder / "stored"
    path.write_bytes(content)
    before = (path.stat().st_mtime_ns, content)
    found = reading.read(path, name, limits=reading.Limits(**limits))
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    return found


def texts(found: Reading) -> list[str]:
    assert found.reason is None, found.reason
    return [page.text for page in found.pages]


def test_a_pdf_gives_its_pages_with_paragraphs(tmp_path: Path) -> None:
    long = "Rents are collected weekly, and whoever falls behind hears within five days. " * 3
    content = made.pdf(f"= Rents\n{long}\n\nArrears fell to 2.1%.", "Tŷ gwag: 14 diwrnod.")
    found = read(tmp_path, "rents.pdf", content)
    assert (found.unit, [p.label for p in found.pages]) == (Unit.PAGE, ["1", "2"])
    first, second = texts(found)
    assert first.split("\n") == ["Rents", long.strip(), "Arrears fell to 2.1%."]
    assert second == "Tŷ gwag: 14 diwrnod."


def test_a_word_file_gives_pages_tables_and_headings(tmp_path: Path) -> None:
    paged = made.word("On the first.", "\f", "On the second.", table="In a cell.")
    found = read(tmp_path, "a.docx", paged)
    assert found.unit is Unit.PAGE
    assert [(p.label, p.text) for p in found.pages] == [
        ("1", "On the first."),
        ("2", "On the second.\nIn a cell."),
    ]
    chapters = made.word("Before.", "Repairs", "After.", heading="Repairs")
    found = read(tmp_path, "a.docx", chapters)
    assert found.unit is Unit.SECTION
    assert [(p.label, p.text) for p in found.pages] == [
        ("", "Before."),
        ("Repairs", "Repairs\nAfter."),
    ]


def test_what_a_word_file_holds_in_boxes_and_notes_is_read_once(tmp_path: Path) -> None:
    within = f"<w:r><w:txbx>{made.paragraph('Within.')}</w:txbx></w:r>"
    box = f"<w:p><w:r><w:t>Outside.</w:t></w:r>{within}</w:p>"
    notes = f"<w:footnotes {made.W}>{made.paragraph('A footnote.')}</w:footnotes>"
    content = made.word_of(box, **{"word/footnotes.xml": notes})
    assert texts(read(tmp_path, "a.docx", content)) == ["Outside.\nWithin.\nA footnote."]


def test_a_workbook_gives_its_sheets_with_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Estate", "Homes"], ["Bryn Glas", 12], [], ["=1+1", 0.5]]
    found = read(tmp_path, "a.xlsx", made.workbook({"Stock": rows, "Empty": []}))
    assert found.unit is Unit.SHEET
    assert [p.label for p in found.pages] == ["Stock 1–4"]
    assert found.pages[0].text.split("\n")[:2] == ["Estate · Homes", "Bryn Glas · 12"]


def test_a_long_sheet_is_cut_into_parts_that_name_their_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [[n, "word " * 40] for n in range(200)]
    found = read(tmp_path, "a.xlsx", made.workbook({"Jobs": rows}))
    assert len(found.pages) > 2
    assert found.pages[0].label.startswith("Jobs 1–")
    starts = [int(p.label.split()[1].split("–")[0]) for p in found.pages]
    ends = [int(p.label.split("–")[1]) for p in found.pages]
    assert starts[1:] == [e + 1 for e in ends[:-1]]
    assert ends[-1] == 200


def test_slides_come_in_their_order_with_notes(tmp_path: Path) -> None:
    content = made.slides("First", "Second", notes="Say thank you.")
    found = read(tmp_path, "a.pptx", content)
    assert found.unit is Unit.SLIDE
    assert [(p.label, p.text) for p in found.pages] == [
        ("1", "First\nSay thank you."),
        ("2", "Second"),
    ]


def test_html_gives_words_and_no_scripts(tmp_path: Path) -> None:
    page = (
        "<!doctype html><html><head><title>x</title><style>p{}</style></head><body><h1>Repairs</h1>"
        "<p>Caf&eacute; <b>and</b> tea<script>alert('no')</script></p><table><tr><td>a</td><td>b"
        "</td></tr></table><h2>Gas</h2><p>Every year.</p><img src='http://example.invalid/x'>"
    )
    found = read(tmp_path, "a.html", page.encode())
    assert [(p.label, p.text) for p in found.pages] == [
        ("Repairs", "Repairs\nCafé and tea\na · b"),
        ("Gas", "Gas\nEvery year."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "cp1252"])
def test_plain_text_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    said = "Café tenants said the repair was done well. And on time – naïvely so. Rôle, façade."
    assert texts(read(tmp_path, "a.txt", said.encode(encoding))) == [said]


def test_a_text_with_form_feeds_has_pages(tmp_path: Path) -> None:
    found = read(tmp_path, "a.txt", b"one\x0ctwo")
    assert [(p.label, p.text) for p in found.pages] == [("1", "one"), ("2", "two")]


# Attacks -------------------------------------------------------------------------------------


def test_an_encrypted_pdf_is_told(tmp_path: Path) -> None:
    assert read(tmp_path, "a.pdf", made.encrypted_pdf()).reason is Reason.ENCRYPTED


def test_an_encrypted_office_file_is_told(tmp_path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
    content += "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600
    assert read(tmp_path, "a.docx", content).reason is Reason.ENCRYPTED


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.pptx"])
def test_a_file_cut_off_is_damaged(tmp_path: Path, name: str) -> None:
    whole = {
        "a.pdf": made.pdf("Words."),
        "a.docx": made.word("Words."),
        "a.xlsx": made.workbook({"A": [["words"]]}),
        "a.pptx": made.slides("Words"),
    }[name]
    found = read(tmp_path, name, whole[: len(whole) // 3])
    assert found.reason is Reason.CORRUPT
    assert not found.pages


def test_a_pdf_that_is_none_is_told_or_read_as_what_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, "a.pdf", bytes(range(256)) * 20).reason is Reason.CORRUPT
    found = read(tmp_path, "a.pdf", b"Minutes of the meeting in May.")
    assert texts(found) == ["Minutes of the meeting in May."]
    assert found.notes == (Note.OTHERWISE,)
    assert Note.OTHERWISE in read(tmp_path, "a.pdf", made.word("Words.")).notes


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    content = made.bomb()
    assert len(content) < 1 << 20
    start = time.monotonic()
    assert read(tmp_path, "a.docx", content).reason is Reason.BOMB
    assert time.monotonic() - start < 10


def test_entities_are_refused_and_nothing_outside_is_reached(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    for content in (
        made.laughing_word(),
        made.hidden_laughing_word(),
        made.reaching_word(str(secret)),
    ):
        found = read(tmp_path, "a.docx", content)
        assert (found.reason, found.pages) == (Reason.HOSTILE, ())


def test_the_parser_itself_resolves_nothing(tmp_path: Path) -> None:
    """Were the look beforehand fooled, the parser still gives no more than the reference."""
    from docx.oxml.parser import parse_xml

    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    said = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{secret}">]><x>&f;</x>'
    assert "secret words" not in "".join(parse_xml(said.encode()).itertext())


def test_macros_are_noted_and_the_text_read(tmp_path: Path) -> None:
    content = made.word_of(made.paragraph("Words."), **{"word/vbaProject.bin": b"\xd0\xcf code"})
    found = read(tmp_path, "a.docm", content)
    assert (texts(found), found.notes) == (["Words."], (Note.MACROS,))


def test_what_takes_long_is_stopped(tmp_path: Path) -> None:
    start = time.monotonic()
    assert read(tmp_path, "a.docx", made.slow_word(), seconds=1).reason is Reason.SLOW
    assert time.monotonic() - start < 30


def test_what_needs_much_memory_is_stopped(tmp_path: Path) -> None:
    found = read(tmp_path, "a.docx", made.slow_word(), megabytes=90)
    assert found.reason in {Reason.MEMORY, Reason.CORRUPT}
    assert not found.pages


def test_a_process_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    real = subprocess.Popen

    def popen(*args: Any, **more: Any) -> Any:
        started.append(real(*args, **more))
        return started[-1]

    monkeypatch.setattr(reading.subprocess, "Popen", popen)

    def kill() -> None:
        while not started:
            time.sleep(0.01)
        os.kill(started[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    found = read(tmp_path, "a.docx", made.slow_word())
    killer.join()
    assert (found.reason, found.pages) == (Reason.KILLED, ())
    # Once more, and undisturbed, it gives its text.
    monkeypatch.undo()
    assert read(tmp_path, "a.docx", made.word("Words.")).reason is None


def test_called_off_it_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    real = subprocess.Popen
    monkeypatch.setattr(
        reading.subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1]
    )

    class Stopped:
        def step(self, done: int, total: int, what: Any = "") -> None:
            raise Cancelled("Stopped.")

    path = tmp_path / "stored"
    path.write_bytes(made.slow_word())
    with pytest.raises(Cancelled):
        reading.read(path, "a.docx", progress=Stopped())
    assert started[0].poll() is not None


def test_the_process_knows_no_secrets_and_has_its_limits(tmp_path: Path) -> None:
    code = (
        "import os, resource, sys; from kloe.assessment.documents.child import limit; "
        "limit(7, 512, 1000); print(sorted(k for k in os.environ if 'KLOE' in k), "
        "resource.getrlimit(resource.RLIMIT_AS)[0] >> 20, "
        "resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_FSIZE)[0])"
    )
    env = {k: v for k in reading._KEPT if (v := os.environ.get(k))}
    out = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert out.stdout.split("]")[1].split() == ["512", "7", "1000"]
    assert out.stdout.startswith("[]")


def test_reading_loads_neither_django_nor_settings() -> None:
    code = "import kloe.assessment.documents.child, sys; print('django' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, Reason.OLD),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00", Reason.UNKNOWN),
        ("a.zip", made.archive({"a.txt": "x"}), Reason.UNKNOWN),
        ("a.txt", b" \n ", Reason.EMPTY),
    ],
)
def test_other_files_have_their_reason(
    tmp_path: Path, name: str, content: bytes, reason: Reason
) -> None:
    assert read(tmp_path, name, content).reason is reason


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert reading.read(tmp_path / "none", "a.pdf").reason is Reason.MISSING


def test_every_reason_and_note_has_its_words() -> None:
    assert set(REASON_WORDS) == set(Reason)
    assert set(NOTE_WORDS) == set(Note)
    assert all(str(found) and str(remedy) for found, remedy in REASON_WORDS.values())
