"""Exporting and bringing in from the browser: pages, jobs, and whose the files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from inspection_ground import make_ground

from kloe.web.assessments.models import Assessment, Participation
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.moving import packing

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(user_with: Any, org: Any) -> Any:
    return user_with("administrator", org)


def _job(kind: str) -> Job:
    return Job.objects.filter(kind=kind).order_by("-created_at")[0]


def _exported(client: Any, assessment: Assessment) -> bytes:
    asked = client.post(reverse("assessment-export", args=[assessment.pk]))
    assert asked.status_code == 302
    run_waiting()
    job = _job("export-assessment")
    assert job.state == Job.State.DONE, job.error
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    assert job.result["url"] in page
    answer = client.get(job.result["url"])
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    content: bytes = b"".join(answer.streaming_content)
    answer.close()
    return content


def _send(client: Any, organisation: Any, content: bytes, name: str = "moved.zip") -> Any:
    address = reverse("organisation-bring-in", args=[organisation.pk])
    return client.post(address, {"file": SimpleUploadedFile(name, content)})


def test_out_of_the_browser_and_in_again(
    assessment: Any, org: Any, admin: Any, client_of: Any, tmp_path: Path
) -> None:
    client = client_of(admin)
    direct = packing.export(assessment=assessment, output=tmp_path / "d.zip", by=admin)
    content = _exported(client, assessment)
    assert content == (tmp_path / "d.zip").read_bytes()
    listed = client.get(reverse("assessment-move", args=[assessment.pk])).content.decode()
    assert _job("export-assessment").result["url"] in listed
    pk = assessment.pk
    Assessment.objects.get(pk=pk).delete()
    asked = _send(client, org, content)
    assert asked.status_code == 302
    run_waiting()
    job = _job("import-assessment")
    assert job.state == Job.State.DONE, job.error
    assert job.result["url"] == reverse("overview", args=[pk])
    assert client.get(job.result["url"]).status_code == 200
    assert list((settings.DATA_DIR / "tmp" / "imports").iterdir()) == []
    came = AuditEvent.objects.get(verb="imported assessment")
    assert came.actor_id == admin.pk
    assert came.after["digest"] == direct.digest
    # The trail says that it came, and leads to what was done before.
    trail = client.get(reverse("audit-assessment", args=[pk])).content.decode()
    earlier = reverse("audit-earlier", args=[pk])
    assert earlier in trail
    assert "created the assessment" in client.get(earlier).content.decode()


def test_repeated_after_a_crash_it_is_done_once(
    assessment: Any, org: Any, admin: Any, client_of: Any
) -> None:
    client = client_of(admin)
    content = _exported(client, assessment)
    pk = assessment.pk
    Assessment.objects.get(pk=pk).delete()
    _send(client, org, content)
    run_waiting()
    job = _job("import-assessment")
    # The worker died before it could say so: another takes the job up.
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, finished_at=None, result={})
    run_waiting()
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    assert AuditEvent.objects.filter(verb="imported assessment").count() == 1


def test_what_is_here_already_stays(assessment: Any, org: Any, admin: Any, client_of: Any) -> None:
    client = client_of(admin)
    content = _exported(client, assessment)
    assert _send(client, org, content).status_code == 302
    run_waiting()
    job = _job("import-assessment")
    assert job.state == Job.State.FAILED
    assert "is here already" in job.error
    assert Assessment.objects.filter(pk=assessment.pk).exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.4 no zip", "is no assessment exported by kloe"),
        (b"", "0 bytes"),
    ],
)
def test_what_is_no_assessment_is_told_at_once(
    content: bytes, words: str, org: Any, admin: Any, client_of: Any
) -> None:
    answer = _send(client_of(admin), org, content, "minutes.zip")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert str(settings.DATA_DIR) not in page
    assert not Job.objects.filter(kind="import-assessment").exists()


def test_a_changed_byte_is_told_at_once_under_its_name(
    assessment: Any, org: Any, admin: Any, client_of: Any
) -> None:
    client = client_of(admin)
    content = bytearray(_exported(client, assessment))
    content[len(content) // 2] ^= 1
    answer = _send(client, org, bytes(content), "minutes.zip")
    assert answer.status_code == 422
    assert "The file minutes.zip was changed or is incomplete" in answer.content.decode()
    assert client.post(reverse("organisation-bring-in", args=[org.pk]), {}).status_code == 422


def test_an_export_is_its_makers_alone(
    assessment: Any, org: Any, admin: Any, lead: Any, client_of: Any
) -> None:
    _exported(client_of(admin), assessment)
    address = _job("export-assessment").result["url"]
    found = client_of(admin).get(address)
    found.close()
    assert found.status_code == 200
    assert client_of(lead).get(address).status_code == 404
    listed = client_of(lead).get(reverse("assessment-move", args=[assessment.pk]))
    assert address not in listed.content.decode()


def test_who_lost_their_part_meanwhile_gets_nothing(client_of: Any) -> None:
    ground = make_ground(team=False)
    from kloe.web.inspections import team as teams

    lead = ground.landlord_lead
    teams.join(inspection=ground.inspection, person=lead, role="lead inspector", by=ground.chief)
    client = client_of(lead)
    client.post(reverse("assessment-export", args=[ground.assessment.pk]))
    Participation.objects.filter(user=lead).delete()
    run_waiting()
    job = _job("export-assessment")
    assert job.state == Job.State.FAILED
    assert not list((settings.DATA_DIR / "tmp" / "exports").rglob(f"{lead.pk}/*.zip"))


def test_pages_ask_few_questions(
    assessment: Any, admin: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(admin)
    for name in ("assessment-move", "audit-earlier"):
        address = reverse(name, args=[assessment.pk])
        client.get(address)
        with django_assert_max_num_queries(14):
            assert client.get(address).status_code == 200
