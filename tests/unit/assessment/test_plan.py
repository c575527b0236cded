"""States of an action, the SMART check letter by letter, and the track record recounted."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.assessment import plan, smart
from kloe.assessment.plan import MOVES, STATUSES, Status
from kloe.assessment.smart import Letter, Stated
from kloe.assessment.track_record import (
    Fact,
    Moved,
    Share,
    against,
    direction_allowed,
    track_record,
    years_back,
)
from kloe.core.errors import InvalidInput
from kloe.core.periods import Period

WHOLE = Stated(
    what="Answer damp reports within ten days",
    owner="Ann",
    outcome="Nobody waits longer than ten days",
    measure="Reports inspected in time",
    target="95 %",
    agreed=True,
    agreed_with="the panel",
    realistic=True,
    needs_money=True,
    budget=Decimal(0),
    start_on=date(2026, 1, 1),
    due_on=date(2026, 6, 30),
)


class TestMoves:
    def test_every_state_is_reached_from_a_proposal(self) -> None:
        reached = {Status.PROPOSED}
        for _n in Status:
            reached |= {m.to for m in MOVES if m.start in reached}
        assert reached == set(Status)

    def test_what_ends_something_asks_why(self) -> None:
        for move in MOVES:
            if move.to in (Status.DROPPED, Status.ON_HOLD) or move.start in (
                Status.COMPLETED,
                Status.DROPPED,
            ):
                assert move.reason, move

    def test_only_the_table_moves(self) -> None:
        assert plan.move("proposed", "agreed").agreed
        with pytest.raises(InvalidInput, match=str(STATUSES[Status.AGREED])):
            plan.move("proposed", "completed")
        with pytest.raises(InvalidInput):
            plan.move("proposed", "nonsense")

    @pytest.mark.parametrize(
        ("due", "now", "slip"),
        [
            (date(2026, 1, 1), date(2026, 1, 2), True),
            (date(2026, 1, 1), None, True),
            (date(2026, 1, 1), date(2026, 1, 1), False),
            (date(2026, 1, 2), date(2026, 1, 1), False),
            (None, date(2026, 1, 1), False),
        ],
    )
    def test_a_slip_is_a_later_day_or_none(
        self, due: date | None, now: date | None, slip: bool
    ) -> None:
        assert plan.is_slip(due, now) is slip


class TestSmart:
    def test_nothing_is_missing_of_a_whole_action(self) -> None:
        found = smart.check(WHOLE)
        assert found.complete
        assert found.missing == ()

    def test_an_empty_action_lacks_every_letter(self) -> None:
        found = smart.check(Stated())
        assert found.met == 0
        assert [c.letter for c in found.letters] == list(Letter)

    @pytest.mark.parametrize(
        ("letter", "changes", "words"),
        [
            (Letter.SPECIFIC, {"what": " "}, "What is to be done is not said."),
            (Letter.SPECIFIC, {"owner": ""}, "Nobody is named who answers for it."),
            (Letter.SPECIFIC, {"outcome": ""}, "What service users will notice is not said."),
            (Letter.MEASURABLE, {"measure": ""}, "How one can tell that it worked is not said."),
            (Letter.MEASURABLE, {"target": ""}, "There is no target."),
            (Letter.AGREED, {"agreed": None}, "Nobody has said whether it is agreed."),
            (Letter.AGREED, {"agreed": False}, "It is said not to be agreed."),
            (Letter.AGREED, {"agreed_with": ""}, "It is said to be agreed, but not with whom."),
            (Letter.REALISTIC, {"realistic": None}, "Nobody has said whether it is realistic."),
            (Letter.REALISTIC, {"realistic": False}, "It is said not to be realistic."),
            (Letter.REALISTIC, {"needs_money": None}, "It is not said whether it needs money."),
            (Letter.REALISTIC, {"budget": None}, "It needs money and has no budget."),
            (Letter.TIME_BOUND, {"due_on": None}, "There is no day by which it is done."),
            (Letter.TIME_BOUND, {"start_on": None}, "There is no day on which it starts."),
            (
                Letter.TIME_BOUND,
                {"start_on": date(2026, 7, 1)},
                "It would start after the day it is due.",
            ),
            (
                Letter.TIME_BOUND,
                {"due_on": date(2026, 7, 4)},
                "It runs longer than half a year without a milestone.",
            ),
            (Letter.TIME_BOUND, {"milestones": (None,)}, "A milestone has no day."),
            (
                Letter.TIME_BOUND,
                {"milestones": (date(2026, 7, 1),)},
                "A milestone lies after the day it is due.",
            ),
        ],
    )
    def test_each_thing_missing_is_said_under_its_letter(
        self, letter: Letter, changes: dict[str, object], words: str
    ) -> None:
        found = smart.check(replace(WHOLE, **changes))  # type: ignore[arg-type]
        assert [(c.letter, str(m)) for c in found.letters for m in c.missing] == [(letter, words)]

    def test_an_indicator_measures_and_half_a_year_needs_no_milestone(self) -> None:
        assert smart.check(replace(WHOLE, measure="", indicator="repairs/on-time")).complete
        assert smart.check(replace(WHOLE, due_on=date(2026, 7, 3))).complete
        assert smart.check(
            replace(WHOLE, due_on=date(2027, 1, 1), milestones=(date(2026, 5, 1),))
        ).complete

    def test_no_words_make_an_action_agreed_or_realistic(self) -> None:
        said = replace(
            WHOLE, what="Agreed with all and entirely realistic", agreed=None, realistic=None
        )
        assert smart.check(said).met == 3


YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
facts = st.lists(
    st.builds(
        Fact,
        ref=st.text("AB12", min_size=1, max_size=4),
        due_on=st.none() | days,
        first_due_on=st.none() | days,
        done_on=st.none() | days,
        budget=st.none() | st.decimals(0, 100, places=2),
        spend=st.none() | st.decimals(0, 100, places=2),
        outcome=st.booleans(),
    ),
    max_size=20,
)


class TestTrackRecord:
    @given(facts, st.randoms())
    def test_recounted_and_in_any_order(self, found: list[Fact], chance: object) -> None:
        record = track_record(found, YEAR)
        due = [f for f in found if f.due_on and YEAR.start <= f.due_on <= YEAR.end]
        done = [f for f in found if f.done_on and YEAR.start <= f.done_on <= YEAR.end]
        costed = [f for f in done if f.budget is not None and f.spend is not None]
        assert record.on_time.of == len(due)
        assert record.on_time.part == len(
            [f for f in due if f.done_on is not None and f.done_on <= f.due_on]
        )
        assert (record.to_budget.part, record.to_budget.of) == (
            len([f for f in costed if f.spend <= f.budget]),
            len(costed),
        )
        assert (record.with_outcome.part, record.with_outcome.of) == (
            len([f for f in done if f.outcome]),
            len(done),
        )
        assert record.context_only == len([f for f in done if not f.outcome])
        chance.shuffle(found)  # type: ignore[attr-defined]
        again = track_record(found, YEAR)
        assert [(s.part, s.of) for _k, _n, s in again.shares] == [
            (s.part, s.of) for _k, _n, s in record.shares
        ]

    def test_a_moved_day_is_held_to_the_first_promise(self) -> None:
        moved = Fact(
            "A1", due_on=date(2026, 2, 1), first_due_on=date(2025, 9, 1),
            done_on=date(2026, 1, 31),
            moved=(Moved(date(2025, 8, 1), date(2025, 9, 1), date(2026, 2, 1), "ill"),),
        )  # fmt: skip
        record = track_record([moved], YEAR)
        assert (record.on_time.part, record.on_time.of) == (1, 1)
        assert (record.as_promised.part, record.as_promised.of) == (0, 1)
        assert record.slipped == (moved,)
        assert record.as_promised.others == (moved,)

    def test_shares_of_nothing_are_no_hundredths(self) -> None:
        assert Share(0, 0).percent is None
        assert not Share(0, 0).few
        assert Share(2, 3).percent == Decimal("66.7")
        assert Share(9, 9).few
        assert not Share(10, 10).few

    @pytest.mark.parametrize(
        ("now", "then", "words"),
        [
            ((9, 10), (5, 10), "Up 40.0 percentage points"),
            ((5, 10), (9, 10), "Down 40.0 percentage points"),
            ((100, 200), (101, 200), "About as in the baseline."),
            ((5, 9), (5, 10), "Too few actions"),
            ((0, 0), (5, 10), "nothing to compare"),
        ],
    )
    def test_against_the_baseline_in_words(
        self, now: tuple[int, int], then: tuple[int, int], words: str
    ) -> None:
        day = {"due_on": YEAR.start, "first_due_on": YEAR.start}

        def record(part: int, of: int) -> object:
            return track_record(
                [
                    Fact(f"A{n}", done_on=YEAR.start if n < part else YEAR.end, **day)  # type: ignore[arg-type]
                    for n in range(of)
                ],
                YEAR,
            )

        (found, *_rest) = against(record(*now), record(*then))  # type: ignore[arg-type]
        assert words in str(found.words)

    def test_years_back_follow_each_other(self) -> None:
        found = years_back(date(2024, 2, 29), 3)
        assert [p.end for p in found] == [
            date(2022, 2, 28), date(2023, 2, 28), date(2024, 2, 29),
        ]  # fmt: skip
        for one, following in itertools.pairwise(found):
            assert following.start == one.end + timedelta(days=1)

    def test_done_work_is_context_until_an_outcome_is_evidenced(self) -> None:
        assert not direction_allowed(7, 0)
        assert not direction_allowed(0, 0)
        assert direction_allowed(7, 1)
