"""Run as a process: an inspection being drafted, with findings and evidence to write from.

Usage: ``python ground_to_write.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

THEME = "wao-housing-2005/1.2/3"
PASSWORD = "written-with-care"
PEOPLE = {
    "lowri": ("Lowri Haf", "lead inspector"),
    "owain": ("Owain Rees", "inspector"),
    "tegid": ("Tegid Llwyd", "observer"),
}
FINDINGS = (
    ("strength", "Letters on rent come two months ahead, in words tenants understand.", "strong"),
    ("area for improvement", "A third of accounts open days after the tenancy began.", "adequate"),
    ("positive practice", "A tenants' panel reads every letter before it is sent.", ""),
)


def make(data: Path) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.web.accounts.models import User
    from kloe.web.assessments.saving import Write
    from kloe.web.evidence import actions as evidence
    from kloe.web.evidence.checks import Details
    from kloe.web.ids import new_id
    from kloe.web.inspections import actions, team
    from kloe.web.inspections.models import Inspection
    from kloe.web.judgements import actions as judging
    from kloe.web.library import store
    from kloe.web.organisations import actions as organisations
    from kloe.web.texts import actions as texts

    people = {
        key: User.objects.create_user(f"{key}@ysgrifen.example", PASSWORD, name=name)
        for key, (name, _role) in PEOPLE.items()
    }
    lead = people["lowri"]
    inspectorate = organisations.create(
        by=None, name="Arolygiaeth Ysgrifen", jurisdiction="wales", invented=True
    )
    made = actions.create(
        organisation=inspectorate, landlord="Tai Ysgrifen", kind="inspection",
        frameworks=["wao-housing-2005"], title="Inspection 2026", period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31), by=lead,
    )  # fmt: skip
    inspection = Inspection.objects.get(assessment=made)
    for key, (_name, role) in PEOPLE.items():
        team.join(inspection=inspection, person=people[key], role=role, by=None)
    Inspection.objects.filter(pk=inspection.pk).update(stage="drafting")
    pinned = store.pinned(made)
    for n, title in enumerate(("Rent letters of March", "Extract of new accounts")):
        item = evidence.add_note(
            assessment=made, details=Details(title=title, text="As read."), by=lead
        )
        criterion = pinned.theme(THEME).criteria[n]
        evidence.link(
            item=item, descriptor=criterion.descriptors[0].id, direction="shows this", by=lead
        )
    for kind, text, strength in FINDINGS:
        judging.add_finding(
            assessment=made, pinned=pinned, theme=THEME, kind=kind, text=text, strength=strength,
            priority="high" if kind == "area for improvement" else "",
            recommendation="Open each account on the first day."
            if kind == "area for improvement"
            else "",
            write=Write(id=new_id(), base_version=0, by=lead),
        )  # fmt: skip
    texts.save(
        assessment=made, pinned=pinned, part="wao-housing-2005/1.2/2",
        text="# Who is reached\n\nMost are [E1], <b>not</b> all.\n\n> Nobody asked me.\n\n"
             "- older people\n- Welsh speakers\n\n| Group | Asked |\n|---|---:|\n| All | 9 |",
        write=Write(id=new_id(), base_version=0, by=lead),
    )  # fmt: skip
    return {
        "password": PASSWORD,
        "people": {key: user.email for key, user in people.items()},
        "assessment": str(made.pk),
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
