"""Indicators in the order in which they call for attention."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from pathlib import Path

from kloe.core.messages import Message
from kloe.core.stats import wilson
from kloe.measures.positions import Standing
from kloe.measures.reading import WEIGHTS, Indicator, Why, by_attention
from kloe.measures.spc import Verdict, xmr

D = Decimal
QUIET = [50, 52, 49, 51, 48, 52, 50, 47, 51, 50, 49, 52]


def chart(*later: int, better: str | None = None):
    values = [*QUIET, *later]
    return xmr([(f"{i:02d}", v) for i, v in enumerate(values)], baseline=12, better=better)


def whys(indicator: Indicator) -> list[Why]:
    return [reason.why for reason in by_attention([indicator])[0].reasons]


def test_the_page_states_the_points() -> None:
    page = Path(__file__).resolve().parents[3] / "docs/explanation/reading-the-numbers.md"
    table = page.read_text(encoding="utf-8").split("| reason | points |")[1]
    stated = [int(n) for n in re.findall(r"\| (\d+) \|$", table, re.M)]
    assert stated == sorted(WEIGHTS.values(), reverse=True)


def test_nothing_calls() -> None:
    quiet = Indicator("a", "A", "higher", D("0.9"), target=D("0.8"), chart=chart(50))
    found = by_attention([quiet])[0]
    assert (found.points, found.reasons, found.verdict) == (0, (), Verdict.NOISE)


def test_off_target_for_sure_or_by_chance() -> None:
    sure = Indicator("a", "A", "higher", D("0.6"), wilson(600, 1000), D("0.8"))
    chance = Indicator("a", "A", "higher", D("0.75"), wilson(15, 20), D("0.8"))
    plain = Indicator("a", "A", "lower", D(30), None, D(20))
    on_it = Indicator("a", "A", "lower", D(20), None, D(20))
    assert whys(sure) == [Why.OFF_TARGET]
    assert whys(chance) == [Why.OFF_TARGET_BY_CHANCE]
    assert whys(plain) == [Why.OFF_TARGET]
    assert whys(on_it) == []
    assert "more than chance" in str(by_attention([sure])[0].reasons[0].message)
    assert by_attention([plain])[0].distance == D("0.5")


def test_bands_and_directions_without_better() -> None:
    band = (D("0.1"), D("0.2"))
    assert whys(Indicator("a", "A", "band", D("0.15"), target=band)) == []
    assert whys(Indicator("a", "A", "band", D("0.05"), target=band)) == [Why.OFF_TARGET]
    assert whys(Indicator("a", "A", "band", D("0.25"), target=band)) == [Why.OFF_TARGET]
    high = Indicator("a", "A", "band", D("0.25"), wilson(5, 20), target=band)
    assert whys(high) == [Why.OFF_TARGET_BY_CHANCE]
    assert whys(Indicator("a", "A", "context", D(5), target=D(9))) == []


def test_a_change_for_the_worse_counts_one_for_the_better_does_not() -> None:
    up = chart(90)
    assert whys(Indicator("a", "A", "lower", D(90), chart=up)) == [Why.WORSE]
    assert whys(Indicator("a", "A", "higher", D(90), chart=up)) == []
    assert whys(Indicator("a", "A", "context", D(90), chart=up)) == [Why.MOVED]


def test_peers() -> None:
    for standing, why in (
        (Standing.WORST, [Why.WORST_QUARTER]),
        (Standing.WORSE, [Why.THIRD_QUARTER]),
        (Standing.BEST, []),
        (Standing.HIGHEST, [Why.OUT_OF_LINE]),
        (Standing.LOWEST, [Why.OUT_OF_LINE]),
    ):
        assert whys(Indicator("a", "A", value=D(1), standing=standing)) == why


def test_missing_doubtful_and_hidden() -> None:
    missing = Indicator("a", "A", missing=Message("Missing: rent_account"), doubts=2)
    assert whys(missing) == [Why.IN_DOUBT, Why.NOT_COMPUTABLE]
    reasons = by_attention([missing])[0].reasons
    assert str(reasons[0].message).startswith("2 tests")
    assert str(reasons[1].message) == "Missing: rent_account"
    hidden = Indicator("a", "A", "higher", D("0.1"), target=D("0.9"), suppressed=True, doubts=1)
    assert by_attention([hidden])[0].points == 0


def test_the_order() -> None:
    found = [
        Indicator("z", "Z", "higher", D("0.5"), target=D("0.9"), standing=Standing.WORST),
        Indicator("b", "B", "higher", D("0.7"), target=D("0.9")),
        Indicator("c", "C", "higher", D("0.5"), target=D("0.9")),
        Indicator("d", "D", "higher", D("0.5"), target=D("0.9")),
        Indicator("e", "E", "higher", D(1), target=D("0.9")),
    ]
    expected = ["z", "c", "d", "b", "e"]
    for seed in range(5):
        random.Random(seed).shuffle(found)
        assert [a.indicator.id for a in by_attention(found)] == expected
    none = dict.fromkeys(WEIGHTS, 0)
    assert {a.points for a in by_attention(found, none)} == {0}


def test_more_against_it_never_lowers_it() -> None:
    base = Indicator("a", "A", "higher", D("0.5"), target=D("0.9"))
    worse = Indicator(
        "a", "A", "higher", D("0.5"), target=D("0.9"), standing=Standing.WORST, doubts=1
    )
    assert by_attention([worse])[0].points > by_attention([base])[0].points
