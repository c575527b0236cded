"""What of a snapshot stays with the inspectors when the draft report goes to the landlord.

Restricted evidence is gone with everything that cites it, so that not even its number tells of
it; sources, places within evidence and inspectors' notes are gone, since they name who said what;
who judged, and who dissented, is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kloe.assessment import snapshot as s
from kloe.assessment.snapshot_challenges import FactualAccuracy
from kloe.assessment.vocabulary import Stage


def for_landlord(snapshot: s.Snapshot) -> s.Snapshot:
    """The snapshot as a draft for the landlord is written from."""
    hidden = frozenset(e.number for e in snapshot.evidence if e.restricted)
    return replace(
        snapshot,
        kloes=tuple(_kloe(k, hidden) for k in snapshot.kloes),
        findings=tuple(
            replace(f, evidence=_without(f.evidence, hidden)) for f in snapshot.findings
        ),
        judgements=tuple(
            replace(j, by="") for j in snapshot.judgements if j.stage != Stage.DISSENT.value
        ),
        computed=tuple(
            replace(c, evidence=None) if c.evidence in hidden else c for c in snapshot.computed
        ),
        evidence=tuple(replace(e, source="") for e in snapshot.evidence if e.number not in hidden),
        # The landlord has its challenges and their answers on pages of their own.
        accuracy=FactualAccuracy(),
    )


def _without(numbers: Iterable[int], hidden: frozenset[int]) -> tuple[int, ...]:
    return tuple(n for n in numbers if n not in hidden)


def _kloe(kloe: s.Kloe, hidden: frozenset[int]) -> s.Kloe:
    return replace(kloe, themes=tuple(_theme(t, hidden) for t in kloe.themes))


def _theme(theme: s.Theme, hidden: frozenset[int]) -> s.Theme:
    return replace(
        theme,
        lead="",
        criteria=tuple(_criterion(c, hidden) for c in theme.criteria),
        questions=tuple(
            replace(
                q,
                cites=_without(q.cites, hidden),
                detailed=tuple(replace(d, cites=_without(d.cites, hidden)) for d in q.detailed),
            )
            for q in theme.questions
        ),
    )


def _criterion(criterion: s.Criterion, hidden: frozenset[int]) -> s.Criterion:
    return replace(
        criterion,
        evidence=tuple(
            replace(e, locator="", note="") for e in criterion.evidence if e.number not in hidden
        ),
    )
