"""Organisations and their members: who sees them, who changes them, what is refused."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.web.accounts.models import User
from kloe.web.audit.models import AuditEvent
from kloe.web.organisations import actions, queries
from kloe.web.organisations.models import Membership, Organisation

FIELDS = {
    "name": "Tai Newydd",
    "kind": "council",
    "jurisdiction": "wales",
    "homes": "1200",
    "landlord_code": "L1",
}


@pytest.fixture
def admin(user_with, org):
    return user_with("administrator", org)


@pytest.fixture
def page(client_of, admin):
    return client_of(admin)


def at(org, rest: str = "") -> str:
    return f"/organisations/{org.pk}/{rest}"


def added(org, email="new@example.org", role="reader", **more):
    return actions.add_member(organisation=org, email=email, role=role, by=None, **more)


# Seeing


def test_only_ones_own_organisations_are_listed(page, org, other_org, user_with):
    user_with("reader", org)
    shown = page.get("/organisations/").content.decode()
    assert org.name in shown
    assert "Administrator" in shown
    assert other_org.name not in shown


def test_listing_costs_the_same_however_many(
    client_of, admin, org, other_org, user_with, django_assert_num_queries
):
    client = client_of(admin)
    client.get("/organisations/")
    with django_assert_num_queries(4):
        client.get("/organisations/")
    Membership.objects.create(user=admin, organisation=other_org, role="reader")
    with django_assert_num_queries(4):
        client.get("/organisations/")


def test_belonging_nowhere_is_answered(client_of, user_with):
    shown = client_of(user_with()).get("/organisations/").content.decode()
    assert "You belong to no organisation yet." in shown


@pytest.mark.parametrize("rest", ["", "edit", "members/add", "audit"])
def test_an_organisation_does_not_exist_for_others(client_of, user_with, org, other_org, rest):
    outsider = client_of(user_with("administrator", other_org))
    answer = outsider.get(at(org, rest))
    assert answer.status_code == 404
    assert org.name not in answer.content.decode()
    assert outsider.post(at(org, rest)).status_code in {404, 405}


def test_members_and_assessments_are_shown(page, org, assessment, lead):
    shown = page.get(at(org)).content.decode()
    assert lead.email in shown
    assert assessment.title in shown
    assert "4,200 homes" in shown
    assert "Add somebody" in shown


def test_readers_see_members_and_change_nothing(client_of, user_with, org, admin):
    reader = client_of(user_with("reader", org))
    shown = reader.get(at(org)).content.decode()
    assert admin.email in shown
    assert "Add somebody" not in shown
    assert "Edit" not in shown
    for rest in ("edit", "members/add", f"members/{admin.pk}"):
        assert reader.get(at(org, rest)).status_code == 403
        assert reader.post(at(org, rest)).status_code == 403
    for rest in (f"members/{admin.pk}/remove", f"members/{admin.pk}/link"):
        assert reader.post(at(org, rest)).status_code == 403
    assert Membership.objects.filter(user=admin, organisation=org).exists()


def test_members_are_filtered_sorted_and_paged(page, org, user_with, settings):
    settings.PAGE_SIZE = 2
    for _n in range(3):
        user_with("assessor", org)
    first = page.get(at(org) + "?role=assessor&sort=-email").content.decode()
    assert "1 to 2 of 3" in first
    assert first.index("assessor4") < first.index("assessor3")
    assert 'aria-sort="descending"' in first
    second = page.get(at(org) + "?role=assessor&sort=-email&page=2").content.decode()
    assert "assessor2" in second
    assert "Nobody fits these filters." in page.get(at(org) + "?q=zzz").content.decode()


def test_the_page_costs_the_same_however_many_members(
    page, org, user_with, django_assert_max_num_queries
):
    page.get(at(org))
    with django_assert_max_num_queries(7) as one:
        page.get(at(org))
        spent = len(one)
    for _n in range(10):
        user_with("reader", org)
    with django_assert_max_num_queries(spent):
        page.get(at(org))


# Changing what is said of it


def test_editing_saves_and_leaves_before_and_after(page, org):
    answer = page.post(at(org, "edit"), FIELDS)
    assert (answer.status_code, answer["Location"]) == (303, at(org))
    org.refresh_from_db()
    assert (org.name, org.kind, org.homes) == ("Tai Newydd", "council", 1200)
    event = AuditEvent.objects.latest("id")
    assert event.verb == "changed organisation"
    assert (event.before["name"], event.after["name"]) == ("Tai Enghraifft", "Tai Newydd")
    assert event.organisation_id == org.pk
    page.post(at(org, "edit"), FIELDS)
    assert AuditEvent.objects.latest("id").pk == event.pk


def test_a_faulty_edit_comes_back_with_everything_typed(page, org):
    answer = page.post(at(org, "edit"), FIELDS | {"name": "", "homes": "many"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "2 things have to be put right" in shown
    assert 'value="many"' in shown
    assert 'value="L1"' in shown
    assert "<h1>Edit Tai Enghraifft</h1>" in shown
    org.refresh_from_db()
    assert org.name == "Tai Enghraifft"


def test_what_cannot_be_is_refused_to_commands_too(db):
    with pytest.raises(InvalidInput, match="jurisdiction"):
        actions.create(by=None, name="X", jurisdiction="atlantis")
    assert not Organisation.objects.exists()


# Adding


CONSOLE = "django.core.mail.backends.console.EmailBackend"


def test_a_new_person_gets_a_link_by_mail(page, org, django_capture_on_commit_callbacks, client):
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(
            at(org, "members/add"),
            {"email": "New@example.org", "name": "Nia", "role": "assessor"},
        )
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert "Nia can set a password now" in shown
    message = mail.outbox[0]
    assert message.to == ["new@example.org"]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body)[1]
    # Whoever has it has the account: mail brings it, so nobody else sees it.
    assert link not in shown
    assert "Tai Enghraifft" in message.subject
    form = client.get(link, follow=True)
    assert "Choose a password" in form.content.decode()
    member = Membership.objects.get(user__email="new@example.org")
    assert (member.organisation, member.role) == (org, "assessor")
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == [
        "created account",
        "added member",
    ]


def test_where_no_mail_leaves_a_new_persons_link_is_shown_once(
    page, org, django_capture_on_commit_callbacks, client, settings
):
    settings.EMAIL_BACKEND = CONSOLE
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(
            at(org, "members/add"), {"email": "n@example.org", "name": "Nia", "role": "assessor"}
        )
    shown = answer.content.decode()
    assert "This kloe has no mail server" in shown
    assert answer["Cache-Control"] == "no-store"
    link = re.search(r'value="http://testserver(/accounts/password/reset/key/[^"]+)"', shown)[1]
    assert "Choose a password" in client.get(link, follow=True).content.decode()


def test_a_known_person_is_added_without_a_link(
    page, org, other_org, user_with, django_capture_on_commit_callbacks
):
    known = user_with("lead", other_org)
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(
            at(org, "members/add"),
            {"email": known.email.upper(), "name": "Somebody", "role": "reader"},
        )
    assert (answer.status_code, answer["Location"]) == (303, at(org))
    known.refresh_from_db()
    assert known.name != "Somebody"
    assert "/accounts/password/" not in mail.outbox[0].body
    assert known.memberships.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "no address", "name": "Nia", "role": "reader"}, "valid email address"),
        ({"email": "", "name": "Nia", "role": "reader"}, "This field is required."),
        ({"email": "x@example.org", "name": "Nia", "role": "king"}, "king"),
    ],
)
def test_faulty_additions_come_back(page, org, fields, words):
    answer = page.post(at(org, "members/add"), fields)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown
    assert 'value="Nia"' in shown
    assert not User.objects.filter(email="x@example.org").exists()


def test_nobody_is_added_twice(page, org, lead):
    answer = page.post(at(org, "members/add"), {"email": lead.email, "role": "reader"})
    assert answer.status_code == 422
    assert "belongs to Tai Enghraifft already" in answer.content.decode()
    assert Membership.objects.get(user=lead, organisation=org).role == "lead"


def test_a_closed_account_is_not_added(org, user_with):
    closed = user_with()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    with pytest.raises(Conflict, match="is closed"):
        added(org, closed.email)
    with pytest.raises(InvalidInput, match="There is no role"):
        added(org, "x@example.org", "king")


def test_mail_that_cannot_be_sent_stops_nothing(
    org, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def away(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", away)
    with django_capture_on_commit_callbacks(execute=True):
        found = added(org, address="http://testserver/")
    assert found.link.startswith("http://testserver/accounts/password/reset/key/")
    assert "did not take it" in found.posted.why_shown
    assert "could not be sent" in caplog.text


# Roles and leaving


def test_changing_a_role(page, org, lead):
    assert 'value="lead"' in page.get(at(org, f"members/{lead.pk}")).content.decode()
    answer = page.post(at(org, f"members/{lead.pk}"), {"role": "contributor"})
    assert answer.status_code == 303
    assert Membership.objects.get(user=lead).role == "contributor"
    event = AuditEvent.objects.latest("id")
    assert (event.verb, event.before["role"], event.after["role"]) == (
        "changed role",
        "lead",
        "contributor",
    )
    assert page.post(at(org, f"members/{lead.pk}"), {"role": "contributor"}).status_code == 303
    assert AuditEvent.objects.latest("id").pk == event.pk
    bad = page.post(at(org, f"members/{lead.pk}"), {"role": "king"})
    assert bad.status_code == 422


def test_the_last_administrator_stays(page, org, admin, user_with):
    shown = page.get(at(org, f"members/{admin.pk}")).content.decode()
    assert "The last administrator" in shown
    assert "Take out" not in shown
    answer = page.post(at(org, f"members/{admin.pk}"), {"role": "reader"})
    assert answer.status_code == 422
    assert "Make somebody else administrator first." in answer.content.decode()
    assert page.post(at(org, f"members/{admin.pk}/remove")).status_code == 409
    closed = user_with("administrator", org)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    assert page.post(at(org, f"members/{admin.pk}/remove")).status_code == 409
    User.objects.filter(pk=closed.pk).update(is_active=True)
    left = page.post(at(org, f"members/{admin.pk}/remove"))
    assert (left.status_code, left["Location"]) == (303, "/organisations/")
    assert page.get(at(org)).status_code == 404


def test_taking_somebody_out_ends_their_access(page, client_of, org, lead, assessment):
    theirs = client_of(lead)
    assert theirs.get(at(org)).status_code == 200
    answer = page.post(at(org, f"members/{lead.pk}/remove"), follow=True)
    assert "no longer belongs to" in answer.content.decode()
    assert theirs.get(at(org)).status_code == 404
    assert theirs.get(f"/assessments/{assessment.pk}/audit").status_code == 404
    assert User.objects.filter(pk=lead.pk).exists()
    assert page.post(at(org, f"members/{lead.pk}/remove")).status_code == 404
    assert page.get(at(org, f"members/{lead.pk}/remove")).status_code == 405


# A new link


def test_a_new_link_for_somebody_who_never_signed_in(page, org, django_capture_on_commit_callbacks):
    person = added(org).membership.user
    assert "Send a new link" in page.get(at(org, f"members/{person.pk}")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(at(org, f"members/{person.pk}/link"))
    assert "/accounts/password/reset/key/" not in answer.content.decode()
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    assert AuditEvent.objects.latest("id").verb == "made link to set a password"
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("why", ["has a password", "belongs to others", "takes part elsewhere"])
def test_a_link_is_no_way_into_somebody_elses_account(
    page, org, other_org, why, make_assessment, user_with
):
    membership = added(org).membership
    person = membership.user
    if why == "has a password":
        person.set_password("three words here")
        person.save()
    elif why == "belongs to others":
        Membership.objects.create(user=person, organisation=other_org, role="reader")
    else:
        from kloe.web.assessments.models import Participation

        boss = user_with("lead", other_org)
        theirs = make_assessment(organisation=other_org, lead=boss, by=boss)
        Participation.objects.create(user=person, assessment=theirs, role="reader")
    answer = page.post(at(org, f"members/{person.pk}/link"))
    assert answer.status_code == 403
    assert "/accounts/password/reset/key/" not in answer.content.decode()
    assert "Send a new link" not in page.get(at(org, f"members/{person.pk}")).content.decode()
    with pytest.raises(PermissionRefused):
        actions.renew_link(membership=membership, by=person, address="http://x")


# Finding by name


def test_organisations_are_found_by_name_or_identifier(org, other_org):
    assert queries.by_name("tai enghraifft") == org
    assert queries.by_name(str(other_org.pk)) == other_org
    with pytest.raises(NotFound, match="Another Homes, Tai Enghraifft"):
        queries.by_name("Elsewhere")
    Organisation.objects.create(name="Tai Enghraifft")
    with pytest.raises(InvalidInput, match="Several organisations"):
        queries.by_name("Tai Enghraifft")
