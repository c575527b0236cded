"""Placing and answering: saved as made, replayed without harm, conflicts shown to both."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kloe.web.assessments.models import Answer, CriterionState, Rating, Revision
from kloe.web.audit.models import AuditEvent

CRITERION = "wao-housing-2005/1.2/3/account-set-up"
QUESTION = "wao-housing-2005/1.2/3/Q1"


@pytest.fixture
def criterion(pinned: Any) -> Any:
    return pinned.theme("wao-housing-2005/1.2/3").criteria[0]


def rate(client: Any, assessment: Any, criterion: Any, **values: Any) -> Any:
    data = {"position": "upper", "reason": "", "base_version": "0", "write_id": str(uuid4())}
    return client.post(
        reverse("rate", args=[assessment.pk, criterion.id]),
        {**data, **values},
        headers={"X-Kloe-Write": "1", "Accept": "application/json"},
    )


def test_a_placing_is_saved_said_and_traced(
    assessment: Any, criterion: Any, lead: Any, client_of: Any
) -> None:
    answer = rate(client_of(lead), assessment, criterion, reason="All twenty files show it.")
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert answer.json()["said"].startswith("Saved ")
    rating = Rating.objects.get(assessment=assessment, criterion=criterion.id, author=None)
    assert (rating.position, rating.reason) == ("upper", "All twenty files show it.")
    assert rating.theme == criterion.theme_id
    event = AuditEvent.objects.get(verb="rated")
    assert event.actor == lead.email
    assert event.after == {"position": "upper", "reason": "All twenty files show it."}
    state = CriterionState.objects.get(assessment=assessment, criterion=criterion.id)
    assert state.position == "upper"


def test_the_same_write_twice_changes_nothing(
    assessment: Any, criterion: Any, lead: Any, client_of: Any
) -> None:
    client, write = client_of(lead), str(uuid4())
    first = rate(client, assessment, criterion, write_id=write)
    events = AuditEvent.objects.count()
    second = rate(client, assessment, criterion, write_id=write)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["version"] == 1
    assert Revision.objects.filter(subject=criterion.id).count() == 1
    assert AuditEvent.objects.count() == events


def test_a_replay_after_a_newer_version_does_not_bring_the_old_one_back(
    assessment: Any, criterion: Any, lead: Any, client_of: Any
) -> None:
    client, write = client_of(lead), str(uuid4())
    rate(client, assessment, criterion, write_id=write)
    rate(client, assessment, criterion, position="lower", base_version="1")
    again = rate(client, assessment, criterion, write_id=write)
    assert again.status_code == 200
    assert Rating.objects.get(criterion=criterion.id).position == "lower"


def test_two_writers_the_later_sees_both_versions(
    assessment: Any, criterion: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    other = user_with("assessor", org)
    rate(client_of(lead), assessment, criterion, reason="Mine: all files.")
    late = rate(
        client_of(other), assessment, criterion, position="lower", reason="Two files lack it."
    )
    assert late.status_code == 409
    answer = late.json()
    assert "Mine: all files." in answer["html"]
    assert "Two files lack it." in answer["html"]
    assert answer["values"] == {"position": "upper", "reason": "Mine: all files."}
    assert Rating.objects.get(criterion=criterion.id).position == "upper"
    chosen = rate(
        client_of(other),
        assessment,
        criterion,
        position="lower",
        reason="Two files lack it.",
        base_version=str(answer["version"]),
    )
    assert chosen.status_code == 200
    assert Rating.objects.get(criterion=criterion.id).reason == "Two files lack it."


def test_without_javascript_the_conflict_is_a_page(
    assessment: Any, criterion: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    url = reverse("rate", args=[assessment.pk, criterion.id])
    assert client.post(url, {"position": "upper", "base_version": "0"}).status_code == 302
    late = client.post(url, {"position": "lower", "reason": "x & y", "base_version": "0"})
    assert late.status_code == 409
    assert "x &amp; y" in late.content.decode()
    assert 'name="base_version" value="1"' in late.content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"position": "met"}, "no position of this criterion"),
        ({"position": "not-applicable"}, "without a reason"),
        ({"reason": "x" * 20_001}, "20001 characters"),
        ({"write_id": "no uuid"}, "cannot be read"),
        ({"base_version": "-1"}, "cannot be read"),
        ({"base_version": "one"}, "cannot be read"),
    ],
)
def test_what_cannot_be_saved_is_refused_in_words(
    assessment: Any, criterion: Any, lead: Any, client_of: Any, values: dict[str, str], words: str
) -> None:
    answer = rate(client_of(lead), assessment, criterion, **values)
    assert answer.status_code == 400
    assert words in answer.json()["given"]
    assert not Rating.objects.exists()


def test_an_unknown_criterion_is_not_found(assessment: Any, lead: Any, client_of: Any) -> None:
    client = client_of(lead)
    for name in ("wao-housing-2005/1.2/3/no-such", "other/1.2/3/x", "x"):
        answer = client.post(reverse("rate", args=[assessment.pk, name]), {"position": "upper"})
        assert answer.status_code == 404


def test_undo_goes_back_one_version_and_can_be_undone(
    assessment: Any, criterion: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    rate(client, assessment, criterion, reason="first")
    rate(client, assessment, criterion, position="lower", reason="second", base_version="1")
    url = reverse("rate-undo", args=[assessment.pk, criterion.id])
    answer = client.post(url, {"base_version": "2"}, headers={"X-Kloe-Write": "1"})
    assert answer.status_code == 200
    assert answer.json()["values"] == {"position": "upper", "reason": "first"}
    assert Rating.objects.get(criterion=criterion.id).version == 3
    assert Revision.objects.filter(subject=criterion.id).count() == 3


def test_history_cannot_be_changed_even_by_sql(
    assessment: Any, criterion: Any, lead: Any, client_of: Any
) -> None:
    rate(client_of(lead), assessment, criterion)
    for statement in (
        "UPDATE assessments_revision SET version = 9",
        "UPDATE audit_auditevent SET actor = 'x'",
        "DELETE FROM audit_auditevent",
    ):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_saving_takes_the_same_few_statements_whatever_the_size(
    make_assessment: Any, lead: Any, client_of: Any
) -> None:
    """Fourteen at most, and the same with one framework as with two."""
    from kloe.web.library import store

    counts = []
    for frameworks in (["hi-cross-cutting-2005"], ["hi-cross-cutting-2005", "wao-housing-2005"]):
        assessment = make_assessment(frameworks=frameworks)
        theme = store.pinned(assessment).theme("hi-cross-cutting-2005/30/4")
        client = client_of(lead)
        for n, criterion in enumerate(theme.criteria[:6]):
            if n in {4, 5}:
                with CaptureQueriesContext(
                    connection,
                ) as seen:
                    assert rate(client, assessment, criterion).status_code == 200
                counts.append(len(seen))
            else:
                rate(client, assessment, criterion)
    assert len(set(counts)) == 1, counts
    # TestCase wraps each test in a transaction: its savepoint stands for BEGIN and COMMIT.
    assert counts[0] <= 14, counts


def test_answers_are_saved_and_an_empty_first_answer_is_not(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    url = reverse("answer", args=[assessment.pk, QUESTION])
    assert client.post(url, {"text": "", "base_version": "0"}).status_code == 302
    assert not Answer.objects.exists()
    saved = client.post(
        url, {"text": "Yes, since 2024.", "base_version": "0"}, headers={"X-Kloe-Write": "1"}
    )
    assert saved.json()["version"] == 1
    stale = client.post(url, {"text": "No.", "base_version": "0"}, headers={"X-Kloe-Write": "1"})
    assert stale.status_code == 409
    assert Answer.objects.get().text == "Yes, since 2024."


def test_a_detailed_question_is_answered_like_a_published_one(
    assessment: Any, pinned: Any, lead: Any, client_of: Any
) -> None:
    detailed = pinned.theme("wao-housing-2005/1.2/3").detailed_questions[0]
    url = reverse("answer", args=[assessment.pk, detailed.id])
    saved = client_of(lead).post(
        url, {"text": "On the day.", "base_version": "0"}, headers={"X-Kloe-Write": "1"}
    )
    assert saved.status_code == 200
    unknown = client_of(lead).post(
        reverse("answer", args=[assessment.pk, "wao-housing-2005/1.2/3/Q99"]), {"text": "x"}
    )
    assert unknown.status_code == 404


def test_an_ended_session_is_told_and_nothing_is_redirected_away(
    assessment: Any, criterion: Any, client: Any
) -> None:
    answer = rate(client, assessment, criterion)
    assert answer.status_code == 401
    assert not Rating.objects.exists()
