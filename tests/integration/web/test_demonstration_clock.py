"""The clock of the demonstration: weeks ago while it stands there, and never afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.assessments.models import Assessment
from kloe.web.demonstration import build
from kloe.web.demonstration.clock import ORDER, Diary, standing_at

THEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_everything_done_within_bears_the_moment() -> None:
    before = timezone.now()
    with standing_at(THEN):
        assert timedelta() <= timezone.now() - THEN < timedelta(minutes=1)
        assert timezone.localdate() == THEN.date()
        default: Any = Assessment._meta.get_field("created_at").default
        assert default().date() == THEN.date()
        assert timezone.template_localtime(before).tzinfo == timezone.get_current_timezone()
        with standing_at(THEN - timedelta(days=3)):
            assert timezone.localdate() == THEN.date() - timedelta(days=3)
        assert timezone.localdate() == THEN.date()
    assert timezone.now() >= before


def test_the_clock_is_right_again_after_a_fault() -> None:
    def fail() -> None:
        with standing_at(THEN):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert timezone.now() > THEN + timedelta(days=1)


def test_nothing_is_dated_ahead() -> None:
    now = timezone.now()
    with standing_at(now + timedelta(days=2)):
        assert timezone.now() - now < timedelta(minutes=1)


@pytest.mark.parametrize("said", build.read("caseload.yaml")["inspections"])
def test_the_stages_of_a_case_follow_each_other(said: dict[str, Any]) -> None:
    stage = Stage(said["stage"])
    diary = Diary(said, stage)
    reached = ORDER[1 : ORDER.index(stage) + 1]
    began = [b for s in reached if (b := diary.began(s))]
    assert len(began) == len(reached)
    assert [diary.opened(), *began] == sorted([diary.opened(), *began])
    assert not began or began[-1].date() <= diary.today
    held = said.get("feedback", {}).get("held")
    drafting = diary.began(Stage.DRAFTING)
    assert held is None or (drafting and diary.day(held) <= drafting.date())
    with diary.at(stage, 0.5):
        now = timezone.now()
    assert not began or began[-1] <= now <= timezone.now()
