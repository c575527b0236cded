"""Every edition as Word, opened by another program: read whole, without repair, and editable."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "reports"))

from report_hostile import hostile
from report_snapshots import all_of, snapshot_of
from test_report_large import glyphs

from kloe.assessment.snapshot import Snapshot
from kloe.frameworks.library import load_all
from kloe.reports.blocks import Picture, ReportDocument, Section, Table
from kloe.reports.document import VIEWS, build
from kloe.reports.fitting import pages_of
from kloe.reports.render import render

SOFFICE = shutil.which("soffice")
#: In CI a test that is skipped fails: .ci/run installs the program.
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
EDITIONS = (*VIEWS, "hostile")
PRINTED = ("large", "tenants")


@dataclass(frozen=True)
class Opened:
    """An edition as we wrote it, as the other program saved it and, of some, printed it."""

    ours: bytes
    saved: bytes
    printed: bytes


@pytest.fixture(scope="module")
def documents() -> dict[str, ReportDocument]:
    frameworks = sorted(load_all(), key=lambda f: not f.leading)[:1]
    small: Snapshot = snapshot_of(frameworks, evidence=60, only=frozenset({"1.2", "2.10"}))
    found = {view: build(small, view=view) for view in VIEWS}
    return found | {"hostile": build(hostile(small))}


@pytest.fixture(scope="module")
def opened(documents: dict[str, ReportDocument], tmp_path_factory: Any) -> dict[str, Opened]:
    folder = tmp_path_factory.mktemp("word")
    for name, document in documents.items():
        (folder / f"{name}.docx").write_bytes(render(document, "docx"))
    for kind, out, names in (("docx", "saved", list(documents)), ("pdf", "printed", PRINTED)):
        assert SOFFICE is not None
        done = subprocess.run(
            [
                SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless",
                "--convert-to", kind, "--outdir", str(folder / out),
                *(str(folder / f"{name}.docx") for name in names),
            ],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stdout + done.stderr, done.stdout
    return {
        name: Opened(
            (folder / f"{name}.docx").read_bytes(),
            (folder / "saved" / f"{name}.docx").read_bytes(),
            (folder / "printed" / f"{name}.pdf").read_bytes() if name in PRINTED else b"",
        )
        for name in documents
    }


def headings(data: bytes) -> list[str]:
    return [
        " ".join(p.text.split())
        for p in Document(io.BytesIO(data)).paragraphs
        if p.style is not None and str(p.style.name).startswith("Heading") and p.text.strip()
    ]


@pytest.mark.parametrize("name", EDITIONS)
def test_it_is_read_whole(name: str, opened: Any, documents: dict[str, ReportDocument]) -> None:
    ours, saved = opened[name].ours, opened[name].saved
    # What is saved again has every heading, table and picture that was written.
    assert headings(saved) == headings(ours)
    sections = [s for s in all_of(Section, documents[name].blocks) if s.title.strip()]
    assert len(headings(ours)) >= len(sections)

    def counted(data: bytes) -> Counter[str]:
        root = Document(io.BytesIO(data)).element
        return Counter(
            {tag: len(list(root.iter(qn(tag)))) for tag in ("w:tbl", "w:tr", "w:tc", "w:drawing")}
        )

    assert counted(saved) == counted(ours)


@pytest.mark.parametrize("name", [v for v in VIEWS if v != "tenants-large"])
def test_tables_repeat_their_header_and_pictures_keep_their_words(
    name: str, opened: Any, documents: dict[str, ReportDocument]
) -> None:
    saved = opened[name].saved
    root = Document(io.BytesIO(saved)).element
    told = {d.get("descr") for d in root.iter(qn("wp:docPr"))}
    assert {p.alt for p in all_of(Picture, documents[name].blocks)} <= told
    with_header = [
        t for t in all_of(Table, documents[name].blocks) if t.style not in {"facts", "entries"}
    ]
    assert len(list(root.iter(qn("w:tblHeader")))) >= len(with_header)


def test_the_tenants_summary_is_two_pages_or_near_it(opened: Any) -> None:
    """In Word its author may break it elsewhere; here another typeface is in the place of ours."""
    assert pages_of(opened["tenants"].printed) in {2, 3}


def test_large_print_is_large_in_word_too(opened: Any) -> None:
    sizes = Counter(round(size, 1) for _letter, size in glyphs(opened["large"].printed))
    # Bullets are drawn by the other program in a size of its own.
    small = sum(n for size, n in sizes.items() if size < 17.9)
    assert small <= sum(sizes.values()) * 0.005, sizes.most_common(6)


def test_a_broken_file_would_be_seen(opened: Any, tmp_path: Path) -> None:
    """What the tests above would find: a document whose text cannot be read."""
    ours = opened["board"].ours
    broken = tmp_path / "broken.docx"
    with zipfile.ZipFile(io.BytesIO(ours)) as old, zipfile.ZipFile(broken, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/document.xml":
                data = data[: len(data) // 2]
            new.writestr(entry, data)
    assert SOFFICE is not None
    subprocess.run(
        [
            SOFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
            "--convert-to", "docx", "--outdir", str(tmp_path / "out"), str(broken),
        ],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    saved = tmp_path / "out" / "broken.docx"
    assert not saved.exists() or headings(saved.read_bytes()) != headings(ours)
