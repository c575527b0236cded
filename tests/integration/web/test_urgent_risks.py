"""Urgent risks: one press, told at once, answered in time or loudly not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from checks_ground import planned, write
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from kloe.core.errors import Conflict, InvalidInput
from kloe.web.assessments.models import Participation
from kloe.web.audit.models import AuditEvent
from kloe.web.checks import risks
from kloe.web.checks.models import UrgentRisk


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests never commit: what waits for it is done at once. That it waits is tested below."""
    monkeypatch.setattr(transaction, "on_commit", lambda told: told())


@pytest.fixture
def contact(assessment: Any, lead: Any) -> Any:
    return risks.set_contact(
        assessment=assessment, name="Rhys Parry", email="rhys@example.org", telephone="", hours=6,
        by=lead,
    )  # fmt: skip


@pytest.fixture
def page(client_of: Any, lead: Any) -> Any:
    return client_of(lead)


def press(page: Any, assessment: Any, **sent: Any) -> Any:
    values = {"kind": "gas", "text": "Smell of gas", "place": "12 Heol y Bont"} | sent
    return page.post(reverse("risk-raise", args=[assessment.pk]), values)


def test_one_press_tells_the_contact(page: Any, assessment: Any, contact: Any, lead: Any) -> None:
    check = planned(assessment, lead, place="Flat 4")
    answer = press(page, assessment, check=str(check.pk), place="", text="")
    assert answer.status_code == 303
    risk = UrgentRisk.objects.get()
    assert (risk.kind, risk.check_of_id, risk.place) == ("gas", check.pk, "Flat 4")
    (message,) = mail.outbox
    assert message.to == ["rhys@example.org"]
    assert "URGENT" in message.subject
    assert "Flat 4" in message.body
    assert f"/risks/{risk.pk}/" in message.body
    assert risk.told_to == "Rhys Parry <rhys@example.org>"
    assert risk.told_at is not None
    assert risk.answer_by - risk.raised_at == timedelta(hours=6)


def test_pressed_twice_it_stands_and_is_told_once(page: Any, assessment: Any, contact: Any) -> None:
    sent = {"write_id": str(uuid4()), "client_at": "2026-01-15T10:11:12Z"}
    first, second = press(page, assessment, **sent), press(page, assessment, **sent)
    assert first["Location"] == second["Location"]
    assert UrgentRisk.objects.count() == 1
    assert len(mail.outbox) == 1
    assert UrgentRisk.objects.get().client_at is not None


def test_without_a_contact_it_is_kept_and_said_loudly(page: Any, assessment: Any) -> None:
    assert (
        "nobody will be told" in page.get(reverse("risks", args=[assessment.pk])).content.decode()
    )
    answer = press(page, assessment)
    shown = page.get(answer["Location"]).content.decode()
    assert "Nobody was told" in shown
    assert 'role="alert"' in shown
    assert not mail.outbox
    assert UrgentRisk.objects.get().not_told
    assert AuditEvent.objects.filter(verb="could not tell urgent risk").exists()


