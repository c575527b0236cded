"""What a rating rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from assessment_ground import criterion, said

from kloe.assessment.agreement import Agreement
from kloe.assessment.triangulation import Decisive, Link, decisive_of, summarise

UPPER = Link("E1", "c/upper-1", "shows this", "upper", "strength", "document", "landlord")
TENANT = replace(UPPER, item="E2", kind="tenant voice", origin="tenant")
AGAINST = replace(TENANT, item="E3", direction="shows otherwise")
FAULT = Link("E4", "c/lower-1", "shows this", "lower", "fault", "data", "system")
CONTEXT = replace(UPPER, item="E5", direction="context", kind="data", origin="system")


def test_two_kinds_and_two_origins() -> None:
    t = summarise([UPPER, TENANT], "upper")
    assert t.triangulated
    assert (t.evidence, t.agreeing, t.contradicting) == (2, 2, 0)
    assert t.kinds == ("document", "tenant voice")
    assert t.origins == ("landlord", "tenant")
    assert t.missing() == ()
    # Two kinds from one mouth.
    t = summarise([UPPER, replace(UPPER, item="E9", kind="data")], "upper")
    assert not t.triangulated
    assert said(t.missing()) == "It rests on one origin of evidence only: Landlord."
    # Two mouths, one kind.
    t = summarise([UPPER, replace(UPPER, item="E9", origin="tenant")], "upper")
    assert not t.triangulated
    assert said(t.missing()) == "It rests on one kind of evidence only: Document."


def test_nothing_and_context_only() -> None:
    assert said(summarise([], "upper").missing()) == "There is no evidence yet."
    t = summarise([CONTEXT], "upper")
    assert (t.evidence, t.context, t.kinds) == (0, 1, ())
    assert said(t.missing()) == "There is only context; nothing shows it."


def test_what_contradicts_is_no_second_leg() -> None:
    t = summarise([UPPER, FAULT], "upper")
    assert t.agreements == (Agreement.AGREES, Agreement.CONTRADICTS)
    assert t.kinds == ("document",)
    assert t.contradicted
    assert "Evidence that contradicts the rating: 1." in said(t.missing())
    t = summarise([FAULT], "upper")
    assert said(t.missing()).startswith("None of the evidence bears the rating out.")


def test_unplaced_counts_all_that_shows() -> None:
    for position in (None, "", "cannot-tell", "conflicting"):
        t = summarise([UPPER, FAULT], position)
        assert t.triangulated
        assert not t.contradicted
        assert t.agreeing == t.contradicting == 0


def test_evidence_that_contradicts_itself() -> None:
    t = summarise([UPPER, AGAINST], "between")
    assert t.torn == ("c/upper-1",)
    assert t.contradicting == 0
    assert t.contradicted
    assert "contradicts itself on 1" in said(t.missing())
    assert not summarise([UPPER, AGAINST], "conflicting").contradicted
    assert not summarise([UPPER, AGAINST], "not-applicable").contradicted
    assert summarise([UPPER, AGAINST], None).contradicted
    # Different descriptors, both so: that is what between means.
    assert not summarise([UPPER, FAULT], "between").contradicted


def test_newer_evidence_overtakes_older() -> None:
    old = replace(AGAINST, start=date(2019, 1, 1), end=date(2019, 12, 31))
    new = replace(UPPER, start=date(2024, 1, 1), end=date(2024, 12, 31))
    for links in ([old, new], [new, old]):
        t = summarise(links, "upper")
        assert not t.contradicted
        assert t.overtaken == 1
        assert t.agreeing == 1
    # The older one is history whatever the rating; then the new one contradicts.
    assert summarise([old, new], "lower").contradicting == 1
    # Times that overlap, or are not known, do not overtake.
    assert summarise([replace(old, end=date(2024, 1, 1)), new], "upper").contradicted
    assert summarise([replace(old, end=None), new], "upper").contradicted
    assert summarise([old, replace(new, start=None)], "upper").contradicted


def test_what_is_overtaken_overtakes_nothing() -> None:
    def at(link: Link, year: int) -> Link:
        return replace(link, start=date(year, 1, 1), end=date(year, 12, 31))

    links = [at(UPPER, 2019), at(AGAINST, 2020), at(TENANT, 2021)]
    t = summarise(links, "upper")
    assert t.agreements == (Agreement.AGREES, Agreement.NEUTRAL, Agreement.AGREES)
    assert t.triangulated
    assert not t.contradicted


def test_decisive_kinds() -> None:
    wanted = [Decisive("upper", "tenant voice"), Decisive("lower", "data")]
    t = summarise([UPPER], "upper", wanted)
    assert t.decisive_missing == ("tenant voice",)
    assert "The wording asks for Tenant voice, and there is none." in said(t.missing())
    assert summarise([UPPER, TENANT], "upper", wanted).decisive_missing == ()
    # Of the column a placing claims; between claims both.
    assert summarise([FAULT], "lower", wanted).decisive_missing == ()
    assert summarise([UPPER], "between", wanted).decisive_missing == ("data", "tenant voice")
    assert summarise([], None, wanted).decisive_missing == ("data", "tenant voice")
    assert summarise([], "not-applicable", wanted).decisive_missing == ()
    # A tenant's voice that contradicts does not decide in favour.
    assert summarise([UPPER, AGAINST], "upper", wanted).decisive_missing == ("tenant voice",)


def test_decisive_of_a_criterion() -> None:
    assert decisive_of(criterion("t", "k")) == ()
    assert decisive_of(criterion("t", "k", decisive="data")) == (Decisive("upper", "data"),)


def test_dated() -> None:
    old = replace(UPPER, start=date(2019, 1, 1), end=date(2019, 12, 31))
    assert summarise([old], "upper", since=date(2025, 4, 1)).dated
    assert "before the period assessed" in said(
        summarise([old], "upper", since=date(2025, 4, 1)).missing()
    )
    assert not summarise([old, TENANT], "upper", since=date(2025, 4, 1)).dated
    assert not summarise([old], "upper").dated
    assert not summarise([], "upper", since=date(2025, 4, 1)).dated


def test_unknown_position_is_refused() -> None:
    with pytest.raises(ValueError, match="splendid"):
        summarise([], "splendid")
