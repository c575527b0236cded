"""The report of an inspection of one theme: said in the singular, without empty pages."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from report_snapshots import all_of

from kloe.assessment.plain_words import Part
from kloe.assessment.snapshot import SERVICE, Recommended, Snapshot
from kloe.assessment.snapshot_filling import rules_of
from kloe.frameworks.model import Framework
from kloe.reports.blocks import KeyFigure, ReportDocument, Section, Span
from kloe.reports.document import build
from kloe.reports.parts.tenants import filled_in
from kloe.reports.phrases import said
from kloe.reports.render import render

THEME = "wao-housing-2005/1.5/6"


@pytest.fixture(scope="module")
def narrow(snapshot: Snapshot) -> Snapshot:
    """Gas servicing alone, final, with nothing done in the field."""
    out = "Not looked at."
    kloes = tuple(
        replace(
            k,
            themes=tuple(
                replace(
                    t, in_scope=t.id == THEME, scope_reason="" if t.id == THEME else out
                )
                for t in k.themes
            ),
        )
        for k in snapshot.kloes
    )  # fmt: skip
    told = {THEME, THEME.rpartition("/")[0], SERVICE}
    return replace(
        snapshot,
        assessment=replace(
            snapshot.assessment, kind="inspection", final_at=datetime(2026, 11, 1, tzinfo=UTC)
        ),
        kloes=kloes,
        findings=tuple(f for f in snapshot.findings if f.theme == THEME),
        judgements=tuple(j for j in snapshot.judgements if j.subject in told),
        indicators=(),
        computed=(),
        checks=(),
        people=(),
    )


@pytest.fixture(scope="module")
def report(narrow: Snapshot) -> ReportDocument:
    return build(narrow)


def words(value: object) -> str:
    return "".join(s.text for s in all_of(Span, value))


def section(document: ReportDocument, anchor: str) -> Section:
    return next(s for s in all_of(Section, document.blocks) if s.anchor == anchor)


def test_one_of_a_thing_is_said_as_one(report: ReportDocument) -> None:
    summary = section(report, "summary")
    assert "The one theme in scope has a grade." in words(summary)
    method = words(section(report, "method"))
    assert "1 theme is in scope" in method
    assert not re.search(r"\b1 themes", method + words(summary))


def test_one_of_what_is_counted_is_said_as_one(narrow: Snapshot) -> None:
    one = next(f for f in narrow.findings if f.kind == "area for improvement")
    document = build(replace(narrow, findings=(one,)))
    labels = {f.label: f.value for f in all_of(KeyFigure, section(document, "summary"))}
    assert labels["area for improvement"] == "1"
    assert labels["strengths"] == "0"
    assert "evidence items" in labels


def test_only_what_was_judged_is_spoken_of(report: ReportDocument) -> None:
    scores = words(section(report, "scores"))
    assert "One judgement is made: how good the service is." in scores
    assert "prospects" not in scores
    scales = next(
        s for s in all_of(Section, section(report, "method")) if s.title == "Scales of grades"
    )
    assert "prospects" not in words(scales).lower()


def test_a_whole_kloe_left_out_for_one_reason_is_one_row(report: ReportDocument) -> None:
    method = words(section(report, "method"))
    assert "1.2 Rents and Service Charges: all 6 themes" in method
    assert "1.5/4 Responsive repairs" in method


def test_what_was_not_done_is_not_said_to_come(report: ReportDocument) -> None:
    text = words(report.blocks)
    assert "No reality check was undertaken." in text
    assert "Nobody was written down as seen." in text


def test_a_chapter_of_a_line_begins_no_page(report: ReportDocument) -> None:
    pages = {s.anchor: s.new_page for s in report.blocks if isinstance(s, Section)}
    assert not pages["people"]
    assert pages["summary"]
    assert pages["service"]
    assert pages["method"]
    assert not any(s.new_page for s in section(report, "scores").blocks if isinstance(s, Section))


def test_in_word_too_a_chapter_that_follows_another_stands_apart(report: ReportDocument) -> None:
    from docx import Document

    chapters = [
        p
        for p in Document(io.BytesIO(render(report, "docx"))).paragraphs
        if p.style.name == "Heading 1"
    ]
    pages = {p.text: p.paragraph_format.page_break_before for p in chapters}
    assert {True, None} == set(pages.values())
    for chapter in chapters:
        if not chapter.paragraph_format.page_break_before:
            assert chapter.paragraph_format.space_before.pt == 24


def test_a_recommendation_does_not_give_what_it_answers_as_its_reason(narrow: Snapshot) -> None:
    finding = next(f for f in narrow.findings if f.kind == "area for improvement")
    plan = Recommended(
        "R7", "Do it.", finding.text, "Less to wait.", "high", "low", "", (finding.id,)
    )
    told = words(section(build(replace(narrow, recommended=(plan,))), "recommendations"))
    assert "Do it." in told
    assert "Why: " not in told
    other = replace(plan, why="Because of more than that.")
    told = words(section(build(replace(narrow, recommended=(other,))), "recommendations"))
    assert "Why: Because of more than that." in told


def test_the_summary_for_tenants_names_the_theme_and_cuts_nothing_short(narrow: Snapshot) -> None:
    long = "Let the engineer who finds a fault mend it at the same visit, or book the next one " * 2
    finding = next(f for f in narrow.findings if f.kind == "area for improvement")
    one = replace(finding, recommendation=f"{long.strip()}.", due_on="2027-03-22")
    filled = filled_in(replace(narrow, findings=(one,)))
    assert "We asked about: gas servicing." in filled[Part.LOOKED]
    assert filled[Part.BETTER] == f"- {long.strip()} (by 22 March 2027)"


def test_areas_of_the_same_name_are_told_apart_to_tenants(snapshot: Snapshot) -> None:
    filled = filled_in(snapshot)
    areas = [x for x in filled[Part.MEANS].splitlines() if x.startswith("- ")]
    named = [x for x in areas if "more area" not in x]
    assert len(named) == len(set(named)) > 3
    assert not any("&" in x for x in named)


def test_a_limit_says_whose_grade_it_holds_and_none_is_told_twice(
    frameworks: list[Framework],
) -> None:
    wales = next(f for f in frameworks if f.id == "wao-housing-2005")
    every = [said(r) for r in rules_of(wales)]
    assert len(every) == len(set(every))
    held = [r for r in every if r.startswith("A limit holds")]
    assert any("the grade of “1.5/6 Gas servicing” at" in r for r in held)
    gas = [said(r) for r in rules_of(wales, {THEME})]
    assert set(gas) < set(every)
    limits = [r for r in gas if r.startswith("A limit holds")]
    assert limits
    assert len(limits) < len(held)
    assert all("Gas" in r or "1.5" in r or "good is the service" in r for r in limits)
    assert not any("prospects" in r for r in gas)


def test_the_digest_fits_a_line_of_large_print(narrow: Snapshot) -> None:
    document = build(narrow, view="large")
    spans = [s.text for s in all_of(Span, section(document, "method"))]
    assert not [t for t in spans if re.search(r"[0-9a-f]{33}", t)]
    assert [t for t in spans if re.fullmatch(r"[0-9a-f]{32}", t)]
