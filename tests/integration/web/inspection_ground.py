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
