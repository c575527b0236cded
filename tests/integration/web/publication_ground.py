"""Ground for the tests of publishing: an inspection ready for it, and reports made in no time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from challenge_ground import heard
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.assessments.models import Assessment, Rating
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.judgements.models import Finding, Judgement
from kloe.web.library import store
from kloe.web.readings.models import Opening

#: Words that stand nowhere in what is public.
SECRETS = {
    "restricted title": "Whistleblower dossier Xylophon",
    "internal title": "Minutes of the Quokkaboard",
    "source": "Informant Zebedee",
    "note of a link": "Page seven of the Aardvark letter",
    "rating by person": "Personally I think Narwhal",
    "dissent": "I dissent with Pangolin",
}
OPEN_TITLE = "Policy on lettings Okapi"
WRONG, RIGHT = "Sixty homes stood empty.", "Sixteen homes stood empty."


def ready(title: str = "Inspection 2026") -> Ground:
    """An inspection at factual accuracy, with something of everything in it."""
    ground = make_ground(title=title)
    a, lead = ground.assessment, ground.people[Role.LEAD_INSPECTOR]
    pinned = store.pinned(a)
    theme = pinned.theme(THEME)
    a.themes.exclude(theme=THEME).update(in_scope=False, reason="Not now.")
    a.themes.update(lead=lead)
    for title_, level in (
        (SECRETS["restricted title"], "restricted"),
        (SECRETS["internal title"], "internal"),
        (OPEN_TITLE, "open"),
    ):
        item = evidence.add_note(
            assessment=a,
            details=Details(
                title=title_, text="Words.", source=SECRETS["source"], confidentiality=level
            ),
            by=lead,
        )
        evidence.link(
            item=item,
            descriptor=theme.criteria[0].descriptors[0].id,
            direction="shows this",
            note="" if level == "restricted" else SECRETS["note of a link"],
            by=lead,
        )
    criterion = theme.criteria[0]
    offered = "upper" if criterion.form == "paired" else "met"
    Rating.objects.update_or_create(
        assessment=a, criterion=criterion.id, theme=theme.id, author=None,
        defaults={"position": offered, "reason": "It is so."},
    )  # fmt: skip
    Rating.objects.create(
        assessment=a, criterion=criterion.id, theme=theme.id, author=lead, position=offered,
        reason=SECRETS["rating by person"],
    )  # fmt: skip
    Opening.objects.create(assessment=a, theme=theme.id)
    Finding.objects.create(
        assessment=a, theme=theme.id, kind="area for improvement", text=WRONG, number=1,
        criteria=[criterion.id], recommendation="Let them.", priority="high",
    )  # fmt: skip
    grade = pinned.leading.scales["service"].grades[1].key
    for subject in (theme.id, "service"):
        for stage, reasons in (("agreed", "Agreed."), ("dissent", SECRETS["dissent"])):
            Judgement.objects.create(
                assessment=a, subject=subject, stage=stage, grade=grade, reasons=reasons, by=lead
            )
    ground.at(Stage.FACTUAL_ACCURACY)
    heard(ground)
    ground.assessment = Assessment.objects.get(pk=a.pk)
    return ground


def at(hour: int) -> datetime:
    return datetime(2026, 11, 20, hour, tzinfo=UTC)


def quickly(document: Any, format: str, progress: Any = None) -> bytes:
    """PDF and Word as a few bytes: what they look like is tested with the reports."""
    from kloe.reports.render import render

    if format in {"pdf", "docx"}:
        return (b"%PDF-1.7\n" if format == "pdf" else b"PK") + render(document, "json")
    return render(document, format, progress)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports made in no time."""
    from kloe.web.publication import making

    monkeypatch.setattr(making, "render", quickly)
