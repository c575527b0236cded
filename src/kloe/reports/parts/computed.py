"""Indicators computed from the organisation's own records: in themes, in context, all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kloe.assessment.snapshot import Computed, Theme
from kloe.core.messages import Message, _
from kloe.measures.areas import AREAS, INTEGRITY
from kloe.measures.definitions import Unit
from kloe.measures.outlook import Aim
from kloe.measures.results import shown
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Line, Mark, Row, Section, Table
from kloe.reports.phrases import clean, line, quiet, said, say, strong
from kloe.reports.writer import Writer

#: Steps of the ladder of grades that a place at the target is coloured with.
SHADES = {Aim.ON: 4, Aim.CHANCE: 2, Aim.OFF: 1}


def measured(c: Computed, number: Decimal | None) -> str:
    """A number in the measure's unit; empty without one."""
    return shown(number, Unit(c.unit)).replace("-", "−")


def value_words(c: Computed) -> str:
    """The figure, or that it may not be shown, or that there is none."""
    if c.hidden:
        return str(_("Hidden"))
    return measured(c, c.value) or str(_("No value"))


def target_words(c: Computed) -> str:
    """The target in a few words; empty without one."""
    low, high = measured(c, c.target_low), measured(c, c.target_high)
    if low and high:
        return str(_("%(low)s to %(high)s", low=low, high=high))
    if low:
        return str(_("at least %(v)s", v=low))
    if high:
        return str(_("at most %(v)s", v=high))
    only = measured(c, c.target)
    if only and c.direction == "lower":
        return str(_("at most %(v)s", v=only))
    return only


def _aim(c: Computed) -> Mark | None:
    aim = Aim(c.aim)
    return None if aim is Aim.NONE else Mark(said(aim.words), SHADES[aim])


def _count(number: Decimal | None) -> str:
    if number is None:
        return "–"
    return figures.whole(number) if number == int(number) else figures.rounded(number, 2)


def _parts(c: Computed) -> str:
    """Numerator of denominator; of what has neither, how many were counted."""
    if c.hidden:
        return ""
    if c.numerator is not None and c.denominator:
        return str(_("%(a)s of %(b)s", a=_count(c.numerator), b=_count(c.denominator)))
    return "" if c.n is None else str(_("n %(n)s", n=figures.whole(c.n)))


def in_theme(w: Writer, theme: Theme) -> Table | None:
    """Those that are evidence of a criterion of the theme."""
    own = {c.id for c in theme.criteria}
    found = [c for c in w.snapshot.computed if c.used and own & set(c.criteria)]
    if not found:
        return None
    return Table(
        (
            Column(str(_("Computed from its own records")), 4.2),
            Column(str(_("Figure")), 1.3, "end"),
            Column(str(_("Of")), 1.5, "end"),
            Column(str(_("Target")), 1.6),
        ),
        tuple(_in_theme(w, c) for c in found),
        "",
        "small",
    )


def _in_theme(w: Writer, c: Computed) -> Row:
    about = [quiet(figures.period(c.period.start, c.period.end))]
    if c.evidence is not None:
        about += [quiet(" · "), w.evidence_number(w.snapshot.item(c.evidence))]
    return Row(
        (
            Cell((line(clean(said(c.title))), line(*about))),
            Cell((line(strong(value_words(c))),)),
            Cell((line(_parts(c)),)),
            Cell((line(target_words(c)),) if target_words(c) else (), _aim(c)),
        )
    )


def overview(w: Writer) -> Section | None:
    """How many there are and how they stand, for the chapter on the organisation."""
    every = [c for c in w.snapshot.computed if c.area != INTEGRITY]
    if not every:
        return None
    figures_ = [c for c in every if not c.missing and not c.hidden]
    tests = [c for c in w.snapshot.computed if c.area == INTEGRITY and not c.missing]
    amiss = [c for c in tests if c.aim in (Aim.OFF, Aim.CHANCE)]
    blocks: list[Block] = [
        say(
            Message(
                "%(n)d indicator was computed from the organisation's own records as they were "
                "on %(day)s; %(figures)d with a figure that may be shown.",
                plural="%(n)d indicators were computed from the organisation's own records as "
                "they were on %(day)s; %(figures)d with a figure that may be shown.",
                n=len(every),
                day=figures.day(max(c.as_at for c in every)),
                figures=len(figures_),
            )
        ),
        Table(
            (
                Column(str(_("To their targets")), 4),
                Column(str(_("Indicators")), 1, "end"),
            ),
            tuple(
                Row((Cell((line(said(words)),)), Cell((line(figures.whole(n)),))))
                for words, n in (
                    (_("On target"), sum(c.aim == Aim.ON for c in figures_)),
                    (
                        _("Off target by no more than chance gives"),
                        sum(c.aim == Aim.CHANCE for c in figures_),
                    ),
                    (_("Off target"), sum(c.aim == Aim.OFF for c in figures_)),
                    (_("No target"), sum(not c.aim for c in figures_)),
                    (_("Hidden, to protect small groups"), sum(c.hidden for c in every)),
                    (_("Not computable from these records"), sum(bool(c.missing) for c in every)),
                )
                if n
            ),
            str(_("Computed indicators by how they stand to their targets")),
            "small",
        ),
    ]
    if tests:
        blocks.append(
            say(
                Message(
                    "%(n)d test of the records themselves was made; %(amiss)d found something.",
                    plural="%(n)d tests of the records themselves were made; %(amiss)d found "
                    "something.",
                    n=len(tests),
                    amiss=len(amiss),
                ),
                style="small",
            )
        )
    blocks.append(
        say(_("Those that are evidence stand in their themes, all of them in the appendix on "
              "indicators."), style="small")
    )  # fmt: skip
    return Section(
        str(_("Results from its own records")), 2, tuple(blocks), contents=True, bookmark=True
    )


