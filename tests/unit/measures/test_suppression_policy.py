"""Hiding small groups: the policy, what is already out, layouts, and refusals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from attacker import Attack
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.core.periods import Period
from kloe.measures.layout import elementary, layout, row_key
from kloe.measures.suppression import Kind, Policy, Reason, Relation, Row, Shown, Zeros, plan
from kloe.measures.suppression_search import Level

ALL = ("2025", "", "")


def table(*figures: tuple[int, int]) -> tuple[dict, list[Relation]]:
    """A breakdown into a, b, c... with everybody's row above it."""
    keys = [("2025", "estate", "abcdefghij"[i]) for i in range(len(figures))]
    rows = {key: Row(x, n, n) for key, (x, n) in zip(keys, figures, strict=True)}
    total = Row(*(sum(f[i] for f in figures) for i in (0, 1, 1)), overall=True)
    return {ALL: total, **rows}, [Relation(ALL, tuple(keys))]


def levels(rows: dict, relations: list[Relation], **given: object) -> str:
    found = plan(rows, relations, **given)
    return "".join("+-."[found.levels[key]] for key in rows)


def test_nothing_small_hides_nothing() -> None:
    rows, relations = table((40, 80), (30, 50), (10, 20))
    found = plan(rows, relations)
    assert levels(rows, relations) == "++++"
    assert found.hidden == ()
    assert found.sentence is None
    assert found.shown(ALL) == Shown(80, 150, 150)
    assert found.may_list(ALL)


def test_a_small_group_takes_another_with_it() -> None:
    rows, relations = table((2, 4), (40, 80), (15, 30), (50, 90))
    # The third is the smallest that protects the first.
    assert levels(rows, relations) == "+.+.+"
    found = plan(rows, relations)
    assert found.reasons == {
        ("2025", "estate", "a"): Reason.SMALL_GROUP,
        ("2025", "estate", "c"): Reason.BY_SUBTRACTION,
    }
    assert found.shown(("2025", "estate", "c")) == Shown(None, None, None)
    assert not found.may_list(("2025", "estate", "c"))
    assert str(found.sentence).startswith("2 figures are hidden")
    # The mark is one for all, and names no reason.
    assert str(found.mark).endswith("here or by subtraction.")


def test_a_small_count_or_rest_hides_the_rate_and_not_the_size() -> None:
    rows, relations = table((3, 80), (40, 80), (25, 50))
    assert levels(rows, relations) == "+-+-"
    assert plan(rows, relations).shown(("2025", "estate", "a")) == Shown(None, 80, 80)
    rest, relations = table((77, 80), (40, 80), (25, 50))
    assert levels(rest, relations) == "+-+-"
    assert levels(rest, relations, policy=Policy(complements=False)) == "++++"


def test_noughts_are_shown_unless_the_policy_hides_them() -> None:
    rows, relations = table((0, 80), (80, 80), (40, 80), (0, 0))
    assert levels(rows, relations) == "+++++"
    # Nought and everybody of eighty: each is hidden, and either protects the other.
    assert levels(rows, relations, policy=Policy(zeros=Zeros.HIDE)) == "+--++"


def test_groups_too_small_together_take_a_large_one() -> None:
    rows, relations = table((0, 2), (1, 3), (30, 60), (30, 60))
    assert levels(rows, relations).count(".") == 3


def test_where_few_of_everybody_count_the_breakdown_says_no_more_than_that() -> None:
    rows, relations = table((1, 80), (1, 80), (1, 80), (0, 80))
    # All are hidden, nought as well: each can be anything from nought to three.
    assert levels(rows, relations) == "+----"
    attack = Attack()
    found = plan(rows, relations)
    for key in rows:
        seen = found.shown(key)
        attack.row(key, numerator=seen.numerator, denominator=seen.denominator)
    attack.tables([(r.total, r.parts) for r in relations])
    for key in list(rows)[1:]:
        assert attack.bounds((key, "numerator")) == pytest.approx((0, 3))


def test_few_of_everybody_are_hidden_altogether() -> None:
    rows, relations = table((1, 2), (2, 4))
    found = plan(rows, relations)
    assert levels(rows, relations) == "..."
    assert found.overall_hidden == (ALL,)
    assert "everybody" in str(found.sentence)


