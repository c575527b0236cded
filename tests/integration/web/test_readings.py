"""Ratings people make for themselves: who writes what, when it opens, how the team agrees."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from readings_ground import Readers, make_readers

from kloe.assessment.permissions import Role
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.web.assessments.models import CriterionState, Rating
from kloe.web.audit.models import AuditEvent
from kloe.web.readings import actions, queries
from kloe.web.readings.models import Opening, RatingDissent

WRITES = {"X-Kloe-Write": "1", "Accept": "application/json"}


@pytest.fixture
def readers(db: None) -> Readers:
    return make_readers()


def save(
    client: Any,
    readers: Readers,
    n: int,
    position: str,
    base: int = 0,
    own: bool = True,
    **more: Any,
) -> Any:
    url = reverse("rate", args=[readers.assessment.pk, readers.theme.criteria[n].id])
    values = {"position": position, "reason": "", "base_version": base} | more
    return client.post(url + ("?own=1" if own else ""), values, headers=WRITES)


def url_of(readers: Readers, route: str = "reading") -> str:
    return reverse(route, args=[readers.assessment.pk, readers.theme.id])


# Rating for oneself --------------------------------------------------------------------------


def test_lead_and_second_reader_rate_for_themselves(readers: Readers, client_of: Any) -> None:
    for who, step in ((readers.lead, 0), (readers.second, 1)):
        assert save(client_of(who), readers, 0, readers.placing(0, step)).status_code == 200
    found = Rating.objects.filter(criterion=readers.theme.criteria[0].id)
    assert {(r.author_id, r.position) for r in found} == {
        (readers.lead.pk, readers.placing(0, 0)),
        (readers.second.pk, readers.placing(0, 1)),
    }
    assert not CriterionState.objects.filter(criterion=readers.theme.criteria[0].id).exists()


def test_nobody_else_rates_a_theme_read_by_two(readers: Readers, client_of: Any) -> None:
    for who in (readers.third, readers.chief, readers.ground.chief):
        assert save(client_of(who), readers, 0, readers.best(0), own=False).status_code == 403
    assert not Rating.objects.exists()


def test_the_team_is_not_rated_while_readers_rate_unseen(readers: Readers) -> None:
    """Whoever calls: the page, an import, the demonstration."""
    readers.rate(readers.lead, 0, readers.best(0))
    for who in (readers.lead, readers.second, readers.chief):
        with pytest.raises(PermissionRefused, match="read by two people"):
            readers.rate(who, 0, readers.best(0), team=True)
    assert not Rating.objects.filter(author=None).exists()
    readers.opened()
    readers.rate(readers.lead, 0, readers.best(0), team=True)
    with pytest.raises(InvalidInput, match="opened while you wrote"):
        readers.rate(readers.second, 0, readers.best(0))
    assert not Rating.objects.filter(author=readers.second).exists()


def test_the_team_rates_a_theme_with_one_reader_straight_away(readers: Readers) -> None:
    readers.assessment.themes.filter(theme=readers.theme.id).update(second=None)
    assert readers.rate(readers.lead, 0, readers.best(0), team=True).changed


def test_each_finds_their_own_rating_on_the_theme_page(readers: Readers, client_of: Any) -> None:
    readers.rate(readers.lead, 0, readers.placing(0, 0), "Said by the lead.")
    readers.rate(readers.second, 0, readers.placing(0, 1), "Said by the second.")
    url = url_of(readers, "theme")
    seen = client_of(readers.lead).get(url).content.decode()
    assert "Said by the lead." in seen
    assert "Said by the second." not in seen
    assert "You rate this theme for yourself" in seen
    assert "1 of" in seen
    seen = client_of(readers.third).get(url).content.decode()
    assert "Said by" not in seen
    assert 'name="position"' not in seen


def test_undo_goes_back_in_ones_own_rating_alone(readers: Readers, client_of: Any) -> None:
    readers.rate(readers.second, 0, readers.placing(0, 1), "Theirs.")
    readers.rate(readers.lead, 0, readers.placing(0, 0), "First.")
    readers.rate(readers.lead, 0, readers.placing(0, 2), "Second thoughts.", base=1)
    url = reverse("rate-undo", args=[readers.assessment.pk, readers.theme.criteria[0].id])
    answer = client_of(readers.lead).post(url + "?own=1", {"base_version": 2}, headers=WRITES)
    assert answer.json()["values"] == {"position": readers.placing(0, 0), "reason": "First."}
    assert Rating.objects.get(author=readers.second).reason == "Theirs."
    nothing = client_of(readers.third).post(url, {"base_version": 0}, headers=WRITES)
    assert nothing.status_code == 403


def test_two_windows_of_one_reader_conflict_with_each_other_alone(
    readers: Readers, client_of: Any
) -> None:
    readers.rate(readers.second, 0, readers.placing(0, 1), "Theirs.")
    client = client_of(readers.lead)
    assert save(client, readers, 0, readers.placing(0, 0), reason="One.").status_code == 200
    stale = save(client, readers, 0, readers.placing(0, 2), reason="Other.")
    assert stale.status_code == 409
    assert stale.json()["values"]["reason"] == "One."
    assert "Theirs." not in stale.content.decode()


def test_saving_stays_within_its_statements(readers: Readers, client_of: Any) -> None:
    client = client_of(readers.lead)
    save(client, readers, 0, readers.best(0))
    with CaptureQueriesContext(connection) as own:
        assert save(client, readers, 1, readers.best(1)).status_code == 200
    assert len(own) <= 14, len(own)
    readers.opened()
    save(client, readers, 0, readers.best(0), own=False)
    with CaptureQueriesContext(connection) as team:
        assert save(client, readers, 1, readers.best(1), own=False).status_code == 200
    assert len(team) <= 14, [q["sql"][:90] for q in team.captured_queries]


def test_a_theme_with_one_reader_is_rated_for_the_team_at_once(
    readers: Readers, client_of: Any
) -> None:
    readers.assessment.themes.filter(theme=readers.theme.id).update(second=None)
    assert save(client_of(readers.third), readers, 0, readers.best(0), own=False).status_code == 200
    assert Rating.objects.get().author is None


def test_self_assessments_stay_as_they_are(
    assessment: Any, pinned: Any, lead: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    """Even with a lead and a second named, the one rating is the team's."""
    theme = pinned.theme("wao-housing-2005/1.2/3")
    other = user_with("assessor", org)
    assessment.themes.filter(theme=theme.id).update(lead=lead, second=other)
    url = reverse("rate", args=[assessment.pk, theme.criteria[0].id])
    client_of(other).post(url, {"position": "upper", "base_version": 0}, headers=WRITES)
    assert Rating.objects.get().author is None
    assert client_of(lead).get(reverse("readings", args=[assessment.pk])).status_code == 404


