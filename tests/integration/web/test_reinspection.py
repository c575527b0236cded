"""A re-inspection beside the inspection it looks at again: page, report, scope; who sees it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from inspection_ground import THEME, Ground, make_ground

from kloe.assessment.comparison import Change, Level
from kloe.assessment.permissions import Role
from kloe.assessment.scope import Why
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.assessments.models import Rating
from kloe.web.indicators import scoping
from kloe.web.inspections import actions, again
from kloe.web.judgements.models import Judgement
from kloe.web.library import store
from kloe.web.reporting.actions import make
from kloe.web.reporting.snapshot import take

OTHER = "wao-housing-2005/1.2/4"


def place(assessment: Any, places: dict[str, str]) -> None:
    for criterion, position in places.items():
        Rating.objects.create(
            assessment=assessment, criterion=criterion, theme=criterion.rpartition("/")[0],
            position=position, reason="Seen.",
        )  # fmt: skip


def judge(assessment: Any, subject: str, grade: str) -> None:
    Judgement.objects.create(
        assessment=assessment, subject=subject, stage="agreed", grade=grade, reasons="Because."
    )


class Both:
    """The two inspections, with something better, something worse, something only then."""

    def __init__(self) -> None:
        self.ground: Ground = make_ground(title="Inspection 2024")
        first = self.ground.assessment
        theme = store.pinned(first).theme(THEME)
        self.pairs = [c.id for c in theme.criteria if c.form == "paired"][:3]
        other = store.pinned(first).theme(OTHER).criteria[0].id
        place(first, dict(zip(self.pairs, ("lower", "upper", "between"), strict=False)))
        place(first, {other: "upper" if store.pinned(first).criterion(other).upper else "so"})
        judge(first, THEME, "satisfactory")
        judge(first, OTHER, "good")
        judge(first, "service", "satisfactory")
        self.earlier = first
        self.second = actions.create(
            organisation=self.ground.inspectorate, landlord=first.landlord, kind="re-inspection",
            frameworks=["wao-housing-2005"], title="Re-inspection 2026", again=first,
            period_start=date(2026, 4, 1), period_end=date(2027, 3, 31), by=self.ground.chief,
        )  # fmt: skip
        place(self.second, dict(zip(self.pairs, ("upper", "lower", "between"), strict=False)))
        self.second.themes.filter(theme=OTHER).update(in_scope=False, reason="Not again.")
        judge(self.second, THEME, "good")
        judge(self.second, "service", "satisfactory")

    def publish(self) -> None:
        self.ground.at(Stage.PUBLISHED)


@pytest.fixture
def both(db: None) -> Both:
    return Both()


def rows_of(page: str) -> list[list[str]]:
    """The words of each row of the last table of a page."""
    body = page.rpartition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", c).split()) for c in re.split(r"<t[hd][^>]*>", row)[1:]]
        for row in body.split("<tr")[1:]
    ]


def ask(client_of: Any, person: Any, assessment: Any, **asked: str) -> Any:
    return client_of(person).get(reverse("comparison", args=[assessment.pk]), asked)


def test_grades_then_and_now(both: Both, client_of: Any) -> None:
    answer = ask(client_of, both.ground.chief, both.second)
    assert answer.status_code == 200
    page = answer.content.decode()
    rows = {r[0].split(" ")[0]: r for r in rows_of(page)}
    assert "Satisfactory" in rows["1.2/3"][1]
    assert "Good" in rows["1.2/3"][2]
    assert "Better" in rows["1.2/3"][3]
    assert "Not looked at again" in rows["1.2/4"][3]
    overall = next(r for r in rows_of(page) if "The service" in r[0])
    assert "Same" in overall[3]
    assert "Inspection 2024" in page
    # On a phone what became of nothing is left out, and the rest has its words beside it.
    assert re.search(r'<td class="n" data-label="Better"><a [^>]*>1</a>', page)
    assert '<td class="n none" data-label="Worse">–</td>' in page


def test_criteria_filtered_and_sorted(both: Both, client_of: Any) -> None:
    def titles(**asked: str) -> list[str]:
        page = ask(client_of, both.ground.chief, both.second, **asked).content.decode()
        return [" ".join(r) for r in rows_of(page)]

    criteria = [str(store.pinned(both.second).criterion(c).title) for c in both.pairs]
    better = titles(level="criterion", change="better")
    assert len(better) == 1
    assert criteria[0] in better[0]
    worse = titles(level="criterion", change="worse", kloe="1.2")
    assert len(worse) == 1
    assert criteria[1] in worse[0]
    by_change = [t for t in titles(level="criterion", kloe="1.2", sort="change") if t]
    words = ["Better", "Same", "Worse", "Not looked at again", "Cannot be told"]
    first = [next((n for n, w in enumerate(words) if w in t), 9) for t in by_change]
    assert first == sorted(first)
    assert titles(sort="-title") == list(reversed(titles(sort="title")))
    # What the address should not say is left out.
    assert titles(level="nothing", change="x'; --", sort="-nothing", page="-3") == titles()


def test_whoever_does_not_see_both_sees_no_comparison(both: Both, client_of: Any) -> None:
    from django.contrib.auth import get_user_model

    from kloe.web.inspections import team
    from kloe.web.inspections.models import Inspection

    new = get_user_model().objects.create_user("new@example.org", "a long password", name="New")
    inspection = Inspection.objects.get(assessment=both.second)
    team.join(inspection=inspection, person=new, role="inspector", by=both.ground.chief)
    # In the team of this one, with no part in the other.
    assert client_of(new).get(reverse("inspection", args=[both.second.pk])).status_code == 200
    assert ask(client_of, new, both.second).status_code == 404
    # In the other and not in this one.
    inspector = both.ground.people[Role.INSPECTOR]
    assert ask(client_of, inspector, both.second).status_code == 404
    team.join(inspection=inspection, person=inspector, role="inspector", by=both.ground.chief)
    assert ask(client_of, inspector, both.second).status_code == 200
    # The landlord's people see neither's ratings.
    landlord = both.ground.people[Role.LANDLORD_LEAD]
    team.join(inspection=inspection, person=landlord, role="landlord's lead", by=both.ground.chief)
    assert ask(client_of, landlord, both.second).status_code == 403


def test_an_inspection_that_looks_at_nothing_again(both: Both, client_of: Any) -> None:
    answer = ask(client_of, both.ground.chief, both.earlier)
    assert answer.status_code == 404
    page = client_of(both.ground.chief).get(reverse("inspection", args=[both.earlier.pk]))
    assert reverse("comparison", args=[both.earlier.pk]) not in page.content.decode()
    page = client_of(both.ground.chief).get(reverse("inspection", args=[both.second.pk]))
    assert reverse("comparison", args=[both.second.pk]) in page.content.decode()


def test_few_queries_whatever_the_size(
    both: Both, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(both.ground.chief)
    address = reverse("comparison", args=[both.second.pk])
    client.get(address)
    with django_assert_max_num_queries(16):
        client.get(address, {"level": "criterion"})


def test_the_report_compares_with_what_is_published(both: Both) -> None:
    assert take(both.second).comparison is None
    assert b"Compared with the last inspection" not in make(both.second, format="html")
    both.publish()
    found = take(both.second).comparison
    assert found is not None
    # Counted again from the rows of the database.
    then = dict(Rating.objects.filter(assessment=both.earlier).values_list("criterion", "position"))
    now = dict(Rating.objects.filter(assessment=both.second).values_list("criterion", "position"))
    order = ["worse", "lower", "between", "upper"]
    steps = {c: order.index(now[c]) - order.index(then[c]) for c in then.keys() & now}
    assert {r.subject: r.steps for r in found.of(Level.CRITERION) if r.steps is not None} == steps
    assert sorted(steps.values()) == [-2, 0, 2]
    counts = found.counts(Level.CRITERION)
    assert (counts[Change.BETTER], counts[Change.WORSE], counts[Change.SAME]) == (1, 1, 1)
    page = make(both.second, format="html").decode()
    assert "Compared with the last inspection" in page
    assert "Inspection 2024" in page
    # The first inspection's own report does not look back.
    assert take(both.earlier).comparison is None
    pdf = make(both.second, format="pdf", view="large")
    assert pdf.startswith(b"%PDF")


def test_the_proposal_takes_up_what_was_weak(
    both: Both, django_assert_max_num_queries: Any
) -> None:
    def points() -> dict[str, set[str]]:
        proposal = scoping.propose(both.second)
        return {t.theme: {r.why for r in t.reasons} for t in proposal.themes}

    assert Why.LAST not in points()[THEME]
    both.publish()
    assert set(again.last_times(both.second)) == {THEME}
    found = points()
    assert Why.LAST in found[THEME]
    assert Why.LAST not in found[OTHER]
    with django_assert_max_num_queries(12):
        scoping.gather(both.second)
