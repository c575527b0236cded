"""The documents asked for, and the self-assessment handed over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.errors import Conflict, InvalidInput, PermissionRefused
from kloe.web.assessments import actions as assessments
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence import actions as evidence
from kloe.web.evidence import storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.ids import new_id
from kloe.web.inspections import handover, requests
from kloe.web.inspections.models import BroughtIn, BroughtTheme, DocumentRequest
from kloe.web.judgements import findings
from kloe.web.library import store


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


def ask(ground: Ground, **more: Any) -> DocumentRequest:
    values: dict[str, Any] = {
        "what": "Rent policy",
        "due": timezone.localdate() + timedelta(days=7),
        "theme": THEME,
        "why": "To see how accounts are set up.",
    }
    return requests.ask(
        inspection=ground.inspection, by=ground.people[Role.INSPECTOR], **(values | more)
    )


def upload(name: str = "policy.pdf", content: bytes = b"%PDF-1.4 rent policy") -> Any:
    return SimpleUploadedFile(name, content)


# Documents -----------------------------------------------------------------------------------


def test_a_document_is_asked_for_and_sent_by_the_landlord(ground: Ground, client_of: Any) -> None:
    row = ask(ground)
    client = client_of(ground.people[Role.LANDLORD_CONTRIBUTOR])
    page = client.get(reverse("documents", args=[ground.assessment.pk])).content.decode()
    assert "D1 Rent policy" in page
    assert "To see how accounts are set up." in page
    answer = client.post(
        reverse("document-give", args=[ground.assessment.pk, row.pk]),
        {"files": upload(), "write_id": str(new_id())},
    )
    assert answer.status_code == 303
    row.refresh_from_db()
    assert row.state == "received"
    item = EvidenceItem.objects.get(assessment=ground.assessment)
    assert (item.origin, item.file_name) == ("landlord", "policy.pdf")
    assert item.organisation == ground.inspectorate
    assert "D1: Rent policy" in item.source
    seen = client.get(reverse("documents", args=[ground.assessment.pk])).content.decode()
    assert "policy.pdf" in seen
    assert reverse("evidence-item", args=[ground.assessment.pk, item.pk]) not in seen
    assert (
        client.get(reverse("evidence-item", args=[ground.assessment.pk, item.pk])).status_code
        == 403
    )


def test_the_landlord_reads_the_name_of_its_file_not_what_inspectors_call_it(
    ground: Ground, client_of: Any
) -> None:
    row = ask(ground)
    client_of(ground.landlord_lead).post(
        reverse("document-give", args=[ground.assessment.pk, row.pk]),
        {"upload": upload(), "write_id": str(new_id()), "answer": ""},
    )
    EvidenceItem.objects.update(title="Out of date, contradicts 1.2")
    url = reverse("documents", args=[ground.assessment.pk])
    told = client_of(ground.landlord_lead).get(url).content.decode()
    assert "Out of date" not in told
    assert "policy.pdf" in told
    assert "Out of date" in client_of(ground.people[Role.INSPECTOR]).get(url).content.decode()


def test_the_same_form_sent_twice_gives_once(ground: Ground, client_of: Any) -> None:
    row = ask(ground)
    client = client_of(ground.people[Role.LANDLORD_LEAD])
    write = str(new_id())
    for _n in range(2):
        answer = client.post(
            reverse("document-give", args=[ground.assessment.pk, row.pk]),
            {"files": upload(), "write_id": write},
        )
        assert answer.status_code == 303
    assert EvidenceItem.objects.filter(assessment=ground.assessment).count() == 1
    assert row.given.count() == 1


def test_nothing_sent_and_nothing_said_ticks_nothing_off(ground: Ground, client_of: Any) -> None:
    row = ask(ground)
    client = client_of(ground.people[Role.LANDLORD_LEAD])
    address = reverse("document-give", args=[ground.assessment.pk, row.pk])
    assert client.post(address, {"answer": ""}).status_code == 422
    empty = client.post(address, {"files": upload(content=b"")})
    assert empty.status_code == 422
    row.refresh_from_db()
    assert row.state == "open"
    assert client.post(address, {"answer": "There is no such policy."}).status_code == 303
    row.refresh_from_db()
    assert (row.state, row.answer) == ("received", "There is no such policy.")


def test_a_withdrawn_request_takes_nothing_in(ground: Ground, client_of: Any) -> None:
    row = ask(ground)
    requests.settle(request=row, state="withdrawn", by=ground.chief)
    answer = client_of(ground.people[Role.LANDLORD_LEAD]).post(
        reverse("document-give", args=[ground.assessment.pk, row.pk]), {"files": upload()}
    )
    assert answer.status_code == 422
    assert "withdrawn" in answer.content.decode()
    assert not EvidenceItem.objects.filter(assessment=ground.assessment).exists()


def test_overdue_ones_stand_first_and_say_so(ground: Ground, client_of: Any) -> None:
    ask(ground, what="Later", due=timezone.localdate() + timedelta(days=30))
    ask(ground, what="Overdue", due=timezone.localdate() - timedelta(days=2))
    lines = requests.lines(ground.inspection)
    assert [n.row.what for n in lines] == ["Overdue", "Later"]
    assert lines[0].overdue
    page = client_of(ground.chief).get(reverse("documents", args=[ground.assessment.pk]))
    assert "2 days overdue" in page.content.decode()


def test_the_list_takes_a_fixed_number_of_queries(
    ground: Ground, django_assert_num_queries: Any
) -> None:
    for n in range(6):
        ask(ground, what=f"Document {n}")
    store.pinned(ground.assessment)
    with django_assert_num_queries(2):
        requests.lines(ground.inspection)


def test_the_landlords_people_are_reminded_by_mail(
    ground: Ground, client_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    ask(ground, due=timezone.localdate() - timedelta(days=1))
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("documents-remind", args=[ground.assessment.pk]))
    assert answer.status_code == 303
    told = {address for m in mail.outbox for address in m.to}
    assert told == {
        ground.people[Role.LANDLORD_LEAD].email,
        ground.people[Role.LANDLORD_CONTRIBUTOR].email,
    }
    assert "D1 Rent policy (was due on" in mail.outbox[0].body
    assert DocumentRequest.objects.get().reminded_at is not None


def test_what_is_asked_for_waits_for_the_landlords_people(ground: Ground, client_of: Any) -> None:
    ask(ground)
    ask(ground, what="Another")
    for role in Role:
        if role in ground.people:
            text = client_of(ground.people[role]).get(reverse("home")).content.decode()
            told = role in {Role.LANDLORD_LEAD, Role.LANDLORD_CONTRIBUTOR}
            assert ("2 documents to send" in text) == told, role


def test_nobody_is_reminded_of_nothing(ground: Ground) -> None:
    with pytest.raises(Conflict, match="No reminder"):
        requests.remind(inspection=ground.inspection, by=ground.chief, address="https://x")


def test_two_who_change_a_request_at_once(ground: Ground) -> None:
    row = ask(ground)
    values = {"what": "Rent policy 2025", "due": row.due}
    requests.change(request=row, base_version=1, by=ground.chief, **values)
    with pytest.raises(Conflict, match="Somebody else"):
        requests.change(request=row, base_version=1, by=ground.chief, what="Other", due=row.due)
    row.refresh_from_db()
    assert row.what == "Rent policy 2025"


def test_a_request_without_words_is_refused(ground: Ground, client_of: Any) -> None:
    with pytest.raises(InvalidInput):
        ask(ground, what="  ")
    answer = client_of(ground.chief).post(
        reverse("document-ask", args=[ground.assessment.pk]), {"what": "", "due": "2026-13-40"}
    )
    assert answer.status_code == 422


# The self-assessment -------------------------------------------------------------------------


@pytest.fixture
def own(ground: Ground) -> Assessment:
    """The landlord's self-assessment, with evidence open and restricted."""
    lead = ground.landlord_lead
    Assessment.objects.filter(pk=ground.assessment.pk).update(subject=ground.landlord)
    ground.assessment.refresh_from_db()
    ground.inspection.assessment.refresh_from_db()
    made = assessments.create(
        organisation=ground.landlord,
        frameworks=["wao-housing-2005"],
        kind="self-assessment",
        title="Self-assessment 2026",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        by=lead,
    )
    theme = store.pinned(made).theme(THEME)
    criterion = theme.criteria[0]
    item = evidence.add_file(
        assessment=made,
        received=storage.receive([b"the minutes"]),
        file_name="minutes.txt",
        details=Details(title="Minutes", kind="document", origin="third party"),
        by=lead,
    )
    evidence.link(
        item=item, descriptor=criterion.descriptors[0].id, direction="shows this", by=lead
    )
    evidence.add_note(
        assessment=made,
        details=Details(title="Secret", text="About a person.", confidentiality="restricted"),
        by=lead,
    )
    ratings.rate(
        assessment=made,
        pinned=store.pinned(made),
        criterion=criterion,
        position="upper",
        reason="All accounts are set up in time.",
        write=Write(id=new_id(), base_version=0, by=lead),
    )
    findings.add_finding(
        assessment=made,
        pinned=store.pinned(made),
        theme=theme.id,
        kind="strength",
        text="We always set accounts up early.",
        criteria=[criterion.id],
        evidence=[item.pk],
        write=Write(id=new_id(), base_version=0, by=lead),
    )
    return made


