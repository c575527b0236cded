"""What browsers are told, what forms ask for, where nobody is led, and texts that are no markup."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hostile_ground import BREAKOUT, LIVE, SCRIPT, bodies
from test_access_matrix import arguments  # noqa: F401

from access_matrix import MATRIX
from kloe.web.accounts.routes import BY_NAME as FOREIGN
from kloe.web.audit.models import AuditEvent

Arguments = dict[str, list[Any]]
READING = [name for name, (_rule, methods) in MATRIX.items() if "GET" in methods]
WRITING = [name for name, (_rule, methods) in MATRIX.items() if "POST" in methods]
#: Ways out of the site, as they have been tried elsewhere.
OUT = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example",
    "\\\\evil.example", "http:///evil.example", "http:evil.example", " //evil.example",
    "\t//evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example",
    "https://testserver@evil.example/", "https://testserver.evil.example/", "evil.example",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Any:
    """Who signed in before, and how often, counts for nobody here."""
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def boss(lead: Any) -> Any:
    """Somebody who may do everything in their organisation."""
    lead.memberships.update(role="administrator")
    return lead


# What browsers are told ----------------------------------------------------------------------


def _policy(answer: Any) -> dict[str, set[str]]:
    parts = answer["Content-Security-Policy"].split(";")
    return {name: set(values) for name, *values in (p.split() for p in parts if p.strip())}


def _check_headers(name: str, answer: Any) -> None:
    policy = _policy(answer)
    if answer.get("Content-Disposition", "").startswith("attachment") and "sandbox" in policy:
        # A file of somebody's: nothing in it may run or fetch, wherever it is opened.
        assert policy == {"sandbox": set(), "default-src": {"'none'"}}, name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        return
    assert policy["default-src"] == {"'self'"}, name
    for directive, sources in policy.items():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & sources, name
        assert directive in {"img-src", "default-src"} or "data:" not in sources, name
    for directive in ("object-src", "base-uri", "frame-ancestors"):
        assert policy[directive] == {"'none'"}, name
    assert policy["form-action"] == {"'self'"}, name
    assert answer["X-Content-Type-Options"] == "nosniff", name
    assert answer["X-Frame-Options"] == "DENY", name
    assert answer["Referrer-Policy"] == "same-origin", name
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name


class _Forbidden(HTMLParser):
    """Collects the markup that the policy forbids, so that a page with it would be broken."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        data = given.get("type", "") in {"application/json", "application/ld+json"}
        leads = (given.get(name, "").strip().lower() for name in ("href", "src", "action"))
        if (
            tag == "style"
            or (tag == "script" and "src" not in given and not data)
            or any(name == "style" or name.startswith("on") for name in given)
            or any(re.match(r"javascript:|data:(?!image/)", where) for where in leads)
        ):
            self.found.append(self.get_starttag_text() or tag)


def _check_markup(name: str, answer: Any) -> None:
    if answer.streaming or "html" not in answer.get("Content-Type", ""):
        answer.close()
        return
    assert not _Forbidden(answer.content.decode()).found, name


def test_the_search_for_forbidden_markup_finds_it() -> None:
    for bad in (
        "<style>b{}</style>", "<p style='x'>", "<p onclick=x>", "<script>1</script>",
        '<a href=" JavaScript:x">', "<form action='data:text/html,x'>",
    ):  # fmt: skip
        assert _Forbidden(bad).found, bad
    for fine in (
        "<script src=/x.js></script>", "<script type='application/json'>1</script>",
        "<img src=data:image/png,x>", '<input value="&lt;img onerror=x>">',
    ):  # fmt: skip
        assert not _Forbidden(fine).found, fine


