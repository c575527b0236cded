"""Run as a process: an inspection at factual accuracy, its draft issued and one challenge sent.

Usage: ``python ground_to_challenge.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

THEME = "wao-housing-2005/1.2/3"
PASSWORD = "challenged-with-care"
WRITTEN = "In the sample of 40 cases, 17 letters went out after the second missed payment."
CLAIM = "The register shows 9 letters, not 17."
PEOPLE = {
    "heledd": ("Heledd Vaughan", "lead inspector"),
    "iolo": ("Iolo Prys", "inspector"),
    "mair": ("Mair Lewis", "landlord's lead"),
    "nia": ("Nia Parry", "landlord's contributor"),
    "tegid": ("Tegid Llwyd", "observer"),
}


def make(data: Path) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.web.accounts.models import User
    from kloe.web.challenges import actions as challenges
    from kloe.web.challenges import issuing
    from kloe.web.challenges.giving import Given
    from kloe.web.inspections import actions, team
    from kloe.web.inspections.models import Inspection
    from kloe.web.judgements.models import Finding, Judgement
    from kloe.web.library import store
    from kloe.web.organisations import actions as organisations

    people = {
        key: User.objects.create_user(f"{key}@herio.example", PASSWORD, name=name)
        for key, (name, _role) in PEOPLE.items()
    }
    inspectorate = organisations.create(
        by=None, name="Arolygiaeth Herio", jurisdiction="wales", invented=True
    )
    made = actions.create(
        organisation=inspectorate, landlord="Tai Herio", kind="inspection",
        frameworks=["wao-housing-2005"], title="Inspection 2026", period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31), by=people["heledd"],
    )  # fmt: skip
    inspection = Inspection.objects.select_related("assessment").get(assessment=made)
    for key, (_name, role) in PEOPLE.items():
        team.join(inspection=inspection, person=people[key], role=role, by=None)
    made.themes.exclude(theme=THEME).update(in_scope=False, reason="Not now.")
    scale = store.pinned(made).leading.scales["service"]
    for subject in (THEME, "service"):
        Judgement.objects.create(
            assessment=made, subject=subject, stage="agreed", grade=scale.grades[1].key,
            reasons="Mostly on time.", by=people["heledd"],
        )  # fmt: skip
    Finding.objects.create(
        assessment=made, theme=THEME, kind="area for improvement", text=WRITTEN, number=1
    )
    inspection.stage = "factual accuracy"
    inspection.save(update_fields=["stage"])
    draft = issuing.issue(
        inspection=inspection, by=people["heledd"], address="http://localhost/", note="Please read."
    )
    paragraph = draft.paragraphs.filter(text__contains=WRITTEN).order_by("-number").first()
    chapter = draft.chapters.get(first__lte=paragraph.number, last__gte=paragraph.number)
    sent = challenges.write(
        draft=draft, paragraph=paragraph.number, words=challenges.Words("fact wrong", CLAIM),
        given=Given(
            when=draft.looked_until + timedelta(days=3), title="Register of letters",
            url="https://example.org/register",
        ),
        by=people["nia"],
    )  # fmt: skip
    challenges.send(draft=draft, challenges=None, by=people["mair"], address="http://localhost/")
    waiting = challenges.write(
        draft=draft, paragraph=1, words=challenges.Words("wording", "“Mostly” misleads."),
        by=people["nia"],
    )  # fmt: skip
    return {
        "password": PASSWORD,
        "people": {key: one.email for key, one in people.items()},
        "assessment": str(made.pk),
        "paragraph": paragraph.number,
        "chapter": chapter.n,
        "sent": str(sent.pk),
        "waiting": str(waiting.pk),
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
