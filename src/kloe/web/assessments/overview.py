"""The map: every theme at a glance, by KLOE or by strand, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kloe.frameworks.model import Grade, Kloe, Theme
from kloe.frameworks.words import STRANDS
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.queries import Progress, Work, progress_by_theme, sum_of, works_of
from kloe.web.indicators import queries as indicators
from kloe.web.judgements.standing import grades
from kloe.web.library.store import Pinned

FILTERS = ("mine", "open", "unevidenced", "single", "contradicted", "worst")


@dataclass(frozen=True)
class Cell:
    """One theme on the map."""

    theme: Theme
    kloe: Kloe
    work: Work
    progress: Progress
    grade: Grade | None
    stage: str
    best: int
    worst: int

    @property
    def shade(self) -> int:
        return self.grade.rank if self.grade else 0


@dataclass(frozen=True)
class MapRow:
    label: str
    title: Any
    link: str
    cells: list[Cell]
    grade: Grade | None
    progress: Progress


@dataclass(frozen=True)
class Overview:
    rows: list[MapRow]
    total: Progress
    overall: list[tuple[Any, Grade | None, str, str]]
    out: list[Work]
    shown: int
    cells: int
    by: str
    wanted: str


def _wanted(cell: Cell, wanted: str, access: AssessmentAccess) -> bool:
    p = cell.progress
    return {
        "mine": cell.work.lead_id == access.user.pk,
        "open": p.placed < p.base,
        "unevidenced": p.placed > p.supported,
        "single": p.evidenced > p.triangulated,
        "contradicted": p.contradicted > 0,
        "worst": cell.worst > 0,
    }.get(wanted, True)


def build(
    access: AssessmentAccess, pinned: Pinned, *, by: str = "kloe", wanted: str = ""
) -> Overview:
    """Read the map.

    :param by: ``kloe`` or ``strand``.
    :param wanted: one of ``FILTERS`` to show only such themes.
    """
    assessment = access.assessment
    works = works_of(assessment)
    progress = progress_by_theme(assessment, pinned)
    standing: Mapping[str, tuple[Grade, str]] = grades(assessment, pinned)
    quarters: Mapping[str, tuple[int, int]] = indicators.quarters_by_theme(assessment, pinned)
    cells = []
    for work in works:
        if not work.in_scope:
            continue
        theme = pinned.theme(work.theme)
        grade, stage = standing.get(theme.id, (None, ""))
        best, worst = quarters.get(theme.id, (0, 0))
        cells.append(
            Cell(theme, pinned.kloe(work.kloe), work, progress[theme.id], grade, stage, best, worst)
        )
    shown = [c for c in cells if _wanted(c, wanted, access)]
    rows: list[MapRow] = []
    if by == "strand":
        for strand in STRANDS:
            part = [c for c in shown if c.theme.strand == strand]
            if part:
                rows.append(MapRow("", strand, "", part, None, sum_of(c.progress for c in part)))
    else:
        for kloe in pinned.kloes():
            part = [c for c in shown if c.kloe.id == kloe.id]
            if part:
                rows.append(
                    MapRow(
                        kloe.label,
                        kloe.title,
                        kloe.id,
                        part,
                        standing.get(kloe.id, (None, ""))[0],
                        sum_of(c.progress for c in part),
                    )
                )
    overall = []
    for judgement, scale in pinned.leading.scales.items():
        if any(k.judgement == judgement for k in pinned.kloes()):
            grade, stage = standing.get(judgement, (None, ""))
            overall.append((scale.question, grade, stage, judgement))
    return Overview(
        rows=rows,
        total=sum_of(c.progress for c in cells),
        overall=overall,
        out=[w for w in works if not w.in_scope],
        shown=len(shown),
        cells=len(cells),
        by=by,
        wanted=wanted,
    )
