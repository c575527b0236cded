"""The report from an assessment: snapshot, job, pages, command."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kloe.assessment.snapshot import Snapshot
from kloe.core.disk import DiskFull
from kloe.core.errors import InvalidInput
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Rating
from kloe.web.assessments.saving import Write
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.ids import new_id
from kloe.web.jobs.models import Job
from kloe.web.judgements import actions as judging
from kloe.web.judgements import findings
from kloe.web.reporting import actions, jobs
from kloe.web.reporting.snapshot import take

THEME = "wao-housing-2005/1.2/3"


def write(by: Any, base: int = 0) -> Write:
    return Write(id=new_id(), base_version=base, by=by)


@pytest.fixture
def assessed(assessment: Any, pinned: Any, lead: Any) -> Any:
    """One theme rated, evidenced, answered, judged."""
    theme = pinned.theme(THEME)
    open_item = evidence.add_note(
        assessment=assessment,
        details=Details(title="Files read", kind="document", text="Twenty files.",
                        period_start=date(2025, 4, 1), period_end=date(2026, 3, 31)),
        by=lead,
    )  # fmt: skip
    secret = evidence.add_note(
        assessment=assessment,
        details=Details(title="What Mrs Pugh said", kind="tenant voice", origin="tenant",
                        confidentiality="restricted", text="In confidence."),
        by=lead,
    )  # fmt: skip
    for n, criterion in enumerate(theme.criteria):
        for item in (open_item, secret):
            evidence.link(
                item=item, descriptor=criterion.descriptors[0].id, direction="shows this",
                locator="p. 7", by=lead,
            )  # fmt: skip
        ratings.rate(
            assessment=assessment, pinned=pinned, criterion=criterion, position="between",
            reason=f"Reason number {n}.", write=write(lead),
        )  # fmt: skip
    ratings.answer(
        assessment=assessment, question=theme.questions[0].id, theme=THEME,
        text="It does, with two exceptions.", write=write(lead),
    )  # fmt: skip
    ratings.cite(
        assessment=assessment, question=theme.questions[0].id, theme=THEME,
        cites=[open_item.pk], by=lead,
    )  # fmt: skip
    findings.add_finding(
        assessment=assessment, pinned=pinned, theme=THEME, kind="area for improvement",
        text="Seventeen accounts were late.", criteria=[theme.criteria[0].id],
        evidence=[open_item.pk, secret.pk], recommendation="Open accounts at signing.",
        priority="high", write=write(lead),
    )  # fmt: skip
    judging.save_provisional(
        assessment=assessment, pinned=pinned, subject=THEME, grade="good",
        reasons="Between on all five.", write=write(lead),
    )  # fmt: skip
    return assessment


def test_the_snapshot_holds_what_was_said_and_nothing_restricted(assessed: Any) -> None:
    snapshot = take(assessed)
    again = Snapshot.from_json(json.loads(json.dumps(snapshot.to_json())))
    assert again.to_json() == snapshot.to_json()
    text = json.dumps(snapshot.to_json(), ensure_ascii=False)
    for said in ("Reason number 0.", "It does, with two", "Seventeen accounts", "Between on all"):
        assert said in text
    for kept_back in ("Mrs Pugh", "In confidence"):
        assert kept_back not in text
    theme = next(t for t in snapshot.themes() if t.id == THEME)
    assert theme.placed == Rating.objects.filter(assessment=assessed).count()
    assert all(len(c.evidence) == 2 for c in theme.criteria)


def test_what_is_out_of_scope_is_out_of_the_report(assessed: Any, lead: Any) -> None:
    from kloe.web.assessments import actions as assessing

    assessing.set_scope(assessment=assessed, choices={THEME: (False, "Reviewed apart.")}, by=lead)
    text = json.dumps(take(assessed).to_json())
    assert "Reviewed apart." in text
    assert "Reason number 0." not in text
    assert "Seventeen accounts" not in text


def test_taking_the_snapshot_costs_the_same_whatever_the_size(
    assessed: Any, pinned: Any, lead: Any
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            take(assessed)
        return len(seen)

    few = cost()
    for criterion in pinned.theme("wao-housing-2005/1.2/1").criteria:
        ratings.rate(
            assessment=assessed, pinned=pinned, criterion=criterion, position="cannot-tell",
            reason="", write=write(lead),
        )  # fmt: skip
    assert cost() == few <= 26


@pytest.mark.parametrize("view", ["full", "board"])
@pytest.mark.parametrize("order", ["kloe", "strand"])
def test_html_has_everything_said(assessed: Any, view: str, order: str) -> None:
    page = actions.make(assessed, format="html", view=view, order=order).decode()
    assert assessed.organisation.name in page
    assert "<script" not in page
    if view == "full":
        words = re.sub(r"<[^>]*>", " ", page)
        for said in ("Reason number 3.", "Open accounts at signing.", "It does, with two"):
            assert said in words
        assert "Mrs Pugh" not in words


@pytest.mark.parametrize("changes", [{"format": "odt"}, {"view": "half"}, {"order": "by weather"}])
def test_what_cannot_be_made_is_refused(assessed: Any, changes: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        actions.make(assessed, **{"format": "json", **changes})


def test_a_report_is_asked_for_made_by_the_job_and_opened(
    assessed: Any, lead: Any, client_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of(lead)
    asked = client.post(
        reverse("report-make", args=[assessed.pk]),
        {"format": "json", "view": "full", "order": "kloe"},
    )
    job = Job.objects.get()
    assert asked["Location"] == reverse("job", args=[job.pk])
    steps: list[tuple[int, int]] = []

    class Told:
        def step(self, done: int, total: int, what: object = "") -> None:
            steps.append((done, total))

    result = jobs.report(job, Told())
    assert steps[-1][0] == steps[-1][1]
    opened = client.get(result["url"])
    body = b"".join(opened.streaming_content)
    opened.close()
    assert json.loads(body)
    assert "attachment" in opened["Content-Disposition"]
    event = AuditEvent.objects.get(verb="made report")
    assert event.after is not None
    assert event.after["sha256"] == result["sha256"]
    assert result["name"] in client.get(reverse("report", args=[assessed.pk])).content.decode()


@pytest.mark.parametrize("name", ["none.pdf", "..%2f..%2fkloe.sqlite3", ".x.part"])
def test_only_reports_are_handed_out(assessed: Any, lead: Any, client_of: Any, name: str) -> None:
    url = reverse("report", args=[assessed.pk]) + f"files/{name}"
    assert client_of(lead).get(url).status_code == 404


def test_an_html_report_runs_no_script_and_loads_nothing(
    assessed: Any, lead: Any, client_of: Any
) -> None:
    data = actions.make(assessed, format="html")
    kept = actions.keep(
        assessment=assessed, data=data, format="html", view="full", order="kloe", by=lead
    )
    answer = client_of(lead).get(reverse("report-file", args=[assessed.pk, kept["name"]]))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox" in policy
    b"".join(answer.streaming_content)
    answer.close()


def test_draft_until_final(assessed: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    assert take(assessed).assessment.draft
    client.post(reverse("assessment-finish", args=[assessed.pk]), {"final": "yes"})
    assessed.refresh_from_db()
    assert not take(assessed).assessment.draft
    client.post(reverse("assessment-finish", args=[assessed.pk]), {"final": "no"})
    assessed.refresh_from_db()
    assert take(assessed).assessment.draft


def test_a_report_is_whole_or_not_there(tmp_path: Any, monkeypatch: Any) -> None:
    import os

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        actions.write_whole(tmp_path / "report.pdf", b"half")
    assert list(tmp_path.iterdir()) == []
