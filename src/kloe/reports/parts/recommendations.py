"""Recommendations, from the areas for improvement, the most urgent first."""

from __future__ import annotations

from datetime import date

from kloe.assessment.plan import LEVELS
from kloe.assessment.vocabulary import FindingKind
from kloe.core.messages import Message, _
from kloe.reports.blocks import Block, Cell, Column, ItemList, Line, Row, Section, Span, Table
from kloe.reports.figures import day
from kloe.reports.parts.summary import quiet_theme
from kloe.reports.phrases import (
    PRIORITIES,
    clean,
    joined,
    line,
    lines,
    paragraphs,
    said,
    say,
    sentence,
    strong,
    texts,
)
from kloe.reports.writer import Recommendation, Writer


def chapter(w: Writer) -> Section:
    """The chapter."""
    blocks: list[Block] = []
    if w.recommendations:
        blocks.append(
            say(_("Each recommendation answers one or more areas for improvement. They stand in "
                  "order of priority; within one, in the order of the themes."))
        )  # fmt: skip
        whole = w.inspected or any(r.detailed for r in w.recommendations)
        blocks += _each(w) if whole else [_table(w)]
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


def _each(w: Writer) -> list[Block]:
    """One after the other, by priority: what, why, for whom, how much, by when."""
    found: list[Block] = []
    for priority in dict.fromkeys(r.priority for r in w.recommendations):
        those = [r for r in w.recommendations if r.priority == priority]
        name = said(PRIORITIES.get(priority, priority))
        found.append(Section(name, 2, tuple(_one(w, r) for r in those)))
    return found


def _one(w: Writer, r: Recommendation) -> Section:
    title = str(_("Recommendation %(name)s", name=r.name))
    blocks: list[Block] = [*paragraphs(r.text)]
    # What it answers stands below: the same words are not its reason once more.
    answered = {" ".join(texts(f.text)) for f in r.findings}
    for words, told in ((_("Why: "), r.why), (_("Benefit to service users: "), r.benefit)):
        if texts(told) and " ".join(texts(told)) not in answered:
            blocks.append(say(strong(words), " ".join(texts(told))))
    answers = tuple((answer,) for answer in _answers(w, r))
    if answers:
        blocks += [say(_("It answers:"), style="label"), ItemList(answers, style="improvement")]
    figures = [
        str(_("Impact: %(how)s", how=said(LEVELS[r.impact]).lower())) if r.impact else "",
        str(_("cost: %(how)s", how=said(LEVELS[r.cost]).lower())) if r.cost else "",
        str(_("by %(day)s", day=day(date.fromisoformat(r.due_on)))) if r.due_on else "",
        str(_("recommendation %(ref)s of the improvement plan", ref=clean(r.reference)))
        if r.reference
        else "",
    ]
    if any(figures):
        blocks.append(say(strong(sentence("; ".join(filter(None, figures))) + ".")))
    return Section(title, 3, tuple(blocks), anchor=r.name)


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
