"""Emerging findings: prepared from findings, given once, read by the landlord as they were told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from inspection_ground import Ground
from judgement_ground import write
from moderation_ground import THEME, make_moderation, pinned_of, placed

from kloe.assessment import stages
from kloe.assessment.permissions import LANDLORD_ROLES, Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.digest import value_digest
from kloe.core.errors import Conflict, InvalidInput
from kloe.web.assessments.saving import StaleWrite
from kloe.web.inspections import actions as inspections
from kloe.web.inspections import facts
from kloe.web.judgements import actions as judgements
from kloe.web.judgements.models import Finding
from kloe.web.moderation import telling
from kloe.web.moderation.models import Feedback, GivenFeedback

OTHER = "wao-housing-2005/1.2/4"


@pytest.fixture
def ground(db: None) -> Ground:
    return make_moderation(Stage.FIELDWORK)


def found(ground: Ground, theme: str = THEME, text: str = "Letters are plain.") -> Any:
    return judgements.add_finding(
        assessment=ground.assessment, pinned=pinned_of(ground), theme=theme, kind="strength",
        text=text, write=write(ground.people[Role.INSPECTOR]),
    ).row  # fmt: skip


def told(*findings: Any, **changes: Any) -> telling.Told:
    values: dict[str, Any] = {
        "held_on": timezone.localdate(),
        "spoke": "The lead inspector",
        "heard": "The chief executive\nThe director of homes",
        "points": {f.pk: f.text for f in findings},
        "reactions": {THEME: "They were glad."},
        "reaction": "They asked for the figures.",
    }
    return telling.Told(**(values | changes))


def prepared(ground: Ground, *findings: Any, **changes: Any) -> Any:
    return telling.prepare(
        assessment=ground.assessment, pinned=pinned_of(ground), told=told(*findings, **changes),
        write=write(ground.people[Role.LEAD_INSPECTOR]),
    ).row  # fmt: skip


def given(ground: Ground, row: Any) -> GivenFeedback:
    return telling.give(
        feedback=row, pinned=pinned_of(ground), base_version=row.version,
        by=ground.people[Role.LEAD_INSPECTOR],
    )  # fmt: skip


def test_what_was_told_is_frozen_with_its_digest(ground: Ground) -> None:
    one, other = found(ground, OTHER, "Arrears rise."), found(ground)
    row = prepared(ground, one, other)
    made = given(ground, row)
    assert [t["theme"] for t in made.content["themes"]] == [THEME, OTHER]
    assert made.content["themes"][0]["points"] == [
        {"kind": "strength", "text": "Letters are plain."}
    ]
    assert made.content["themes"][0]["reaction"] == "They were glad."
    assert made.digest == value_digest(made.content)
    Finding.objects.filter(pk=other.pk).update(text="Something else by now.")
    made.refresh_from_db()
    assert "Letters are plain." in str(made.content)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        GivenFeedback.objects.update(digest="0" * 64)
    with pytest.raises(Conflict, match="given already"):
        telling.change(
            feedback=row, pinned=pinned_of(ground), told=told(one),
            write=write(ground.people[Role.LEAD_INSPECTOR], row.version),
        )  # fmt: skip
    with pytest.raises(Conflict, match="given already"):
        given(ground, row)


def test_it_is_given_when_it_was_told_and_as_it_was_read(ground: Ground) -> None:
    row = prepared(ground)
    with pytest.raises(InvalidInput, match="Nothing is said"):
        given(ground, row)
    one = found(ground)
    telling.change(
        feedback=row, pinned=pinned_of(ground),
        told=told(one, held_on=timezone.localdate() + timedelta(days=2)),
        write=write(ground.people[Role.LEAD_INSPECTOR], 1),
    )  # fmt: skip
    with pytest.raises(Conflict, match="Somebody changed"):
        given(ground, row)
    row.refresh_from_db()
    with pytest.raises(InvalidInput, match="still to come"):
        given(ground, row)


def test_of_two_who_prepare_it_at_once_one_sees_both(ground: Ground, client_of: Any) -> None:
    one = found(ground)
    row = prepared(ground, one)
    lead = ground.people[Role.LEAD_INSPECTOR]
    telling.change(
        feedback=row, pinned=pinned_of(ground), told=told(one, spoke="Two of us"),
        write=write(lead, 1),
    )  # fmt: skip
    with pytest.raises(StaleWrite):
        telling.change(
            feedback=row, pinned=pinned_of(ground), told=told(one, spoke="Three of us"),
            write=write(lead, 1),
        )  # fmt: skip
    answer = client_of(lead).post(
        reverse("feedback-edit", args=[ground.assessment.pk, row.pk]),
        {
            "held_on": "2026-05-04", "spoke": "Three of us", "heard": "All", "base_version": 1,
            f"f-{one.pk}": "on", f"t-{one.pk}": "In other words.", "r-0": "Glad.",
        },
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Two of us" in page
    assert "Three of us" in page
    assert f'name="t-{one.pk}" value="In other words."' in page


def test_findings_of_another_inspection_are_not_told(ground: Ground) -> None:
    from uuid import uuid4

    with pytest.raises(InvalidInput, match="not in this assessment"):
        prepared(ground, points={uuid4(): "From elsewhere."})
    with pytest.raises(InvalidInput, match="who heard"):
        prepared(ground, heard="  ")


def test_it_is_prepared_and_given_in_the_browser(ground: Ground, client_of: Any) -> None:
    one, two = found(ground), found(ground, OTHER, "Arrears rise.")
    lead = client_of(ground.people[Role.LEAD_INSPECTOR])
    a = ground.assessment.pk
    form = {
        "held_on": "2026-05-04", "place": "Their office", "spoke": "The lead", "heard": "The board",
        f"f-{one.pk}": "on", f"t-{one.pk}": "Letters are plain, we said.",
        f"t-{two.pk}": "Arrears rise.", "r-0": "Glad.", "reaction": "Thanks.",
    }  # fmt: skip
    empty = lead.post(reverse("feedback-new", args=[a]), form | {"spoke": ""})
    assert empty.status_code == 422
    assert "Letters are plain, we said." in empty.content.decode()
    blank = lead.post(reverse("feedback-new", args=[a]), form | {f"t-{one.pk}": " "})
    assert "Write what was told" in blank.content.decode()
    answer = lead.post(reverse("feedback-new", args=[a]), form)
    assert answer.status_code == 303
    row = Feedback.objects.get()
    assert row.said == [
        {
            "theme": THEME,
            "points": [
                {"finding": str(one.pk), "kind": "strength", "text": "Letters are plain, we said."}
            ],
            "reaction": "Glad.",
        }
    ]
    edit = lead.get(reverse("feedback-edit", args=[a, row.pk])).content.decode()
    assert "Letters are plain, we said." in edit
    shown = lead.get(answer["Location"]).content.decode()
    assert "Being prepared" in shown
    give = reverse("feedback-give", args=[a, row.pk])
    inspector = client_of(ground.people[Role.INSPECTOR])
    assert inspector.post(give, {"base_version": row.version}).status_code == 403
    assert lead.post(give, {"base_version": row.version}).status_code == 303
    assert "no judgement" in lead.get(answer["Location"]).content.decode()
    assert lead.get(reverse("feedback-edit", args=[a, row.pk])).status_code == 303


@pytest.mark.parametrize("role", LANDLORD_ROLES)
def test_the_landlords_people_read_what_was_given_and_nothing_else(
    role: Role, ground: Ground, client_of: Any
) -> None:
    placed(ground)
    client, a = client_of(ground.people[role]), ground.assessment.pk
    first, second = prepared(ground, found(ground)), prepared(ground, found(ground, text="Not yet"))
    given(ground, first)
    listed = client.get(reverse("feedback", args=[a])).content.decode()
    assert "Feedback 1" in listed
    assert "Feedback 2" not in listed
    page = client.get(reverse("feedback-show", args=[a, first.pk])).content.decode()
    assert "Letters are plain." in page
    assert "They were glad." in page
    for route in ("theme", "findings-list", "judgements"):
        assert reverse(route, args=[a, *([THEME] if route == "theme" else [])]) not in page
    assert client.get(reverse("feedback-show", args=[a, second.pk])).status_code == 404
    for name in ("feedback-new", "feedback-waive"):
        assert client.post(reverse(name, args=[a]), {}).status_code == 403
    for name in ("feedback-edit", "feedback-give"):
        assert client.post(reverse(name, args=[a, first.pk]), {}).status_code == 403


@pytest.mark.parametrize("role", [Role.TENANT_INSPECTOR])
def test_others_read_nothing_of_it(role: Role, ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[role])
    assert client.get(reverse("feedback", args=[ground.assessment.pk])).status_code == 403


def test_drafting_begins_when_it_was_fed_back_or_said_why_not(
    ground: Ground, client_of: Any
) -> None:
    def missing() -> set[str]:
        with pytest.raises(inspections.TooEarly) as early:
            inspections.move(
                inspection=ground.inspection, to="drafting",
                base_version=ground.inspection.version, by=ground.people[Role.LEAD_INSPECTOR],
            )  # fmt: skip
        return {m.condition.key for m in early.value.missing}

    assert "feedback" in missing()
    lead, a = client_of(ground.people[Role.LEAD_INSPECTOR]), ground.assessment.pk
    none = lead.post(reverse("feedback-waive", args=[a]), {"reason": ""})
    assert none.status_code == 422
    assert "Drafting waits for a feedback" in none.content.decode()
    assert "empty" in none.content.decode()
    answer = lead.post(reverse("feedback-waive", args=[a]), {"reason": "They merged meanwhile."})
    assert answer.status_code == 303
    assert "feedback" not in missing()
    listed = lead.get(reverse("feedback", args=[a])).content.decode()
    assert "They merged meanwhile." in listed
    assert 'class="empty"' not in listed
    landlord = client_of(ground.landlord_lead).get(reverse("feedback", args=[a]))
    assert "They merged meanwhile." not in landlord.content.decode()


def test_given_satisfies_the_condition(ground: Ground) -> None:
    assert not stages.FED_BACK.holds(facts.gather(ground.inspection))
    given(ground, prepared(ground, found(ground)))
    assert stages.FED_BACK.holds(facts.gather(ground.inspection))


def test_the_same_form_sent_twice_stands_once(ground: Ground) -> None:
    one = write(ground.people[Role.LEAD_INSPECTOR])
    for _n in range(2):
        telling.prepare(
            assessment=ground.assessment, pinned=pinned_of(ground),
            told=told(held_on=date(2026, 5, 4)), write=one,
        )  # fmt: skip
    assert Feedback.objects.count() == 1
