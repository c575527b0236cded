"""The board's page: judgement, proof and what comes next, bounded so that it fits one page."""

from __future__ import annotations

from collections.abc import Sequence

from kloe.assessment.snapshot import PROSPECTS, SERVICE
from kloe.assessment.vocabulary import FindingKind
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import (
    Block,
    Columns,
    Figures,
    GradeMark,
    ItemList,
    KeyFigure,
    Line,
    Section,
    Span,
)
from kloe.reports.parts import pictures
from kloe.reports.parts.summary import (
    areas_for_improvement,
    asked,
    evidence_items,
    n_of,
    question,
)
from kloe.reports.phrases import clean, grade_mark, line, quiet, said, say, texts
from kloe.reports.writer import Writer

REASONS, RECOMMENDATIONS, STRENGTHS, WORST = 230, 5, 3, 5


def short(text: str, most: int) -> str:
    """The beginning of a text, cut at a word, marked as cut."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head = cut.rpartition(" ")[0] if " " in cut[most // 2 :] else cut
    return head.rstrip(" ,;:.") + "…"


def blocks(w: Writer) -> tuple[Block, ...]:
    """What stands on the page."""
    judged = tuple(tuple(_judged(w, key)) for key in (SERVICE, PROSPECTS) if asked(w, key))
    found: list[Block] = []
    if judged:
        found.append(Columns(judged))
    found.append(_figures(w))
    mapped = pictures.grade_lines(w)
    if mapped:
        legend = say(
            _(
                "Small cells: the themes of each line of enquiry, by number. Filled steps: the "
                "grade, one step for the lowest. Grey: not judged yet."
            ),
            style="small",
        )
        found.append(Section(str(_("Lines of enquiry and their themes")), 2, (mapped, legend)))
    left = [s for s in (_recommendations(w),) if s]
    right = [s for s in (_strengths(w), _indicators(w)) if s]
    if left or right:
        found.append(Columns((tuple(left), tuple(right)), (1.15, 1.0)))
    return tuple(found)


def _judged(w: Writer, key: str) -> list[Block]:
    judgement = w.snapshot.judgement(key)
    title = short(question(w, key), 70)
    mark: list[Block] = [GradeMark(title, grade_mark(judgement), "", large=True)]
    if judgement:
        mark.append(say(short(" ".join(texts(judgement.reasons)), REASONS), style="small"))
    return mark


def _figures(w: Writer) -> Figures:
    counts = w.total()
    placed = n_of(counts.placed, counts.base)
    return Figures(
        (
            KeyFigure(figures.share(counts.placed, counts.base), str(_("criteria placed")), placed),
            KeyFigure(
                figures.share(counts.triangulated, counts.base),
                str(_("rest on two kinds and two origins of evidence")),
                n_of(counts.triangulated, counts.base),
            ),
            KeyFigure(
                figures.whole(counts.contradicted), str(_("placings contradicted by evidence"))
            ),
            evidence_items(w),
            areas_for_improvement(w),
        )
    )


def _recommendations(w: Writer) -> Section | None:
    items: Sequence[tuple[Line, ...]] = [
        (line(Span(r.name, "strong"), "  ", short(" ".join(texts(r.text)), 140)),)
        for r in w.recommendations[:RECOMMENDATIONS]
    ]
    if not items:
        return None
    found: list[Block] = [ItemList(tuple(items), style="improvement")]
    left = len(w.recommendations) - len(items)
    if left:
        found.append(
            say(
                Message(
                    "%(n)d more stands in the full report.",
                    plural="%(n)d more stand in the full report.",
                    n=left,
                ),
                style="small",
            )
        )
    return Section(str(_("What has to change first")), 2, tuple(found))


def _strengths(w: Writer) -> Section | None:
    found = w.findings(FindingKind.PRACTICE) + w.findings(FindingKind.STRENGTH)
    words = list(dict.fromkeys(" ".join(texts(f.text)) for f in found))
    items = tuple((line(short(text, 120)),) for text in words[:STRENGTHS])
    if not items:
        return None
    return Section(str(_("What stands out")), 2, (ItemList(items, style="strength"),))


def _indicators(w: Writer) -> Section | None:
    """Indicators in the worst quarter of peers."""
    found = [i for i in w.snapshot.indicators if i.peers and i.peers.quarter == "worst"]
    if not found:
        return None
    items = []
    for indicator in found[:WORST]:
        median = indicator.peers.median if indicator.peers else None
        told = (
            str(_("peers' median %(median)s",
                  median=figures.measured(median, indicator.unit, indicator.decimals)))
            if median is not None
            else ""
        )  # fmt: skip
        title = short(clean(said(indicator.title)), 70)
        items.append((line(f"{title}: ", Span(figures.value_of(indicator), "strong"),
                           quiet(f" ({told})")),))  # fmt: skip
    return Section(str(_("Indicators in the worst quarter of peers")), 2, (ItemList(tuple(items)),))
