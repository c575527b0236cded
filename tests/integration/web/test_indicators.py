"""Published results beside an assessment, and the scope proposal that rests on them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from kloe.core.errors import InvalidInput, NotFound
from kloe.measures.dataset import open_dataset
from kloe.web.assessments.models import KnownFact, Rating
from kloe.web.audit.models import AuditEvent
from kloe.web.demonstration import build, sector
from kloe.web.indicators import actions, queries, scoping
from kloe.web.indicators.models import IndicatorResult
from kloe.web.indicators.rows import position_of

REPAIRS = "wao-housing-2005/1.5/4"


@pytest.fixture(scope="session")
def dataset() -> str:
    """An invented sector, imported once into the tests' data directory."""
    from django.conf import settings

    return sector.bring_in(settings.DATA_DIR, build.read("landlord.yaml"))


@pytest.fixture
def beside(assessment: Any, dataset: str, lead: Any) -> Any:
    actions.set_beside(assessment=assessment, dataset=dataset, landlord="X000", by=lead)
    return assessment


def test_results_cross_once_as_rows_that_say_how_they_came_about(
    beside: Any, dataset: str, lead: Any, data_root: Path
) -> None:
    rows = IndicatorResult.objects.filter(assessment=beside)
    opened = open_dataset(data_root, dataset)
    assert rows.count() == len(opened.positions(opened.landlord("X000")))
    row = rows.get(measure="RP02 1")
    assert (row.numerator, row.denominator) == ("5216", "6569")
    # Recomputed from its own parts, to the published decimal.
    share = Decimal(row.numerator) / Decimal(row.denominator) * 100
    assert abs(share - Decimal(row.value)) <= Decimal("0.05")
    assert row.data_digest == opened.info.digest
    assert row.engine.startswith("duckdb ")
    assert len(row.definition_digest) == 64
    assert actions.set_beside(assessment=beside, dataset=dataset, landlord="X000", by=lead) == 0
    assert AuditEvent.objects.filter(verb="set results beside").count() == 1


def test_a_row_gives_back_the_position_it_was_made_of(
    beside: Any, dataset: str, data_root: Path
) -> None:
    opened = open_dataset(data_root, dataset)
    made = {(p.measure.code, p.population): p for p in opened.positions(opened.landlord("X000"))}
    for row in IndicatorResult.objects.filter(assessment=beside):
        back = position_of(row)
        assert back == made[back.measure.code, back.population]


def test_quartiles_and_rank_by_another_route(beside: Any, dataset: str, data_root: Path) -> None:
    """Plain Python over the values of the peers, without the project's statistics."""
    import statistics

    opened = open_dataset(data_root, dataset)
    for shown in queries.everything(beside):
        position = shown.position
        peers = [
            v.value
            for x in opened.landlords()
            if position.peers.has(x)
            for v in opened.values(x)
            if (v.measure, v.population) == (shown.row.measure, position.population)
            and v.value is not None
        ]
        q1, median, q3 = statistics.quantiles(sorted(peers), n=4, method="inclusive")
        assert position.spread is not None
        for ours, theirs in zip(
            (position.spread.q1, position.spread.median, position.spread.q3),
            (q1, median, q3),
            strict=True,
        ):
            assert abs(ours - theirs) < Decimal("0.000001"), shown.row.measure


def test_results_cannot_be_changed_even_by_sql(beside: Any) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE indicators_indicatorresult SET value = '100'")


@pytest.mark.parametrize(("dataset_id", "landlord"), [("none", "X000"), (None, "Nobody here")])
def test_an_unknown_dataset_or_landlord_is_told(
    assessment: Any, dataset: str, lead: Any, dataset_id: str | None, landlord: str
) -> None:
    with pytest.raises(NotFound):
        actions.set_beside(
            assessment=assessment, dataset=dataset_id or dataset, landlord=landlord, by=lead
        )


def test_the_theme_page_has_the_results_beside_the_criteria_they_speak_to(
    beside: Any, lead: Any, client_of: Any
) -> None:
    page = client_of(lead).get(reverse("theme", args=[beside.pk, REPAIRS])).content.decode()
    assert "79.4 %" in page
    assert "5,216 of 6,569" in page
    assert 'role="img"' in page


def test_the_indicators_page_filters_and_sorts_by_address(
    beside: Any, lead: Any, client_of: Any
) -> None:
    client, url = client_of(lead), reverse("indicators", args=[beside.pk])
    everything = client.get(url).content.decode()
    assert everything.count("<svg") >= 20
    worst = client.get(url, {"show": "worst"}).content.decode()
    assert "worst quarter" in worst
    assert "best quarter" not in worst.split("</form>")[-1]
    assert client.get(url, {"sort": "place", "show": "no"}).status_code == 200
    one = client.get(reverse("indicator", args=[beside.pk, "rp02-1"])).content.decode()
    for words in ("5,216", "6,569", "Lower quartile", "Period", "Which way is better"):
        assert words in one
    assert client.get(reverse("indicator", args=[beside.pk, "no-such"])).status_code == 404


