"""The two chapters of judgement: how good is the service, and what are the prospects."""

from __future__ import annotations

from collections.abc import Sequence

from kloe.assessment.snapshot import PROSPECTS, SERVICE, Kloe, MainQuestion, Theme
from kloe.core.messages import _
from kloe.reports.blocks import (
    Block,
    Cell,
    Column,
    GradeMark,
    ItemList,
    Paragraph,
    Row,
    Section,
    Span,
    Table,
)
from kloe.reports.parts import pictures, texts
from kloe.reports.parts.scores import main_themes
from kloe.reports.parts.summary import asked, overall, question, quiet_theme
from kloe.reports.parts.themes import judgement_blocks, kloe_name, theme_section
from kloe.reports.phrases import STRANDS, TERNARY, clean, line, lines, said, strong
from kloe.reports.writer import Writer, anchor


def chapters(w: Writer) -> list[Section]:
    """The chapters, of the judgements that are asked for."""
    found = []
    if asked(w, SERVICE):
        found.append(_service(w))
    if asked(w, PROSPECTS):
        found.append(_prospects(w))
    return found


def _service(w: Writer) -> Section:
    blocks = [*_overall(w, SERVICE), *texts.blocks(w, SERVICE, 2)]
    kloes = w.kloes_for(SERVICE)
    themes = w.scoped(SERVICE)
    picture = pictures.profile(themes, question(w, SERVICE))
    if picture and len(themes) > 1:
        blocks.append(picture)
    if w.order == "strand":
        blocks += _by_strand(w, kloes)
    else:
        blocks += [_kloe(w, kloe, first=kloe is kloes[0]) for kloe in kloes]
    return Section(
        question(w, SERVICE), 1, tuple(blocks), anchor="service", contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def _overall(w: Writer, key: str) -> list[Block]:
    """The judgement with its reasons; the mark's question is the heading's already."""
    name = str(_("Overall judgement"))
    first, *rest = judgement_blocks(w, key, name)
    note = first.note if isinstance(first, GradeMark) else ""
    return [GradeMark(name, overall(w, key).mark, note, large=True), *rest]


def _kloe(w: Writer, kloe: Kloe, *, first: bool) -> Section:
    blocks: list[Block] = []
    about = clean(said(kloe.about))
    if about:
        blocks.append(_about(about))
    blocks += judgement_blocks(w, kloe.id, str(_("Grade of the line of enquiry")))
    blocks += texts.blocks(w, kloe.id, 3)
    picture = pictures.profile(kloe.scoped, kloe_name(kloe))
    if picture and len(kloe.scoped) > 1:
        blocks.append(picture)
    blocks += [theme_section(w, theme, 3) for theme in kloe.scoped]
    return Section(
        kloe_name(kloe), 2, tuple(blocks), anchor=anchor(kloe.id), contents=True, bookmark=True,
        new_page=not first,
    )  # fmt: skip


def _about(about: str) -> Block:
    return Paragraph((Span(about, "published"),), "lead")


def _by_strand(w: Writer, kloes: Sequence[Kloe]) -> list[Block]:
    """The same themes, those of a kind next to each other."""
    found: list[Block] = []
    themes = [t for k in kloes for t in k.scoped]
    known = [*STRANDS, *(t.strand for t in themes)]
    for strand in dict.fromkeys(known):
        chosen = [t for t in themes if t.strand == strand]
        if chosen:
            name = said(STRANDS.get(strand, strand))
            blocks: list[Block] = []
            picture = pictures.profile(chosen, name)
            if picture:
                blocks.append(picture)
            blocks += [theme_section(w, t, 3, with_kloe=True) for t in chosen]
            found.append(
                Section(name, 2, tuple(blocks), anchor=f"strand-{anchor(strand)}", contents=True,
                        bookmark=True, new_page=True)
            )  # fmt: skip
    name = str(_("Grade of the line of enquiry"))
    reasons = [
        Section(kloe_name(k), 3, tuple(judgement_blocks(w, k.id, name)))
        for k in kloes
        if w.snapshot.judgement(k.id)
    ]
    if reasons:
        found.append(
            Section(str(_("Reasons for the grades of the lines of enquiry")), 2, tuple(reasons),
                    contents=True, bookmark=True, new_page=True)
        )  # fmt: skip
    return found


def _prospects(w: Writer) -> Section:
    blocks = [*_overall(w, PROSPECTS), *texts.blocks(w, PROSPECTS, 2)]
    for kloe in w.kloes_for(PROSPECTS):
        left = {t.id: t for t in kloe.scoped}
        for number, main in enumerate(kloe.main_questions, 1):
            themes = [left.pop(t.id) for t in main_themes(main, kloe) if t.id in left]
            blocks.append(_main_question(w, main, number, themes))
        blocks += [theme_section(w, t, 2) for t in left.values()]
    blocks += _weaknesses(w)
    for title, items, style in (
        (_("What drives improvement"), w.snapshot.prospects.drivers, "strength"),
        (_("What stands in its way"), w.snapshot.prospects.barriers, "improvement"),
    ):
        told = tuple(lines(x) for x in items if clean(x))
        if told:
            blocks.append(
                Section(str(title), 2, (ItemList(told, style=style),), contents=True,
                        bookmark=True)
            )  # fmt: skip
    return Section(
        question(w, PROSPECTS), 1, tuple(blocks), anchor="prospects", contents=True,
        bookmark=True, new_page=True,
    )  # fmt: skip


def _main_question(w: Writer, main: MainQuestion, number: int, themes: list[Theme]) -> Section:
    blocks: list[Block] = []
    text = clean(said(main.text))
    if text and text != clean(said(main.title)):
        blocks.append(_about(text))
    blocks += judgement_blocks(w, main.id, str(_("Grade of the main question")))
    blocks += texts.blocks(w, main.id, 3)
    blocks += [theme_section(w, theme, 3) for theme in themes]
    return Section(
        f"Q{number} {clean(said(main.title))}", 2, tuple(blocks), anchor=anchor(main.id),
        contents=True, bookmark=True, new_page=True,
    )  # fmt: skip


def _weaknesses(w: Writer) -> list[Block]:
    found = w.snapshot.prospects.weaknesses
    if not found:
        return []
    rows = []
    for weakness in found:
        told = list(lines(weakness.text))
        if weakness.serious:
            told.insert(0, line(strong(_("Serious"))))
        if weakness.theme in w.themes:
            told.append(line(quiet_theme(w, weakness.theme)))
        told += lines(weakness.note, "quiet")
        rows.append(
            Row(
                (
                    Cell(tuple(told)),
                    *(
                        Cell((line(said(TERNARY.get(word, word))),))
                        for word in (weakness.known, weakness.planned, weakness.capacity)
                    ),
                )
            )
        )
    table = Table(
        (
            Column(str(_("Weakness")), 5),
            Column(str(_("Did they know it?")), 1.2),
            Column(str(_("Is it in their plan?")), 1.2),
            Column(str(_("Have they the capacity?")), 1.3),
        ),
        tuple(rows),
        str(_("Weaknesses, and what is done about each")),
    )
    return [
        Section(str(_("Weaknesses and what is done about them")), 2, (table,), contents=True,
                bookmark=True, new_page=True)
    ]  # fmt: skip
