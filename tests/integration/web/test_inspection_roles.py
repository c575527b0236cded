"""Role by stage by group of routes: who sees and does what in an inspection, by real requests."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import LANDLORD_ROLES, TEAM_ROLES, Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.ids import new_id
from kloe.web.inspections import requests
from kloe.web.library import store

SEES, REFUSED, GONE = "sees", "refused", "gone"
STAGES = tuple(Stage)
EARLY = STAGES[: STAGES.index(Stage.FACTUAL_ACCURACY)]
LATE = STAGES[STAGES.index(Stage.FACTUAL_ACCURACY) :]

INSIDE = {Role.LEAD_INSPECTOR, Role.INSPECTOR, Role.SPECIALIST, Role.MODERATOR, Role.OBSERVER}
WORKS = {Role.LEAD_INSPECTOR, Role.INSPECTOR, Role.SPECIALIST}
LANDLORD = set(LANDLORD_ROLES)

#: Group of routes: (method, routes) with who is let in, and until which stage.
GROUPS: dict[str, tuple[str, tuple[str, ...], set[Role], Stage | None]] = {
    "the inspection's page": ("GET", ("inspection", "inspection-team"), set(TEAM_ROLES), None),
    "documents": ("GET", ("documents", "inspection-self-assessment"), INSIDE | LANDLORD, None),
    "working papers": (
        "GET",
        (
            "overview", "theme", "evidence-list", "judgements", "findings-list", "indicators",
            "enquiry-plan", "enquiry-theme", "claims", "timetable", "timetable-calendar",
            "enquiry-guides", "scope", "context",
        ),
        INSIDE,
        None,
    ),
    "ratings": (
        "POST",
        ("rate", "rate-undo"),
        {Role.LEAD_INSPECTOR, Role.INSPECTOR},
        Stage.MODERATION,
    ),
    "judging": (
        "POST",
        ("judgement-provisional", "judgement-decide"),
        {Role.LEAD_INSPECTOR},
        Stage.MODERATION,
    ),
    "answers and findings": ("POST", ("answer", "finding-add"), WORKS, Stage.FACTUAL_ACCURACY),
    "evidence": ("POST", ("evidence-add",), WORKS, Stage.FACTUAL_ACCURACY),
    "planning": (
        "POST",
        ("enquiry-people", "enquiry-adopt", "enquiry-question", "timetable-build", "visit-add"),
        WORKS,
        Stage.FIELDWORK,
    ),
    "scope": ("POST", ("scope-set",), {Role.LEAD_INSPECTOR}, Stage.FIELDWORK),
    "asking for documents": ("POST", ("document-ask",), WORKS, Stage.FACTUAL_ACCURACY),
    "sending documents": ("POST", ("document-give",), WORKS | LANDLORD, Stage.FACTUAL_ACCURACY),
    "handing over": ("GET", ("hand-over",), {Role.LANDLORD_LEAD}, Stage.FIELDWORK),
    "managing": (
        "POST",
        ("inspection-dates", "no-self-assessment"),
        {Role.LEAD_INSPECTOR},
        Stage.FACTUAL_ACCURACY,
    ),
    # Who may read it is no part of what was published.
    "inviting": ("POST", ("inspection-invite",), {Role.LEAD_INSPECTOR}, None),
    "moving": ("POST", ("stage-move",), {Role.LEAD_INSPECTOR, Role.MODERATOR}, None),
    "the trail": ("GET", ("audit-assessment",), {Role.LEAD_INSPECTOR, Role.MODERATOR}, None),
    "cases behind figures": (
        "GET", ("measure-cases",), WORKS, None,
    ),
}  # fmt: skip


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


def _arguments(ground: Ground) -> dict[str, list[Any]]:
    from datetime import date

    a, theme = ground.assessment.pk, store.pinned(ground.assessment).theme(THEME)
    row = requests.ask(
        inspection=ground.inspection, what="Policy", due=date(2026, 5, 1), by=ground.chief
    )
    named = {
        "theme": theme.id,
        "rate": theme.criteria[0].id,
        "rate-undo": theme.criteria[0].id,
        "answer": theme.questions[0].id,
        "finding-add": theme.id,
        "judgement-provisional": theme.id,
        "judgement-decide": theme.id,
        "enquiry-theme": theme.id,
        "enquiry-people": theme.id,
        "enquiry-adopt": theme.id,
        "enquiry-question": theme.questions[0].id,
        "document-give": row.pk,
        "measure-cases": "rents/accounts-before-start",
    }
    return {name: [a, value] for name, value in named.items()}


def _ask(client: Any, method: str, name: str, arguments: list[Any]) -> int:
    address = reverse(name, args=arguments)
    answer = client.get(address) if method == "GET" else client.post(address, {})
    return int(answer.status_code)


@pytest.mark.parametrize("stage", STAGES)
def test_each_role_gets_at_each_stage_what_the_table_says(
    stage: Stage, ground: Ground, client_of: Any
) -> None:
    given = _arguments(ground)
    clients = {role: client_of(person) for role, person in ground.people.items()}
    for group, (method, routes, roles, until) in GROUPS.items():
        open_ = until is None or STAGES.index(stage) <= STAGES.index(until)
        for name in routes:
            arguments = given.get(name, [ground.assessment.pk])
            for role in TEAM_ROLES:
                # Each begins at the stage again: a granted move or write changes nothing here.
                ground.at(stage)
                status = _ask(clients[role], method, name, arguments)
                assert status < 500, (group, name, role, stage, status)
                if role in roles and open_:
                    assert status not in {403} or name == "stage-move", (
                        group, name, role, stage, status,
                    )  # fmt: skip
                else:
                    assert status == 403, (group, name, role, stage, status)


def test_every_role_and_no_stage_is_left_out_of_the_table() -> None:
    assert set().union(*(roles for _m, _r, roles, _u in GROUPS.values())) == set(TEAM_ROLES)
    assert set(EARLY) | set(LATE) == set(Stage)


@pytest.mark.parametrize("role", LANDLORD_ROLES)
def test_the_landlords_people_see_the_draft_only_when_it_is_theirs(
    role: Role, ground: Ground
) -> None:
    from kloe.assessment.permissions import Permission
    from kloe.web.access import fetch_assessment

    for stage in Stage:
        ground.at(stage)
        access = fetch_assessment(
            ground.people[role], ground.assessment.pk, Permission.INSPECTION_VIEW
        )
        assert access.may(Permission.DRAFT_VIEW) == (stage in LATE), stage
        assert access.may(Permission.CHALLENGE) == (stage is Stage.FACTUAL_ACCURACY), stage
        assert not access.may(Permission.ASSESSMENT_VIEW)
        assert access.role == role.value


def test_a_member_of_the_landlord_without_a_part_finds_nothing(
    ground: Ground, user_with: Any, client_of: Any
) -> None:
    from kloe.web.assessments.models import Assessment

    Assessment.objects.filter(pk=ground.assessment.pk).update(subject=ground.landlord)
    client = client_of(user_with("administrator", ground.landlord))
    for name in ("inspection", "overview", "documents"):
        assert client.get(reverse(name, args=[ground.assessment.pk])).status_code == 404
    for page in ("home", "assessments"):
        assert ground.assessment.title not in client.get(reverse(page)).content.decode()


def test_a_role_in_the_team_counts_before_one_in_the_organisation(
    ground: Ground, user_with: Any, client_of: Any
) -> None:
    from kloe.web.inspections import team

    person = user_with("administrator", ground.inspectorate)
    client = client_of(person)
    criterion = store.pinned(ground.assessment).theme(THEME).criteria[0].id
    assert client.post(reverse("rate", args=[ground.assessment.pk, criterion])).status_code != 403
    team.join(inspection=ground.inspection, person=person, role="observer", by=ground.chief)
    assert client.post(reverse("rate", args=[ground.assessment.pk, criterion])).status_code == 403


@pytest.mark.parametrize("role", [Role.LANDLORD_LEAD, Role.TENANT_INSPECTOR])
def test_lists_lead_those_outside_to_the_inspections_own_page(
    role: Role, ground: Ground, client_of: Any
) -> None:
    client = client_of(ground.people[role])
    for page in ("home", "assessments"):
        text = client.get(reverse(page)).content.decode()
        assert reverse("inspection", args=[ground.assessment.pk]) in text
        assert f'"{reverse("overview", args=[ground.assessment.pk])}"' not in text
    bar = client.get(reverse("inspection", args=[ground.assessment.pk])).content.decode()
    for name in ("evidence-list", "judgements", "enquiry-plan"):
        assert f'"{reverse(name, args=[ground.assessment.pk])}"' not in bar
    assert ("documents" in bar) == (role is Role.LANDLORD_LEAD)


def test_a_refusal_says_what_the_stage_closes(ground: Ground, client_of: Any) -> None:
    ground.at(Stage.PUBLISHED)
    criterion = store.pinned(ground.assessment).theme(THEME).criteria[0].id
    answer = client_of(ground.people[Role.LEAD_INSPECTOR]).post(
        reverse("rate", args=[ground.assessment.pk, criterion]), {"write_id": new_id()}
    )
    assert answer.status_code == 403
    assert "while the inspection is at: published" in answer.content.decode()
