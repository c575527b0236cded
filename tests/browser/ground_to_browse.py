"""Run as a process: make the demonstration, and assessments for tests to write in.

Usage: ``python ground_to_browse.py DATA SPARES``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

#: Who tests sign in as: key, name, address, role in the organisation that only tests use.
PEOPLE = (
    ("anwen", "Anwen Tudor", "anwen@tai-prawf.example", "lead"),
    ("bryn", "Bryn Ellis", "bryn@tai-prawf.example", "assessor"),
    ("cadi", "Cadi Morris", "cadi@tai-prawf.example", "lead"),
)
ORGANISATION = "Tai Prawf"
#: Nobody but the tests of records brings records here.
WITHOUT_RECORDS = "Tai Cofnodion"


def make(data: Path, spares: int) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.web.accounts.models import User
    from kloe.web.assessments import actions
    from kloe.web.assessments.models import Assessment
    from kloe.web.demonstration import build
    from kloe.web.jobs import actions as jobs
    from kloe.web.organisations import actions as organisations
    from kloe.web.organisations.models import Membership

    made = build.build()
    # Tests do not wait behind a minute and a half of computing.
    for job in made.assessment.jobs.filter(kind="compute-indicators"):
        jobs.cancel(job=job, by=made.people["mair"])
    organisation = organisations.create(
        by=None, name=ORGANISATION, jurisdiction="wales", homes=900, invented=True
    )
    empty = organisations.create(
        by=None, name=WITHOUT_RECORDS, jurisdiction="wales", homes=60, invented=True
    )
    people = {}
    for key, name, email, role in PEOPLE:
        people[key] = User.objects.create_user(email, build.PASSWORD, name=name)
        for place in (organisation, empty):
            Membership.objects.create(organisation=place, user=people[key], role=role)
    written = [
        actions.create(
            organisation=organisation,
            frameworks=["wao-housing-2005"],
            kind="self-assessment",
            title=f"Written in {n}",
            period_start=date(2025, 4, 1),
            period_end=date(2026, 3, 31),
            lead=people["anwen"],
            by=people["anwen"],
        )
        for n in range(spares)
    ]
    return {
        "some": some(made),
        "password": build.PASSWORD,
        "people": {
            **inspectors(),
            **{k: u.email for k, u in {**made.people, **people}.items()},
        },
        "inspection": str(Assessment.objects.get(inspection__stage="fieldwork").pk),
        "demonstration": str(made.assessment.pk),
        "organisation": str(made.organisation.pk),
        "without_records": str(empty.pk),
        "spares": [str(a.pk) for a in written],
    }


def inspectors() -> dict[str, str]:
    """The people of the invented inspectorate, by the keys its file gives them."""
    from kloe.web.demonstration import build

    return {key: one["email"] for key, one in build.read("inspection.yaml")["people"].items()}


def some(made: Any) -> dict[str, str]:
    """One of everything in the demonstration that has a page, by name."""
    from kloe.web.assessments.models import KnownFact
    from kloe.web.checks.models import Check, UrgentRisk
    from kloe.web.evidence.models import EvidenceItem, EvidenceLink
    from kloe.web.jobs import actions as jobs
    from kloe.web.judgements.models import Factor, Finding, Weakness
    from kloe.web.plans.models import Action, Recommendation

    job = jobs.enqueue(
        kind="report",
        by=made.people["mair"],
        assessment=made.assessment,
        payload={"format": "html", "view": "board", "order": "kloe"},
    )
    first = {
        "fact": KnownFact.objects.filter(assessment=made.assessment).order_by("added_at"),
        "file": EvidenceItem.objects.filter(form="file", assessment=made.assessment).order_by(
            "number"
        ),
        "link": EvidenceLink.objects.filter(assessment=made.assessment).order_by("at"),
        "finding": Finding.objects.filter(
            kind="area for improvement", assessment=made.assessment
        ).order_by("pk"),
        "weakness": Weakness.objects.filter(assessment=made.assessment).order_by("order"),
        "factor": Factor.objects.filter(assessment=made.assessment).order_by("order"),
        "check": Check.objects.filter(state="done").order_by("number"),
        "planned_check": Check.objects.filter(state="planned").order_by("number"),
        "risk": UrgentRisk.objects.order_by("number"),
        "action": Action.objects.filter(status="completed").order_by("reference"),
        "recommendation": Recommendation.objects.order_by("reference"),
    }
    return {
        "assessment": str(made.assessment.pk),
        "organisation": str(made.organisation.pk),
        "dataset": made.assessment.dataset,
        "job": str(job.pk),
        "member": str(made.people["nia"].pk),
        **{name: str(rows[0].pk) for name, rows in first.items()},
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), int(sys.argv[2]))))