# Being done, and opening ---------------------------------------------------------------------


def test_a_theme_opens_when_the_last_reader_is_done(readers: Readers, client_of: Any) -> None:
    for who in (readers.lead, readers.second):
        readers.rate(who, 0, readers.best(0))
    one, other = client_of(readers.lead), client_of(readers.second)
    one.post(url_of(readers, "reading-done"), {"done": "yes"})
    assert not Opening.objects.exists()
    # Who is done rests, until they take it back.
    assert save(one, readers, 1, readers.best(1)).status_code == 400
    one.post(url_of(readers, "reading-done"), {"done": "no"})
    assert save(one, readers, 1, readers.best(1)).status_code == 200
    one.post(url_of(readers, "reading-done"), {"done": "yes"})
    other.post(url_of(readers, "reading-done"), {"done": "yes"})
    assert Opening.objects.get().by is None
    refused = one.post(url_of(readers, "reading-done"), {"done": "no"})
    assert refused.status_code == 409


def test_who_rated_nothing_is_not_done(readers: Readers) -> None:
    with pytest.raises(InvalidInput, match="rated nothing"):
        readers.done(readers.lead)
    with pytest.raises(PermissionRefused, match="do not read"):
        readers.done(readers.third)


def test_the_inspections_lead_opens_early_for_a_reason(readers: Readers, client_of: Any) -> None:
    readers.rate(readers.lead, 0, readers.best(0), "Said by the lead.")
    url = url_of(readers, "reading-open")
    assert client_of(readers.lead).post(url, {"reason": "I want to"}).status_code == 403
    empty = client_of(readers.chief).post(url, {"reason": " "})
    assert empty.status_code == 422
    assert "No reason is given" in empty.content.decode()
    assert client_of(readers.chief).post(url, {"reason": "Time is short."}).status_code == 303
    assert Opening.objects.get().by == readers.chief
    again = client_of(readers.chief).post(url, {"reason": "Again"})
    assert again.status_code == 409
    seen = client_of(readers.second).get(url_of(readers)).content.decode()
    assert "Said by the lead." in seen
    assert "Time is short." in seen


