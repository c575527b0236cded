"""The values of a framework, from the edition down to a descriptor; see the glossary.

Plain frozen values: an edition is built in milliseconds and never changes afterwards.
Identifiers are whole (``wao-housing-2005/1.2/3/account-set-up``); numbers are what a person
says (``1.2/3``). Texts are :class:`~kloe.core.messages.Text`, so ``str(text)`` speaks the
reader's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Text, _
from kloe.frameworks.rules import Rules
from kloe.frameworks.value import Value
from kloe.frameworks.words import (
    CHECK_KINDS,
    EVIDENCE_KINDS,
    INSTRUMENT_KINDS,
    JURISDICTIONS,
    NATURES,
    POLARITIES,
    SIDES,
    STRANDS,
    WEIGHS,
)


def _one_of(owner: str, what: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(
            _("%(owner)s has the %(what)s “%(value)s”.", owner=owner, what=what, value=value),
            _("Allowed: %(allowed)s.", allowed=", ".join(allowed)),
            _("Correct the framework's source and compile it again."),
        )


class Descriptor(Value):
    """What an organisation in the upper or the lower column is like, on one aspect."""

    id: str
    side: str
    text: Text
    sources: tuple[str, ...]
    polarity: str
    nature: str
    decisive: str | None = None
    instruments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.polarity not in POLARITIES or self.nature not in NATURES or self.side not in SIDES:
            _one_of(self.id, "side", self.side, SIDES)
            _one_of(self.id, "polarity", self.polarity, POLARITIES)
            _one_of(self.id, "nature", self.nature, NATURES)
        if self.decisive is not None:
            _one_of(self.id, "decisive", self.decisive, EVIDENCE_KINDS)

    @property
    def criterion_id(self) -> str:
        return self.id.rpartition("/")[0]


class Criterion(Value):
    """One aspect on which an organisation is placed."""

    id: str
    key: str
    title: Text
    questions: tuple[str, ...]
    upper: tuple[Descriptor, ...]
    lower: tuple[Descriptor, ...]
    common: str | None = None
    weighs: str | None = None

    def __post_init__(self) -> None:
        if not self.upper and not self.lower:
            raise InvalidInput(
                _("The criterion %(id)s has no descriptor.", id=self.id),
                _("A criterion describes the upper column, the lower column, or both."),
                _("Correct the framework's source and compile it again."),
            )
        if self.weighs is not None:
            _one_of(self.id, "weighs", self.weighs, WEIGHS)

    @property
    def form(self) -> str:
        """``paired``, ``upper only`` or ``lower only``: which positions it offers."""
        if self.upper and self.lower:
            return "paired"
        return "upper only" if self.upper else "lower only"

    @property
    def descriptors(self) -> tuple[Descriptor, ...]:
        """Both sides, the upper first."""
        return self.upper + self.lower

    @property
    def sources(self) -> tuple[str, ...]:
        """References of the published texts it restates, each once, in order."""
        return tuple(dict.fromkeys(ref for d in self.descriptors for ref in d.sources))

    @property
    def theme_id(self) -> str:
        return self.id.rpartition("/")[0]

    @property
    def instruments(self) -> tuple[str, ...]:
        """Instruments its descriptors name, each once, in order."""
        return tuple(dict.fromkeys(name for d in self.descriptors for name in d.instruments))


class Question(Value):
    """A published question of a theme, restated."""

    id: str
    key: str
    text: Text
    sources: tuple[str, ...]


class DetailedQuestion(Value):
    """A question beyond the published ones, that names a thing, record or number."""

    id: str
    question: str
    text: Text
    common: str | None = None


class SuggestedEvidence(Value):
    """Something worth asking for, by kind, and the criteria it would speak to."""

    id: str
    kind: str
    text: Text
    criteria: tuple[str, ...] = ()
    common: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.id, "kind", self.kind, EVIDENCE_KINDS)


class SuggestedCheck(Value):
    """A reality check worth making: of which kind, on which claim, on how many cases."""

    id: str
    kind: str
    claim: Text
    how_many: int
    sample: Text
    criteria: tuple[str, ...]
    common: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.id, "kind", self.kind, CHECK_KINDS)
        if self.how_many < 1:
            raise InvalidInput(
                _("The reality check %(id)s looks at %(n)d cases.", id=self.id, n=self.how_many),
                _("A check looks at one case or more."),
                _("Correct the framework's source and compile it again."),
            )


class Theme(Value):
    """A block of a KLOE: its questions, and the criteria placed under them."""

    id: str
    number: str
    ordinal: str
    title: Text
    strand: str
    main_question: str | None
    questions: tuple[Question, ...]
    detailed_questions: tuple[DetailedQuestion, ...]
    criteria: tuple[Criterion, ...]
    suggested_evidence: tuple[SuggestedEvidence, ...]
    suggested_checks: tuple[SuggestedCheck, ...]

    def __post_init__(self) -> None:
        _one_of(self.id, "strand", self.strand, STRANDS)

    @property
    def kloe_id(self) -> str:
        return self.id.rpartition("/")[0]

    def criteria_of(self, question: str) -> tuple[Criterion, ...]:
        """The criteria that serve one of its questions (key or whole identifier)."""
        whole = question if "/" in question else f"{self.id}/{question}"
        return tuple(c for c in self.criteria if whole in c.questions)


class MainQuestion(Value):
    """One of the questions that themes of a prospects KLOE stand under."""

    id: str
    title: Text
    text: Text
    themes: tuple[str, ...]


class Kloe(Value):
    """One key line of enquiry document."""

    id: str
    number: str
    title: Text
    judgement: str
    about: Text
    covers: tuple[Text, ...]
    themes: tuple[Theme, ...]
    main_questions: tuple[MainQuestion, ...] = ()
    also_numbered: tuple[str, ...] = ()

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(c for theme in self.themes for c in theme.criteria)

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(q for theme in self.themes for q in theme.questions)

    @property
    def label(self) -> str:
        """The number as printed: ``2.10 with 2.11`` where the publisher gave it two."""
        if self.also_numbered:
            return f"{self.number} / {' / '.join(self.also_numbered)}"
        return self.number


class Grade(Value):
    """A grade of a scale. ``describes`` names the published column it is described by."""

    key: str
    label: Text
    rank: int
    describes: str | None = None


class Scale(Value):
    """The ordered grades of one judgement, highest first."""

    judgement: str
    question: Text
    grades: tuple[Grade, ...]

    def __post_init__(self) -> None:
        ranks = [g.rank for g in self.grades]
        if not ranks or ranks != list(range(len(ranks), 0, -1)):
            raise InvalidInput(
                _(
                    "The scale “%(name)s” has the ranks %(ranks)s.",
                    name=self.judgement,
                    ranks=ranks,
                ),
                _("Grades stand highest first, their ranks falling by one down to 1."),
                _("Correct the framework's source and compile it again."),
            )

    def grade(self, key: str) -> Grade:
        """The grade of this key.

        :raises NotFound: where the scale has none.
        """
        for grade in self.grades:
            if grade.key == key:
                return grade
        raise NotFound(
            _("The scale “%(name)s” has no grade “%(key)s”.", name=self.judgement, key=key),
            _("Its grades: %(keys)s.", keys=", ".join(g.key for g in self.grades)),
        )

    def by_rank(self, rank: int) -> Grade:
        """The grade of this rank; ranks outside the scale give its ends."""
        return self.grades[len(self.grades) - max(1, min(rank, len(self.grades)))]

    def describing(self, side: str) -> Grade | None:
        """The grade that the upper or the lower column describes."""
        return next((g for g in self.grades if g.describes == side), None)


class Replacement(Value):
    """What has taken an instrument's place, where and since when."""

    jurisdiction: str
    from_: str
    by: Text
    note: Text


