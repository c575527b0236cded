# ruff: noqa: F811
"""What a criterion comes to: each write refreshes one row, and rebuilding changes nothing."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from django.db import connection
from evidence_ground import CONTACT, SETUP, STATEMENTS, F, Ground, ground  # noqa: F401

from kloe.assessment.positions import offered
from kloe.assessment.vocabulary import Direction, EvidenceKind, Origin
from kloe.web.assessments import ratings, states
from kloe.web.assessments.models import CriterionState, Rating
from kloe.web.assessments.saving import Write
from kloe.web.evidence import actions
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceLink
from kloe.web.ids import new_id
from kloe.web.library import store

ALL = [SETUP, STATEMENTS, CONTACT, f"{F}/1.2/2/contact", f"{F}/1.2/2/visits"]


def rows(assessment: Any) -> list[Any]:
    return list(
        CriterionState.objects.filter(assessment=assessment)
        .order_by("criterion")
        .values("criterion", "theme", *states.FIELDS)
    )


def note(ground: Ground, kind: str = "document", origin: str = "landlord", **more: Any) -> Any:
    details = Details(title="A note", text="Seen", kind=kind, origin=origin, **more)
    return actions.add_note(assessment=ground.assessment, details=details, by=ground.lead)


def show(ground: Ground, item: Any, descriptor: str, direction: str = "shows this") -> Any:
    return actions.link(item=item, descriptor=descriptor, direction=direction, by=ground.lead)


def place(ground: Ground, criterion: str, position: str, reason: str = "Because") -> None:
    pinned = store.pinned(ground.assessment)
    current = Rating.objects.filter(criterion=criterion, author=None).first()
    ratings.rate(
        assessment=ground.assessment,
        pinned=pinned,
        criterion=pinned.criterion(criterion),
        position=position,
        reason=reason,
        write=Write(new_id(), current.version if current else 0, ground.lead),
    )


def state(criterion: str) -> CriterionState:
    return CriterionState.objects.get(criterion=criterion)


@pytest.mark.parametrize(("position", "statements"), [("upper", 2), (None, 3)])
def test_refreshing_costs_a_fixed_number_of_queries(
    ground: Ground, django_assert_num_queries: Any, position: Any, statements: int
) -> None:
    for n in range(40):
        show(ground, note(ground), f"{SETUP}/{'upper' if n % 2 else 'lower'}-1")
    # A database with many writers at once needs one more: the lock.
    lock = connection.features.has_select_for_update
    with django_assert_num_queries(statements + lock):
        states.refresh(ground.assessment, SETUP, position=position)


def test_two_kinds_and_two_origins_triangulate(ground: Ground) -> None:
    place(ground, SETUP, "upper")
    show(ground, note(ground, "document", "landlord"), f"{SETUP}/upper-1")
    assert (state(SETUP).evidence, state(SETUP).triangulated) == (1, False)
    show(ground, note(ground, "tenant voice", "tenant"), f"{SETUP}/upper-1")
    kinds = states.KIND_BITS[EvidenceKind.DOCUMENT] | states.KIND_BITS[EvidenceKind.TENANT_VOICE]
    origins = states.ORIGIN_BITS[Origin.LANDLORD] | states.ORIGIN_BITS[Origin.TENANT]
    assert (state(SETUP).kinds, state(SETUP).origins) == (kinds, origins)
    assert state(SETUP).triangulated
    assert not state(SETUP).contradicted


def test_what_speaks_against_a_placing_shows_and_goes_with_the_placing(ground: Ground) -> None:
    show(ground, note(ground), f"{SETUP}/lower-1")
    assert not state(SETUP).contradicted
    place(ground, SETUP, "upper")
    assert state(SETUP).contradicted
    place(ground, SETUP, "lower")
    assert not state(SETUP).contradicted


def test_context_is_no_evidence(ground: Ground) -> None:
    show(ground, note(ground), f"{SETUP}/upper-1", "context")
    assert state(SETUP).evidence == 0


def test_deleted_evidence_does_not_count_and_counts_again_when_restored(ground: Ground) -> None:
    item = note(ground)
    show(ground, item, f"{SETUP}/upper-1")
    actions.delete(item=item, reason="Wrong", by=ground.lead)
    assert state(SETUP).evidence == 0
    actions.restore(item=item, by=ground.lead)
    assert state(SETUP).evidence == 1


def test_changing_an_item_changes_what_rests_on_it(ground: Ground) -> None:
    item = note(ground, period_start=date(2025, 4, 1), period_end=date(2025, 9, 30))
    show(ground, item, f"{SETUP}/upper-1")
    later = note(ground, period_start=date(2025, 6, 1), period_end=date(2026, 3, 31))
    show(ground, later, f"{SETUP}/upper-1", "shows otherwise")
    assert state(SETUP).contradicted
    details = Details(
        title="A note", text="Seen", period_start=date(2025, 4, 1), period_end=date(2025, 5, 31)
    )
    actions.edit(item=item, details=details, by=ground.lead, base_version=1)
    # Later evidence overtakes what speaks for an earlier time altogether.
    assert not state(SETUP).contradicted


def test_rebuilding_equals_what_the_writes_kept(ground: Ground) -> None:
    """Two hundred writes of every sort in a random but fixed order; rebuilding changes nothing."""
    chance = random.Random(2005)
    pinned = store.pinned(ground.assessment)
    kinds, origins = [k.value for k in EvidenceKind], [o.value for o in Origin]
    directions = [d.value for d in Direction]
    items: list[Any] = []
    for _step in range(200):
        what = chance.choice(["add", "link", "link", "rate", "relink", "unlink", "edit", "delete"])
        criterion = pinned.criterion(chance.choice(ALL))
        live = [i for i in items if i.deleted_at is None]
        link = chance.choice([None, *EvidenceLink.objects.filter(item__deleted_at=None)])
        if what == "rate":
            place(ground, criterion.id, chance.choice(["", *offered(criterion.form)]))
        elif what == "add" or not live:
            items.append(note(ground, chance.choice(kinds), chance.choice(origins)))
        elif what == "link":
            item, descriptor = chance.choice(live), chance.choice(criterion.descriptors)
            if not EvidenceLink.objects.filter(item=item, descriptor=descriptor.id).exists():
                show(ground, item, descriptor.id, chance.choice(directions))
        elif what == "edit":
            item = chance.choice(live)
            day = date(2025, chance.randint(1, 12), 1)
            details = Details(
                title="New",
                text="Seen",
                kind=chance.choice(kinds),
                origin=chance.choice(origins),
                period_start=day,
                period_end=day,
            )
            item.refresh_from_db()
            actions.edit(item=item, details=details, by=ground.lead, base_version=item.version)
        elif what == "delete" and chance.random() < 0.4:
            gone = actions.delete(item=chance.choice(live), reason="x", by=ground.lead)
            items = [gone if i.pk == gone.pk else i for i in items]
        elif what == "relink" and link:
            actions.relink(link=link, direction=chance.choice(directions), by=ground.lead)
        elif what == "unlink" and link:
            actions.unlink(link=link, by=ground.lead)
    kept = rows(ground.assessment)
    assert any(r["triangulated"] for r in kept)
    assert any(r["contradicted"] for r in kept)
    states.rebuild(ground.assessment)
    assert rows(ground.assessment) == kept
    CriterionState.objects.all().delete()
    states.rebuild(ground.assessment)
    something = [r for r in kept if r["position"] or r["evidence"]]
    assert [r for r in rows(ground.assessment) if r["position"] or r["evidence"]] == something
