"""Moderation under bad input: each answer is a sentence, nothing is a crash, nothing is written."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from inspection_ground import Ground
from moderation_ground import THEME, last, make_moderation, proposed, routes

from kloe.assessment.permissions import Role
from kloe.web.moderation.models import Exemption, GivenFeedback, LimitOverride

CRITERION = "wao-housing-2005/1.2/3/account-set-up"
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"text": "\x00", "reason": "\x00", "words": "\x00"},
    {"text": "x" * 20_000, "reason": "x" * 20_000, "words": "x" * 20_000, "limit": "x" * 5000},
    {"seen": "9" * 30, "base_version": "9" * 30, "text": "Why?", "reason": "So."},
    {"seen": "½", "base_version": "½", "text": "Why?", "reason": "So."},
    {"write_id": "not-one", "text": "Why?", "reason": "So."},
    {"grade": "wonderful", "reasons": "So.", "decision": "perhaps", "limit": "../.."},
    {"client_at": "yesterday", "held_on": "31/02/2026", "spoke": "A", "heard": "B"},
    {
        "text": "<script>alert(1)</script>",
        "reason": "\u202e",
        "words": "\ud800".encode("utf-8", "replace"),
    },
)


@pytest.fixture
def ground(db: None) -> Ground:
    made = make_moderation()
    proposed(made)
    return made


def addresses(ground: Ground) -> dict[str, list[Any]]:
    found = routes(ground.assessment, THEME, CRITERION)
    a = ground.assessment.pk
    return found | {"feedback-new": [a], "feedback-waive": [a]}


@pytest.mark.parametrize("role", [Role.LEAD_INSPECTOR, Role.MODERATOR])
def test_no_body_is_a_crash(role: Role, ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[role])
    client.raise_request_exception = False
    before = last(ground)
    writes = addresses(ground)
    for name in ("feedback-show", "moderation-judgement"):
        del writes[name]
    for body in BODIES:
        for name, arguments in writes.items():
            answer = client.post(reverse(name, args=arguments), body)
            assert answer.status_code in {303, 400, 403, 404, 409, 422}, (name, body)
            assert b"Traceback" not in answer.content
    assert last(ground) == before
    assert not LimitOverride.objects.exists()
    assert not Exemption.objects.exists()
    assert not GivenFeedback.objects.exists()


@pytest.mark.parametrize(
    "subject",
    ["nothing", "wao-housing-2005/9.9/9", "wao-housing-2005/1.2/3/account-set-up", "x" * 300],
)
def test_what_is_not_judged_is_not_found(subject: str, ground: Ground, client_of: Any) -> None:
    a = ground.assessment.pk
    moderator = client_of(ground.people[Role.MODERATOR])
    lead = client_of(ground.people[Role.LEAD_INSPECTOR])
    assert moderator.get(reverse("moderation-judgement", args=[a, subject])).status_code == 404
    for name in ("moderation-ask", "moderation-agree", "limit-override", "moderation-reopen"):
        assert moderator.post(reverse(name, args=[a, subject]), {"text": "?"}).status_code == 404
    assert lead.post(reverse("judgement-propose", args=[a, subject]), {}).status_code == 404
    assert moderator.post(reverse("exemption-decide", args=[a, "x/y/z"])).status_code == 404
    for name in ("feedback-show", "feedback-edit"):
        assert lead.get(reverse(name, args=[a, uuid4()])).status_code == 404


def test_a_feedback_of_another_inspection_is_not_found(ground: Ground, client_of: Any) -> None:
    from datetime import date

    from kloe.web.inspections import actions
    from kloe.web.moderation.models import Feedback

    other = actions.create(
        organisation=ground.inspectorate, landlord="Another", kind="inspection",
        frameworks=["wao-housing-2005"], title="Another", period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31), by=ground.chief,
    )  # fmt: skip
    row = Feedback.objects.create(
        assessment=other, number=1, held_on=date(2026, 5, 1), spoke="A", heard="B"
    )
    client = client_of(ground.people[Role.LEAD_INSPECTOR])
    for name in ("feedback-show", "feedback-edit"):
        address = reverse(name, args=[ground.assessment.pk, row.pk])
        assert client.get(address).status_code == 404
    give = reverse("feedback-give", args=[ground.assessment.pk, row.pk])
    assert client.post(give, {"base_version": 1}).status_code == 404


def test_words_are_shown_as_words(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[Role.MODERATOR])
    client.post(
        reverse("moderation-ask", args=[ground.assessment.pk, THEME]),
        {"text": "<script>alert(1)</script>", "seen": last(ground)},
    )
    page = client.get(reverse("moderation-judgement", args=[ground.assessment.pk, THEME]))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()