class Instrument(Value):
    """A law, body, standard or scheme the published texts name."""

    id: str
    name: Text
    abbreviation: str | None
    kind: str
    was: Text
    refs: tuple[str, ...]
    replaced_by: tuple[Replacement, ...]
    still: bool = False

    def __post_init__(self) -> None:
        _one_of(self.id, "kind", self.kind, INSTRUMENT_KINDS)

    def replaced_in(self, jurisdiction: str) -> tuple[Replacement, ...]:
        """What has taken its place in one jurisdiction, or in a larger one around it."""
        reach = JURISDICTIONS.get(jurisdiction, (jurisdiction,))
        return tuple(r for r in self.replaced_by if r.jurisdiction in reach)


class PublishedFault(Value):
    """A fault of the published texts, kept visible, and how it is treated here."""

    id: str
    refs: tuple[str, ...]
    fault: Text
    treatment: Text


class Overlap(Value):
    """A theme that another framework asks about too; both in one assessment ask twice."""

    theme: str
    other: str
    extent: str
    note: Text


class Framework(Value):
    """One edition of a published set of lines of enquiry."""

    id: str
    title: Text
    publisher: Text
    edition: Text
    published: str
    status: Text
    jurisdiction: str
    language: str
    url_note: Text
    leading: bool
    kloes: tuple[Kloe, ...]
    scales: Mapping[str, Scale]
    rules: Rules
    instruments: Mapping[str, Instrument]
    faults: tuple[PublishedFault, ...]
    overlaps: tuple[Overlap, ...]
    digest: str
    translations: Mapping[str, str]

    def _find(self, kind: str, id: str) -> Any:
        known = _index(self)[kind]
        found = known.get(id) or known.get(f"{self.id}/{id}")
        if found is None:
            raise NotFound(
                _("%(framework)s has no %(kind)s “%(id)s”.", framework=self.id, kind=kind, id=id),
                _("KLOEs: %(numbers)s.", numbers=", ".join(k.number for k in self.kloes)),
                _("“kloe frameworks show KLOE” lists the themes and criteria of one."),
            )
        return found

    def kloe(self, id: str) -> Kloe:
        """A KLOE by number (also its second number) or identifier."""
        found: Kloe = self._find("kloe", id)
        return found

    def theme(self, id: str) -> Theme:
        """A theme by number (``1.2/3``) or identifier."""
        found: Theme = self._find("theme", id)
        return found

    def criterion(self, id: str) -> Criterion:
        """A criterion by identifier, with or without the framework's."""
        found: Criterion = self._find("criterion", id)
        return found

    def descriptor(self, id: str) -> Descriptor:
        """A descriptor by identifier, with or without the framework's."""
        found: Descriptor = self._find("descriptor", id)
        return found

    def question(self, id: str) -> Question:
        """A published question by identifier (``1.2/3/Q1``)."""
        found: Question = self._find("question", id)
        return found

    def kloe_of(self, id: str) -> Kloe:
        """The KLOE that a theme, criterion, descriptor or question (whole identifier) is in."""
        short = id.removeprefix(f"{self.id}/")
        return self.kloe(short.split("/", 1)[0])

    def theme_of(self, id: str) -> Theme:
        """The theme that a criterion, descriptor or question (whole identifier) is in."""
        short = id.removeprefix(f"{self.id}/")
        return self.theme("/".join(short.split("/", 2)[:2]))

    def themes(self) -> Iterator[Theme]:
        """Every theme, in published order."""
        for kloe in self.kloes:
            yield from kloe.themes

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion, in order of themes."""
        for theme in self.themes():
            yield from theme.criteria

    def scale_of(self, id: str) -> Scale:
        """The scale of the judgement that a KLOE, theme or criterion serves."""
        return self.scales[self.kloe_of(id).judgement]

    def sharing(self, common: str) -> tuple[Criterion, ...]:
        """The criteria with one common key."""
        return tuple(c for c in self.criteria() if c.common == common)


@lru_cache(maxsize=64)
def _index(framework: Framework) -> dict[str, dict[str, Any]]:
    """Everything a framework holds, by kind and identifier."""
    kloes = {k.id: k for k in framework.kloes}
    for k in framework.kloes:
        kloes.update((f"{framework.id}/{number}", k) for number in k.also_numbered)
    themes = {t.id: t for k in framework.kloes for t in k.themes}
    criteria = {c.id: c for t in themes.values() for c in t.criteria}
    return {
        "kloe": kloes,
        "theme": themes,
        "criterion": criteria,
        "descriptor": {d.id: d for c in criteria.values() for d in c.descriptors},
        "question": {q.id: q for t in themes.values() for q in t.questions},
    }
