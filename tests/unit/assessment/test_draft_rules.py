"""The rules of a draft before the landlord: its time, late evidence, answers, what changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import Clock, Counts
from kloe.core.errors import InvalidInput
from kloe.reports import drafting
from kloe.reports.blocks import (
    Cell,
    Column,
    Cover,
    GradeMark,
    Labels,
    Mark,
    Paragraph,
    ReportDocument,
    Row,
    Section,
    Span,
    Table,
)
from kloe.reports.numbering import number_all

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


# Time ----------------------------------------------------------------------------------------


@given(DAYS, st.integers(1, 260))
def test_working_days_are_counted_one_by_one(start: date, days: int) -> None:
    end = rules.after_working_days(start, days)
    each = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(d.isoweekday() <= 5 for d in each) == days
    assert end.isoweekday() <= 5
    assert rules.working_days_between(start, end) == days


def test_twenty_working_days_are_four_weeks() -> None:
    assert rules.after_working_days(date(2026, 11, 20), 20) == date(2026, 12, 18)
    assert rules.after_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)


@pytest.mark.parametrize("days", [0, -1, 261])
def test_no_time_and_too_much(days: int) -> None:
    with pytest.raises(InvalidInput):
        rules.after_working_days(date(2026, 11, 20), days)


def test_the_last_day_belongs_to_it() -> None:
    clock = Clock(date(2026, 12, 18))
    assert clock.days_left(date(2026, 12, 18)) == 1
    assert clock.days_left(date(2026, 12, 19)) == 0
    assert not clock.is_open(date(2026, 12, 19))
    assert not Clock(date(2026, 12, 18), closed=True).is_open(date(2026, 12, 1))


# Late evidence -------------------------------------------------------------------------------


@given(DAYS, DAYS)
def test_what_existed_counts_for_the_service_and_what_was_done_since_for_the_prospects(
    when: date, cutoff: date
) -> None:
    weighed = rules.weigh(when, cutoff)
    existed = (cutoff - when).days >= 0
    assert weighed.counts is (Counts.SERVICE if existed else Counts.PROSPECTS)
    assert ("not for how good" in str(weighed.why)) == (not existed)
    assert when.isoformat() in str(weighed.why)


def test_a_day_to_come_is_no_date_of_evidence() -> None:
    today = date(2026, 6, 1)
    assert rules.check_date(today, today) == today
    with pytest.raises(InvalidInput):
        rules.check_date(date(2026, 6, 2), today)


# What changed --------------------------------------------------------------------------------


def document(*texts: str, grade: str = "Good", rows: tuple[str, ...] = ()) -> ReportDocument:
    table = Table(
        (Column("A"),), tuple(Row((Cell(((Span(r),),)),)) for r in rows), "Figures"
    )  # fmt: skip
    section = Section(
        "Findings",
        1,
        (
            GradeMark("The service", Mark(grade, 3)),
            *(Paragraph((Span(t),)) for t in texts),
            *([table] if rows else []),
        ),
        number="1",
    )
    return ReportDocument(
        title="T", language="en", view="full", author="A", made="", subject="", running="R",
        tags=(), labels=Labels("", "", "", "", ""), cover=Cover("", "", "", (), (), ()),
        blocks=number_all((section,)),
    )  # fmt: skip


ONE = "Letters about arrears are sent late, and tenants say so."
TWO = "Homes are let within thirty days."
THREE = "Gas is serviced on time in every home."


def test_nothing_changed_where_only_numbers_did() -> None:
    assert drafting.changes(document(ONE, TWO), document(ONE, TWO)) == ()
    [added] = drafting.changes(document(ONE, TWO), document(THREE, ONE, TWO))
    assert (added.kind, added.after, added.now, added.was) == ("added", THREE, 1, 0)


def test_a_paragraph_rewritten_one_gone_and_a_grade_moved() -> None:
    changed = ONE.replace("sent late", "sent on the day")
    found = drafting.changes(document(ONE, TWO, grade="Fair"), document(changed, grade="Good"))
    assert [c.kind for c in found] == ["grade", "changed", "removed"]
    assert (found[0].before, found[0].after) == ("Fair", "Good")
    assert (found[1].before, found[1].after, found[1].was, found[1].now) == (ONE, changed, 1, 1)
    assert (found[2].before, found[2].was) == (TWO, 2)


def test_what_stands_in_a_table_counts() -> None:
    before, after = "17 letters of 40 in the sample", "11 letters of 40 in the sample"
    [found] = drafting.changes(document(ONE, rows=(before,)), document(ONE, rows=(after,)))
    assert (before in found.before, after in found.after) == (True, True)
    assert found.section == "1 Findings"


def test_the_paragraph_of_an_earlier_draft_is_found_by_its_words() -> None:
    later = drafting.everything(document(THREE, ONE))
    assert drafting.where_now(1, ONE, later) == 2
    assert drafting.where_now(1, TWO, later) == 0


@given(st.lists(st.sampled_from([ONE, TWO, THREE]), max_size=6), st.data())
def test_every_paragraph_of_both_is_told_once_or_stayed(
    texts: list[str], data: st.DataObject
) -> None:
    after = data.draw(st.permutations(texts))
    found = drafting.changes(document(*texts), document(*after))
    was = [c.was for c in found if c.was]
    now = [c.now for c in found if c.now]
    assert len(set(was)) == len(was)
    assert len(set(now)) == len(now)
    assert len(texts) - len(was) == len(after) - len(now)


def test_the_marks_of_a_draft_are_on_it() -> None:
    made = drafting.marked(
        document(ONE), version=2, issued=date(2026, 11, 20), deadline=date(2026, 12, 18)
    )
    assert made.tags[0].style == "draft"
    assert "Draft 2" in made.running
    assert "18 December 2026" in str(made.cover.notes[0])
    [chapter] = drafting.chapters(made)
    assert (chapter.first, chapter.last, chapter.title) == (1, 1, "Findings")
