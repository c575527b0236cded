"""The document: its outline, its references, and that every number comes from the snapshot."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

import pytest
from report_snapshots import all_of

from kloe.assessment import snapshot as s
from kloe.core.errors import InvalidInput
from kloe.core.messages import Text, speaking
from kloe.reports.blocks import (
    Figures,
    GradeMark,
    Picture,
    Record,
    ReportDocument,
    Row,
    Section,
    Span,
    Table,
)
from kloe.reports.document import build


def chapter(document: ReportDocument, anchor: str) -> Section:
    return next(x for x in all_of(Section, document.blocks) if x.anchor == anchor)


def words(value: Any) -> str:
    return " ".join(x.text for x in all_of(Span, value))


def cell(row: Row, i: int) -> str:
    return words(row.cells[i])


# ---- Outline ------------------------------------------------------------------------------------


def test_the_outline_is_that_of_inspection_reports(document: ReportDocument) -> None:
    assert [(c.number, c.title) for c in document.blocks if isinstance(c, Section)] == [
        ("1", "Summary"),
        ("2", "The scores"),
        ("3", "Recommendations"),
        ("4", "The organisation and its context"),
        ("5", "How good is the service?"),
        ("6", "What are the prospects for improvement?"),
        ("Appendix A", "Every criterion with its placing"),
        ("Appendix B", "Evidence"),
        ("Appendix C", "Indicators"),
        ("Appendix D", "Method"),
    ]


def test_headings_never_skip_a_level(document: ReportDocument) -> None:
    def walk(blocks: Any, level: int) -> None:
        for block in blocks:
            if isinstance(block, Section | Record):
                assert block.level == level + 1, block.title
                assert block.title.strip()
            if isinstance(block, Section):
                walk(block.blocks, block.level)

    walk(document.blocks, 0)


def test_every_theme_in_scope_is_told_once(document: ReportDocument, snapshot: s.Snapshot) -> None:
    told = Counter(
        x.title
        for part in ("service", "prospects")
        for x in all_of(Section, chapter(document, part).blocks)
        if re.match(r"\d+(\.\d+)?/\d+ ", x.title)
    )
    scoped = {f"{t.number} {t.title}" for t in snapshot.themes() if t.in_scope}
    assert set(told) == scoped
    assert set(told.values()) == {1}


def test_strand_order_tells_the_same_themes(snapshot: s.Snapshot, document: ReportDocument) -> None:
    by_strand = build(snapshot, order="strand")
    strands = [x.title for x in chapter(by_strand, "service").blocks if isinstance(x, Section)]
    assert strands[:4] == [
        "Access and customer care",
        "Diversity",
        "The services themselves",
        "Value for money",
    ]
    anchors = {x.anchor for x in all_of(Section, chapter(document, "service")) if x.level == 3}
    again = {x.anchor for x in all_of(Section, chapter(by_strand, "service")) if x.level == 3}
    assert anchors <= again
    reasons = chapter(by_strand, "service").blocks[-1]
    assert isinstance(reasons, Section)
    assert len(reasons.blocks) == sum(j.subject_kind == "kloe" and j.stage != "dissent"
                                      for j in snapshot.judgements)  # fmt: skip


def test_every_criterion_stands_in_the_appendix(
    document: ReportDocument, snapshot: s.Snapshot
) -> None:
    records = list(all_of(Record, chapter(document, "criteria")))
    criteria = list(snapshot.criteria())
    assert len(records) == len(criteria) > 500
    for record, criterion in zip(records, criteria, strict=True):
        assert record.title == str(criterion.title)
        assert words(record.sides) == " ".join(str(d.text) for d in criterion.descriptors)
        told = words(record.parts)
        assert criterion.reason in told
        for link in criterion.evidence:
            assert f"E{link.number} " in told + " "


def test_why_figures_are_not_alike_is_said_once_with_those_it_holds_for(
    snapshot: s.Snapshot,
) -> None:
    note = Text({"en": "Landlords choose how they ask."})
    noted = tuple(replace(i, notes=(note,)) for i in snapshot.indicators)
    told = words(chapter(build(replace(snapshot, indicators=noted)), "context"))
    assert told.count("Landlords choose how they ask.") == 1
    before = told.split("Landlords choose how they ask.")[0].rsplit("Not like for like: ", 1)[1]
    assert {name.strip(" .") for name in before.split(", ")} == {i.measure for i in noted}


def test_recommendations_stand_by_urgency_and_the_same_words_once(
    document: ReportDocument, snapshot: s.Snapshot
) -> None:
    table = next(iter(all_of(Table, chapter(document, "recommendations"))))
    groups = [cell(r, 0) for r in table.rows if r.group]
    assert groups == ["High priority", "Medium priority", "Low priority"][: len(groups)]
    found = [(cell(r, 0), cell(r, 1)) for r in table.rows if not r.group]
    assert [name for name, _ in found] == [f"R{i}" for i in range(1, len(found) + 1)]
    wanted = {f.recommendation for f in snapshot.findings if f.recommendation
              and any(t.id == f.theme and t.in_scope for t in snapshot.themes())}  # fmt: skip
    assert {text for _, text in found} == wanted
    assert len(found) == len(wanted)


# ---- References ---------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["full", "board"])
@pytest.mark.parametrize("order", ["kloe", "strand"])
def test_every_reference_leads_somewhere(snapshot: s.Snapshot, view: str, order: str) -> None:
    document = build(snapshot, view=view, order=order)
    anchors = Counter(
        x.anchor
        for kind in (Section, Record, Row)
        for x in all_of(kind, document.blocks)
        if x.anchor
    )
    assert set(anchors.values()) <= {1}
    links = [x.link for x in all_of(Span, document) if x.link.startswith("#")]
    assert {x[1:] for x in links} <= set(anchors)
    assert bool(links) == (view == "full")


def test_links_are_of_the_web_or_the_document_only(small: s.Snapshot) -> None:
    known = tuple(
        replace(small.known[0], url=url)
        for url in ("javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "#nowhere")
    )
    document = build(replace(small, known=known))
    assert all(x.link.startswith(("#", "https://")) for x in all_of(Span, document) if x.link)
    assert "#nowhere" not in {x.link for x in all_of(Span, document)}


# ---- What must be said --------------------------------------------------------------------------


def test_a_draft_says_so_until_final(small: s.Snapshot) -> None:
    draft = build(small)
    assert [t.style for t in draft.tags] == ["draft", "invented"]
    assert [n.style for n in draft.cover.notes] == ["draft", "invented"]
    final = replace(small.assessment, final_at=datetime(2026, 11, 20, tzinfo=UTC))
    real = replace(small.organisation, invented=False)
    done = build(replace(small, assessment=final, organisation=real))
    assert done.tags == ()
    assert done.cover.notes == ()
    assert "20 November 2026" in words(chapter(done, "method"))


def test_restricted_evidence_shows_its_number_and_kind(
    document: ReportDocument, snapshot: s.Snapshot
) -> None:
    rows = {r.anchor: r for r in all_of(Row, chapter(document, "evidence"))}
    for item in snapshot.evidence:
        told = cell(rows[f"e-{item.number}"], 1)
        if item.restricted:
            assert told == f"Restricted ({item.kind})"
        else:
            assert item.title in told


def test_dissent_and_what_became_of_suggestions_are_told(
    document: ReportDocument, snapshot: s.Snapshot
) -> None:
    told = words(document.blocks)
    for judgement in snapshot.judgements:
        if judgement.stage == "dissent":
            assert judgement.reasons in told
            assert judgement.by in told
    kept = sum(j.outcome == "kept" for j in snapshot.judgements if j.stage != "dissent")
    changed = sum(j.outcome == "changed" for j in snapshot.judgements if j.stage != "dissent")
    assert f"in {kept} cases and differs in {changed}." in told


def test_no_value_is_never_nought(document: ReportDocument, snapshot: s.Snapshot) -> None:
    without = [i for i in snapshot.indicators if i.value is None]
    assert without
    table = next(iter(all_of(Table, chapter(document, "indicators"))))
    for row, indicator in zip(table.rows, snapshot.indicators, strict=True):
        if indicator.value is None:
            assert str(indicator.reason) in cell(row, 0)
            assert [cell(row, i) for i in (1, 2, 3)] == ["–", "–", "–"]


def test_the_board_sees_no_lists_of_detail(board: ReportDocument, document: ReportDocument) -> None:
    assert not list(all_of(Record, board.blocks))
    assert not list(all_of(Table, board.blocks))
    marks = [g.mark.label for g in all_of(GradeMark, board.blocks)]
    assert marks == [g.mark.label for g in document.cover.grades]


def test_another_view_or_order_is_refused(small: s.Snapshot) -> None:
    with pytest.raises(InvalidInput, match="full, large, board, tenants"):
        build(small, view="pocket")
    with pytest.raises(InvalidInput, match="kloe, strand"):
        build(small, order="size")


def test_it_is_written_in_the_language_asked_for(small: s.Snapshot) -> None:
    kloe = replace(small.kloes[0], title=Text({"en": "Rents", "cy": "Rhenti"}))
    both = replace(small, kloes=(kloe, *small.kloes[1:]))
    with speaking("cy"):
        document = build(both)
    assert document.language == "cy"
    titles = [x.title for x in all_of(Section, document.blocks)]
    assert "1.2 Rhenti" in titles
    assert build(both).language == "en"


def test_it_survives_storage_as_json(document: ReportDocument, board: ReportDocument) -> None:
    for made in (document, board):
        assert ReportDocument.from_json(json.loads(json.dumps(made.to_json()))) == made


# ---- Numbers ------------------------------------------------------------------------------------
# Recomputed here from the snapshot's JSON, with nothing of the report's own arithmetic.


def _percent(part: int, total: int) -> str:
    exact = Decimal(part) * 100 / Decimal(total)
    whole = int(exact.to_integral_value(ROUND_HALF_UP))
    return f"{1 if part and not whole else 99 if part < total and whole == 100 else whole} %"


@pytest.fixture(scope="module")
def data(snapshot: s.Snapshot) -> dict[str, Any]:
    return snapshot.to_json()


def _themes(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kloe in data["kloes"]:
        yield from (t for t in kloe["themes"] if t["in_scope"])


OPEN = {"", "conflicting", "cannot-tell", "not-applicable"}


def _counts(theme: dict[str, Any]) -> tuple[int, int, int, int]:
    base = [c for c in theme["criteria"] if c["position"] != "not-applicable"]
    return (
        sum(c["position"] not in OPEN for c in base),
        len(base),
        sum(c["triangulation"]["enough"] for c in base),
        sum(c["contradicted"] for c in base),
    )


def test_key_figures_are_recomputed(document: ReportDocument, data: dict[str, Any]) -> None:
    placed, base, triangulated, _ = map(sum, zip(*map(_counts, _themes(data)), strict=True))
    scoped = {t["id"] for t in _themes(data)}
    kinds = Counter(f["kind"] for f in data["findings"] if f["theme"] in scoped)
    found = next(iter(all_of(Figures, chapter(document, "summary"))))
    assert [(i.value, i.note) for i in found.items] == [
        (_percent(placed, base), f"{placed} of {base}"),
        (_percent(triangulated, base), f"{triangulated} of {base}"),
        (str(len(data["evidence"])), ""),
        (str(kinds["strength"]), ""),
        (str(kinds["area for improvement"]), ""),
    ]


def test_the_table_of_grades_is_recomputed(
    document: ReportDocument, data: dict[str, Any], snapshot: s.Snapshot
) -> None:
    table = list(all_of(Table, chapter(document, "scores")))[-1]
    rows = {cell(r, 0): r for r in table.rows}
    for theme in _themes(data):
        row = rows[f"{theme['number']} {theme['title']['text']['en']}"]
        placed, base, triangulated, contradicted = _counts(theme)
        quarters = Counter(
            i["peers"]["quarter"]
            for i in data["indicators"]
            if i["peers"] and theme["id"] in i["themes"]
        )
        assert [cell(row, i) for i in (2, 3, 4, 5, 6)] == [
            f"{placed} of {base}",
            _percent(triangulated, base),
            str(contradicted or "–"),
            str(quarters["best"] or "–"),
            str(quarters["worst"] or "–"),
        ]
        judgement = snapshot.judgement(theme["id"])
        mark = row.cells[1].mark
        assert mark is not None
        assert mark.label == (str(judgement.grade.label) if judgement else "Not judged yet")


def test_profiles_are_recomputed(document: ReportDocument, data: dict[str, Any]) -> None:
    pictures = {p.title: p for p in all_of(Picture, document.blocks)}
    for theme in _themes(data):
        title = f"How the placings spread: {theme['number']} {theme['title']['text']['en']}"
        told = re.findall(r": (\d+)", pictures[title].alt)
        assert sum(map(int, told)) == len(theme["criteria"])
        drawn = re.findall(r">([^<]*) (\d+)</text>", pictures[title].svg)
        assert [n for _, n in drawn] == told
        upper = sum(c["position"] == "upper" for c in theme["criteria"])
        assert not upper or ("Upper", str(upper)) in drawn


def test_indicators_are_recomputed(document: ReportDocument, data: dict[str, Any]) -> None:
    table = next(iter(all_of(Table, chapter(document, "indicators"))))
    for row, indicator in zip(table.rows, data["indicators"], strict=True):
        if indicator["value"] is None:
            continue
        value = Decimal(indicator["numerator"]) * 100 / Decimal(indicator["denominator"])
        shown = cell(row, 1).removesuffix(" %").removesuffix(" per 1,000").replace(",", "")
        assert abs(Decimal(shown) - value) <= Decimal("0.05")
        assert int(cell(row, 2).replace(",", "")) == Decimal(indicator["numerator"])
        assert int(cell(row, 3).replace(",", "")) == Decimal(indicator["denominator"])
    spreads = list(all_of(Picture, chapter(document, "context")))
    with_peers = [i for i in data["indicators"] if i["peers"]]
    for picture, indicator in zip(spreads, with_peers, strict=True):
        for key in ("minimum", "q1", "median", "q3", "maximum"):
            exact = Decimal(indicator["peers"][key]).quantize(Decimal("0.1"), ROUND_HALF_UP)
            assert f"{exact:,}" in picture.alt


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)*")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from _strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from _strings(v)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield f"{value:,}"


def test_every_number_comes_from_the_snapshot(
    document: ReportDocument, data: dict[str, Any], snapshot: s.Snapshot
) -> None:
    """All numbers in the text are in the snapshot, or a count of what is in it."""
    allowed: set[str] = set()
    for text in _strings(data):
        allowed.update(NUMBER.findall(text))
        allowed.update(re.findall(r"\d+", text))
        allowed.update(str(int(n)) for n in re.findall(r"\d+", text) if len(n) <= 4)
        if re.fullmatch(r"-?\d+\.?\d*", text):
            exact = Decimal(text)
            for places in ("1", "0.1"):
                allowed.add(f"{abs(exact.quantize(Decimal(places), ROUND_HALF_UP)):,}")
    parts = [list(_themes(data))] + [[t] for t in _themes(data)]
    parts += [[t for t in k["themes"] if t["in_scope"]] for k in data["kloes"]]
    parts += [[t for k in data["kloes"] if k["judgement"] == j for t in k["themes"]
               if t["in_scope"]] for j in ("service", "prospects")]  # fmt: skip
    for kloe in data["kloes"]:
        for main in kloe["main_questions"]:
            parts.append([t for t in kloe["themes"] if t["main_question"] == main["id"]])
    for part in parts:
        placed, base, triangulated, contradicted = map(sum, zip(*map(_counts, part), strict=True))
        counts = [placed, base, triangulated, contradicted, len(part)]
        counts += Counter(c["position"] for t in part for c in t["criteria"]).values()
        counts += [sum(len(t["criteria"]) for t in part)]
        allowed.update(f"{n:,}" for n in counts)
        allowed.update({_percent(placed, base)[:-1], _percent(triangulated, base)[:-1]})
    alone = [c for t in _themes(data) for c in t["criteria"] if c["position"] != "not-applicable"]
    allowed.add(str(sum(len(c["triangulation"]["kinds"]) == 1 for c in alone)))
    telling = [c for c in alone if any(x["direction"] != "context" for x in c["evidence"])]
    allowed.add(str(len(alone) - len(telling)))
    allowed.add(str(sum(snapshot.judgement(t["id"]) is not None for t in _themes(data))))
    allowed.update(str(n) for n in Counter(f["kind"] for f in data["findings"]).values())
    allowed.update(str(n) for n in Counter(
        j["outcome"] for j in data["judgements"] if j["stage"] != "dissent").values())  # fmt: skip
    allowed.add(str(sum(e["confidentiality"] == "restricted" for e in data["evidence"])))
    recommended = {f["recommendation"] for f in data["findings"]} - {""}
    allowed.update(str(i) for i in range(1, len(recommended) + 1))  # R1, R2, ...
    shown = " ".join(
        (
            words(document.blocks),
            *(p.alt for p in all_of(Picture, document.blocks)),
            *(r.reference for r in all_of(Record, document.blocks)),
        )
    )
    # Digests are letters and digits, not numbers.
    digests = [e["digest"][:10] for e in data["evidence"] if e["digest"]]
    for edition in data["assessment"]["editions"]:
        digests += [edition["digest"][:32], edition["digest"][32:]]
    whole = sha256(_canonical(data)).hexdigest()
    digests += [whole[:32], whole[32:]]
    for digest in digests:
        assert digest in shown
        shown = shown.replace(digest, "")
    shown = shown.replace("SHA-256", "").replace("per 1,000", "")
    strange = Counter(n for n in NUMBER.findall(shown) if n.rstrip(",.") not in allowed)
    assert not strange


def _canonical(data: dict[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
