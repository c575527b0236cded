"""What no browser of ours would send, to every writing route of an inspection."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse
from hostile_ground import LIVE, VALUES, WORST
from inspection_ground import THEME, Ground, make_ground, routes

from kloe.assessment.permissions import Role
from kloe.web.ids import new_id
from kloe.web.inspections import enquiry, fieldwork, requests
from kloe.web.inspections.models import Inspection

QUESTION = {
    "state": "asked", "text": "Words", "reason": "So", "who": "", "how": "interview",
    "whom": "Head", "due": "2026-06-01", "base_version": "0", "row": str(new_id()),
}  # fmt: skip
VISIT = {
    "day": "2026-06-01", "start": "10:00", "end": "11:00", "what": "Interview", "place": "Here",
    "how": "interview", "theme": THEME, "people": "", "note": "So", "base_version": "1",
    "row": str(new_id()),
}  # fmt: skip
REQUEST = {
    "what": "Policy", "theme": THEME, "why": "So", "due": "2026-06-01", "base_version": "1",
    "row": str(new_id()),
}  # fmt: skip
BODIES: dict[str, dict[str, str]] = {
    "inspection-create": {
        "organisation": "", "kind": "inspection", "landlord": "", "name": "Tai", "again": "",
        "jurisdiction": "wales", "title": "New", "frameworks": "wao-housing-2005",
        "period_start": "2025-04-01", "period_end": "2026-03-31", "lead": "",
    },
    "inspection-dates": {"stage0": "2026-06-01", "stage1": "2026-06-02", "base_version": "1"},
    "stage-move": {"to": "scoping", "base_version": "1", "reason": "So"},
    "inspection-invite": {
        "email": "x@example.org", "name": "X", "role": "inspector", "days": "7",
    },
    "invitation": {"name": "X", "password": "three odd words"},
    "document-ask": REQUEST,
    "document-edit": REQUEST,
    "document-settle": {"state": "open", "answer": "So"},
    "document-give": {"answer": "None", "write_id": str(new_id())},
    "no-self-assessment": {"reason": "So", "base_version": "1"},
    "enquiry-people": {"lead": "", "second": "", "due": "2026-06-01"},
    "enquiry-question": QUESTION,
    "enquiry-add": QUESTION | {"state": "added"},
    "enquiry-own": QUESTION | {"state": "added"},
    "timetable-build": {"first": "2026-06-01", "last": "2026-06-05"},
    "visit-add": VISIT,
    "visit-edit": VISIT,
}  # fmt: skip


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


@pytest.mark.parametrize("name", BODIES)
def test_one_hostile_field_at_a_time(name: str, ground: Ground, client_of: Any) -> None:
    # Its own row is there; that of the tests of addresses is made with something of everything.
    Inspection.objects.filter(pk=ground.inspection.pk).delete()
    given = routes(ground.assessment, ground.landlord_lead.__class__.objects.create_user(
        "reader@example.org", "a long password"), ground.chief)  # fmt: skip
    given["enquiry-question"] = [ground.assessment.pk, f"{THEME}/Q1"]
    for named in ("enquiry-people", "enquiry-add"):
        given[named] = [ground.assessment.pk, THEME]
    given["inspection-create"] = []
    client = client_of(ground.chief)
    client.raise_request_exception = False
    body = BODIES[name]
    if "organisation" in body:
        body = body | {"organisation": str(ground.inspectorate.pk)}
    address = reverse(name, args=given.get(name, [ground.assessment.pk]))
    others = sorted(set(VALUES) - set(WORST)) or ["empty"]
    for turn, field in enumerate(body):
        # The worst, and one of the others in turn; KLOE_HOSTILE=all asks for everything.
        for key in (*WORST, others[turn % len(others)]):
            value = VALUES[key]
            answer = client.post(address, body | {field: value})
            assert answer.status_code < 500, (name, field, key)
            text = answer.content.decode()
            assert not [live for live in LIVE[:2] if live in text], (name, field, key)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("documents", ("state", "page")),
        ("enquiry-guides", ("how", "who")),
        ("claims", ("page",)),
        ("timetable-calendar", ("mine",)),
        ("inspection-create", ("organisation",)),
    ],
)
def test_hostile_questions(
    name: str, fields: tuple[str, ...], ground: Ground, client_of: Any
) -> None:
    client = client_of(ground.chief)
    client.raise_request_exception = False
    arguments = [] if name == "inspection-create" else [ground.assessment.pk]
    for field in fields:
        for key in WORST:
            value = VALUES[key]
            answer = client.get(reverse(name, args=arguments), {field: value[:60_000]})
            assert answer.status_code < 500, (name, field, key)


def test_identifiers_of_another_inspection_make_rows_of_their_own(
    ground: Ground, client_of: Any, make_assessment: Any
) -> None:
    """What a form says its row is called is no way to rows of others, nor an error."""
    theirs = make_assessment()
    there = Inspection.objects.create(assessment=theirs)
    other = routes_of_others(there)
    client, a = client_of(ground.people[Role.LEAD_INSPECTOR]), ground.assessment.pk
    for name, args, body in (
        ("document-ask", [a], REQUEST),
        ("enquiry-add", [a, THEME], QUESTION | {"state": "added"}),
        ("visit-add", [a], VISIT),
    ):
        sent = {k: v for k, v in body.items() if k != "people"} | {"row": str(other[name].pk)}
        assert client.post(reverse(name, args=args), sent).status_code == 303, name
        other[name].refresh_from_db()
    assert ground.inspection.requests.count() == ground.inspection.visits.count() == 1
    assert [r.what for r in there.requests.all()] == ["Theirs"]


def routes_of_others(inspection: Inspection) -> dict[str, Any]:
    """A request, a question and a visit of an inspection."""
    lead, assessment = inspection.assessment.lead, inspection.assessment
    entry = fieldwork.Entry(day=date(2026, 5, 4), start=time(9), end=time(10), what="Theirs")
    return {
        "document-ask": requests.ask(
            inspection=inspection, what="Theirs", due=date(2026, 5, 1), by=lead
        ),
        "enquiry-add": enquiry.add_question(
            assessment=assessment, theme=THEME, wanted=enquiry.Wanted(state="added", text="Why?"),
            by=lead,
        ),
        "visit-add": fieldwork.add(inspection=inspection, entry=entry, by=lead),
    }  # fmt: skip