def appendix(w: Writer) -> tuple[Section, ...]:
    """All of them by area: figure, numerator, denominator, target; and those without a figure."""
    every = w.snapshot.computed
    if not every:
        return ()
    there = [c for c in every if not c.missing]
    lacking = [c for c in every if c.missing]
    blocks: list[Block] = [
        say(_("Each figure is computed from the organisation's own records, by the definition of "
              "the measure named. A figure is hidden where it would tell of a small group, here "
              "or by subtraction. E and a number name the item of evidence that a figure is.")),
        say(_("For %(period)s where no other period is named, from records as they were on "
              "%(day)s; %(engine)s.",
              period=figures.period(*_usual(there)),
              day=figures.day(max(c.as_at for c in every)),
              engine="; ".join(sorted({c.engine for c in every if c.engine}))), style="small"),
    ] if there else []  # fmt: skip
    if there:
        blocks.append(
            Table(
                (
                    Column(str(_("Indicator")), 6.6),
                    Column(str(_("Figure")), 1.5, "end"),
                    Column(str(_("Numerator")), 1.5, "end"),
                    Column(str(_("Denominator")), 1.5, "end"),
                    Column(str(_("Target")), 1.7),
                ),
                _by_area(w, there),
                str(_("Indicators computed from the organisation's own records")),
                "small",
            )
        )
    if lacking:
        blocks.append(
            Table(
                (Column(str(_("Indicator")), 3), Column(str(_("Not computable")), 4)),
                tuple(
                    Row(
                        (
                            Cell((line(clean(said(c.title))), line(quiet(c.measure)))),
                            Cell((line("; ".join(said(m) for m in c.missing)),)),
                        )
                    )
                    for c in lacking
                ),
                str(_("Indicators that these records do not answer")),
                "small",
            )
        )
    return (
        Section(
            str(_("Computed from the organisation's own records")), 2, tuple(blocks),
            anchor="computed", contents=True, bookmark=True,
        ),
    )  # fmt: skip


def _usual(those: Sequence[Computed]) -> tuple[date, date]:
    periods = [(c.period.start, c.period.end) for c in those]
    return max(periods, key=periods.count)


def _by_area(w: Writer, those: Sequence[Computed]) -> tuple[Row, ...]:
    usual = _usual(those)
    rows: list[Row] = []
    for area in (*AREAS, *sorted({c.area for c in those} - set(AREAS))):
        here = [c for c in those if c.area == area]
        if here:
            rows.append(Row((Cell((line(said(AREAS.get(area, area))),)),), group=True))
            rows += [_row(w, c, usual) for c in here]
    return tuple(rows)


def _row(w: Writer, c: Computed, usual: tuple[date, date]) -> Row:
    about = [quiet(_("%(measure)s, version %(n)d", measure=c.measure, n=c.version))]
    if c.evidence is not None:
        about += [quiet(" · "), w.evidence_number(w.snapshot.item(c.evidence))]
    if (c.period.start, c.period.end) != usual:
        about.append(quiet(f" · {figures.period(c.period.start, c.period.end)}"))
    told: tuple[Line, ...] = (line(clean(said(c.title))), line(*about))
    for name, words in (
        (_("Numerator: "), c.numerator_words),
        (_("Denominator: "), c.denominator_words),
    ):
        if said(words):
            told = (*told, line(quiet(name), quiet(clean(said(words)))))
    below = _count(c.denominator)
    if c.denominator is None and c.n is not None:
        below = str(_("n %(n)s", n=figures.whole(c.n)))
    return Row(
        (
            Cell(told),
            Cell((line(strong(value_words(c))),)),
            Cell((line(_count(c.numerator)),)),
            Cell((line(below),)),
            Cell((line(target_words(c)),) if target_words(c) else (), _aim(c)),
        )
    )
