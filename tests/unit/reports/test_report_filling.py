"""From frameworks, figures and suggestions to a snapshot: nothing is lost on the way."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from kloe.assessment import grading
from kloe.assessment import snapshot as s
from kloe.assessment import snapshot_filling as filling
from kloe.assessment.plain import from_json, to_json
from kloe.assessment.positions import PLACINGS
from kloe.assessment.triangulation import Link
from kloe.core.messages import Message, Text, speaking
from kloe.core.periods import Period
from kloe.frameworks.model import Framework
from kloe.measures.headers import Population
from kloe.measures.peers import Landlord, PeerGroup
from kloe.measures.positions import Position, Spread, Standing
from kloe.measures.published import register
from kloe.reports.figures import value_of
from kloe.reports.phrases import QUARTERS, said


def test_a_criterion_says_what_it_rests_on(frameworks: list[Framework]) -> None:
    criterion = next(c for c in frameworks[0].criteria() if c.form == "paired")
    upper, lower = criterion.upper[0], criterion.lower[0]
    given = [
        filling.Given(
            3,
            Link("a", upper.id, "shows this", "upper", "strength", "data", "system"),
            "row 4",
        ),
        filling.Given(
            7,
            Link("b", upper.id, "shows this", "upper", "strength", "tenant voice", "tenant"),
            "minute 3",
            "a name",
            restricted=True,
        ),
        filling.Given(9, Link("c", lower.id, "shows this", "lower", "fault", "data", "system")),
    ]
    found = filling.criterion_of(criterion, position="upper", reason="Seen.", given=given)
    assert [x.agrees for x in found.evidence] == [True, True, False]
    assert [(x.locator, x.note) for x in found.evidence] == [("row 4", ""), ("", ""), ("", "")]
    assert found.triangulation.enough
    assert found.triangulation.kinds == ("data", "tenant voice")
    assert found.contradicted
    assert filling.criterion_of(criterion).position == ""


def test_every_theme_is_filled(frameworks: list[Framework]) -> None:
    for framework in frameworks:
        for kloe in framework.kloes:
            themes = []
            for theme in kloe.themes:
                first = theme.questions[0]
                detail = theme.detailed_questions[0]
                answers = {first.id: ("Yes.", (4, 2)), detail.id: ("In part.", ())}
                questions = filling.questions_of(theme, answers)
                assert [q.id for q in questions] == [q.id for q in theme.questions]
                assert questions[0].answer == "Yes."
                assert questions[0].cites == (2, 4)
                asked = [d for q in questions for d in q.detailed]
                assert len(asked) == len(theme.detailed_questions)
                assert sum(d.answer == "In part." for d in asked) == 1
                themes.append(s.Theme(theme.id, theme.number, theme.title, theme.strand, questions))
            made = filling.kloe_of(kloe, framework.id, themes)
            assert made.number == kloe.label
            assert len(made.main_questions) == len(kloe.main_questions)


def test_rules_are_said_in_words(frameworks: list[Framework]) -> None:
    for framework in frameworks:
        edition = filling.edition_of(framework, leading=True)
        told = [said(rule) for rule in edition.rules]
        assert told[0] == str(framework.rules.about)
        assert all("%(" not in sentence for sentence in told)
        for rules in framework.rules.judgements.values():
            scale = framework.scales[rules.judgement]
            for grade in scale.grades:
                assert any(f"“{grade.label}”" in sentence for sentence in told)
        for limit in framework.rules.limits:
            assert any(str(limit.reason) in sentence for sentence in told)
        assert from_json(s.Edition, json.loads(json.dumps(to_json(edition)))) == edition


def test_a_stored_suggestion_is_read_again(frameworks: list[Framework]) -> None:
    framework = frameworks[0]
    theme = framework.theme("1.2/3")
    scale = filling.scales_of(framework)[0]
    placings = {c.id: PLACINGS[c.form][0] for c in theme.criteria}
    suggested = grading.suggest_theme(framework, theme, placings)
    made = filling.suggestion_of(suggested, scale)
    assert made.grade is not None
    assert made.grade.key == suggested.grade == "excellent"
    assert made.rule[: len(suggested.why)] == suggested.why
    none = filling.suggestion_of(grading.suggest_theme(framework, theme, {}), scale)
    assert none.grade is None
    again = from_json(s.Suggestion, json.loads(json.dumps(to_json(made))))
    assert again == made
    with speaking("cy"):
        assert [str(x) for x in again.rule] == [str(x) for x in made.rule]


def _position(value: str | None, standing: Standing | None) -> Position:
    values = [Decimal(n) for n in ("40.5", "50", "60", "70.25", "80")]
    return Position(
        dataset="tsm-2025",
        landlord=Landlord("L1", "Tai", "PRP", "S", "South", None, (), (), ()),
        measure=register().measures[0],
        population=Population.LCRA,
        value=None if value is None else Decimal(value),
        numerator=None if value is None else Decimal("310.4"),
        denominator=None if value is None else Decimal(500),
        marker="" if value else "Z",
        reason=None if value else Message("not required of this landlord"),
        sheet="S",
        row=3,
        column="C",
        period=Period(date(2024, 4, 1), date(2025, 3, 31)),
        source=Message("Published by %(who)s", who=Text({"en": "the regulator"})),
        peers=PeerGroup(type="PRP"),
        spread=Spread.of(values),
        rank=3 if value else None,
        standing=standing,
        not_like_for_like=(Text({"en": "Surveys differ."}),),
    )


def test_a_published_figure_keeps_its_parts() -> None:
    made = filling.indicator_of(_position("62.08", Standing.BETTER))
    measure = register().measures[0]
    assert value_of(made) == f"{Decimal('62.08'):.{measure.decimals}f} %"
    assert made.peers is not None
    assert (made.peers.n, made.peers.q1, made.peers.maximum) == (5, Decimal(50), Decimal(80))
    assert made.peers.quarter == "better"
    assert made.themes == tuple(dict.fromkeys(p.theme for p in measure.placings))
    again = from_json(s.Indicator, json.loads(json.dumps(to_json(made))))
    assert again == made
    assert said(again.source) == "Published by the regulator"


def test_no_figure_keeps_its_reason() -> None:
    made = filling.indicator_of(_position(None, None))
    assert made.value is None
    assert said(made.reason or "") == "not required of this landlord"
    assert made.peers is not None
    assert made.peers.quarter == ""


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_its_words(standing: Standing) -> None:
    assert standing.value in QUARTERS