def test_every_page_tells_browsers_what_it_may_hold(
    arguments: Arguments,  # noqa: F811
    boss: Any,
    client_of: Any,
) -> None:
    client = client_of(boss)
    for name in READING:
        answer = client.get(reverse(name, args=arguments[name]))
        _check_headers(name, answer)
        _check_markup(name, answer)
    for name, route in FOREIGN.items():
        for one in (client, Client()):
            answer = one.get(reverse(name, kwargs=route.kwargs))
            _check_headers(name, answer)
            _check_markup(name, answer)
    for answer in (
        client.get("/nowhere"),
        client.get("/assessments/%00"),
        client.get(reverse("overview", args=[uuid4()])),
        client.post(reverse("home")),
        Client(enforce_csrf_checks=True).post(reverse("scheme")),
    ):
        assert answer.status_code >= 400
        _check_headers(str(answer.status_code), answer)
        _check_markup(str(answer.status_code), answer)


def test_a_report_in_html_is_the_one_exception(
    assessment: Any, lead: Any, client_of: Any, data_root: Path
) -> None:
    """It brings its own style, and may do nothing else: no scripts, no forms, no addresses."""
    folder = data_root / "reports" / str(assessment.pk)
    folder.mkdir(parents=True)
    (folder / "x.html").write_text("<style>b{}</style>")
    answer = client_of(lead).get(reverse("report-file", args=[assessment.pk, "x.html"]))
    answer.close()
    policy = _policy(answer)
    assert policy["default-src"] == {"'none'"}
    assert policy["style-src"] == {"'unsafe-inline'"}
    assert policy["sandbox"] == set()
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == {"'none'"}


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    user_with: Any, settings: Any, db: None
) -> None:
    user_with("reader")
    client = Client()
    client.post(
        reverse("account_login"),
        {"login": "reader1@example.org", "password": "a long password"},
    )
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    assert session["samesite"] == token["samesite"] == "Lax"
    assert session["max-age"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.post(
        reverse("account_login"),
        {"login": "reader1@example.org", "password": "a long password"},
        secure=True,
    )
    assert client.cookies["sessionid"]["secure"]
    assert client.cookies["csrftoken"]["secure"]


# What forms ask for --------------------------------------------------------------------------


def test_every_form_asks_for_its_token(
    arguments: Arguments,  # noqa: F811
    boss: Any,
    org: Any,
    client_of: Any,
) -> None:
    client = client_of(boss)
    client.handler.enforce_csrf_checks = True
    sent = bodies(arguments, org, boss)
    before = AuditEvent.objects.count()
    for name in WRITING:
        address = reverse(name, args=arguments[name])
        for headers in ({}, {"X-Kloe-Write": "1"}, {"HX-Request": "true"}, {"X-CSRFToken": "x"}):
            answer = client.post(address, sent.get(name, {}), headers=headers)
            assert answer.status_code == 403, (name, headers, answer.status_code)
    for name, route in FOREIGN.items():
        answer = client.post(reverse(name, kwargs=route.kwargs), {})
        assert answer.status_code in {302, 403, 404, 405}, (name, answer.status_code)
    assert AuditEvent.objects.count() == before
    assert client.get(reverse("home")).status_code == 200


def test_files_are_refused_without_a_token_before_anything_is_kept(
    arguments: Arguments,  # noqa: F811
    boss: Any,
    client_of: Any,
    data_root: Path,
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_of(boss)
    client.handler.enforce_csrf_checks = True
    before = set((data_root / "tmp").rglob("*"))
    for name in ("evidence-add", "evidence-for"):
        file = SimpleUploadedFile("x.txt", b"bytes")
        address = reverse(name, args=arguments[name])
        assert client.post(address, {"what": "file", "upload": file}).status_code == 403
    assert set((data_root / "tmp").rglob("*")) == before


# Where nobody is led -------------------------------------------------------------------------


LEADING = (
    "scheme", "set_language", "evidence-add", "evidence-edit", "evidence-for", "evidence-link",
    "evidence-unlink", "finding-add", "finding-edit", "finding-remove", "weakness-take",
    "main-question-answer",
)  # fmt: skip


def _stays(where: str) -> bool:
    return where.startswith("/") and not re.match(r"^/[/\\\t]", where) and "evil" not in where[:1]


@pytest.mark.django_db
def test_no_form_leads_to_another_site(
    arguments: Arguments,  # noqa: F811
    boss: Any,
    org: Any,
    client_of: Any,
) -> None:
    from django.db import transaction

    client = client_of(boss)
    sent = bodies(arguments, org, boss)
    for name in LEADING:
        for out in OUT:
            for htmx in ({}, {"HX-Request": "true"}):
                address = reverse(name, args=arguments[name])
                body = {k: v for k, v in sent[name].items() if k != "held"} | {"next": out}
                with transaction.atomic():
                    answer = client.post(address, body, headers=htmx)
                    transaction.set_rollback(True)
                led = answer.get("Location") or answer.get("HX-Redirect") or "/"
                assert _leads_home(led), (name, out, led)
                page = "" if answer.streaming else answer.content.decode()
                assert 'href="javascript:' not in page, (name, out)
                assert not re.search(r'href="(https?:)?[/\\]{2,}[a-z@.]*evil', page), (name, out)


def _leads_home(where: str) -> bool:
    """As browsers read addresses: backslashes are slashes, tabs and line ends are nothing."""
    from urllib.parse import urljoin, urlsplit

    seen = re.sub(r"[\t\r\n]", "", where.strip()).replace("\\", "/")
    return urlsplit(urljoin("http://testserver/a/b", seen)).netloc == "testserver"


@pytest.mark.parametrize("out", OUT)
def test_signing_in_and_out_lead_home(out: str, user_with: Any, client_of: Any) -> None:
    user = user_with("reader")
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": "a long password", "next": out}
    )
    assert answer.status_code == 302
    assert _leads_home(answer["Location"]), answer["Location"]
    answer = client.post(reverse("account_logout"), {"next": out})
    assert answer.status_code == 302
    assert _leads_home(answer["Location"]), answer["Location"]
    page = Client().get(reverse("account_login"), {"next": out}).content.decode()
    assert 'href="javascript:' not in page


# Who is there --------------------------------------------------------------------------------


def test_signing_out_takes_a_form(lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("home")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("home")).status_code == 302


def test_guessing_a_password_is_stopped(user_with: Any) -> None:
    user = user_with("reader")
    client = Client()
    for _try in range(5):
        answer = client.post(
            reverse("account_login"), {"login": user.email, "password": "not this one"}
        )
        assert answer.status_code == 200
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": "a long password"}
    )
    assert "Too many" in answer.content.decode()
    assert client.get(reverse("home")).status_code == 302


