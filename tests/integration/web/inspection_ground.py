"""Ground for the tests of inspections: an inspectorate, its team, a landlord in its own right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kloe.assessment.permissions import LANDLORD_ROLES, TEAM_ROLES, Role
from kloe.assessment.vocabulary import InspectionStage as Stage

THEME = "wao-housing-2005/1.2/3"


@dataclass
class Ground:
    """An inspection with everybody in it."""

    inspectorate: Any
    landlord: Any
    chief: Any
    landlord_lead: Any
    assessment: Any
    inspection: Any
    people: dict[Role, Any] = field(default_factory=dict)

    def at(self, stage: Stage) -> Any:
        """Put it at a stage without asking anybody."""
        from kloe.web.inspections.models import Inspection

        Inspection.objects.filter(pk=self.inspection.pk).update(stage=stage.value)
        self.inspection = Inspection.objects.select_related("assessment").get(pk=self.inspection.pk)
        return self.inspection


def make_ground(*, title: str = "Inspection 2026", team: bool = True) -> Ground:
    """An inspection of a landlord that has its own organisation here."""
    from kloe.web.accounts.models import User
    from kloe.web.inspections import actions
    from kloe.web.inspections import team as teams
    from kloe.web.inspections.models import Inspection
    from kloe.web.organisations.models import Membership, Organisation

    inspectorate = Organisation.objects.create(
        name="Arolygiaeth Enghraifft", kind="inspectorate", jurisdiction="wales"
    )
    landlord = Organisation.objects.create(name="Tai Landlord", jurisdiction="wales", homes=900)

    def person(name: str) -> Any:
        email = f"{name.replace(' ', '.').replace(chr(39), '')}@example.org"
        return User.objects.create_user(email, "a long password", name=name.title())

    chief, landlord_lead = person("chief inspector"), person("landlord lead")
    Membership.objects.create(organisation=inspectorate, user=chief, role="administrator")
    Membership.objects.create(organisation=landlord, user=landlord_lead, role="lead")
    assessment = actions.create(
        organisation=inspectorate,
        landlord="Tai Landlord",
        kind="inspection",
        frameworks=["wao-housing-2005"],
        title=title,
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        by=chief,
    )
    inspection = Inspection.objects.select_related("assessment").get(assessment=assessment)
    ground = Ground(inspectorate, landlord, chief, landlord_lead, assessment, inspection)
    if team:
        for role in TEAM_ROLES:
            who = landlord_lead if role is Role.LANDLORD_LEAD else person(role.value)
            teams.join(inspection=inspection, person=who, role=role.value, by=chief)
            ground.people[role] = who
        assert set(LANDLORD_ROLES) <= set(ground.people)
    return ground


def routes(assessment: Any, person: Any, by: Any) -> dict[str, list[Any]]:
    """Something of an inspection for every route that names it, made in this assessment."""
    from datetime import time

    from kloe.web.inspections import enquiry, fieldwork, requests, team
    from kloe.web.inspections.models import Inspection

    inspection = Inspection.objects.create(assessment=assessment)
    theme = assessment.themes.order_by("id").first().theme
    invited = team.invite(
        inspection=inspection, email="invited@example.org", role="observer", by=by,
        address="https://kloe.example.org",
    )  # fmt: skip
    row = requests.ask(inspection=inspection, what="A policy", due=date(2026, 5, 1), by=by)
    own = enquiry.add_question(
        assessment=assessment,
        theme=theme,
        wanted=enquiry.Wanted(state="added", text="And who checks?"),
        by=by,
    )
    entry = fieldwork.Entry(day=date(2026, 5, 4), start=time(9), end=time(10), what="Interview")
    visit = fieldwork.add(inspection=inspection, entry=entry, by=by)
    team.join(inspection=inspection, person=person, role="observer", by=by)
    a = assessment.pk
    return {
        "invitation": ["no-token"],
        "invitation-revoke": [a, invited.invitation.pk],
        "team-remove": [a, person.pk],
        "enquiry-own": [a, own.pk],
        **{n: [a, row.pk] for n in ("document-edit", "document-settle", "document-give")},
        **{n: [a, visit.pk] for n in ("visit-edit", "visit-remove")},
    }