def test_what_was_written_offline_before_is_not_taken_for_the_teams(
    readers: Readers, client_of: Any
) -> None:
    """A phone sends a reader's own rating after the theme was opened."""
    readers.opened()
    late = save(client_of(readers.lead), readers, 0, readers.best(0), own=True)
    assert late.status_code == 400
    assert "opened while you wrote" in late.json()["given"]
    assert not Rating.objects.exists()


# The team's rating ---------------------------------------------------------------------------


def test_theme_lead_and_lead_inspector_agree_the_rating(readers: Readers, client_of: Any) -> None:
    readers.rate(readers.lead, 0, readers.placing(0, 0))
    readers.rate(readers.second, 0, readers.placing(0, 1))
    readers.opened()
    for who in (readers.second, readers.third):
        refused = save(client_of(who), readers, 0, readers.best(0), own=False)
        assert refused.status_code == 403
    agreed = save(client_of(readers.lead), readers, 0, readers.placing(0, 0), own=False)
    assert agreed.status_code == 200
    changed = save(client_of(readers.chief), readers, 0, readers.placing(0, 1), 1, own=False)
    assert changed.status_code == 200
    team = Rating.objects.get(author=None)
    assert (team.position, team.updated_by) == (readers.placing(0, 1), readers.chief)
    # What was said by each stays as it was.
    assert Rating.objects.get(author=readers.lead).position == readers.placing(0, 0)


def test_what_all_gave_alike_is_agreed_in_one_press(readers: Readers, client_of: Any) -> None:
    same, differs, alone, unplaced = range(4)
    for who in (readers.lead, readers.second):
        readers.rate(who, same, readers.best(same), f"Because {who.name} saw it.")
        readers.rate(who, unplaced, "cannot-tell")
    readers.rate(readers.lead, differs, readers.placing(differs, 0))
    readers.rate(readers.second, differs, readers.placing(differs, 1))
    readers.rate(readers.lead, alone, readers.best(alone))
    early = client_of(readers.lead).post(url_of(readers, "reading-alike"), headers=WRITES)
    assert "not open" in early.json()["given"]
    readers.opened()
    assert client_of(readers.second).post(url_of(readers, "reading-alike")).status_code == 403
    client_of(readers.lead).post(url_of(readers, "reading-alike"))
    team = Rating.objects.get(author=None)
    assert team.criterion == readers.theme.criteria[same].id
    assert team.reason == f"Because {readers.lead.name} saw it."


