"""Run as a process: an inspection that is ready to be published, with people in their roles.

Usage: ``python ground_to_publish.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

THEME = "wao-housing-2005/1.2/3"
PASSWORD = "published-with-care"
PEOPLE = {
    "lowri": ("Lowri Haf", "lead inspector"),
    "owain": ("Owain Rees", "inspector"),
    "menna": ("Menna Gwyn", "landlord's lead"),
}
WRONG = "Sixty homes stood empty for half a year."


def ready(inspectorate: Any, people: dict[str, Any], title: str) -> Any:
    """An inspection at factual accuracy, its time over, nothing open."""
    from django.utils import timezone

    from kloe.web.challenges.models import Draft
    from kloe.web.evidence import actions as evidence
    from kloe.web.evidence.checks import Details
    from kloe.web.inspections import actions, team
    from kloe.web.inspections.models import Inspection
    from kloe.web.judgements.models import Finding, Judgement
    from kloe.web.library import store

    made = actions.create(
        organisation=inspectorate, landlord="Tai Glan yr Afon", kind="inspection",
        frameworks=["wao-housing-2005"], title=title, period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31), by=people["lowri"],
    )  # fmt: skip
    inspection = Inspection.objects.get(assessment=made)
    for key, (_name, role) in PEOPLE.items():
        team.join(inspection=inspection, person=people[key], role=role, by=None)
    made.themes.exclude(theme=THEME).update(in_scope=False, reason="Looked at last year.")
    pinned = store.pinned(made)
    theme = pinned.theme(THEME)
    for n, level in enumerate(("open", "internal", "restricted")):
        item = evidence.add_note(
            assessment=made,
            details=Details(title=f"Note {n + 1}", text="Seen.", confidentiality=level),
            by=people["owain"],
        )
        evidence.link(
            item=item, descriptor=theme.criteria[0].descriptors[0].id, direction="shows this",
            by=people["owain"],
        )  # fmt: skip
    Finding.objects.create(
        assessment=made, theme=THEME, kind="area for improvement", text=WRONG, number=1,
        criteria=[theme.criteria[0].id], recommendation="Let them within a month.",
        priority="high",
    )  # fmt: skip
    for subject, judgement in (
        (THEME, "service"),
        ("service", "service"),
        ("prospects", "prospects"),
    ):
        grades = pinned.leading.scales[judgement].grades
        Judgement.objects.create(
            assessment=made, subject=subject, stage="agreed", grade=grades[1].key,
            reasons="On balance.", by=people["lowri"],
        )  # fmt: skip
    yesterday = timezone.localdate() - timedelta(days=1)
    Draft.objects.create(
        assessment=made, version=1, document={}, digest="0" * 64, pdf="0" * 64,
        deadline=yesterday, days=20, looked_until=yesterday, by=people["lowri"],
    )  # fmt: skip
    Inspection.objects.filter(assessment=made).update(stage="factual accuracy")
    return made


def make(data: Path) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.web.accounts.models import User
    from kloe.web.organisations import actions as organisations
    from kloe.web.organisations.models import Membership

    inspectorate = organisations.create(
        by=None, name="Arolygiaeth Brawf", jurisdiction="wales", invented=True
    )
    people = {
        key: User.objects.create_user(f"{key}@prawf.example", PASSWORD, name=name)
        for key, (name, _role) in PEOPLE.items()
    }
    Membership.objects.create(organisation=inspectorate, user=people["lowri"], role="lead")
    made = ready(inspectorate, people, "Inspection 2026")
    return {
        "password": PASSWORD,
        "people": {key: u.email for key, u in people.items()},
        "now": str(made.pk),
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