def test_nobody_learns_who_has_an_account(user_with: Any) -> None:
    user = user_with("reader")

    def said(route: str, **values: str) -> tuple[int, str, str]:
        answer = Client().post(reverse(route), values)
        body = re.sub(r'value="[^"]*"|data-[a-z]+="[^"]*"', "", answer.content.decode())
        body = re.sub(r"X-CSRFToken[^}]*", "", body)
        return answer.status_code, answer.get("Location", ""), body

    for one in ({}, {"password": "not this one"}):
        known = said("account_login", login=user.email, **one)
        assert known == said("account_login", login="nobody@example.org", **one)
    known = said("account_reset_password", email=user.email)
    assert known == said("account_reset_password", email="nobody@example.org")


# Texts that are no markup --------------------------------------------------------------------

BAD = f"=cmd|' /C calc'!A0{SCRIPT}{BREAKOUT} &amp; {{{{ 7*7 }}}} %(x)s \u202e \x0b\x1b"
ASCII = BAD.replace("\x0b\x1b", "")


@pytest.fixture
def spoiled(arguments: Arguments, assessment: Any, org: Any, boss: Any, pinned: Any) -> Arguments:  # noqa: F811
    """An assessment with markup wherever somebody may write, by the actions."""
    from django.core.files.base import ContentFile
    from judgement_ground import THEME, judge, place, write

    from kloe.web.accounts import actions as accounts
    from kloe.web.assessments import actions, ratings
    from kloe.web.evidence import actions as evidence
    from kloe.web.evidence.checks import Details
    from kloe.web.evidence.storage import receive
    from kloe.web.jobs.models import Job
    from kloe.web.judgements import actions as judging
    from kloe.web.organisations import actions as organisations

    theme = pinned.theme(THEME)
    criterion = theme.criteria[0]
    organisations.update(
        organisation=org, values={"name": BAD, "landlord_code": "=1+1<b>"}, by=boss
    )
    accounts.update_profile(person=boss, name=ASCII[:120], shortcuts=True, by=boss)
    actions.change_details(assessment=assessment, by=boss, values={"title": BAD, "lead": boss})
    actions.assign_theme(
        assessment=assessment, theme=theme.id, lead=boss, due=date(2026, 1, 1), by=boss
    )
    out = pinned.themes()[-1].id
    actions.set_scope(assessment=assessment, choices={out: (False, BAD)}, by=boss)
    fields = ("baseline", "stock", "area", "constraints", "policy_choices")
    actions.save_context(
        assessment=assessment, values=dict.fromkeys(fields, BAD), write=write(boss)
    )
    actions.save_known(
        assessment=assessment,
        by=boss,
        values={
            "kind": "audit", "date": date(2025, 9, 1), "source": BAD, "text": BAD,
            "themes": [theme.id], "tone": "against", "url": "https://example.org/?a=<b>",
        },
    )  # fmt: skip
    actions.comment(
        assessment=assessment, criterion=criterion.id, kind="unclear", text=BAD, write=write(boss)
    )
    place(assessment, pinned, THEME, boss)
    version = assessment.ratings.get(criterion=criterion.id, author=None).version
    ratings.rate(
        assessment=assessment, pinned=pinned, criterion=criterion,
        position="lower", reason=BAD, write=write(boss, version),
    )  # fmt: skip
    question = theme.questions[0].id
    ratings.answer(
        assessment=assessment, question=question, theme=theme.id, text=BAD, write=write(boss)
    )
    main = pinned.kloe("wao-housing-2005/2.10").main_questions[0].id
    ratings.answer(
        assessment=assessment, question=main, theme="wao-housing-2005/2.10", text=BAD,
        write=write(boss),
    )  # fmt: skip
    details = Details(title=BAD, text=BAD, source=BAD)
    items = [
        evidence.add_note(assessment=assessment, details=details, by=boss),
        evidence.add_link(
            assessment=assessment, details=details, by=boss,
            url="https://example.org/?q=%3Cscript%3E&b='x'",
        ),
        evidence.add_file(
            assessment=assessment, details=details, by=boss, file_name=f"{BAD}.html",
            received=receive(ContentFile(SCRIPT.encode()).chunks()),
        ),
    ]  # fmt: skip
    for item in items:
        evidence.link(
            item=item, descriptor=criterion.descriptors[0].id, direction="shows otherwise",
            by=boss, locator=BAD[:150], note=BAD,
        )  # fmt: skip
    ratings.cite(
        assessment=assessment, question=question, theme=theme.id,
        cites=[i.pk for i in items], by=boss,
    )  # fmt: skip
    gone = evidence.add_note(assessment=assessment, details=details, by=boss)
    evidence.delete(item=gone, reason=BAD, by=boss)
    finding = judging.add_finding(
        assessment=assessment, pinned=pinned, theme=theme.id, kind="area for improvement",
        text=BAD, criteria=[criterion.id], evidence=[i.pk for i in items], recommendation=BAD,
        priority="high", write=write(boss),
    ).row  # fmt: skip
    judging.take_over(assessment=assessment, pinned=pinned, finding=finding, by=boss)
    judging.add_weakness(
        assessment=assessment, pinned=pinned, text=BAD, note=BAD, write=write(boss)
    )
    for kind in ("driver", "barrier"):
        judging.add_factor(
            assessment=assessment, pinned=pinned, kind=kind, text=BAD, write=write(boss)
        )
    for subject in (theme.id, "service", "prospects"):
        grade = {"prospects": "strong"}.get(subject, "good")
        judge(assessment, pinned, subject, boss, grade=grade, reasons=BAD)
        proposed = judging.save_proposed(
            assessment=assessment, pinned=pinned, subject=subject, grade=grade, reasons=BAD,
            write=write(boss),
        ).row  # fmt: skip
        judging.save_agreed(
            assessment=assessment, pinned=pinned, proposed=proposed, write=write(boss)
        )
    Job.objects.create(
        kind=BAD[:40], state="failed", error=BAD, what=BAD[:200], by=boss, assessment=assessment
    )
    for name in ("evidence-item", "evidence-file", "evidence-edit", "evidence-delete"):
        arguments[name] = [assessment.pk, items[2].pk]
    arguments["job"] = [Job.objects.get(kind=BAD[:40]).pk]
    arguments["finding-edit"] = arguments["weakness-take"] = [assessment.pk, finding.pk]
    return arguments


