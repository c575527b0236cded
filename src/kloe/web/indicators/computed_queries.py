"""Reading computed indicators as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from kloe.assessment.speaking import Proposal, proposed
from kloe.core.messages import Message, Text, _
from kloe.frameworks.model import Criterion, Theme
from kloe.measures.definitions import Unit
from kloe.measures.outlook import Aim
from kloe.measures.reading import OFF_SENTENCES
from kloe.measures.results import Missing, plain, shown
from kloe.measures.spc import Verdict
from kloe.web.assessments.models import Assessment
from kloe.web.indicators.models import ComputedPlacing, ComputedResult, ComputedSummary
from kloe.web.library.store import Pinned
from kloe.web.prepared import Prepared
from kloe.web.site.wording import period as period_words

#: How an aim is coloured: the steps of the ladder.
SHADES = {Aim.ON: 4, Aim.CHANCE: 2, Aim.OFF: 1, Aim.NONE: 0}
WIDTH, HEIGHT, EDGE = 96, 24, 3


_ITEMS = UUID("6f0d6a52-5a52-4c9e-9d07-5d0d6b1f7f11")


def item_id(assessment: UUID, result: UUID) -> UUID:
    """The identifier of the item of evidence that stands for a result in an assessment."""
    return uuid5(_ITEMS, f"{assessment} {result}")


class Stored(NamedTuple):
    """A summary with its result, as the database gives it."""

    measure: str
    told: dict[str, Any]
    aim: str
    verdict: str
    points: int
    reasons: list[dict[str, Any]]
    series: list[list[str | None]]
    doubts: list[str]
    unit: str
    kind: str
    level: str
    value: str
    numerator: str
    denominator: str
    n: int | None
    missing: list[list[Any]]
    period_start: date
    period_end: date
    as_at: date
    result: UUID
    threshold: int


_STORED = (
    "measure", "told", "aim", "verdict", "points", "reasons", "series", "doubts", "result__unit",
    "result__kind", "result__level", "result__value", "result__numerator",
    "result__denominator", "result__n", "result__missing", "result__period_start",
    "result__period_end", "result__as_at", "result_id",
    "result__threshold",
)  # fmt: skip
_THEME = Prepared(
    lambda assessment, theme: (
        ComputedPlacing.objects.filter(assessment=assessment, theme=theme)
        .order_by("summary__measure", "place")
        .values_list("criterion", "bearing", "side", *(f"summary__{name}" for name in _STORED))
    ),
    UUID,
    str,
)
_ALL = Prepared(
    lambda assessment: ComputedSummary.objects.filter(assessment=assessment).values_list(*_STORED),
    UUID,
)


def hidden_words(threshold: int) -> str:
    """The one mark beside everything hidden, small or not."""
    return str(
        _(
            "Hidden, because it would show a group or number below %(threshold)d, here or by"
            " subtraction.",
            threshold=threshold,
        )
    )


def number_words(text: str) -> str:
    """A number as people read it: thousands apart."""
    return f"{Decimal(text):,f}" if text else ""


def rounded_words(text: str) -> str:
    """A number to at most two decimals."""
    if not text:
        return ""
    value = Decimal(text)
    return f"{value:,f}" if value == int(value) else f"{value:,.2f}"


def value_words(text: str, unit: str) -> str:
    """A value with its unit; empty without one."""
    return shown(Decimal(text), Unit(unit)) if text else ""


def missing_words(missing: Sequence[Sequence[Any]]) -> list[str]:
    """Why there is no value."""
    return [str(Missing(*one).words) for one in missing]


def target_words(told: dict[str, Any], unit: str) -> str:
    """The target in a few words; empty without one."""
    value, low, high = [*told.get("target", []), None, None, None][:3]
    if low is not None and high is not None:
        return gettext("%(low)s to %(high)s") % {
            "low": value_words(low, unit),
            "high": value_words(high, unit),
        }
    if low is not None:
        return gettext("at least %(v)s") % {"v": value_words(low, unit)}
    if high is not None:
        return gettext("at most %(v)s") % {"v": value_words(high, unit)}
    if value is None:
        return ""
    if told.get("direction") == "lower":
        return gettext("at most %(v)s") % {"v": value_words(value, unit)}
    return value_words(value, unit)


def sparkline(series: Sequence[Sequence[str | None]], unit: str, aim: Aim) -> SafeString:
    """A small picture of a trend, with its first and last value in words."""
    points = [(n, Decimal(v)) for n, (_label, v) in enumerate(series) if v is not None]
    if len(points) < 2:
        return SafeString()
    low, high = min(v for _n, v in points), max(v for _n, v in points)
    last_place = max(len(series) - 1, 1)

    def at(n: int, value: Decimal) -> tuple[float, float]:
        part = 0.5 if high == low else float((value - low) / (high - low))
        return (
            EDGE + n * (WIDTH - 2 * EDGE) / last_place,
            HEIGHT - EDGE - part * (HEIGHT - 2 * EDGE),
        )

    path, before = [], -2
    for n, value in points:
        x, y = at(n, value)
        path.append(f"{'L' if n == before + 1 else 'M'}{x:.1f} {y:.1f}")
        before = n
    x, y = at(*points[-1])
    words = gettext("%(first)s %(a)s, %(last)s %(b)s") % {
        "first": series[points[0][0]][0],
        "a": value_words(plain(points[0][1]), unit),
        "last": series[points[-1][0]][0],
        "b": value_words(plain(points[-1][1]), unit),
    }
    # Everything in it is drawn here; the words are escaped.
    return mark_safe(  # noqa: S308
        f'<svg class="spark g{SHADES[aim]}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" role="img" aria-label="{escape(words)}"><path d="{"".join(path)}"'
        f' fill="none" stroke="currentColor" stroke-width="1.5"/><circle cx="{x:.1f}"'
        f' cy="{y:.1f}" r="2.5"/></svg>'
    )


@dataclass(frozen=True)
class Line:
    """A measure in a list: figure, target, trend, what calls for attention."""

    stored: Stored
    #: On a theme page, where there is one: the criterion it speaks to, and how.
    criterion: Criterion | None = None
    bearing: str = ""
    side: str = ""
    assessment: UUID | None = None
    #: Whether it is evidence of the criterion already.
    used: bool = False
    themes: tuple[Any, ...] = ()

    @property
    def measure(self) -> str:
        return self.stored.measure

    @property
    def area(self) -> str:
        return self.stored.measure.partition("/")[0]

    @cached_property
    def title(self) -> str:
        return str(Text(self.stored.told.get("title") or {"en": self.stored.measure}))

    @property
    def hidden(self) -> bool:
        return self.stored.level != ComputedResult.Level.ALL

    @property
    def computable(self) -> bool:
        return not self.stored.missing

    @property
    def missing(self) -> list[str]:
        return missing_words(self.stored.missing)

    @property
    def value(self) -> str:
        return value_words(self.stored.value, self.stored.unit)

    @property
    def parts(self) -> tuple[str, str] | None:
        """Numerator and denominator, where a value is one of the other."""
        s = self.stored
        if not s.value or not s.numerator or not s.denominator or not Decimal(s.denominator):
            return None
        return rounded_words(s.numerator), rounded_words(s.denominator)

    @property
    def n(self) -> str:
        return "" if self.stored.n is None else number_words(str(self.stored.n))

    @property
    def period(self) -> str:
        return period_words([self.stored.period_start, self.stored.period_end])

    @property
    def complete(self) -> bool:
        return self.stored.period_end <= self.stored.as_at

    @property
    def target(self) -> str:
        return target_words(self.stored.told, self.stored.unit)

    @property
    def aim(self) -> Aim:
        return Aim(self.stored.aim)

    @property
    def shade(self) -> int:
        return SHADES[self.aim]

    @property
    def change(self) -> bool:
        """Whether the latest point is a real change."""
        return self.stored.verdict == Verdict.CHANGE

    @property
    def verdict(self) -> str:
        if self.hidden or not self.computable or not self.stored.verdict:
            return ""
        return str(Verdict(self.stored.verdict).words)

    @property
    def reasons(self) -> list[str]:
        return [str(Message.from_dict(r)) for r in self.stored.reasons]

    @property
    def why(self) -> list[str]:
        """What calls for attention besides being off target, which stands beside the target."""
        if self.hidden or not self.computable:
            return []
        return [
            str(Message.from_dict(r))
            for r in self.stored.reasons
            if r.get("msgid") not in OFF_SENTENCES
        ]

    @property
    def amount(self) -> Decimal:
        """The value, to sort by; nought without one."""
        return Decimal(self.stored.value) if self.stored.value else Decimal(0)

    @property
    def moved(self) -> float:
        """How far the latest value of the trend lies from the first, in parts of the first."""
        known = [Decimal(v) for _label, v in self.stored.series if v is not None]
        if len(known) < 2 or not known[0]:
            return 0.0
        return float(abs(known[-1] - known[0]) / abs(known[0]))

    @property
    def usable(self) -> bool:
        """Whether the figure can be evidence of the criterion."""
        return self.criterion is not None and bool(self.value) and not self.hidden

    @cached_property
    def proposal(self) -> Proposal | None:
        """What the figure is proposed to say of the criterion."""
        if self.criterion is None:
            return None
        return proposed(self.criterion, self.bearing, self.side, self.aim)

    @cached_property
    def item(self) -> UUID | None:
        """The identifier its item of evidence has, once there is one."""
        return item_id(self.assessment, self.stored.result) if self.assessment else None

    @property
    def spark(self) -> SafeString:
        return sparkline(self.stored.series, self.stored.unit, self.aim)


def for_theme(assessment: Assessment, theme: Theme) -> list[Line]:
    """The computed indicators that speak to a theme or its criteria: one query."""
    criteria = {c.id: c for c in theme.criteria}
    return [
        Line(Stored(*row[3:]), criteria.get(row[0]), row[1], row[2], assessment.pk)
        for row in _THEME(assessment.pk, theme.id)
    ]


def everything(assessment: Assessment, pinned: Pinned) -> list[Line]:
    """All computed indicators with the themes they speak to, those to look at first on top."""
    known = {t.id: t for t in pinned.themes()}
    themes: dict[str, dict[str, Any]] = {}
    for measure, theme in ComputedPlacing.objects.filter(assessment=assessment).values_list(
        "summary__measure", "theme"
    ):
        if theme in known:
            themes.setdefault(measure, {})[theme] = known[theme]
    stored = [Stored(*row) for row in _ALL(assessment.pk)]
    return [Line(s, themes=tuple(themes.get(s.measure, {}).values())) for s in stored]


def one(assessment: Assessment, measure: str) -> Line | None:
    """Where one measure stands; None where it was not computed."""
    row = (
        ComputedSummary.objects.filter(assessment=assessment, measure=measure)
        .values_list(*_STORED)
        .first()
    )
    return Line(Stored(*row)) if row else None


def some(assessment: Assessment, measures: Sequence[str]) -> list[Line]:
    """Where some measures stand, in their order."""
    rows = ComputedSummary.objects.filter(assessment=assessment, measure__in=measures).values_list(
        *_STORED
    )
    return [Line(Stored(*row)) for row in rows]
