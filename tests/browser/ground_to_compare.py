"""Run as a process: put an inspection and its re-inspection into a server's database.

Usage: ``python ground_to_compare.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

PERSON = ("again", "Mared Bowen", "mared@arolygu.example")
KLOES = ("wao-housing-2005/1.2", "wao-housing-2005/2.10")


def make(data: Path) -> dict[str, Any]:
    from kloe.web import boot

    boot.start(data)
    from kloe.assessment.positions import BESIDES, PLACINGS
    from kloe.web.accounts.models import User
    from kloe.web.assessments.models import Rating
    from kloe.web.demonstration import build
    from kloe.web.inspections import actions as inspections
    from kloe.web.inspections.models import Inspection
    from kloe.web.judgements.models import Finding, Judgement
    from kloe.web.library import store
    from kloe.web.organisations import actions as organisations
    from kloe.web.organisations.models import Membership

    here = organisations.create(
        by=None, name="Arolygu Eto", jurisdiction="wales", kind="inspectorate", invented=True
    )
    key, name, email = PERSON
    person = User.objects.create_user(email, build.PASSWORD, name=name)
    Membership.objects.create(organisation=here, user=person, role="administrator")
    said: dict[str, Any] = {
        "organisation": here, "frameworks": ["wao-housing-2005"], "by": person,
    }  # fmt: skip
    first = inspections.create(
        landlord="Tai Eilwaith", kind="inspection", title="Inspection 2024",
        period_start=date(2023, 4, 1), period_end=date(2024, 3, 31), **said,
    )  # fmt: skip
    second = inspections.create(
        landlord=first.landlord, kind="re-inspection", title="Re-inspection 2026", again=first,
        period_start=date(2025, 4, 1), period_end=date(2026, 3, 31), **said,
    )  # fmt: skip
    rng = random.Random(2026)
    for assessment, left_out in ((first, "1.2/6"), (second, "1.2/5")):
        pinned = store.pinned(assessment)
        assessment.themes.exclude(kloe__in=KLOES).update(in_scope=False, reason="Not this time.")
        assessment.themes.filter(theme__endswith=left_out).update(in_scope=False, reason="Later.")
        themes = [t for k in KLOES for t in pinned.kloe(k).themes]
        Rating.objects.bulk_create(
            Rating(
                assessment=assessment, criterion=c.id, theme=t.id, reason="Seen.",
                position=rng.choice([*PLACINGS[c.form] * 4, *BESIDES]).value,
            )
            for t in themes
            for c in t.criteria
        )  # fmt: skip
        scale = {j: [g.key for g in s.grades] for j, s in pinned.leading.scales.items()}
        subjects = [(k.id, k.judgement) for k in map(pinned.kloe, KLOES)]
        subjects += [(t.id, pinned.kloe(t.kloe_id).judgement) for t in themes]
        subjects += [(j, j) for j in scale]
        Judgement.objects.bulk_create(
            Judgement(
                assessment=assessment, subject=subject, stage="agreed",
                grade=rng.choice(scale[judgement]), reasons="The evidence says so.",
            )
            for subject, judgement in subjects
        )  # fmt: skip
    Finding.objects.create(
        assessment=second, theme=f"{KLOES[0]}/3", kind="strength",
        text="Letters about rent are plain, and say whom to call.",
    )  # fmt: skip
    Finding.objects.create(
        assessment=second, theme=f"{KLOES[0]}/4", kind="area for improvement", text="Late.",
        recommendation="Call within three days of a missed payment.", priority="high",
    )  # fmt: skip
    Inspection.objects.filter(assessment=first).update(stage="published")
    return {
        "first": str(first.pk),
        "second": str(second.pk),
        "people": {key: email},
        "password": build.PASSWORD,
    }


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
