"""The scope proposal: every point has its reason."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assessment_ground import said

from kloe.assessment.scope import (
    IndicatorFact,
    KnownFact,
    LastTime,
    Proposal,
    ThemeFacts,
    Why,
    propose,
    reasons_for,
)
from kloe.assessment.scope_weights import NAMES, WORDS, Weights
from kloe.core.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[3]
ON = date(2026, 4, 1)
QUIET = ThemeFacts(
    "f/1.2/1", "f/1.2", 1, "Access", "Rents", placed=4, in_scope=4, last_assessed=date(2025, 6, 1)
)


def reasons(**changes: Any) -> dict[Why, tuple[Decimal, str]]:
    found = reasons_for(replace(QUIET, **changes), on=ON, weights=Weights())
    return {r.why: (r.points, str(r.words)) for r in found}


def indicator(measure: str, quarter: str, *criteria: str) -> IndicatorFact:
    return IndicatorFact(measure, f"Measure {measure}", quarter, criteria)


def test_nothing_against_it_gives_no_points() -> None:
    assert reasons() == {}
    known = KnownFact("audit", "Auditor", date(2026, 1, 1), "for")
    assert (
        reasons(
            indicators=(indicator("TP01", "best"), indicator("TP02", "second")),
            known=(known, replace(known, tone="neutral")),
        )
        == {}
    )


def test_indicators() -> None:
    found = reasons(indicators=(indicator("B", "third"), indicator("A", "worst")))
    assert found == {
        Why.INDICATORS: (
            Decimal("42.0"),
            "In the worst quarter of peers: Measure A; in the second-worst: Measure B.",
        )
    }
    # The strongest three count; the others are named.
    many = tuple(indicator(f"M{n}", "worst") for n in range(5))
    points, words = reasons(indicators=many)[Why.INDICATORS]
    assert points == 90
    assert words.endswith("Measure M0, Measure M1, Measure M2 and 2 more.")
    # One measure for two populations counts once, by the worse.
    twice = (indicator("A", "third"), indicator("A", "worst"))
    assert reasons(indicators=twice)[Why.INDICATORS] == (
        Decimal("30.0"),
        "In the worst quarter of peers: Measure A.",
    )
    assert reasons(indicators=(indicator("A", "third"),))[Why.INDICATORS][1] == (
        "In the second-worst quarter of peers: Measure A."
    )


@pytest.mark.parametrize(
    ("when", "points"),
    [
        (date(2026, 3, 1), "25.0"),
        (date(2025, 4, 1), "25.0"),
        (date(2025, 3, 31), "12.5"),
        (date(2023, 4, 2), "12.5"),
        (date(2023, 3, 31), "6.3"),
        (date(2010, 1, 1), "6.3"),
        (date(2027, 1, 1), "25.0"),
    ],
)
def test_what_is_known_fades(when: date, points: str) -> None:
    known = KnownFact("audit", "Auditor", when, "against")
    found = reasons(known=(known,))[Why.KNOWN]
    assert found[0] == Decimal(points)
    assert found[1] == (f"Known from elsewhere, against: Auditor (Audit, {when.isoformat()}).")


def test_rated_high_against_the_figures() -> None:
    facts: dict[str, Any] = {
        "indicators": (indicator("A", "worst", "c1", "c2", "c3"), indicator("B", "third", "c4")),
        "placings": {"c1": "upper", "c2": "between", "c3": "met", "c4": "upper"},
        "titles": {"c1": "Calls answered"},
    }
    points, words = reasons(**facts)[Why.OVERRATED]
    assert points == 70
    assert words == (
        "Placed like the upper column while the figures are in the worst quarter of peers: "
        "“Calls answered” against “Measure A” and “c3” against “Measure A”."
    )


def test_contradicted_coverage_and_age() -> None:
    assert reasons(contradicted=("c1", "c1"), titles={"c1": "Calls"})[Why.CONTRADICTED] == (
        Decimal("10.0"),
        "Evidence contradicts: Calls.",
    )
    assert reasons(placed=1, in_scope=3)[Why.COVERAGE] == (
        Decimal("6.7"),
        "Placed so far: 1 of 3 criteria.",
    )
    assert Why.COVERAGE not in reasons(placed=None, in_scope=3)
    assert Why.COVERAGE not in reasons(placed=0, in_scope=0)
    assert reasons(last_assessed=None) == {Why.NEVER: (Decimal("15.0"), "Never assessed.")}
    assert reasons(last_assessed=date(2023, 3, 31)) == {
        Why.LONG: (Decimal("15.0"), "Last assessed on 2023-03-31, longer ago than 3 years.")
    }
    assert reasons(last_assessed=date(2023, 4, 3)) == {}
    # Four years to the day: 1,461 days.
    to_the_day = replace(QUIET, last_assessed=date(2022, 4, 1))
    assert [r.why for r in reasons_for(to_the_day, on=ON, weights=Weights(long_years=4))] == [
        Why.LONG
    ]


def test_a_weight_of_nothing_takes_its_reason_out() -> None:
    facts = replace(
        QUIET,
        indicators=(indicator("A", "worst", "c1"), indicator("B", "third")),
        known=(KnownFact("audit", "Auditor", ON, "against"),),
        placings={"c1": "upper"},
        contradicted=("c1",),
        placed=1,
        in_scope=9,
        last_assessed=None,
    )
    nothing = dict.fromkeys((f.name for f in fields(Weights)), 0)
    assert reasons_for(facts, on=ON, weights=Weights.from_mapping(nothing)) == ()
    assert len(reasons_for(facts, on=ON, weights=Weights())) == 6
    words = said([r.words for r in reasons_for(facts, on=ON, weights=Weights(third_quarter=0))])
    assert "Measure B" not in words


def ranking() -> list[ThemeFacts]:
    a = replace(QUIET, theme="f/1.2/2", order=2, indicators=(indicator("A", "worst"),))
    b = replace(
        QUIET,
        theme="f/1.3/1",
        kloe="f/1.3",
        kloe_title="Letting",
        order=3,
        title="Letting access",
        indicators=(indicator("A", "worst"), indicator("B", "third")),
    )
    c = replace(QUIET, theme="f/1.4/1", kloe="f/1.4", kloe_title="Managing", order=4)
    return [QUIET, a, b, c]


def test_ranking_threshold_and_kloes() -> None:
    found = propose(ranking(), on=ON)
    assert [(p.rank, p.theme, str(p.score), p.proposed) for p in found.themes] == [
        (1, "f/1.3/1", "42.0", True),
        (2, "f/1.2/2", "30.0", True),
        (3, "f/1.2/1", "0.0", False),
        (4, "f/1.4/1", "0.0", False),
    ]
    assert [(k.rank, k.kloe, str(k.score), k.proposed_themes, k.themes) for k in found.kloes] == [
        (1, "f/1.3", "42.0", 1, 1),
        (2, "f/1.2", "30.0", 1, 2),
        (3, "f/1.4", "0.0", 0, 1),
    ]
    assert str(found.themes[0].words) == "Proposed: 42 points."
    assert str(found.themes[2].words) == "Not proposed: 0 points, under the 30 asked for."
    assert str(found.kloes[0].words) == (
        "Proposed: 1 of 1 themes, first “Letting access” with 42 points."
    )
    assert str(found.kloes[2].words) == (
        "None of its 1 themes reaches 30 points; the highest has 0."
    )
    assert found.kloes[0].proposed
    strict = propose(ranking(), on=ON, weights=Weights(threshold=40))
    assert [p.proposed for p in strict.themes] == [True, False, False, False]
    assert propose([], on=ON).themes == ()


def test_json() -> None:
    value = json.loads(json.dumps(propose(ranking(), on=ON).to_json()))
    assert value["weights"]["worst_quarter"] == 30
    assert value["themes"][0]["reasons"][0]["points"] == "42.0"
    assert value["kloes"][0]["kloe"] == "f/1.3"


def test_weights_have_names_and_words_and_limits() -> None:
    names = {f.name for f in fields(Weights)}
    assert set(NAMES) == set(WORDS) == names
    assert Weights.from_mapping({}) == Weights()
    assert Weights.from_mapping({"threshold": " 45 "}).changed() == {"threshold": 45}
    assert Weights.from_mapping(Weights(threshold=1).to_json()) == Weights(threshold=1)
    bad: list[Any] = [-1, 101, "x", "", "1.5", "²", 1.5, True, None]
    for value in bad:
        with pytest.raises(InvalidInput, match="0 to 100"):
            Weights.from_mapping({"threshold": value})
    with pytest.raises(InvalidInput, match="no weight “thresold”"):
        Weights.from_mapping({"thresold": 3})


def test_a_theme_row_is_a_value() -> None:
    row = propose(ranking(), on=ON).themes[0]
    assert isinstance(row, Proposal)
    assert row == propose(ranking(), on=ON).themes[0]


def test_a_theme_that_was_weak_the_last_time() -> None:
    last = LastTime(date(2024, 3, 31), "Poor", 3, 5)
    points, words = reasons(weak_last_time=last)[Why.LAST]
    assert points == 30
    assert words == (
        "Weak in the inspection looked at again (2024-03-31): Poor, with 3 of 5 criteria on the "
        "lower side."
    )
    assert "3 of 5 criteria" in reasons(weak_last_time=replace(last, grade=None))[Why.LAST][1]
    # That alone is enough to be proposed.
    assert propose([replace(QUIET, weak_last_time=last)], on=ON).themes[0].proposed


def test_every_setting_stands_in_the_documentation() -> None:
    page = (ROOT / "docs" / "explanation" / "scope.md").read_text(encoding="utf-8")
    for name, value in Weights().to_json().items():
        assert f"| `{name}` | {value} |" in page
