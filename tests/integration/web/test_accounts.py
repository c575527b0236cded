"""Signing in, passwords, second steps, profile, and the trail they leave."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kloe.core.errors import Conflict, InvalidInput
from kloe.web.accounts import actions
from kloe.web.accounts.models import User
from kloe.web.accounts.routes import ALLAUTH, BY_NAME
from kloe.web.audit.models import AuditEvent

PASSWORD = "three words here"


@pytest.fixture
def person(db):
    return actions.add_person(
        email=" Ann@Example.org ", name="Ann Rees", password=PASSWORD, by=None
    )


def sign_in(client, password=PASSWORD):
    return client.post("/accounts/login/", {"login": "ann@example.org", "password": password})


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


# Accounts


def test_an_account_is_known_by_its_address_in_lower_case(person):
    assert person.email == "ann@example.org"
    assert EmailAddress.objects.get(user=person).verified
    assert verbs() == ["created account"]
    with pytest.raises(Conflict, match=r"There is an account for ann@example\.org already"):
        actions.add_person(email="ANN@example.org", by=None)


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused(db, email):
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        actions.add_person(email=email, by=None)
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "password12", "ann@example.org"])
def test_weak_passwords_are_refused(db, password):
    with pytest.raises(InvalidInput, match="at least 10 characters and is not a common one"):
        actions.add_person(email="ann@example.org", password=password, by=None)
    assert not User.objects.exists()


# Signing in


def test_signing_in_leads_home_and_leaves_a_trace(client, person):
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert verbs()[-1] == "signed in"


def test_signing_in_leads_back_to_where_one_wanted_to_go(client, person):
    page = client.get("/accounts/login/?next=/library/").content.decode()
    assert 'name="next" value="/library/"' in page
    answer = client.post(
        "/accounts/login/",
        {"login": "ann@example.org", "password": PASSWORD, "next": "/library/"},
    )
    assert answer["Location"] == "/library/"


def test_a_wrong_password_says_so_and_keeps_the_address(client, person):
    page = sign_in(client, "something else").content.decode()
    assert 'class="error-summary"' in page
    assert 'value="ann@example.org"' in page
    assert "something else" not in page


def test_who_is_signed_in_can_sign_out_by_post_only(client, person):
    sign_in(client)
    assert "Sign out of kloe?" in client.get("/accounts/logout/").content.decode()
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_a_closed_account_ends_open_sessions(client, person):
    sign_in(client)
    assert actions.set_active(person=person, active=False, by=None)
    assert not actions.set_active(person=person, active=False, by=None)
    assert client.get("/").status_code == 302
    again = sign_in(client)
    assert again["Location"] == "/accounts/inactive/"
    assert "This account is closed" in client.get("/accounts/inactive/").content.decode()
    actions.set_active(person=person, active=True, by=None)
    assert sign_in(Client())["Location"] == "/"
    assert verbs()[-3:] == ["closed account", "opened account", "signed in"]


def test_nobody_signs_up_uninvited(client, db):
    page = client.get("/accounts/signup/").content.decode()
    assert "Accounts are made for you" in page
    client.post(
        "/accounts/signup/",
        {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.exists()


def test_a_lost_session_answers_a_page_that_saves(client, db):
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


# Passwords


def test_a_forgotten_password_is_set_anew_by_mail(client, person):
    answer = client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    assert answer["Location"] == "/accounts/password/reset/done/"
    message = mail.outbox[0]
    assert message.subject == "kloe: A link to choose a new password"
    assert "good once, for three days" in message.body
    link = re.search(r"http://testserver(\S+)", message.body)[1]
    form = client.get(link, follow=True)
    assert "Choose a password" in form.content.decode()
    path = form.redirect_chain[-1][0]
    poor = client.post(path, {"password1": "short", "password2": "short"}).content.decode()
    assert 'class="error-summary"' in poor
    client.post(path, {"password1": "other words now", "password2": "other words now"})
    assert sign_in(client, "other words now")["Location"] == "/"
    assert "set password" in verbs()
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_an_unknown_address_is_not_given_away(client, db):
    answer = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert answer["Location"] == "/accounts/password/reset/done/"
    assert "There is no account with this address here." in mail.outbox[0].body


def test_changing_the_password_asks_for_the_old_one(client, person):
    sign_in(client)
    fields = {
        "oldpassword": "wrong",
        "password1": "other words now",
        "password2": "other words now",
    }
    page = client.post("/accounts/password/change/", fields).content.decode()
    assert 'class="error-summary"' in page
    client.post("/accounts/password/change/", fields | {"oldpassword": PASSWORD})
    person.refresh_from_db()
    assert person.check_password("other words now")
    assert verbs()[-1] == "set password"


def test_a_link_to_set_a_password_works_for_somebody_who_has_none(client, db):
    person = actions.add_person(email="new@example.org", by=None)
    assert not person.has_usable_password()
    form = client.get(actions.set_password_path(person), follow=True)
    path = form.redirect_chain[-1][0]
    client.post(path, {"password1": PASSWORD, "password2": PASSWORD})
    answer = client.post("/accounts/login/", {"login": "new@example.org", "password": PASSWORD})
    assert answer["Location"] == "/"


# The second step


def test_codes_from_an_app_are_switched_on_asked_for_and_off(
    client, person, django_capture_on_commit_callbacks
):
    sign_in(client)
    confirm = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Is it you?" in confirm.content.decode()
    page = client.post(
        "/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/",
        {"password": PASSWORD},
        follow=True,
    ).content.decode()
    assert "let it read this picture" in page
    secret = re.search(r'id="secret" value="([A-Z2-7]+)"', page)[1]
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).content.decode()
    assert 'class="error-summary"' in wrong
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert "Recovery codes" in done.content.decode()
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert "added sign-in key" in verbs()
    assert "10 of 10 are unused" in client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 200
    for path in (
        "/accounts/2fa/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/reauthenticate/",
    ):
        assert client.get(path, follow=True).status_code == 200

    other = Client()
    answer = sign_in(other)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert "Second step" in other.get("/accounts/2fa/authenticate/").content.decode()
    recovery = Authenticator.objects.get(user=person, type="recovery_codes").wrap()
    spare = recovery.get_unused_codes()[0]
    other.post("/accounts/2fa/authenticate/", {"code": spare})
    assert other.get("/").status_code == 200

    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=person, type="totp").exists()
    assert "removed sign-in key" in verbs()


def test_a_key_can_be_named_and_removed(client, person):
    sign_in(client)
    client.post("/accounts/reauthenticate/?next=/", {"password": PASSWORD})
    key = Authenticator.objects.create(
        user=person,
        type="webauthn",
        data={
            "name": "Blue key",
            "credential": {"clientExtensionResults": {"credProps": {"rk": True}}},
        },
    )
    page = client.get("/accounts/2fa/webauthn/").content.decode()
    assert "Blue key" in page
    assert "Passkey: signs in alone" in page
    assert (
        "Rename the key"
        in client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/").content.decode()
    )
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "Red key"})
    assert "Red key" in client.get("/accounts/2fa/webauthn/").content.decode()
    gone = client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").content.decode()
    assert "Remove “Red key”?" in gone
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.exists()


def test_adding_a_key_offers_it_to_the_browser(client, person):
    sign_in(client)
    client.post("/accounts/reauthenticate/?next=/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/webauthn/add/").content.decode()
    assert "allauth.webauthn.forms.addForm" in page
    assert 'id="js_data"' in page
    challenge = client.get(
        "/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"}
    )
    assert challenge.status_code in {200, 302}


def test_adding_an_address_and_signing_in_with_it(client, person):
    sign_in(client)
    client.post("/accounts/reauthenticate/?next=/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "rees@example.org"})
    page = client.get("/accounts/email/").content.decode()
    assert "rees@example.org" in page
    assert "not confirmed" in page
    message = mail.outbox[-1]
    assert message.to == ["rees@example.org"]
    assert message.subject == "kloe: Confirm your e-mail address"
    link = re.search(r"http://testserver(\S+)", message.body)[1]
    assert "Is rees@example.org yours?" in client.get(link).content.decode()
    client.post(link)
    client.post("/accounts/email/", {"action_primary": "", "email": "rees@example.org"})
    person.refresh_from_db()
    assert person.email == "rees@example.org"
    assert "changed address" in verbs()


# Profile


def test_profile_saves_name_and_shortcuts(client, person):
    sign_in(client)
    page = client.get("/accounts/profile").content.decode()
    assert 'value="Ann Rees"' in page
    answer = client.post("/accounts/profile", {"name": " Ann Rees-Pugh "})
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/profile")
    person.refresh_from_db()
    assert (person.name, person.shortcuts) == ("Ann Rees-Pugh", False)
    assert 'data-keys="off"' in client.get("/").content.decode()
    event = AuditEvent.objects.latest("id")
    assert (event.verb, event.before["name"], event.after["shortcuts"]) == (
        "changed profile",
        "Ann Rees",
        False,
    )
    client.post("/accounts/profile", {"name": "Ann Rees-Pugh"})
    assert AuditEvent.objects.latest("id").pk == event.pk


def test_a_name_too_long_comes_back_with_what_to_do(client, person):
    sign_in(client)
    answer = client.post("/accounts/profile", {"name": "x" * 121, "shortcuts": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A name has at most 120 characters." in page
    assert "x" * 121 in page
    assert "Menu of Ann Rees<" in page


# Routes


def _allauth_names() -> set[str]:
    found: set[str] = set()

    def walk(patterns):
        for one in patterns:
            if isinstance(one, URLResolver):
                walk(one.url_patterns)
            elif isinstance(one, URLPattern) and getattr(one.callback, "__module__", "").startswith(
                "allauth"
            ):
                found.add(one.name)

    walk(get_resolver().url_patterns)
    return found


def test_every_route_of_allauth_has_its_rule():
    assert _allauth_names() == set(BY_NAME)
    assert len(BY_NAME) == len(ALLAUTH)


@pytest.mark.parametrize("route", ALLAUTH, ids=lambda r: r.name)
def test_routes_of_allauth_hold_their_rule(route, client, person):
    path = reverse(route.name, kwargs=route.kwargs)
    answer = client.get(path)
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith(
        "/accounts/login/?next="
    )
    assert to_sign_in == (route.rule == "signed in")
    assert answer.status_code in {200, 302}
    sign_in(client)
    inside = client.get(path, follow=True)
    assert inside.status_code in {200, 404}
    assert (
        b"kloe.css" in inside.content
        or inside.headers["Content-Type"] != "text/html; charset=utf-8"
    )


def test_too_many_wrong_passwords_are_held_up(client, person):
    for _n in range(6):
        answer = sign_in(client, "wrong again and again")
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()
    assert "Wait five minutes" in answer.content.decode()
