"""What a heading says: the code of the measure, its part, whose homes, which role."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.measures import headers
from kloe.measures.headers import Population, Role, about_of, column_of, measure_code, population_of

CODES = (
    [f"TP{n:02d}" for n in range(1, 13)]
    + [f"BS{n:02d}" for n in range(1, 6)]
    + ["RP01"]
    + [f"{m} {p}" for m in ("RP02", "NM01", "CH01", "CH02") for p in (1, 2)]
)


def test_doctests():
    assert doctest.testmod(headers).failed == 0


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("Proportion satisfied (TP01)", "TP01"),
        ("Proportion satisfied (TP09)7", "TP09"),
        ("TP-05 safe home", "TP05"),
        ("tp 12", "TP12"),
        ("TP1", "TP01"),
        ("(RP02 1)5", "RP02 1"),
        ("(RP02 (1))", "RP02 1"),
        ("RP02_2", "RP02 2"),
        ("RP02 (pt2) Numerator", "RP02 2"),
        ("RP02 part 1", "RP02 1"),
        ("CH02_2_Numerator_LCRA", "CH02 2"),
        ("CH01.1", "CH01 1"),
        ("Non-emergency repairs on time (RP02)", "RP02 1"),
        ("Emergency repairs on time (RP02)", "RP02 2"),
        ("Stage two complaints (CH01)", "CH01 2"),
        ("ASB cases with hate incidents (NM01)", "NM01 2"),
        ("Communal lifts (BS05 Numerator) 5", "BS05"),
        ("Repairs (RP02)", None),
        ("TP13", None),
        ("BS06", None),
        ("HTTP01", None),
        ("Number of responsive repairs raised during the reporting year", None),
    ],
)
def test_code_in_any_style(heading, code):
    assert measure_code(heading) == code


@given(
    code=st.sampled_from(CODES),
    before=st.sampled_from(["", "Proportion of homes (", "LCRA - Number of things ", "["]),
    joint=st.sampled_from(["", " ", "-", "_", "\u00a0"]),
    inner=st.sampled_from([" ", "_", "-", " (", " (pt", " part "]),
    after=st.sampled_from(["", ")", ")5", ") 5", ")2,3", " Numerator)", " - satisfied"]),
    upper=st.booleans(),
)
def test_every_code_is_found_however_it_is_written(code, before, joint, inner, after, upper):
    head, _space, part = code.partition(" ")
    written = f"{before}{head[:2]}{joint}{head[2:]}{inner + part if part else ''}"
    if part and "(" in inner:
        written += ")"
    written += after
    assert measure_code(headers.plain(written.upper() if upper else written)) == code


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Proportion of homes with gas checks (BS01)", Role.VALUE),
        ("TP01", Role.VALUE),
        ("RP02 (1) (%)", Role.VALUE),
        ("CH02_1_Calculated_Value_LCRA", Role.VALUE),
        ("Number of ASB cases, opened per 1,000 homes (NM01 1)", Role.VALUE),
        (
            "Proportion of repairs completed within the landlord's target timescale (RP02 1)5",
            Role.VALUE,
        ),
        ("Number of homes (BS02 Denominator)5", Role.DENOMINATOR),
        (
            "Number of respondents who report that they are very satisfied (TP01)",
            Role.VERY_SATISFIED,
        ),
        ("TP07_FD_COMB", Role.FAIRLY_DISSATISFIED),
        ("Number who strongly agree (TP08)", Role.VERY_SATISFIED),
        ("Number who neither agree nor disagree (TP08)", Role.NEITHER),
    ],
)
def test_roles(heading, role):
    assert column_of(3, heading).role is role


@pytest.mark.parametrize(
    "heading",
    [
        "Did you own dwelling units to which this TSM applies at year end? (BS01)",
        "What is your (maximum) target timescale for non-emergency repairs used to calculate"
        " RP02 (1)?\u200b",
        "Proportion who state that they have complained in the last 12 months (TP09 responses)7",
        "Proportion satisfied (TP01) for each survey method - Telephone6",
        "Proportion of respondents (unweighted) who reported they are satisfied (TP01)",
        "Number of respondents who report 'not applicable/ don't know' (TP05)",
        "Number of respondents who report that a repair was carried out (TP02)",
        "TP09_Fiter_No_COMB",
        "Target timescale for emergency repairs (RP02 2)",
    ],
)
def test_columns_with_a_code_that_hold_no_part_of_the_measure(heading):
    assert column_of(0, heading) is None


@pytest.mark.parametrize(
    ("words", "population"),
    [
        ("LCRA - Proportion (CH02 1)", Population.LCRA),
        ("Combined - Proportion (CH02 1)", Population.COMBINED),
        ("CH02_1_Numerator_COMB", Population.COMBINED),
        ("Number of homes (LCRA + LCHO) (NM01 1 Denominator)", None),
        ("LCHO - of homes (LCRA + LCHO) (CH01 1)", Population.LCHO),
        ("TSM25_LCHO_Perception", Population.LCHO),
        ("TSM25_Management_Info", None),
        ("A combination of things", None),
    ],
)
def test_population(words, population):
    assert population_of(words) is population


def test_facts_about_landlords_keep_their_footnotes_and_odd_spaces():
    assert about_of("Landlord\u00a0name\u200b") == "name"
    assert about_of("Landlord code 2") == "code"
    assert about_of("Provider name") == "name"
    assert about_of("RP code") == "code"
    assert about_of("Landlord group size (homes owned, LCRA and LCHO combined)1") == "size"
    assert about_of("External contractor's name") is None
    assert about_of("Relevant\u00a0tenant population size (LCRA)") is None