def bring(ground: Ground, own: Assessment) -> BroughtIn:
    return handover.hand_over(inspection=ground.inspection, source=own, by=ground.landlord_lead)


def test_the_copy_is_pinned_and_stays_as_it_was(ground: Ground, own: Assessment) -> None:
    made = bring(ground, own)
    assert made.digest == sha256_hex(canonical_json(made.snapshot))
    criterion = store.pinned(own).theme(THEME).criteria[0]
    ratings.rate(
        assessment=own,
        pinned=store.pinned(own),
        criterion=criterion,
        position="lower",
        reason="Changed our minds.",
        write=Write(id=new_id(), base_version=1, by=ground.landlord_lead),
    )
    said = handover.brought_theme(ground.assessment, THEME)
    assert said is not None
    assert said["criteria"][criterion.id]["position"] == "upper"
    with pytest.raises(IntegrityError), transaction.atomic():
        BroughtTheme.objects.update(content={})
    with pytest.raises(IntegrityError), transaction.atomic():
        BroughtIn.objects.update(title="Another")


def test_files_come_along_and_what_is_restricted_does_not(ground: Ground, own: Assessment) -> None:
    bring(ground, own)
    item = EvidenceItem.objects.get(assessment=ground.assessment)
    theirs = EvidenceItem.objects.get(assessment=own, number=1)
    assert item.file is not None
    assert theirs.file is not None
    assert item.file.sha256 == theirs.file.sha256
    assert item.file.organisation == ground.inspectorate
    with storage.open_file(item.file) as f:
        assert f.read() == b"the minutes"
    assert item.origin == "landlord"
    assert "third party" in item.source
    told = str(BroughtIn.objects.get().snapshot) + str(list(BroughtTheme.objects.values("content")))
    assert "Secret" not in told
    assert "About a person" not in told