def test_what_people_write_is_shown_never_run(
    spoiled: Arguments, boss: Any, client_of: Any, assessment: Any
) -> None:
    client = client_of(boss)
    asked = ("", "?q=%3Cscript%3Ealert(1)%3C/script%3E", "?deleted=1", "?format=csv")
    shown = 0
    for name in READING:
        for query in asked:
            answer = client.get(reverse(name, args=spoiled[name]) + query)
            assert answer.status_code < 500, (name, query)
            if answer.streaming or "html" not in answer.get("Content-Type", ""):
                answer.close()
                continue
            page = answer.content.decode()
            shown += "&lt;script&gt;alert(1)" in page
            for live in LIVE:
                assert live not in page, (name, query, live)
            assert "49" not in re.findall(r"&amp;amp; (\S+)", page), name
            _check_markup(name, answer)
    assert shown > 60
    # Parts that htmx asks for, and the ways that answer with what was typed.
    for name in ("theme", "evidence-more", "evidence-for", "evidence-choices", "finding-add"):
        page = client.get(
            reverse(name, args=spoiled[name]), headers={"HX-Request": "true"}
        ).content.decode()
        assert not [live for live in LIVE if live in page], name


def test_comments_as_csv_hold_no_formula(spoiled: Arguments, boss: Any, client_of: Any) -> None:
    import csv
    import io

    answer = client_of(boss).get(reverse("comments", args=spoiled["comments"]) + "?format=csv")
    assert "attachment" in answer["Content-Disposition"]
    for row in csv.reader(io.StringIO(answer.content.decode())):
        assert not [cell for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


@pytest.mark.parametrize("format", ["html", "docx", "json", "pdf"])
def test_reports_of_such_texts_are_made(format: str, spoiled: Arguments, assessment: Any) -> None:
    from kloe.web.reporting import actions

    assessment.refresh_from_db()
    made = actions.make(assessment, format=format, view="full")
    assert len(made) > 1000
    if format == "html":
        page = made.decode()
        assert not [live for live in LIVE if live in page]
        assert "&lt;script&gt;alert(1)" in page


def test_mail_to_a_new_member_stands_on_one_line(
    org: Any, boss: Any, client_of: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    org.name = "Tai\r\nBcc: everybody@example.org"
    org.save()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(boss).post(
            reverse("member-add", args=[org.pk]),
            {"email": "new@example.org", "name": "N\r\nX: y", "role": "reader"},
        )
    assert answer.status_code == 200
    (mail,) = mailoutbox
    assert "\n" not in mail.subject
    assert mail.recipients() == ["new@example.org"]
