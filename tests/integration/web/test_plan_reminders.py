"""Reminders of actions: each once, to whom it concerns, and taken back where mail fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from kloe.web.audit.models import AuditEvent
from kloe.web.organisations.models import Membership
from kloe.web.plans import acting, reminders
from kloe.web.plans.models import Action, Reminder

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(org: Any, lead: Any) -> Any:
    """An agreed action due in so many days."""

    def make(days: int, **values: Any) -> Action:
        today = timezone.localdate()
        said: dict[str, Any] = {
            "title": f"Due in {days}",
            "origin": "board",
            "owner": lead,
            "agreed": True,
            "agreed_with": "all",
            "made_on": today - timedelta(days=100),
            "due_on": today + timedelta(days=days),
        }
        row = acting.add(organisation=org, by=lead, **(said | values))
        return acting.move(action=row, to="agreed", by=lead)

    return make


def test_each_is_told_once_in_one_mail(due: Any, lead: Any) -> None:
    due(3)
    due(-2)
    due(30)
    due(2, owner=None, owner_name="Contractor")
    sent = reminders.remind()
    assert (sent.people, sent.actions, sent.failed) == (1, 2, 0)
    (message,) = mail.outbox
    assert message.to == [lead.email]
    assert "2 actions of" in message.subject
    assert "Due in 3" in message.body
    assert "Due in -2" in message.body
    assert "Due in 30" not in message.body
    assert reminders.remind() == reminders.Sent()
    assert len(mail.outbox) == 1
    assert AuditEvent.objects.filter(verb="reminded of actions").count() == 1


def test_an_action_told_as_due_is_told_again_when_overdue_or_moved(due: Any, lead: Any) -> None:
    row = due(3)
    today = timezone.localdate()
    reminders.remind()
    assert reminders.remind(today=today + timedelta(days=5)).actions == 1
    acting.edit(
        action=row, by=lead, base_version=row.version, due_on=today + timedelta(days=6), reason="x"
    )
    assert reminders.remind().actions == 1
    assert len(mail.outbox) == 3


def test_what_is_done_dropped_or_only_proposed_is_not_told(due: Any, org: Any, lead: Any) -> None:
    acting.move(action=due(3), to="completed", by=lead)
    acting.move(action=due(3), to="dropped", by=lead, reason="x")
    acting.add(
        organisation=org, by=lead, title="P", origin="board", owner=lead,
        due_on=timezone.localdate(),
    )  # fmt: skip
    assert reminders.remind() == reminders.Sent()


def test_who_left_is_not_told(due: Any, org: Any, lead: Any) -> None:
    due(3)
    Membership.objects.filter(user=lead).delete()
    assert reminders.remind() == reminders.Sent()


def test_a_mail_server_that_is_away_is_tried_again(due: Any, monkeypatch: Any) -> None:
    due(3)

    def away(*args: Any, **kwargs: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(reminders, "send_mail", away)
    assert reminders.remind().failed == 1
    assert not Reminder.objects.exists()
    monkeypatch.undo()
    assert reminders.remind().actions == 1


def test_none_are_sent_where_the_setting_says_so(due: Any, settings: Any) -> None:
    due(3)
    settings.PLAN_REMIND_DAYS = 0
    assert reminders.remind() == reminders.Sent()


def test_they_wait_on_the_home_page_and_on_mine(
    due: Any, lead: Any, client_of: Any, assessment: Any
) -> None:
    due(-2)
    due(90)
    client = client_of(lead)
    for address in (reverse("home"), reverse("mine", args=[assessment.pk])):
        page = client.get(address).content.decode()
        assert "Due in -2" in page
        assert "overdue" in page
        assert "Due in 90" not in page
