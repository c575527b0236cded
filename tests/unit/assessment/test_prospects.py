"""Prospects: three main questions, held down by weaknesses."""

from __future__ import annotations

import json

import pytest
from assessment_ground import ID, framework, kloe, said, text, theme

from kloe.assessment.grading import suggest_main_question
from kloe.assessment.prospects import Weakness, suggest_prospects
from kloe.assessment.suggestion import Suggestion
from kloe.core.errors import InvalidInput, NotFound
from kloe.frameworks.model import Framework, MainQuestion


def edition() -> Framework:
    themes = [
        theme(f"9/{n}", ("paired",), strand="improvement", main_question=f"{ID}/9/M{n}")
        for n in (1, 2, 3)
    ]
    mains = [
        MainQuestion(f"{ID}/9/M{n}", text(f"Main {n}"), text("?"), (f"{ID}/9/{n}",))
        for n in (1, 2, 3)
    ]
    return framework(
        [
            kloe("1", [theme("1/1", ("paired",))]),
            kloe("9", themes, judgement="prospects", main_questions=mains),
        ]
    )


F = edition()


def grades(*keys: str) -> dict[str, str | None]:
    return {f"{ID}/9/M{n}": key for n, key in enumerate(keys, 1) if key}


def suggest(*keys: str, weaknesses: tuple[Weakness, ...] = ()) -> Suggestion:
    return suggest_prospects([F], ID, grades(*keys), weaknesses)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("strong", "strong", "raising"), "strong"),
        (("strong", "strong", "weaknesses"), "raising"),
        (("strong", "strong", "fails"), "weaknesses"),
        (("weaknesses", "fails", "fails"), "fails"),
        (("strong", "strong", ""), None),
    ],
)
def test_main_questions(keys: tuple[str, ...], expected: str | None) -> None:
    assert suggest(*keys).grade == expected


def test_a_weakness_not_known_holds_it_down() -> None:
    s = suggest("strong", "strong", "strong", weaknesses=(Weakness("Gas", known="no", id="w1"),))
    assert s.uncapped == "strong"
    assert s.grade == "raising"
    assert s.holding_back == ("w1",)
    assert "A limit holds it at “Raising”: Not known. Weaknesses: Gas." in said(s.why_not_higher)


def test_only_plain_answers_hold_down() -> None:
    for answer in ("yes", "in part", ""):
        s = suggest("strong", "strong", "strong", weaknesses=(Weakness("Gas", known=answer),))
        assert s.grade == "strong"
    serious = Weakness("Gas", True, known="yes", planned="no", capacity="in part")
    assert suggest("strong", "strong", "strong", weaknesses=(serious,)).grade == "strong"
    serious = Weakness("Gas", True, known="yes", planned="no", capacity="no")
    assert suggest("strong", "strong", "strong", weaknesses=(serious,)).grade == "weaknesses"
    slight = Weakness("Gas", False, known="yes", planned="no", capacity="no")
    assert suggest("strong", "strong", "strong", weaknesses=(slight,)).grade == "strong"


def test_notes_count_the_table_and_say_what_is_open() -> None:
    found = (
        Weakness("Gas", True, "yes", "in part", "no"),
        Weakness("Letters", False, "yes", "", "yes"),
    )
    s = suggest("strong", "strong", "strong", weaknesses=found)
    assert said(s.notes) == (
        "Weaknesses: 2, of them serious: 1. Known: 2, in part 0. Planned for: 0, in part 1. "
        "With the capacity: 1, in part 0.\n"
        "Answers are missing, and the suggestion may fall once they are given: Letters."
    )
    assert "No weakness is listed" in said(suggest("strong", "strong", "strong").notes)
    assert Suggestion.from_json(json.loads(json.dumps(s.to_json()))) == s


def test_an_answer_is_one_of_four() -> None:
    with pytest.raises(InvalidInput):
        Weakness("Gas", known="perhaps")


def test_main_questions_out_of_scope_leave_the_base() -> None:
    s = suggest_prospects([F], ID, grades("strong"), (), themes={f"{ID}/9/1"})
    assert s.grade == "strong"
    s = suggest_prospects([F], ID, {}, (), themes={f"{ID}/1/1"})
    assert s.grade is None


def test_a_main_question_from_its_themes() -> None:
    main = F.kloe("9").main_questions[0]
    assert suggest_main_question(F, main, {f"{ID}/9/1": "raising"}).grade == "raising"
    assert suggest_main_question(F, main, {}).grade is None


def test_no_framework_for_prospects() -> None:
    bare = framework([kloe("1", [theme("1/1", ("paired",))])], prospects=())
    with pytest.raises(NotFound):
        suggest_prospects([bare], ID, {}, ())
