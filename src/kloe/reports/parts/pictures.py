"""Pictures of a report with the words that stand for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kloe.assessment.snapshot import Indicator, Judgement, Kloe, Scale, Theme
from kloe.core.messages import Message, _
from kloe.reports import charts, figures
from kloe.reports.blocks import Picture
from kloe.reports.phrases import (
    QUARTER_SHADES,
    QUARTERS,
    clean,
    grade_mark,
    position_label,
    position_shade,
    said,
    shade,
)
from kloe.reports.writer import Writer

#: Order in a profile, best first; the empty position is the criteria still open.
ORDER = (
    "upper", "met", "between", "partly-met", "not-so", "partly-so", "lower", "not-met", "so",
    "worse", "conflicting", "cannot-tell", "not-applicable", "",
)  # fmt: skip


def scales(w: Writer) -> Picture | None:
    """Both judgements on their scales, with the KLOEs or main questions that lead to them."""
    drawn, told = [], []
    for key in ("service", "prospects"):
        scale = w.snapshot.leading_scale(key)
        if scale is None or not (w.kloes_for(key) or w.snapshot.judgement(key)):
            continue
        judgement = w.snapshot.judgement(key)
        parts = _parts(w, key)
        drawn.append(_line(scale, judgement, parts))
        told.append(_told(scale, judgement, parts))
    if not drawn:
        return None
    return Picture(
        charts.scales(drawn), str(_("The judgements on their scales")), " ".join(told), 1.0
    )


def _parts(w: Writer, key: str) -> list[tuple[str, Judgement]]:
    """Short names of what leads to a judgement, with what was judged of each."""
    named: list[tuple[str, str]] = []
    for kloe in w.kloes_for(key):
        if key == "prospects" and kloe.main_questions:
            named += [(f"Q{i}", q.id) for i, q in enumerate(kloe.main_questions, 1)]
        else:
            named.append((kloe.number.split()[0], kloe.id))
    found = [(name, w.snapshot.judgement(subject)) for name, subject in named]
    return [(name, judgement) for name, judgement in found if judgement]


def _rank(scale: Scale, judgement: Judgement) -> int:
    """Rank on this scale; grades of different scales compare by rank."""
    return max(1, min(len(scale.grades), judgement.grade.rank))


def _line(
    scale: Scale, judgement: Judgement | None, parts: list[tuple[str, Judgement]]
) -> charts.ScaleLine:
    grades = sorted(scale.grades, key=lambda g: g.rank)
    at: list[list[str]] = [[] for _g in grades]
    for name, part in parts:
        at[_rank(scale, part) - 1].append(name)
    return charts.ScaleLine(
        clean(said(scale.question)),
        tuple(clean(said(g.label)) for g in grades),
        tuple(shade(g.rank, len(grades)) for g in grades),
        None if judgement is None else _rank(scale, judgement) - 1,
        tuple(tuple(names) for names in at),
        str(_("Not judged yet")),
    )


def _told(scale: Scale, judgement: Judgement | None, parts: list[tuple[str, Judgement]]) -> str:
    grades = sorted(scale.grades, key=lambda g: g.rank)
    question = clean(said(scale.question))
    where = ", ".join(f"{name} {clean(said(part.grade.label))}" for name, part in parts)
    names = ", ".join(clean(said(g.label)) for g in grades)
    if judgement is None:
        return str(
            _("%(question)s Not judged yet. From worst to best: %(names)s. %(where)s",
              question=question, names=names, where=where)
        )  # fmt: skip
    return str(
        _("%(question)s %(grade)s, on a scale from worst to best of %(names)s. %(where)s",
          question=question, grade=clean(said(judgement.grade.label)), names=names, where=where)
    )  # fmt: skip


def theme_map(w: Writer) -> Picture | None:
    """All themes in scope at a glance: grade and how much is placed."""
    rows = _rows(w)
    if not rows:
        return None
    tally = Counter(grade_mark(w.snapshot.judgement(t.id)).label for t in w.scoped())
    spread = "; ".join(f"{name}: {n}" for name, n in tally.most_common())
    alt = _(
        "A map with a row for each line of enquiry and a cell for each theme. %(spread)s.",
        spread=spread,
    )
    return Picture(charts.theme_map(rows), str(_("Themes and their grades")), str(alt))


def grade_lines(w: Writer) -> Picture | None:
    """Each line of enquiry with its grade, and its themes small."""
    rows = _rows(w)
    if not rows:
        return None
    told = "; ".join(f"{r.number} {r.title}: {r.grade.title}" for r in rows)
    return Picture(
        charts.grade_lines(rows), str(_("Lines of enquiry and their grades")), f"{told}."
    )


def _rows(w: Writer) -> list[charts.MapRow]:
    rows = []
    for kloe in w.snapshot.kloes:
        if kloe.scoped:
            subject = "prospects" if kloe.judgement == "prospects" else kloe.id
            own = w.snapshot.judgement(kloe.id) or w.snapshot.judgement(subject)
            mark = grade_mark(own)
            grade = charts.MapCell(mark.label, mark.shade, mark.steps, mark.of, "")
            cells = tuple(_cell(w, theme) for theme in kloe.scoped)
            title = clean(said(kloe.title))
            rows.append(charts.MapRow(short_number(kloe), title, grade, cells))
    return rows


def _cell(w: Writer, theme: Theme) -> charts.MapCell:
    mark = grade_mark(w.snapshot.judgement(theme.id))
    return charts.MapCell(
        clean(said(theme.title)),
        mark.shade,
        mark.steps,
        mark.of,
        f"{theme.placed}/{theme.base}",
        theme.number.rpartition("/")[2],
    )


def profile(themes: Sequence[Theme], of: str) -> Picture | None:
    """How the placings of themes spread over the positions."""
    total: Counter[str] = Counter()
    for theme in themes:
        total.update(theme.profile)
    # "In part" is a position of two forms, with one word and one colour: counted together.
    merged: Counter[tuple[str, int]] = Counter()
    for position in ORDER:
        if total.get(position):
            merged[position_label(position), position_shade(position)] += total[position]
    counts = [(name, step, n) for (name, step), n in merged.items()]
    if not counts:
        return None
    told = ", ".join(f"{label}: {n}" for label, _shade, n in counts)
    return Picture(
        charts.profile(counts),
        str(_("How the placings spread: %(of)s", of=of)),
        str(
            Message(
                "%(n)d criterion by position. %(told)s.",
                plural="%(n)d criteria by position. %(told)s.",
                n=sum(n for *_x, n in counts),
                told=told,
            )
        ),
    )


def spread(indicator: Indicator) -> Picture | None:
    """Where a value lies among those of its peers."""
    peers = indicator.peers
    if peers is None:
        return None
    told = [
        figures.measured(x, indicator.unit, indicator.decimals)
        for x in (peers.minimum, peers.q1, peers.median, peers.q3, peers.maximum)
    ]
    # Under the picture only what is short: the unit stands with the value.
    short = indicator.unit if indicator.unit in {"%", "£"} else ""
    under = [
        figures.measured(x, short, indicator.decimals) for x in (peers.q1, peers.median, peers.q3)
    ]
    value = figures.value_of(indicator) or str(_("no value"))
    place = said(QUARTERS[peers.quarter]) if peers.quarter in QUARTERS else ""
    return Picture(
        charts.spread(
            (peers.minimum, peers.q1, peers.median, peers.q3, peers.maximum),
            indicator.value,
            QUARTER_SHADES.get(peers.quarter, 0),
            (under[0], under[1], under[2]),
        ),
        clean(said(indicator.title)),
        str(
            _(
                "%(value)s among %(n)s peers: least %(low)s, lower quartile %(q1)s, "
                "median %(median)s, upper quartile %(q3)s, most %(high)s. %(place)s",
                value=value, n=figures.whole(peers.n), low=told[0], q1=told[1], median=told[2],
                q3=told[3], high=told[4], place=place,
            )
        ).strip(),
        0.98,
    )  # fmt: skip


def short_number(kloe: Kloe) -> str:
    """A KLOE's number without the second one that some have."""
    return kloe.number.split()[0]
