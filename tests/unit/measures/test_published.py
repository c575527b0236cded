"""The register of published measures: complete, strict, and placed against criteria there are."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from kloe.core.errors import InvalidInput, NotFound
from kloe.frameworks.library import load as load_framework
from kloe.measures.published import CONTENT, Bearing, Direction, Unit, load, register

CODES = (
    [f"TP{n:02d}" for n in range(1, 13)]
    + [f"BS{n:02d}" for n in range(1, 6)]
    + ["NM01 1", "NM01 2", "RP01", "RP02 1", "RP02 2"]
    + ["CH01 1", "CH01 2", "CH02 1", "CH02 2"]
)


def test_all_measures_in_their_order():
    assert [m.code for m in register().measures] == CODES


def test_units_and_directions():
    book = register()
    per_1000 = {m.code for m in book.measures if m.unit is Unit.PER_1000_HOMES}
    assert per_1000 == {"NM01 1", "NM01 2", "CH01 1", "CH01 2"}
    assert {m.code for m in book.measures if m.direction is Direction.LOWER} == {"RP01"}
    assert {m.code for m in book.measures if m.direction is Direction.NONE} == per_1000
    assert all(m.decimals == 1 for m in book.measures)


def test_every_placing_names_a_theme_or_criterion_there_is():
    for measure in register().measures:
        assert measure.placings, measure.code
        for placing in measure.placings:
            framework = load_framework(placing.ref.split("/")[0])
            if placing.criterion:
                found = framework.criterion(placing.ref)
                assert found.id == placing.ref
            assert framework.theme(placing.theme).id == placing.theme


@pytest.mark.parametrize(
    ("theme", "codes"),
    [
        ("wao-housing-2005/1.5/4", {"TP02", "TP03", "RP02 1", "RP02 2"}),
        ("wao-housing-2005/1.5/6", {"BS01"}),
        ("wao-housing-2005/1.5/3", {"RP01", "BS03", "BS05"}),
        ("wao-housing-2005/1.4/4", {"TP12", "NM01 1"}),
        ("wao-housing-2005/1.4/5", {"TP10", "TP11"}),
        ("wao-housing-2005/2.2/5", {"TP07"}),
        ("wao-housing-2005/2.2/6", {"TP09", "CH01 1", "CH01 2", "CH02 1", "CH02 2"}),
        ("wao-housing-2005/2.2/7", {"TP06"}),
        ("wao-housing-2005/2.10/2", {"TP01"}),
        ("hi-cross-cutting-2005/30/4", {"TP09", "CH01 1", "CH01 2", "CH02 1", "CH02 2"}),
        ("hi-cross-cutting-2005/31/5", {"NM01 2"}),
    ],
)
def test_what_speaks_to_a_theme(theme, codes):
    assert codes <= {measure.code for measure, _placings in register().for_theme(theme)}


def test_identical_themes_get_the_same_measures():
    """2.2 and 30, 2.3 and 31 share their published texts, and so what speaks to them."""
    book = register()
    for welsh, english in (("2.2/5", "30/3"), ("2.2/6", "30/4"), ("2.2/4", "30/2"),
                           ("2.3/1", "31/1"), ("2.3/4", "31/4"), ("2.3/5", "31/5")):  # fmt: skip
        one = {m.code for m, _p in book.for_theme(f"wao-housing-2005/{welsh}")}
        other = {m.code for m, _p in book.for_theme(f"hi-cross-cutting-2005/{english}")}
        assert one == other, (welsh, english)


def test_for_criterion():
    found = register().for_criterion("wao-housing-2005/1.5/4/repairs-on-time")
    assert {(m.code, p.bearing) for m, p in found} == {
        ("TP03", Bearing.PART),
        ("RP02 1", Bearing.DIRECT),
        ("RP02 2", Bearing.DIRECT),
    }


def test_measures_without_a_direction_decide_nothing():
    for measure in register().measures:
        if measure.direction is Direction.NONE:
            assert {p.bearing for p in measure.placings} == {Bearing.CONTEXT}, measure.code


def test_texts_are_ours_and_whole_sentences():
    for measure in register().measures:
        assert len(measure.not_like_for_like) >= 2
        for text in (
            measure.matters,
            *measure.not_like_for_like,
            *(p.how for p in measure.placings),
        ):
            assert str(text).endswith("."), text
        assert not str(measure.title).endswith(".")
        assert len(str(measure.title)) <= 75


@pytest.mark.parametrize("written", ["RP02 1", "rp02-1", "RP02_1", "RP02 (1)", "rp02(pt1)"])
def test_measure_by_code_in_any_style(written):
    assert register().measure(written).code == "RP02 1"


def test_unknown_measure_names_those_there_are():
    with pytest.raises(NotFound, match="TP01, TP02"):
        register().measure("TP77")


# Strictness


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "tsm"
    shutil.copytree(CONTENT, folder)
    return folder


@pytest.mark.parametrize(
    ("find", "put", "words"),
    [
        ("  unit: percent\n", "  unit: percent\n  unit: percent\n", "given twice"),
        ("  unit: percent\n", "  unit: furlongs\n", "allowed: percent, per 1,000 homes"),
        ("  unit: percent\n", "", "“unit” is missing"),
        ("  unit: percent\n", "  unit: percent\n  colour: red\n", "Unknown keys: colour"),
        ("  decimals: 1\n", "  decimals: one\n", "wrong kind"),
        ("  decimals: 1\n", "  decimals: true\n", "wrong kind"),
        ("direction: higher", "direction: up", "allowed: higher, lower, none"),
        ("- code: TP01", "- code: TP99", "“TP99” is no measure's code"),
        ("- code: TP02", "- code: TP01", "TP01 stands twice"),
        ("      bearing: direct", "      bearing: strong", "allowed: direct, part, context"),
        ("ref: wao-housing-2005/2.10/2/customer-satisfaction", "ref: '2.10'", "no theme's"),
        (
            "ref: wao-housing-2005/2.10/2/indicators-compared",
            "ref: wao-housing-2005/2.10/2/customer-satisfaction",
            "placed twice",
        ),
        ("  title: Satisfaction with the landlord's service overall", "  title: ' '", "is empty"),
        ("- code: TP01", "- code: [", "expected"),
    ],
)  # fmt: skip
def test_faults_name_file_line_and_what_is_wrong(copy, find, put, words):
    path = copy / "perception.yaml"
    text = path.read_text(encoding="utf-8")
    assert find in text
    path.write_text(text.replace(find, put, 1), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load(copy)
    message = str(caught.value)
    assert words in message
    assert "perception.yaml, line" in message or "tsm, line" in message


def test_missing_file(copy):
    (copy / "complaints.yaml").unlink()
    with pytest.raises(InvalidInput, match=r"complaints\.yaml"):
        load(copy)


def test_loading_is_quick():
    code = (
        "import kloe.measures.published as p, time; t = time.perf_counter(); p.register();"
        " print(time.perf_counter() - t)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.1
