"""Every route, asked with what no browser of ours would send: refused in words, never a crash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import OperationalError, transaction
from django.http import QueryDict
from django.template import Template
from django.test.utils import _TestState
from django.urls import reverse
from hostile_ground import ALL, BROKEN, LIVE, NAMES, VALUES, WORST, bodies
from test_access_matrix import arguments  # noqa: F401

from access_matrix import MATRIX
from kloe.assessment.permissions import ROLE_PERMISSIONS, Role
from kloe.web.assessments.models import Revision
from kloe.web.audit.models import AuditEvent

Arguments = dict[str, list[Any]]
READING = [name for name, (_rule, methods) in MATRIX.items() if "GET" in methods]
#: Sends as the script does, and as a plain form does.
SCRIPTED = {"X-Kloe-Write": "1", "Accept": "application/json"}


@contextmanager
def _undone() -> Iterator[None]:
    """Whatever a request writes is taken back, so that the next one finds the same ground."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _traces() -> tuple[int, int]:
    return AuditEvent.objects.count(), Revision.objects.count()


def _faults(answer: Any) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    found = []
    if answer.streaming:
        return found
    body = answer.content.decode("utf-8", "replace")
    kind = answer.get("Content-Type", "")
    if answer.status_code >= 500:
        found.append(f"status {answer.status_code}")
    if "Traceback" in body:
        found.append("a traceback")
    if "html" in kind or "json" in kind:
        escaped = body.replace('\\"', '"')
        found += [f"unescaped {live}" for live in LIVE if live in escaped and "html" in kind]
    if answer.status_code >= 400:
        words = re.sub(r"<[^>]*>", " ", body.partition("<body")[2] or body).split()
        if len(words) < 5:
            found.append(f"{answer.status_code} without words")
    return found


class Asking:
    """Asks, and collects what went wrong, so that one run tells everything."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.wrong: list[str] = []

    def __call__(self, what: str, method: str, address: str, **sent: Any) -> Any:
        with _undone():
            before = _traces()
            try:
                answer = getattr(self.client, method)(address, **sent)
            except Exception as error:
                self.wrong.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
                return None
            self.wrong += [f"{what}: {fault}" for fault in _faults(answer)]
            if (answer.status_code >= 400 or method == "get") and _traces() != before:
                self.wrong.append(f"{what}: {answer.status_code}, and yet something was written")
        return answer

    def check(self) -> None:
        assert not self.wrong, "\n" + "\n".join(self.wrong)


@pytest.fixture
def asking(
    lead: Any, org: Any, client_of: Any, assessment: Any, monkeypatch: pytest.MonkeyPatch
) -> Asking:
    """A lead who administers, so that no refusal of rights hides a fault."""
    # Nobody looks at contexts here, and keeping them takes longer than most pages.
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)
    lead.memberships.update(role="administrator")
    return Asking(client_of(lead))


@pytest.fixture
def read_names(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every name that a page looks for in what it was sent."""
    found: set[str] = set()

    def watched(plain: Any) -> Any:
        def watching(query: QueryDict, name: str, *args: Any) -> Any:
            found.add(name)
            return plain(query, name, *args)

        return watching

    for name in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, name, watched(getattr(QueryDict, name)))
    return found


def _address(name: str, arguments: Arguments) -> str:  # noqa: F811
    return reverse(name, args=arguments[name])


def _query(values: dict[str, str]) -> str:
    """Servers take addresses of some kilobytes; the test client takes any."""
    return urlencode({name: value[:60_000] for name, value in values.items()})


def test_reading_with_hostile_questions(
    arguments: Arguments,  # noqa: F811
    asking: Asking,
    read_names: set[str],
) -> None:
    keys = list(VALUES)
    for name in READING:
        address = _address(name, arguments)
        read_names.clear()
        asking(f"GET {name}", "get", address)
        asking(f"GET {name} 1", "get", f"{address}?{urlencode(dict.fromkeys(read_names, 1))}")
        asked = sorted(read_names - {"csrfmiddlewaretoken"}) or ["q"]
        # Each name meets each value, among others that differ from request to request.
        for turn in range(0, len(keys) if len(asked) > 1 else 3, 1 if ALL else 2):
            at = {n: keys[(turn + 7 * i) % len(keys)] for i, n in enumerate(asked)}
            query = _query({n: VALUES[key] for n, key in at.items()})
            asking(f"GET {name} {at}", "get", f"{address}?{query}")
        for one in asked if len(asked) > 1 else ():
            for key in WORST if ALL else ("NUL", "last day", "long"):
                query = _query({one: VALUES[key]})
                asking(f"GET {name} {one}={key}", "get", f"{address}?{query}")
        for query in BROKEN if len(asked) > 1 else BROKEN[:3]:
            asking(f"GET {name} {query[:40]}", "get", f"{address}?{query}")
    asking.check()


