"""Indicators computed from records, for an assessment: what is written and what pages show."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from computed_ground import SOME, bring_in, compute_quickly, forget, invented
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from kloe.core.errors import Cancelled, NotFound
from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.keeping import Kept
from kloe.records.store import RecordSet
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators import actions, computed, computed_queries
from kloe.web.indicators.models import ComputedPlacing, ComputedResult, ComputedSummary
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting

ACCOUNTS = "rents/accounts-before-start"
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


@pytest.fixture
def records(org: Any) -> Any:
    yield bring_in(org)
    forget(org)


@pytest.fixture
def done(assessment: Any, lead: Any, records: Any) -> computed.Done:
    return compute_quickly(assessment, lead)


def whole(measure: str, period: Period = YEAR) -> ComputedResult:
    return ComputedResult.objects.get(
        measure=measure, grouping="", period_start=period.start, period_end=period.end
    )


def test_rows_are_the_engines_results(done: Any) -> None:
    records = RecordSet.open(invented())
    sources = catalogue().match(SOME)
    with Computing(records, Wanted((YEAR,)), kept=Kept(None)) as computing:
        for source in sources:
            results = computing.results(source)
            result = next(r for r in results if not r.columns)
            row = whole(source.id)
            assert row.definition_digest == result.definition
            assert row.engine == result.engine
            assert len(row.data_digest) == 64
            if row.leading and row.leading != list(result.leading):
                # The widest is small: the widest that may be shown leads.
                told = [r for r in results if r.columns and r.group[0] == row.leading[0]]
                led = next(r for r in told if list(r.group) == row.leading)
                assert (row.n, Decimal(row.value)) == (sum(r.n for r in told), led.value)
            elif row.level == "all":
                assert (row.n, Decimal(row.value or 0)) == (result.n, result.value or 0)
            else:
                assert not row.value
                assert not row.numerator
    assert done.measures == len(sources)
    assert done.failed == {}


def test_every_like_period_and_quarter_stands(done: Any) -> None:
    rows = ComputedResult.objects.filter(measure=ACCOUNTS, grouping="")
    spans = {(r.period_start, r.period_end) for r in rows}
    assert len(spans) == rows.count() == 4 + 12
    assert (date(2022, 4, 1), date(2023, 3, 31)) in spans
    assert (date(2026, 1, 1), date(2026, 3, 31)) in spans
    assert (date(2023, 4, 1), date(2023, 6, 30)) in spans


def test_computing_again_writes_nothing_twice(done: Any, assessment: Any, lead: Any) -> None:
    before = set(ComputedResult.objects.values_list("pk", flat=True))
    again = computed.compute(assessment=assessment, by=lead, measures=SOME)
    assert again.new == 0
    assert set(ComputedResult.objects.values_list("pk", flat=True)) == before
    assert ComputedSummary.objects.filter(assessment=assessment).count() == again.measures
    assert AuditEvent.objects.filter(verb="computed indicators").count() == 2


def test_results_cannot_be_changed_even_by_sql(done: Any) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE indicators_computedresult SET value = '100'")


def test_what_is_hidden_is_not_kept(done: Any) -> None:
    hidden = ComputedResult.objects.exclude(level="all")
    assert hidden.filter(grouping="").exists() or hidden.exclude(grouping="").exists()
    for row in hidden:
        assert (row.value, row.numerator, row.spread, row.excluded) == ("", "", {}, {})
        if row.level == "nothing":
            assert (row.denominator, row.n) == ("", None)


def test_a_summary_says_where_a_measure_stands(done: Any, assessment: Any) -> None:
    line = computed_queries.one(assessment, ACCOUNTS)
    assert line is not None
    row = whole(ACCOUNTS)
    assert line.title == "New rent accounts set up before the tenancy starts"
    assert line.stored.value == row.value
    assert line.target == "100.0 %"
    assert line.aim.value in {"off", "chance"}
    assert line.parts == (row.numerator, row.denominator)
    placing = ComputedPlacing.objects.get(summary__measure=ACCOUNTS)
    assert placing.criterion == "wao-housing-2005/1.2/3/account-set-up"
    assert (placing.bearing, placing.side) == ("direct", "both")


def test_without_records_it_is_told(assessment: Any, lead: Any, client_of: Any) -> None:
    with pytest.raises(NotFound, match="No records"):
        computed.compute(assessment=assessment, by=lead)
    client = client_of(lead)
    url = reverse("analysis-compute", args=[assessment.pk])
    assert client.post(url).status_code == 404
    assert not Job.objects.exists()
    page = client.get(reverse("analysis", args=[assessment.pk])).content.decode()
    assert "No records of this organisation are loaded" in page


def test_what_records_lack_is_said_and_never_a_nought(
    assessment: Any, lead: Any, org: Any, client_of: Any, tmp_path: Any
) -> None:
    from record_sets import make_set

    tenancy = [{"tenancy_ref": "T1", "property_ref": "P1", "start_on": date(2025, 5, 1)}]
    bring_in(org, make_set(tmp_path / "few", {"tenancy": tenancy}).folder)
    try:
        computed.compute(assessment=assessment, by=lead, measures=[ACCOUNTS])
        row = whole(ACCOUNTS)
        assert row.value == row.numerator == ""
        assert ["rent_account", "", False] in row.missing
        page = client_of(lead).get(reverse("analysis", args=[assessment.pk])).content.decode()
        assert "Not computable:" in page
        assert "the table rent_account is missing" in page
    finally:
        forget(org)


def test_another_organisation_has_records_of_its_own(
    done: Any, other_org: Any, make_assessment: Any, lead: Any, org: Any
) -> None:
    # A landlord's code can be typed in; it opens nothing.
    other_org.landlord_code = str(org.pk)
    other_org.save()
    other = make_assessment(organisation=other_org, lead=None)
    with pytest.raises(NotFound):
        computed.compute(assessment=other, by=lead, measures=[ACCOUNTS])
    assert not ComputedResult.objects.filter(organisation=other_org).exists()


def test_the_job_computes_and_links_to_the_analysis(
    assessment: Any, lead: Any, records: Any, client_of: Any
) -> None:
    client = client_of(lead)
    asked = client.post(reverse("analysis-compute", args=[assessment.pk]))
    job = Job.objects.get()
    assert asked.url == reverse("job", args=[job.pk])
    # Pressed twice, it is asked for once.
    client.post(reverse("analysis-compute", args=[assessment.pk]))
    assert Job.objects.count() == 1
    Job.objects.update(payload={"measures": [ACCOUNTS]})
    assert run_waiting() == 1
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    assert job.result["url"] == reverse("analysis", args=[assessment.pk])
    assert job.result["measures"] == 1


def test_stopped_half_way_what_is_there_stands(assessment: Any, lead: Any, records: Any) -> None:
    class Stop:
        def step(self, done: int, total: int, what: object = "") -> None:
            if done == 2:
                raise Cancelled("")

    with pytest.raises(Cancelled):
        computed.compute(assessment=assessment, by=lead, measures=SOME, progress=Stop())
    assert ComputedSummary.objects.count() == 2
    assert AuditEvent.objects.filter(verb="computed indicators").count() == 1


def test_every_draft_of_an_organisation_is_computed_after_loading(
    assessment: Any, make_assessment: Any, records: Any, org: Any, lead: Any
) -> None:
    from kloe.web.assessments import actions as assessments

    final = make_assessment(title="Final")
    assessments.finish(assessment=final, final=True, by=lead)
    jobs = actions.compute(organisation=org, by=lead)
    assert [j.assessment_id for j in jobs] == [assessment.pk]


# The analysis page


def test_the_analysis_page_filters_and_sorts_by_address(
    done: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    client, url = client_of(lead), reverse("analysis", args=[assessment.pk])
    page = client.get(url).content.decode()
    assert "New rent accounts set up before the tenancy starts" in page
    assert 'class="spark' in page
    assert "Why look" in page
    found = client.get(url, {"area": "money"}).content.decode()
    assert "New rent accounts" not in found
    assert client.get(url, {"q": "no such words"}).content.decode().count("<tr>") == 0
    for query in ({"show": "off"}, {"show": "missing"}, {"sort": "-title"}, {"sort": "x"}):
        assert client.get(url, query).status_code == 200
    titles = [x.title for x in client.get(url, {"sort": "title"}).context["lines"]]
    assert titles == sorted(titles, key=str.casefold)


def test_those_to_look_at_first_come_first(done: Any, assessment: Any, pinned: Any) -> None:
    points = [x.stored.points for x in computed_queries.everything(assessment, pinned)]
    assert points == sorted(points, reverse=True)
    assert points[0] > 0


def test_the_analysis_page_asks_a_fixed_number_of_queries(
    done: Any, assessment: Any, lead: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client, url = client_of(lead), reverse("analysis", args=[assessment.pk])
    client.get(url)
    with django_assert_max_num_queries(7):
        client.get(url)


def test_a_reader_sees_and_computes_nothing(
    done: Any, assessment: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    client = client_of(user_with("reader", org))
    page = client.get(reverse("analysis", args=[assessment.pk])).content.decode()
    assert "New rent accounts" in page
    assert "Compute anew" not in page
    assert client.post(reverse("analysis-compute", args=[assessment.pk])).status_code == 403
