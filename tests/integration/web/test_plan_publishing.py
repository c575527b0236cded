"""What the plan holds reaches the measures: published as Parquet, counted as entered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.records import application
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators.holdings import records_of, shelf_of
from kloe.web.plans import acting, publishing, recommending
from kloe.web.plans.models import Action

pytestmark = pytest.mark.django_db
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


def computed(organisation: Any, measure: str, period: Period = YEAR) -> tuple[Any, Any]:
    """Numerator and denominator, from what the engine reads."""
    records = records_of(organisation)
    assert records is not None
    with Computing(records, Wanted((period,))) as computing:
        (found,) = computing.results(catalogue().source(measure))
    assert not found.missing, found.missing
    return found.numerator, found.denominator


@pytest.fixture
def planned(org: Any, lead: Any) -> Callable[..., Action]:
    """An action that is part of the plan, and done if ``done`` says on which day."""

    def make(done: date | None = None, outcome: str = "", **values: Any) -> Action:
        said = {
            "title": "Answer complaints by the day promised",
            "origin": "complaint",
            "made_on": date(2025, 4, 2),
            "due_on": date(2025, 9, 30),
            "agreed": True,
            "agreed_with": "the board",
            "owner": lead,
        }
        row = acting.add(organisation=org, by=lead, **(said | values))
        row = acting.move(action=row, to="agreed", by=lead)
        if done is not None:
            late = row.due_on is not None and done > row.due_on
            row = acting.move(
                action=row, to="completed", by=lead, done_on=done, reason="ill" if late else ""
            )
        if outcome:
            Action.objects.filter(pk=row.pk).update(outcome_state=outcome)
        return row

    return make


def test_actions_entered_are_counted_as_entered(org: Any, lead: Any, planned: Any) -> None:
    planned(done=date(2025, 9, 30))
    planned(done=date(2025, 10, 1))
    planned(done=date(2025, 5, 1), due_on=date(2025, 3, 1), made_on=date(2025, 1, 1))
    planned()
    acting.add(
        organisation=org, by=lead, title="Only proposed", origin="board",
        made_on=date(2025, 4, 2), due_on=date(2025, 6, 1),
    )  # fmt: skip
    publishing.publish(organisation=org, by=lead)
    assert computed(org, "improvement/actions-on-time") == (1, 3)


def test_measures_of_improvement_compute_from_the_plan_alone(
    org: Any, lead: Any, planned: Any
) -> None:
    row = recommending.add(
        organisation=org, by=lead, what="Publish repairs promises", origin="residents",
        source="Tenants' panel, May 2025", made_on=date(2025, 5, 1),
    )  # fmt: skip
    other = recommending.add(
        organisation=org, by=lead, what="Meet outside work", origin="residents",
        source="Tenants' panel, May 2025", made_on=date(2025, 5, 1),
    )  # fmt: skip
    for one in (row, other):
        recommending.decide(recommendation=one, accepted=True, reason="", by=lead)
    recommending.implemented(recommendation=row, on=date(2025, 8, 1), by=lead)
    money = {"needs_money": True, "budget": Decimal(100)}
    planned(
        done=date(2025, 8, 1), outcome="evidenced", recommendation=row, origin="recommendation",
        spend=Decimal("100.01"), **money,
    )  # fmt: skip
    planned(done=date(2025, 8, 1), spend=Decimal(100), **money)
    publishing.publish(organisation=org, by=lead)
    assert computed(org, "involvement/recommendations-implemented") == (1, 2)
    assert computed(org, "improvement/recommendations-in-plan") == (1, 2)
    assert computed(org, "improvement/actions-within-budget") == (1, 2)
    assert computed(org, "improvement/actions-outcome-shown") == (1, 2)
    assert computed(org, "improvement/actions-from-feedback") == (1, 2)
    assert computed(org, "improvement/actions-funded") == (2, 2)
    assert computed(org, "improvement/actions-smart") == (0, 2)


def test_a_plan_of_which_nothing_is_done_is_nought_and_not_unknown(org: Any, planned: Any) -> None:
    planned()
    publishing.publish(organisation=org, by=None)
    assert computed(org, "improvement/actions-on-time") == (0, 1)


def test_publishing_again_unchanged_gives_the_same_digest_and_no_trace(
    org: Any, lead: Any, planned: Any
) -> None:
    action = planned(done=date(2025, 9, 1))
    first, new = publishing.publish(organisation=org, by=lead)
    assert new
    again, new = publishing.publish(organisation=org, by=lead)
    assert not new
    assert again.digest == first.digest
    assert AuditEvent.objects.filter(verb="published plan").count() == 1
    records = records_of(org)
    assert records is not None
    records.verify()
    acting.edit(
        action=action, by=lead, base_version=Action.objects.get(pk=action.pk).version,
        spend=Decimal(3),
    )  # fmt: skip
    third, new = publishing.publish(organisation=org, by=lead)
    assert new
    assert third.digest != first.digest
    later = records_of(org)
    assert later is not None
    assert later.digest != records.digest


def test_nothing_planned_publishes_nothing(org: Any) -> None:
    _made, new = publishing.publish(organisation=org, by=None)
    assert not new
    assert records_of(org) is None
    assert application.published(shelf_of(org)) is None


def test_dropping_an_action_before_its_day_takes_it_out_after_it_does_not(
    org: Any, lead: Any, planned: Any
) -> None:
    early = planned(due_on=date(2026, 3, 1))
    late = planned(due_on=date(2025, 9, 1))
    for one in (early, late):
        acting.move(action=one, to="dropped", by=lead, reason="the estate was sold")
    Action.objects.filter(pk=early.pk).update(dropped_on=date(2026, 2, 1))
    publishing.publish(organisation=org, by=lead)
    assert computed(org, "improvement/actions-on-time") == (0, 1)
