"""Passages offered to criteria, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kloe.assessment.permissions import Permission
from kloe.assessment.positions import Position
from kloe.core.errors import Conflict
from kloe.web.access import fetch_assessment
from kloe.web.audit.models import AuditEvent
from kloe.web.documents import passages
from kloe.web.documents.models import Passage
from kloe.web.evidence import actions, missing, storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.jobs.worker import run_waiting
from kloe.web.library.store import Pinned

pytestmark = pytest.mark.django_db

CRITERION = "wao-housing-2005/1.2/3/account-set-up"
SAID = (
    "Rent accounts are set up before the tenancy begins, and new tenants get a statement every "
    "quarter with what they owe and what benefits they may claim."
)


def upload(assessment: Any, by: Any, text: str, name: str = "a.txt", **more: Any) -> EvidenceItem:
    return actions.add_file(
        assessment=assessment,
        received=storage.receive(iter([text.encode()])),
        file_name=name,
        details=Details(**({"title": name} | more)),
        by=by,
    )


def offered(assessment: Any, user: Any, pinned: Any) -> list[passages.Shown]:
    access = fetch_assessment(user, assessment.pk, Permission.ASSESSMENT_VIEW)
    return passages.for_criterion(access, pinned.criterion(CRITERION))


@pytest.fixture
def rents(assessment: Any, lead: Any) -> EvidenceItem:
    item = upload(assessment, lead, f"Minutes of May.\x0c{SAID}")
    run_waiting()
    return item


def test_a_passage_is_offered_where_it_seems_to_speak(
    rents: EvidenceItem, assessment: Any, lead: Any, pinned: Any
) -> None:
    [one] = offered(assessment, lead, pinned)
    assert (one.item, one.page, one.where, one.text) == (rents, 2, "Page 2", SAID)


def test_an_accepted_passage_is_a_link_with_its_words(
    rents: EvidenceItem, assessment: Any, lead: Any, pinned: Any, client_of: Any
) -> None:
    [one] = offered(assessment, lead, pinned)
    descriptor = pinned.criterion(CRITERION).upper[0].id
    client = client_of(lead)
    answer = client.post(
        f"/assessments/{assessment.pk}/evidence/passages/{one.id}/accept",
        {"says": f"shows this|{descriptor}"},
    )
    assert answer.status_code == 303
    link = rents.links.get()
    assert (link.descriptor, link.direction) == (descriptor, "shows this")
    assert link.locator == f"Page 2: “{SAID}”"
    assert Passage.objects.get(pk=one.id).state == "accepted"
    assert offered(assessment, lead, pinned) == []
    run_again(assessment)
    assert offered(assessment, lead, pinned) == []


def run_again(assessment: Any) -> None:
    from kloe.core.progress import Silent
    from kloe.web.documents import indexing

    indexing.rebuild([assessment], by=None, again=True, progress=Silent())


def test_a_dismissed_passage_is_not_offered_again(
    rents: EvidenceItem, assessment: Any, lead: Any, pinned: Any, client_of: Any
) -> None:
    [one] = offered(assessment, lead, pinned)
    client = client_of(lead)
    address = f"/assessments/{assessment.pk}/evidence/passages/{one.id}"
    assert client.post(f"{address}/dismiss").status_code == 303
    assert AuditEvent.objects.filter(verb="dismissed passage").count() == 1
    run_again(assessment)
    assert offered(assessment, lead, pinned) == []
    # Nor are the same words in another file.
    upload(assessment, lead, f"Another day.\x0c{SAID}", "b.txt")
    run_waiting()
    assert offered(assessment, lead, pinned) == []
    descriptor = pinned.criterion(CRITERION).upper[0].id
    late = client.post(f"{address}/accept", {"says": f"shows this|{descriptor}"})
    assert late.status_code == 409
    with pytest.raises(Conflict):
        passages.accept(
            passage=Passage.objects.select_related("item__document").get(pk=one.id),
            descriptor=descriptor,
            direction="shows this",
            by=lead,
        )
    assert not rents.links.exists()


@pytest.mark.parametrize("says", ["", "shows this|nonsense", "maybe|{descriptor}", "|||"])
def test_a_passage_accepted_without_saying_what_it_shows_stays_offered(
    rents: EvidenceItem, assessment: Any, lead: Any, pinned: Any, client_of: Any, says: str
) -> None:
    [one] = offered(assessment, lead, pinned)
    descriptor = pinned.criterion(CRITERION).upper[0].id
    answer = client_of(lead).post(
        f"/assessments/{assessment.pk}/evidence/passages/{one.id}/accept",
        {"says": says.format(descriptor=descriptor)},
    )
    assert answer.status_code == 400
    assert len(offered(assessment, lead, pinned)) == 1


def test_passages_of_restricted_evidence_are_offered_to_those_who_see_it(
    assessment: Any, org: Any, lead: Any, pinned: Any, user_with: Any, client_of: Any
) -> None:
    upload(assessment, lead, SAID, confidentiality="restricted")
    run_waiting()
    other = user_with("contributor", org)
    assert len(offered(assessment, lead, pinned)) == 1
    assert offered(assessment, other, pinned) == []
    passage = Passage.objects.get(criterion=CRITERION)
    address = f"/assessments/{assessment.pk}/evidence/passages/{passage.pk}/dismiss"
    assert client_of(other).post(address).status_code == 404


def test_the_panel_shows_them_in_one_query_more(
    rents: EvidenceItem,
    assessment: Any,
    lead: Any,
    client_of: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(lead)
    address = f"/assessments/{assessment.pk}/evidence/for/{CRITERION}"
    client.get(address)
    with django_assert_max_num_queries(13) as one:
        said = client.get(address).content.decode()
    assert "Seems to speak to it: 1 passage" in said
    for n in range(8):
        upload(assessment, lead, f"{SAID} In year {n}, as before.", f"{n}.txt")
    run_waiting()
    with django_assert_max_num_queries(len(one)):
        said = client.get(address).content.decode()
    assert "Seems to speak to it: 5 passages" in said


def test_no_criterion_keeps_more_passages_than_anybody_reads(assessment: Any, lead: Any) -> None:
    for n in range(passages.KEPT + 4):
        upload(assessment, lead, f"{SAID} In year {n}, as before.", f"{n}.txt")
    run_waiting()
    assert Passage.objects.filter(criterion=CRITERION).count() == passages.KEPT


def test_passages_go_with_their_evidence(rents: EvidenceItem, lead: Any) -> None:
    actions.delete(item=rents, reason="Wrong.", by=lead)
    assert not Passage.objects.exists()


# What is missing -----------------------------------------------------------------------------


def lacks(assessment: Any, pinned: Pinned, criterion: str, **wanted: str) -> tuple[str, ...]:
    found = missing.missing(assessment, pinned, missing.Wanted(**wanted))
    return next((r.lacks for r in found.rows if r.criterion.id == criterion), ())


def link(assessment: Any, by: Any, pinned: Any, *, direction: str = "shows this", **details: Any):
    item = actions.add_note(
        assessment=assessment, by=by, details=Details(**({"title": "N", "text": "x"} | details))
    )
    actions.link(
        item=item,
        descriptor=pinned.criterion(CRITERION).upper[0].id,
        direction=direction,
        by=by,
    )
    return item


def test_a_criterion_lacks_evidence_until_it_rests_on_enough(
    assessment: Any, lead: Any, pinned: Any
) -> None:
    assert lacks(assessment, pinned, CRITERION) == ("none",)
    link(assessment, lead, pinned, kind="document", period_end=date(2020, 1, 1))
    assert lacks(assessment, pinned, CRITERION) == ("outdated", "single")
    link(assessment, lead, pinned, kind="data", origin="tenant")
    assert lacks(assessment, pinned, CRITERION) == ()
    link(assessment, lead, pinned, kind="data", direction="context")
    assert lacks(assessment, pinned, CRITERION) == ()
    link(assessment, lead, pinned, kind="testimony", direction="shows otherwise")
    assert lacks(assessment, pinned, CRITERION) == ("contradicted",)


def test_what_is_not_applicable_lacks_nothing(assessment: Any, lead: Any, pinned: Any) -> None:
    from kloe.web.assessments.models import CriterionState

    CriterionState.objects.create(
        assessment=assessment,
        criterion=CRITERION,
        theme=CRITERION.rpartition("/")[0],
        position=Position.NOT_APPLICABLE.value,
    )
    assert lacks(assessment, pinned, CRITERION) == ()


def test_the_page_filters_by_address_at_the_same_cost(
    assessment: Any, lead: Any, pinned: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(lead)
    address = f"/assessments/{assessment.pk}/evidence/missing"
    client.get(address)
    with django_assert_max_num_queries(8) as few:
        said = client.get(f"{address}?lack=none&theme=wao-housing-2005/1.2/3").content.decode()
    assert str(pinned.criterion(CRITERION).title) in said
    for n in range(12):
        link(assessment, lead, pinned, kind="document", title=f"N{n}")
    with django_assert_max_num_queries(len(few)):
        said = client.get(f"{address}?lack=none&theme=wao-housing-2005/1.2/3").content.decode()
    assert str(pinned.criterion(CRITERION).title) not in said
    said = client.get(f"{address}?lack=single").content.decode()
    assert "1 criterion<" in said
    for bad in ("lack=x", "page=x", "theme=none", "kloe=%00", "placed=maybe"):
        assert client.get(f"{address}?{bad}").status_code in {200, 400}


def test_the_map_marks_what_is_placed_without_evidence(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    from kloe.web.assessments.models import CriterionState

    said = client_of(lead).get(f"/assessments/{assessment.pk}/").content.decode()
    assert "○ 1" not in said
    CriterionState.objects.create(
        assessment=assessment,
        criterion=CRITERION,
        theme=CRITERION.rpartition("/")[0],
        position="upper",
    )
    said = client_of(lead).get(f"/assessments/{assessment.pk}/").content.decode()
    assert "○ 1" in said
