"""The scores: where the judgements stand, with a picture, and every theme's grade in a table."""

from __future__ import annotations

from kloe.assessment.snapshot import PROSPECTS, SERVICE, Judgement, Kloe, MainQuestion, Theme
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Row, Section, Span, Table
from kloe.reports.parts import pictures
from kloe.reports.parts.summary import asked, n_of, question
from kloe.reports.phrases import clean, grade_mark, line, said, say, strong
from kloe.reports.writer import Writer, anchor

#: So many themes stand on the page of the judgements, picture and table with them.
FEW = 6


def chapter(w: Writer) -> Section:
    """The chapter."""
    blocks: list[Block] = [
        say(_judged_here(w), " ", _("Grades begin at the theme; on a single criterion an "
                                     "organisation is placed, not graded."))
    ]  # fmt: skip
    picture = pictures.scales(w)
    if picture:
        blocks.append(picture)
        legend = _("The outlined grade is the overall judgement. Above each grade stand the "
                   "lines of enquiry judged there, by number.")  # fmt: skip
        if asked(w, PROSPECTS):
            legend = _("The outlined grade is the overall judgement. Above each grade stand the "
                       "lines of enquiry judged there, by number, and for the prospects the main "
                       "questions Q1, Q2 and so on.")  # fmt: skip
        blocks.append(say(legend, style="small"))
    blocks.append(_judgements(w))
    many = len(w.scoped()) > FEW
    mapped = pictures.theme_map(w)
    if mapped:
        inner = (
            mapped,
            say(_("Colour and filled steps: the theme's grade, one step for the lowest. "
                  "Numbers: criteria placed, of those that apply. Grey: not judged yet."),
                style="small"),
        )  # fmt: skip
        blocks.append(Section(str(_("The themes at a glance")), 2, inner, new_page=many))
    blocks.append(
        Section(str(_("Grades of lines of enquiry and themes")), 2, (_grades(w),), new_page=many)
    )
    return Section(
        str(_("The scores")), 1, tuple(blocks), anchor="scores", contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def _judged_here(w: Writer) -> Message:
    if not asked(w, PROSPECTS):
        return _("One judgement is made: how good the service is.")
    if not asked(w, SERVICE):
        return _("One judgement is made: what the prospects are of the service improving.")
    return _("Two judgements are made: how good the service is, and what the prospects are of "
             "its improving.")  # fmt: skip


def _judgements(w: Writer) -> Table:
    """Both judgements, and under each the lines of enquiry or main questions it stands on."""
    rows: list[Row] = []
    for key in (SERVICE, PROSPECTS):
        if not asked(w, key):
            continue
        counts = w.total(w.scoped(key))
        judgement = w.snapshot.judgement(key)
        rows.append(
            _judged(strong(question(w, key)), judgement, strong(n_of(counts.placed, counts.base)))
        )
        for kloe in w.kloes_for(key):
            counts = w.total(list(kloe.scoped))
            placed = n_of(counts.placed, counts.base)
            if key == SERVICE or w.snapshot.judgement(kloe.id) or not kloe.main_questions:
                name = f"{kloe.number} {clean(said(kloe.title))}"
                rows.append(_judged(name, w.snapshot.judgement(kloe.id), placed))
            for number, main in enumerate(kloe.main_questions, 1):
                name = f"Q{number} {clean(said(main.title))}"
                counts = w.total(main_themes(main, kloe))
                placed = n_of(counts.placed, counts.base)
                rows.append(_judged(name, w.snapshot.judgement(main.id), placed))
    return Table(
        (
            Column(str(_("What was judged")), 4),
            Column(str(_("Grade")), 3),
            Column(str(_("Criteria placed")), 1.2, "end"),
        ),
        tuple(rows),
        str(_("The judgements and what they stand on")),
        "small",
    )


def _judged(name: Span | str, judgement: Judgement | None, placed: Span | str) -> Row:
    return Row((Cell((line(name),)), Cell(mark=grade_mark(judgement)), Cell((line(placed),))))


def main_themes(main: MainQuestion, kloe: Kloe) -> list[Theme]:
    """The themes in scope under a main question, named by it or naming it."""
    return [t for t in kloe.scoped if t.id in main.themes or t.main_question == main.id]


def _grades(w: Writer) -> Table:
    rows: list[Row] = []
    for kloe in w.snapshot.kloes:
        if kloe.scoped:
            rows.append(_kloe_row(w, kloe))
            for theme in kloe.scoped:
                counts = w.counts(theme)
                quarters = [i.peers.quarter for i in w.indicators(theme.id) if i.peers]
                rows.append(
                    Row(
                        (
                            Cell((line(w.theme_link(theme.id)),)),
                            Cell(mark=grade_mark(w.snapshot.judgement(theme.id))),
                            Cell((line(n_of(counts.placed, counts.base)),)),
                            Cell((line(figures.share(counts.triangulated, counts.base)),)),
                            Cell((line(_dash(counts.contradicted)),)),
                            Cell((line(_dash(quarters.count("best"))),)),
                            Cell((line(_dash(quarters.count("worst"))),)),
                        )
                    )
                )
    return Table(
        (
            Column(str(_("Theme")), 3.5),
            Column(str(_("Grade")), 2.9),
            Column(str(_("Placed")), 1.1, "end"),
            Column(str(_("Triangulated")), 1.2, "end"),
            Column(str(_("Contradicted")), 1.25, "end"),
            Column(str(_("Best quarter")), 0.9, "end"),
            Column(str(_("Worst quarter")), 0.9, "end"),
        ),
        tuple(rows),
        str(_("Grades, placings and evidence by theme; indicators in the best and worst quarter "
              "of peers")),
        "small",
    )  # fmt: skip


def _kloe_row(w: Writer, kloe: Kloe) -> Row:
    judgement = w.snapshot.judgement(kloe.id)
    title = line(strong(f"{kloe.number} {clean(said(kloe.title))}"))
    counts = w.total(list(kloe.scoped))
    mark = grade_mark(judgement) if judgement else None
    return Row(
        (
            Cell((title,)),
            Cell(mark=mark),
            Cell((line(strong(n_of(counts.placed, counts.base))),)),
            Cell((line(strong(figures.share(counts.triangulated, counts.base))),)),
            Cell((line(strong(_dash(counts.contradicted))),)),
            Cell(),
            Cell(),
        ),
        anchor=f"grades-{anchor(kloe.id)}",
    )


def _dash(n: int) -> str:
    return figures.whole(n) if n else "–"