def test_writing_with_one_hostile_field_at_a_time(
    arguments: Arguments,  # noqa: F811
    asking: Asking,
    org: Any,
    lead: Any,
) -> None:
    """By script and as a form in turn, each field with the worst and one of the others."""
    others = sorted(set(VALUES) - set(WORST)) or ["empty"]
    turn = 0
    for name, body in bodies(arguments, org, lead).items():
        address = _address(name, arguments)
        for field in body:
            turn += 1
            for n, key in enumerate((*WORST, others[turn % len(others)])):
                sent: dict[str, Any] = {"data": body | {field: VALUES[key]}}
                if (turn + n) % 3 == 0:
                    sent["headers"] = SCRIPTED
                answer = asking(f"POST {name} {field}={key}", "post", address, **sent)
                if key == "NUL" and answer is not None:
                    assert answer.status_code == 400, (name, field, answer.status_code)
    asking.check()


def test_identifiers_that_name_nothing(
    arguments: Arguments,  # noqa: F811
    asking: Asking,
    org: Any,
    lead: Any,
) -> None:
    """Of frameworks, datasets, measures, reports: whatever stands in the address."""
    sent = bodies(arguments, org, lead)
    for name, given in arguments.items():
        if not given or not isinstance(given[-1], str):
            continue
        front = reverse(name, args=[*given[:-1], "here"]).removesuffix("here")
        for odd in NAMES:
            address = front + quote(odd, safe="/%|")
            for method in MATRIX[name][1]:
                said = f"{method} {name} {odd[:40]!r}"
                data = sent.get(name, {}) if method == "POST" else {}
                answer = asking(said, method.lower(), address, data=data)
                allowed = {400, 404, 405}
                if MATRIX[name][0] not in ROLE_PERMISSIONS[Role.ADMINISTRATOR]:
                    # Nobody of the owner's may do it at all, whatever is named.
                    allowed |= {403}
                if answer is not None and answer.status_code not in allowed:
                    asking.wrong.append(f"{said}: {answer.status_code}")
    asking.check()


def test_what_an_address_does_not_do_is_said_in_words(
    arguments: Arguments,  # noqa: F811
    asking: Asking,
) -> None:
    for name, (rule, methods) in MATRIX.items():
        for method in {"get", "post", "put", "delete", "patch"} - {m.lower() for m in methods}:
            answer = asking(f"{method} {name}", method, _address(name, arguments))
            if answer.status_code == 403:
                # Nobody of the owner's may do it at all.
                assert rule not in ROLE_PERMISSIONS[Role.ADMINISTRATOR], (name, method)
                continue
            assert answer.status_code == 405, (name, method)
            assert answer["Allow"], name
    asking.check()


def test_a_database_that_others_hold_is_no_crash(
    arguments: Arguments,  # noqa: F811
    lead: Any,
    client_of: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from kloe.web.assessments import ratings

    def held(**_values: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(ratings, "rate", held)
    answer = client_of(lead).post(
        _address("rate", arguments), {"position": "upper"}, headers=SCRIPTED
    )
    assert answer.status_code == 503
    assert "Nothing of this was saved." in answer.json()["allowed"]


def test_no_table_is_a_crash_all_the_same(
    arguments: Arguments,  # noqa: F811
    lead: Any,
    client_of: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from kloe.web.assessments import ratings

    def broken(**_values: Any) -> None:
        raise OperationalError("no such table: assessments_rating")

    monkeypatch.setattr(ratings, "rate", broken)
    with pytest.raises(OperationalError):
        client_of(lead).post(_address("rate", arguments), {"position": "upper"})
