"""Computed indicators in the report: evidence in its theme, all in the appendix, nothing hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from report_snapshots import all_of

from kloe.assessment import snapshot as s
from kloe.core.messages import Message, Text
from kloe.core.periods import Period
from kloe.reports.blocks import ReportDocument, Section, Span, Table
from kloe.reports.document import build
from kloe.reports.render import render

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


def computed(measure: str, title: str, **more: object) -> s.Computed:
    values: dict[str, object] = {
        "measure": measure,
        "title": Text({"en": title}),
        "unit": "percent",
        "period": YEAR,
        "as_at": date(2026, 3, 31),
        "engine": "duckdb 9.9",
    }
    return s.Computed(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def with_computed(small: s.Snapshot) -> s.Snapshot:
    theme = next(t for t in small.themes() if t.in_scope and t.criteria)
    item = next(e for e in small.evidence if not e.restricted)
    return replace(
        small,
        computed=(
            computed(
                "rents/used",
                "Used as evidence",
                value=Decimal("93.1034"),
                numerator=Decimal(270),
                denominator=Decimal(290),
                n=290,
                target=Decimal(100),
                direction="higher",
                aim="off",
                numerator_words=Text({"en": "Accounts set up in time"}),
                themes=(theme.id,),
                evidence=item.number,
                criteria=(theme.criteria[0].id,),
            ),
            computed("rents/unused", "Not used", value=Decimal("12.5"), n=8, themes=(theme.id,)),
            computed("rents/hidden", "Too small to show", hidden=True, denominator=Decimal(31)),
            computed(
                "repairs/lacking", "Lacks a column", missing=(Message("the table gone is missing"),)
            ),
            computed(
                "safety/earlier",
                "Of another year",
                value=Decimal(1),
                period=Period(date(2024, 4, 1), date(2025, 3, 31)),
            ),
            computed("integrity/dates", "Dates in order", value=Decimal(2), aim="off"),
        ),
    )


@pytest.fixture(scope="module")
def made(with_computed: s.Snapshot) -> ReportDocument:
    return build(with_computed)


def section(document: ReportDocument, title: str) -> Section:
    return next(x for x in all_of(Section, document.blocks) if x.title == title)


def words(value: object) -> str:
    return " ".join(x.text for x in all_of(Span, value))


def test_a_theme_shows_those_that_are_evidence_in_it(
    with_computed: s.Snapshot, made: ReportDocument
) -> None:
    tables = [
        t
        for t in all_of(Table, made.blocks)
        if t.columns and t.columns[0].title == "Computed from its own records"
    ]
    assert len(tables) == 1
    told = words(tables[0])
    item = with_computed.computed[0].evidence
    assert "Used as evidence" in told
    assert "93.1 %" in told
    assert "270 of 290" in told
    assert f"E{item}" in told
    assert "April 2025 to March 2026" in told
    assert "100.0 %" in told
    assert "Not used" not in told


def test_the_appendix_has_all_of_them_by_area(made: ReportDocument) -> None:
    found = section(made, "Computed from the organisation's own records")
    whole = next(t for t in all_of(Table, found) if len(t.columns) == 5)
    heads = [words(r) for r in whole.rows if r.group]
    assert heads == ["Rents", "Safety", "Integrity of the records"]
    told = words(whole)
    for title in ("Used as evidence", "Not used", "Too small to show", "Of another year"):
        assert title in told
    assert "Accounts set up in time" in told
    assert "April 2024 to March 2025" in told
    assert told.count("April 2025") == 0
    lacking = next(t for t in all_of(Table, found) if len(t.columns) == 2)
    assert "the table gone is missing" in words(lacking)
    assert "duckdb 9.9" in words(found)


def test_what_is_hidden_has_no_figure(made: ReportDocument) -> None:
    found = section(made, "Computed from the organisation's own records")
    whole = next(t for t in all_of(Table, found) if len(t.columns) == 5)
    row = next(r for r in whole.rows if "Too small to show" in words(r))
    assert [words(c) for c in row.cells[1:3]] == ["Hidden", "–"]


def test_the_chapter_on_the_organisation_counts_them(made: ReportDocument) -> None:
    told = words(section(made, "Results from its own records"))
    assert "5 indicators were computed" in told
    assert "3 with a figure" in told
    assert "1 test of the records themselves was made; 1 found something" in told


def test_without_any_the_report_is_as_before(small: s.Snapshot) -> None:
    titles = [x.title for x in all_of(Section, build(small).blocks)]
    assert "Results from its own records" not in titles
    assert "Computed from the organisation's own records" not in titles


@pytest.mark.parametrize("form", ["html", "json", "docx"])
def test_every_form_holds_them(made: ReportDocument, form: str) -> None:
    data = render(made, form)
    if form == "docx":
        import io
        import zipfile

        data = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")
    assert b"Too small to show" in data
    assert b"93.1 %" in data


def test_a_snapshot_is_read_as_it_was_written(with_computed: s.Snapshot) -> None:
    written = json.loads(json.dumps(with_computed.to_json()))
    assert s.Snapshot.from_json(written) == with_computed
    del written["computed"]
    assert s.Snapshot.from_json(written).computed == ()