def test_what_came_is_read_and_not_changed(ground: Ground, own: Assessment, client_of: Any) -> None:
    bring(ground, own)
    item = EvidenceItem.objects.get(assessment=ground.assessment)
    inspector = ground.people[Role.LEAD_INSPECTOR]
    with pytest.raises(Conflict, match="self-assessment"):
        evidence.delete(item=item, reason="Do not like it", by=inspector)
    with pytest.raises(Conflict, match="self-assessment"):
        evidence.edit(
            item=item, details=Details(title="Other"), by=inspector, base_version=item.version
        )
    page = client_of(inspector).get(reverse("evidence-item", args=[ground.assessment.pk, item.pk]))
    assert (
        reverse("evidence-edit", args=[ground.assessment.pk, item.pk]) not in page.content.decode()
    )
    descriptor = store.pinned(own).theme(THEME).criteria[0].descriptors[0].id
    assert evidence.link(
        item=item, descriptor=descriptor, direction="shows otherwise", by=inspector
    )


def test_only_the_landlord_hands_over_and_only_its_own(ground: Ground, own: Assessment) -> None:
    for role in (Role.LEAD_INSPECTOR, Role.LANDLORD_CONTRIBUTOR):
        with pytest.raises(PermissionRefused):
            handover.hand_over(inspection=ground.inspection, source=own, by=ground.people[role])
    bring(ground, own)
    with pytest.raises(Conflict, match="already"):
        bring(ground, own)
    assert AuditEvent.objects.filter(verb="handed over self-assessment").count() == 1


