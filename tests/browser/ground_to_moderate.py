"""Run as a process: an inspection at moderation, an earlier one published, people in their roles.

Usage: ``python ground_to_moderate.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

THEMES = tuple(f"wao-housing-2005/1.2/{n}" for n in (2, 3, 4))
PASSWORD = "moderated-with-care"
PEOPLE = {
    "lowri": ("Lowri Haf", "lead inspector"),
    "idris": ("Idris Wyn", "moderator"),
    "ceri": ("Ceri Pugh", "moderator"),
    "owain": ("Owain Rees", "inspector"),
    "menna": ("Menna Gwyn", "landlord's lead"),
}


class _Maker:
    def __init__(self) -> None:
        from kloe.web.accounts.models import User
        from kloe.web.organisations import actions as organisations
        from kloe.web.organisations.models import Membership

        self.inspectorate = organisations.create(
            by=None, name="Arolygiaeth Brawf", jurisdiction="wales", invented=True
        )
        self.people = {
            key: User.objects.create_user(f"{key}@prawf.example", PASSWORD, name=name)
            for key, (name, _role) in PEOPLE.items()
        }
        # So that the moderator reads what the inspectorate published, and steps by key.
        Membership.objects.create(
            organisation=self.inspectorate, user=self.people["lowri"], role="lead"
        )
        Membership.objects.create(
            organisation=self.inspectorate, user=self.people["idris"], role="reader"
        )
        User.objects.filter(pk=self.people["idris"].pk).update(shortcuts=True)

    def inspection(self, landlord: str, title: str) -> Any:
        from kloe.web.inspections import actions, team
        from kloe.web.inspections.models import Inspection

        made = actions.create(
            organisation=self.inspectorate, landlord=landlord, kind="inspection",
            frameworks=["wao-housing-2005"], title=title, period_start=date(2025, 4, 1),
            period_end=date(2026, 3, 31), by=self.people["lowri"],
        )  # fmt: skip
        inspection = Inspection.objects.get(assessment=made)
        for key, (_name, role) in PEOPLE.items():
            team.join(inspection=inspection, person=self.people[key], role=role, by=None)
        self.at(made, "moderation")
        return made

    def at(self, assessment: Any, stage: str) -> None:
        from kloe.web.inspections.models import Inspection

        Inspection.objects.filter(assessment=assessment).update(stage=stage)

    def write(self, key: str, base: int = 0) -> Any:
        from kloe.web.assessments.saving import Write
        from kloe.web.ids import new_id

        return Write(id=new_id(), base_version=base, by=self.people[key])

    def place(self, assessment: Any, theme: str, rung: int) -> None:
        from kloe.assessment.positions import PLACINGS
        from kloe.web.assessments import ratings
        from kloe.web.library import store

        pinned = store.pinned(assessment)
        for n, criterion in enumerate(pinned.theme(theme).criteria):
            rungs = PLACINGS[criterion.form]
            last = theme == THEMES[2] and n == 0
            ratings.rate(
                assessment=assessment, pinned=pinned, criterion=criterion,
                position="not-applicable" if last else rungs[min(rung, len(rungs) - 1)].value,
                reason="They let no such homes." if last else "Seen in the letters and files.",
                write=self.write("owain"),
            )  # fmt: skip

    def propose(self, assessment: Any, theme: str, grade: str) -> None:
        from kloe.web.judgements import actions as judgements
        from kloe.web.library import store
        from kloe.web.moderation import actions

        said: dict[str, Any] = {
            "assessment": assessment, "pinned": store.pinned(assessment), "subject": theme,
            "grade": grade,
            "reasons": "Letters are plain and early. Most tenants told us they know what they owe.",
        }  # fmt: skip
        judgements.save_provisional(**said, write=self.write("lowri"))
        actions.propose(**said, write=self.write("lowri"))

    def finding(self, assessment: Any, theme: str, kind: str, text: str) -> Any:
        from kloe.web.judgements import actions as judgements
        from kloe.web.library import store

        return judgements.add_finding(
            assessment=assessment, pinned=store.pinned(assessment), theme=theme, kind=kind,
            text=text, priority="high" if kind == "area for improvement" else "",
            write=self.write("owain"),
        ).row  # fmt: skip


def make(data: Path) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from django.utils import timezone

    from kloe.web.library import store
    from kloe.web.moderation import actions, telling

    maker = _Maker()
    earlier = maker.inspection("Tai Cynt", "Inspection 2024")
    now = maker.inspection("Tai Heddiw", "Inspection 2026")
    for one, rungs in ((earlier, (0, 1, 1)), (now, (3, 0, 1))):
        for theme, rung in zip(THEMES, rungs, strict=True):
            maker.place(one, theme, rung)
            maker.propose(one, theme, "excellent" if rung in {0, 3} else "good")
    pinned = store.pinned(earlier)
    strength = "Tenants hear of changes to their rent two months ahead, in words they understand."
    weakness = "A third of letters on arrears threaten court before anybody has spoken."
    points = {}
    for one in (earlier, now):
        for kind, text in (("strength", strength), ("area for improvement", weakness)):
            row = maker.finding(one, THEMES[1], kind, text)
            if one is now:
                points[row.pk] = text
    for theme in THEMES[1:]:
        actions.agree(
            assessment=earlier, pinned=pinned, subject=theme, seen=1, write=maker.write("idris")
        )
    maker.at(earlier, "published")
    told = telling.Told(
        held_on=timezone.localdate(), spoke="Lowri Haf, lead inspector",
        heard="The chief executive\nThe director of homes", place="Tai Heddiw, Bangor",
        points=points, reactions={THEMES[1]: "They were glad, and asked for the letters."},
        reaction="They would like the figures by Friday.",
    )  # fmt: skip
    given, prepared = (
        telling.prepare(assessment=now, pinned=pinned, told=told, write=maker.write("lowri")).row
        for _n in range(2)
    )
    telling.give(feedback=given, pinned=pinned, base_version=1, by=maker.people["lowri"])
    return {
        "password": PASSWORD,
        "people": {key: user.email for key, user in maker.people.items()},
        "now": str(now.pk),
        "given": str(given.pk),
        "prepared": str(prepared.pk),
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
