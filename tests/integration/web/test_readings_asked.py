"""Blind second readings: what is proposed, the sample, who is asked, how it ends."""

from __future__ import annotations

from math import ceil
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from readings_ground import Readers, make_readers

from kloe.assessment.permissions import Role
from kloe.core.errors import InvalidInput, NotFound
from kloe.web.assessments.models import CriterionState, Rating
from kloe.web.readings import asking
from kloe.web.readings.models import BlindRequest, Calibration, Opening


@pytest.fixture
def readers(db: None) -> Readers:
    return make_readers()


def ask(readers: Readers, n: int, who: Any) -> list[BlindRequest]:
    return asking.ask(
        assessment=readers.assessment,
        pinned=readers.pinned,
        wanted={readers.theme.criteria[n].id: who.pk},
        by=readers.chief,
    )


def draw_all(readers: Readers) -> Calibration:
    return asking.draw(
        assessment=readers.assessment, pinned=readers.pinned, share=100, by=readers.chief
    )


def proposed(readers: Readers) -> dict[str, tuple[str, ...]]:
    return {
        p.criterion.id: p.reasons
        for t in asking.proposals(readers.assessment, readers.pinned)
        for p in t.proposals
    }


def test_a_limit_contests_and_samples_are_told_as_reasons(db: None, client_of: Any) -> None:
    readers = make_readers()
    limits = asking.limits_of(readers.pinned)
    assert limits
    carrying = next(iter(limits))
    theme = carrying.rpartition("/")[0]
    readers.assessment.themes.filter(theme=theme).update(
        lead=readers.lead, second=readers.second, in_scope=True
    )
    CriterionState.objects.create(
        assessment=readers.assessment, criterion=readers.theme.criteria[0].id,
        theme=readers.theme.id, contradicted=True,
    )  # fmt: skip
    found = proposed(readers)
    assert found[carrying] == (f"limit:{limits[carrying]}",)
    assert found[readers.theme.criteria[0].id] == ("contested:evidence",)
    assert readers.theme.criteria[1].id not in found
    page = client_of(readers.chief).get(reverse("readings-asked", args=[readers.assessment.pk]))
    said = page.content.decode()
    assert "Evidence contradicts itself." in said
    assert "It carries a limit:" in said


def test_the_sample_is_random_kept_and_drawn_again_from_its_seed(readers: Readers) -> None:
    frame = len(readers.theme.criteria)
    first = asking.draw(
        assessment=readers.assessment, pinned=readers.pinned, share=30, by=readers.chief
    )
    assert len(first.criteria) == ceil(frame * 30 / 100)
    assert first.sample["cases"] == frame
    again = asking.draw(
        assessment=readers.assessment, pinned=readers.pinned, share=30, by=readers.chief,
        seed=first.sample["seed"],
    )  # fmt: skip
    assert again.criteria == first.criteria
    assert Calibration.objects.count() == 2
    others = {
        tuple(
            asking.draw(
                assessment=readers.assessment, pinned=readers.pinned, share=30, by=readers.chief
            ).criteria
        )
        for _n in range(8)
    }
    assert len(others) > 1


@pytest.mark.parametrize("share", [0, 101, -3])
def test_a_share_is_between_one_and_a_hundred(readers: Readers, share: int) -> None:
    with pytest.raises(InvalidInput, match="share"):
        asking.draw(
            assessment=readers.assessment, pinned=readers.pinned, share=share, by=readers.chief
        )


def test_there_is_nothing_to_draw_once_all_is_open(readers: Readers, client_of: Any) -> None:
    readers.opened()
    with pytest.raises(InvalidInput, match="nothing to draw"):
        draw_all(readers)
    url = reverse("readings-draw", args=[readers.assessment.pk])
    client = client_of(readers.chief)
    assert client.post(url, {"share": "ten"}).status_code == 400
    page = client.get(reverse("readings-asked", args=[readers.assessment.pk])).content.decode()
    assert "Draw a sample above, or give themes a second reader" in page


def test_somebody_besides_the_readers_is_asked_and_sees_nothing_else(
    readers: Readers, client_of: Any
) -> None:
    draw_all(readers)
    asked = readers.theme.criteria[2]
    ask(readers, 2, readers.third)
    readers.rate(readers.lead, 2, readers.best(2), "Said by the lead.")
    client = client_of(readers.third)
    page = client.get(reverse("theme", args=[readers.assessment.pk, readers.theme.id]))
    said = page.content.decode()
    assert said.count('<fieldset class="ladder') == 1
    assert f"rate/{asked.id}?own=1" in said
    assert "Said by the lead." not in said
    values = {"position": readers.placing(2, 1), "reason": "Seen blind.", "base_version": 0}
    url = reverse("rate", args=[readers.assessment.pk, asked.id])
    assert client.post(url, values, headers={"X-Kloe-Write": "1"}).status_code == 200
    other = reverse("rate", args=[readers.assessment.pk, readers.theme.criteria[0].id])
    assert client.post(other, values, headers={"X-Kloe-Write": "1"}).status_code == 403
    assert Rating.objects.get(author=readers.third).reason == "Seen blind."


