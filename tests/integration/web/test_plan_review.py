"""The progress review: counted as independently as can be, and used as evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kloe.core.errors import Conflict, InvalidInput
from kloe.core.periods import Period
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.plans import acting, outcomes, reviewing
from kloe.web.plans.models import Action

pytestmark = pytest.mark.django_db
UPPER = "wao-housing-2005/2.10/1/planned-actions-completed/upper-1"
BENEFIT = "wao-housing-2005/2.10/2/change-on-the-ground/upper-1"


@pytest.fixture
def done(org: Any, lead: Any) -> Any:
    """Actions done so many days ago, due so many days ago."""

    def make(done_ago: int, due_ago: int, **values: Any) -> Action:
        today = timezone.localdate()
        row = acting.add(
            organisation=org,
            by=lead,
            title="Rewrite the letter",
            origin="board",
            made_on=today - timedelta(days=700),
            due_on=today - timedelta(days=due_ago),
            agreed=True,
            agreed_with="the team",
            **values,
        )
        row = acting.move(action=row, to="agreed", by=lead)
        return acting.move(
            action=row,
            to="completed",
            by=lead,
            done_on=today - timedelta(days=done_ago),
            reason="the printer broke" if done_ago < due_ago else "",
        )

    return make


def test_the_review_says_what_became_of_the_plan(
    org: Any, lead: Any, client_of: Any, done: Any
) -> None:
    done(20, 10, budget=100, spend=90)
    done(20, 30, budget=100, spend=120)
    done(400, 390)
    page = client_of(lead).get(reverse("plan-review", args=[org.pk]))
    found = page.context["review"]
    assert (found.record.on_time.part, found.record.on_time.of) == (1, 2)
    assert (found.record.to_budget.part, found.record.to_budget.of) == (1, 2)
    assert (found.record.with_outcome.part, found.record.with_outcome.of) == (0, 2)
    assert (found.then.on_time.part, found.then.on_time.of) == (1, 1)
    words = page.content.decode()
    assert "the printer broke" in words
    assert "Too few actions to tell a change from chance." in words


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?from=2025-04-01&to=2026-03-31", 200),
        ("?from=2024-02-29&to=2025-02-28", 200),
        ("?from=yesterday", 422),
        ("?from=2026-03-31&to=2025-04-01", 422),
        ("?from=0001-01-01", 422),
        ("?assessment=nonsense", 200),
    ],
)
def test_periods_come_from_the_address(
    org: Any, lead: Any, client_of: Any, assessment: Any, query: str, status: int
) -> None:
    answer = client_of(lead).get(reverse("plan-review", args=[org.pk]) + query)
    assert answer.status_code == status


def test_one_press_makes_it_evidence_and_a_second_press_adds_nothing(
    org: Any, lead: Any, client_of: Any, assessment: Any, done: Any
) -> None:
    done(20, 10)
    client, url = client_of(lead), reverse("plan-review-use", args=[org.pk])
    said = {"assessment": str(assessment.pk), "says": f"{UPPER} shows this"}
    assert client.post(url, said).status_code == 303
    assert client.post(url, said).status_code == 303
    item = EvidenceItem.objects.get()
    assert (item.kind, item.origin) == ("data", "system")
    assert "Done by the day they were due: 1 of 1." in item.text
    link = EvidenceLink.objects.get()
    assert (link.descriptor, link.direction) == (UPPER, "shows this")


def test_completed_actions_are_context_until_an_outcome_is_evidenced(
    org: Any, lead: Any, client_of: Any, assessment: Any, done: Any
) -> None:
    row = done(20, 10, outcome_groups="disabled tenants\nothers")
    client, url = client_of(lead), reverse("plan-review-use", args=[org.pk])
    said = {"assessment": str(assessment.pk), "says": f"{BENEFIT} shows this"}
    assert client.post(url, said).status_code == 409
    assert not EvidenceItem.objects.exists()
    context = {"assessment": str(assessment.pk), "says": f"{BENEFIT} context"}
    assert client.post(url, context).status_code == 303
    assert EvidenceLink.objects.get().direction == "context"
    item = evidence.add_note(
        assessment=assessment, details=Details(title="Panel", text="Better."), by=lead
    )
    outcomes.put_evidence(action=row, item=item, shows="outcome", group="disabled tenants", by=lead)
    outcomes.say_outcome(action=row, state="evidenced", note="No step left", by=lead)
    assert client.post(url, said).status_code == 303
    newest = EvidenceItem.objects.exclude(form="note").latest("added_at")
    assert "No step left" in newest.text
    assert "Not shown for: others." in newest.text


def test_the_review_speaks_to_its_two_themes_only(
    org: Any, other_org: Any, lead: Any, assessment: Any, done: Any
) -> None:
    done(20, 10)
    found = reviewing.review(
        org,
        Period(date(2020, 1, 1), timezone.localdate()),
        Period(date(2019, 1, 1), date(2019, 12, 31)),
    )
    with pytest.raises(InvalidInput):
        reviewing.use_as_evidence(
            organisation=org,
            assessment=assessment,
            found=found,
            descriptor="wao-housing-2005/1.2/3/account-set-up/upper-1",
            direction="context",
            by=lead,
        )
    with pytest.raises(Exception, match="not of the organisation"):
        reviewing.use_as_evidence(
            organisation=other_org,
            assessment=assessment,
            found=found,
            descriptor=UPPER,
            direction="context",
            by=lead,
        )


def test_whoever_may_not_add_evidence_is_refused(
    org: Any, user_with: Any, client_of: Any, assessment: Any, done: Any
) -> None:
    done(20, 10)
    said = {"assessment": str(assessment.pk), "says": f"{UPPER} context"}
    answer = client_of(user_with("reader", org)).post(
        reverse("plan-review-use", args=[org.pk]), said
    )
    assert answer.status_code == 403
    assert not EvidenceItem.objects.exists()


def test_saying_nothing_of_an_outcome_asks_for_a_completed_action(org: Any, lead: Any) -> None:
    row = acting.add(organisation=org, by=lead, title="x", origin="board")
    with pytest.raises(Conflict):
        outcomes.say_outcome(action=row, state="evidenced", note="", by=lead)


def test_the_page_names_the_assessment_and_its_baseline(
    org: Any, lead: Any, client_of: Any, assessment: Any
) -> None:
    from kloe.web.assessments.models import ContextRecord

    ContextRecord.objects.filter(assessment=assessment).update(baseline="68 % in time in 2022.")
    page = client_of(lead).get(reverse("plan-review", args=[org.pk])).content.decode()
    assert f"the context record of {assessment.title} says" in page
    assert "68 % in time in 2022." in page
    assert f'name="assessment" value="{assessment.pk}"' in page
