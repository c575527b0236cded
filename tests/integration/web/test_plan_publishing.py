"""What the plan holds reaches the measures: published as Parquet, counted as entered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.records import application
from kloe.records.store import DataFile, Filled, Table, write_manifest
from kloe.records.versions import Retention
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators import computed as computing
from kloe.web.indicators.holdings import records_of, shelf_of
from kloe.web.indicators.models import ComputedSummary
from kloe.web.plans import acting, publishing, recommending
from kloe.web.plans.models import Action

pytestmark = pytest.mark.django_db
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


def computed(organisation: Any, measure: str, period: Period = YEAR) -> tuple[Any, Any]:
    """Numerator and denominator, from what the engine reads."""
    records = records_of(organisation)
    assert records is not None
    with Computing(records, Wanted((period,))) as running:
        (found,) = running.results(catalogue().source(measure))
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


def test_results_of_checks_are_published_beside_the_plan(
    org: Any, lead: Any, planned: Any, monkeypatch: Any
) -> None:
    planned()
    found = {
        "check_ref": "C1",
        "kind": "visit",
        "on_date": date(2025, 6, 1),
        "theme": "wao-housing-2005/1.3/4",
        "result": "contradicts",
    }
    monkeypatch.setattr(publishing.checks, "published", lambda _organisation: iter([found]))
    made, _new = publishing.publish(organisation=org, by=lead)
    assert made.rows["check_result"] == 1
    records = records_of(org)
    assert records is not None
    (path,) = records.paths("check_result")
    (row,) = pq.read_table(path).to_pylist()
    assert {k: row[k] for k in found} == found
    assert row["landlord"] == str(org.pk)


def test_rows_of_a_load_stand_beside_the_plan_and_none_counts_twice(
    org: Any, lead: Any, planned: Any, tmp_path: Path
) -> None:
    planned(done=date(2025, 9, 30), reference="A-1")
    shelf = shelf_of(org)
    with shelf.alone():
        version, work = shelf.begin()
        load(work, shelf.landlord)
        shelf.publish(version, work, {"by": "lead", "tables": {}}, Retention())
    before, _new = publishing.publish(organisation=org, by=lead)
    assert before.beside == {"action": 1}
    # Of the load A-1 was late, and A-2 too: the plan's A-1 stands, A-2 is kept beside.
    assert computed(org, "improvement/actions-on-time") == (1, 2)
    loaded = shelf.current()
    assert loaded is not None
    assert loaded.table("action").rows == 2
    again, new = publishing.publish(organisation=org, by=lead)
    assert not new
    assert again.digest == before.digest
    joined = records_of(org)
    assert joined is not None
    joined.verify()
    assert joined.as_at == loaded.as_at
    assert set(joined.tables) == {"action", "complaint"}
    # A lesson of a loaded complaint that names the plan's action is acted on.
    assert computed(org, "complaints/lessons-acted-on") == (1, 1)


def load(work: Path, landlord: str) -> None:
    """A load of two actions and a complaint, as an extract would have brought them."""
    added = {"landlord": landlord, "source_file": "extract.csv"}
    tables = {
        "action": [
            {"action_ref": ref, "origin": "board", "made_on": date(2025, 1, 1),
             "due_on": date(2025, 6, 1), "done_on": date(2025, 7, 1)}
            for ref in ("A-1", "A-2")
        ],
        "complaint": [
            {"complaint_ref": "C1", "stage": "1", "service_area": "rents",
             "received_on": date(2025, 5, 1), "responded_on": date(2025, 5, 9),
             "outcome": "upheld", "learning_action_ref": "A-1"}
        ],
    }  # fmt: skip
    written = []
    for name, rows in tables.items():
        full = [{**row, **added, "source_row": n} for n, row in enumerate(rows, 1)]
        path = work / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(full), path)
        columns = {c: Filled(True, len(rows)) for c in full[0]}
        written.append(Table(name, (DataFile.of(work, path, len(rows)),), columns))
    write_manifest(work, landlord=landlord, as_at=date(2026, 3, 31), tables=written)


def test_computing_for_an_assessment_takes_the_plan_as_it_is(
    org: Any, lead: Any, planned: Any, assessment: Any
) -> None:
    planned(done=date(2025, 9, 30))
    planned()
    done = computing.compute(
        assessment=assessment, by=lead, measures=["improvement/actions-on-time"]
    )
    assert done.measures == 1
    summary = ComputedSummary.objects.select_related("result").get(assessment=assessment)
    assert (summary.result.numerator, summary.result.denominator) == ("1", "2")
