"""Every route against the access matrix: by its decorator, and by real requests of everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import challenge_ground
import inspection_ground
import moderation_ground
import pytest
from django.urls import URLResolver, get_resolver, reverse

import plan_ground
from access_matrix import MATRIX, PUBLIC, SIGNED_IN
from kloe.assessment.permissions import ORGANISATION_ROLES, ROLE_PERMISSIONS, Permission, Role
from kloe.web.accounts.routes import BY_NAME as FOREIGN
from plan_ground import TOLD_OF

GONE, REFUSED = 404, 403
MAPPING = """format: kloe-mapping/1
sources:
  - files: t.csv
    table: tenancy
    columns: {tenancy_ref: ref, property_ref: home}
"""


def routes(resolver: Any = None) -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry)
        else:
            yield entry.name, entry.callback


ALL = dict(routes())


def test_every_route_has_a_name_of_its_own() -> None:
    names = [name for name, _view in routes()]
    assert None not in names
    assert len(names) == len(set(names))


def test_every_route_stands_in_the_matrix_and_the_matrix_has_no_others() -> None:
    assert set(ALL) == set(MATRIX) | set(FOREIGN)


@pytest.mark.parametrize("name", MATRIX)
def test_the_view_asks_for_what_the_matrix_says(name: str) -> None:
    rule = ALL[name].rule
    wanted = MATRIX[name][0]
    if isinstance(wanted, Permission):
        assert rule.kind in {"assessment", "organisation"}
        assert rule.permission is wanted
    else:
        assert rule.kind == wanted


@pytest.fixture
def arguments(
    db: None, assessment: Any, org: Any, lead: Any, user_with: Any, pinned: Any
) -> dict[str, list[Any]]:
    """Something real to ask for, by name of the route."""
    return something_real(assessment, org, lead, user_with("reader", org), pinned)


def something_real(
    assessment: Any, org: Any, lead: Any, person: Any, pinned: Any
) -> dict[str, list[Any]]:
    """Arguments for every route: what they name is made in this assessment."""
    from kloe.records import sampling
    from kloe.web.assessments import actions
    from kloe.web.documents.models import Passage
    from kloe.web.evidence import actions as evidence
    from kloe.web.evidence.checks import Details
    from kloe.web.indicators.models import CaseSample
    from kloe.web.judgements.models import Factor, Finding, Weakness
    from kloe.web.records.models import RecordDraft

    a = assessment.pk
    theme = pinned.theme("wao-housing-2005/1.2/3")
    criterion, question = theme.criteria[0].id, theme.questions[0].id
    prospects = pinned.kloe("wao-housing-2005/2.10")
    item = evidence.add_note(
        assessment=assessment, details=Details(title="Seen", text="A note."), by=lead
    )
    link = evidence.link(
        item=item,
        descriptor=theme.criteria[0].descriptors[0].id,
        direction="shows this",
        by=lead,
    )
    fact = actions.save_known(
        assessment=assessment,
        by=lead,
        values={"kind": "audit", "date": date(2025, 9, 1), "source": "Audit", "text": "Fine."},
    )
    finding = Finding.objects.create(
        assessment=assessment, theme=theme.id, kind="area for improvement", text="Late."
    )
    weakness = Weakness.objects.create(assessment=assessment, text="Late.")
    factor = Factor.objects.create(assessment=assessment, kind="driver", text="A plan.")
    sample = CaseSample.objects.create(
        assessment=assessment,
        measure="rents/accounts-before-start",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        sample=sampling.draw(["T1", "T2"], 1, seed="for tests").as_dict(),
    )
    given: dict[str, list[Any]] = {
        "theme-assign": [a, theme.id],
        "known-edit": [a, fact.pk],
        "known-remove": [a, fact.pk],
        "theme": [a, theme.id],
        "theme-so-far": [a, theme.id],
        "rate": [a, criterion],
        "rate-undo": [a, criterion],
        "answer": [a, question],
        "answer-cites": [a, question],
        "criterion-common": [a, criterion],
        "criterion-comment": [a, criterion],
        "evidence-for": [a, criterion],
        "evidence-choices": [a, criterion],
        "evidence-more": [a, criterion],
        "evidence-link": [a, link.pk],
        "evidence-unlink": [a, link.pk],
        "indicator": [a, "rp02-1"],
        "measure": [a, "rents/accounts-before-start"],
        "measure-how": [a, "rents/accounts-before-start"],
        "measure-use": [a, "rents/accounts-before-start"],
        "measure-cases": [a, "rents/accounts-before-start"],
        "measure-cases-file": [a, "rents/accounts-before-start"],
        "measure-cases-make": [a, "rents/accounts-before-start"],
        "measure-draw": [a, "rents/accounts-before-start"],
        "case-sample": [a, sample.pk],
        "overall-judgement": [a, "service"],
        "kloe-judgement": [a, theme.kloe_id],
        "judgement": [a, theme.id],
        "judgement-suggested": [a, theme.id],
        "judgement-provisional": [a, theme.id],
        "judgement-decide": [a, theme.id],
        "judgement-dissent": [a, theme.id],
        "judgement-withdraw": [a, theme.id],
        "finding-add": [a, theme.id],
        "finding-edit": [a, finding.pk],
        "finding-remove": [a, finding.pk],
        "finding-move": [a, finding.pk],
        "main-question-answer": [a, prospects.main_questions[0].id],
        "weakness-take": [a, finding.pk],
        "weakness-edit": [a, weakness.pk],
        "weakness-remove": [a, weakness.pk],
        "factor-edit": [a, factor.pk],
        "factor-remove": [a, factor.pk],
        "report-file": [a, "none.pdf"],
        "tenants-summary-reads": [a, "looked"],
        "tenants-summary-save": [a, "looked"],
        **{f"text{n}": [a, theme.id] for n in ("", "-at-hand", "-save", "-undo", "-preview")},
        "assessment-export-file": [a, "none.zip"],
        **{f"text{n}": [a, theme.id] for n in ("", "-at-hand", "-save", "-undo", "-preview")},
        "publication-file": [a, 1, "public", "report.pdf"],
        "published": ["nothing-published"],
        "published-file": ["nothing-published", 1, "report.pdf"],
        "rating-dissent": [a, criterion],
        "rating-dissent-withdraw": [a, uuid4()],
        "readings-take-back": [a, uuid4()],
        **{n: [a, theme.id] for n in ("reading", "reading-done", "reading-open", "reading-alike")},
        "enquiry-theme": [a, theme.id],
        "enquiry-people": [a, theme.id],
        "enquiry-adopt": [a, theme.id],
        "enquiry-add": [a, theme.id],
        "enquiry-question": [a, question],
        "member": [org.pk, person.pk],
        "member-remove": [org.pk, person.pk],
        "member-link": [org.pk, person.pk],
        "records-layout": [org.pk, "tenancy"],
        "records-rejects": [org.pk, "tenancy"],
        "library-edition": ["wao-housing-2005"],
        "library-instruments": ["wao-housing-2005"],
        "library-faults": ["wao-housing-2005"],
        "library-kloe": [theme.kloe_id],
        "library-theme": [theme.id],
        "dataset": ["none"],
        "job": [uuid4()],
        "job-cancel": [uuid4()],
        "job-retry": [uuid4()],
    }
    for name in ("evidence-item", "evidence-file", "evidence-edit", "evidence-delete"):
        given[name] = [a, item.pk]
    given["evidence-restore"] = given["evidence-text"] = given["evidence-read"] = [a, item.pk]
    passage = Passage.objects.create(
        assessment=assessment, item=item, criterion=criterion, theme=theme.id, page=0,
        first=1, last=1, text="A note.", digest="0" * 64, score=20.0,
    )  # fmt: skip
    given["passage-accept"] = given["passage-dismiss"] = [a, passage.pk]
    given |= a_check_and_a_risk(assessment, lead)
    extract = RecordDraft.objects.create(organisation=org, by=lead, mapping=MAPPING, version=1)
    for name in (
        "records-draft", "records-propose", "records-cancel", "records-mapping",
        "records-mapping-upload", "records-check", "records-load", "records-discard",
    ):  # fmt: skip
        given[name] = [org.pk, extract.pk]
    given["records-source"] = [org.pk, extract.pk, 1]
    given["records-table"] = [org.pk, extract.pk, 1]
    given["records-further"] = given["records-earlier"] = [org.pk, extract.pk]
    given["records-draft-rejects"] = [org.pk, extract.pk, "tenancy"]
    given |= inspection_ground.routes(assessment, person, lead)
    given |= challenge_ground.routes(assessment, lead)
    given |= plan_ground.routes(org, lead, finding)
    given |= moderation_ground.routes(assessment, theme.id, criterion)
    for name, view in ALL.items():
        if name in given or name in FOREIGN:
            continue
        kind = view.rule.kind
        given[name] = {"assessment": [a], "organisation": [org.pk]}.get(kind, [])
    return given


def a_check_and_a_risk(assessment: Any, lead: Any) -> dict[str, list[Any]]:
    """Arguments for the routes of reality checks, urgent risks and templates."""
    from kloe.web.assessments.saving import Write
    from kloe.web.checks import actions as checks
    from kloe.web.checks import own_templates, people, risks, sample

    a, o = assessment.pk, assessment.organisation_id
    own = own_templates.save(
        organisation=assessment.organisation,
        key="empty-home-visit",
        content=own_templates.current(o, "empty-home-visit")[0].as_dict() | {"title": "Our own"},
        base_version=0,
        by=lead,
    )
    check = checks.plan_check(
        assessment=assessment,
        template=own,
        plan=checks.Plan(
            title="Homes ready to let",
            claim="Homes are let as promised.",
            theme="wao-housing-2005/1.5/5",
            criteria=["wao-housing-2005/1.5/5/relet-standard"],
        ),
        by=lead,
    )
    sample.set_sample(
        check=check, method="all", frame="Homes", references="P1\nP2", size=0, seed="", by=lead
    )
    seen = people.save_seen(check=check, role="tenant", group="", count=6, by=lead)
    risk = risks.raise_risk(
        assessment=assessment, kind="gas", text="", place="", write=Write(uuid4(), 0, lead)
    )
    one = ("", "-calendar", "-event", "-print", "-results", "-edit", "-sample", "-sample-take",
           "-sample-draw", "-move", "-outcome", "-files", "-seen", "-names", "-names-forget",
           "-evidence", "-pocket")  # fmt: skip
    given: dict[str, list[Any]] = {f"check{name}": [a, check.pk] for name in one}
    given |= {"checks": [a], "check-calendar": [a], "check-new": [a]}
    given |= {f"check-case{n}": [a, check.pk, 1] for n in ("", "-missing")}
    given["check-answer"] = [a, check.pk, "papers"]
    given["check-case-answer"] = [a, check.pk, 1, "papers"]
    given["check-seen-remove"] = [a, check.pk, seen.pk]
    given |= {f"risk{name}": [a, risk.pk] for name in ("", "-describe", "-tell", "-answer")}
    given |= {f"check-template{name}": [o, own.key] for name in ("", "-edit")}
    given["check-template-version"] = [o, own.key, 1]
    return given


def ask(client: Any, method: str, name: str, arguments: list[Any]) -> int:
    address = reverse(name, args=arguments)
    answer = client.get(address) if method == "GET" else client.post(address, {})
    return int(answer.status_code)


def test_strangers_are_led_to_sign_in(arguments: dict[str, list[Any]], client: Any) -> None:
    for name, (rule, methods) in MATRIX.items():
        for method in methods:
            address = reverse(name, args=arguments[name])
            answer = client.get(address) if method == "GET" else client.post(address, {})
            if rule == PUBLIC:
                assert answer.status_code != REFUSED, name
                continue
            assert answer.status_code == 302, (name, method)
            assert "/accounts/login/" in answer["Location"], name


@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_each_role_gets_what_the_matrix_gives_it_and_no_more(
    role: Role, arguments: dict[str, list[Any]], user_with: Any, org: Any, client_of: Any
) -> None:
    client = client_of(user_with(role.value, org))
    client.raise_request_exception = True
    for name, (rule, methods) in MATRIX.items():
        if not isinstance(rule, Permission):
            continue
        for method in methods:
            status = ask(client, method, name, arguments[name])
            assert status < 500, (name, method, status)
            if rule in ROLE_PERMISSIONS[role]:
                allowed: set[int] = set()
                own = name in {
                    "evidence-edit", "evidence-delete", "evidence-restore", "evidence-link",
                    "evidence-unlink",
                }  # fmt: skip
                if own and Permission.EVIDENCE_MANAGE not in ROLE_PERMISSIONS[role]:
                    allowed |= {REFUSED}
                if name in TOLD_OF and Permission.PLAN_EDIT not in ROLE_PERMISSIONS[role]:
                    allowed |= {REFUSED}
                assert status not in {REFUSED} - allowed, (name, method, status)
            else:
                assert status == REFUSED, (name, method, status)


def test_people_of_other_organisations_find_nothing(
    arguments: dict[str, list[Any]], user_with: Any, other_org: Any, client_of: Any
) -> None:
    client = client_of(user_with("administrator", other_org))
    for name, (rule, methods) in MATRIX.items():
        if isinstance(rule, Permission):
            for method in methods:
                assert ask(client, method, name, arguments[name]) == GONE, (name, method)


def test_a_participant_of_another_organisation_has_a_part_in_this_assessment_alone(
    arguments: dict[str, list[Any]],
    assessment: Any,
    make_assessment: Any,
    user_with: Any,
    other_org: Any,
    client_of: Any,
) -> None:
    from kloe.web.assessments.models import Participation

    guest = user_with("lead", other_org)
    Participation.objects.create(assessment=assessment, user=guest, role="reader")
    client = client_of(guest)
    assert ask(client, "GET", "overview", [assessment.pk]) == 200
    assert ask(client, "POST", "rate", arguments["rate"]) == REFUSED
    assert ask(client, "GET", "overview", [make_assessment(title="Another").pk]) == GONE
    assert ask(client, "GET", "organisation", [assessment.organisation_id]) == GONE


def test_those_with_an_account_and_no_organisation_see_nothing_of_others(
    arguments: dict[str, list[Any]], assessment: Any, user_with: Any, client_of: Any
) -> None:
    client = client_of(user_with())
    for name, (rule, methods) in MATRIX.items():
        if rule == SIGNED_IN and "GET" in methods:
            answer = client.get(reverse(name, args=arguments[name]))
            assert answer.status_code in {200, 302, REFUSED, GONE}, name
            assert assessment.title not in answer.content.decode(), name
            assert assessment.organisation.name not in answer.content.decode(), name


def test_reading_writes_nothing(arguments: dict[str, list[Any]], lead: Any, client_of: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(lead)
    for name, (rule, methods) in MATRIX.items():
        if "GET" not in methods or name in FOREIGN or not isinstance(rule, Permission):
            continue
        with CaptureQueriesContext(connection) as seen:
            ask(client, "GET", name, arguments[name])
        written = [
            q["sql"]
            for q in seen.captured_queries
            if q["sql"].split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}
            and "django_session" not in q["sql"]
        ]
        assert not written, (name, written)


@pytest.mark.parametrize("name", FOREIGN)
def test_sign_in_pages_hold_to_their_list(name: str, client: Any, db: None) -> None:
    route = FOREIGN[name]
    answer = client.get(reverse(name, kwargs=route.kwargs))
    if route.rule == "signed in":
        assert answer.status_code == 302
        assert "/accounts/" in answer["Location"]
    else:
        assert answer.status_code in {200, 302, 405}


def test_a_wrong_method_is_refused(
    arguments: dict[str, list[Any]], org: Any, user_with: Any, client_of: Any
) -> None:
    client = client_of(user_with("administrator", org))
    for name, (rule, methods) in MATRIX.items():
        if isinstance(rule, Permission) and rule in ROLE_PERMISSIONS[Role.ADMINISTRATOR]:
            for method in {"GET", "POST"} - set(methods):
                assert ask(client, method, name, arguments[name]) == 405, (name, method)
