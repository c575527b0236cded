"""The least number shown is the organisation's: floored, only raised, and never a way round."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from computed_ground import bring_in, forget
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from attacker import Attack
from kloe.core.periods import Period
from kloe.measures import groups as grouping
from kloe.measures.catalogue import catalogue
from kloe.measures.groups import Figures
from kloe.measures.layout import row_key
from kloe.measures.suppression import Policy
from kloe.measures.suppression_search import Level
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators import case_lists, computed, computed_cases, computed_rows
from kloe.web.indicators.models import ComputedResult, ComputedSummary
from kloe.web.jobs.models import Job
from kloe.web.organisations import actions

REPAIRS = "repairs/target-at-report"
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
LEVELS = {"all": 0, "size": 1, "nothing": 2}

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(assessment: Any, lead: Any, org: Any) -> Any:
    bring_in(org)
    yield computed.compute(assessment=assessment, by=lead, measures=(REPAIRS,))
    forget(org)


def form_of(org: Any, **more: Any) -> dict[str, Any]:
    fields = ("name", "kind", "jurisdiction", "homes", "landlord_code", "small_number")
    return {f: getattr(org, f) if getattr(org, f) is not None else "" for f in fields} | more


def rows_at(threshold: int) -> dict[tuple[Any, ...], ComputedResult]:
    return {
        (r.period_start, r.period_end, r.grouping, r.group): r
        for r in ComputedResult.objects.filter(measure=REPAIRS, threshold=threshold)
    }


def raise_to(org: Any, lead: Any, number: int) -> None:
    actions.update(organisation=org, values={"small_number": number}, by=lead)
    org.refresh_from_db()


# The setting


@pytest.mark.parametrize(("given", "status"), [(4, 422), (5, 302), (100, 302), (101, 422)])
def test_it_lies_between_a_floor_and_a_ceiling(
    org: Any, user_with: Any, client_of: Any, given: int, status: int
) -> None:
    client = client_of(user_with("administrator", org))
    answer = client.post(
        reverse("organisation-edit", args=[org.pk]), form_of(org, small_number=given)
    )
    assert answer.status_code in ({302, 303} if status == 302 else {422})
    org.refresh_from_db()
    assert org.small_number == (given if status == 302 else 10)
    events = AuditEvent.objects.filter(verb="changed organisation", organisation_id=org.pk)
    if status == 302:
        event = events.get()
        assert (event.before, event.after) == ({"small_number": 10}, {"small_number": given})
    else:
        assert not events.exists()


def test_once_figures_are_out_it_is_only_raised(
    done: Any, org: Any, assessment: Any, user_with: Any, client_of: Any
) -> None:
    client = client_of(user_with("administrator", org))
    url = reverse("organisation-edit", args=[org.pk])
    refused = client.post(url, form_of(org, small_number=9))
    assert refused.status_code == 422
    assert "can only be raised" in refused.content.decode()
    assert 'id="id_small_number_error"' in refused.content.decode() or "small_number" in str(
        refused.context["form"].errors
    )
    assert not Job.objects.filter(kind="compute-indicators").exists()
    assert client.post(url, form_of(org, small_number=20)).status_code in (302, 303)
    job = Job.objects.get(kind="compute-indicators")
    assert (job.assessment_id, job.state) == (assessment.pk, "waiting")
    # A name changed at the same time computes nothing.
    org.refresh_from_db()
    assert client.post(url, form_of(org, name="Tai Arall")).status_code in (302, 303)
    assert Job.objects.filter(kind="compute-indicators").count() == 1


# What is shown


def test_raising_it_shows_less_and_never_other_rows(
    done: Any, org: Any, lead: Any, assessment: Any
) -> None:
    before = rows_at(10)
    raise_to(org, lead, 60)
    computed.compute(assessment=assessment, by=lead, measures=(REPAIRS,))
    after = rows_at(60)
    assert after.keys() == before.keys()
    assert all(LEVELS[after[k].level] >= LEVELS[before[k].level] for k in after)
    assert any(after[k].level != before[k].level for k in after)
    assert not [r for r in after.values() if r.value and r.n and r.n < 60]
    summary = ComputedSummary.objects.get(measure=REPAIRS)
    assert summary.result.threshold == 60
    # Computed again it stands once.
    assert computed.compute(assessment=assessment, by=lead, measures=(REPAIRS,)).new == 0


def test_pages_say_the_number_they_were_made_with(
    done: Any, org: Any, lead: Any, assessment: Any, client_of: Any
) -> None:
    url = reverse("measure", args=[assessment.pk, REPAIRS])
    client = client_of(lead)
    raise_to(org, lead, 60)
    assert "below 10" in client.get(url).content.decode()
    computed.compute(assessment=assessment, by=lead, measures=(REPAIRS,))
    page = client.get(url).content.decode()
    assert "below 60" in page
    assert "below 10" not in page


def test_a_list_of_cases_follows_at_once(
    done: Any, org: Any, lead: Any, assessment: Any, client_of: Any
) -> None:
    url = reverse("measure-cases", args=[assessment.pk, REPAIRS])
    client = client_of(lead)
    assert client.get(url).status_code == 200
    raise_to(org, lead, 60)
    answer = client.get(url)
    assert answer.status_code == 409
    assert "below 60" in answer.content.decode()
    computed.compute(assessment=assessment, by=lead, measures=(REPAIRS,))
    row = ComputedSummary.objects.get(measure=REPAIRS).result
    assert row.level == "all"
    assert client.get(url).status_code == 200
    groups = {
        r.grouping: r.level
        for r in rows_at(60).values()
        if r.grouping and r.level != "all" and r.period_start == YEAR.start
    }
    listed = computed_cases.cases_at_fault(assessment, catalogue().source(REPAIRS))
    assert not set(groups) & set(listed.columns)
    assert case_lists.path_of(row).exists()


def test_results_stay_append_only(done: Any) -> None:
    row = ComputedResult.objects.filter(measure=REPAIRS).first()
    assert row is not None
    assert row.threshold == 10
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ComputedResult.objects.filter(pk=row.pk).update(threshold=5)
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE indicators_computedresult SET value = '1'")


# Two sets of figures together


@pytest.mark.parametrize("seed", range(12))
def test_figures_of_before_and_of_now_tell_no_more_than_those_of_before(seed: int) -> None:
    rng = random.Random(seed)
    names = {
        "area": ["north", "south", "east", "west"],
        "tenure": ["secure", "starter", "other"],
    }
    cells = {
        (a, t): (n := rng.choice((0, 2, 7, 14, 40, 90)), rng.randint(0, n))
        for a in names["area"]
        for t in names["tenure"]
    }
    if not sum(n for n, _hits in cells.values()):
        pytest.skip("nobody")

    def of(place: int, name: str) -> Figures:
        those = [v for k, v in cells.items() if k[place] == name]
        n = sum(v[0] for v in those)
        return Figures(Decimal(sum(v[1] for v in those)), Decimal(n), n)

    groups = {by: {g: of(at, g) for g in names[by]} for at, by in enumerate(names)}
    n = sum(v[0] for v in cells.values())
    whole = Figures(Decimal(sum(v[1] for v in cells.values())), Decimal(n), n)
    measure = catalogue().get(REPAIRS)
    common = (measure, {YEAR: whole}, YEAR, groups)
    old = grouping.make_plan(*common, policy=Policy(threshold=10)).levels
    new = computed_rows._plan(computed_rows._Out(20, (), old), *common).levels
    here = grouping.label(YEAR)
    assert all(new[key] >= old[key] for key in old)

    def attack(*plans: Any) -> Attack:
        made = Attack()
        figures = {row_key(here): whole} | {
            row_key(here, by, g): f for by, parts in groups.items() for g, f in parts.items()
        }
        for what in ("numerator", "denominator"):
            for by, parts in groups.items():
                made.adds_up((what, row_key(here)), [(what, row_key(here, by, g)) for g in parts])
        for levels in plans:
            for key, f in figures.items():
                if levels[key] is Level.ALL:
                    made.shown(("numerator", key), float(f.numerator))
                if levels[key] is not Level.NOTHING:
                    made.shown(("denominator", key), float(f.denominator))
        return made

    both, before = attack(old, new), attack(old)
    for by, parts in groups.items():
        for g in parts:
            for what in ("numerator", "denominator"):
                name = (what, row_key(here, by, g))
                if name in before.known:
                    assert name in both.known
                    continue
                assert name not in both.known
                assert both.bounds(name) == pytest.approx(before.bounds(name))