def test_a_single_small_group_of_a_large_whole_is_the_whole() -> None:
    # One group and nobody else: the whole is the group, and has to go with it.
    rows, relations = table((2, 4), (0, 0))
    assert levels(rows, relations)[:2] == ".."


def test_a_small_quarter_of_everybody_takes_another_quarter() -> None:
    year = ("2025", "", "")
    quarters = [(f"Q{i}", "", "") for i in range(4)]
    sizes = (4, 40, 60, 50)
    rows = {
        year: Row(80, 154, 154, overall=True),
        **{
            q: Row(n // 2 + (i == 3) * 3, n, n, overall=True)
            for i, (q, n) in enumerate(zip(quarters, sizes, strict=True))
        },
    }
    rows[year] = Row(sum(rows[q].numerator for q in quarters), 154, 154, overall=True)
    found = plan(rows, [Relation(year, tuple(quarters))])
    assert found.overall_hidden == (("Q0", "", ""), ("Q1", "", ""))


def test_what_is_out_already_is_worked_around_or_said() -> None:
    rows, relations = table((2, 4), (15, 30), (40, 80))
    b, c = ("2025", "estate", "b"), ("2025", "estate", "c")
    found = plan(rows, relations, published=[b])
    assert found.levels[b] is Level.ALL
    assert found.levels[c] is Level.NOTHING
    assert not found.exposed
    # Everything else is out: the small one can be had by subtraction.
    told = plan(rows, relations, published=[ALL, b, c])
    assert ("2025", "estate", "a") in told.exposed
    out = plan(rows, relations, published=[("2025", "estate", "a")])
    assert out.exposed == (("2025", "estate", "a"),)


def test_amounts_are_hidden_with_their_cases_and_not_by_size() -> None:
    rows, relations = table((0, 0), (0, 0), (0, 0))
    money = [(Decimal("12.50"), Decimal(80), 4), (Decimal(9), Decimal(70), 90)]
    money.append((Decimal("1.25"), Decimal(3), 40))
    for key, (x, d, n) in zip(list(rows)[1:], money, strict=True):
        rows[key] = Row(x, d, n)
    rows[ALL] = Row(*(sum(m[i] for m in money) for i in range(3)), overall=True)
    found = plan(rows, relations, kind=Kind.AMOUNT)
    hidden = [key[2] for key in found.hidden]
    assert "a" in hidden
    assert len(hidden) == 2
    # Below nought nothing is known of an amount, so any second one protects the first.
    rows[list(rows)[1]] = Row(Decimal("-12.50"), Decimal(80), 4)
    rows[ALL] = Row(Decimal("-2.25"), Decimal(153), 134, overall=True)
    assert len(plan(rows, relations, kind=Kind.AMOUNT).hidden) == 2


def test_rates_against_homes_hide_small_counts_only() -> None:
    rows, relations = table((3, 80), (40, 80), (25, 50))
    rows = {key: Row(r.numerator, r.denominator, r.n, r.overall) for key, r in rows.items()}
    assert levels(rows, relations, kind=Kind.RATE) == "+-+-"
    rows[("2025", "estate", "b")] = Row(77, 80, 80)
    rows[ALL] = Row(105, 210, 210, overall=True)
    assert plan(rows, relations, kind=Kind.RATE).reasons == {
        ("2025", "estate", "a"): Reason.SMALL_COUNT,
        ("2025", "estate", "c"): Reason.BY_SUBTRACTION,
    }


def test_what_does_not_add_up_is_refused() -> None:
    rows, relations = table((40, 80), (30, 50))
    wrong = {**rows, ALL: Row(71, 130, 130, overall=True)}
    with pytest.raises(InvalidInput, match=r"add up to 70 \(numerator\), not 71"):
        plan(wrong, relations)
    with pytest.raises(InvalidInput, match="stands in a sum"):
        plan({ALL: rows[ALL]}, relations)
    for row, kind in (
        (Row(5, 4, 4), Kind.SHARE),
        (Row(1, 4, 3), Kind.SHARE),
        (Row(Decimal("1.5"), 4, 4), Kind.RATE),
        (Row(Decimal("NaN"), 4, 4), Kind.AMOUNT),
        (Row(-1, 4, 4), Kind.SHARE),
    ):
        with pytest.raises(InvalidInput, match="not a figure of the kind"):
            plan({ALL: row}, [], kind=kind)
    for wrong_policy in ((1, None), (10, 0), (10, 11)):
        with pytest.raises(InvalidInput, match="threshold"):
            Policy(*wrong_policy)
    assert Policy(2).width == 1
    assert isinstance(plan(rows, relations).mark, Message)


def test_periods_are_cut_where_they_overlap() -> None:
    june = Period(date(2024, 7, 1), date(2025, 6, 30))
    september = Period(date(2024, 10, 1), date(2025, 9, 30))
    assert elementary([june, september]) == (
        Period(date(2024, 7, 1), date(2024, 9, 30)),
        Period(date(2024, 10, 1), date(2025, 6, 30)),
        Period(date(2025, 7, 1), date(2025, 9, 30)),
    )
    assert elementary([]) == ()
    apart = [Period(date(2025, 1, 1), date(2025, 1, 2)), Period(date(2025, 2, 1), date(2025, 2, 2))]
    assert elementary(apart) == tuple(apart)
    shape = layout({"june": june, "september": september}, {"sex": ("f", "m")})
    assert shape.implied == {
        "2024-07-01..2024-09-30",
        "2024-10-01..2025-06-30",
        "2025-07-01..2025-09-30",
    }
    assert Relation(
        ("june", "", ""), (("2024-07-01..2024-09-30", "", ""), ("2024-10-01..2025-06-30", "", ""))
    ) in set(shape.relations)
    assert shape.is_overall(row_key("june"))
    assert not shape.is_overall(row_key("june", "sex", "f"))
    assert shape.is_implied(("2024-07-01..2024-09-30", "", ""))
    points = layout({"june": june, "september": september}, {}, flow=False)
    assert points.relations == ()
    assert not points.implied


def test_groups_lie_in_larger_ones() -> None:
    year = {"2025": Period(date(2025, 4, 1), date(2026, 3, 31))}
    groups = {"area": ("n", "s"), "estate": ("n1", "n2", "s1")}
    within = {"estate": ("area", {"n1": "n", "n2": "n", "s1": "s"})}
    shape = layout(year, groups, within=within)
    assert Relation(
        row_key("2025", "area", "n"),
        (row_key("2025", "estate", "n1"), row_key("2025", "estate", "n2")),
    ) in set(shape.relations)
    assert len(shape.relations) == 3
    assert len(shape.keys) == 6
    with pytest.raises(InvalidInput, match="s1 lies in no group"):
        layout(year, groups, within={"estate": ("area", {"n1": "n", "n2": "n"})})


def test_the_difference_of_two_periods_is_protected() -> None:
    """Two years of which one ends a month later: the months by which they differ are small."""
    periods = {
        "to March": Period(date(2025, 4, 1), date(2026, 3, 31)),
        "to April": Period(date(2025, 4, 1), date(2026, 4, 30)),
    }
    shape = layout(periods, {"estate": ("a", "b", "c")})
    month = next(iter(shape.implied))
    counts = {"to March": {"a": 40, "b": 60, "c": 80}, month: {"a": 4, "b": 30, "c": 30}}
    counts["to April"] = {g: counts["to March"][g] + counts[month][g] for g in "abc"}
    rows = {}
    for label, characteristic, group in shape.keys:
        n = counts[label][group] if group else sum(counts[label].values())
        rows[label, characteristic, group] = Row(n // 2, n, n, not group, label in shape.implied)
    halves = {g: [rows[p, "estate", g].numerator for p in ("to March", month)] for g in "abc"}
    for g in "abc":
        n = counts["to April"][g]
        rows["to April", "estate", g] = Row(sum(halves[g]), n, n)
    found = plan(rows, shape.relations)
    shown = [found.shown((p, "estate", "a")).whole for p in periods]
    assert shown != [True, True]
    assert not found.overall_hidden
