"""Ground for the tests of readings: an inspection with a theme that is read by two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage

OTHER = "wao-housing-2005/1.2/2"


@dataclass
class Readers:
    """An inspection at fieldwork, and the people around one of its themes."""

    ground: Ground
    pinned: Any
    theme: Any
    lead: Any
    second: Any
    #: An inspector who reads nothing.
    third: Any
    chief: Any

    @property
    def assessment(self) -> Any:
        return self.ground.assessment

    def rate(
        self,
        who: Any,
        n: int,
        position: str,
        reason: str = "",
        *,
        team: bool = False,
        base: int = 0,
    ) -> Any:
        """Rate the theme's n-th criterion, for oneself unless it is the team's."""
        from kloe.web.assessments import ratings
        from kloe.web.assessments.saving import Write

        return ratings.rate(
            assessment=self.assessment,
            pinned=self.pinned,
            criterion=self.theme.criteria[n],
            position=position,
            reason=reason,
            write=Write(uuid4(), base, who),
            author=None if team else who,
        )

    def best(self, n: int) -> str:
        """The best placing the n-th criterion offers."""
        return self.placing(n, 0)

    def placing(self, n: int, step: int) -> str:
        from kloe.assessment.positions import PLACINGS

        return PLACINGS[self.theme.criteria[n].form][step].value

    def done(self, who: Any) -> bool:
        from kloe.web.readings import actions

        return actions.done(assessment=self.assessment, theme=self.theme, by=who)

    def opened(self) -> None:
        """Open the theme as the lead inspector does."""
        from kloe.web.readings import actions

        actions.open_early(
            assessment=self.assessment, theme=self.theme, reason="Time is short.", by=self.chief
        )


def make_readers(theme: str = THEME) -> Readers:
    """A lead, a second reader and an inspector besides; the chief leads the inspection."""
    from kloe.web.accounts.models import User
    from kloe.web.inspections import enquiry, team
    from kloe.web.library import store

    ground = make_ground()
    inspection = ground.at(Stage.FIELDWORK)
    people = []
    for name in ("Second Reader", "Third Inspector"):
        email = f"{name.replace(' ', '.').lower()}@example.org"
        who = User.objects.create_user(email, "a long password", name=name)
        team.join(inspection=inspection, person=who, role="inspector", by=ground.chief)
        people.append(who)
    lead = ground.people[Role.INSPECTOR]
    enquiry.assign(
        assessment=ground.assessment, theme=theme, lead=lead, second=people[0], due=None,
        by=ground.chief,
    )  # fmt: skip
    pinned = store.pinned(ground.assessment)
    return Readers(
        ground, pinned, pinned.theme(theme), lead, people[0], people[1],
        ground.people[Role.LEAD_INSPECTOR],
    )  # fmt: skip
