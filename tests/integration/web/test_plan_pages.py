"""Pages of the plan: what they show, what they take, what they refuse."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kloe.assessment.plan import STATUSES
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.inspections.models import Inspection
from kloe.web.judgements.models import Finding
from kloe.web.plans import acting, outcomes, recommending
from kloe.web.plans.models import Action, Entry, Recommendation

pytestmark = pytest.mark.django_db
WHOLE = {
    "title": "Answer damp reports within ten days",
    "origin": "complaint",
    "outcome": "No home waits longer than ten days",
    "outcome_groups": "disabled tenants\nfamilies with children",
    "measure": "Damp reports inspected in time",
    "target": "95 %",
    "agreed": "yes",
    "agreed_with": "Head of repairs, tenants' panel",
    "realistic": "yes",
    "needs_money": "yes",
    "budget": "12500.50",
    "made_on": "2026-01-05",
    "start_on": "2026-02-01",
    "due_on": "2026-07-31",
    "milestones": "2026-03-31 Two surveyors appointed\n2026-05-31 Letter rewritten",
    "risk": "high",
}


def address(name: str, org: Any, *args: Any) -> str:
    return reverse(name, args=[org.pk, *args])


@pytest.fixture
def agreed(org: Any, lead: Any) -> Any:
    """An agreed action, due in ten days."""

    def make(**values: Any) -> Action:
        today = timezone.localdate()
        said = {
            "title": "Rewrite the letter",
            "origin": "board",
            "made_on": today - timedelta(days=60),
            "start_on": today - timedelta(days=50),
            "due_on": today + timedelta(days=10),
            "agreed": True,
            "agreed_with": "the team",
            "owner": lead,
        }
        row = acting.add(organisation=org, by=lead, **(said | values))
        return acting.move(action=row, to="agreed", by=lead)

    return make


def test_an_action_is_typed_in_whole_and_shown_whole(org: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    answer = client.post(address("action-add", org), WHOLE | {"owner": lead.pk})
    assert answer.status_code == 303
    row = Action.objects.get()
    assert (row.reference, row.status, row.smart) == ("A1", "proposed", 5)
    assert [(m.text, m.due_on) for m in row.milestones.all()] == [
        ("Two surveyors appointed", date(2026, 3, 31)),
        ("Letter rewritten", date(2026, 5, 31)),
    ]
    page = client.get(answer["Location"]).content.decode()
    for words in ("Answer damp reports", "£12,500.50", "Two surveyors appointed", "high risk"):
        assert words in page
    assert "families with children" in page
    assert AuditEvent.objects.filter(verb="added action").count() == 1


def test_what_is_missing_is_said_in_words(org: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    answer = client.post(address("action-add", org), {"title": "Do better", "origin": "board"})
    page = client.get(answer["Location"]).content.decode()
    assert "Nobody is named who answers for it." in page
    assert "Nobody has said whether it is realistic." in page
    assert Action.objects.get().smart == 0


def test_a_form_sent_twice_adds_once(org: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    form = client.get(address("action-add", org)).context["form"]
    said = WHOLE | {"id": str(form["id"].value()), "owner": lead.pk}
    first = client.post(address("action-add", org), said)
    assert client.post(address("action-add", org), said)["Location"] == first["Location"]
    assert Action.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Write what is to be done."),
        ({"start_on": "2026-08-31"}, "It would be due before it starts."),
        ({"budget": "12,5 thousand"}, "Write pounds as"),
        ({"due_on": "soon"}, "Write a date as"),
        ({"milestones": "2026-13-31 Never"}, "is no day"),
        ({"origin": "the moon"}, "Select a valid choice"),
        ({"owner_name": "Somebody"}, "Name one person"),
    ],
)
def test_a_fault_is_told_by_its_field_and_nothing_is_lost(
    org: Any, lead: Any, client_of: Any, changes: dict[str, str], words: str
) -> None:
    said = WHOLE | {"owner": str(lead.pk)} | changes
    answer = client_of(lead).post(address("action-add", org), said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "No home waits longer than ten days" in page
    assert not Action.objects.exists()


def test_a_day_moves_only_with_a_reason(org: Any, lead: Any, client_of: Any, agreed: Any) -> None:
    row = agreed()
    client, url = client_of(lead), address("action-edit", org, row.pk)
    said = {k: v for k, v in client.get(url).context["form"].initial.items() if v is not None}
    later = row.due_on + timedelta(days=30)
    answer = client.post(url, said | {"due_on": later.isoformat()})
    assert answer.status_code == 422
    assert "not said why" in answer.content.decode()
    answer = client.post(
        url, said | {"due_on": later.isoformat(), "reason": "the supplier went bankrupt"}
    )
    assert answer.status_code == 303
    row.refresh_from_db()
    assert row.due_on == later
    assert row.first_due_on == later - timedelta(days=30)
    slip = Entry.objects.get(kind="slip")
    assert (slip.due, slip.now, slip.text) == (
        row.first_due_on,
        later,
        "the supplier went bankrupt",
    )
    assert (
        "the supplier went bankrupt" in client.get(address("action", org, row.pk)).content.decode()
    )


def test_what_somebody_else_saved_is_shown_and_not_overwritten(
    org: Any, lead: Any, client_of: Any, agreed: Any
) -> None:
    row = agreed()
    client, url = client_of(lead), address("action-edit", org, row.pk)
    said = {k: v for k, v in client.get(url).context["form"].initial.items() if v is not None}
    acting.edit(action=row, by=None, base_version=row.version, target="100 letters")
    answer = client.post(url, said | {"target": "50 letters"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "100 letters" in page
    assert "50 letters" in page
    row.refresh_from_db()
    assert row.target == "100 letters"
    base = answer.context["form"].data["base_version"]
    assert (
        client.post(url, said | {"target": "50 letters", "base_version": base}).status_code == 303
    )
    row.refresh_from_db()
    assert row.target == "50 letters"


def test_done_late_asks_why(org: Any, lead: Any, client_of: Any, agreed: Any) -> None:
    today = timezone.localdate()
    row = agreed(due_on=today - timedelta(days=3))
    client, url = client_of(lead), address("action-move", org, row.pk)
    answer = client.post(url, {"to": "completed", "done_on": today.isoformat()})
    assert answer.status_code == 422
    assert "not said why" in answer.content.decode()
    tomorrow = (today + timedelta(days=1)).isoformat()
    answer = client.post(url, {"to": "completed", "done_on": tomorrow, "reason": "x"})
    assert answer.status_code == 422
    assert "has not come yet" in answer.content.decode()
    answer = client.post(
        url, {"to": "completed", "done_on": today.isoformat(), "reason": "ill", "spend": "90"}
    )
    assert answer.status_code == 303
    row.refresh_from_db()
    assert (row.status, row.done_on, row.spend) == ("completed", today, 90)
    assert "this counts as context" in client.get(address("action", org, row.pk)).content.decode()


def test_only_what_is_agreed_becomes_part_of_the_plan(org: Any, lead: Any, client_of: Any) -> None:
    row = acting.add(organisation=org, by=lead, title="Paint it", origin="board")
    client = client_of(lead)
    url = address("action-move", org, row.pk)
    answer = client.post(url, {"to": "agreed"})
    assert answer.status_code == 422
    assert "with whom" in answer.content.decode()
    answer = client.post(url, {"to": "completed"})
    assert answer.status_code == 422
    assert str(STATUSES["agreed"]) in answer.content.decode()
    row.refresh_from_db()
    assert row.status == "proposed"


def test_an_outcome_needs_evidence_and_ends_with_it(
    org: Any, lead: Any, client_of: Any, agreed: Any, assessment: Any
) -> None:
    row = agreed(outcome_groups="disabled tenants")
    client, url = client_of(lead), address("action-outcome", org, row.pk)
    answer = client.post(url, {"state": "evidenced"})
    assert answer.status_code == 422
    assert "not completed" in answer.content.decode()
    acting.move(action=row, to="completed", by=lead)
    answer = client.post(url, {"state": "evidenced", "note": "They said so"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "No evidence stands" in page
    assert "They said so" in page
    item = evidence.add_note(
        assessment=assessment, details=Details(title="Panel in May", text="Better."), by=lead
    )
    give = address("action-evidence", org, row.pk)
    assert "Panel in May" in client.get(give + "?q=panel").content.decode()
    assert "Panel in May" in client.get(give + f"?q=E{item.number}").content.decode()
    assert "Panel in May" not in client.get(give + "?q=nothing").content.decode()
    answer = client.post(give, {"item": str(item.pk), "shows": "outcome disabled tenants"})
    assert answer.status_code == 303
    assert client.post(url, {"state": "evidenced", "note": "They said so"}).status_code == 303
    page = client.get(address("action", org, row.pk)).content.decode()
    assert "this counts as context" not in page
    assert "E1 Panel in May" in page
    (one,) = row.evidence.all()
    client.post(address("action-evidence-take", org, row.pk, one.pk))
    row.refresh_from_db()
    assert row.outcome_state == "open"


def test_evidence_of_others_is_refused(
    org: Any, other_org: Any, lead: Any, client_of: Any, agreed: Any, make_assessment: Any
) -> None:
    theirs = make_assessment(organisation=other_org, lead=None)
    item = evidence.add_note(
        assessment=theirs, details=Details(title="Theirs", text="Secret."), by=lead
    )
    row = agreed()
    answer = client_of(lead).post(
        address("action-evidence", org, row.pk), {"item": str(item.pk), "shows": "completion"}
    )
    assert answer.status_code == 422
    assert not row.evidence.exists()


def test_a_contributor_tells_of_their_own_actions_and_no_others(
    org: Any, lead: Any, user_with: Any, client_of: Any, agreed: Any
) -> None:
    person = user_with("contributor", org)
    own, other = agreed(owner=person), agreed()
    client = client_of(person)
    assert (
        client.post(address("action-tell", org, own.pk), {"text": "Half done"}).status_code == 303
    )
    assert client.post(address("action-tell", org, other.pk), {"text": "x"}).status_code == 403
    assert client.post(address("action-move", org, own.pk), {"to": "under way"}).status_code == 303
    drop = client.post(address("action-move", org, own.pk), {"to": "dropped", "reason": "tired"})
    assert drop.status_code == 403
    assert "Half done" in client.get(address("action", org, own.pk)).content.decode()
    assert Entry.objects.filter(action=other, kind="note").count() == 0


def test_an_area_for_improvement_becomes_a_recommendation_with_one_press(
    org: Any, lead: Any, client_of: Any, assessment: Any, pinned: Any
) -> None:
    theme = pinned.theme("wao-housing-2005/1.2/3")
    finding = Finding.objects.create(
        assessment=assessment, theme=theme.id, kind="area for improvement", priority="high",
        text="Letters go out late.", recommendation="Send letters within a day.",
    )  # fmt: skip
    client = client_of(lead)
    assert "Letters go out late." in client.get(address("plan-sources", org)).content.decode()
    url = address("recommendation-from-finding", org, finding.pk)
    first = client.post(url)
    assert first.status_code == 303
    assert client.post(url)["Location"] == first["Location"]
    row = Recommendation.objects.get()
    assert (row.what, row.why, row.origin, row.impact) == (
        "Send letters within a day.", "Letters go out late.", "self-assessment", "high",
    )  # fmt: skip
    assert list(row.findings.all()) == [finding]
    assert "Letters go out late." not in client.get(address("plan-sources", org)).content.decode()
    page = client.get(address("action-add", org) + f"?recommendation={row.pk}")
    assert page.context["form"].initial["title"] == "Send letters within a day."


def test_a_strength_is_no_recommendation(
    org: Any, lead: Any, client_of: Any, assessment: Any
) -> None:
    finding = Finding.objects.create(
        assessment=assessment, theme="wao-housing-2005/1.2/3", kind="strength", text="Good."
    )
    answer = client_of(lead).post(address("recommendation-from-finding", org, finding.pk))
    assert answer.status_code == 400
    assert not Recommendation.objects.exists()


def test_findings_of_an_inspection_reach_the_plan_once_it_is_final(
    org: Any, other_org: Any, lead: Any, client_of: Any, make_assessment: Any
) -> None:
    theirs = make_assessment(organisation=other_org, lead=None)
    theirs.subject = org
    theirs.save(update_fields=["subject"])
    finding = Finding.objects.create(
        assessment=theirs, theme="wao-housing-2005/1.2/3", kind="area for improvement",
        text="Not told yet.", priority="low",
    )  # fmt: skip
    client, url = client_of(lead), address("recommendation-from-finding", org, finding.pk)
    assert client.post(url).status_code == 404
    assert "Not told yet." not in client.get(address("plan-sources", org)).content.decode()
    theirs.final_at = timezone.now()
    theirs.save(update_fields=["final_at"])
    assert client.post(url).status_code == 303


def test_what_inspectors_write_reaches_the_plan_once_it_is_published(
    org: Any, other_org: Any, lead: Any, client_of: Any, make_assessment: Any
) -> None:
    """Of a mock inspection of oneself, and of an inspection whose report is said to be final."""
    mock = make_assessment(kind="mock-inspection", title="Mock inspection")
    theirs = make_assessment(organisation=other_org, lead=None)
    theirs.subject, theirs.final_at = org, timezone.now()
    theirs.save(update_fields=["subject", "final_at"])
    client = client_of(lead)
    for one in (mock, theirs):
        inspection = Inspection.objects.create(assessment=one, stage="drafting")
        finding = Finding.objects.create(
            assessment=one, theme="wao-housing-2005/1.2/3", kind="area for improvement",
            text="Still being written.", priority="low",
        )  # fmt: skip
        url = address("recommendation-from-finding", org, finding.pk)
        assert client.post(url).status_code == 404
        if one == mock:
            # What would be refused is not offered either.
            told = client.get(reverse("theme", args=[one.pk, finding.theme])).content.decode()
            assert "Still being written." in told
            assert url not in told
        sources = client.get(address("plan-sources", org)).content.decode()
        assert "Still being written." not in sources
        inspection.stage = "published"
        inspection.save(update_fields=["stage"])
        assert client.post(url).status_code == 303


def test_evidence_of_inspections_of_others_is_no_evidence_of_a_plan(
    org: Any, other_org: Any, lead: Any, client_of: Any, make_assessment: Any, agreed: Any
) -> None:
    ours = make_assessment()
    ours.subject = other_org
    ours.save(update_fields=["subject"])
    mock = make_assessment(kind="mock-inspection", title="Mock inspection")
    Inspection.objects.create(assessment=mock, stage="drafting")
    row = agreed()
    for one in (ours, mock):
        item = evidence.add_note(
            assessment=one, details=Details(title="What we saw", text="Secret."), by=lead
        )
        url = address("action-evidence", org, row.pk)
        assert "What we saw" not in client_of(lead).get(url).content.decode()
        answer = client_of(lead).post(url, {"item": str(item.pk), "shows": "completion"})
        assert answer.status_code == 422
    assert not row.evidence.exists()


def test_recommendations_made_elsewhere_name_their_source(
    org: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    said = {"what": "Pay compensation", "origin": "ombudsman", "made_on": "2026-02-01"}
    answer = client.post(address("recommendation-add", org), said)
    assert answer.status_code == 422
    assert "where this recommendation stands" in (answer.content.decode())
    answer = client.post(address("recommendation-add", org), said | {"source": "Case 2025/114"})
    row = Recommendation.objects.get()
    assert answer.status_code == 303
    assert row.reference == "R1"
    url = address("recommendation-decide", org, row.pk)
    answer = client.post(url, {"accepted": "no"})
    assert answer.status_code == 422
    assert "why it is not accepted" in answer.content.decode()
    assert client.post(url, {"accepted": "yes"}).status_code == 303
    done = address("recommendation-implemented", org, row.pk)
    assert client.post(done, {"implemented_on": "yesterday"}).status_code == 422
    assert client.post(done, {"implemented_on": "2026-01-01"}).status_code == 422
    assert client.post(done, {"implemented_on": "2026-03-01"}).status_code == 303
    row.refresh_from_db()
    assert row.implemented_on == date(2026, 3, 1)
    assert "carried out" in client.get(address("recommendation", org, row.pk)).content.decode()


@pytest.fixture
def many(org: Any, lead: Any) -> int:
    """A plan of 240 actions."""
    today = timezone.localdate()
    rows = [
        Action(
            organisation=org,
            reference=f"A{n}",
            title=f"Action number {n:04d}",
            origin="board",
            made_on=today - timedelta(days=400),
            due_on=today + timedelta(days=n - 120),
            first_due_on=today + timedelta(days=n - 120),
            status="under way" if n % 3 else "completed",
            done_on=None if n % 3 else today - timedelta(days=1),
            risk=("high", "low", "")[n % 3],
            owner=lead if n % 2 else None,
            owner_name="" if n % 2 else "The contractor",
        )
        for n in range(1, 241)
    ]
    Action.objects.bulk_create(rows)
    return len(rows)


@pytest.mark.parametrize(
    "query",
    ["", "?sort=-due", "?sort=owner", "?sort=-budget", "?status=open", "?late=overdue",
     "?late=soon",
     "?late=slipped", "?late=context", "?owner=The contractor", "?q=0007", "?risk=high&page=2",
     "?sort=nonsense&status=nonsense&page=99", "?sort=-title", "?sort=smart"],
)  # fmt: skip
def test_the_table_sorts_filters_and_pages_in_a_fixed_number_of_queries(
    org: Any, lead: Any, client_of: Any, many: int, query: str,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = client_of(lead)
    with django_assert_max_num_queries(12):
        answer = client.get(address("plan", org) + query)
    assert answer.status_code == 200
    found = [row.reference for row in answer.context["page"]]
    rows = list(Action.objects.filter(organisation=org))
    today = timezone.localdate()
    if query == "":
        wanted = sorted(rows, key=lambda a: (a.due_on, a.reference))[:50]
        assert found == [a.reference for a in wanted]
    if query == "?late=overdue":
        assert answer.context["page"].paginator.count == sum(
            a.due_on < today and a.status == "under way" for a in rows
        )
    if query == "?owner=The contractor":
        assert answer.context["page"].paginator.count == 120


@pytest.mark.parametrize("name", ["plan-timeline", "plan-board", "plan-sources"])
def test_other_views_of_a_large_plan_take_a_fixed_number_of_queries(
    org: Any, lead: Any, client_of: Any, many: int, name: str, django_assert_max_num_queries: Any
) -> None:
    client = client_of(lead)
    with django_assert_max_num_queries(18):
        answer = client.get(address(name, org))
    assert answer.status_code == 200
    if name == "plan-timeline":
        assert answer.content.decode().count("<rect ") >= 40


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Paint the halls", "Paint the halls"),
        ("Text tenants the day before a visit", "Text tenants the day …"),
        ("Unbrokenwordsthatgoonandonandon", "Unbrokenwordsthatgoonando …"),
    ],
)
def test_the_time_line_names_actions_by_whole_words(
    org: Any, lead: Any, client_of: Any, agreed: Any, title: str, label: str
) -> None:
    agreed(title=title)
    page = client_of(lead).get(address("plan-timeline", org)).content.decode()
    assert f'class="plan-name">{label}</text>' in page


def test_the_boards_lists_are_cards_on_a_phone(
    org: Any, lead: Any, client_of: Any, agreed: Any
) -> None:
    agreed()
    page = client_of(lead).get(address("plan-board", org)).content.decode()
    _before, _mark, lists = page.partition('id="b-next"')
    assert '<table class="table cards">' in lists


def test_publishing_by_the_button_says_how_much(
    org: Any, lead: Any, client_of: Any, agreed: Any
) -> None:
    agreed()
    client, url = client_of(lead), address("plan-publish", org)
    assert "1 row of the plan is where" in client.post(url, follow=True).content.decode()
    assert "Nothing has changed" in client.post(url, follow=True).content.decode()


def test_taking_evidence_away_in_one_group_leaves_the_other(
    org: Any, lead: Any, agreed: Any, assessment: Any
) -> None:
    row = agreed(outcome_groups="a\nb")
    item = evidence.add_note(
        assessment=assessment, details=Details(title="N", text="Better."), by=lead
    )
    row = acting.move(action=row, to="completed", by=lead)
    for group in ("a", "b"):
        outcomes.put_evidence(action=row, item=item, shows="outcome", group=group, by=lead)
    outcomes.say_outcome(action=row, state="evidenced", note="", by=lead)
    outcomes.take_evidence(evidence=row.evidence.get(group="a"), by=lead)
    row.refresh_from_db()
    assert row.outcome_state == "evidenced"


def test_rejected_recommendations_lead_to_no_action(org: Any, lead: Any, client_of: Any) -> None:
    row = recommending.add(
        organisation=org, by=lead, what="Sell the estate", origin="auditor", source="Audit, 1"
    )
    recommending.decide(recommendation=row, accepted=False, reason="tenants said no", by=lead)
    said = WHOLE | {"recommendation": str(row.pk), "owner": str(lead.pk)}
    answer = client_of(lead).post(address("action-add", org), said)
    assert answer.status_code == 422
    assert not Action.objects.exists()
