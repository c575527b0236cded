"""Run as a process: put an inspection whose themes are read by two into a server's database.

Usage: ``python ground_to_read.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

#: Key, name, address, role in the team.
PEOPLE = (
    ("first", "Iona Price", "iona@arolygu.example", "inspector"),
    ("other", "Tomos Hall", "tomos@arolygu.example", "inspector"),
    ("blind", "Sara Wyn", "sara@arolygu.example", "inspector"),
    ("chief", "Eleri Vaughan", "eleri@arolygu.example", "lead inspector"),
)
#: Read by two and still closed; read by two and open.
CLOSED, OPEN = "wao-housing-2005/1.2/3", "wao-housing-2005/2.3/4"
#: By criterion: steps below the best that each of the two placed it, or what else they said.
SAID: tuple[tuple[Any, Any], ...] = (
    (0, 0), (0, 2), (1, 1), (1, 2), (0, "conflicting"), (2, 2), (0, 1), (1, 1), (0, 0), (2, 1),
)  # fmt: skip
REASON = "Nine of ten files on the sample show it, and the people at the desk said the same."


def make(data: Path) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.assessment.positions import PLACINGS
    from kloe.web.accounts.models import User
    from kloe.web.assessments import ratings
    from kloe.web.assessments.saving import Write
    from kloe.web.demonstration import build
    from kloe.web.inspections import actions as inspections
    from kloe.web.inspections import enquiry, team
    from kloe.web.inspections.models import Inspection
    from kloe.web.library import store
    from kloe.web.organisations import actions as organisations
    from kloe.web.organisations.models import Membership
    from kloe.web.readings import actions, asking

    here = organisations.create(
        by=None, name="Arolygu Prawf", jurisdiction="wales", kind="inspectorate", invented=True
    )
    people = {
        key: User.objects.create_user(email, build.PASSWORD, name=name)
        for key, name, email, _role in PEOPLE
    }
    chief = people["chief"]
    Membership.objects.create(organisation=here, user=chief, role="administrator")
    assessment = inspections.create(
        organisation=here, landlord="Tai Darllen", kind="inspection",
        frameworks=["wao-housing-2005"], title="Inspection read by two",
        period_start=date(2025, 4, 1), period_end=date(2026, 3, 31), by=chief,
    )  # fmt: skip
    inspection = Inspection.objects.get(assessment=assessment)
    for key, _name, _email, role in PEOPLE:
        team.join(inspection=inspection, person=people[key], role=role, by=chief)
    inspection.stage = "fieldwork"
    inspection.save()
    pinned = store.pinned(assessment)
    for theme in (CLOSED, OPEN):
        enquiry.assign(
            assessment=assessment, theme=theme, lead=people["first"], second=people["other"],
            due=date(2026, 6, 30), by=chief,
        )  # fmt: skip
    asking.draw(assessment=assessment, pinned=pinned, share=30, by=chief, seed="for tests")
    drawn = [
        p.criterion.id
        for t in asking.proposals(assessment, pinned)
        for p in t.proposals
        if t.theme.id == OPEN
    ]
    blind = dict.fromkeys(drawn, people["blind"].pk)
    asking.ask(assessment=assessment, pinned=pinned, wanted=blind, by=chief)
    theme = pinned.theme(OPEN)
    for n, criterion in enumerate(theme.criteria):
        order = PLACINGS[criterion.form]
        for who, said in zip(("first", "other"), SAID[n % len(SAID)], strict=True):
            step = order[min(said, len(order) - 1)].value if isinstance(said, int) else said
            ratings.rate(
                assessment=assessment, pinned=pinned, criterion=criterion, position=step,
                reason=REASON if who == "first" or n % 2 else "",
                write=Write(uuid4(), 0, people[who]), author=people[who],
            )  # fmt: skip
    for criterion_id in drawn:
        criterion = pinned.criterion(criterion_id)
        ratings.rate(
            assessment=assessment, pinned=pinned, criterion=criterion,
            position=PLACINGS[criterion.form][1].value, reason="From the files alone.",
            write=Write(uuid4(), 0, people["blind"]), author=people["blind"],
        )  # fmt: skip
    for key in ("first", "other", "blind"):
        if key != "blind" or drawn:
            actions.done(assessment=assessment, theme=theme, by=people[key])
    return {
        "assessment": str(assessment.pk),
        "people": {key: email for key, _name, email, _role in PEOPLE},
        "drawn": drawn,
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