def test_dissent_is_recorded_with_reason_and_name_and_stays(
    readers: Readers, client_of: Any
) -> None:
    criterion = readers.theme.criteria[0]
    readers.opened()
    url = reverse("rating-dissent", args=[readers.assessment.pk, criterion.id])
    second = client_of(readers.second)
    early = second.post(url, {"position": readers.best(0), "reason": "No."})
    assert early.status_code == 422
    assert "not rated this criterion yet" in early.content.decode()
    readers.rate(readers.lead, 0, readers.placing(0, 1), "Agreed.", team=True)
    page = second.post(url, {"position": readers.best(0), "reason": "  "})
    assert page.status_code == 422
    same = second.post(url, {"position": readers.placing(0, 1), "reason": "Kept words"})
    assert same.status_code == 422
    assert "Kept words" in same.content.decode()
    said = {"position": readers.best(0), "reason": "The files show more."}
    for _twice in range(2):
        assert second.post(url, said).status_code == 303
    row = RatingDissent.objects.get()
    assert (row.by, row.against) == (readers.second, readers.placing(0, 1))
    other = second.post(url, said | {"reason": "Something else."})
    assert other.status_code == 422
    with pytest.raises(InvalidInput, match="yourself"):
        actions.dissent(
            assessment=readers.assessment, criterion=criterion, position=readers.best(0),
            reason="x", by=readers.lead,
        )  # fmt: skip
    for route in ("theme", "reading"):
        assert (
            "The files show more."
            in client_of(readers.third).get(url_of(readers, route)).content.decode()
        )
    take = reverse("rating-dissent-withdraw", args=[readers.assessment.pk, row.pk])
    assert client_of(readers.lead).post(take).status_code == 404
    assert second.post(take).status_code == 303
    assert "The files show more." in second.get(url_of(readers)).content.decode()
    assert "The files show more." not in second.get(url_of(readers, "theme")).content.decode()


def test_actions_hold_what_views_ask(readers: Readers) -> None:
    theme = readers.pinned.theme("wao-housing-2005/1.2/2")
    with pytest.raises(InvalidInput, match="not read by two"):
        actions.done(assessment=readers.assessment, theme=theme, by=readers.lead)
    with pytest.raises(NotFound):
        actions.withdraw_dissent(assessment=readers.assessment, pk=uuid4(), by=readers.lead)
    readers.opened()
    with pytest.raises(Conflict, match="open already"):
        readers.done(readers.lead)


# Pages ---------------------------------------------------------------------------------------


def test_side_by_side_puts_the_widest_differences_first(readers: Readers, client_of: Any) -> None:
    apart = {0: (0, 0), 1: (0, 2), 2: (0, 1)}
    for n, (one, other) in apart.items():
        readers.rate(readers.lead, n, readers.placing(n, one))
        readers.rate(readers.second, n, readers.placing(n, other))
    readers.rate(readers.lead, 3, readers.best(3))
    readers.rate(readers.second, 3, "conflicting")
    readers.opened()
    found = queries.rows(readers.assessment, readers.theme, {})
    order = [readers.theme.criteria.index(r.criterion) for r in found]
    assert order[:4] == [1, 3, 2, 0]
    page = client_of(readers.third).get(url_of(readers), {"show": "differ"}).content.decode()
    assert page.count("side-by-side") == 3
    # Whoever agrees the rating has its keys, and is told them.
    assert 'id="keys"' not in page
    agreeing = client_of(readers.chief).get(url_of(readers)).content.decode()
    assert 'id="keys"' in agreeing
    assert "Add evidence" not in agreeing


def test_pages_take_a_fixed_number_of_queries(readers: Readers, client_of: Any) -> None:
    client = client_of(readers.lead)
    pages = [
        (reverse("readings", args=[readers.assessment.pk]), 14),
        (reverse("readings-asked", args=[readers.assessment.pk]), 20),
        (url_of(readers), 20),
        (url_of(readers, "theme"), 25),
        (reverse("home"), 25),
    ]
    few = [len_of(client, url) for url, _most in pages]
    for n in range(len(readers.theme.criteria)):
        for who in (readers.lead, readers.second):
            readers.rate(who, n, readers.best(n))
    full = [len_of(client, url) for url, _most in pages]
    assert full == few
    readers.opened()
    for (url, most), n in zip(pages, full, strict=True):
        assert max(n, len_of(client, url)) <= most, url


