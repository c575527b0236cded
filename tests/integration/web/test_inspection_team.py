"""Invitations by mail, joining, leaving; tying the landlord."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from inspection_ground import Ground, make_ground

from kloe.assessment.permissions import Role
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Participation
from kloe.web.audit.models import AuditEvent
from kloe.web.inspections import team
from kloe.web.inspections.models import Invitation
from kloe.web.organisations.models import Organisation

NEW = "newcomer@example.org"


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


def invited(ground: Ground, email: str = NEW, role: str = "inspector") -> team.Invited:
    return team.invite(
        inspection=ground.inspection,
        email=email,
        role=role,
        by=ground.chief,
        address="https://kloe.example.org/",
    )


def path(one: team.Invited) -> str:
    return one.link.removeprefix("https://kloe.example.org")


def test_an_invitation_goes_by_mail_and_its_token_is_kept_nowhere(
    ground: Ground, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        one = invited(ground)
    assert mail.outbox[-1].to == [NEW]
    link = re.search(r"https://\S+", mail.outbox[-1].body)
    assert link is not None
    assert link.group() == one.link
    token = one.link.rpartition("/")[2]
    assert len(token) > 40
    row = Invitation.objects.get()
    assert token not in str([getattr(row, f.attname) for f in row._meta.concrete_fields])
    assert token not in str(list(AuditEvent.objects.values_list("after", flat=True)))


def test_a_name_with_line_breaks_makes_no_header(
    ground: Ground, django_capture_on_commit_callbacks: Any
) -> None:
    subject = ground.assessment.subject
    subject.name = "Tai\r\nBcc: others@example.org"
    subject.save()
    with django_capture_on_commit_callbacks(execute=True):
        invited(ground)
    assert "\n" not in mail.outbox[-1].subject


def test_a_new_person_accepts_with_name_and_password(ground: Ground) -> None:
    one = invited(ground)
    client = Client()
    page = client.get(path(one))
    assert page.status_code == 200
    assert "Arolygiaeth Enghraifft" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    weak = client.post(path(one), {"name": "Ann", "password": "short"})
    assert weak.status_code == 422
    assert not User.objects.filter(email=NEW).exists()
    joined = client.post(path(one), {"name": "Ann", "password": "three odd words"})
    assert joined.status_code == 303
    assert client.get(joined["Location"]).status_code == 200
    part = Participation.objects.get(user__email=NEW)
    assert (part.role, part.user.name) == ("inspector", "Ann")


def test_somebody_with_an_account_signs_in_and_accepts(ground: Ground, client_of: Any) -> None:
    known = User.objects.create_user(NEW, "a long password", name="Known")
    one = invited(ground)
    stranger = Client().get(path(one))
    assert reverse("account_login") in stranger.content.decode()
    assert Client().post(
        path(one), {"name": "Evil", "password": "three odd words"}
    ).status_code in {
        302,
        303,
    }
    assert not Participation.objects.filter(user=known).exists()
    assert client_of(known).post(path(one)).status_code == 303
    assert Participation.objects.get(user=known).role == "inspector"


def test_an_invitation_is_good_once(ground: Ground, client_of: Any) -> None:
    one = invited(ground)
    Client().post(path(one), {"name": "Ann", "password": "three odd words"})
    for answer in (
        Client().get(path(one)),
        client_of(User.objects.get(email=NEW)).post(path(one)),
    ):
        assert answer.status_code == 409
        assert "used already" in answer.content.decode()
    assert AuditEvent.objects.filter(verb="could not accept invitation").count() == 1
    assert Participation.objects.filter(user__email=NEW).count() == 1


def test_an_expired_and_a_revoked_invitation_say_so(ground: Ground) -> None:
    one = invited(ground)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    late = Client().post(path(one), {"name": "Ann", "password": "three odd words"})
    assert late.status_code == 409
    assert "expired" in late.content.decode()
    other = invited(ground, "other@example.org")
    team.revoke(invitation=other.invitation, by=ground.chief)
    gone = Client().get(path(other))
    assert gone.status_code == 409
    assert "taken back" in gone.content.decode()
    assert not User.objects.filter(email__in=[NEW, "other@example.org"]).exists()


def test_an_unknown_link_is_not_found(db: None) -> None:
    assert Client().get(reverse("invitation", args=["nonsense"])).status_code == 404
    with pytest.raises(NotFound):
        team.invitation_of("")


def test_nobody_accepts_for_somebody_else(ground: Ground, client_of: Any) -> None:
    one = invited(ground)
    other = User.objects.create_user("other@example.org", "a long password")
    answer = client_of(other).post(path(one))
    assert answer.status_code == 403
    assert NEW in answer.content.decode()
    assert not Participation.objects.filter(user=other).exists()
    assert Invitation.objects.get().accepted_at is None


def test_one_open_invitation_and_one_part_for_each(ground: Ground) -> None:
    one = invited(ground)
    with pytest.raises(Conflict, match="is open"):
        invited(ground)
    team.revoke(invitation=one.invitation, by=ground.chief)
    assert invited(ground)
    with pytest.raises(Conflict, match="of the team already"):
        invited(ground, ground.people[Role.OBSERVER].email)


@pytest.mark.parametrize("role", ["lead", "administrator", "", "boss"])
def test_only_roles_of_a_team_are_given(ground: Ground, role: str) -> None:
    with pytest.raises(InvalidInput, match="no role"):
        invited(ground, role=role)


def test_the_last_lead_inspector_stays(ground: Ground, client_of: Any) -> None:
    lead = ground.people[Role.LEAD_INSPECTOR]
    with pytest.raises(Conflict, match="only lead inspector"):
        team.leave(inspection=ground.inspection, person=lead, by=ground.chief)
    observer = ground.people[Role.OBSERVER]
    answer = client_of(lead).post(reverse("team-remove", args=[ground.assessment.pk, observer.pk]))
    assert answer.status_code == 303
    assert (
        client_of(observer).get(reverse("overview", args=[ground.assessment.pk])).status_code == 404
    )


def test_pages_of_the_team(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    page = client.get(reverse("inspection-team", args=[ground.assessment.pk]))
    assert "Tenant inspector" in page.content.decode()
    form = {"email": NEW, "role": "specialist", "days": "7", "name": ""}
    made = client.post(reverse("inspection-invite", args=[ground.assessment.pk]), form)
    assert made.status_code == 200
    again = client.post(reverse("inspection-invite", args=[ground.assessment.pk]), form)
    assert again.status_code == 422
    one = Invitation.objects.get()
    revoked = client.post(reverse("invitation-revoke", args=[ground.assessment.pk, one.pk]))
    assert revoked.status_code == 303


def asked_for(ground: Ground, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page after inviting somebody: mail is tried before it is drawn, as without a test
    around the transaction.
    """
    monkeypatch.setattr(transaction, "on_commit", lambda after: after())
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    form = {"email": NEW, "role": "inspector", "days": "7", "name": ""}
    made = client.post(reverse("inspection-invite", args=[ground.assessment.pk]), form)
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    return str(made.content.decode())


