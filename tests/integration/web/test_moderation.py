"""Moderation: proposed by those who lead, questioned and agreed by who did not propose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from inspection_ground import Ground
from judgement_ground import judge, write
from moderation_ground import (
    KLOE,
    THEME,
    agreed,
    last,
    make_moderation,
    pinned_of,
    placed,
    proposed,
)

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import InvalidInput, PermissionRefused
from kloe.web.assessments.models import Participation, Revision, ThemeWork
from kloe.web.assessments.saving import StaleWrite
from kloe.web.audit.models import AuditEvent
from kloe.web.inspections import facts
from kloe.web.judgements import actions as judgements
from kloe.web.judgements.models import Judgement
from kloe.web.moderation import actions, queries
from kloe.web.moderation.models import Entry
from kloe.web.moderation.talking import Overtaken


@pytest.fixture
def ground(db: None) -> Ground:
    return make_moderation()


def acts(ground: Ground, subject: str = THEME) -> list[str]:
    rows = Entry.objects.filter(assessment=ground.assessment, subject=subject)
    return list(rows.order_by("number").values_list("act", flat=True))


def stages(ground: Ground, subject: str = THEME) -> set[str]:
    rows = Judgement.objects.filter(assessment=ground.assessment, subject=subject)
    return set(rows.values_list("stage", flat=True))


def do(ground: Ground, act: Any, role: Role, subject: str = THEME, **more: Any) -> Any:
    """One of the acts of a discussion, by whoever has a role."""
    more.setdefault("seen", last(ground, subject))
    more.setdefault("write", write(ground.people[role]))
    return act(assessment=ground.assessment, pinned=pinned_of(ground), subject=subject, **more)


# Proposing -----------------------------------------------------------------------------------


def test_a_grade_goes_from_provisional_to_proposed_to_agreed(ground: Ground) -> None:
    placed(ground)
    proposed(ground, grade="good", reasons="Most of it is sound.")
    assert stages(ground) == {"provisional", "proposed"}
    do(ground, actions.ask, Role.MODERATOR, text="What of the arrears letters?")
    do(ground, actions.answer, Role.LEAD_INSPECTOR, text="All twelve were plain.")
    made = do(ground, actions.agree, Role.MODERATOR, text="Then I agree.").row
    assert stages(ground) == {"provisional", "proposed", "agreed"}
    assert (made.grade, made.reasons) == ("good", "Most of it is sound.")
    assert made.suggestion["proposed_by"] == str(ground.people[Role.LEAD_INSPECTOR].pk)
    assert made.suggestion["provisional"] == "good"
    assert acts(ground) == ["proposed", "asked", "answered", "agreed"]


def test_nothing_is_proposed_before_a_provisional_judgement(ground: Ground) -> None:
    with pytest.raises(InvalidInput, match="no provisional judgement"):
        actions.propose(
            assessment=ground.assessment, pinned=pinned_of(ground), subject=THEME, grade="good",
            reasons="Because.", write=write(ground.people[Role.LEAD_INSPECTOR]),
        )  # fmt: skip
    assert not Entry.objects.exists()


def test_in_an_inspection_nobody_agrees_alone(ground: Ground, client_of: Any) -> None:
    lead = ground.people[Role.LEAD_INSPECTOR]
    judge(ground.assessment, pinned_of(ground), THEME, lead)
    with pytest.raises(InvalidInput, match="nobody agrees a grade alone"):
        judgements.decide(
            assessment=ground.assessment, pinned=pinned_of(ground), subject=THEME, grade="good",
            reasons="I say so.", write=write(lead),
        )  # fmt: skip
    answer = client_of(lead).post(
        reverse("judgement-decide", args=[ground.assessment.pk, THEME]),
        {"grade": "good", "reasons": "I say so."},
    )
    assert answer.status_code == 422
    assert "I say so." in answer.content.decode()
    assert stages(ground) == {"provisional"}


def test_another_grade_is_proposed_with_what_made_one_change_it(ground: Ground) -> None:
    row = proposed(ground, grade="good")
    change = {
        "assessment": ground.assessment, "pinned": pinned_of(ground), "subject": THEME,
        "grade": "satisfactory", "reasons": "Too little.",
    }  # fmt: skip
    lead = ground.people[Role.LEAD_INSPECTOR]
    with pytest.raises(InvalidInput, match="nothing says why"):
        actions.propose(**change, write=write(lead, row.version))
    actions.propose(**change, why="The letters were not plain.", write=write(lead, row.version))
    entry = Entry.objects.get(assessment=ground.assessment, act="changed")
    assert (entry.before, entry.grade, entry.text) == (
        "good", "satisfactory", "The letters were not plain.",
    )  # fmt: skip
    actions.propose(**(change | {"reasons": "Far too little."}), write=write(lead, row.version + 1))
    assert acts(ground) == ["proposed", "changed", "reworded"]


def test_the_lead_of_a_theme_proposes_that_theme_and_no_other(
    ground: Ground, client_of: Any
) -> None:
    inspector = ground.people[Role.INSPECTOR]
    ThemeWork.objects.filter(assessment=ground.assessment, theme=THEME).update(lead=inspector)
    client = client_of(inspector)
    form = {"grade": "good", "reasons": "As seen."}

    def post(route: str, subject: str) -> int:
        address = reverse(route, args=[ground.assessment.pk, subject])
        return int(client.post(address, form).status_code)

    assert post("judgement-provisional", THEME) == 303
    assert post("judgement-propose", THEME) == 303
    for subject in (KLOE, "wao-housing-2005/1.2/4", "service"):
        assert post("judgement-provisional", subject) == 403
        assert post("judgement-propose", subject) == 403
    assert Judgement.objects.get(stage="proposed").by == inspector
    page = client.get(reverse("theme", args=[ground.assessment.pk, THEME])).content.decode()
    assert "Change the proposal" in page
    other = client.get(reverse("theme", args=[ground.assessment.pk, "wao-housing-2005/1.2/4"]))
    assert "Judge first" not in other.content.decode()


def test_of_two_who_propose_at_once_one_sees_both(ground: Ground, client_of: Any) -> None:
    proposed(ground, grade="good", reasons="The first.")
    address = reverse("judgement-propose", args=[ground.assessment.pk, THEME])
    answer = client_of(ground.people[Role.LEAD_INSPECTOR]).post(
        address,
        {"grade": "satisfactory", "reasons": "The second.", "why": "New.", "base_version": 0},
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The first." in page
    assert "The second." in page
    assert 'name="why"' in page
    assert Judgement.objects.get(stage="proposed").grade == "good"


# Agreeing ------------------------------------------------------------------------------------


def test_who_proposed_does_not_agree(ground: Ground, client_of: Any) -> None:
    row = proposed(ground)
    moderator = ground.people[Role.MODERATOR]
    Judgement.objects.filter(pk=row.pk).update(by=moderator)
    with pytest.raises(PermissionRefused, match="yourself"):
        do(ground, actions.agree, Role.MODERATOR)
    answer = client_of(moderator).post(
        reverse("moderation-agree", args=[ground.assessment.pk, THEME]), {"seen": last(ground)}
    )
    assert answer.status_code == 403
    assert stages(ground) == {"provisional", "proposed"}


def test_the_lead_inspector_does_not_agree(ground: Ground, client_of: Any) -> None:
    proposed(ground)
    answer = client_of(ground.people[Role.LEAD_INSPECTOR]).post(
        reverse("moderation-agree", args=[ground.assessment.pk, THEME]), {"seen": last(ground)}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("stage", [Stage.FIELDWORK, Stage.DRAFTING])
def test_grades_are_agreed_at_moderation_and_questioned_before(
    ground: Ground, stage: Stage
) -> None:
    proposed(ground)
    ground.at(stage)
    do(ground, actions.ask, Role.MODERATOR, text="Early, but why?")
    with pytest.raises(InvalidInput, match="The inspection is at"):
        do(ground, actions.agree, Role.MODERATOR)


def test_nothing_is_agreed_that_was_not_proposed(ground: Ground) -> None:
    judge(ground.assessment, pinned_of(ground), THEME, ground.people[Role.LEAD_INSPECTOR])
    with pytest.raises(InvalidInput, match="No grade is proposed"):
        do(ground, actions.agree, Role.MODERATOR)


def test_what_is_agreed_rests(ground: Ground) -> None:
    row = agreed(ground)
    with pytest.raises(InvalidInput, match="is agreed"):
        actions.propose(
            assessment=ground.assessment, pinned=pinned_of(ground), subject=THEME,
            grade="satisfactory", reasons="Not so.", why="Afterwards.",
            write=write(ground.people[Role.LEAD_INSPECTOR], 1),
        )  # fmt: skip
    with pytest.raises(InvalidInput, match="is agreed"):
        do(ground, actions.agree, Role.MODERATOR)
    row.refresh_from_db()
    assert row.grade == "good"


# Two moderators at once ----------------------------------------------------------------------


def test_of_two_moderators_at_once_one_sees_both(ground: Ground, client_of: Any) -> None:
    from kloe.web.accounts.models import User

    proposed(ground)
    second = User.objects.create_user("second@example.org", "a long password", name="Second")
    Participation.objects.create(assessment=ground.assessment, user=second, role="moderator")
    seen = last(ground)
    do(ground, actions.agree, Role.MODERATOR, text="Fine by me.", seen=seen)
    client = client_of(second)
    ask = reverse("moderation-ask", args=[ground.assessment.pk, THEME])
    answer = client.post(ask, {"text": "Why not fair?", "seen": seen})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Fine by me." in page
    assert "Why not fair?" in page
    assert acts(ground) == ["proposed", "agreed"]
    again = client.post(ask, {"text": "Why not fair?", "seen": last(ground)})
    assert again.status_code == 303
    assert acts(ground) == ["proposed", "agreed", "asked"]


def test_a_proposal_changed_meanwhile_is_not_agreed_unseen(ground: Ground) -> None:
    row = proposed(ground, grade="good")
    seen = last(ground)
    actions.propose(
        assessment=ground.assessment, pinned=pinned_of(ground), subject=THEME, grade="excellent",
        reasons="Better.", why="More came.",
        write=write(ground.people[Role.LEAD_INSPECTOR], row.version),
    )  # fmt: skip
    with pytest.raises(Overtaken) as overtaken:
        do(ground, actions.agree, Role.MODERATOR, seen=seen)
    assert [e.act for e in overtaken.value.since] == ["changed"]
    assert isinstance(overtaken.value, StaleWrite)
    assert "agreed" not in stages(ground)


@pytest.mark.parametrize("act", [actions.agree, actions.ask])
def test_what_is_proposed_at_the_very_moment_is_not_agreed_unseen(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, act: Any
) -> None:
    """As on PostgreSQL, where two write at once, between looking what was said and agreeing."""
    row = proposed(ground, grade="good")
    looked = actions.check_seen

    def looks(*args: Any) -> int:
        number = looked(*args)
        actions.propose(
            assessment=ground.assessment, pinned=pinned_of(ground), subject=THEME,
            grade="excellent", reasons="Better.", why="More came.",
            write=write(ground.people[Role.LEAD_INSPECTOR], row.version),
        )  # fmt: skip
        return number

    monkeypatch.setattr(actions, "check_seen", looks)
    with pytest.raises(Overtaken):
        do(ground, act, Role.MODERATOR, text="Fine by me.", seen=last(ground))
    assert "agreed" not in stages(ground)
    assert acts(ground) == ["proposed"]


def test_the_same_write_sent_twice_says_it_once(ground: Ground) -> None:
    proposed(ground)
    ask = write(ground.people[Role.MODERATOR])
    seen = last(ground)
    first = do(ground, actions.ask, Role.MODERATOR, text="Why?", write=ask, seen=seen)
    assert do(ground, actions.ask, Role.MODERATOR, text="Why?", write=ask, seen=seen) == first
    agree = write(ground.people[Role.MODERATOR])
    do(ground, actions.agree, Role.MODERATOR, write=agree, seen=last(ground))
    assert do(ground, actions.agree, Role.MODERATOR, write=agree, seen=2).replayed
    assert acts(ground) == ["proposed", "asked", "agreed"]


def test_the_discussion_is_append_only(ground: Ground) -> None:
    proposed(ground)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Entry.objects.update(text="Never said.")


def test_every_step_leaves_its_event_once(ground: Ground) -> None:
    from kloe.web.audit.wording import verb

    row = proposed(ground)
    do(ground, actions.ask, Role.MODERATOR, text="Why?")
    do(ground, actions.answer, Role.LEAD_INSPECTOR, text="So.")
    agree = do(ground, actions.agree, Role.MODERATOR).row
    actions.reopen(judgement=agree, reason="A challenge.", by=ground.people[Role.MODERATOR])
    events = AuditEvent.objects.filter(subject_id__startswith=row.subject).order_by("id")
    verbs = list(events.values_list("verb", flat=True))
    assert verbs == [
        "judged provisionally", "proposed judgement", "questioned judgement", "answered question",
        "agreed judgement", "took judgement back", "took judgement back", "opened judgement again",
    ]  # fmt: skip
    assert all(verb(v) != v or v == "judged provisionally" for v in verbs)


# Beginning anew ------------------------------------------------------------------------------


def test_opened_again_it_is_proposed_and_agreed_anew(ground: Ground) -> None:
    row = agreed(ground, grade="good")
    agreed(ground, KLOE, grade="good")
    agreed(ground, "service", grade="good")
    agreed(ground, "wao-housing-2005/1.2/4", grade="good")
    ground.at(Stage.FACTUAL_ACCURACY)
    by = ground.people[Role.LEAD_INSPECTOR]
    opened = actions.reopen(judgement=row, reason="Challenge 3 moves it.", by=by)
    assert set(opened) == {THEME, KLOE, "service"}
    assert opened[0] == THEME
    assert stages(ground) == {"provisional"}
    assert stages(ground, "wao-housing-2005/1.2/4") == {"provisional", "proposed", "agreed"}
    entry = Entry.objects.get(subject="service", act="reopened")
    assert "which was opened again" in entry.text
    assert "Challenge 3 moves it." in entry.text
    assert Entry.objects.get(subject=THEME, act="reopened").before == "good"
    ground.at(Stage.MODERATION)
    assert facts.gather(ground.inspection).overall_open
    made = _again(ground, "satisfactory")
    assert made.grade == "satisfactory"
    assert acts(ground) == ["proposed", "agreed", "reopened", "proposed", "agreed"]
    versions = Revision.objects.filter(subject_kind="judgement", subject__startswith=f"{THEME}|agr")
    assert [bool(v.values.get("withdrawn")) for v in versions.order_by("id")] == [
        False, True, False,
    ]  # fmt: skip


def _again(ground: Ground, grade: str) -> Any:
    actions.propose(
        assessment=ground.assessment, pinned=pinned_of(ground), subject=THEME, grade=grade,
        reasons="After the challenge.", write=write(ground.people[Role.LEAD_INSPECTOR]),
    )  # fmt: skip
    return do(ground, actions.agree, Role.MODERATOR).row


def test_only_what_was_proposed_or_agreed_is_opened_again_and_with_a_reason(
    ground: Ground,
) -> None:
    by = ground.people[Role.MODERATOR]
    first = judge(ground.assessment, pinned_of(ground), THEME, ground.people[Role.LEAD_INSPECTOR])
    with pytest.raises(InvalidInput, match="neither proposed nor agreed"):
        actions.reopen(judgement=first, reason="No.", by=by)
    row = agreed(ground, KLOE)
    with pytest.raises(InvalidInput, match="empty"):
        actions.reopen(judgement=row, reason="  ", by=by)
    ground.at(Stage.PUBLISHED)
    with pytest.raises(InvalidInput, match="The inspection is at"):
        actions.reopen(judgement=row, reason="Too late.", by=by)
    assert stages(ground, KLOE) >= {"agreed"}


def test_the_moderator_opens_again_from_the_page(ground: Ground, client_of: Any) -> None:
    agreed(ground)
    answer = client_of(ground.people[Role.MODERATOR]).post(
        reverse("moderation-reopen", args=[ground.assessment.pk, THEME]),
        {"reason": "A figure was wrong.", "seen": last(ground)},
    )
    assert answer.status_code == 303
    assert acts(ground)[-1] == "reopened"
    page = client_of(ground.people[Role.LEAD_INSPECTOR]).get(
        reverse("judgement", args=[ground.assessment.pk, THEME])
    )
    assert "withdrawn" in page.content.decode()


# Pages ---------------------------------------------------------------------------------------


def test_differences_stand_first_and_progress_is_counted(ground: Ground, client_of: Any) -> None:
    placed(ground, THEME, rung=0)
    placed(ground, "wao-housing-2005/1.2/4", rung=3)
    proposed(ground, THEME, grade="excellent")
    proposed(ground, "wao-housing-2005/1.2/4", grade="excellent")
    rows = queries.rows_of(ground.assessment, pinned_of(ground))
    by_id = {r.subject.id: r for r in rows}
    far = by_id["wao-housing-2005/1.2/4"]
    assert far.suggested is not None
    assert far.grade is not None
    assert far.differs == far.grade.rank - far.suggested.rank > 0
    assert queries.differences_first(rows)[0].subject.id == "wao-housing-2005/1.2/4"
    page = client_of(ground.people[Role.MODERATOR]).get(
        reverse("moderation", args=[ground.assessment.pk])
    )
    text = page.content.decode()
    assert text.index("1.2/4 ") < text.index("1.2/3 ")
    assert f"<strong>0 of {len(rows)}</strong>" in text


def test_the_page_of_a_grade_leads_on_and_back(ground: Ground, client_of: Any) -> None:
    client = client_of(ground.people[Role.MODERATOR])
    pk = ground.assessment.pk
    rows = queries.differences_first(queries.rows_of(ground.assessment, pinned_of(ground)))
    middle = rows[3].subject.id
    page = client.get(reverse("moderation-judgement", args=[pk, middle])).content.decode()
    for rel, row in (("prev", rows[2]), ("next", rows[4])):
        assert (
            f'rel="{rel}" href="{reverse("moderation-judgement", args=[pk, row.subject.id])}'
            in (page)
        )


def test_what_was_typed_comes_back_with_what_is_wrong(ground: Ground, client_of: Any) -> None:
    judge(ground.assessment, pinned_of(ground), THEME, ground.people[Role.LEAD_INSPECTOR])
    answer = client_of(ground.people[Role.MODERATOR]).post(
        reverse("moderation-ask", args=[ground.assessment.pk, THEME]),
        {"text": "x" * 10_001, "seen": 0},
    )
    assert answer.status_code == 422
    assert "10001 characters" in answer.content.decode()
    assert "x" * 10_001 in answer.content.decode()


@pytest.mark.parametrize(
    "body", [{"seen": "many"}, {"seen": "0", "write_id": "none"}, {"seen": "-1", "text": "Why?"}]
)
def test_a_form_that_cannot_be_read_is_refused(
    ground: Ground, client_of: Any, body: dict[str, str]
) -> None:
    proposed(ground)
    answer = client_of(ground.people[Role.MODERATOR]).post(
        reverse("moderation-ask", args=[ground.assessment.pk, THEME]), {"text": "Why?"} | body
    )
    assert answer.status_code in {409, 422}
    assert acts(ground) == ["proposed"]


def test_an_own_assessment_has_no_moderation(
    assessment: Any, lead: Any, pinned: Any, client_of: Any
) -> None:
    client = client_of(lead)
    assert client.get(reverse("moderation", args=[assessment.pk])).status_code == 404
    judge(assessment, pinned, THEME, lead)
    answer = client.post(
        reverse("judgement-propose", args=[assessment.pk, THEME]),
        {"grade": "good", "reasons": "Because."},
    )
    assert answer.status_code == 422
    assert not Entry.objects.exists()


def test_the_landlords_people_see_nothing_of_it(ground: Ground, client_of: Any) -> None:
    proposed(ground)
    client = client_of(ground.landlord_lead)
    for name, more in (("moderation", []), ("moderation-judgement", [THEME]), ("exemptions", [])):
        answer = client.get(reverse(name, args=[ground.assessment.pk, *more]))
        assert answer.status_code == 403


def test_pages_cost_the_same_however_much_was_said(
    ground: Ground, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    proposed(ground)
    client = client_of(ground.people[Role.MODERATOR])
    pages = [
        reverse("moderation", args=[ground.assessment.pk]),
        reverse("moderation-judgement", args=[ground.assessment.pk, THEME]),
    ]
    for page in pages:
        client.get(page)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    before = []
    for page in pages:
        with CaptureQueriesContext(connection) as seen:
            client.get(page)
        before.append(len(seen))
    for n in range(5):
        do(ground, actions.ask, Role.MODERATOR, text=f"Question {n}")
    proposed(ground, "wao-housing-2005/1.2/4")
    for page, n in zip(pages, before, strict=True):
        with django_assert_max_num_queries(n):
            client.get(page)
    assert max(before) <= 25


def test_what_waits_is_said_to_those_it_waits_for(ground: Ground) -> None:
    from kloe.web.moderation.waiting import waiting

    proposed(ground)
    moderator, lead = ground.people[Role.MODERATOR], ground.people[Role.LEAD_INSPECTOR]
    assert [w.left for w in waiting(moderator, [ground.assessment])] == ["1 grade proposed"]
    assert not list(waiting(lead, [ground.assessment]))
    do(ground, actions.ask, Role.MODERATOR, text="Why?")
    assert [w.left for w in waiting(lead, [ground.assessment])] == ["1 question to answer"]
    do(ground, actions.answer, Role.LEAD_INSPECTOR, text="So.")
    do(ground, actions.agree, Role.MODERATOR)
    assert not list(waiting(moderator, [ground.assessment]))
    assert not list(waiting(lead, [ground.assessment]))


def test_a_write_of_another_moment_is_no_replay(ground: Ground) -> None:
    proposed(ground)
    one = write(ground.people[Role.MODERATOR])
    do(ground, actions.ask, Role.MODERATOR, text="Why?", write=one)
    other = replace(one, id=write(one.by).id)
    do(ground, actions.ask, Role.MODERATOR, text="Why?", write=other)
    assert acts(ground) == ["proposed", "asked", "asked"]
