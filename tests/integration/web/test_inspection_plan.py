"""The plan of enquiry, claims to test, the timetable and its calendar."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.web.assessments import actions as assessments
from kloe.web.audit.models import AuditEvent
from kloe.web.ids import new_id
from kloe.web.inspections import enquiry, facts, fieldwork, planning
from kloe.web.inspections.enquiry import Wanted
from kloe.web.inspections.fieldwork import Entry
from kloe.web.inspections.models import BroughtIn, BroughtTheme, PlannedQuestion
from kloe.web.library import store


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


@pytest.fixture
def theme(ground: Ground) -> Any:
    return store.pinned(ground.assessment).theme(THEME)


def assign(ground: Ground, lead: Role | None, second: Role | None) -> Any:
    return enquiry.assign(
        assessment=ground.assessment,
        theme=THEME,
        lead=ground.people.get(lead) if lead else None,
        second=ground.people.get(second) if second else None,
        due=date(2026, 6, 1),
        by=ground.chief,
    )


def plan(ground: Ground, question: str, base: int = 0, **wanted: Any) -> PlannedQuestion:
    return enquiry.plan_question(
        assessment=ground.assessment,
        question=question,
        wanted=Wanted(**wanted),
        base_version=base,
        by=ground.chief,
    )


def test_a_theme_has_a_lead_and_a_second_reader(ground: Ground) -> None:
    work = assign(ground, Role.INSPECTOR, Role.SPECIALIST)
    assert (work.lead, work.second) == (
        ground.people[Role.INSPECTOR],
        ground.people[Role.SPECIALIST],
    )
    with pytest.raises(InvalidInput, match="lead and second reader"):
        assign(ground, Role.INSPECTOR, Role.INSPECTOR)
    before = facts.gather(ground.inspection)
    assert before.without_lead == before.without_second == before.themes - 1


def test_a_stranger_leads_nothing(ground: Ground, user_with: Any) -> None:
    with pytest.raises(InvalidInput, match="no part"):
        enquiry.assign(
            assessment=ground.assessment,
            theme=THEME,
            lead=user_with(),
            second=None,
            due=None,
            by=ground.chief,
        )


def test_published_questions_are_planned_at_once_and_once(ground: Ground, theme: Any) -> None:
    assign(ground, Role.INSPECTOR, Role.SPECIALIST)
    assert enquiry.adopt(assessment=ground.assessment, theme=THEME, by=ground.chief) == len(
        theme.questions
    )
    assert enquiry.adopt(assessment=ground.assessment, theme=THEME, by=ground.chief) == 0
    assert {r.who for r in PlannedQuestion.objects.all()} == {ground.people[Role.INSPECTOR]}
    known = facts.gather(ground.inspection)
    assert known.unplanned == known.themes - 1


def test_questions_are_tailored_dropped_and_added(ground: Ground, theme: Any) -> None:
    first, detailed = theme.questions[0].id, theme.detailed_questions[0].id
    tailored = plan(ground, detailed, state="tailored", text="How do you do it in Welsh?")
    assert tailored.text == "How do you do it in Welsh?"
    with pytest.raises(InvalidInput, match="no words"):
        plan(ground, first, state="tailored")
    with pytest.raises(InvalidInput, match="without a reason"):
        plan(ground, first, state="dropped")
    plan(ground, first, state="dropped", reason="Answered by the figures.")
    enquiry.add_question(
        assessment=ground.assessment,
        theme=THEME,
        wanted=Wanted(state="added", text="Who checks the letters?"),
        by=ground.chief,
    )
    lines = enquiry.plan_of(ground.assessment, theme)
    states = {n.key: n.state for n in lines}
    assert (states[first], states[detailed]) == ("dropped", "tailored")
    assert lines[-1].text == "Who checks the letters?"
    assert [n.key for n in lines[:-1]] == list(enquiry.framework_questions(theme))
    assert len(lines) == len(theme.questions) + len(theme.detailed_questions) + 1


def test_two_who_plan_a_question_at_once(ground: Ground, theme: Any) -> None:
    question = theme.questions[0].id
    plan(ground, question, state="asked", how="interview")
    with pytest.raises(Conflict, match="Somebody else"):
        plan(ground, question, state="dropped", reason="No")
    row = plan(ground, question, 1, state="asked", how="visit")
    assert (row.how, row.version) == ("visit", 2)


@pytest.mark.parametrize(
    "wanted", [{"state": "nonsense"}, {"how": "telepathy"}, {"state": "added"}]
)
def test_what_is_no_plan_is_refused(ground: Ground, theme: Any, wanted: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        plan(ground, theme.questions[0].id, **wanted)


def test_what_is_out_of_scope_or_unknown_is_not_planned(ground: Ground, theme: Any) -> None:
    with pytest.raises(NotFound):
        plan(ground, f"{THEME}/Q99")
    assessments.set_scope(
        assessment=ground.assessment, choices={THEME: (False, "Not now")}, by=ground.chief
    )
    with pytest.raises(NotFound, match="not in scope"):
        plan(ground, theme.questions[0].id)


def test_the_plan_in_the_browser(ground: Ground, theme: Any, client_of: Any) -> None:
    client = client_of(ground.people[Role.INSPECTOR])
    a = ground.assessment.pk
    lead, second = ground.people[Role.INSPECTOR].pk, ground.people[Role.SPECIALIST].pk
    saved = client.post(
        reverse("enquiry-people", args=[a, THEME]), {"lead": lead, "second": second, "due": ""}
    )
    assert saved.status_code == 303
    same = client.post(reverse("enquiry-people", args=[a, THEME]), {"lead": lead, "second": lead})
    assert same.status_code == 422
    assert "second reader" in same.content.decode()
    question = theme.questions[0].id
    address = reverse("enquiry-question", args=[a, question])
    form = {"state": "asked", "how": "interview", "whom": "Head of housing", "who": lead}
    assert client.get(address).status_code == 200
    assert client.post(address, form | {"base_version": "0"}).status_code == 303
    stale = client.post(address, form | {"base_version": "0", "whom": "Somebody else"})
    assert stale.status_code == 409
    assert "Somebody else" in stale.content.decode()
    row = str(new_id())
    for _n in range(2):
        client.post(
            reverse("enquiry-add", args=[a, THEME]),
            {"state": "added", "text": "And who checks?", "row": row, "how": "interview"},
        )
    own = PlannedQuestion.objects.get(question="")
    dropped = client.post(
        reverse("enquiry-own", args=[a, own.pk]),
        {"state": "dropped", "text": own.text, "reason": "Asked already", "base_version": "1"},
    )
    assert dropped.status_code == 303
    page = client.get(reverse("enquiry-theme", args=[a, THEME])).content.decode()
    assert "Head of housing" in page
    assert "Asked already" in page
    guide = client.get(reverse("enquiry-guides", args=[a]) + "?how=interview").content.decode()
    assert "Head of housing" in guide
    assert "And who checks?" not in guide
    assert client.get(reverse("enquiry-guides", args=[a]) + "?who=nonsense").status_code == 200


def test_the_plan_takes_a_fixed_number_of_queries(
    ground: Ground, django_assert_num_queries: Any
) -> None:
    pinned = store.pinned(ground.assessment)
    enquiry.adopt(assessment=ground.assessment, theme=THEME, by=ground.chief)
    with django_assert_num_queries(2):
        assert planning.themes(ground.assessment, pinned)
    with django_assert_num_queries(2):
        assert planning.guides(ground.assessment, pinned)


# Claims --------------------------------------------------------------------------------------


def brought(ground: Ground, theme: Any) -> None:
    made = BroughtIn.objects.create(
        inspection=ground.inspection, source=new_id(), title="Theirs", snapshot={}, digest="0" * 64
    )
    bare = {"kinds": [], "enough": False, "contradicted": False, "evidence": []}
    first, second, third = theme.criteria[:3]
    best = theme.criteria[0].form == "paired"
    assert best
    BroughtTheme.objects.create(
        brought_in=made,
        assessment=ground.assessment,
        theme=theme.id,
        content={
            "criteria": {
                first.id: {"position": "between", "reason": "We mostly do.", **bare},
                second.id: {"position": "upper", "reason": "Every tenant is told.", **bare},
                third.id: {"position": "lower", "reason": "We are poor at this.", **bare},
            },
            "findings": [],
        },
    )


def test_the_boldest_with_the_weakest_proof_stand_first(
    ground: Ground, theme: Any, client_of: Any
) -> None:
    brought(ground, theme)
    found = planning.claims_of(ground.assessment, store.pinned(ground.assessment))
    assert [c.claim.words for c in found] == ["Every tenant is told.", "We mostly do."]
    page = client_of(ground.people[Role.INSPECTOR]).get(
        reverse("claims", args=[ground.assessment.pk])
    )
    text = page.content.decode()
    assert text.index("Every tenant is told.") < text.index("We mostly do.")
    assert "We are poor at this." not in text
    assert "It gives no evidence." in text


# The timetable -------------------------------------------------------------------------------

MONDAY = date(2026, 6, 1)


def entry(**more: Any) -> Entry:
    values: dict[str, Any] = {
        "day": MONDAY,
        "start": time(10),
        "end": time(11),
        "what": "Interview",
    }
    return Entry(**(values | more))


def test_an_entry_is_added_changed_and_taken_out(ground: Ground) -> None:
    inspector = ground.people[Role.INSPECTOR]
    visit = fieldwork.add(
        inspection=ground.inspection, entry=entry(people=[inspector]), by=ground.chief
    )
    fieldwork.change(visit=visit, entry=entry(place="Office"), base_version=1, by=ground.chief)
    with pytest.raises(Conflict, match="Somebody else"):
        fieldwork.change(visit=visit, entry=entry(place="Shop"), base_version=1, by=ground.chief)
    visit.refresh_from_db()
    assert visit.place == "Office"
    fieldwork.remove(visit=visit, by=ground.chief)
    assert AuditEvent.objects.filter(verb="removed visit").exists()
    with pytest.raises(InvalidInput, match="end before"):
        fieldwork.add(inspection=ground.inspection, entry=entry(end=time(9)), by=ground.chief)


def test_somebody_in_two_places_is_shown(ground: Ground, client_of: Any) -> None:
    who = [ground.people[Role.INSPECTOR]]
    for start, end in ((time(10), time(11)), (time(10, 30), time(12)), (time(12), time(13))):
        fieldwork.add(
            inspection=ground.inspection,
            entry=entry(start=start, end=end, people=who),
            by=ground.chief,
        )
    visits = list(ground.inspection.visits.prefetch_related("people"))
    assert len(fieldwork.clashes(visits)) == 2
    page = client_of(who[0]).get(reverse("timetable", args=[ground.assessment.pk]))
    assert "2 entries clash" in page.content.decode()


def test_the_timetable_is_built_from_the_plan(ground: Ground, theme: Any, client_of: Any) -> None:
    lead = ground.people[Role.INSPECTOR]
    for question, whom in zip(theme.questions, ("Head of housing", "Rent officers"), strict=False):
        plan(ground, question.id, state="asked", how="interview", whom=whom, who=lead)
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    address = reverse("timetable-build", args=[ground.assessment.pk])
    assert client.post(address, {"first": "2026-06-01", "last": "2026-06-02"}).status_code == 303
    visits = list(ground.inspection.visits.prefetch_related("people"))
    assert len(visits) == min(2, len(theme.questions))
    assert not fieldwork.clashes(visits)
    assert {u for v in visits for u in v.people.all()} == {lead}
    client.post(address, {"first": "2026-06-01", "last": "2026-06-02"})
    assert ground.inspection.visits.count() == len(visits)
    weekend = client.post(address, {"first": "2026-06-06", "last": "2026-06-07"})
    assert weekend.status_code == 422
    assert "No fieldwork fits" in weekend.content.decode()


def test_the_calendar_file_has_every_entry_or_ones_own(ground: Ground, client_of: Any) -> None:
    mine, other = ground.people[Role.INSPECTOR], ground.people[Role.SPECIALIST]
    one = fieldwork.add(
        inspection=ground.inspection, entry=entry(what="Mine", people=[mine]), by=ground.chief
    )
    fieldwork.add(
        inspection=ground.inspection, entry=entry(what="Other", people=[other]), by=ground.chief
    )
    client = client_of(mine)
    address = reverse("timetable-calendar", args=[ground.assessment.pk])
    whole = client.get(address)
    assert whole["Content-Type"].startswith("text/calendar")
    text = whole.content.decode()
    assert text.count("BEGIN:VEVENT") == 2
    # British summer time: ten o'clock is nine in universal time.
    assert "DTSTART:20260601T090000Z" in text
    assert f"UID:{one.pk}@kloe" in text
    own = client.get(address + "?mine").content.decode()
    assert "SUMMARY:Mine" in own
    assert "SUMMARY:Other" not in own


# The demonstration ---------------------------------------------------------------------------


def test_what_the_demonstration_says_of_its_inspection_fits_the_framework() -> None:
    from kloe.assessment.permissions import LANDLORD_ROLES, TEAM_ROLES
    from kloe.assessment.vocabulary import InspectionStage
    from kloe.frameworks import library
    from kloe.measures.catalogue import catalogue
    from kloe.web.demonstration import build

    said = build.read("inspection.yaml")
    framework = library.load("wao-housing-2005")
    roles = {one["role"] for one in said["people"].values()} | set(said["landlord"].values())
    assert roles == {r.value for r in TEAM_ROLES}
    assert set(said["landlord"].values()) == {r.value for r in LANDLORD_ROLES}
    assert set(said["stages"]) <= {s.value for s in InspectionStage}
    planned = [one["question"] for one in said["questions"]] + [said["dropped"]["question"]]
    for question in planned:
        theme = framework.theme(question.rpartition("/")[0])
        assert question in enquiry.framework_questions(theme), question
        assert theme.number.split("/")[0] in said["inspection"]["kloes"]
    for one in [*said["questions"], said["added"]]:
        assert one["how"] in enquiry.METHODS
    for rating in said["ratings"]:
        keys = {c.key for c in framework.theme(rating["theme"]).criteria}
        assert rating["at"] in keys
    assert all(catalogue().source(m) for m in said["measures"])
