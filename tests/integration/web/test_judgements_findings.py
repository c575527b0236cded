"""Findings: what they rest on, their order, who may write them, two writers, the list of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from judgement_ground import KLOE, THEME, write

from kloe.core.errors import InvalidInput
from kloe.web.assessments import actions as assessing
from kloe.web.assessments.models import Revision
from kloe.web.assessments.saving import StaleWrite
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.judgements import actions
from kloe.web.judgements.models import Finding

pytestmark = pytest.mark.django_db
IMPROVEMENT = "area for improvement"


@pytest.fixture
def client(client_of: Callable[..., Any], lead: Any) -> Any:
    return client_of(lead)


@pytest.fixture
def find(assessment: Any, pinned: Any, lead: Any) -> Callable[..., Finding]:
    def make(text: str = "Letters are plain.", **more: Any) -> Finding:
        values: dict[str, Any] = {"theme": THEME, "kind": "strength", **more}
        row: Finding = actions.add_finding(
            assessment=assessment, pinned=pinned, text=text, write=write(lead), **values
        ).row
        return row

    return make


def item_of(assessment: Any, criterion: Any = None, **more: Any) -> EvidenceItem:
    n = EvidenceItem.objects.filter(assessment=assessment).count() + 1
    item = EvidenceItem.objects.create(
        organisation=assessment.organisation,
        assessment=assessment,
        number=n,
        form="note",
        title=more.pop("title", f"Minutes {n}"),
        kind="document",
        origin="landlord",
        **more,
    )
    if criterion is not None:
        descriptor = criterion.descriptors[0]
        EvidenceLink.objects.create(
            item=item,
            assessment=assessment,
            descriptor=descriptor.id,
            criterion=criterion.id,
            theme=criterion.theme_id,
            side=descriptor.side,
            polarity=descriptor.polarity,
            direction="shows this",
        )
    return item


def test_a_finding_rests_on_criteria_and_evidence(
    client: Any, assessment: Any, pinned: Any
) -> None:
    theme = pinned.theme(THEME)
    here = item_of(assessment, theme.criteria[0], title="Rent letters of May")
    item_of(assessment, title="Elsewhere")
    url = reverse("finding-add", args=[assessment.pk, THEME])
    form = client.get(url, {"kind": IMPROVEMENT}).content.decode()
    assert "Rent letters of May" in form
    assert "Elsewhere" not in form
    for criterion in theme.criteria:
        assert f'value="{criterion.id}"' in form
    response = client.post(
        url,
        {
            "kind": IMPROVEMENT,
            "text": "The letter <i>threatens</i> court.",
            "recommendation": "Rewrite it with tenants by June.",
            "priority": "high",
            "criteria": [theme.criteria[0].id],
            "evidence": [str(here.pk)],
            "base_version": 0,
        },
    )
    assert response.status_code == 303
    row = Finding.objects.get()
    assert (row.criteria, list(row.evidence.all())) == ([theme.criteria[0].id], [here])
    text = client.get(reverse("theme", args=[assessment.pk, THEME])).content.decode()
    assert "The letter &lt;i&gt;threatens&lt;/i&gt; court." in text
    assert "Rewrite it with tenants by June." in text
    assert "High priority" in text
    assert "E1 Rent letters of May" in text
    assert AuditEvent.objects.filter(verb="added finding").count() == 1


def test_faults_keep_what_was_typed(client: Any, assessment: Any, pinned: Any) -> None:
    url = reverse("finding-add", args=[assessment.pk, THEME])
    response = client.post(
        url,
        {
            "kind": IMPROVEMENT,
            "text": "Typed words",
            "recommendation": "More words",
            "criteria": [pinned.theme(THEME).criteria[1].id],
        },
    )
    text = response.content.decode()
    assert response.status_code == 422
    for kept in ("Typed words", "More words", "Say how much it matters", 'class="error-summary"'):
        assert kept in text
    # The kind, the criterion, and that nobody has said impact, cost and strength.
    assert text.count("checked") == 5
    assert client.post(url, {"kind": "strength", "text": " "}).status_code == 422
    assert not Finding.objects.exists()


def test_only_an_area_for_improvement_has_recommendation_and_priority(
    find: Callable[..., Finding],
) -> None:
    row = find(recommendation="Do it", priority="high")
    assert (row.recommendation, row.priority) == ("", "")
    with pytest.raises(InvalidInput, match="no priority"):
        find(kind=IMPROVEMENT, priority="soon")


def test_what_is_refused(
    find: Callable[..., Finding], assessment: Any, make_assessment: Any, pinned: Any, lead: Any
) -> None:
    with pytest.raises(InvalidInput, match="no kind of finding"):
        find(kind="opinion")
    with pytest.raises(InvalidInput, match="not one of this theme"):
        find(criteria=[pinned.theme("wao-housing-2005/1.2/1").criteria[0].id])
    with pytest.raises(InvalidInput, match="not in this assessment"):
        find(evidence=[item_of(make_assessment()).pk])
    with pytest.raises(InvalidInput, match="not in this assessment"):
        find(evidence=[uuid4()])
    with pytest.raises(InvalidInput, match="is empty"):
        find("   ")
    assessing.set_scope(assessment=assessment, choices={THEME: (False, "Not ours.")}, by=lead)
    with pytest.raises(InvalidInput, match="left out"):
        find()


def test_sent_twice_it_stands_once_and_other_words_stand_besides(
    client: Any, assessment: Any
) -> None:
    url = reverse("finding-add", args=[assessment.pk, THEME])
    sent = {"kind": "strength", "text": "Letters are plain.", "write_id": str(uuid4())}
    for _time in range(2):
        assert client.post(url, sent).status_code == 303
    assert Finding.objects.count() == 1
    client.post(url, sent | {"text": "Calls are answered."})
    assert Finding.objects.count() == 2


def test_changing_keeps_versions(
    client: Any, assessment: Any, pinned: Any, find: Callable[..., Finding]
) -> None:
    row = find()
    item = item_of(assessment, pinned.theme(THEME).criteria[0])
    url = reverse("finding-edit", args=[assessment.pk, row.pk])
    assert "Letters are plain." in client.get(url).content.decode()
    sent = {"kind": "strength", "text": "Letters are plain.", "base_version": 1}
    # Evidence alone makes a version too.
    assert client.post(url, sent | {"evidence": [str(item.pk)]}).status_code == 303
    row.refresh_from_db()
    assert (row.version, list(row.evidence.all())) == (2, [item])
    changed = Revision.objects.filter(subject=str(row.pk)).order_by("version").last()
    assert changed.values["evidence"] == [str(item.pk)]
    # The same again changes nothing, whatever version it says.
    assert client.post(url, sent | {"evidence": [str(item.pk)]}).status_code == 303
    assert Revision.objects.filter(subject=str(row.pk)).count() == 2


def test_two_writers_see_both(
    client_of: Any,
    user_with: Any,
    org: Any,
    assessment: Any,
    find: Callable[..., Finding],
    lead: Any,
) -> None:
    row = find()
    url = reverse("finding-edit", args=[assessment.pk, row.pk])
    other = user_with("assessor", org)
    first = {"kind": "strength", "text": "Theirs.", "base_version": 1}
    assert client_of(other).post(url, first).status_code == 303
    mine = {"kind": IMPROVEMENT, "text": "Mine.", "priority": "low", "base_version": 1}
    response = client_of(lead).post(url, mine)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Theirs." in text
    assert "Mine." in text
    assert str(other) in text
    row.refresh_from_db()
    assert row.text == "Theirs."
    assert client_of(lead).post(url, mine | {"base_version": 2}).status_code == 303
    row.refresh_from_db()
    assert (row.text, row.kind, row.version) == ("Mine.", IMPROVEMENT, 3)


def test_a_stale_action_carries_the_row(
    assessment: Any, pinned: Any, lead: Any, find: Callable[..., Finding]
) -> None:
    row = find()
    with pytest.raises(StaleWrite) as caught:
        actions.edit_finding(
            assessment=assessment,
            pinned=pinned,
            finding=row,
            kind="strength",
            text="Other",
            write=write(lead, 7),
        )
    assert caught.value.current.pk == row.pk


def test_removing_leaves_a_trace(
    client: Any, assessment: Any, find: Callable[..., Finding]
) -> None:
    row = find("Was said.")
    url = reverse("finding-remove", args=[assessment.pk, row.pk])
    assert client.post(url).status_code == 303
    assert not Finding.objects.exists()
    event = AuditEvent.objects.get(verb="removed finding")
    assert event.before["text"] == "Was said."
    assert client.post(url).status_code == 404


def test_order_within_a_kind(client: Any, assessment: Any, find: Callable[..., Finding]) -> None:
    a, between, b = find("A"), find("X", kind="positive practice"), find("B")
    move = reverse("finding-move", args=[assessment.pk, b.pk])
    assert client.post(move, {"to": "up"}).status_code == 303
    order = list(Finding.objects.order_by("order").values_list("text", flat=True))
    assert order == ["B", "X", "A"]
    client.post(move, {"to": "up"})  # it is first already
    assert order == list(Finding.objects.order_by("order").values_list("text", flat=True))
    client.post(move, {"to": "down"})
    order = list(Finding.objects.order_by("order").values_list("pk", flat=True))
    assert order == [a.pk, between.pk, b.pk]
    assert AuditEvent.objects.filter(verb="ordered findings").count() == 2


def test_restricted_evidence_is_named_by_number_only(
    client_of: Any, user_with: Any, org: Any, assessment: Any, find: Callable[..., Finding]
) -> None:
    secret = item_of(assessment, title="Safeguarding case", confidentiality="restricted")
    find(evidence=[secret.pk])
    reader = client_of(user_with("reader", org))
    for route, args in (("theme", [THEME]), ("findings-list", []), ("kloe-judgement", [KLOE])):
        text = reader.get(reverse(route, args=[assessment.pk, *args])).content.decode()
        assert "Safeguarding case" not in text
        assert "E1" in text
    text = client_of(user_with("assessor", org)).get(reverse("findings-list", args=[assessment.pk]))
    assert "Safeguarding case" in text.content.decode()


def test_the_list_filters_sorts_and_pages(
    client: Any, assessment: Any, find: Callable[..., Finding], settings: Any
) -> None:
    find("Alpha")
    find("Beta", kind=IMPROVEMENT, priority="low", theme="wao-housing-2005/1.3/1")
    find("Gamma", kind=IMPROVEMENT, priority="high", theme="wao-housing-2005/1.3/2")
    url = reverse("findings-list", args=[assessment.pk])

    def listed(**query: str) -> list[str]:
        text = client.get(url, query).content.decode()
        places = {word: text.find(f"<p>{word}</p>") for word in ("Alpha", "Beta", "Gamma")}
        return sorted((w for w, n in places.items() if n >= 0), key=places.__getitem__)

    assert listed() == ["Alpha", "Beta", "Gamma"]
    assert listed(kind="strength") == ["Alpha"]
    assert listed(kloe="wao-housing-2005/1.3") == ["Beta", "Gamma"]
    assert listed(strand="diversity") == ["Gamma"]
    assert listed(priority="low") == ["Beta"]
    assert listed(q="amm") == ["Gamma"]
    assert listed(sort="priority") == ["Gamma", "Beta", "Alpha"]
    assert listed(sort="-theme") == ["Gamma", "Beta", "Alpha"]
    assert listed(kind="nonsense", sort="nonsense") == ["Alpha", "Beta", "Gamma"]
    settings.PAGE_SIZE = 2
    assert listed(page="2") == ["Gamma"]


def test_the_list_costs_the_same_however_long(
    client: Any, assessment: Any, find: Callable[..., Finding]
) -> None:
    url = reverse("findings-list", args=[assessment.pk])
    item = item_of(assessment)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    find(evidence=[item.pk])
    client.get(url)
    before = cost()
    for n in range(12):
        find(f"Finding {n}", evidence=[item.pk, item_of(assessment).pk])
    assert cost() == before
    assert before <= 10


@pytest.mark.parametrize("route", ["finding-add", "finding-edit", "finding-remove", "finding-move"])
def test_who_may_write(
    client_of: Any,
    user_with: Any,
    org: Any,
    other_org: Any,
    assessment: Any,
    find: Callable[..., Finding],
    route: str,
) -> None:
    for role in ("reader", "contributor", "assessor", "lead", "administrator"):
        target = THEME if route == "finding-add" else find(f"By {role}").pk
        url = reverse(route, args=[assessment.pk, target])
        status = client_of(user_with(role, org)).post(url, {}).status_code
        assert (status == 403) == (role in {"reader", "contributor"}), (role, status)
    assert client_of(user_with("lead", other_org)).post(url, {}).status_code == 404
    client = client_of(user_with("reader", org))
    assert client.get(reverse("findings-list", args=[assessment.pk])).status_code == 200


def test_a_finding_of_another_assessment_does_not_exist(
    client: Any, make_assessment: Any, find: Callable[..., Finding]
) -> None:
    row = find()
    other = make_assessment(title="Another")
    assert client.get(reverse("finding-edit", args=[other.pk, row.pk])).status_code == 404
    assert client.post(reverse("finding-remove", args=[other.pk, row.pk])).status_code == 404


def test_going_back_leads_nowhere_else(client: Any, assessment: Any) -> None:
    url = reverse("finding-add", args=[assessment.pk, THEME])
    for bad in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"):
        sent = {"kind": "strength", "text": f"Words {bad}", "next": bad}
        location = client.post(url, sent)["Location"]
        assert location.startswith(f"/assessments/{assessment.pk}/themes/")
