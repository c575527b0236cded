"""kloe users: accounts from the command line, audited like all others."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from kloe.cli.main import app
from kloe.core.errors import (
    Conflict,
    InvalidInput,
    KloeError,
    NotFound,
    PermissionRefused,
    UsageError,
)
from kloe.web.accounts.models import User
from kloe.web.audit.models import AuditEvent
from kloe.web.organisations.models import Membership, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def kloe(data_root):
    def run(*args: str, given: str = ""):
        return CliRunner().invoke(
            app, ["--data", str(data_root), "users", *args], input=given, catch_exceptions=True
        )

    return run


def refused(result, kind: type[KloeError], words: str) -> None:
    assert isinstance(result.exception, kind), result.output
    assert re.search(words, str(result.exception))


def test_the_first_account_makes_its_organisation_and_prints_a_link(kloe, client):
    done = kloe("add", "You@example.org", "--name", "You", "--organisation", "Tai Cyntaf")
    assert done.exit_code == 0
    assert done.stdout.startswith("http://localhost:8000/accounts/password/reset/key/")
    assert "Made the organisation Tai Cyntaf." in done.stderr
    member = Membership.objects.get()
    assert (member.user.email, member.role) == ("you@example.org", "administrator")
    path = done.stdout.strip().removeprefix("http://localhost:8000")
    assert "Choose a password" in client.get(path, follow=True).content.decode()
    assert set(AuditEvent.objects.values_list("verb", "actor")) == {
        ("created organisation", "kloe"),
        ("created account", "kloe"),
        ("added member", "kloe"),
    }


def test_a_password_comes_from_standard_input(kloe):
    done = kloe(
        "add", "a@example.org", "--password-stdin", "--format", "json", given="three words here\n"
    )
    assert json.loads(done.stdout) == [
        {"email": "a@example.org", "name": "", "organisation": "", "role": "", "link": ""}
    ]
    assert User.objects.get().check_password("three words here")


def test_adding_to_an_organisation_that_is_here(kloe, org):
    kloe("add", "a@example.org", "--organisation", "tai enghraifft")
    kloe("add", "b@example.org", "--organisation", str(org.pk), "--role", "lead")
    roles = dict(Membership.objects.values_list("user__email", "role"))
    assert roles == {"a@example.org": "reader", "b@example.org": "lead"}
    assert Organisation.objects.count() == 1


def test_a_slip_in_the_name_makes_no_organisation(kloe, org):
    result = kloe("add", "a@example.org", "--organisation", "Tai Enghraift")
    refused(result, NotFound, "There is “Tai Enghraifft”")
    made = kloe("add", "a@example.org", "--organisation", "Tai Enghraift", "--new-organisation")
    assert made.exit_code == 0
    assert Organisation.objects.count() == 2


@pytest.mark.parametrize(
    ("args", "kind", "words"),
    [
        (["add", "a@example.org", "--role", "lead"], UsageError, "without --organisation"),
        (["add", "bob"], InvalidInput, "is not an e-mail address"),
        (
            ["add", "a@example.org", "--organisation", "X", "--role", "king"],
            InvalidInput,
            "no role",
        ),
        (
            ["add", "a@example.org", "--organisation", "New", "--role", "reader"],
            InvalidInput,
            "first member administers",
        ),
        (
            ["add", "a@example.org", "--organisation", "New", "--country", "atlantis"],
            InvalidInput,
            "There is no country",
        ),
        (["add", "a@example.org", "--password-stdin"], InvalidInput, "holds no password"),
        (["add", "a@example.org", "--as", "x@example.org"], NotFound, "Nobody here"),
        (["remove", "a@example.org", "--organisation", "X"], NotFound, "no organisation"),
        (["deactivate", "a@example.org"], NotFound, "Nobody here has the address"),
        (["password", "a@example.org", "--link"], NotFound, "Nobody here has the address"),
        (["list", "--organisation", "X"], NotFound, "no organisation"),
    ],
)
def test_refusals_say_why_and_leave_nothing(kloe, args, kind, words):
    refused(kloe(*args), kind, words)
    assert not User.objects.exists()
    assert not Organisation.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_known_person_keeps_their_password(kloe, org, user_with):
    known = user_with()
    result = kloe(
        "add", known.email, "--organisation", org.name, "--password-stdin", given="other words\n"
    )
    refused(result, Conflict, "Its password is not changed")
    done = kloe("add", known.email, "--organisation", org.name)
    assert (done.exit_code, done.stdout) == (0, "")
    refused(kloe("add", known.email), Conflict, "There is an account")


def test_acting_as_somebody_takes_their_permissions(kloe, org, user_with):
    admin, reader = user_with("administrator", org), user_with("reader", org)
    args = ("add", "a@example.org", "--organisation", org.name)
    refused(kloe(*args, "--as", reader.email), PermissionRefused, "does not administer")
    assert not User.objects.filter(email="a@example.org").exists()
    assert kloe(*args, "--as", admin.email).exit_code == 0
    assert AuditEvent.objects.latest("id").actor == admin.email
    refused(kloe("add", "b@example.org", "--as", admin.email), PermissionRefused, "belongs nowhere")


def test_listing(kloe, org, user_with):
    user_with("lead", org)
    user_with()
    csv = kloe("list", "--format", "csv").stdout.splitlines()
    assert csv[0] == "email,name,may_sign_in,last_sign_in,organisations"
    assert "lead1@example.org,Person 1,yes,,Tai Enghraifft: lead" in csv
    assert len(csv) == 3
    one = json.loads(kloe("list", "--organisation", org.name, "--format", "json").stdout)
    assert [row["email"] for row in one] == ["lead1@example.org"]
    User.objects.all().delete()
    assert "Make the first with" in kloe("list").stdout


def test_removing_keeps_the_account_and_one_administrator(kloe, org, user_with):
    admin, reader = user_with("administrator", org), user_with("reader", org)
    assert kloe("remove", reader.email, "--organisation", org.name).exit_code == 0
    assert User.objects.filter(pk=reader.pk).exists()
    refused(kloe("remove", admin.email, "--organisation", org.name), Conflict, "last administrator")
    refused(kloe("remove", reader.email, "--organisation", org.name), NotFound, "does not belong")


def test_closing_and_opening_an_account(kloe, user_with):
    person = user_with()
    assert "is closed" in kloe("deactivate", person.email).stderr
    assert "was closed already" in kloe("deactivate", person.email).stderr
    person.refresh_from_db()
    assert not person.is_active
    assert "may sign in again" in kloe("activate", person.email).stderr
    assert "may sign in already" in kloe("activate", person.email).stderr


def test_passwords(kloe, user_with):
    person = user_with()
    assert (
        kloe(
            "password", person.email, "--password-stdin", given="four plain words here\n"
        ).exit_code
        == 0
    )
    person.refresh_from_db()
    assert person.check_password("four plain words here")
    assert "/accounts/password/reset/key/" in kloe("password", person.email, "--link").stdout
    refused(kloe("password", person.email), UsageError, "no terminal")
    refused(kloe("password", person.email, "--link", "--password-stdin"), UsageError, "Both")
    refused(
        kloe("password", person.email, "--password-stdin", given="short\n"),
        InvalidInput,
        "at least 10 characters",
    )
    assert "set password" in AuditEvent.objects.values_list("verb", flat=True)


@pytest.mark.parametrize("command", ["add", "list", "remove", "deactivate", "activate", "password"])
def test_help_teaches(kloe, command):
    assert "Example:" in kloe(command, "--help").stdout
