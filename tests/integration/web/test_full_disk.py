# ruff: noqa: F811
"""A disk that fills: a message for everybody who meets it, nothing half kept, and a second try."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from evidence_ground import Ground
from evidence_ground import ground as evidence_ground  # noqa: F401
from web_records import HOMES, Records, file, ground  # noqa: F401

from kloe.web.assessments.models import Assessment
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence.checks import MAX_TEXT
from kloe.web.evidence.models import EvidenceItem, StoredFile
from kloe.web.indicators.holdings import records_of
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.records.models import RecordDraft
from kloe.web.reporting import actions as reporting

pytestmark = pytest.mark.django_db
Full = Callable[[], AbstractContextManager[None]]
LIMIT = 48 << 10
LARGE = b"%PDF-1.7\n" + os.urandom(4 * LIMIT)
SAID = {
    "title": "Minutes of March", "kind": "document", "origin": "landlord",
    "confidentiality": "internal", "source": "Board papers", "what": "file",
}  # fmt: skip


@pytest.fixture
def full() -> Full:
    """No file of this process can grow beyond a few blocks: the kernel refuses the rest."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def within() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return within


def said(answer: Any) -> str:
    """The three parts of the message, as the page tells them."""
    page = str(answer.content.decode())
    assert "The disk is full" in page
    assert "Nothing of it is kept" in page
    assert "makes room" in page
    return page


def everything(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_file_of_evidence(evidence_ground: Ground, full: Full, accept: str) -> None:
    client = evidence_ground.client_of(evidence_ground.contributor)
    before = AuditEvent.objects.count()

    def add() -> Any:
        upload = SimpleUploadedFile("minutes.pdf", LARGE, content_type="application/pdf")
        return client.post(
            evidence_ground.url("add"), SAID | {"upload": upload}, headers={"accept": accept}
        )

    with full():
        answer = add()
    assert answer.status_code == 507
    if accept == "application/json":
        told = answer.json()
        assert told["error"] == "environment"
        assert all(told[part] for part in ("given", "allowed", "remedy"))
    else:
        said(answer)
    assert evidence_ground.files() == evidence_ground.temporary() == []
    assert not EvidenceItem.objects.exists()
    assert not StoredFile.objects.exists()
    assert AuditEvent.objects.count() == before
    assert add().status_code == 303
    assert len(evidence_ground.files()) == 1


def test_a_file_of_evidence_that_cannot_be_put_into_its_place(
    evidence_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = evidence_ground.client_of(evidence_ground.contributor)

    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        upload = SimpleUploadedFile("minutes.pdf", LARGE)
        answer = client.post(evidence_ground.url("add"), SAID | {"upload": upload})
    assert answer.status_code == 507
    said(answer)
    assert evidence_ground.files() == evidence_ground.temporary() == []
    assert not EvidenceItem.objects.exists()
    assert not StoredFile.objects.exists()


def test_an_extract(ground: Records, full: Full, data_root: Path) -> None:
    before = everything(data_root / "uploads"), everything(data_root / "tmp")
    rows = HOMES + "".join(f"Q{n},flat,1,1990\n" for n in range(20_000))
    with full():
        answer = ground.send(file("homes.csv", rows))
    assert answer.status_code == 507
    said(answer)
    assert not RecordDraft.objects.exists()
    assert not Job.objects.exists()
    assert (everything(data_root / "uploads"), everything(data_root / "tmp")) == before
    assert ground.send(file("homes.csv", rows)).status_code == 303


def test_an_extract_of_which_the_second_file_finds_no_place(
    ground: Records, monkeypatch: pytest.MonkeyPatch, data_root: Path
) -> None:
    before = everything(data_root / "uploads"), everything(data_root / "tmp")
    moved, real = [], Path.replace

    def once(self: Path, target: Path) -> Path:
        if moved:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        moved.append(self)
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", once)
        answer = ground.send(file("a.csv", HOMES), file("b.csv", HOMES))
    assert moved
    assert answer.status_code == 507
    said(answer)
    assert not RecordDraft.objects.exists()
    assert (everything(data_root / "uploads"), everything(data_root / "tmp")) == before


def test_a_load_keeps_the_records_that_were_there(
    ground: Records, org: Any, full: Full, data_root: Path
) -> None:
    ground.loaded(homes=HOMES)
    before = records_of(org)
    assert before is not None
    rows = HOMES + "".join(f"Q{os.urandom(9).hex()},flat,1,1990\n" for n in range(20_000))
    draft = ground.check(ground.sent(homes=rows))
    kept = everything(data_root / "records")
    with full():
        ground.load(draft)
    assert draft.state == RecordDraft.State.OPEN
    assert draft.job is not None
    assert draft.job.state == Job.State.FAILED
    assert "did not expect" not in draft.job.error
    assert "room" in draft.job.error
    assert records_of(org).digest == before.digest  # type: ignore[union-attr]
    assert everything(data_root / "records") == kept
    assert draft.job.error.split(":")[0] in ground.page(draft)
    assert ground.load(draft).state == RecordDraft.State.LOADED


def test_a_report(assessment: Assessment, lead: Any, full: Full, data_root: Path) -> None:
    wanted = {"format": "json", "view": "full", "order": "kloe"}

    def ask(client: Client) -> Job:
        client.post(reverse("report-make", args=[assessment.pk]), wanted)
        run_waiting()
        return Job.objects.filter(kind="report").order_by("-created_at")[0]

    client = Client()
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    with full():
        failed = ask(client)
    assert failed.state == Job.State.FAILED
    assert failed.error.startswith("The disk is full")
    assert everything(data_root / "reports" / str(assessment.pk)) == []
    assert not AuditEvent.objects.filter(verb="made report").exists()
    assert ask(client).state == Job.State.DONE
    assert len(reporting.kept(assessment)) == 1


def test_published_results(user_with: Any, org: Any, full: Full, data_root: Path) -> None:
    """Django itself takes this file in, before any view: that is told in the same words."""
    client = Client(raise_request_exception=False)
    client.force_login(
        user_with("administrator", org),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    before = everything(data_root / "tmp")
    with full():
        answer = client.post(reverse("dataset-import"), {"file": file("book.xlsx", LARGE)})
    assert answer.status_code == 507
    said(answer)
    assert not Job.objects.exists()
    assert everything(data_root / "tmp") == before


@pytest.mark.django_db(transaction=True)
def test_the_database(evidence_ground: Ground) -> None:
    """SQLite may not grow any more: a note is refused, and nothing of it stays."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's number for it stands in the test of what a full disk is")
    client = evidence_ground.client_of(evidence_ground.contributor)
    note = SAID | {"what": "note", "text": "x" * MAX_TEXT}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        most = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA freelist_count")
        assert cursor.fetchone()[0] < 4
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        answer = client.post(evidence_ground.url("add"), note)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {most}")
    assert answer.status_code == 507
    said(answer)
    assert not EvidenceItem.objects.exists()


def test_another_fault_is_still_a_fault_of_ours(
    evidence_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    client = evidence_ground.client_of(evidence_ground.contributor)
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        upload = SimpleUploadedFile("minutes.pdf", LARGE)
        answer = client.post(evidence_ground.url("add"), SAID | {"upload": upload})
    assert answer.status_code == 500
