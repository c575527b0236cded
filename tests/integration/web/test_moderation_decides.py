"""What a moderator decides besides grades: limits, what does not apply; and what is compared."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from inspection_ground import Ground
from judgement_ground import LIMITED, judge, write
from moderation_ground import THEME, agreed, last, make_moderation, pinned_of, placed, proposed

from kloe.assessment.permissions import Role
from kloe.assessment.positions import PLACINGS, Position
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import InvalidInput, NotFound
from kloe.web.access import fetch_assessment
from kloe.web.assessments import ratings
from kloe.web.assessments.saving import StaleWrite
from kloe.web.inspections import facts
from kloe.web.judgements.models import Finding, Judgement
from kloe.web.judgements.subjects import subject_of
from kloe.web.judgements.suggesting import suggest
from kloe.web.moderation import actions, comparing, exempting, queries
from kloe.web.moderation.models import Entry, Exemption, LimitOverride


@pytest.fixture
def ground(db: None) -> Ground:
    return make_moderation()


def limited(ground: Ground) -> Any:
    """A theme that a limit holds, proposed above it; gives the limit."""
    placed(ground, LIMITED, rung=3)
    proposed(ground, LIMITED, grade="excellent", reasons="All told.")
    pinned = pinned_of(ground)
    limits = suggest(ground.assessment, pinned, subject_of(pinned, LIMITED)).limits
    assert limits
    return limits[0]


def do(ground: Ground, act: Any, subject: str = LIMITED, **more: Any) -> Any:
    more.setdefault("seen", last(ground, subject))
    return act(
        assessment=ground.assessment, pinned=pinned_of(ground), subject=subject,
        write=write(ground.people[Role.MODERATOR]), **more,
    )  # fmt: skip


# Limits --------------------------------------------------------------------------------------


def test_a_limit_names_its_source_its_date_and_its_failing_fact(
    ground: Ground, client_of: Any
) -> None:
    limit = limited(ground)
    assert limit.since == timezone.localdate()
    assert str(limit.source)
    criterion = pinned_of(ground).criterion(limit.of)
    assert str(limit.title) == str(criterion.title)
    page = client_of(ground.people[Role.MODERATOR]).get(
        reverse("moderation-judgement", args=[ground.assessment.pk, LIMITED])
    )
    text = page.content.decode()
    for words in (str(limit.source), str(limit.stands), f"since {timezone.localdate().day} "):
        assert words in text, words


def test_a_grade_above_a_limit_is_agreed_only_when_the_moderator_overrides_it(
    ground: Ground,
) -> None:
    limit = limited(ground)
    with pytest.raises(InvalidInput, match="overrides the limit"):
        do(ground, actions.agree)
    made = do(ground, actions.override, limit=limit.id, reason="It was put right in May.")
    assert made.by == ground.people[Role.MODERATOR]
    assert made.applied["source"]
    assert made.applied["since"] == timezone.localdate().isoformat()
    do(ground, actions.agree)
    assert Judgement.objects.get(subject=LIMITED, stage="agreed").grade == "excellent"
    entry = Entry.objects.get(subject=LIMITED, act="overrode")
    assert (entry.limit, entry.text) == (limit.id, "It was put right in May.")


def test_an_override_is_for_one_fact_and_no_other(ground: Ground) -> None:
    limit = limited(ground)
    do(ground, actions.override, limit=limit.id, reason="Put right.")
    override = LimitOverride.objects.get()
    override.fact = override.fact | {"stands": "something else"}
    override.save()
    with pytest.raises(InvalidInput, match="overrides the limit"):
        do(ground, actions.agree)


def test_an_override_needs_a_limit_that_applies_and_a_reason(ground: Ground) -> None:
    limit = limited(ground)
    with pytest.raises(NotFound, match="applies"):
        do(ground, actions.override, limit="no-such-limit", reason="Why not.")
    with pytest.raises(InvalidInput, match="empty"):
        do(ground, actions.override, limit=limit.id, reason=" ")
    assert not LimitOverride.objects.exists()


def test_a_limit_holds_again_when_the_override_is_taken_back(ground: Ground) -> None:
    limit = limited(ground)
    with pytest.raises(NotFound):
        do(ground, actions.hold_again, limit=limit.id, reason="No.")
    do(ground, actions.override, limit=limit.id, reason="Put right.")
    do(ground, actions.hold_again, limit=limit.id, reason="It was not.")
    assert not LimitOverride.objects.exists()
    with pytest.raises(InvalidInput):
        do(ground, actions.agree)


def test_overriding_is_the_moderators_alone(ground: Ground, client_of: Any) -> None:
    limit = limited(ground)
    address = reverse("limit-override", args=[ground.assessment.pk, LIMITED])
    form = {"limit": limit.id, "reason": "Put right.", "seen": last(ground, LIMITED)}
    for role in (Role.LEAD_INSPECTOR, Role.INSPECTOR, Role.OBSERVER):
        assert client_of(ground.people[role]).post(address, form).status_code == 403
    moderator = client_of(ground.people[Role.MODERATOR])
    assert moderator.post(address, form | {"reason": ""}).status_code == 422
    assert moderator.post(address, form).status_code == 303
    page = moderator.get(
        reverse("moderation-judgement", args=[ground.assessment.pk, LIMITED])
    ).content.decode()
    assert "Overridden by" in page
    stale = moderator.post(address, form | {"reason": "Mine."})
    assert stale.status_code == 409
    assert "Mine." in stale.content.decode()
    assert "Put right." in stale.content.decode()


# Not applicable ------------------------------------------------------------------------------


def not_applicable(ground: Ground, n: int = 0, reason: str = "They have no such homes.") -> Any:
    pinned = pinned_of(ground)
    criterion = pinned.theme(THEME).criteria[n]
    row = ground.assessment.ratings.filter(criterion=criterion.id, author=None).first()
    ratings.rate(
        assessment=ground.assessment, pinned=pinned, criterion=criterion,
        position=Position.NOT_APPLICABLE.value, reason=reason,
        write=write(ground.people[Role.INSPECTOR], row.version if row else 0),
    )  # fmt: skip
    return criterion


def decide(ground: Ground, criterion: Any, decision: str, words: str = "", **more: Any) -> Any:
    more.setdefault("reason", "They have no such homes.")
    return exempting.decide(
        assessment=ground.assessment, criterion=criterion, decision=decision, words=words,
        write=write(ground.people[Role.MODERATOR], more.pop("base", 0)), **more,
    )  # fmt: skip


def test_what_is_said_not_to_apply_waits_is_agreed_or_refused(ground: Ground) -> None:
    first, second = not_applicable(ground, 0), not_applicable(ground, 1)

    def counted() -> tuple[int, int]:
        found = queries.facts_of(ground.assessment)
        return found["exemptions_open"], found["exemptions_refused"]

    assert counted() == (2, 0)
    decide(ground, first, "agreed")
    assert counted() == (1, 0)
    decide(ground, second, "refused", "Three homes are such.")
    assert counted() == (1, 1)
    order = queries.exempted(ground.assessment, pinned_of(ground))
    assert [x.decision for x in order] == ["refused", "agreed"]


def test_refused_it_counts_as_not_placed(ground: Ground) -> None:
    from kloe.assessment import stages

    criterion = not_applicable(ground)
    known = facts.gather(ground.inspection)
    assert known.criteria > 0
    full = {"criteria": 5, "placed": 5}
    assert stages.PLACED.holds(stages.Facts(**full))
    decide(ground, criterion, "refused", "They have.")
    more = facts.gather(ground.inspection).more
    assert not stages.PLACED.holds(stages.Facts(**full, more=more))
    assert "1 of 6" in str(stages.PLACED.missing(stages.Facts(**full, more=more)))
    assert not stages.EXEMPTED.holds(stages.Facts(more=more))
    place = PLACINGS[criterion.form][0].value
    ratings.rate(
        assessment=ground.assessment, pinned=pinned_of(ground), criterion=criterion,
        position=place, reason="Seen.", write=write(ground.people[Role.INSPECTOR], 1),
    )  # fmt: skip
    assert stages.EXEMPTED.holds(stages.Facts(more=queries.facts_of(ground.assessment)))


def test_a_reason_written_anew_waits_anew(ground: Ground) -> None:
    criterion = not_applicable(ground)
    decide(ground, criterion, "agreed")
    not_applicable(ground, reason="They sold them all in 2019.")
    assert queries.facts_of(ground.assessment)["exemptions_open"] == 1
    with pytest.raises(InvalidInput, match="rewrote its reason"):
        decide(ground, criterion, "agreed", base=1)
    decide(ground, criterion, "agreed", reason="They sold them\r\nall in 2019.", base=1)
    assert queries.facts_of(ground.assessment)["exemptions_open"] == 0


def test_it_is_refused_with_words_and_only_where_it_was_said(ground: Ground) -> None:
    criterion = not_applicable(ground)
    with pytest.raises(InvalidInput, match="without words"):
        decide(ground, criterion, "refused")
    with pytest.raises(InvalidInput, match="no decision"):
        decide(ground, criterion, "perhaps")
    with pytest.raises(NotFound, match="does not say"):
        decide(ground, pinned_of(ground).theme(THEME).criteria[2], "agreed")


def test_of_two_moderators_who_decide_at_once_one_sees_both(ground: Ground, client_of: Any) -> None:
    criterion = not_applicable(ground)
    decide(ground, criterion, "agreed", "True.")
    with pytest.raises(StaleWrite):
        decide(ground, criterion, "refused", "Not true.")
    answer = client_of(ground.people[Role.MODERATOR]).post(
        reverse("exemption-decide", args=[ground.assessment.pk, criterion.id]),
        {
            "decision": "refused", "words": "Not true.", "reason": "They have no such homes.",
            "base_version": 0,
        },
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "True." in page
    assert "Not true." in page
    assert 'name="reason" value="They have no such homes."' in page
    assert Exemption.objects.get().decision == "agreed"


def test_the_list_says_what_waits_and_only_moderators_decide(
    ground: Ground, client_of: Any
) -> None:
    criterion = not_applicable(ground)
    moderator, lead = (client_of(ground.people[r]) for r in (Role.MODERATOR, Role.LEAD_INSPECTOR))
    page = reverse("exemptions", args=[ground.assessment.pk])
    address = reverse("exemption-decide", args=[ground.assessment.pk, criterion.id])
    form = {"decision": "refused", "reason": "They have no such homes.", "words": ""}
    assert "1 waits for the moderator" in lead.get(page).content.decode()
    assert address not in lead.get(page).content.decode()
    assert lead.post(address, form).status_code == 403
    answer = moderator.post(address, form)
    assert answer.status_code == 422
    assert "without words" in answer.content.decode()
    assert moderator.post(address, form | {"words": "They have three."}).status_code == 303
    assert "They have three." in lead.get(page).content.decode()


# Comparing -----------------------------------------------------------------------------------


def earlier(ground: Ground, name: str, grade: str, *, stage: Stage = Stage.PUBLISHED) -> Any:
    """Another inspection by the same inspectorate, whose theme was agreed at a grade."""
    from kloe.web.inspections import actions as inspections
    from kloe.web.inspections.models import Inspection

    made = inspections.create(
        organisation=ground.inspectorate, landlord=name, kind="inspection",
        frameworks=["wao-housing-2005"], title=f"Inspection of {name}",
        period_start=date(2024, 4, 1), period_end=date(2025, 3, 31), by=ground.chief,
    )  # fmt: skip
    pinned = pinned_of(ground)
    judge(made, pinned, THEME, ground.chief, grade=grade)
    stored = suggest(made, pinned, subject_of(pinned, THEME)).to_json()
    Judgement.objects.create(
        assessment=made, subject=THEME, stage="agreed", grade=grade, reasons="Then.",
        suggestion=stored, by=ground.chief,
    )  # fmt: skip
    for kind, text in (("strength", f"{name} does well."), ("area for improvement", "Slow.")):
        Finding.objects.create(
            assessment=made, theme=THEME, kind=kind, text=text,
            number=Finding.objects.filter(assessment=made).count() + 1,
        )  # fmt: skip
    Inspection.objects.filter(assessment=made).update(stage=stage.value)
    return made


def groups(ground: Ground, role: Role = Role.MODERATOR, grade: str = "good") -> dict[str, Any]:
    from kloe.assessment.permissions import Permission

    access = fetch_assessment(ground.people[role], ground.assessment.pk, Permission.ASSESSMENT_VIEW)
    subject = subject_of(pinned_of(ground), THEME)
    return {g.where: g for g in comparing.beside(access, subject, subject.grade(grade))}


def test_earlier_inspections_with_the_same_grade_and_its_neighbours_stand_beside(
    ground: Ground,
) -> None:
    for name, grade in (("Alpha", "good"), ("Beta", "excellent"), ("Gamma", "satisfactory"),
                        ("Delta", "poor")):  # fmt: skip
        earlier(ground, name, grade)
    found = groups(ground)
    assert {w: [c.assessment.landlord.name for c in g.rows] for w, g in found.items()} == {
        "same": ["Alpha"], "up": ["Beta"], "down": ["Gamma"],
    }  # fmt: skip
    one = found["same"].rows[0]
    assert one.strengths == ["Alpha does well."]
    assert one.weaknesses == ["Slow."]
    assert "up" not in groups(ground, grade="excellent")


def test_nothing_under_way_is_compared_and_nothing_of_others(ground: Ground) -> None:
    from kloe.web.assessments.models import Assessment
    from kloe.web.organisations.models import Organisation

    earlier(ground, "Alpha", "good", stage=Stage.MODERATION)
    agreed(ground)
    assert not groups(ground)["same"].rows
    foreign = earlier(ground, "Beta", "good")
    assert len(groups(ground)["same"].rows) == 1
    others = Organisation.objects.create(name="Another inspectorate", kind="inspectorate")
    Assessment.objects.filter(pk=foreign.pk).update(organisation=others, conducted_by=others)
    assert not groups(ground)["same"].rows


def test_a_guest_compares_and_opens_only_what_is_open_to_them(ground: Ground) -> None:
    from kloe.web.organisations.models import Membership

    earlier(ground, "Alpha", "good")
    assert groups(ground)["same"].rows[0].url == ""
    Membership.objects.create(
        organisation=ground.inspectorate, user=ground.people[Role.MODERATOR], role="reader"
    )
    assert groups(ground)["same"].rows[0].url


def test_comparing_costs_the_same_however_many_there_are(
    ground: Ground, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        earlier(ground, f"Landlord {n}", "good")
    with django_assert_max_num_queries(4):
        found = groups(ground)["same"]
    assert len(found.rows) == comparing.MOST
    assert found.total == 5


def test_the_page_shows_them(ground: Ground, client_of: Any) -> None:
    earlier(ground, "Alpha", "good")
    proposed(ground, grade="good")
    page = client_of(ground.people[Role.MODERATOR]).get(
        reverse("moderation-judgement", args=[ground.assessment.pk, THEME])
    )
    assert "Alpha does well." in page.content.decode()
