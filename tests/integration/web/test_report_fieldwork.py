"""What a report tells of fieldwork: checks done, people seen, nobody named, nothing restricted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from checks_ground import SECRET, finished, planned
from inspection_ground import THEME, make_ground

from kloe.core.messages import language
from kloe.reports.document import build
from kloe.web.checks import people
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.judgements import actions as judging
from kloe.web.judgements.models import Finding
from kloe.web.plans import recommending
from kloe.web.reporting.fieldwork import checks_of, people_of, recommended_of
from kloe.web.reporting.snapshot import take

pytestmark = pytest.mark.django_db


def told(assessment: Any) -> str:
    """Everything a report of it holds, as JSON."""
    language.set("en")
    snapshot = take(assessment)
    return json.dumps(snapshot.to_json()) + json.dumps(build(snapshot).to_json())


def test_checks_done_and_people_seen_reach_the_report(assessment: Any, lead: Any) -> None:
    check = planned(assessment, lead)
    people.save_seen(check=check, role="tenant", group="new tenants", count=8, by=lead)
    people.save_seen(check=check, role="staff", group="repairs", count=2, by=lead)
    people.add_name(check=check, name=SECRET, contact="", note="", by=lead)
    assert checks_of(assessment) == ()
    assert people_of(assessment) == ()
    finished(check, lead)
    (done,) = checks_of(assessment)
    assert (done.title, done.result, done.conclusion) == (check.title, "confirms", "As claimed.")
    groups = people_of(assessment)
    assert sum(g.count or 0 for g in groups) == 10
    assert all((g.count or 5) >= 5 for g in groups)
    words = told(assessment)
    assert "Reality checks undertaken" in words
    assert SECRET not in words


def test_what_a_restricted_check_found_is_not_told(assessment: Any, lead: Any) -> None:
    check = finished(planned(assessment, lead, title="Unspeakable title"), lead)
    item = evidence.add_note(
        assessment=assessment,
        details=Details(title="Result", text="A.", confidentiality="restricted"),
        by=lead,
    )
    type(check).objects.filter(pk=check.pk).update(evidence=item)
    (done,) = checks_of(assessment)
    assert (done.number, done.kind) == (check.number, check.kind)
    assert not any((done.title, done.claim, done.conclusion, done.result))
    assert "Unspeakable title" not in told(assessment)


@pytest.mark.parametrize("kind", ["testimony", "tenant voice"])
def test_who_told_inspectors_is_never_named(kind: str) -> None:
    ground = make_ground()
    item = evidence.add_note(
        assessment=ground.assessment,
        details=Details(title=f"Talk with {SECRET}", kind=kind, source=SECRET, text="Said so."),
        by=ground.chief,
    )
    from kloe.web.library import store

    criterion = store.pinned(ground.assessment).theme(THEME).criteria[0]
    evidence.link(
        item=item, descriptor=criterion.descriptors[0].id, direction="shows this",
        locator=f"{SECRET}, minute 4", note=f"{SECRET} said", by=ground.chief,
    )  # fmt: skip
    words = told(ground.assessment)
    assert f'"number": {item.number}' in words
    assert SECRET not in words
    # What is written of a survey that is open is called what it is.
    evidence.add_note(
        assessment=ground.assessment,
        details=Details(title="Survey of 2025", kind=kind, text="A.", confidentiality="open"),
        by=ground.chief,
    )
    assert "Survey of 2025" in told(ground.assessment)


def test_the_plan_speaks_for_own_assessments_and_never_for_inspections(
    assessment: Any, pinned: Any, lead: Any
) -> None:
    from judgement_ground import write

    judging.add_finding(
        assessment=assessment, pinned=pinned, theme=THEME, kind="area for improvement",
        text="Late.", recommendation="Be on time.", priority="high", write=write(lead),
    )  # fmt: skip
    finding = Finding.objects.get()
    row = recommending.from_finding(organisation=assessment.organisation, finding=finding, by=lead)
    recommending.edit(
        recommendation=row, by=lead, base_version=row.version, benefit="No waiting.", cost="low",
        what="Be on time, always.", why=row.why, impact=row.impact, due_on=row.due_on,
        origin=row.origin, source=row.source, made_on=row.made_on,
    )  # fmt: skip
    (found,) = recommended_of(assessment)
    assert (found.what, found.benefit, found.findings) == (
        "Be on time, always.", "No waiting.", (str(finding.pk),),
    )  # fmt: skip
    assert "Be on time, always." in told(assessment)
    assessment.kind = "inspection"
    assert recommended_of(assessment) == ()
