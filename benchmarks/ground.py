"""An assessment of full size for the benchmarks: ten KLOEs, 2,000 evidence items, 5 assessors."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

EVIDENCE = 2000
LINKS = 4000
SEED = 7


def small(people: list[Any], organisation: Any) -> Any:
    """An assessment with one theme in scope."""
    from kloe.web.assessments import actions

    made = _assessment("One theme", people, organisation)
    themes = [w.theme for w in made.themes.all()]
    actions.set_scope(
        assessment=made,
        choices=dict.fromkeys(themes[1:], (False, "Not in this run.")),
        by=people[0],
    )
    return made


def full(people: list[Any], organisation: Any) -> Any:
    """An assessment with everything in scope, rated and evidenced."""
    from kloe.assessment.positions import PLACINGS
    from kloe.assessment.vocabulary import Direction, EvidenceKind, Origin
    from kloe.web.assessments import states
    from kloe.web.assessments.models import Rating
    from kloe.web.evidence.models import EvidenceItem, EvidenceLink
    from kloe.web.library import store

    rng = random.Random(SEED)
    made = _assessment("Ten KLOEs", people, organisation)
    criteria = [c for t in store.pinned(made).themes() for c in t.criteria]
    items = EvidenceItem.objects.bulk_create(
        EvidenceItem(
            organisation=organisation,
            assessment=made,
            number=n,
            form="note",
            title=f"Evidence number {n} about rents, repairs and residents",
            kind=rng.choice(list(EvidenceKind)).value,
            origin=rng.choice(list(Origin)).value,
            text="Seen and written down.",
            added_by=rng.choice(people),
        )
        for n in range(1, EVIDENCE + 1)
    )
    pairs = set()
    while len(pairs) < LINKS:
        criterion = rng.choice(criteria)
        pairs.add((rng.randrange(EVIDENCE), criterion.id, rng.choice(criterion.descriptors).id))
    descriptors = {d.id: d for c in criteria for d in c.descriptors}
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            item=items[at],
            assessment=made,
            descriptor=descriptor,
            criterion=criterion,
            theme=criterion.rpartition("/")[0],
            side=descriptors[descriptor].side,
            polarity=descriptors[descriptor].polarity,
            direction=rng.choice(list(Direction)).value,
            locator="p. 3",
            by=rng.choice(people),
        )
        for at, criterion, descriptor in sorted(pairs)
    )
    Rating.objects.bulk_create(
        Rating(
            assessment=made,
            criterion=c.id,
            theme=c.theme_id,
            position=rng.choice(PLACINGS[c.form]).value,
            reason="What was seen in the files bears this out, with exceptions named there.",
            updated_by=rng.choice(people),
        )
        for c in criteria
    )
    states.rebuild(made)
    return made


def organisation_with_people() -> tuple[Any, list[Any]]:
    """An organisation with five assessors."""
    from kloe.web.accounts.models import User
    from kloe.web.organisations.models import Membership, Organisation

    organisation = Organisation.objects.create(name="Measured Homes", jurisdiction="wales")
    people = [
        User.objects.create_user(
            f"assessor{n}@example.org", "a long password", name=f"Assessor {n}"
        )
        for n in range(5)
    ]
    for n, user in enumerate(people):
        Membership.objects.create(
            organisation=organisation, user=user, role="lead" if n == 0 else "assessor"
        )
    return organisation, people


def _assessment(title: str, people: list[Any], organisation: Any) -> Any:
    from kloe.web.assessments import actions

    return actions.create(
        organisation=organisation,
        frameworks=["wao-housing-2005", "hi-cross-cutting-2005"],
        kind="self-assessment",
        title=title,
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        lead=people[0],
        by=people[0],
    )
