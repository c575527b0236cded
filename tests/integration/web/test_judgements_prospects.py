"""Prospects: weaknesses and what becomes of them, drivers, barriers, main questions answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from judgement_ground import PROSPECTS_KLOE, THEME, agree, judge, write

from kloe.core.errors import InvalidInput, NotFound
from kloe.web.assessments.models import Answer, Revision
from kloe.web.audit.models import AuditEvent
from kloe.web.judgements import actions
from kloe.web.judgements.models import Factor, Finding, Weakness
from kloe.web.library import store

pytestmark = pytest.mark.django_db
QUESTION = f"{PROSPECTS_KLOE}/M1"


@pytest.fixture
def client(client_of: Callable[..., Any], lead: Any) -> Any:
    return client_of(lead)


@pytest.fixture
def weak(assessment: Any, pinned: Any, lead: Any) -> Callable[..., Weakness]:
    def make(text: str = "Arrears letters threaten.", **answers: Any) -> Weakness:
        row: Weakness = actions.add_weakness(
            assessment=assessment, pinned=pinned, text=text, write=write(lead), **answers
        ).row
        return row

    return make


@pytest.fixture
def improvement(assessment: Any, pinned: Any, lead: Any) -> Finding:
    row: Finding = actions.add_finding(
        assessment=assessment,
        pinned=pinned,
        theme=THEME,
        kind="area for improvement",
        priority="high",
        text="Half of the letters are late.",
        write=write(lead),
    ).row
    return row


def page(client: Any, assessment: Any) -> str:
    response = client.get(reverse("overall-judgement", args=[assessment.pk, "prospects"]))
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def saving(client: Any, url: str, values: dict[str, Any]) -> Any:
    """As the script of the page sends it."""
    return client.post(url, values, headers={"X-Kloe-Write": "1", "Accept": "application/json"})


# Weaknesses ----------------------------------------------------------------------------------


def test_an_area_for_improvement_is_taken_over_with_one_press(
    client: Any, assessment: Any, improvement: Finding
) -> None:
    assert "Half of the letters are late." in page(client, assessment)
    url = reverse("weakness-take", args=[assessment.pk, improvement.pk])
    for _time in range(2):
        assert client.post(url).status_code == 303
    row = Weakness.objects.get()
    assert (row.text, row.serious, row.finding) == (improvement.text, True, improvement)
    assert "not taken over" not in page(client, assessment)
    # The finding may go; the weakness keeps its words.
    actions.remove_finding(assessment=assessment, finding=improvement, by=row.finding.by)
    row.refresh_from_db()
    assert (row.text, row.finding) == ("Half of the letters are late.", None)


def test_a_strength_is_not_taken_over(client: Any, assessment: Any, pinned: Any, lead: Any) -> None:
    strength = actions.add_finding(
        assessment=assessment,
        pinned=pinned,
        theme=THEME,
        kind="strength",
        text="Good",
        write=write(lead),
    ).row
    url = reverse("weakness-take", args=[assessment.pk, strength.pk])
    assert client.post(url).status_code == 400
    assert not Weakness.objects.exists()


def test_answers_are_saved_as_they_are_given(
    client: Any, assessment: Any, weak: Callable[..., Weakness]
) -> None:
    row = weak()
    url = reverse("weakness-edit", args=[assessment.pk, row.pk])
    sent = {"text": row.text, "known": "yes", "planned": "in part", "note": "", "base_version": 1}
    response = saving(client, url, sent | {"write_id": str(uuid4())})
    assert (response.status_code, response.json()["version"]) == (200, 2)
    assert response.json()["said"].startswith("Saved ")
    row.refresh_from_db()
    assert (row.known, row.planned, row.capacity, row.serious) == ("yes", "in part", "", False)
    # Without script the same form leads back to the page.
    response = client.post(url, sent | {"serious": "on", "base_version": 2})
    assert response.status_code == 303
    assert response["Location"].endswith(f"#weakness-{row.pk}")
    row.refresh_from_db()
    assert row.serious


def test_two_writers_of_a_weakness(
    client: Any, assessment: Any, weak: Callable[..., Weakness], user_with: Any, org: Any
) -> None:
    row = weak()
    actions.edit_weakness(
        assessment=assessment,
        weakness=row,
        values={"known": "no", "note": "Theirs <b>bold</b>"},
        write=write(user_with("lead", org), 1),
    )
    url = reverse("weakness-edit", args=[assessment.pk, row.pk])
    sent = {"text": row.text, "known": "yes", "note": "Mine", "base_version": 1}
    response = saving(client, url, sent)
    answer = response.json()
    assert (response.status_code, answer["version"]) == (409, 2)
    assert "Theirs &lt;b&gt;bold&lt;/b&gt;" in answer["html"]
    assert (answer["values"]["known"], answer["values"]["serious"]) == ("no", "")
    assert client.post(url, sent).status_code == 409
    row.refresh_from_db()
    assert (row.known, row.note) == ("no", "Theirs <b>bold</b>")


def test_faults_of_a_weakness_keep_what_was_typed(
    client: Any, assessment: Any, weak: Callable[..., Weakness]
) -> None:
    row = weak()
    url = reverse("weakness-edit", args=[assessment.pk, row.pk])
    response = client.post(url, {"text": " ", "note": "Typed note", "base_version": 1})
    text = response.content.decode()
    assert response.status_code == 422
    assert "Typed note" in text
    assert "Write the weakness." in text
    assert 'class="error-summary"' in text
    assert saving(client, url, {"text": ""}).status_code == 422
    response = client.post(
        reverse("weakness-add", args=[assessment.pk]), {"text": "", "note": "New note"}
    )
    assert response.status_code == 422
    assert "New note" in response.content.decode()
    response = client.post(
        reverse("weakness-add", args=[assessment.pk]), {"text": "New", "known": "perhaps"}
    )
    assert response.status_code == 422


def test_added_once_and_removed_with_a_trace(client: Any, assessment: Any) -> None:
    url = reverse("weakness-add", args=[assessment.pk])
    sent = {"text": "Own <script>words", "serious": "on", "write_id": str(uuid4())}
    for _time in range(2):
        assert client.post(url, sent).status_code == 303
    row = Weakness.objects.get()
    assert row.serious
    text = page(client, assessment)
    assert "Own &lt;script&gt;words" in text
    assert "<script>words" not in text
    client.post(reverse("weakness-remove", args=[assessment.pk, row.pk]))
    assert not Weakness.objects.exists()
    assert AuditEvent.objects.get(verb="removed weakness").before["text"] == "Own <script>words"


def test_unknown_answers_are_refused(weak: Callable[..., Weakness]) -> None:
    with pytest.raises(InvalidInput, match="has the answer"):
        weak(known="perhaps")


# The judgement -------------------------------------------------------------------------------


def test_weaknesses_hold_the_suggestion_down(
    client: Any, assessment: Any, pinned: Any, lead: Any, weak: Callable[..., Weakness]
) -> None:
    for n in (1, 2, 3):
        judge(assessment, pinned, f"{PROSPECTS_KLOE}/M{n}", lead, grade="strong")
    row = weak("They did not see it coming.", known="no", serious=True)
    text = page(client, assessment)
    assert "What the rules make of it" not in text
    judged = judge(assessment, pinned, "prospects", lead, grade="strong")
    assert judged.suggestion["grade"] == "weaknesses"
    text = page(client, assessment)
    rule = next(
        w
        for w in pinned.leading.rules.judgements["prospects"].weaknesses
        if w.id == "serious-weakness-not-known"
    )
    assert str(rule.reason) in text
    assert str(rule.source) in text
    agree(assessment, pinned, "prospects", lead, grade="raising")
    assert "has changed since" not in page(client, assessment)
    actions.edit_weakness(
        assessment=assessment, weakness=row, values={"known": "yes"}, write=write(lead, 1)
    )
    assert "What this rests on has changed since it was agreed." in page(client, assessment)


def test_without_all_main_questions_no_grade_is_suggested(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    judge(assessment, pinned, QUESTION, lead, grade="strong")
    judged = judge(assessment, pinned, "prospects", lead, grade="strong")
    assert judged.suggestion["grade"] is None
    text = page(client, assessment)
    assert "No grade is suggested yet" in text
    assert text.count("Judge it") == 2


def test_an_assessment_without_prospects_has_none(
    client: Any, make_assessment: Any, lead: Any
) -> None:
    other = make_assessment(frameworks=["hi-cross-cutting-2005"])
    url = reverse("overall-judgement", args=[other.pk, "prospects"])
    assert client.get(url).status_code == 404
    with pytest.raises(NotFound):
        actions.add_weakness(
            assessment=other, pinned=store.pinned(other), text="x", write=write(lead)
        )


# Drivers and barriers, main questions --------------------------------------------------------


def test_drivers_and_barriers(client: Any, assessment: Any) -> None:
    add = reverse("factor-add", args=[assessment.pk])
    for kind, words in (("driver", "A new director."), ("barrier", "An old contract.")):
        assert client.post(add, {"kind": kind, "text": words}).status_code == 303
    assert client.post(add, {"kind": "driver", "text": " "}).status_code == 422
    text = page(client, assessment)
    assert text.index("A new director.") < text.index("An old contract.")
    row = Factor.objects.get(kind="barrier")
    edit = reverse("factor-edit", args=[assessment.pk, row.pk])
    assert (
        saving(client, edit, {"text": "A contract to 2028.", "base_version": 1}).json()["version"]
        == 2
    )
    stale = saving(client, edit, {"text": "Mine.", "base_version": 1})
    assert stale.status_code == 409
    assert "A contract to 2028." in stale.json()["html"]
    assert client.post(edit, {"text": ""}).status_code == 422
    client.post(reverse("factor-remove", args=[assessment.pk, row.pk]))
    assert not Factor.objects.filter(kind="barrier").exists()
    assert AuditEvent.objects.filter(verb="removed barrier").count() == 1


def test_main_questions_are_answered_and_graded(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    url = reverse("main-question-answer", args=[assessment.pk, QUESTION])
    first = saving(client, url, {"text": "Re-let times <b>fell</b>.", "base_version": 0})
    assert first.json()["version"] == 1
    row = Answer.objects.get()
    assert (row.question, row.theme) == (QUESTION, PROSPECTS_KLOE)
    assert saving(client, url, {"text": "Mine.", "base_version": 0}).status_code == 409
    kloe = reverse("kloe-judgement", args=[assessment.pk, PROSPECTS_KLOE])
    for address in (kloe, reverse("overall-judgement", args=[assessment.pk, "prospects"])):
        assert "Re-let times &lt;b&gt;fell&lt;/b&gt;." in client.get(address).content.decode()
    judge(assessment, pinned, QUESTION, lead, grade="raising")
    text = client.get(kloe).content.decode()
    assert text.count("Provisional") >= 1
    for n in (1, 2, 3):
        question = pinned.kloe(PROSPECTS_KLOE).main_questions[n - 1]
        assert str(question.title) in text
        assert f'id="wao-housing-2005-2-10-M{n}"' in text
    wrong = reverse("main-question-answer", args=[assessment.pk, THEME])
    assert client.post(wrong, {"text": "x"}).status_code == 404
    assert Revision.objects.filter(subject_kind="answer").count() == 1


@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        ("weakness-add", {"lead", "administrator"}),
        ("factor-add", {"lead", "administrator"}),
        ("weakness-edit", {"lead", "administrator"}),
        ("weakness-remove", {"lead", "administrator"}),
        ("weakness-take", {"lead", "administrator"}),
        ("factor-edit", {"lead", "administrator"}),
        ("factor-remove", {"lead", "administrator"}),
        ("main-question-answer", {"contributor", "assessor", "lead", "administrator"}),
    ],
)
def test_who_may(
    client_of: Any,
    user_with: Any,
    org: Any,
    other_org: Any,
    assessment: Any,
    route: str,
    allowed: Any,
) -> None:
    if route == "main-question-answer":
        args = [QUESTION]
    else:
        args = [] if route.endswith("-add") else [str(uuid4())]
    url = reverse(route, args=[assessment.pk, *args])
    for role in ("reader", "contributor", "assessor", "lead", "administrator"):
        status = client_of(user_with(role, org)).post(url, {}).status_code
        assert (status != 403) == (role in allowed), (role, status)
    assert client_of(user_with("lead", other_org)).post(url, {}).status_code == 404
