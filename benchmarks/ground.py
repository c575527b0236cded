"""Assessments of full size for the benchmarks.

A self-assessment: ten KLOEs, 2,000 evidence items, 5 assessors. An inspection: ten KLOEs, 8
assessors with 3,000 ratings between them, 5,000 evidence items (1,000 of them documents of 50
pages), 400 reality checks.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

EVIDENCE = 2000
LINKS = 4000
SEED = 7
#: Of an inspection.
ASSESSORS, RATINGS = 8, 3000
INSPECTION_EVIDENCE, INSPECTION_LINKS = 5000, 10_000
DOCUMENTS, PAGES = 1000, 50
CHECKS = 400


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
    from kloe.web.assessments import states

    rng = random.Random(SEED)
    made = _assessment("Ten KLOEs", people, organisation)
    criteria = _criteria(made)
    items = _evidence(made, people, EVIDENCE, rng)
    _linked(made, people, items, criteria, LINKS, rng)
    _rated(made, people, criteria, [None], len(criteria), rng)
    states.rebuild(made)
    return made


def inspection(
    people: list[Any], organisation: Any, *, share: float = 1.0, pages: int = PAGES
) -> Any:
    """An inspection of a landlord by this organisation, in fieldwork, with a share of all that.

    :param share: 1 for the whole, 0.1 for a tenth; the framework stays whole.
    :param pages: of text in each document; none to leave texts out.
    """
    from evidence_search import fill
    from kloe.web.assessments import states
    from kloe.web.assessments.models import Participation
    from kloe.web.inspections import actions
    from kloe.web.inspections.models import Inspection

    rng = random.Random(SEED)
    made = actions.create(
        organisation=organisation,
        landlord=f"Inspected Homes {share:g}",
        kind="inspection",
        frameworks=["wao-housing-2005", "hi-cross-cutting-2005"],
        title=f"Ten KLOEs, {share:g} of the evidence",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        by=people[0],
        lead=people[0],
    )
    Inspection.objects.filter(assessment=made).update(stage="fieldwork")
    Participation.objects.bulk_create(
        Participation(assessment=made, user=user, role="inspector") for user in people[1:]
    )
    themes = list(made.themes.all())
    for n, work in enumerate(themes):
        work.lead, work.second = people[n % len(people)], people[(n + 1) % len(people)]
    type(themes[0]).objects.bulk_update(themes, ["lead", "second"])
    criteria = _criteria(made)
    documents = round(DOCUMENTS * share)
    fill(made, people[0], documents, pages)
    items = _evidence(made, people, round(INSPECTION_EVIDENCE * share) - documents, rng, documents)
    _linked(made, people, items, criteria, round(INSPECTION_LINKS * share), rng)
    _rated(made, people, criteria, people, round(RATINGS * share), rng)
    _rated(made, people, criteria, [None], len(criteria), rng)
    _checked(made, people, items, round(CHECKS * share), rng)
    states.rebuild(made)
    return made


def _criteria(made: Any) -> list[Any]:
    from kloe.web.library import store

    return [c for t in store.pinned(made).themes() for c in t.criteria]


def _evidence(
    made: Any, people: list[Any], count: int, rng: random.Random, after: int = 0
) -> list[Any]:
    from kloe.assessment.vocabulary import EvidenceKind, Origin
    from kloe.web.evidence.models import EvidenceItem

    EvidenceItem.objects.bulk_create(
        EvidenceItem(
            organisation=made.organisation,
            assessment=made,
            number=n,
            form="note",
            title=f"Evidence number {n} about rents, repairs and residents",
            kind=rng.choice(list(EvidenceKind)).value,
            origin=rng.choice(list(Origin)).value,
            text="Seen and written down.",
            added_by=rng.choice(people),
        )
        for n in range(after + 1, after + count + 1)
    )
    return list(EvidenceItem.objects.filter(assessment=made).order_by("number"))


def _linked(
    made: Any, people: list[Any], items: list[Any], criteria: list[Any], count: int,
    rng: random.Random,
) -> None:  # fmt: skip
    from kloe.assessment.vocabulary import Direction
    from kloe.web.evidence.models import EvidenceLink

    pairs: set[tuple[int, str, str]] = set()
    while len(pairs) < count:
        criterion = rng.choice(criteria)
        pairs.add((rng.randrange(len(items)), criterion.id, rng.choice(criterion.descriptors).id))
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


def _rated(
    made: Any, people: list[Any], criteria: list[Any], authors: list[Any], count: int,
    rng: random.Random,
) -> None:  # fmt: skip
    """So many ratings of these authors (none for the team's), each of another criterion."""
    from kloe.assessment.positions import PLACINGS
    from kloe.web.assessments.models import Rating

    pairs = [(criterion, author) for author in authors for criterion in criteria]
    Rating.objects.bulk_create(
        Rating(
            assessment=made,
            author=author,
            criterion=c.id,
            theme=c.theme_id,
            position=rng.choice(PLACINGS[c.form]).value,
            reason="What was seen in the files bears this out, with exceptions named there.",
            updated_by=author or rng.choice(people),
        )
        for c, author in rng.sample(pairs, count)
    )


def _checked(
    made: Any, people: list[Any], items: list[Any], count: int, rng: random.Random
) -> None:
    """So many reality checks that were done, each an item of evidence."""
    from kloe.assessment.checks.templates import shipped
    from kloe.web.checks.actions import keep_template
    from kloe.web.checks.models import Check, CheckOutcome

    kept = [keep_template(template) for template in shipped()]
    themes = [work.theme for work in made.themes.all()]
    checks = Check.objects.bulk_create(
        Check(
            organisation=made.organisation,
            assessment=made,
            number=n,
            template=template,
            kind=template.kind,
            title=f"{template.title}, number {n}",
            claim="Repairs are done on the day that was agreed.",
            theme=themes[n % len(themes)],
            assigned=rng.choice(people),
            state="done",
            evidence=items[-n],
            created_by=people[0],
        )
        for n in range(1, count + 1)
        for template in [kept[n % len(kept)]]
    )
    CheckOutcome.objects.bulk_create(
        CheckOutcome(
            check_of=check,
            result=rng.choice(["confirms", "contradicts", "mixed", "nothing found"]),
            conclusion="What was said does not hold in one case of five.",
            done_on="2026-03-02",
            version=1,
        )
        for check in checks
    )


def organisation_with_people(count: int = 5) -> tuple[Any, list[Any]]:
    """An organisation with so many assessors."""
    from kloe.web.accounts.models import User
    from kloe.web.organisations.models import Membership, Organisation

    organisation = Organisation.objects.create(name="Measured Homes", jurisdiction="wales")
    people = [
        User.objects.create_user(
            f"assessor{n}@example.org", "a long password", name=f"Assessor {n}"
        )
        for n in range(count)
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