def test_a_theme_waits_for_those_asked_besides(readers: Readers) -> None:
    draw_all(readers)
    ask(readers, 2, readers.third)
    for who in (readers.lead, readers.second):
        readers.rate(who, 0, readers.best(0))
        assert not readers.done(who)
    with pytest.raises(InvalidInput, match="Not rated yet"):
        readers.done(readers.third)
    readers.rate(readers.third, 2, readers.best(2))
    assert readers.done(readers.third)
    assert Opening.objects.get().by is None


def test_a_second_reader_may_be_asked_and_then_has_to_rate_it(readers: Readers) -> None:
    draw_all(readers)
    readers.rate(readers.second, 0, readers.best(0))
    readers.done(readers.second)
    ask(readers, 2, readers.second)
    # Being asked takes back that one was done.
    with pytest.raises(InvalidInput, match=str(readers.theme.criteria[2].title)):
        readers.done(readers.second)


def test_who_leads_the_theme_or_may_not_rate_is_not_asked(readers: Readers) -> None:
    draw_all(readers)
    with pytest.raises(InvalidInput, match="leads the theme"):
        ask(readers, 0, readers.lead)
    for role in (Role.SPECIALIST, Role.MODERATOR, Role.LANDLORD_LEAD, Role.TENANT_INSPECTOR):
        with pytest.raises(InvalidInput, match="may not rate"):
            ask(readers, 0, readers.ground.people[role])
    assert readers.third in asking.raters(readers.assessment)


def test_asked_is_what_is_proposed_once_of_each_and_as_long_as_it_is_hidden(
    readers: Readers,
) -> None:
    with pytest.raises(NotFound, match="No second reading is proposed"):
        ask(readers, 0, readers.third)
    draw_all(readers)
    assert len(ask(readers, 0, readers.third)) == 1
    assert ask(readers, 0, readers.third) == []
    assert len(ask(readers, 0, readers.second)) == 1
    row = BlindRequest.objects.filter(reader=readers.third).get()
    assert row.reasons == ["calibration sample"]
    readers.opened()
    with pytest.raises(NotFound):
        ask(readers, 1, readers.third)
    with pytest.raises(InvalidInput, match="are open"):
        asking.take_back(assessment=readers.assessment, pk=row.pk, by=readers.chief)


def test_pages_ask_draw_and_take_back(readers: Readers, client_of: Any) -> None:
    client, here = client_of(readers.chief), [readers.assessment.pk]
    assert client.post(reverse("readings-draw", args=here), {"share": "100"}).status_code == 303
    criterion = readers.theme.criteria[0].id
    url = reverse("readings-ask", args=here)
    assert client.post(url, {}).status_code == 400
    assert client.post(url, {"criterion": criterion}).status_code == 400
    asked = {"criterion": [criterion], f"reader:{readers.theme.id}": str(readers.third.pk)}
    assert client.post(url, asked).status_code == 303
    row = BlindRequest.objects.get()
    page = client.get(reverse("readings-asked", args=here)).content.decode()
    assert "It was drawn for calibration." in page
    assert Calibration.objects.get().sample["seed"] in page
    take = reverse("readings-take-back", args=[*here, row.pk])
    assert client_of(readers.third).post(take).status_code == 403
    assert client.post(take).status_code == 303
    assert client.post(take).status_code == 404
    gone = reverse("readings-take-back", args=[*here, uuid4()])
    assert client.post(gone).status_code == 404


def test_agreement_is_told_over_open_themes_alone(readers: Readers, client_of: Any) -> None:
    n = len(readers.theme.criteria)
    for k in range(n):
        readers.rate(readers.lead, k, readers.placing(k, 0))
        readers.rate(readers.second, k, readers.placing(k, 1 if k == 0 else 0))
    url = reverse("readings", args=[readers.assessment.pk])
    client = client_of(readers.third)
    assert "not computable: 0 of the 30 shared ratings" in client.get(url).content.decode()
    readers.opened()
    said = client.get(url).content.decode()
    assert f"not computable: {n} of the 30 shared ratings it needs" in said
    assert f"{n - 1} of {n} pairs" in said
