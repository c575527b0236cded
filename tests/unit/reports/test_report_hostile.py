"""Whatever people write, every format is made of it, and nothing they write is obeyed."""

from __future__ import annotations

import io
import json

import pytest
from report_hostile import BAD, LONG, empty, hostile, unfilled

from kloe.assessment.snapshot import Snapshot
from kloe.core.errors import Cancelled, InvalidInput
from kloe.core.messages import Message
from kloe.reports import printable, typeset
from kloe.reports.blocks import ReportDocument
from kloe.reports.document import build
from kloe.reports.pdf import breakable
from kloe.reports.render import FORMATS, render

MAKERS = {"hostile": hostile, "empty": empty, "unfilled": unfilled}


@pytest.mark.parametrize("view", ["full", "board"])
@pytest.mark.parametrize("state", sorted(MAKERS))
@pytest.mark.parametrize("format", sorted(FORMATS))
def test_every_format_is_made(small: Snapshot, state: str, view: str, format: str) -> None:
    document = build(MAKERS[state](small), view=view)
    made = render(document, format)
    assert len(made) > 1000
    if format == "html":
        text = made.decode()
        assert "<script" not in text
        assert "javascript:" not in text
    elif format == "docx":
        from docx import Document

        told = "\n".join(p.text for p in Document(io.BytesIO(made)).paragraphs)
        assert state != "hostile" or view == "board" or LONG.strip() in told
    elif format == "json":
        assert ReportDocument.from_json(json.loads(made)) == document
    else:
        assert made.startswith(b"%PDF-1.7")


def test_a_word_without_end_may_break() -> None:
    broken = breakable("x" * 500)
    assert max(map(len, broken.split("\u200b"))) <= 24
    assert broken.replace("\u200b", "") == "x" * 500
    assert breakable("a plain sentence " * 20) == "a plain sentence " * 20


def test_what_no_font_has_is_told_by_name() -> None:
    missing = printable.unusual("😀👨\u200d👩中文")
    told = printable.without("so 😀 and 👨\u200d👩, 中文.", missing)
    assert told == "so [grinning face] and [man, woman], [CJK]."
    assert printable.without("plain", missing) == "plain"
    assert printable.unusual("Tŷ Gwyn, £5 – “so” €3 → ≥ 4 Ω Ж") == frozenset()


def test_the_fonts_have_what_is_taken_for_granted() -> None:
    """Every character no probe looks at is in the fonts of the package."""
    known = [
        chr(n)
        for n in range(0x20, 0x2300)
        if chr(n).isprintable() and not printable.unusual(chr(n))
    ]
    pages = typeset.compile_document("pictures.typ", json.dumps([]), form="pdf", made="", ppi=72)
    assert pages
    assert len(known) > 450
    # The template's own fonts, without falling back to those of the typesetter.
    import typst

    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(typeset.CONTENT / "fonts")])
    for family in ("Source Sans Pro", "Source Serif Pro"):
        source = (
            f'#set document(title: "x")\n#set text(font: "{family}", fallback: false, lang: "en")\n'
            "#title[x]\n#for c in json(bytes(sys.inputs.document)) { par(c) }"
        )
        typst.compile(
            source.encode(), format="pdf", pdf_standards=["a-2a", "ua-1"], font_paths=fonts,
            sys_inputs={"document": json.dumps(known)},
        )  # fmt: skip


def test_progress_is_told_and_may_cancel(
    document: ReportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "BEAT", 0.02)

    class Impatient:
        def __init__(self) -> None:
            self.told: list[str] = []

        def step(self, done: int, total: int, what: Message | str = "") -> None:
            self.told.append(str(what))
            if len(self.told) > 2:
                raise Cancelled("stopped")

    listener = Impatient()
    with pytest.raises(Cancelled):
        render(document, "pdf", listener)
    assert listener.told[0] == "Laying out the report as PDF"
    assert listener.told[1] == "Laying out the pages"


def test_an_unknown_format_is_refused(board: ReportDocument) -> None:
    with pytest.raises(InvalidInput, match="pdf, docx, html, json"):
        render(board, "odt")


def test_bad_is_bad() -> None:
    """The text the other tests use holds what they are about."""
    for piece in ("<", "#", "$", "@", "*", "_", "ŵ", "ŷ", "ש", "\x00", "\ud800", "😀", "\ue000"):
        assert piece in BAD
    assert len(LONG) > 10_000
