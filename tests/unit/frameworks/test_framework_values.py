"""The values: frozen, checked when made, found by number and identifier."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Text, speaking
from kloe.frameworks import library
from kloe.frameworks.compile import compile_source
from kloe.frameworks.model import Criterion, Descriptor, Framework, Grade, Scale, SuggestedCheck
from kloe.frameworks.value import Value, replace


@pytest.fixture
def small(source: Path) -> Framework:
    return library.load_compiled(compile_source(source)["small-2005.json"])


def descriptor(**changes: object) -> Descriptor:
    given = {
        "id": "f/1.1/1/a/upper-1",
        "side": "upper",
        "text": Text({"en": "Does it."}),
        "sources": ("1.1/1/E1",),
        "polarity": "strength",
        "nature": "practice",
    }
    return Descriptor(**(given | changes))  # type: ignore[arg-type]


class TestValue:
    def test_is_frozen(self) -> None:
        value = descriptor()
        with pytest.raises(AttributeError, match="frozen"):
            value.text = Text({})  # type: ignore[misc]
        with pytest.raises(AttributeError, match="frozen"):
            del value.text
        with pytest.raises(AttributeError):
            value.other = 1  # type: ignore[attr-defined]
        assert not hasattr(value, "__dict__")

    def test_defaults_and_arguments(self) -> None:
        assert descriptor().decisive is None
        assert descriptor(decisive="data").decisive == "data"
        with pytest.raises(TypeError):
            Descriptor()  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            descriptor(colour="red")

    def test_replaced_and_copied(self) -> None:
        value = descriptor()
        other = replace(value, polarity="mixed")
        assert (other.polarity, other.id, value.polarity) == ("mixed", value.id, "strength")
        for twin in (copy.copy(value), copy.deepcopy(value)):
            assert (twin.id, twin.sources, twin.text) == (value.id, value.sources, value.text)

    def test_shown_by_identifier(self) -> None:
        assert repr(descriptor()) == "Descriptor('f/1.1/1/a/upper-1')"
        assert repr(Grade("good", Text({"en": "Good"}), 3)) == "Grade('good')"

    def test_fields_match_positionally(self) -> None:
        match Grade("good", Text({"en": "Good"}), 3):
            case Grade(key, _label, rank):
                assert (key, rank) == ("good", 3)

    def test_every_class_is_a_value(self, small: Framework) -> None:
        theme = small.theme("1.1/1")
        kinds = (small, small.kloes[0], theme, *theme.criteria, *theme.questions, small.rules)
        assert all(isinstance(v, Value) for v in kinds)


class TestChecks:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [("side", "left"), ("polarity", "good"), ("nature", "thing"), ("decisive", "proof")],
    )
    def test_descriptor(self, field: str, wrong: str) -> None:
        with pytest.raises(InvalidInput, match=wrong):
            descriptor(**{field: wrong})

    def test_criterion_needs_a_descriptor(self) -> None:
        with pytest.raises(InvalidInput, match="no descriptor"):
            Criterion("f/1.1/1/a", "a", Text({"en": "A"}), ("f/1.1/1/Q1",), (), ())

    def test_criterion_weighs_cost_or_quality(self) -> None:
        title = Text({"en": "A"})
        with pytest.raises(InvalidInput, match="speed"):
            Criterion("f/a", "a", title, (), (descriptor(),), (), weighs="speed")

    def test_check_looks_at_something(self) -> None:
        text = Text({"en": "x"})
        with pytest.raises(InvalidInput, match="0 cases"):
            SuggestedCheck("f/c1", "visit", text, 0, text, ())
        with pytest.raises(InvalidInput, match="raid"):
            SuggestedCheck("f/c1", "raid", text, 1, text, ())

    def test_scale_stands_highest_first(self) -> None:
        low, high = (Grade(k, Text({"en": k}), r) for k, r in (("low", 1), ("high", 2)))
        scale = Scale("service", Text({"en": "?"}), (high, low))
        assert scale.grade("low") is low
        assert [scale.by_rank(r).key for r in (0, 1, 2, 9)] == ["low", "low", "high", "high"]
        with pytest.raises(InvalidInput, match="highest first"):
            Scale("service", Text({"en": "?"}), (low, high))
        with pytest.raises(NotFound, match="high, low"):
            scale.grade("middling")


class TestForm:
    def test_forms(self, small: Framework) -> None:
        forms = [c.form for c in small.theme("1.1/1").criteria]
        assert forms == ["paired", "upper only", "lower only"]

    def test_descriptors_upper_first(self, small: Framework) -> None:
        criterion = small.criterion("1.1/1/first-aspect")
        assert [d.side for d in criterion.descriptors] == ["upper", "lower"]
        assert criterion.sources == ("1.1/1/E1", "1.1/1/S1")
        assert criterion.instruments == ("dda",)
        assert criterion.theme_id == "small-2005/1.1/1"


class TestLookUp:
    @pytest.mark.parametrize("prefix", ["", "small-2005/"])
    def test_by_number_and_identifier(self, small: Framework, prefix: str) -> None:
        assert small.kloe(f"{prefix}1.1").number == "1.1"
        assert small.theme(f"{prefix}1.1/2").ordinal == "2"
        assert small.criterion(f"{prefix}1.1/1/first-aspect").key == "first-aspect"
        found = small.descriptor(f"{prefix}1.1/1/first-aspect/lower-1")
        assert found.criterion_id == "small-2005/1.1/1/first-aspect"
        assert small.question(f"{prefix}1.1/1/Q1").key == "Q1"

    def test_second_number(self, small: Framework) -> None:
        assert small.kloe("2.11") is small.kloe("2.10")
        assert small.kloe("2.10").label == "2.10 / 2.11"

    def test_not_found_says_what_there_is(self, small: Framework) -> None:
        with pytest.raises(NotFound, match=r"no theme “1\.1/9”.*KLOEs: 1\.1, 2\.10"):
            small.theme("1.1/9")
        for finder in (small.kloe, small.criterion, small.descriptor, small.question):
            with pytest.raises(NotFound):
                finder("nothing")

    def test_from_part_to_whole(self, small: Framework) -> None:
        id = "small-2005/2.10/1/first-aspect/upper-1"
        assert small.kloe_of(id).number == "2.10"
        assert small.theme_of(id).number == "2.10/1"
        assert small.scale_of(id).judgement == "prospects"

    def test_main_question_of_theme(self, small: Framework) -> None:
        theme = small.theme("2.10/1")
        assert theme.main_question == "small-2005/2.10/M1"
        assert small.theme("1.1/1").main_question is None
        assert small.kloe("2.10").main_questions[0].themes == (theme.id,)

    def test_criteria_of_question_and_sharing(self, small: Framework) -> None:
        theme = small.theme("1.1/1")
        assert theme.criteria_of("Q1") == theme.criteria == theme.criteria_of(f"{theme.id}/Q1")
        assert len(small.sharing("first-aspect")) == 3

    def test_replacements_reach_from_larger_jurisdictions(self, small: Framework) -> None:
        dda = small.instruments["dda"]
        assert [str(r.by) for r in dda.replaced_in("wales")] == ["Equality Act 2010"]
        assert dda.replaced_in("uk") == ()
        assert small.instruments["census"].still
        assert small.instruments["census"].abbreviation is None


def test_texts_speak_the_readers_language(source: Path) -> None:
    (source / "1.1.cy.yaml").write_text('"1.1/1/first-aspect": Agwedd gyntaf\n"1.1": Un\n')
    (source / "framework.cy.yaml").write_text(
        "title: Fframwaith bach\nscale/service/good: Da\ninstrument/dda/name: Deddf\n"
    )
    (source / "rules.cy.yaml").write_text("rules/limit/safety: Diogelwch\n")
    made = compile_source(source)
    assert sorted(made) == ["small-2005.cy.json", "small-2005.json"]
    both = library.load_compiled(made["small-2005.json"], [made["small-2005.cy.json"]])
    plain = library.load_compiled(made["small-2005.json"])
    criterion = both.criterion("1.1/1/first-aspect")
    assert str(criterion.title) == "First aspect of 1.1/1"
    with speaking("cy"):
        assert str(criterion.title) == "Agwedd gyntaf"
        assert str(both.kloe("1.1").title) == "Un"
        assert str(both.title) == "Fframwaith bach"
        assert str(both.scales["service"].grade("good").label) == "Da"
        assert str(both.rules.limits[0].reason) == "Diogelwch"
        assert str(both.instruments["dda"].name) == "Deddf"
        assert str(both.theme("1.1/1").title) == "Theme 1.1/1"
        assert str(plain.criterion("1.1/1/first-aspect").title) == "First aspect of 1.1/1"
    # A translation has a digest of its own and leaves the edition's alone.
    assert both.digest == plain.digest
    assert set(both.translations) == {"cy"}
    assert plain.translations == {}
