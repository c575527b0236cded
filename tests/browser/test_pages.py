"""Every page of the demonstration: accessible, within its window, and quiet in the console."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from accessible import check, unfold, wider
from django.urls import reverse
from hands import HEIGHTS, THEME, Site, Visitors
from playwright.sync_api import Page

from access_matrix import MATRIX
from kloe.assessment.permissions import Permission
from kloe.web.accounts.routes import BY_NAME as FOREIGN

KLOE = "wao-housing-2005/1.2"
CRITERION = f"{THEME}/account-set-up"

#: What the address of a route names after the assessment: something said here, or by the ground.
WITH: dict[str, str] = {
    "theme": THEME,
    "answer-cites": f"{THEME}/Q1",
    "criterion-common": f"{THEME}/rent-setting-explained",
    "criterion-comment": CRITERION,
    "known-edit": "{fact}",
    "evidence-item": "{file}",
    "evidence-edit": "{file}",
    "evidence-text": "{file}",
    "evidence-delete": "{file}",
    "evidence-link": "{link}",
    "evidence-for": CRITERION,
    "evidence-more": CRITERION,
    "indicator": "rp02-1",
    "measure": "rents/accounts-before-start",
    "measure-how": "rents/accounts-before-start",
    "kloe-judgement": KLOE,
    "judgement": THEME,
    "text": THEME,
    "finding-add": THEME,
    "finding-edit": "{finding}",
    "weakness-edit": "{weakness}",
    "factor-edit": "{factor}",
    "member": "{member}",
    "dataset": "{dataset}",
    "job": "{job}",
    "library-edition": "wao-housing-2005",
    "library-instruments": "wao-housing-2005",
    "library-faults": "wao-housing-2005",
    "library-kloe": KLOE,
    "library-theme": THEME,
    "records-layout": "tenancy",
    "check": "{check}",
    "check-edit": "{planned_check}",
    "check-print": "{check}",
    "check-results": "{check}",
    "check-sample": "{planned_check}",
    "check-evidence": "{check}",
    "risk": "{risk}",
    "check-template": "empty-home-visit",
    "check-template-edit": "empty-home-visit",
    "action": "{action}",
    "action-edit": "{action}",
    "action-evidence": "{action}",
    "recommendation": "{recommendation}",
    "recommendation-edit": "{recommendation}",
}
#: More of a page than its plain address shows.
BESIDES = {
    "overview": ["?by=strand"],
    "theme": ["wao-housing-2005/1.5/4", "wao-housing-2005/2.2/9"],
    "kloe-judgement": ["wao-housing-2005/2.10"],
    "library-search": ["?q=rent+arrears"],
    "check-new": [f"?theme={THEME}"],
    "checks": ["?state=done&sort=-when"],
    "evidence-for": [f"{CRITERION}?what=file"],
    "evidence-list": ["?deleted=1", "?q=nothing+has+these+words"],
    "plan": ["?status=completed&sort=-due", "?q=nothing+has+these+words"],
}
#: Answers that are no pages of their own, or lead on to another.
NO_PAGES = {
    # Of inspections, which the self-assessment is none of: test_inspection_pages.py.
    "inspection",
    "inspection-dates",
    "inspection-team",
    "inspection-invite",
    "inspection-landlord",
    "invitation",
    "documents",
    "document-ask",
    "document-edit",
    "document-give",
    "inspection-self-assessment",
    "hand-over",
    "enquiry-plan",
    "enquiry-guides",
    "enquiry-theme",
    "enquiry-add",
    "enquiry-own",
    "enquiry-question",
    "claims",
    # Of themes read by two: test_readings_pages.py.
    "readings",
    "readings-asked",
    "reading",
    # Of the draft before the landlord: test_draft_walk.py.
    "draft",
    "draft-chapter",
    "draft-changes",
    "draft-pdf",
    "draft-issue",
    "draft-extend",
    "challenges",
    "challenges-export",
    "challenge",
    "challenge-file",
    "challenge-write",
    "challenge-edit",
    "challenge-answer",
    # Of what is published: test_publication_browsed.py.
    "publication",
    "publication-file",
    "publication-correct",
    "board-response",
    "board-response-file",
    "published",
    "published-file",
    # Of a re-inspection: test_editions_pages.py.
    "comparison",
    "feedback",
    "feedback-show",
    "feedback-new",
    "feedback-edit",
    "moderation",
    "moderation-judgement",
    "moderation-ask",
    "moderation-answer",
    "moderation-agree",
    "moderation-reopen",
    "judgement-propose",
    "limit-override",
    "limit-hold",
    "exemptions",
    "exemption-decide",
    "timetable",
    "timetable-calendar",
    "visit-add",
    "visit-edit",
    "evidence-file",
    "plan-export",
    "report-file",
    "tenants-summary-reads",
    "assessment-export-file",
    "theme-so-far",
    "text-at-hand",
    "evidence-choices",
    # Of computed indicators: looked at in test_indicators.py.
    "measure-cases",
    "case-sample",
    # Of records and extracts: looked at in test_records.py.
    "records-rejects",
    "records-draft",
    "records-mapping",
    "records-source",
    "records-draft-rejects",
    "records-discard",
    # Calendar files; what takes two identifiers or is not everybody's: test_checks_pages.py.
    "check-calendar",
    "check-event",
    "check-case",
    "check-names",
    "check-template-version",
    # What is carried on a phone: test_carried_checks.py.
    "pocket",
    "pocket-worker",
    "pocket-mine",
    "check-pocket",
    "judgement-suggested",
    "judgement-provisional",
    "judgement-decide",
    "judgement-dissent",
    "main-question-answer",
    "weakness-add",
    "member-remove",
}
#: Pages looked at in dark colours as well.
DARK = {
    "home",
    "overview",
    "theme",
    "evidence-list",
    "evidence-item",
    "evidence-for",
    "indicators",
    "indicator",
    "judgements",
    "overall-judgement",
    "kloe-judgement",
    "findings-list",
    "checks",
    "check",
    "risks",
    "plan",
    "plan-timeline",
    "action",
    "report",
    "scope",
    "scope-proposal",
    "context",
    "library-theme",
    "organisation",
    "audit-assessment",
    "job",
    "account_login",
}
PAGES = [n for n, (_rule, methods) in MATRIX.items() if "GET" in methods and n not in NO_PAGES]


def addresses(site: Site, name: str) -> list[str]:
    """Where a route leads in the demonstration."""
    some: dict[str, str] = site.made["some"]
    last = [WITH[name].format(**some)] if name in WITH else []
    first = []
    if isinstance(MATRIX[name][0], Permission):
        of_organisation = name.startswith(
            (
                "organisation",
                "member",
                "audit-organisation",
                "records",
                "check-template",
                "plan",
                "action",
                "recommendation",
            )
        )
        first = [some["organisation" if of_organisation else "assessment"]]
    if name == "overall-judgement":
        return [reverse(name, args=[*first, one]) for one in ("service", "prospects")]
    found = [reverse(name, args=[*first, *last])]
    for more in BESIDES.get(name, []):
        path, _question, query = more.partition("?")
        at = reverse(name, args=[*first, path]) if path else found[0]
        found.append(f"{at}?{query}" if query else at)
    return found


def look(page: Page, address: str, *, dark: bool) -> None:
    """At both widths, everything unfolded."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        unfold(page)
        check(page, dark=dark and width == 1280)
    # As narrow as somebody sees it who enlarges to 400 %.
    page.set_viewport_size({"width": 320, "height": 640})
    assert not wider(page), wider(page)


