"""What a site sets in the environment is read, or refused in words before anything is done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kloe.core.errors import EnvironmentFault
from kloe.web import environment

CONSOLE = "django.core.mail.backends.console.EmailBackend"


def test_what_is_set_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, given in {
        "A": " On ", "B": "no", "C": "587", "D": "starttls", "E": "Europe/Dublin",
        "F": "django.core.mail.backends.smtp.EmailBackend",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, given)
    assert environment.flag("A") is True
    assert environment.flag("B", default=True) is False
    assert (environment.flag("NOT_SET"), environment.flag("NOT_SET", default=True)) == (False, True)
    assert environment.number("C", "25", least=1, most=65535) == 587
    assert environment.number("NOT_SET", "25") == 25
    assert environment.choice("D", "none", of=("none", "starttls")) == "starttls"
    assert environment.time_zone("E", "Europe/London") == "Europe/Dublin"
    assert environment.backend("F", CONSOLE).endswith("smtp.EmailBackend")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", None),
        (
            "postgresql://ann:a%40b%2F%3A@db.example:6432/kloe%20data?sslmode=require",
            {"NAME": "kloe data", "USER": "ann", "PASSWORD": "a@b/:", "HOST": "db.example",
             "PORT": "6432", "OPTIONS": {"sslmode": "require"}},
        ),
        (
            "postgres://ann@/kloe?host=/run/postgresql",
            {"NAME": "kloe", "USER": "ann", "PASSWORD": "", "HOST": "/run/postgresql", "PORT": "",
             "OPTIONS": {}},
        ),
    ],
)  # fmt: skip
def test_the_address_of_a_database(
    monkeypatch: pytest.MonkeyPatch, address: str, found: dict[str, Any] | None
) -> None:
    monkeypatch.setenv("DATABASE", address)
    assert environment.postgresql("DATABASE") == found


WRONG = [
    ("KLOE_HTTPS", "maybe", "1 or 0."),
    ("KLOE_EMAIL_PORT", "abc", "A whole number from 1 to 65535."),
    ("KLOE_EMAIL_PORT", "70000", "A whole number from 1 to 65535."),
    ("KLOE_READ_MB", "-5", "A whole number from 64 to"),
    ("KLOE_DRAFT_DAYS", "²", "A whole number from 1 to"),
    ("KLOE_EMAIL_SECURITY", "ssl", "One of: none, starttls, tls."),
    ("KLOE_EMAIL_BACKEND", "smtp", "The path of a class"),
    ("KLOE_EMAIL_BACKEND", "nowhere.to.be.Found", "The path of a class"),
    ("KLOE_TIME_ZONE", "Cardiff", "A time zone such as Europe/London."),
    ("KLOE_TIME_ZONE", "../etc/passwd", "A time zone such as Europe/London."),
    ("KLOE_DATABASE_URL", "mysql://ann:secret@db/kloe", "An address such as postgresql://"),
    ("KLOE_DATABASE_URL", "postgresql://ann:secret@db", "An address such as postgresql://"),
    ("KLOE_DATABASE_URL", "postgresql://ann:secret@db/kloe?colour=red", "An address such as"),
]


@pytest.mark.parametrize(("name", "given", "allowed"), WRONG)
def test_what_is_wrong_is_refused_in_words(name: str, given: str, allowed: str) -> None:
    code = "import kloe.web.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {name: given},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"{EnvironmentFault.__module__}.EnvironmentFault: {name} is “")
    assert allowed in last
    assert "secret" not in last


def test_a_command_ends_with_its_code_and_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from kloe.cli.main import run; run()", "assessments", "list",
         "--data", str(tmp_path)],
        env=os.environ | {"KLOE_EMAIL_PORT": "abc"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == EnvironmentFault.exit_code
    assert "KLOE_EMAIL_PORT is “abc”." in done.stderr
    assert "leave it out" in done.stderr
    assert "Traceback" not in done.stderr
