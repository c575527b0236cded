"""What of an assessment the public reads, and how a published one is corrected.

The public edition is made from a snapshot in which nothing stands that may not be told: no
titles of evidence that is not open, no sources and places in documents, no names of people. A
part of a snapshot this module does not know is left out until it says itself what the public
reads of it, by a method ``public``.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any

from kloe.assessment.snapshot import EvidenceItem, Judgement, Kloe, Snapshot, Theme
from kloe.assessment.snapshot_challenges import FactualAccuracy, GivenEvidence
from kloe.assessment.vocabulary import Confidentiality
from kloe.core.errors import InvalidInput
from kloe.core.messages import _

#: Told as it stands: it names no person and nothing that is kept back.
AS_IT_STANDS = frozenset(
    {
        "taken_at", "organisation", "scales", "context", "known", "findings", "prospects",
        "indicators", "computed", "publication", "tenants", "format", "texts", "recommended",
        "checks", "people", "readings", "comparison", "moderation",
    }
)  # fmt: skip


def public(snapshot: Snapshot) -> Snapshot:
    """The snapshot that the public edition of a report and package is made from."""
    made = {
        "assessment": replace(snapshot.assessment, lead=""),
        "kloes": tuple(map(_kloe, snapshot.kloes)),
        "judgements": _standing(snapshot),
        "evidence": tuple(map(_item, snapshot.evidence)),
    }
    told = {e.number for e in snapshot.evidence if e.confidentiality == Confidentiality.OPEN}
    changes: dict[str, Any] = {}
    for one in fields(snapshot):
        if not one.init or one.name in AS_IT_STANDS:
            continue
        value = getattr(snapshot, one.name)
        if one.name in made:
            changes[one.name] = made[one.name]
        elif isinstance(value, FactualAccuracy):
            changes[one.name] = _accuracy(value, told)
        elif hasattr(value, "public"):
            changes[one.name] = value.public()
        elif isinstance(value, tuple) and all(hasattr(v, "public") for v in value):
            changes[one.name] = tuple(v.public() for v in value)
        else:
            changes[one.name] = one.default if one.default is not MISSING else _empty(one)
    return replace(snapshot, **changes)


def _empty(one: Any) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else ()


def _accuracy(said: FactualAccuracy, told: set[int]) -> FactualAccuracy:
    """Challenges and answers; of evidence that came with them the title where it is open."""

    def given(one: GivenEvidence) -> GivenEvidence:
        return one if one.number in told else replace(one, title="")

    return replace(
        said,
        challenges=tuple(
            replace(c, evidence=tuple(map(given, c.evidence))) for c in said.challenges
        ),
    )


def _kloe(kloe: Kloe) -> Kloe:
    return replace(kloe, themes=tuple(map(_theme, kloe.themes)))


def _theme(theme: Theme) -> Theme:
    """Without who led it, and without the places and notes of links, which quote documents."""
    criteria = tuple(
        replace(c, evidence=tuple(replace(e, locator="", note="") for e in c.evidence))
        for c in theme.criteria
    )
    return replace(theme, lead="", criteria=criteria)


def _standing(snapshot: Snapshot) -> tuple[Judgement, ...]:
    """The judgement that stands on each subject, without who made it; nobody's dissent."""
    subjects = dict.fromkeys(j.subject for j in snapshot.judgements)
    found = (snapshot.judgement(subject) for subject in subjects)
    return tuple(replace(j, by="") for j in found if j is not None)


def _item(item: EvidenceItem) -> EvidenceItem:
    """Open items by title and period; of all others that they are there, and of which kind."""
    if item.confidentiality != Confidentiality.OPEN:
        return EvidenceItem.withheld(item.number, item.kind)
    return replace(item, source="", url="")


# Corrections ---------------------------------------------------------------------------------

#: Names under which a snapshot holds words that people wrote into the report.
WORDS = frozenset(
    {
        "text", "reason", "reasons", "recommendation", "answer", "note", "baseline", "stock",
        "area", "constraints", "policy_choices", "scope_reason", "drivers", "barriers", "draft",
        "benefit", "why", "what", "words", "source", "conclusion", "claim", "not_fed_back",
        "new_text",
    }
)  # fmt: skip
LONGEST = 5000


def corrected(snapshot: Snapshot, was: str, now: str) -> Snapshot:
    """The snapshot with these words in place of those, wherever people wrote them.

    Grades, figures, positions and the framework's words are no words of people: they stay.

    :raises InvalidInput: if nothing is to be changed, or the report does not say that.
    """
    was, now = was.strip(), now.strip()
    if not was or was == now or len(was) > LONGEST or len(now) > LONGEST:
        raise InvalidInput(
            _("It is not said what is to be corrected."),
            _("A correction gives the words that were wrong and those that are right."),
            _("Copy the wrong words from the report, and write the right ones."),
        )
    times = 0

    def change(value: Any, name: str) -> Any:
        nonlocal times
        if isinstance(value, str):
            if name in WORDS and was in value:
                times += value.count(was)
                return value.replace(was, now)
            return value
        if isinstance(value, list):
            return [change(v, name) for v in value]
        if isinstance(value, dict) and not _fixed(value):
            return {k: change(v, k) for k, v in value.items()}
        return value

    data = snapshot.to_json()
    fixed = {k: data[k] for k in _NEVER if k in data}
    data = change({k: v for k, v in data.items() if k not in fixed}, "") | fixed
    if not times:
        raise InvalidInput(
            _("The report does not say “%(words)s”.", words=was[:200]),
            _("Words that people wrote can be corrected: findings, reasons, answers, context. "
              "Grades, figures and the framework's words cannot."),
            _("Copy the words exactly as they stand in the report, within one paragraph."),
        )  # fmt: skip
    return Snapshot.from_json(data)


#: Not of the report's running text, or what a correction never touches.
_NEVER = ("publication", "scales", "assessment", "organisation")


def _fixed(value: dict[str, Any]) -> bool:
    """A text of a framework or a message of the program."""
    return "msgid" in value or (set(value) == {"text"} and isinstance(value["text"], dict))