def test_other_lines_of_enquiry_are_not_brought_in(ground: Ground, own: Assessment) -> None:
    other = assessments.create(
        organisation=ground.landlord,
        frameworks=["hi-cross-cutting-2005"],
        kind="self-assessment",
        title="Other lines",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        by=ground.landlord_lead,
    )
    with pytest.raises(InvalidInput, match="other lines"):
        bring(ground, other)


def test_it_is_handed_over_in_the_browser(ground: Ground, own: Assessment, client_of: Any) -> None:
    client = client_of(ground.landlord_lead)
    address = reverse("hand-over", args=[ground.assessment.pk])
    assert "Self-assessment 2026" in client.get(address).content.decode()
    assert client.post(address, {"source": own.pk}).status_code == 422
    assert client.post(address, {"source": own.pk, "agreed": "on"}).status_code == 303
    page = client.get(reverse("inspection-self-assessment", args=[ground.assessment.pk]))
    assert BroughtIn.objects.get().digest in page.content.decode()
    again = client.post(address, {"source": own.pk, "agreed": "on"})
    assert again.status_code == 422
    ground.at(Stage.DRAFTING)
    assert client.get(address).status_code == 403


def test_three_stand_side_by_side_at_one_query_more(
    ground: Ground, own: Assessment, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(ground.people[Role.INSPECTOR])
    address = reverse("theme", args=[ground.assessment.pk, THEME])
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    bring(ground, own)
    with CaptureQueriesContext(connection) as after:
        page = client.get(address).content.decode()
    assert len(after) == len(before)
    assert sum("broughttheme" in q["sql"] for q in after.captured_queries) == 1
    assert "All accounts are set up in time." in page
    assert "The inspectors have not placed it yet." in page
    ratings.rate(
        assessment=ground.assessment,
        pinned=store.pinned(own),
        criterion=store.pinned(own).theme(THEME).criteria[0],
        position="lower",
        reason="Three of ten were late.",
        write=Write(id=new_id(), base_version=0, by=ground.people[Role.INSPECTOR]),
    )
    assert "The landlord places itself 2 steps higher." in client.get(address).content.decode()


def test_an_own_assessments_theme_page_asks_nothing_of_inspections(
    own: Assessment, ground: Ground, client_of: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(ground.landlord_lead)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse("theme", args=[own.pk, THEME])).status_code == 200
    assert not [q for q in seen.captured_queries if "broughttheme" in q["sql"]]


def test_saying_why_there_is_none(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    address = reverse("no-self-assessment", args=[ground.assessment.pk])
    assert (
        client.post(address, {"reason": "It never made one.", "base_version": "1"}).status_code
        == 303
    )
    assert client.post(address, {"reason": "Other", "base_version": "1"}).status_code == 409
    assert client.post(address, {"reason": "Other", "base_version": "x"}).status_code == 400
    ground.inspection.refresh_from_db()
    assert ground.inspection.no_self_assessment == "It never made one."
