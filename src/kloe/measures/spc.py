"""Statistical process control: real change apart from noise.

A series moves without anything having changed. A control chart draws how far it does, from the
series itself, and marks what chance alone seldom gives. Counts and times go on an XmR chart
(individual values and moving ranges: Shewhart 1931; Wheeler, Understanding Variation, 1993):
limits at the mean plus and minus 2.66 mean moving ranges. Rates go on a p-chart (Montgomery,
Introduction to Statistical Quality Control, 7th edition, section 7.2), whose limits follow the
denominators, and on Laney's p'-chart (Quality Engineering 14, 2002, 531-537) where the rates
vary clearly more, or less, than their denominators explain.

Four rules mark a real change (Western Electric, Statistical Quality Control Handbook, 1956;
Nelson, Journal of Quality Technology 16, 1984, 237-239): a point outside the limits; eight in
a row on one side of the centre; six in a row each above, or each below, the one before; two of
three beyond two thirds of the way to the same limit. More rules find more that is not there;
these four are the ones that can be seen and explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Literal

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.stats.common import exactly
from kloe.measures.spc_values import (
    D2,
    LEAST,
    NATURAL,
    SETTLED,
    SIDE,
    TREND,
    Better,
    Change,
    Chart,
    Phase,
    Point,
    Rule,
    Show,
    Signal,
    T,
    Verdict,
)


def plainly(value: Decimal) -> str:
    """A value to at most two decimals."""
    short = value.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
    return f"{short:,f}"


def as_percent(value: Decimal) -> str:
    """A rate in per cent, to one decimal."""
    return f"{(value * 100).quantize(Decimal('0.1'), ROUND_HALF_UP):f} %"


@exactly
def xmr(
    series: Sequence[tuple[str, Decimal | int | None]],
    *,
    changes: Sequence[Change] = (),
    baseline: int | None = None,
    floor: Decimal | None = Decimal(0),
    better: Better = None,
    show: Show = plainly,
) -> Chart:
    """The XmR chart of counts or times, in the order of the periods.

    :param series: label and value; None where there is no value, which nothing reaches across.
    :param changes: where a person has said that something changed.
    :param baseline: how many of a phase's first points give its limits; all by default.
    :param floor: below what no limit is drawn; None where values may be negative.
    :param better: which way is better, if one is.
    """
    exact = [None if v is None else Decimal(v) for _label, v in series]
    labels = [label for label, _value in series]
    points: list[Point] = []
    phases: list[Phase] = []
    for index, (start, end, change) in enumerate(_phases(labels, changes, baseline)):
        part = exact[start:end]
        usable = _base(part, baseline)
        values = [v for v in usable if v is not None]
        if len(values) < LEAST:
            points += [Point(labels[start + i], v, phase=index) for i, v in enumerate(part)]
            phases.append(_no_limits(labels, start, end, values, change))
            continue
        centre = sum(values, Decimal(0)) / len(values)
        width = NATURAL * _mean_range(usable)
        low = centre - width if floor is None else max(floor, centre - width)
        for i, v in enumerate(part):
            points.append(Point(labels[start + i], v, low, centre, centre + width, index))
        phases.append(
            Phase(
                labels[start], labels[end - 1], centre, len(values), len(values) >= SETTLED, change
            )
        )
    widths = [None if p.high is None or p.centre is None else p.high - p.centre for p in points]
    return _chart("xmr", points, phases, widths, better, show)


@exactly
def p_chart(
    series: Sequence[tuple[str, int | None, int | None]],
    *,
    changes: Sequence[Change] = (),
    baseline: int | None = None,
    better: Better = None,
    show: Show = as_percent,
) -> Chart:
    """The p-chart of rates with their own denominators; Laney's p' where it is needed.

    :param series: label, numerator, denominator; None or nought of nought is no value.
    """
    labels = [label for label, _x, _n in series]
    counts: list[tuple[int, int] | None] = []
    for label, x, n in series:
        if x is not None and n is not None and not 0 <= x <= n:
            raise InvalidInput(
                _("%(label)s counts %(x)d of %(n)d.", label=label, x=x, n=n),
                _("A rate counts some of a number, never more than there are."),
                _("Put a series of counts on an XmR chart."),
            )
        counts.append((x, n) if x is not None and n else None)
    points: list[Point] = []
    phases: list[Phase] = []
    widths: list[Decimal | None] = []
    for index, (start, end, change) in enumerate(_phases(labels, changes, baseline)):
        part = counts[start:end]
        usable = _base(part, baseline)
        known = [c for c in usable if c is not None]
        rates = [None if c is None else Decimal(c[0]) / c[1] for c in part]
        if len(known) < LEAST:
            points += [Point(labels[start + i], v, phase=index) for i, v in enumerate(rates)]
            widths += [None] * len(part)
            phases.append(_no_limits(labels, start, end, known, change))
            continue
        centre = Decimal(sum(x for x, _n in known)) / sum(n for _x, n in known)
        spread, laney = _spread(usable, centre)
        for i, (count, rate) in enumerate(zip(part, rates, strict=True)):
            if count is None:
                points.append(Point(labels[start + i], None, None, centre, None, index))
                widths.append(None)
                continue
            width = 3 * (centre * (1 - centre) / count[1]).sqrt() * (spread if laney else 1)
            low, high = max(Decimal(0), centre - width), min(Decimal(1), centre + width)
            points.append(Point(labels[start + i], rate, low, centre, high, index))
            widths.append(width)
        phases.append(
            Phase(
                labels[start],
                labels[end - 1],
                centre,
                len(known),
                len(known) >= SETTLED,
                change,
                spread,
                laney,
            )
        )
    return _chart("p", points, phases, widths, better, show)


def _spread(usable: Sequence[tuple[int, int] | None], centre: Decimal) -> tuple[Decimal, bool]:
    """Laney's sigma z, and whether it is clearly not one.

    Clearly: by more than two of its standard errors, which for k normal values are
    ``sqrt(0.8264 k - 1.082) / (k - 1)`` (Cryer and Ryan, Journal of Quality Technology 22,
    1990, 187-192).
    """
    if centre in (0, 1):
        return Decimal(1), False
    z = [
        None
        if c is None
        else (Decimal(c[0]) / c[1] - centre) / (centre * (1 - centre) / c[1]).sqrt()
        for c in usable
    ]
    k = sum(v is not None for v in z)
    sigma = _mean_range(z) / D2
    error = (Decimal("0.8264") * k - Decimal("1.082")).sqrt() / (k - 1)
    return sigma, abs(sigma - 1) > 2 * error


def _mean_range(values: Sequence[Decimal | None]) -> Decimal:
    moves = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    return sum(moves, Decimal(0)) / len(moves) if moves else Decimal(0)


def _base(part: Sequence[T | None], baseline: int | None) -> Sequence[T | None]:
    """The first values of a phase that give its limits, gaps among them kept."""
    if baseline is None:
        return part
    seen = 0
    kept: list[T | None] = []
    for value in part:
        if seen == baseline:
            break
        kept.append(value)
        seen += value is not None
    return kept


def _phases(
    labels: Sequence[str], changes: Sequence[Change], baseline: int | None
) -> list[tuple[int, int, Change | None]]:
    if len(set(labels)) != len(labels):
        raise ValueError("every point has a label of its own")
    if baseline is not None and baseline < LEAST:
        raise InvalidInput(
            _("A baseline of %(n)d points was asked for.", n=baseline),
            _("A baseline has %(least)d points or more.", least=LEAST),
            _("Take a longer baseline, or none."),
        )
    by_label = {}
    for change in changes:
        if change.at not in labels:
            raise InvalidInput(
                _("A change was named at %(at)s, which is not among the points.", at=change.at),
                _("A change is named at one of the periods shown."),
                _("Name it at another, or show the period."),
            )
        by_label[change.at] = change
    if not labels:
        return []
    starts = sorted({0, *(labels.index(at) for at in by_label)})
    return [
        (start, end, by_label.get(labels[start]))
        for start, end in zip(starts, [*starts[1:], len(labels)], strict=True)
    ]


def _no_limits(
    labels: Sequence[str], start: int, end: int, known: Sequence[object], change: Change | None
) -> Phase:
    return Phase(labels[start], labels[end - 1], None, len(known), False, change)


# What stands out.


def _chart(
    kind: Literal["xmr", "p"],
    points: list[Point],
    phases: list[Phase],
    widths: list[Decimal | None],
    better: Better,
    show: Show,
) -> Chart:
    found: list[tuple[int, int, Rule, bool]] = []
    runs: list[list[int]] = []
    for i, point in enumerate(points):
        fresh = not runs or not runs[-1] or points[i - 1].phase != point.phase
        if point.value is None or point.centre is None:
            runs.append([])
        elif fresh:
            runs.append([i])
        else:
            runs[-1].append(i)
    for run in runs:
        found += _outside(points, run)
        found += _one_side(points, run)
        found += _trend(points, run)
        found += _near(points, run, widths)
    found.sort(key=lambda f: (f[1], list(Rule).index(f[2]), f[0]))
    marked = [
        Point(
            p.label,
            p.value,
            p.low,
            p.centre,
            p.high,
            p.phase,
            tuple(r for r in Rule if any(a <= i <= b and r is rule for a, b, rule, _u in found)),
        )
        for i, p in enumerate(points)
    ]
    signals = tuple(
        Signal(rule, points[a].label, points[b].label, up,
               _sentence(points, a, b, rule, up, better, show))
        for a, b, rule, up in found
    )  # fmt: skip
    verdict, sentence = _verdict(points, signals)
    notes = tuple(_notes(phases))
    return Chart(kind, tuple(marked), tuple(phases), signals, verdict, sentence, notes)


def _outside(points: list[Point], run: list[int]) -> list[tuple[int, int, Rule, bool]]:
    found = []
    for i in run:
        value, low, high = points[i].value, points[i].low, points[i].high
        if value is not None and low is not None and high is not None and not low <= value <= high:
            found.append((i, i, Rule.OUTSIDE, value > high))
    return found


def _side(point: Point) -> int:
    if point.value is None or point.centre is None or point.value == point.centre:
        return 0
    return 1 if point.value > point.centre else -1


def _one_side(points: list[Point], run: list[int]) -> list[tuple[int, int, Rule, bool]]:
    return _stretches(run, [_side(points[i]) for i in run], SIDE, Rule.SIDE)


def _trend(points: list[Point], run: list[int]) -> list[tuple[int, int, Rule, bool]]:
    steps = []
    for a, b in pairwise(run):
        one, two = points[a].value, points[b].value
        steps.append(0 if one is None or two is None else (two > one) - (two < one))
    found = _stretches(run[1:], steps, TREND - 1, Rule.TREND)
    return [(run[run.index(a) - 1], b, rule, up) for a, b, rule, up in found]


def _stretches(
    run: list[int], signs: list[int], least: int, rule: Rule
) -> list[tuple[int, int, Rule, bool]]:
    """Where a sign other than nought stands at least so often in a row."""
    found = []
    start = 0
    for k in range(1, len(signs) + 1):
        if k == len(signs) or signs[k] != signs[start]:
            if signs[start] and k - start >= least:
                found.append((run[start], run[k - 1], rule, signs[start] > 0))
            start = k
    return found


def _near(
    points: list[Point], run: list[int], widths: list[Decimal | None]
) -> list[tuple[int, int, Rule, bool]]:
    """Two of three beyond two standard deviations on one side; overlapping ones as one."""
    far = []
    for i in run:
        value, centre, width = points[i].value, points[i].centre, widths[i]
        if value is None or centre is None or not width:
            far.append(0)
        else:
            away = value - centre
            far.append(0 if abs(away) * 3 <= 2 * width else (1 if away > 0 else -1))
    found: list[tuple[int, int, Rule, bool]] = []
    for side in (1, -1):
        here = [k for k, sign in enumerate(far) if sign == side]
        for a, b in pairwise(here):
            if b - a <= 2:
                if found and found[-1][1] == run[a] and found[-1][3] == (side > 0):
                    found[-1] = (found[-1][0], run[b], Rule.NEAR, side > 0)
                else:
                    found.append((run[a], run[b], Rule.NEAR, side > 0))
    return found


def _sentence(
    points: list[Point], a: int, b: int, rule: Rule, up: bool, better: Better, show: Show
) -> Message:
    bearing = _bearing(up, better)
    first, last = points[a], points[b]
    if rule is Rule.OUTSIDE:
        return _(
            "%(when)s, %(value)s, lies outside what chance gives (%(low)s to %(high)s):"
            " %(bearing)s.",
            when=first.label,
            value=show(first.value or Decimal(0)),
            low=show(first.low or Decimal(0)),
            high=show(first.high or Decimal(0)),
            bearing=bearing,
        )
    params = {"first": first.label, "last": last.label, "count": b - a + 1, "bearing": bearing}
    if rule is Rule.SIDE:
        centre = show(last.centre or Decimal(0))
        if up:
            return _(
                "All %(count)d points from %(first)s to %(last)s lie above the centre of"
                " %(centre)s: %(bearing)s.",
                centre=centre,
                **params,
            )
        return _(
            "All %(count)d points from %(first)s to %(last)s lie below the centre of"
            " %(centre)s: %(bearing)s.",
            centre=centre,
            **params,
        )
    if rule is Rule.TREND:
        if up:
            return _("%(count)d points rise from %(first)s to %(last)s: %(bearing)s.", **params)
        return _("%(count)d points fall from %(first)s to %(last)s: %(bearing)s.", **params)
    if up:
        return _(
            "Between %(first)s and %(last)s, two of three points or more lie near the upper"
            " limit: %(bearing)s.",
            **params,
        )
    return _(
        "Between %(first)s and %(last)s, two of three points or more lie near the lower limit:"
        " %(bearing)s.",
        **params,
    )


def _bearing(up: bool, better: Better) -> Message:
    if better is None:
        return _("a real change")
    if up == (better == "higher"):
        return _("a real change for the better")
    return _("a real change for the worse")


def _verdict(points: list[Point], signals: tuple[Signal, ...]) -> tuple[Verdict, Message]:
    last = next((p for p in reversed(points) if p.value is not None), None)
    if last is None or last.centre is None:
        phase = last.phase if last else 0
        n = sum(p.value is not None and p.phase == phase for p in points)
        return Verdict.TOO_FEW, Message(
            "One point is too few to tell a real change from noise; it takes %(least)d.",
            plural="%(n)d points are too few to tell a real change from noise; it takes %(least)d.",
            n=n,
            least=LEAST,
        )
    now = [s for s in signals if s.last == last.label]
    if now:
        return Verdict.CHANGE, now[0].message
    if signals:
        return Verdict.NOISE, _(
            "The latest point is no more than chance gives; an earlier one is not: %(earlier)s",
            earlier=signals[-1].message,
        )
    return Verdict.NOISE, _("All points vary no more than chance gives.")


def _notes(phases: Sequence[Phase]) -> list[Message]:
    notes = []
    for phase in phases:
        if phase.change is not None:
            notes.append(
                _(
                    "Limits are drawn anew from %(at)s, since %(by)s named a change: %(why)s",
                    at=phase.change.at,
                    by=phase.change.by,
                    why=phase.change.why,
                )
            )
        if phase.centre is None:
            notes.append(
                _(
                    "From %(first)s to %(last)s there are fewer than %(least)d points, so no"
                    " limits are drawn.",
                    first=phase.first,
                    last=phase.last,
                    least=LEAST,
                )
            )
        elif not phase.settled:
            notes.append(
                _(
                    "The limits from %(first)s rest on %(used)d points and will still move.",
                    first=phase.first,
                    used=phase.used,
                )
            )
        if phase.laney and phase.spread is not None:
            notes.append(
                _(
                    "From %(first)s the rates vary %(spread)s times as much as their numbers"
                    " explain; the limits allow for it (Laney).",
                    first=phase.first,
                    spread=plainly(phase.spread),
                )
            )
    return notes