def test_a_mail_server_that_is_away_loses_nothing(
    page: Any, assessment: Any, contact: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    answer = press(page, assessment)
    assert answer.status_code == 303
    risk = UrgentRisk.objects.get()
    assert risk.told_at is None
    assert "refused" in risk.not_told.lower() or "Error" in risk.not_told
    assert "nobody was told" in page.get(answer["Location"]).content.decode().lower()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page.post(reverse("risk-tell", args=[assessment.pk, risk.pk]))
    risk.refresh_from_db()
    assert risk.told_at is not None
    assert not risk.not_told


def test_what_concerns_a_child_is_not_sent_by_mail(
    page: Any, assessment: Any, contact: Any
) -> None:
    press(page, assessment, kind="safeguarding", text="The boy of number 12 is alone at night")
    (message,) = mail.outbox
    assert "boy" not in message.body
    assert "Heol y Bont" not in message.body
    assert "Sign in" in message.body
    events = "".join(str(e.after) for e in AuditEvent.objects.all())
    assert "boy" not in events
    assert "boy" not in page.get(reverse("risks", args=[assessment.pk])).content.decode()


def test_a_subject_of_mail_is_one_line_whatever_is_typed(
    page: Any, assessment: Any, contact: Any
) -> None:
    press(page, assessment, place="A\r\nBcc: x@example.org", text="B\r\n\r\nC")
    (message,) = mail.outbox
    assert "\n" not in message.subject
    assert message.recipients() == ["rhys@example.org"]


@pytest.mark.parametrize("kind", ["", "earthquake"])
def test_a_kind_there_is_not_raises_nothing(page: Any, assessment: Any, kind: str) -> None:
    assert press(page, assessment, kind=kind).status_code == 400
    assert not UrgentRisk.objects.exists()


def test_overdue_ones_stand_out_and_come_first(
    page: Any, assessment: Any, contact: Any, lead: Any
) -> None:
    late = risks.raise_risk(
        assessment=assessment, kind="fire", text="", place="Block 3", write=write(lead)
    )
    UrgentRisk.objects.filter(pk=late.pk).update(answer_by=timezone.now() - timedelta(hours=1))
    press(page, assessment)
    shown = page.get(reverse("risks", args=[assessment.pk]))
    assert shown.context["page"].object_list[0].pk == late.pk
    assert "overdue since" in shown.content.decode()
    only = page.get(reverse("risks", args=[assessment.pk]), {"only": "overdue"})
    assert [r.pk for r in only.context["page"].object_list] == [late.pk]
    assert (
        "1 urgent risk has no answer"
        in page.get(reverse("checks", args=[assessment.pk])).content.decode()
    )
    assert (
        "The answer was due"
        in page.get(reverse("risk", args=[assessment.pk, late.pk])).content.decode()
    )


def test_an_answer_is_kept_once_and_stays(
    page: Any, assessment: Any, contact: Any, lead: Any
) -> None:
    press(page, assessment)
    risk = UrgentRisk.objects.get()
    url = reverse("risk-answer", args=[assessment.pk, risk.pk])
    assert page.post(url, {"answer": " "}).status_code == 422
    sent = {"answer": "Capped at noon.", "answered_for": "Rhys Parry"}
    for _go in range(2):
        assert page.post(url, sent).status_code == 303
    risk.refresh_from_db()
    assert risk.answer == "Capped at noon."
    assert AuditEvent.objects.filter(verb="answered urgent risk").count() == 1
    with pytest.raises(Conflict):
        risks.answer(risk=risk, text="Something else.", answered_for="", by=lead)
    with pytest.raises(Conflict):
        risks.describe(risk=risk, text="More.", place="", by=lead)


def test_more_is_said_afterwards(page: Any, assessment: Any, contact: Any) -> None:
    press(page, assessment, text="")
    risk = UrgentRisk.objects.get()
    page.post(
        reverse("risk-describe", args=[assessment.pk, risk.pk]), {"text": "More.", "place": "Here"}
    )
    risk.refresh_from_db()
    assert (risk.text, risk.place) == ("More.", "Here")


@pytest.mark.parametrize(
    "wrong", [{"email": "rhys"}, {"name": " "}, {"hours": 0}, {"hours": 10_000}]
)
def test_a_contact_who_could_not_be_told_is_refused(
    assessment: Any, lead: Any, wrong: dict[str, Any]
) -> None:
    values: dict[str, Any] = {
        "name": "Rhys", "email": "rhys@example.org", "telephone": "", "hours": 6,
    }  # fmt: skip
    with pytest.raises(InvalidInput):
        risks.set_contact(assessment=assessment, by=lead, **(values | wrong))


def test_risks_are_numbered_in_their_assessment(
    page: Any, assessment: Any, contact: Any, make_assessment: Any
) -> None:
    press(page, assessment)
    press(page, assessment)
    other = make_assessment(title="Another")
    press(page, other)
    assert sorted(UrgentRisk.objects.values_list("assessment", "number")) == sorted(
        [(assessment.pk, 1), (assessment.pk, 2), (other.pk, 1)]
    )


def test_nobody_is_told_of_what_was_not_kept(
    assessment: Any,
    contact: Any,
    lead: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.undo()
    with django_capture_on_commit_callbacks(execute=True):
        risks.raise_risk(assessment=assessment, kind="gas", text="", place="", write=write(lead))
        assert not mail.outbox
    assert len(mail.outbox) == 1


def test_tenant_inspectors_reach_the_risks_they_raised_and_no_others(
    assessment: Any, lead: Any, contact: Any, page: Any, user_with: Any, client_of: Any
) -> None:
    tenant = user_with()
    Participation.objects.create(assessment=assessment, user=tenant, role="tenant inspector")
    press(page, assessment)
    theirs = UrgentRisk.objects.get()
    press(client_of(tenant), assessment, text="Loose wire")
    own = UrgentRisk.objects.get(raised_by=tenant)
    sent = len(mail.outbox)
    for name in ("risk-describe", "risk-tell"):
        answer = client_of(tenant).post(
            reverse(name, args=[assessment.pk, theirs.pk]), {"text": "All is well", "place": ""}
        )
        assert answer.status_code == 404, name
    assert len(mail.outbox) == sent
    theirs.refresh_from_db()
    assert theirs.text == "Smell of gas"
    answer = client_of(tenant).post(
        reverse("risk-describe", args=[assessment.pk, own.pk]), {"text": "In the hall", "place": ""}
    )
    assert answer.status_code == 303
    # Back to where they may look.
    assert client_of(tenant).get(answer["Location"]).status_code == 200
