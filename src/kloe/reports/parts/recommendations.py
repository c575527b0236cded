"""Recommendations, from the areas for improvement, the most urgent first."""

from __future__ import annotations

from kloe.assessment.vocabulary import FindingKind
from kloe.core.messages import Message, _
from kloe.reports.blocks import Block, Cell, Column, Line, Row, Section, Span, Table
from kloe.reports.parts.summary import quiet_theme
from kloe.reports.phrases import PRIORITIES, joined, line, lines, said, say, texts
from kloe.reports.writer import Recommendation, Writer


def chapter(w: Writer) -> Section:
    """The chapter."""
    blocks: list[Block] = []
    if w.recommendations:
        blocks.append(
            say(_("Each recommendation answers one or more areas for improvement. They stand in "
                  "order of priority; within one, in the order of the themes."))
        )  # fmt: skip
        blocks.append(_table(w))
    else:
        blocks.append(say(_("No recommendation has been written yet.")))
    bare = sum(w.recommendation(f) is None for f in w.findings(FindingKind.IMPROVEMENT))
    if bare:
        blocks.append(
            say(
                Message(
                    "%(n)d area for improvement has no recommendation yet.",
                    plural="%(n)d areas for improvement have no recommendation yet.",
                    n=bare,
                ),
                style="small",
            )
        )
    return Section(
        str(_("Recommendations")), 1, tuple(blocks), anchor="recommendations", contents=True,
        bookmark=True, new_page=True,
    )  # fmt: skip


def _table(w: Writer) -> Table:
    rows: list[Row] = []
    priority = None
    for recommendation in w.recommendations:
        if recommendation.priority != priority:
            priority = recommendation.priority
            name = said(PRIORITIES.get(priority, priority))
            rows.append(Row((Cell((line(name),)),), group=True))
        rows.append(
            Row(
                (
                    Cell((line(Span(recommendation.name, "strong")),)),
                    Cell(lines(recommendation.text)),
                    Cell(tuple(_answers(w, recommendation))),
                ),
                anchor=recommendation.name,
            )
        )
    return Table(
        (
            Column(str(_("No.")), 0.5),
            Column(str(_("What should be done")), 4),
            Column(str(_("What it answers")), 4),
        ),
        tuple(rows),
        str(_("Recommendations by priority")),
    )


def _answers(w: Writer, recommendation: Recommendation) -> list[Line]:
    """The areas for improvement it answers; the same words once, with all their themes."""
    themes: dict[str, list[str]] = {}
    for finding in recommendation.findings:
        themes.setdefault(" ".join(texts(finding.text)), []).append(finding.theme)
    return [line(words, " ", *_in(w, found)) for words, found in themes.items()]


def _in(w: Writer, themes: list[str]) -> list[Span]:
    """Where: one theme by name, several by number."""
    if len(themes) == 1:
        return [quiet_theme(w, themes[0])]
    known = [w.theme_link(t) for t in dict.fromkeys(themes) if t in w.themes]
    return joined(Span(link.text.partition(" ")[0], "quiet", link.link) for link in known)
