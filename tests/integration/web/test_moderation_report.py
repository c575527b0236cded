"""What the report and its snapshot tell of moderation, in every form."""

from __future__ import annotations

from typing import Any

import pytest
from inspection_ground import Ground
from judgement_ground import LIMITED, write
from moderation_ground import agreed, last, make_moderation, pinned_of, placed, proposed

from kloe.assessment.permissions import Role
from kloe.assessment.positions import Position
from kloe.assessment.snapshot import Snapshot
from kloe.assessment.snapshot_moderation import Moderation
from kloe.reports import document
from kloe.web.assessments import ratings
from kloe.web.judgements import actions as judgements
from kloe.web.judgements.subjects import subject_of
from kloe.web.judgements.suggesting import suggest
from kloe.web.moderation import actions, exempting, telling
from kloe.web.reporting.snapshot import take


@pytest.fixture
def ground(db: None) -> Ground:
    return make_moderation()


def words(block: Any) -> str:
    """Every word of a block and of what stands in it."""
    return str(block)


def overridden(ground: Ground) -> Any:
    placed(ground, LIMITED, rung=3)
    proposed(ground, LIMITED, grade="excellent", reasons="All told.")
    pinned = pinned_of(ground)
    limit = suggest(ground.assessment, pinned, subject_of(pinned, LIMITED)).limits[0]
    more = {"assessment": ground.assessment, "pinned": pinned, "subject": LIMITED}
    moderator = ground.people[Role.MODERATOR]
    actions.override(
        **more, limit=limit.id, reason="It was put right in May.", seen=last(ground, LIMITED),
        write=write(moderator),
    )  # fmt: skip
    actions.agree(**more, seen=last(ground, LIMITED), write=write(moderator))
    return limit


def test_an_override_stands_beside_the_grade_and_in_the_method(ground: Ground) -> None:
    limit = overridden(ground)
    snapshot = take(ground.assessment)
    assert [o.subject for o in snapshot.moderation.overridden] == [LIMITED]
    assert snapshot.moderation.agreed == 1
    made = words(document.build(snapshot).blocks)
    assert made.count("It was put right in May.") == 2
    assert made.count("The moderator overrode a limit") == 2
    assert str(limit.source) in made
    assert "1 grade is agreed so." in made


def test_what_does_not_apply_and_what_was_told_stand_in_the_method(ground: Ground) -> None:
    pinned = pinned_of(ground)
    criterion = pinned.theme(LIMITED).criteria[1]
    ratings.rate(
        assessment=ground.assessment, pinned=pinned, criterion=criterion,
        position=Position.NOT_APPLICABLE.value, reason="They have no such homes.",
        write=write(ground.people[Role.INSPECTOR]),
    )  # fmt: skip
    assert "Not decided yet." in words(document.build(take(ground.assessment)).blocks)
    exempting.decide(
        assessment=ground.assessment, criterion=criterion, decision="agreed", words="True.",
        reason="They have no such homes.", write=write(ground.people[Role.MODERATOR]),
    )  # fmt: skip
    telling.waive(
        assessment=ground.assessment, reason="They merged.", by=ground.people[Role.LEAD_INSPECTOR]
    )
    made = words(document.build(take(ground.assessment)).blocks)
    for said in ("The moderator agreed.", "They have no such homes.", "They merged."):
        assert said in made, said


def test_the_snapshot_is_read_again_as_it_was_written(ground: Ground) -> None:
    overridden(ground)
    snapshot = take(ground.assessment)
    again = Snapshot.from_json(snapshot.to_json())
    assert again.moderation == snapshot.moderation
    assert again.to_json() == snapshot.to_json()


def test_nothing_of_it_in_a_self_assessment(assessment: Any) -> None:
    snapshot = take(assessment)
    assert snapshot.moderation == Moderation()
    assert "A moderator who had not proposed it" not in words(document.build(snapshot).blocks)


def test_no_name_stands_in_what_is_told_of_moderation(ground: Ground) -> None:
    from django.utils import timezone

    overridden(ground)
    agreed(ground)
    pinned, lead = pinned_of(ground), ground.people[Role.LEAD_INSPECTOR]
    finding = judgements.add_finding(
        assessment=ground.assessment, pinned=pinned, theme=LIMITED, kind="strength",
        text="Letters are plain.", write=write(lead),
    ).row  # fmt: skip
    told = telling.Told(
        held_on=timezone.localdate(), spoke="Lowri Haf", heard="Gwen Price, director",
        points={finding.pk: finding.text},
    )  # fmt: skip
    row = telling.prepare(
        assessment=ground.assessment, pinned=pinned, told=told, write=write(lead)
    ).row
    telling.give(feedback=row, pinned=pinned, base_version=1, by=lead)
    snapshot = take(ground.assessment)
    assert snapshot.moderation.fed_back[0].themes == 1
    assert "on 1 theme" in words(document.build(snapshot).blocks)
    for name in (str(ground.people[Role.MODERATOR]), "Lowri Haf", "Gwen Price"):
        assert name not in str(snapshot.moderation)
