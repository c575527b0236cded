"""The whole outline of an inspection's report, in every form, and what it never names."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest

from kloe.assessment.snapshot import CheckDone, PeopleSeen, Recommended, Snapshot, Written
from kloe.reports.blocks import ItemList, ReportDocument, Section, Table
from kloe.reports.document import build
from kloe.reports.render import render
from kloe.reports.writer import Writer

THEME = "wao-housing-2005/1.2/1"
CHECKS = (
    CheckDone(
        1, "case tracer", THEME, date(2026, 3, 2), "Twenty new tenancies", "Accounts are open.",
        "random", "new tenancies", 20, "contradicts", "Fourteen were.",
    ),
    CheckDone(2, "interview", THEME, date(2026, 3, 3)),
)  # fmt: skip
PEOPLE = (PeopleSeen("tenant", "new tenants", 24), PeopleSeen("", "", 6))
FEW = (PeopleSeen("", "", None),)


@pytest.fixture(scope="module")
def inspection(small: Snapshot) -> Snapshot:
    findings = tuple(
        replace(
            f, number=n, strength=("strong", "adequate", "limited", "")[n % 4],
            draft=f"Drafted words {n} [E1].", due_on="2027-03-31" if f.recommendation else "",
            benefit="People know what they pay." if f.recommendation else "",
            impact="high" if f.recommendation else "", cost="low" if f.recommendation else "",
        )
        for n, f in enumerate(small.findings, 1)
    )  # fmt: skip
    return replace(
        small,
        assessment=replace(small.assessment, kind="inspection"),
        findings=findings,
        checks=CHECKS,
        people=PEOPLE,
        texts=(
            Written("summary", "Summed *up* [E2]."),
            Written(THEME, "# Told\n\nAt length [F1]."),
        ),
    )


@pytest.fixture(scope="module")
def whole(inspection: Snapshot) -> ReportDocument:
    return build(inspection)


def sections(blocks: Any) -> Iterator[Section]:
    for block in blocks:
        if isinstance(block, Section):
            yield block
            yield from sections(block.blocks)


def named(document: ReportDocument, title: str) -> Section:
    return next(s for s in sections(document.blocks) if s.title == title)


def test_the_outline_stands_in_the_order_of_published_reports(whole: ReportDocument) -> None:
    assert [b.title for b in whole.blocks if isinstance(b, Section)] == [
        "Summary", "The scores", "Recommendations", "The organisation and its context",
        "How good is the service?", "What are the prospects for improvement?",
        "Reality checks undertaken", "People seen", "Evidence", "Indicators",
        "Every criterion with its placing", "Method",
    ]  # fmt: skip


def test_self_assessments_keep_their_outline(small: Snapshot) -> None:
    titles = [b.title for b in build(small).blocks if isinstance(b, Section)]
    assert titles[-4:] == ["Every criterion with its placing", "Evidence", "Indicators", "Method"]
    assert "Reality checks undertaken" not in titles
    checked = [b.title for b in build(replace(small, checks=CHECKS)).blocks]  # type: ignore[union-attr]
    assert checked[-3:] == ["Reality checks undertaken", "People seen", "Method"]


def test_recommendations_say_what_why_for_whom_how_much_and_by_when(
    whole: ReportDocument, inspection: Snapshot
) -> None:
    w = Writer(inspection)
    told = [s for s in sections(whole.blocks) if s.title.startswith("Recommendation R")]
    assert [s.anchor for s in told] == [r.name for r in w.recommendations]
    first = json.dumps(render(replace(whole, blocks=(told[0],)), "json").decode())
    for wanted in (
        w.recommendations[0].text, "People know what they pay.", "Impact: high", "cost: low",
        "by 31 March 2027",
    ):  # fmt: skip
        assert wanted in first


def test_the_plan_speaks_for_the_findings_it_answers(small: Snapshot) -> None:
    improvements = [f for f in small.findings if f.kind == "area for improvement"]
    taken = tuple(f.id for f in improvements[:2])
    plan = Recommended("R7", "Do both.", "They are one.", "Less to wait.", "high", "low",
                       "2027-06-30", taken)  # fmt: skip
    w = Writer(replace(small, recommended=(plan,)))
    (mine,) = [r for r in w.recommendations if r.reference]
    assert (mine.text, mine.why, mine.due_on) == ("Do both.", "They are one.", "2027-06-30")
    assert {f.id for f in mine.findings} == set(taken)
    others = [f.id for r in w.recommendations if not r.reference for f in r.findings]
    assert not set(others) & set(taken)
    assert [r.number for r in w.recommendations] == list(range(1, len(w.recommendations) + 1))
    html = render(build(replace(small, recommended=(plan,))), "html").decode()
    assert "recommendation R7 of the improvement plan" in html
    assert "By 30 June 2027" in html or "by 30 June 2027" in html


def test_findings_say_how_strong_their_evidence_is_and_can_be_referred_to(
    whole: ReportDocument, inspection: Snapshot
) -> None:
    html = render(whole, "html").decode()
    assert '<span id="f-1"></span>' in html
    assert '<a href="#f-1"><strong>F1</strong></a>' in html
    for words in ("Strong evidence", "Adequate evidence", "Limited evidence"):
        assert words in html
    # What is drafted stands under a finding until its theme has a text of its own.
    here = [f for f in inspection.findings if f.theme == THEME]
    other = next(f for f in inspection.findings if f.theme.startswith("wao-housing-2005/1.2/4"))
    assert here
    assert not any(f"Drafted words {f.number} " in html for f in here)
    assert f"Drafted words {other.number} " in html


def test_answers_are_working_papers_once_an_inspected_theme_has_its_text(
    whole: ReportDocument, small: Snapshot
) -> None:
    def titles(document: ReportDocument) -> set[str]:
        theme = next(s for s in sections(document.blocks) if s.anchor == "wao-housing-2005-1.2-1")
        return {s.title for s in sections(theme.blocks)}

    assert "Questions and answers" not in titles(whole)
    assert "Told" in titles(whole)
    written = replace(small, texts=(Written(THEME, "# Told\n\nwords"),))
    assert {"Questions and answers", "Told"} <= titles(build(written))


def test_checks_tell_nothing_of_what_is_restricted_and_people_are_never_few(
    whole: ReportDocument, inspection: Snapshot
) -> None:
    (checks,) = [
        b for b in named(whole, "Reality checks undertaken").blocks if isinstance(b, Table)
    ]
    first, second = (json.dumps(render_cells(row)) for row in checks.rows)
    for wanted in ("Twenty new tenancies", "20 cases", "random", "Contradicts", "Fourteen were."):
        assert wanted in first
    assert "Interview" in second
    assert "Restricted" in second
    (people,) = [b for b in named(whole, "People seen").blocks if isinstance(b, Table)]
    assert [render_cells(r)[-1] for r in people.rows] == ["24", "6", "30"]
    few = build(replace(inspection, people=FEW))
    (table,) = [b for b in named(few, "People seen").blocks if isinstance(b, Table)]
    assert [render_cells(r)[-1] for r in table.rows] == ["fewer than 5"]


def render_cells(row: Any) -> list[str]:
    """The words of each cell, its mark first."""
    return [
        (c.mark.label if c.mark else "") + "".join(s.text for x in c.lines for s in x)
        for c in row.cells
    ]


def test_documents_read_come_first_and_everything_is_listed_once(
    whole: ReportDocument, inspection: Snapshot
) -> None:
    evidence = named(whole, "Evidence")
    kinds = [s.title for s in evidence.blocks if isinstance(s, Section)]
    assert kinds[0] == "Documents read"
    anchors = [
        r.anchor
        for s in sections(evidence.blocks)
        for t in s.blocks
        if isinstance(t, Table)
        for r in t.rows
    ]
    assert sorted(anchors) == sorted(f"e-{e.number}" for e in inspection.evidence)


def test_the_pdf_passes_its_gate_with_every_new_block(
    whole: ReportDocument, inspection: Snapshot
) -> None:
    listed = ItemList(((),), anchors=("",))
    assert listed.anchor(0) == ""
    texts = (Written(THEME, "> Said.\n\n1. a\n   - b\n     1. c\n\n|A|B|\n|-|-|\n|1|2|"),)
    made = render(build(replace(inspection, texts=texts)), "pdf")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        roles = {
            str(o["/S"])
            for o in pdf.objects
            if isinstance(o, pikepdf.Dictionary) and "/S" in o and "/P" in o
        }
    assert {"/BlockQuote", "/L", "/LI", "/Table", "/TH"} <= roles


def test_word_has_the_same_headings(whole: ReportDocument) -> None:
    from docx import Document

    file = Document(io.BytesIO(render(whole, "docx")))
    titles = [p.text.split("  ")[-1] for p in file.paragraphs if p.style.name == "Heading 1"]
    assert titles == [b.title for b in whole.blocks if isinstance(b, Section)]
    assert ReportDocument.from_json(json.loads(render(whole, "json"))) == whole
