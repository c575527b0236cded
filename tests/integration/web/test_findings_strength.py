"""Findings have numbers, a strength that a person decides, a draft and a whole recommendation."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from judgement_ground import THEME, write
from test_judgements_findings import IMPROVEMENT, item_of

from kloe.core.errors import InvalidInput
from kloe.web.audit.models import AuditEvent
from kloe.web.judgements import actions, queries_findings
from kloe.web.judgements.models import Finding
from kloe.web.plans import recommending
from kloe.web.reporting.snapshot import take

pytestmark = pytest.mark.django_db


def added(assessment: Any, pinned: Any, by: Any, **more: Any) -> Finding:
    values: dict[str, Any] = {"theme": THEME, "kind": "strength", "text": "Plain.", **more}
    row: Finding = actions.add_finding(
        assessment=assessment, pinned=pinned, write=write(by), **values
    ).row
    return row


def test_numbers_are_given_once_and_stay(assessment: Any, pinned: Any, lead: Any) -> None:
    first, second = (added(assessment, pinned, lead, text=t) for t in ("One.", "Two."))
    assert (first.number, second.number) == (1, 2)
    actions.remove_finding(assessment=assessment, finding=first, by=lead)
    assert added(assessment, pinned, lead, text="Three.").number == 3


def test_the_whole_recommendation_is_kept_and_only_of_improvements(
    assessment: Any, pinned: Any, lead: Any
) -> None:
    more = {
        "recommendation": "Write plainly.", "priority": "high", "benefit": "Understood at once.",
        "impact": "high", "cost": "low", "due_on": "2027-03-31", "draft": "At *length*.",
        "strength": "adequate",
    }  # fmt: skip
    row = added(assessment, pinned, lead, kind=IMPROVEMENT, **more)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in more} == more
    other = added(assessment, pinned, lead, text="Good.", **more)
    assert (other.recommendation, other.benefit, other.due_on, other.strength) == (
        "", "", "", "adequate",
    )  # fmt: skip
    told = next(f for f in take(assessment).findings if f.id == str(row.pk))
    assert {name: getattr(told, name) for name in more} == more
    assert told.number == row.number
    event = AuditEvent.objects.filter(verb="added finding", subject_id=str(row.pk)).get()
    assert event.after["strength"] == "adequate"


@pytest.mark.parametrize(
    ("name", "value"),
    [("strength", "iron"), ("impact", "vast"), ("cost", "9"), ("due_on", "31 March"),
     ("draft", "x" * 20_001)],
)  # fmt: skip
def test_what_is_no_word_of_theirs_is_refused(
    assessment: Any, pinned: Any, lead: Any, name: str, value: str
) -> None:
    with pytest.raises(InvalidInput):
        added(
            assessment, pinned, lead, kind=IMPROVEMENT, priority="low", recommendation="R",
            **{name: value},
        )  # fmt: skip
    assert not Finding.objects.exists()


def test_the_form_suggests_from_triangulation_and_a_person_decides(
    client_of: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    criterion = pinned.theme(THEME).criteria[0]
    document = item_of(assessment, criterion)
    seen = item_of(assessment)
    type(seen).objects.filter(pk=seen.pk).update(kind="observation", origin="inspector")
    row = added(assessment, pinned, lead, criteria=[criterion.id])
    assert queries_findings.strength_suggested(row).strength == "limited"
    row.evidence.add(seen)
    url = reverse("finding-edit", args=[assessment.pk, row.pk])
    client = client_of(lead)
    assert "Suggested: strong" in client.get(url).content.decode()
    sent = {
        "kind": "strength", "text": row.text, "criteria": [criterion.id],
        "evidence": [str(document.pk), str(seen.pk)], "strength": "limited",
        "base_version": row.version,
    }  # fmt: skip
    assert client.post(url, sent).status_code == 303
    row.refresh_from_db()
    assert row.strength == "limited"
    page = client.get(reverse("theme", args=[assessment.pk, THEME])).content.decode()
    assert "Limited evidence" in page


def test_a_recommendation_made_of_a_finding_has_all_it_said(
    assessment: Any, pinned: Any, lead: Any
) -> None:
    row = added(
        assessment, pinned, lead, kind=IMPROVEMENT, recommendation="Write plainly.",
        priority="high", benefit="Understood at once.", impact="medium", cost="low",
        due_on="2099-03-31",
    )  # fmt: skip
    made = recommending.from_finding(organisation=assessment.organisation, finding=row, by=lead)
    assert (made.benefit, made.impact, made.cost) == ("Understood at once.", "medium", "low")
    assert made.due_on is not None
    assert made.due_on.isoformat() == "2099-03-31"