@pytest.mark.parametrize("name", PAGES)
def test_demonstration(visit: Visitors, site: Site, name: str) -> None:
    page = visit.open("mair")
    for address in addresses(site, name):
        look(page, site.address + address, dark=name in DARK)


@pytest.mark.parametrize(
    "name", ["overview", "theme", "kloe-judgement", "overall-judgement", "context", "evidence-item"]
)
def test_to_somebody_who_only_reads(visit: Visitors, site: Site, name: str) -> None:
    page = visit.open("board")
    for address in addresses(site, name)[:1]:
        look(page, site.address + address, dark=False)


@pytest.mark.parametrize(
    "path",
    [
        "",
        f"themes/{THEME}",
        f"themes/{THEME.replace('1.2/3', '1.5/6')}",
        f"kloes/{KLOE}",
        "judgements/prospects",
        "evidence/",
        "indicators/",
        "findings/",
        "context",
        "mine",
        "report/",
        "jobs/",
        "comments",
    ],
)
def test_nothing_there_yet(visit: Visitors, site: Site, path: str) -> None:
    empty = site.made["spares"][0]
    page = visit.open("anwen")
    look(page, f"{site.address}/assessments/{empty}/{path}", dark=False)


SIGNED_OUT = ("account_login", "account_reset_password", "account_signup", "account_inactive")
SIGNED_IN = (
    "account_email",
    "account_change_password",
    "account_logout",
    "mfa_index",
    "account_reauthenticate",
)


@pytest.mark.parametrize("name", SIGNED_OUT + SIGNED_IN)
def test_accounts(visit: Visitors, site: Site, name: str) -> None:
    page = visit.open("cadi" if name in SIGNED_IN else None)
    look(page, site.address + reverse(name), dark=name in DARK)


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_second_steps(visit: Visitors, site: Site, name: str) -> None:
    """Pages that ask for the password again before they open."""
    page = visit.open("bryn")
    page.goto(site.address + reverse(name))
    field = page.get_by_label("Password", exact=True)
    if field.count():
        field.fill(site.made["password"])
        field.press("Enter")
        page.wait_for_url(f"**{reverse(name)}")
    look(page, site.address + reverse(name), dark=False)


@pytest.mark.parametrize("path", ["nowhere", f"organisations/{UUID(int=0)}/"])
def test_errors(visit: Visitors, site: Site, path: str) -> None:
    visit.watch.expect("404")
    page = visit.open("mair")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        answer: Any = page.goto(f"{site.address}/{path}")
        assert answer.status == 404
        check(page, dark=True)


def test_every_page_is_looked_at() -> None:
    assert set(WITH) | set(BESIDES) <= set(PAGES)
    assert set(MATRIX) >= NO_PAGES
    assert set(FOREIGN) >= {*SIGNED_OUT, *SIGNED_IN}
