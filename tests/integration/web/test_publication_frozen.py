"""What is published rests: every route that writes, asked by everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from test_access_matrix import ALL, something_real

from access_matrix import MATRIX
from kloe.assessment.permissions import ORGANISATION_ROLES, TEAM_ROLES, Permission, Role
from kloe.assessment.stages import TOLD
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.assessments.models import Participation
from kloe.web.inspections.models import Inspection

#: What still writes once an assessment is published, and why.
OPEN = {
    "stage-move": "on to following up and closed",
    "inspection-invite": "who may read it is no part of what was published",
    "invitation-revoke": "the same",
    "team-remove": "the same",
    "publication-publish": "answers that it is published; writes nothing twice",
    "publication-correct": "a new version beside the old one",
    "publication-page": "who may read it",
    "board-response": "for the next version",
    "board-response-ask": "the same",
    "report-make": "a copy of the report; changes nothing",
    "risk-answer": "an urgent risk is answered outside the report's timetable",
    "check-names-forget": "names of people seen can always be forgotten",
    "audit-assessment-seals": "checks the trail; changes nothing",
}
#: Tables that writing about an assessment after its publication may touch.
BESIDE = {
    "audit_auditevent", "audit_auditseal", "django_session", "jobs_job", "inspections_stagemove",
    "django_tasks_db_dbtaskresult",
}  # fmt: skip
WRITING = sorted(
    name
    for name, (rule, methods) in MATRIX.items()
    if isinstance(rule, Permission) and ALL[name].rule.kind == "assessment" and "POST" in methods
)


def test_what_stays_open_is_listed_with_its_reason() -> None:
    assert {
        n for n in ALL if getattr(getattr(ALL[n], "rule", None), "when_published", False)
    } == set(OPEN)


def contents() -> dict[str, int]:
    """How much every table holds, and a digest of its rows."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table not in BESIDE:
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = hash(tuple(map(str, cursor.fetchall())))
    return found


def test_no_route_writes_to_a_published_assessment(
    assessment: Any, org: Any, lead: Any, pinned: Any, user_with: Any, client_of: Any
) -> None:
    """Every route that writes, as every role of team and organisation."""
    given = something_real(assessment, org, lead, user_with("reader", org), pinned)
    Inspection.objects.filter(pk=assessment.pk).update(stage=Stage.PUBLISHED.value)
    people = {r: user_with(r.value, org) for r in ORGANISATION_ROLES}
    for role in TEAM_ROLES:
        people[role] = user_with()
        Participation.objects.create(assessment=assessment, user=people[role], role=role.value)
    clients = {role: client_of(person) for role, person in people.items()}
    before = contents()
    closed = [n for n in WRITING if n not in OPEN]
    assert len(closed) > 60
    for name in closed:
        address = reverse(name, args=given.get(name, [assessment.pk]))
        for role, client in clients.items():
            answer = client.post(address, {})
            assert answer.status_code == 403, (name, role, answer.status_code)
    assert contents() == before


@pytest.mark.parametrize("stage", TOLD)
def test_reading_stays_possible(stage: Stage, ground: Any, client_of: Any) -> None:
    ground.at(stage)
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    for name in (
        "overview",
        "evidence-list",
        "judgements",
        "report",
        "publication",
        "enquiry-plan",
    ):
        assert client.get(reverse(name, args=[ground.assessment.pk])).status_code == 200, name


@pytest.fixture
def ground(db: None) -> Any:
    from inspection_ground import make_ground

    return make_ground()


def test_a_refusal_says_that_it_is_published_and_what_stays_open(
    ground: Any, client_of: Any
) -> None:
    ground.at(Stage.PUBLISHED)
    answer = client_of(ground.people[Role.LEAD_INSPECTOR]).post(
        reverse("inspection-dates", args=[ground.assessment.pk]), {}
    )
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "The report is published" in text
    assert "improvement plan stays open" in text


def test_the_command_line_writes_nothing_either(ground: Any) -> None:
    """The owner of the data directory, who may do everything else."""
    from kloe.cli.acting import find_assessment
    from kloe.core.errors import PermissionRefused

    pk = str(ground.assessment.pk)
    for permission in (Permission.EVIDENCE_ADD, Permission.SCOPE_SET, Permission.ASSESSMENT_MANAGE):
        assert find_assessment(pk, by=None, permission=permission)
        ground.at(Stage.PUBLISHED)
        with pytest.raises(PermissionRefused, match="not open to anybody"):
            find_assessment(pk, by=None, permission=permission)
        assert find_assessment(pk, by=None, permission=Permission.ASSESSMENT_VIEW)
        ground.at(Stage.PREPARING)


def test_the_improvement_plan_stays_open(ground: Any, client_of: Any) -> None:
    ground.at(Stage.PUBLISHED)
    client = client_of(ground.landlord_lead)
    answer = client.get(reverse("action-add", args=[ground.landlord.pk]))
    assert answer.status_code == 200
