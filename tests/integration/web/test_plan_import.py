"""A plan out as a workbook and in again: nothing half, every fault by its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kloe.core.errors import InvalidInput
from kloe.core.tables import XLSX
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.plans import acting, importing, recommending, sheets
from kloe.web.plans.models import Action, Entry, Recommendation

pytestmark = pytest.mark.django_db
Book = Callable[..., bytes]


def book(**given: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these sheets, cell by cell."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in given.items():
            sheet = made.add_worksheet(name)
            for n, row in enumerate(rows):
                for m, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(n, m, cell, day)
                    elif cell is not None:
                        sheet.write(n, m, cell)
    return out.getvalue()


@pytest.fixture
def brought(tmp_path: Path, org: Any, lead: Any) -> Callable[..., importing.Outcome]:
    def bring(content: bytes, *, trial: bool = False) -> importing.Outcome:
        path = tmp_path / "plan.xlsx"
        path.write_bytes(content)
        return importing.bring_in(path, organisation=org, by=lead, trial=trial)

    return bring


HEAD = ["Reference", "Action", "Led by", "Who answers", "Agreed", "Agreed with", "Due on", "Set on"]


def test_a_plan_comes_in_as_it_is_written(org: Any, lead: Any, brought: Any) -> None:
    outcome = brought(
        book(
            Actions=[
                ["Improvement plan 2026"],
                [*HEAD, "Status", "Done on", "Budget", "Milestones", "Why moved, late or dropped"],
                ["P-1", "Write letters", "Survey", lead.email, "yes", "panel", date(2026, 3, 31),
                 date(2026, 1, 1), "Completed", date(2026, 4, 2), 1200.5,
                 "2026-02-01 Draft", "printer broke"],
                [17, "Paint halls", "residents", "The contractor", "no", "", "30/06/2026",
                 "2026-01-01", "", None, "£1,000", "", ""],
                [None, None],
            ],
            Recommendations=[
                ["Recommendation", "Made by", "Where it stands", "Made on", "Accepted"],
                ["Answer in time", "Auditor", "Audit 4", date(2026, 1, 5), "Yes"],
            ],
        )
    )  # fmt: skip
    assert outcome.done, outcome.faults
    assert outcome.new == {"recommendations": 1, "actions": 2}
    first = Action.objects.get(reference="P-1")
    assert (first.owner, first.status, first.done_on) == (lead, "completed", date(2026, 4, 2))
    assert str(first.budget) == "1200.50"
    assert [m.text for m in first.milestones.all()] == ["Draft"]
    assert Entry.objects.get(kind="slip").text == "printer broke"
    second = Action.objects.get(reference="17")
    assert (second.owner_name, second.status, second.due_on, second.agreed) == (
        "The contractor", "proposed", date(2026, 6, 30), False,
    )  # fmt: skip
    assert str(second.budget) == "1000.00"
    assert Recommendation.objects.get().accepted is True
    assert AuditEvent.objects.filter(verb="imported plan").count() == 1


def test_out_and_in_again_changes_nothing(org: Any, lead: Any, brought: Any) -> None:
    rec = recommending.add(
        organisation=org, by=lead, what="Answer", origin="auditor", source="=1+1", impact="high"
    )
    recommending.decide(recommendation=rec, accepted=True, reason="agreed", by=lead)
    row = acting.add(
        organisation=org, by=lead, title="Write", origin="recommendation", recommendation=rec,
        owner=lead, agreed=True, agreed_with="all", needs_money=False, due_on=date(2026, 12, 1),
        milestones=[acting.Step("Draft", date(2026, 6, 1)), acting.Step("Sent")],
        outcome_groups="a\nb",
    )  # fmt: skip
    acting.move(action=row, to="agreed", by=lead)
    acting.add(organisation=org, by=lead, title="=SUM(A1)", origin="board", owner_name="Contractor")
    before, content = sheets.rows_of(org), sheets.workbook(org)
    events = AuditEvent.objects.count()
    outcome = brought(content)
    assert outcome.done, outcome.faults
    assert (outcome.new, outcome.changed) == ({}, {})
    assert outcome.same == {"recommendations": 1, "actions": 2}
    assert outcome.ignored == []
    assert AuditEvent.objects.count() == events + 1
    assert sheets.rows_of(org) == before
    assert b"SUM(A1)</f>" not in content


def test_a_trial_changes_nothing_and_says_what_would(org: Any, brought: Any) -> None:
    outcome = brought(book(Actions=[["Action"], ["Write letters"]]), trial=True)
    assert outcome.new == {"actions": 1}
    assert not outcome.done
    assert not Action.objects.exists()


def test_wrong_columns_name_what_was_looked_for_and_found(brought: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        brought(book(Actions=[["Task", "Person", "When"], ["Write", "Ann", "soon"]]))
    words = str(caught.value)
    assert "no column “Action”" in words
    assert "“Task”, “Person”, “When”" in words
    assert "Who answers" in words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Action\nWrite\n", "text file"),
        (b"", "empty file"),
        (b"%PDF-1.7 x", "PDF"),
        (book(Stuff=[["a"]], More=[["b"]]), "Looked for sheets called Actions, Recommendations"),
        (book(Actions=[[]]), "empty"),
    ],
)
def test_what_is_no_plan_is_refused_in_words(brought: Any, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        brought(content)
    assert not Action.objects.exists()


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"Led by": "The moon"}, "Led by"),
        ({"Due on": "soon"}, "Due on"),
        ({"Agreed": "perhaps"}, "Agreed"),
        ({"Action": ""}, "Action"),
        ({"Reference": "P-0"}, "Reference"),
        ({"Recommendation": "R99"}, ""),
        ({"Status": "Agreed, not begun", "Agreed": "no"}, "Agreed"),
        ({"Budget": "a lot"}, "Budget"),
        ({"Milestones": "2026-99-99 Never"}, ""),
    ],
)
def test_one_wrong_cell_and_nothing_is_brought_in(
    org: Any, brought: Any, changes: dict[str, str], column: str
) -> None:
    row = {
        "Reference": "P-1", "Action": "Write", "Led by": "Board", "Due on": "2026-12-01",
        "Agreed": "yes", "Agreed with": "all", "Recommendation": "", "Status": "",
        "Budget": "", "Milestones": "",
    } | changes  # fmt: skip
    good = dict.fromkeys(row, "") | {"Reference": "P-0", "Action": "Good"}
    outcome = brought(book(Actions=[list(row), list(good.values()), list(row.values())]))
    (fault,) = outcome.faults
    assert (fault.row, fault.column) == (3, column)
    assert not outcome.done
    assert not Action.objects.exists()
    assert not AuditEvent.objects.filter(verb="added action").exists()


def test_unknown_columns_are_left_out_and_named(brought: Any) -> None:
    outcome = brought(book(Actions=[["Action", "Colour"], ["Write", "blue"]], Notes=[["x"]]))
    assert outcome.done
    assert outcome.ignored == ["Column “Colour” of “Actions”", "Sheet “Notes”"]


def test_from_the_browser_looked_at_then_brought_in(
    org: Any, lead: Any, user_with: Any, client_of: Any
) -> None:
    client = client_of(lead)
    url, bring = (reverse(n, args=[org.pk]) for n in ("plan-import", "plan-bring-in"))

    def send(content: bytes) -> Any:
        return client.post(url, {"file": SimpleUploadedFile("plan.xlsx", content)})

    assert client.post(url).status_code == 422
    wrong = send(book(Actions=[["Task"], ["x"]]))
    assert wrong.status_code == 422
    assert "no column “Action”" in wrong.content.decode()
    faulty = send(book(Actions=[["Action", "Due on"], ["x", "soon"]]))
    assert faulty.status_code == 422
    assert not faulty.context["token"] or not Action.objects.exists()
    good = send(book(Actions=[["Action"], ["Write letters"]]))
    assert good.status_code == 200
    assert not Action.objects.exists()
    token = good.context["token"]
    other = client_of(user_with("lead", org))
    assert other.post(bring, {"token": token}).status_code == 400
    asked = client.post(bring, {"token": token})
    assert asked.status_code == 303
    # Pressed twice, it is one job; nothing is there before it ran.
    assert client.post(bring, {"token": token})["Location"] == asked["Location"]
    assert not Action.objects.exists()
    run_waiting()
    job = Job.objects.get(kind="import-plan")
    assert job.state == Job.State.DONE, job.error
    assert job.total == 1
    assert "1 new, 0 changed, 0 as they were" in client.get(asked["Location"]).content.decode()
    assert Action.objects.get().title == "Write letters"
    assert client.post(bring, {"token": token}).status_code == 400
    assert client.post(bring, {"token": "../../etc/passwd"}).status_code == 400
    assert Action.objects.count() == 1
    out = client.get(reverse("plan-export", args=[org.pk]))
    assert out["Content-Type"] == XLSX
    assert out.content[:2] == b"PK"


@pytest.fixture
def waiting(org: Any, lead: Any, client_of: Any) -> Any:
    """A workbook that was looked at, and a job that waits to bring it in."""
    client = client_of(lead)

    def make(*titles: str) -> Job:
        sent = SimpleUploadedFile("plan.xlsx", book(Actions=[["Action"], *([t] for t in titles)]))
        looked = client.post(reverse("plan-import", args=[org.pk]), {"file": sent})
        client.post(reverse("plan-bring-in", args=[org.pk]), {"token": looked.context["token"]})
        return Job.objects.get(kind="import-plan")

    return make


def test_called_off_in_the_middle_it_changes_nothing(waiting: Any, lead: Any) -> None:
    from kloe.core.errors import Cancelled
    from kloe.web.plans.jobs import bring_in

    job = waiting("one", "two", "three")

    class Stops:
        seen: list[tuple[int, int]] = []

        def step(self, done: int, total: int, what: object = "") -> None:
            self.seen.append((done, total))
            if done == 2:
                raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        bring_in(job, Stops())
    assert Stops.seen == [(0, 3), (1, 3), (2, 3)]
    assert not Action.objects.exists()
    # Begun again, it is all there.
    run_waiting()
    assert Action.objects.count() == 3


def test_repeated_after_a_crash_a_plan_is_brought_in_once(waiting: Any) -> None:
    job = waiting("one", "two")
    run_waiting()
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, finished_at=None, result={})
    run_waiting()
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    assert Action.objects.count() == 2


def test_what_does_not_fit_any_more_is_said_and_changes_nothing(
    org: Any, lead: Any, client_of: Any
) -> None:
    from kloe.web.plans.models import Recommendation

    made = Recommendation.objects.create(
        organisation=org, reference="R1", what="Write.", origin="other", made_on="2026-01-01"
    )
    client = client_of(lead)
    content = book(Actions=[["Action", "Recommendation"], ["Write letters", "R1"]])
    looked = client.post(
        reverse("plan-import", args=[org.pk]), {"file": SimpleUploadedFile("p.xlsx", content)}
    )
    made.delete()
    client.post(reverse("plan-bring-in", args=[org.pk]), {"token": looked.context["token"]})
    run_waiting()
    job = Job.objects.get(kind="import-plan")
    assert job.state == Job.State.FAILED
    assert "There is no recommendation “R1”" in job.error
    assert not Action.objects.exists()


def test_who_lost_the_right_meanwhile_brings_in_nothing(waiting: Any, lead: Any) -> None:
    from kloe.web.organisations.models import Membership

    job = waiting("one")
    Membership.objects.filter(user=lead).update(role="reader")
    run_waiting()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert not Action.objects.exists()


def test_a_long_workbook_is_asked_for_in_parts(brought: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "MOST_ROWS", 2)
    with pytest.raises(InvalidInput, match="in parts"):
        brought(book(Actions=[["Action"], ["a"], ["b"], ["c"]]))


def test_what_is_wrong_with_a_file_names_it_as_its_sender_does(
    org: Any, lead: Any, client_of: Any
) -> None:
    sent = SimpleUploadedFile("minutes.xlsx", b"%PDF-1.4 minutes")
    url = reverse("plan-import", args=[org.pk])
    answer = client_of(lead).post(url, {"file": sent})
    assert answer.status_code == 422
    told = re.sub(r'(?:href|action)="[^"]*"', "", answer.content.decode())
    assert "minutes.xlsx" in told
    assert f"{lead.pk}-{org.pk}" not in told
