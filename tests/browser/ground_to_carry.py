"""Run as a process: two people, a tenant inspector, and checks to carry out without a network.

Usage: ``python ground_to_carry.py DATA CHECKS``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

THEME = "wao-housing-2005/1.5/5"
PASSWORD = "carried-without-a-network"
PEOPLE = {
    "anwen": ("Anwen Tudor", "anwen@tai-prawf.example", "lead"),
    "bryn": ("Bryn Ellis", "bryn@tai-prawf.example", "assessor"),
}


def make(data: Path, checks: int) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.web.accounts.models import User
    from kloe.web.assessments import actions as assessments
    from kloe.web.checks import actions, own_templates, risks, sample
    from kloe.web.organisations import actions as organisations
    from kloe.web.organisations.models import Membership

    organisation = organisations.create(
        by=None, name="Tai Prawf", jurisdiction="wales", homes=900, invented=True
    )
    people = {}
    for key, (name, email, role) in PEOPLE.items():
        people[key] = User.objects.create_user(email, PASSWORD, name=name)
        Membership.objects.create(organisation=organisation, user=people[key], role=role)
    lead = people["anwen"]
    assessment = assessments.create(
        organisation=organisation,
        frameworks=["wao-housing-2005"],
        kind="self-assessment",
        title="Carried about",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        lead=lead,
        by=lead,
    )
    risks.set_contact(
        assessment=assessment, name="Rhys Parry", email="rhys@example.org",
        telephone="029 2018 0000", hours=24, by=lead,
    )  # fmt: skip
    made = []
    for n in range(checks):
        check = actions.plan_check(
            assessment=assessment,
            template=own_templates.row_for(organisation.pk, "empty-home-visit"),
            plan=actions.Plan(
                title=f"Homes ready to let {n}",
                claim="Every home is let clean, dry and secure.",
                theme=THEME,
                criteria=[f"{THEME}/relet-standard"],
                assigned=lead.pk,
                doers=[people["bryn"].pk],
                place="2 Heol y Bont",
            ),
            by=lead,
        )
        if n == 0:
            sample.set_sample(check=check, method="random", frame="Homes re-let",
                              references="\n".join(f"H{i}" for i in range(1, 13)), size=3,
                              seed="agreed", by=lead)  # fmt: skip
        made.append(str(check.pk))
    return {
        "password": PASSWORD,
        "people": {key: user.email for key, user in people.items()},
        "assessment": str(assessment.pk),
        "checks": made,
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), int(sys.argv[2]))))