def test_whoever_invites_sees_no_link_that_mail_brings(
    ground: Ground, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or they could join under an address that is not theirs."""
    shown = asked_for(ground, client_of, monkeypatch)
    assert "/invitations/" in mail.outbox[-1].body
    assert "/invitations/" not in shown
    assert f"on its way to {NEW}" in shown


def test_where_no_mail_leaves_the_link_is_shown_and_why(
    ground: Ground, client_of: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    shown = asked_for(ground, client_of, monkeypatch)
    assert "This kloe has no mail server" in shown
    link = re.search(r"<code>http://testserver(/invitations/[^<]+)</code>", shown)
    assert link is not None
    assert Client().get(link[1]).status_code == 200


@pytest.mark.parametrize(
    ("error", "words", "link"),
    [
        (ConnectionRefusedError(), "did not take it", True),
        (SMTPRecipientsRefused({NEW: (550, b"no such box")}), "refuses the address", False),
    ],
)
def test_mail_that_was_not_taken_says_so(
    ground: Ground, client_of: Any, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str,
    link: bool,
) -> None:  # fmt: skip
    def away(self: Any, messages: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", away)
    shown = asked_for(ground, client_of, monkeypatch)
    assert words in shown
    assert ("/invitations/" in shown) == link


# The landlord --------------------------------------------------------------------------------


def test_the_landlords_lead_ties_the_inspection_to_their_organisation(
    ground: Ground, client_of: Any
) -> None:
    client = client_of(ground.landlord_lead)
    address = reverse("inspection-landlord", args=[ground.assessment.pk])
    without = client.post(address, {"organisation": ground.landlord.pk})
    assert without.status_code == 422
    done = client.post(address, {"organisation": ground.landlord.pk, "agreed": "on"})
    assert done.status_code == 303
    ground.assessment.refresh_from_db()
    assert ground.assessment.landlord == ground.landlord
    with pytest.raises(Conflict, match="settled"):
        team.tie_landlord(
            inspection=ground.inspection, organisation=ground.landlord, by=ground.landlord_lead
        )


def test_nobody_ties_an_organisation_that_is_not_theirs(ground: Ground, client_of: Any) -> None:
    other = Organisation.objects.create(name="Not Mine")
    with pytest.raises(PermissionRefused):
        team.tie_landlord(inspection=ground.inspection, organisation=other, by=ground.landlord_lead)
    page = client_of(ground.landlord_lead).get(
        reverse("inspection-landlord", args=[ground.assessment.pk])
    )
    assert "Not Mine" not in page.content.decode()


def test_an_entered_landlord_is_found_by_nobody_else(ground: Ground) -> None:
    from kloe.web.organisations import queries

    assert queries.by_name("Tai Landlord") == ground.landlord
    entry = ground.assessment.subject
    stranger = User.objects.create_user("s@example.org", "a long password")
    from kloe.web.inspections import actions

    other = Organisation.objects.create(name="Other Inspectors")
    assert entry not in actions.nameable(stranger, other)
    assert entry not in actions.nameable(None, other)
    assert entry in actions.nameable(None, ground.inspectorate)
