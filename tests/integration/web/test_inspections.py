"""An inspection as a process: opened, moved, refused, dated; who may name which landlord."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from inspection_ground import Ground, make_ground

from kloe.assessment import stages
from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.web.assessments.models import Assessment
from kloe.web.audit.models import AuditEvent
from kloe.web.inspections import actions, facts
from kloe.web.inspections.models import Inspection, StageMove
from kloe.web.organisations.models import Organisation


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


@pytest.fixture
def bare(db: None) -> Ground:
    return make_ground(team=False)


def dates(inspection: Any, by: Any, start: date = date(2026, 4, 1)) -> None:
    days = {s.value: start + timedelta(days=14 * n) for n, s in enumerate(stages.PLANNED_STAGES)}
    inspection.refresh_from_db()
    actions.set_dates(inspection=inspection, dates=days, base_version=inspection.version, by=by)
    inspection.refresh_from_db()


# Opening -------------------------------------------------------------------------------------


def test_an_inspection_belongs_to_who_inspects_and_is_about_the_landlord(bare: Ground) -> None:
    a = bare.assessment
    assert a.organisation == bare.inspectorate
    assert a.landlord.name == "Tai Landlord"
    assert a.landlord_id == a.subject_id != bare.landlord.pk
    assert a.landlord.named_by == bare.inspectorate
    assert bare.inspection.stage == "preparing"
    assert [m.after for m in bare.inspection.moves.all()] == ["preparing"]


def test_a_landlord_is_entered_once_by_name(bare: Ground) -> None:
    again = actions.enter_landlord(
        inspecting=bare.inspectorate, name="  tai   LANDLORD ", by=bare.chief
    )
    assert again == bare.assessment.landlord


def test_nobody_names_an_organisation_that_is_not_theirs(bare: Ground) -> None:
    assert bare.landlord not in actions.nameable(bare.chief, bare.inspectorate)
    with pytest.raises(PermissionRefused):
        actions.create(
            organisation=bare.inspectorate,
            landlord=bare.landlord,
            kind="inspection",
            frameworks=["wao-housing-2005"],
            title="Not allowed",
            period_start=date(2025, 4, 1),
            period_end=date(2026, 3, 31),
            by=bare.chief,
        )


def test_the_form_shows_no_organisation_of_others(bare: Ground, client_of: Any) -> None:
    Organisation.objects.create(name="Secret Homes")
    page = client_of(bare.chief).get(reverse("inspection-create"))
    assert page.status_code == 200
    assert "Secret Homes" not in page.content.decode()


def test_an_inspection_is_opened_in_the_browser(bare: Ground, client_of: Any) -> None:
    client = client_of(bare.chief)
    form = {
        "organisation": bare.inspectorate.pk,
        "kind": "inspection",
        "name": "Cartrefi Newydd",
        "jurisdiction": "wales",
        "title": "Inspection of Cartrefi Newydd",
        "frameworks": ["wao-housing-2005"],
        "period_start": "2025-04-01",
        "period_end": "2026-03-31",
        "lead": bare.chief.pk,
    }
    answer = client.post(reverse("inspection-create"), form)
    assert answer.status_code == 303
    made = Assessment.objects.get(title="Inspection of Cartrefi Newydd")
    assert made.landlord.name == "Cartrefi Newydd"
    assert made.participations.get().role == "lead inspector"
    assert client.get(answer["Location"]).status_code == 200
    nothing = client.post(reverse("inspection-create"), form | {"name": ""})
    assert nothing.status_code == 422
    assert "write its name" in nothing.content.decode()


def test_a_re_inspection_says_of_which_inspection(bare: Ground, client_of: Any) -> None:
    values: dict[str, Any] = {
        "organisation": bare.inspectorate,
        "landlord": bare.assessment.landlord,
        "frameworks": ["wao-housing-2005"],
        "title": "Again",
        "period_start": date(2026, 4, 1),
        "period_end": date(2027, 3, 31),
        "by": bare.chief,
    }
    with pytest.raises(InvalidInput, match="looked at again"):
        actions.create(kind="re-inspection", **values)
    with pytest.raises(InvalidInput, match="Only a re-inspection"):
        actions.create(kind="inspection", again=bare.assessment, **values)
    made = actions.create(kind="re-inspection", again=bare.assessment, **values)
    assert Inspection.objects.get(assessment=made).again == bare.assessment
    page = client_of(bare.chief).get(reverse("inspection", args=[made.pk]))
    assert "looks again at Inspection 2026" in page.content.decode()


def test_a_re_inspection_of_a_landlord_that_was_tied_begins_with_its_name(ground: Ground) -> None:
    Assessment.objects.filter(pk=ground.assessment.pk).update(subject=ground.landlord)
    ground.assessment.refresh_from_db()
    made = actions.create(
        organisation=ground.inspectorate,
        landlord=ground.landlord,
        kind="re-inspection",
        again=ground.assessment,
        frameworks=["wao-housing-2005"],
        title="Again",
        period_start=date(2026, 4, 1),
        period_end=date(2027, 3, 31),
        by=ground.chief,
    )
    assert made.landlord != ground.landlord
    assert made.landlord.name == ground.landlord.name


def test_another_organisations_inspection_cannot_be_looked_at_again(
    bare: Ground, other_org: Any
) -> None:
    with pytest.raises(NotFound):
        actions.create(
            organisation=other_org,
            landlord="Somebody",
            kind="re-inspection",
            again=bare.assessment,
            frameworks=["wao-housing-2005"],
            title="Again",
            period_start=date(2026, 4, 1),
            period_end=date(2027, 3, 31),
            by=None,
        )


def test_a_mock_inspection_may_be_of_oneself_and_nothing_else(bare: Ground) -> None:
    values: dict[str, Any] = {
        "organisation": bare.inspectorate,
        "landlord": bare.inspectorate,
        "frameworks": ["wao-housing-2005"],
        "title": "Of ourselves",
        "period_start": date(2026, 4, 1),
        "period_end": date(2027, 3, 31),
        "by": bare.chief,
    }
    with pytest.raises(InvalidInput, match="inspect itself"):
        actions.create(kind="inspection", **values)
    made = actions.create(kind="mock-inspection", **values)
    assert made.landlord == bare.inspectorate
    assert facts.gather(Inspection.objects.get(assessment=made)).landlord_named


def test_records_and_indicators_follow_the_landlord(ground: Ground, client_of: Any) -> None:
    asked: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        from kloe.web.indicators import views_analysis

        patch.setattr(views_analysis, "records_of", asked.append)
        page = client_of(ground.people[Role.INSPECTOR]).get(
            reverse("analysis", args=[ground.assessment.pk])
        )
    assert page.status_code == 200
    assert asked == [ground.assessment.subject_id]


# Stages --------------------------------------------------------------------------------------


def test_it_moves_on_when_everything_holds(bare: Ground) -> None:
    from kloe.web.inspections import team

    with pytest.raises(actions.TooEarly) as early:
        actions.move(inspection=bare.inspection, to="scoping", base_version=1, by=bare.chief)
    assert {m.condition.key for m in early.value.missing} == {"lead", "dates"}
    team.join(inspection=bare.inspection, person=bare.chief, role="lead inspector", by=None)
    dates(bare.inspection, bare.chief)
    moved = actions.move(inspection=bare.inspection, to="scoping", base_version=2, by=bare.chief)
    assert (moved.stage, moved.version) == ("scoping", 3)
    assert [m.after for m in StageMove.objects.filter(inspection=moved)] == [
        "preparing",
        "scoping",
    ]


def test_the_wrong_person_is_refused_and_the_trail_says_so(ground: Ground) -> None:
    dates(ground.inspection, ground.chief)
    for role in (Role.INSPECTOR, Role.MODERATOR, Role.LANDLORD_LEAD, Role.OBSERVER):
        with pytest.raises(PermissionRefused, match="may not make"):
            actions.move(
                inspection=ground.inspection,
                to="scoping",
                base_version=2,
                by=ground.people[role],
            )
    told = AuditEvent.objects.filter(verb="could not move stage")
    assert told.count() == 4
    assert ground.people[Role.INSPECTOR].email in set(told.values_list("actor", flat=True))
    ground.inspection.refresh_from_db()
    assert (ground.inspection.stage, ground.inspection.version) == ("preparing", 2)


def test_of_two_who_move_at_once_the_second_is_told(ground: Ground, client_of: Any) -> None:
    dates(ground.inspection, ground.chief)
    lead = ground.people[Role.LEAD_INSPECTOR]
    actions.move(inspection=ground.inspection, to="scoping", base_version=2, by=lead)
    with pytest.raises(Conflict, match="Somebody else changed"):
        actions.move(inspection=ground.inspection, to="scoping", base_version=2, by=lead)
    answer = client_of(lead).post(
        reverse("stage-move", args=[ground.assessment.pk]), {"to": "scoping", "base_version": "2"}
    )
    assert answer.status_code == 409
    assert "scoping" in answer.content.decode()
    assert AuditEvent.objects.filter(verb="could not move stage").count() == 2
    assert StageMove.objects.filter(after="scoping").count() == 1


def test_going_back_needs_a_reason(ground: Ground) -> None:
    inspection, lead = ground.at(Stage.PLANNING), ground.people[Role.LEAD_INSPECTOR]
    with pytest.raises(InvalidInput, match="without a reason"):
        actions.move(inspection=inspection, to="scoping", base_version=1, by=lead, reason=" ")
    moved = actions.move(
        inspection=inspection, to="scoping", base_version=1, by=lead, reason="A new allegation."
    )
    assert moved.stage == "scoping"
    assert moved.moves.last().reason == "A new allegation."


def test_words_that_do_not_fit_are_refused_and_never_cut(ground: Ground) -> None:
    """What people say stands whole or is asked for again: half a reason is no reason."""
    from uuid import uuid4

    from kloe.web.assessments import actions as assessments
    from kloe.web.assessments.saving import Write
    from kloe.web.inspections import handover

    inspection = ground.at(Stage.FIELDWORK)
    here, lead = ground.assessment, ground.people[Role.LEAD_INSPECTOR]
    theme = here.themes.first()
    long = "Because. " * 600
    for tried in (
        lambda: actions.move(
            inspection=inspection, to="scoping", base_version=1, by=lead, reason=long
        ),
        lambda: handover.say_none(inspection=inspection, reason=long, base_version=1, by=lead),
        lambda: assessments.set_scope(
            assessment=here, choices={theme.theme: (False, long)}, by=lead
        ),
        lambda: assessments.comment(
            assessment=here, criterion="wao-housing-2005/1.2/3/account-set-up", kind="unclear",
            text=long, write=Write(uuid4(), 0, lead),
        ),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=r"has 5399 characters"):
            tried()
    inspection.refresh_from_db()
    assert (inspection.stage, inspection.no_self_assessment) == ("fieldwork", "")


@pytest.mark.parametrize("to", ["published", "preparing", "", "nonsense", "closed"])
def test_no_stage_is_leapt_over(ground: Ground, to: str) -> None:
    with pytest.raises(InvalidInput, match="No way leads"):
        actions.move(inspection=ground.inspection, to=to, base_version=1, by=ground.chief)


def test_the_moderator_sends_the_draft_out_and_the_lead_does_not(ground: Ground) -> None:
    inspection = ground.at(Stage.MODERATION)
    lead, moderator = ground.people[Role.LEAD_INSPECTOR], ground.people[Role.MODERATOR]
    with pytest.raises(PermissionRefused):
        actions.move(inspection=inspection, to="factual accuracy", base_version=1, by=lead)
    with pytest.raises(actions.TooEarly, match="no agreed judgement"):
        actions.move(inspection=inspection, to="factual accuracy", base_version=1, by=moderator)


def test_history_is_append_only(ground: Ground) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StageMove.objects.update(reason="rewritten")


def test_other_apps_add_what_conditions_ask(ground: Ground) -> None:
    def source(assessment: Any) -> dict[str, int]:
        return {"challenges_open": 2}

    inspection = ground.at(Stage.FACTUAL_ACCURACY)
    lead = ground.people[Role.LEAD_INSPECTOR]
    facts.register(source)
    try:
        with pytest.raises(actions.TooEarly, match="2 challenges have no answer"):
            actions.move(inspection=inspection, to="published", base_version=1, by=lead)
    finally:
        facts._sources.remove(source)
    with pytest.raises(actions.TooEarly) as told:
        actions.move(inspection=inspection, to="published", base_version=1, by=lead)
    assert "challenges" not in {m.condition.key for m in told.value.missing}


def test_facts_take_a_fixed_number_of_queries(
    ground: Ground, django_assert_max_num_queries: Any
) -> None:
    facts.gather(ground.inspection)
    with django_assert_max_num_queries(20):
        facts.gather(ground.inspection)


def test_dates_stand_in_the_order_of_stages(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.chief)
    address = reverse("inspection-dates", args=[ground.assessment.pk])
    answer = client.post(
        address, {"stage0": "2026-05-01", "stage1": "2026-04-01", "base_version": "1"}
    )
    assert answer.status_code == 422
    assert "would begin before" in answer.content.decode()
    assert client.post(address, {"stage0": "2026-04-01", "base_version": "1"}).status_code == 303
    stale = client.post(address, {"stage0": "2026-04-02", "base_version": "1"})
    assert stale.status_code == 422
    assert "Somebody else changed" in stale.content.decode()
    assert ground.inspection.planned.get().date == date(2026, 4, 1)


def test_the_page_says_where_it_is_and_what_is_missing(ground: Ground, client_of: Any) -> None:
    page = client_of(ground.people[Role.LEAD_INSPECTOR]).get(
        reverse("inspection", args=[ground.assessment.pk])
    )
    text = page.content.decode()
    assert "Preparing" in text
    assert "No planned date: scoping, planning" in text
    seen = client_of(ground.people[Role.LANDLORD_LEAD]).get(
        reverse("inspection", args=[ground.assessment.pk])
    )
    assert seen.status_code == 200
    assert "Moving on" not in seen.content.decode()


def test_a_stage_begun_after_its_day_is_late(ground: Ground, client_of: Any) -> None:
    day = timezone.localdate() - timedelta(days=3)
    actions.set_dates(
        inspection=ground.inspection, dates={"scoping": day}, base_version=1, by=ground.chief
    )
    page = client_of(ground.chief).get(reverse("inspection", args=[ground.assessment.pk]))
    assert "late" in page.content.decode()


def test_an_own_assessment_has_no_stages(assessment: Any, lead: Any, client_of: Any) -> None:
    assert client_of(lead).get(reverse("inspection", args=[assessment.pk])).status_code == 404


# The table itself ----------------------------------------------------------------------------


def test_every_stage_is_reached_and_every_move_is_made_by_somebody() -> None:
    reached = {m.after for m in stages.MOVES if not m.back}
    assert reached == set(Stage) - {Stage.PREPARING}
    assert all(m.roles for m in stages.MOVES)
    assert all(m.needs_reason == m.back for m in stages.MOVES)
    assert len({(m.before, m.after) for m in stages.MOVES}) == len(stages.MOVES)


def test_every_condition_says_what_is_missing_and_where() -> None:
    conditions = {c for m in stages.MOVES for c in m.conditions}
    poor = stages.Facts(
        undated=(Stage.SCOPING,), without_lead=1, unplanned=1, requests_open=1, criteria=2,
        unproposed=1, unagreed=1, overall_open=1,
        more={
            "challenges_open": 1, "checks_open": 1, "draft_days_left": 2, "feedback_missing": 1,
            "exemptions_open": 1, "publication_missing": 1,
            "draft_unissued": 1, "grades_moving": 1,
        },
    )  # fmt: skip
    for condition in conditions:
        assert not condition.holds(poor), condition.key
        assert str(condition.missing(poor)), condition.key
        assert str(condition.wanted)


def test_nothing_published_goes_back() -> None:
    assert not [m for m in stages.MOVES if m.back and m.before is Stage.PUBLISHED]
