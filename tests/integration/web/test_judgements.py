"""Judging: first a person, then the rules; keeping, changing, dissenting; nobody written over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from judgement_ground import KLOE, LIMITED, PROSPECTS_KLOE, THEME, agree, judge, place, write

from kloe.assessment.suggestion import Suggestion
from kloe.core.errors import InvalidInput, NotFound
from kloe.web.assessments import actions as assessing
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Revision
from kloe.web.assessments.saving import StaleWrite
from kloe.web.audit.models import AuditEvent
from kloe.web.judgements import actions, queries
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.standing import grades
from kloe.web.library import store

pytestmark = pytest.mark.django_db
#: Words that only a suggestion brings into a page.
TELLING = (
    "Why not higher",
    "Why not lower",
    "What the rules make of it",
    "Suggested",
    "How it comes",
)


@pytest.fixture
def client(client_of: Callable[..., Any], lead: Any) -> Any:
    return client_of(lead)


def page(client: Any, name: str, assessment: Any, *args: str) -> str:
    response = client.get(reverse(name, args=[assessment.pk, *args]))
    assert response.status_code == 200
    return response.content.decode()


def leave_out(assessment: Any, themes: list[str], by: Any) -> None:
    assessing.set_scope(
        assessment=assessment, choices=dict.fromkeys(themes, (False, "Done by others.")), by=by
    )


# First a person ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "subject"),
    [
        ("theme", THEME),
        ("judgement", THEME),
        ("kloe-judgement", KLOE),
        ("overall-judgement", "service"),
    ],
)
def test_nothing_is_suggested_before_a_person_judged(
    client: Any, assessment: Any, pinned: Any, lead: Any, route: str, subject: str
) -> None:
    place(assessment, pinned, THEME, lead)
    for theme in pinned.kloe(KLOE).themes:
        if theme.id != subject:
            judge(assessment, pinned, theme.id, lead)
    text = page(client, route, assessment, subject)
    for words in TELLING:
        assert words not in text
    assert "provisional grade" in text
    judge(assessment, pinned, subject, lead)
    assert "What the rules make of it" in page(client, route, assessment, subject)


def test_the_fragment_gives_nothing_before_a_person_judged(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead)
    url = reverse("judgement-suggested", args=[assessment.pk, THEME])
    response = client.get(url)
    assert (response.status_code, response.content) == (204, b"")
    judge(assessment, pinned, THEME, lead)
    assert b"Excellent" in client.get(url).content


def test_the_suggestion_is_shown_with_profile_rule_and_reasons(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead, rung=1)
    judge(assessment, pinned, THEME, lead)
    text = page(client, "theme", assessment, THEME)
    for words in (
        "What the rules make of it",
        'class="spread"',
        "is the highest grade all of whose needs are met",
        "Why not higher",
        "Why not lower",
        pinned.leading.digest[:12],
    ):
        assert words in text


def test_below_least_coverage_there_are_counts_and_no_grade(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead, most=1)
    judge(assessment, pinned, THEME, lead)
    text = page(client, "theme", assessment, THEME)
    assert "No grade is suggested yet" in text
    assert "a grade is suggested from" in text
    assert "Why not higher" not in text
    # A person may still judge with reasons.
    row = agree(assessment, pinned, THEME, lead)
    assert (row.suggestion["grade"], row.suggestion["outcome"]) == (None, "")
    assert "No grade had been suggested" in page(client, "theme", assessment, THEME)


def test_deciding_waits_for_a_provisional_judgement(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    with pytest.raises(InvalidInput, match="no provisional judgement"):
        agree(assessment, pinned, THEME, lead)
    response = client.post(
        reverse("judgement-decide", args=[assessment.pk, THEME]),
        {"grade": "good", "reasons": "Typed words", "base_version": 0},
    )
    assert response.status_code == 422
    assert not Judgement.objects.exists()


# Then the rules ------------------------------------------------------------------------------


def test_what_was_suggested_is_stored_with_the_digest(
    assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead)
    row = judge(assessment, pinned, THEME, lead)
    row.refresh_from_db()
    stored = Suggestion.from_json(row.suggestion)
    assert (stored.grade, stored.digest) == ("excellent", pinned.leading.digest)


def test_keeping_and_changing_are_recorded(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead)
    judge(assessment, pinned, THEME, lead, grade="good")
    row = agree(assessment, pinned, THEME, lead, grade="excellent")
    assert row.suggestion["outcome"] == "kept"
    assert row.suggestion["provisional"] == "good"
    text = page(client, "theme", assessment, THEME)
    assert "It is the grade the rules suggested." in text
    assert "The provisional grade was “Good”" in text
    row = agree(assessment, pinned, THEME, lead, grade="good", base=1)
    assert (row.suggestion["outcome"], row.version) == ("changed", 2)
    text = page(client, "theme", assessment, THEME)
    assert "The rules had suggested “Excellent”" in text
    event = AuditEvent.objects.filter(verb="agreed judgement").order_by("id").last()
    assert event.after["suggestion"]["outcome"] == "changed"
    assert event.before["grade"] == "excellent"


def test_a_changed_placing_is_said_after_agreement(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead)
    judge(assessment, pinned, THEME, lead)
    agree(assessment, pinned, THEME, lead)
    assert "The placings have changed" not in page(client, "theme", assessment, THEME)
    place(assessment, pinned, THEME, lead, rung=2, most=2)
    text = page(client, "theme", assessment, THEME)
    assert "The placings have changed since this was agreed." in text
    assert "When it was agreed" in text
    # Agreed anew on the same grade and reasons, it rests on the placings of now.
    agree(assessment, pinned, THEME, lead, base=1)
    assert "The placings have changed" not in page(client, "theme", assessment, THEME)


def test_a_better_placing_never_lowers_what_is_shown(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    labels = {str(g.label): g.rank for g in pinned.leading.scales["service"].grades}
    judge(assessment, pinned, THEME, lead)
    ranks = []
    for rung in (3, 2, 1, 0):
        place(assessment, pinned, THEME, lead, rung=rung)
        url = reverse("judgement-suggested", args=[assessment.pk, THEME])
        head = client.get(url).content.decode().split("</p>")[0]
        ranks.append(next(rank for label, rank in labels.items() if label in head))
    assert ranks == sorted(ranks)
    assert ranks[-1] > ranks[0]


def test_limits_are_shown_with_their_source(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    limit = next(x for x in pinned.leading.rules.limits if x.caps_id == LIMITED)
    place(assessment, pinned, LIMITED, lead)
    ratings.rate(
        assessment=assessment,
        pinned=pinned,
        criterion=pinned.criterion(limit.of),
        position="worse",
        reason="Seen on two files.",
        write=write(lead, 1),
    )
    row = judge(assessment, pinned, LIMITED, lead, grade="excellent")
    assert row.suggestion["grade"] == "poor"
    text = page(client, "theme", assessment, LIMITED)
    assert str(limit.reason) in text
    assert str(limit.source) in text
    assert "without the limit" in text


# What is refused -----------------------------------------------------------------------------


def test_a_grade_outside_the_scale_is_refused(assessment: Any, pinned: Any, lead: Any) -> None:
    for grade in ("fair", "strong", "", "brilliant"):
        with pytest.raises(InvalidInput, match="no grade of this scale"):
            judge(assessment, pinned, THEME, lead, grade=grade)
    judge(assessment, pinned, f"{PROSPECTS_KLOE}/M1", lead, grade="strong")


def test_a_theme_out_of_scope_is_refused(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    leave_out(assessment, [THEME], lead)
    with pytest.raises(InvalidInput, match="left out of this assessment"):
        judge(assessment, pinned, THEME, lead)
    text = page(client, "theme", assessment, THEME)
    assert "This is left out of the assessment and is not judged." in text
    assert "judge/provisional" not in text


def test_a_kloe_with_main_questions_is_not_judged_itself(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    with pytest.raises(NotFound):
        judge(assessment, pinned, PROSPECTS_KLOE, lead)
    url = reverse("judgement-provisional", args=[assessment.pk, "wao-housing-2005/9.9"])
    assert client.post(url, {"grade": "good", "reasons": "x"}).status_code == 404


def test_faults_keep_what_was_typed(client: Any, assessment: Any) -> None:
    url = reverse("judgement-provisional", args=[assessment.pk, THEME])
    response = client.post(url, {"reasons": "Long <b>typed</b> words", "base_version": 0})
    text = response.content.decode()
    assert response.status_code == 422
    assert "Long &lt;b&gt;typed&lt;/b&gt; words" in text
    assert 'class="error-summary"' in text
    assert "Choose a grade." in text
    slug = subject_slug(THEME)
    assert f'href="#{slug}-provisional-grade_0"' in text
    assert f'id="{slug}-provisional-grade_0"' in text
    response = client.post(url, {"grade": "good", "reasons": "   ", "base_version": 0})
    assert response.status_code == 422
    assert "a grade does not stand without them" in response.content.decode()
    assert 'value="good"' in response.content.decode()
    assert "checked" in response.content.decode()


def subject_slug(identifier: str) -> str:
    return identifier.replace("/", "-").replace(".", "-")


def test_reasons_are_escaped(client: Any, assessment: Any, pinned: Any, lead: Any) -> None:
    evil = "<script>alert(1)</script> & so on"
    place(assessment, pinned, THEME, lead)
    judge(assessment, pinned, THEME, lead, reasons=evil)
    agree(assessment, pinned, THEME, lead, reasons=evil)
    for route in ("theme", "judgement"):
        text = page(client, route, assessment, THEME)
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text


# Saving --------------------------------------------------------------------------------------


def test_saving_leads_back_to_the_theme(client: Any, assessment: Any) -> None:
    url = reverse("judgement-provisional", args=[assessment.pk, THEME])
    response = client.post(url, {"grade": "good", "reasons": "On balance.", "base_version": 0})
    assert response.status_code == 303
    assert response["Location"] == reverse("theme", args=[assessment.pk, THEME]) + "#judgement"
    # Signing in again leads to the address by GET: it leads on and writes nothing.
    assert client.get(url).status_code == 303
    assert Judgement.objects.count() == 1


def test_two_writers_see_both_versions(
    client: Any, assessment: Any, pinned: Any, user_with: Any, org: Any
) -> None:
    other = user_with("lead", org)
    judge(assessment, pinned, THEME, other, grade="excellent", reasons="Theirs <i>first</i>.")
    url = reverse("judgement-provisional", args=[assessment.pk, THEME])
    mine = {"grade": "satisfactory", "reasons": "Mine, second.", "base_version": 0}
    response = client.post(url, mine)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Theirs &lt;i&gt;first&lt;/i&gt;." in text
    assert "Mine, second." in text
    assert str(other) in text
    assert Judgement.objects.get().grade == "excellent"
    # Chosen: mine over it, from the version shown.
    assert 'name="base_version" value="1"' in text
    assert client.post(url, mine | {"base_version": 1}).status_code == 303
    row = Judgement.objects.get()
    assert (row.grade, row.version) == ("satisfactory", 2)
    assert Revision.objects.filter(subject=f"{THEME}|provisional").count() == 2


def test_two_writers_of_the_agreed_grade(assessment: Any, pinned: Any, lead: Any) -> None:
    judge(assessment, pinned, THEME, lead)
    agree(assessment, pinned, THEME, lead, grade="good")
    with pytest.raises(StaleWrite):
        agree(assessment, pinned, THEME, lead, grade="excellent")


def test_the_same_write_twice_changes_nothing(assessment: Any, pinned: Any, lead: Any) -> None:
    once = write(lead)
    values = {"assessment": assessment, "pinned": pinned, "subject": THEME, "write": once}
    actions.save_provisional(**values, grade="good", reasons="On balance.")
    again = actions.save_provisional(**values, grade="good", reasons="On balance.")
    assert not again.changed
    assert Revision.objects.count() == 1


def test_history_tells_every_version(client: Any, assessment: Any, pinned: Any, lead: Any) -> None:
    place(assessment, pinned, THEME, lead)
    judge(assessment, pinned, THEME, lead, grade="good", reasons="First thoughts.")
    judge(assessment, pinned, THEME, lead, grade="excellent", reasons="Second thoughts.", base=1)
    agree(assessment, pinned, THEME, lead, grade="excellent", reasons="Agreed thoughts.")
    text = page(client, "judgement", assessment, THEME)
    for words in ("First thoughts.", "Second thoughts.", "Agreed thoughts."):
        assert words in text
    assert text.count("written after the suggestion was seen") == 1


# Dissent -------------------------------------------------------------------------------------


def test_dissent_is_recorded_with_name_and_reasons(
    client_of: Any, assessment: Any, pinned: Any, lead: Any, user_with: Any, org: Any
) -> None:
    assessor = user_with("assessor", org)
    theirs = client_of(assessor)
    url = reverse("judgement-dissent", args=[assessment.pk, THEME])
    words = {"grade": "satisfactory", "reasons": "The queue <b>is</b> long.", "base_version": 0}
    judge(assessment, pinned, THEME, lead)
    assert theirs.post(url, words).status_code == 422  # nothing agreed yet
    agree(assessment, pinned, THEME, lead, grade="good")
    assert theirs.post(url, words | {"grade": "good"}).status_code == 422  # the grade agreed
    assert theirs.post(url, words).status_code == 303
    text = page(client_of(lead), "theme", assessment, THEME)
    assert f"{assessor} dissents" in text
    assert "The queue &lt;b&gt;is&lt;/b&gt; long." in text
    assert grades(assessment, pinned)[THEME][0].key == "good"
    # Who agreed it does not dissent from it.
    assert client_of(lead).post(url, words).status_code == 422
    # Nobody withdraws another's dissent; withdrawn, it stays in the history.
    withdraw = reverse("judgement-withdraw", args=[assessment.pk, THEME])
    client_of(user_with("assessor", org)).post(withdraw)
    assert Judgement.objects.filter(stage="dissent").count() == 1
    assert theirs.post(withdraw).status_code == 303
    assert not Judgement.objects.filter(stage="dissent").exists()
    assert "withdrawn" in page(theirs, "judgement", assessment, THEME)
    assert theirs.post(url, words).status_code == 303
    assert Judgement.objects.filter(stage="dissent", by=assessor).count() == 1


# KLOE and overall ----------------------------------------------------------------------------


def test_a_kloe_is_judged_from_its_themes(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    for theme in pinned.kloe(KLOE).themes:
        judge(assessment, pinned, theme.id, lead, grade="good")
    row = judge(assessment, pinned, KLOE, lead, grade="satisfactory")
    assert row.suggestion["grade"] == "good"
    text = page(client, "kloe-judgement", assessment, KLOE)
    assert "the themes graded" in text
    agree(assessment, pinned, KLOE, lead, grade="good")
    judge(assessment, pinned, pinned.kloe(KLOE).themes[0].id, lead, grade="poor", base=1)
    text = page(client, "kloe-judgement", assessment, KLOE)
    assert "What this rests on has changed since it was agreed." in text


def test_the_overall_judgement_compares_by_rank(
    client_of: Any, make_assessment: Any, lead: Any
) -> None:
    both = make_assessment(frameworks=["wao-housing-2005", "hi-cross-cutting-2005"])
    pinned = store.pinned(both)
    leave_out(
        both, [t.id for t in pinned.themes() if "/32/" not in t.id and "/1.2/" not in t.id], lead
    )
    judge(both, pinned, "hi-cross-cutting-2005/32", lead, grade="fair")
    judge(both, pinned, KLOE, lead, grade="satisfactory")
    row = judge(both, pinned, "service", lead, grade="good")
    assert row.suggestion["grade"] == "satisfactory"
    text = page(client_of(lead), "overall-judgement", both, "service")
    assert "their grades compare by rank" in text
    assert "Fair" in text
    with pytest.raises(InvalidInput):
        judge(both, pinned, "prospects", lead, grade="strong")


def test_grades_prefer_what_is_agreed(
    assessment: Any, pinned: Any, lead: Any, django_assert_num_queries: Any
) -> None:
    judge(assessment, pinned, THEME, lead, grade="good")
    judge(assessment, pinned, KLOE, lead, grade="poor")
    agree(assessment, pinned, THEME, lead, grade="excellent")
    Judgement.objects.create(
        assessment=assessment, subject=KLOE, stage="proposed", grade="satisfactory", reasons="x"
    )
    Judgement.objects.create(
        assessment=assessment, subject="service", stage="agreed", grade="no such", reasons="x"
    )
    with django_assert_num_queries(1):
        found = grades(assessment, pinned)
    assert {k: (g.key, stage) for k, (g, stage) in found.items()} == {
        THEME: ("excellent", "agreed"),
        KLOE: ("satisfactory", "proposed"),
    }


def test_the_list_of_judgements_sorts_and_filters(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    judge(assessment, pinned, THEME, lead, grade="good")
    judge(assessment, pinned, KLOE, lead, grade="poor")
    title = str(pinned.theme(THEME).title)
    url = reverse("judgements", args=[assessment.pk])
    text = client.get(url, {"stage": "provisional", "sort": "-grade"}).content.decode()
    body = text[text.index("<tbody>") :]
    assert body.index(title) < body.index(str(pinned.kloe(KLOE).title))
    assert body.count("<tr>") == 2
    text = client.get(url, {"kind": "kloe", "stage": "provisional"}).content.decode()
    assert title not in text[text.index("<tbody>") :]
    assert "Nothing fits this filter." in client.get(url, {"q": "zzz"}).content.decode()
    for sort in ("subject", "-stage", "by", "-when", "nonsense"):
        assert client.get(url, {"sort": sort}).status_code == 200


# Who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        ("judgement-provisional", {"lead", "administrator"}),
        ("judgement-decide", {"lead", "administrator"}),
        ("judgement-dissent", {"assessor", "lead", "administrator"}),
        ("judgement-withdraw", {"assessor", "lead", "administrator"}),
    ],
)
def test_who_may_judge(
    client_of: Any,
    user_with: Any,
    org: Any,
    other_org: Any,
    assessment: Any,
    route: str,
    allowed: Any,
) -> None:
    url = reverse(route, args=[assessment.pk, THEME])
    for role in ("reader", "contributor", "assessor", "lead", "administrator"):
        status = client_of(user_with(role, org)).post(url, {}).status_code
        assert (status != 403) == (role in allowed), (role, status)
    assert client_of(user_with("lead", other_org)).post(url, {}).status_code == 404


def test_readers_read_and_see_no_forms(
    client_of: Any, user_with: Any, org: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    place(assessment, pinned, THEME, lead)
    judge(assessment, pinned, THEME, lead)
    agree(assessment, pinned, THEME, lead)
    reader = client_of(user_with("reader", org))
    for route, args in (
        ("theme", [THEME]),
        ("judgement", [THEME]),
        ("kloe-judgement", [KLOE]),
        ("kloe-judgement", [PROSPECTS_KLOE]),
        ("overall-judgement", ["service"]),
        ("overall-judgement", ["prospects"]),
        ("judgements", []),
        ("findings-list", []),
    ):
        text = page(reader, route, assessment, *args)
        for writing in ("/judge/", "/findings/add/", "/weaknesses/add", "/factors/add"):
            assert writing not in text


# Cost ----------------------------------------------------------------------------------------


def test_the_theme_page_pays_three_queries(
    assessment: Any, pinned: Any, lead: Any, django_assert_num_queries: Any
) -> None:
    theme = pinned.theme(THEME)
    with django_assert_num_queries(2):
        queries.for_theme(assessment, pinned, theme)
    place(assessment, pinned, THEME, lead)
    judge(assessment, pinned, THEME, lead)
    agree(assessment, pinned, THEME, lead)
    for n in range(3):
        actions.add_finding(
            assessment=assessment,
            pinned=pinned,
            theme=THEME,
            kind="strength",
            text=f"Finding {n}",
            write=write(lead),
        )
    with django_assert_num_queries(3):
        queries.for_theme(assessment, pinned, theme)


def test_pages_cost_the_same_however_much_is_judged(
    client: Any, assessment: Any, pinned: Any, lead: Any
) -> None:
    pages = [
        reverse("judgements", args=[assessment.pk]),
        reverse("kloe-judgement", args=[assessment.pk, KLOE]),
        reverse("kloe-judgement", args=[assessment.pk, PROSPECTS_KLOE]),
        reverse("overall-judgement", args=[assessment.pk, "service"]),
        reverse("overall-judgement", args=[assessment.pk, "prospects"]),
    ]

    def costs() -> list[int]:
        found = []
        for url in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        return found

    def judge_some(kloe: str) -> None:
        for theme in pinned.kloe(kloe).themes:
            judge(assessment, pinned, theme.id, lead, grade="good" if kloe == KLOE else "raising")
            actions.add_finding(
                assessment=assessment,
                pinned=pinned,
                theme=theme.id,
                kind="area for improvement",
                priority="low",
                text="To mend",
                write=write(lead),
            )

    for subject in (KLOE, "service"):
        judge(assessment, pinned, subject, lead)
    for n in (1, 2, 3):
        judge(assessment, pinned, f"{PROSPECTS_KLOE}/M{n}", lead, grade="raising")
    judge(assessment, pinned, "prospects", lead, grade="raising")
    for kloe in (KLOE, PROSPECTS_KLOE):
        theme = pinned.kloe(kloe).themes[0]
        actions.add_finding(
            assessment=assessment,
            pinned=pinned,
            theme=theme.id,
            kind="area for improvement",
            priority="high",
            text="To mend",
            write=write(lead),
        )
    client.get(pages[0])
    before = costs()
    judge_some(KLOE)
    judge_some(PROSPECTS_KLOE)
    assert costs() == before
    assert max(before) <= 20