def len_of(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_what_waits_is_said_at_home_and_on_ones_own_page(readers: Readers, client_of: Any) -> None:
    mine = reverse("mine", args=[readers.assessment.pk])
    n = len(readers.theme.criteria)
    for who in (readers.lead, readers.second):
        for url in (reverse("home"), mine):
            assert f"{n} of {n} to rate for yourself" in client_of(who).get(url).content.decode()
    assert "to rate for yourself" not in client_of(readers.third).get(mine).content.decode()
    for k in range(n):
        readers.rate(readers.lead, k, readers.best(k))
    assert "say that you are done" in client_of(readers.lead).get(mine).content.decode()
    readers.opened()
    assert f"{n} ratings to agree" in client_of(readers.lead).get(mine).content.decode()
    assert "ratings to agree" not in client_of(readers.second).get(mine).content.decode()


def test_everything_leaves_its_event(readers: Readers) -> None:
    readers.rate(readers.lead, 0, readers.best(0))
    readers.done(readers.lead)
    actions.not_done(assessment=readers.assessment, theme=readers.theme, by=readers.lead)
    readers.opened()
    verbs = list(
        AuditEvent.objects.filter(assessment_id=readers.assessment.pk, subject_id__contains="1.2/3")
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert verbs[-4:] == [
        "rated for themselves", "finished reading", "took up reading again", "opened readings",
    ]  # fmt: skip


def test_after_moderation_nothing_moves(readers: Readers, client_of: Any) -> None:
    from kloe.assessment.vocabulary import InspectionStage as Stage

    readers.rate(readers.lead, 0, readers.best(0))
    readers.ground.at(Stage.FACTUAL_ACCURACY)
    client = client_of(readers.lead)
    assert save(client, readers, 1, readers.best(1)).status_code == 403
    assert client.post(url_of(readers, "reading-done")).status_code == 403
    landlord = client_of(readers.ground.people[Role.LANDLORD_LEAD])
    assert landlord.get(url_of(readers)).status_code == 403


def test_the_report_tells_how_far_readers_agreed_and_nothing_of_what_each_said(
    readers: Readers,
) -> None:
    from kloe.reports.document import build
    from kloe.web.reporting import snapshot

    readers.rate(readers.lead, 0, readers.placing(0, 0), "Words of the lead.")
    readers.rate(readers.second, 0, readers.placing(0, 1), "Words of the second.")
    readers.rate(readers.lead, 1, readers.best(1))
    readers.rate(readers.second, 1, "conflicting")
    assert snapshot.take(readers.assessment).readings.silent
    readers.opened()
    readers.rate(readers.lead, 0, readers.placing(0, 0), "The team's words.", team=True)
    actions.dissent(
        assessment=readers.assessment, criterion=readers.theme.criteria[0],
        position=readers.placing(0, 1), reason="Words of dissent.", by=readers.second,
    )  # fmt: skip
    taken = snapshot.take(readers.assessment)
    told = taken.readings
    assert (told.read, told.pairs, told.same, told.one_apart, told.mixed) == (1, 1, 0, 1, 1)
    assert told.dissents == 1
    assert type(taken).from_json(taken.to_json()) == taken
    document = repr(build(taken))
    assert "not computable: 1 of 30 shared ratings" in document
    assert "On 1 criterion somebody dissents" in document
    for words in ("Words of the lead", "Words of the second", "Words of dissent"):
        assert words not in document


def test_the_report_does_not_say_that_two_read_what_one_read(readers: Readers) -> None:
    from kloe.web.reporting import snapshot

    readers.rate(readers.lead, 0, readers.placing(0, 0), "Words of the lead.")
    actions.open_early(
        assessment=readers.assessment, theme=readers.theme, reason="Time.", by=readers.chief
    )
    assert Opening.objects.exists()
    assert snapshot.take(readers.assessment).readings.silent