def test_a_landlord_is_found_and_chosen_in_the_browser(
    assessment: Any, dataset: str, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    url = reverse("indicators-choose", args=[assessment.pk])
    found = client.get(url, {"dataset": dataset, "q": "porth"}).content.decode()
    assert "Tai Porth Arian" in found
    assert "Invented landlord 01" not in found
    done = client.post(
        reverse("indicators-set", args=[assessment.pk]), {"dataset": dataset, "landlord": "X000"}
    )
    assert done.status_code == 302
    assessment.refresh_from_db()
    assert (assessment.dataset, assessment.landlord_code) == (dataset, "X000")
    assert client.get(reverse("dataset", args=[dataset])).status_code == 200


def test_the_proposal_ranks_themes_with_their_reasons(beside: Any, lead: Any) -> None:
    KnownFact.objects.create(
        assessment=beside, kind="audit", date="2025-12-12", source="Audit 07/25",
        text="Limited assurance.", themes=["wao-housing-2005/1.2/6"], tone="against",
    )  # fmt: skip
    made = scoping.propose(beside)
    by_theme = {p.theme: p for p in made.themes}
    repairs = by_theme[REPAIRS]
    assert repairs.rank <= 3
    assert any("worst quarter" in str(r.words) for r in repairs.reasons)
    assert any("Audit 07/25" in str(r.words) for r in by_theme["wao-housing-2005/1.2/6"].reasons)
    assert [p.score for p in made.themes] == sorted((p.score for p in made.themes), reverse=True)


def test_a_rating_above_what_the_numbers_say_is_a_reason(
    beside: Any, pinned: Any, lead: Any
) -> None:
    shown = next(
        s
        for s in queries.for_theme(beside, pinned.theme(REPAIRS))
        if s.quarter == "worst" and s.criteria
    )
    criterion = pinned.criterion(sorted(shown.criteria)[0])
    top = {"paired": "upper", "upper only": "met"}[criterion.form]
    before = {p.theme: p.score for p in scoping.propose(beside).themes}[REPAIRS]
    Rating.objects.create(
        assessment=beside, criterion=criterion.id, theme=REPAIRS, position=top, updated_by=lead
    )
    after = next(p for p in scoping.propose(beside).themes if p.theme == REPAIRS)
    assert any(r.why.value == "overrated" for r in after.reasons)
    assert after.score > before - 15


def test_weights_are_visible_tried_kept_and_checked(beside: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    url = reverse("scope-proposal", args=[beside.pk])
    assert 'name="worst_quarter"' in client.get(url).content.decode()
    tried = client.get(url, {"threshold": "100"}).content.decode()
    assert 'value="100"' in tried
    for bad in ("101", "-1", "a", ""):
        answer = client.get(url, {"threshold": bad})
        assert answer.status_code == 400, bad
    client.post(reverse("scope-accept", args=[beside.pk]), {"worst_quarter": "40"})
    beside.refresh_from_db()
    assert beside.scope_weights == {"worst_quarter": 40}
    with pytest.raises(InvalidInput):
        actions.set_weights(assessment=beside, weights={"no_such": 1}, by=lead)


def test_accepting_fills_the_scope_with_reasons(beside: Any, lead: Any, client_of: Any) -> None:
    client_of(lead).post(reverse("scope-accept", args=[beside.pk]), {"accept": "1"})
    proposed = {p.theme for p in scoping.propose(beside).themes if p.proposed}
    inside = set(beside.themes.filter(in_scope=True).values_list("theme", flat=True))
    assert inside == proposed
    assert inside
    assert not beside.themes.filter(in_scope=False, reason="").exists()


def test_a_page_of_a_quarter_counts_each_measure_once(beside: Any, pinned: Any) -> None:
    quarters = queries.quarters_by_theme(beside, pinned)
    for theme in pinned.themes():
        shown = queries.for_theme(beside, theme)
        worst = {s.row.measure for s in shown if s.quarter == "worst"}
        best = {s.row.measure for s in shown if s.quarter == "best"} - worst
        assert quarters.get(theme.id, (0, 0)) == (len(best), len(worst))


def test_a_workbook_is_imported_from_the_browser_by_administrators(
    org: Any, lead: Any, user_with: Any, client_of: Any, tmp_path: Path, data_root: Path
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from kloe.core.progress import Silent
    from kloe.web.indicators import jobs
    from kloe.web.jobs.models import Job

    sector.write(tmp_path / "book.xlsx", build.read("landlord.yaml"))
    url = reverse("dataset-import")

    def upload(data: bytes) -> SimpleUploadedFile:
        return SimpleUploadedFile("../TSM <2026>.xlsx", data)

    book = (tmp_path / "book.xlsx").read_bytes()
    assert client_of(lead).post(url, {"file": upload(book)}).status_code == 403
    client = client_of(user_with("administrator", org))
    assert client.post(url, {}).status_code == 400
    asked = client.post(url, {"file": upload(book)})
    job = Job.objects.get()
    assert asked["Location"] == reverse("job", args=[job.pk])
    assert "/" not in job.payload["name"]
    result = jobs.import_benchmark(job, Silent())
    assert result is not None
    assert client.get(result["url"]).status_code == 200
    assert list(jobs.folder().iterdir()) == []
    assert AuditEvent.objects.filter(verb="imported dataset", organisation_id=org.pk).exists()
    client.post(url, {"file": upload(b"no workbook")})
    with pytest.raises(InvalidInput):
        jobs.import_benchmark(Job.objects.latest("created_at"), Silent())
    assert list(jobs.folder().iterdir()) == []
