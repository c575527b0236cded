"""One frozen value of a whole assessment: what reports, exports and packages are made from.

Filled in one place (``web``), read everywhere else, so that a report never asks a database.
Words of the framework are :class:`~kloe.core.messages.Text`, reasons of the program are
:class:`~kloe.core.messages.Message`, words of people are plain strings: the same snapshot is
read in any language. Restricted evidence has a number and a kind here and nothing more, so
that nothing made from a snapshot can show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kloe.assessment.comparison import Comparison
from kloe.assessment.plain import from_json, to_json
from kloe.assessment.snapshot_challenges import FactualAccuracy
from kloe.assessment.snapshot_computed import Computed
from kloe.assessment.snapshot_enquiry import (
    Criterion,
    Descriptor,
    DetailedAnswer,
    Kloe,
    LinkedEvidence,
    MainQuestion,
    Question,
    Theme,
    Triangulation,
)
from kloe.assessment.snapshot_fieldwork import CheckDone, PeopleSeen
from kloe.assessment.snapshot_moderation import Moderation
from kloe.assessment.snapshot_publication import Publication
from kloe.assessment.snapshot_readings import Readings
from kloe.assessment.snapshot_tenants import TenantsPart
from kloe.assessment.snapshot_texts import Recommended, Written
from kloe.assessment.vocabulary import Confidentiality, Stage
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, Text, _
from kloe.core.periods import Period

__all__ = [
    "Assessment",
    "CheckDone",
    "Computed",
    "ContextRecord",
    "Criterion",
    "Descriptor",
    "DetailedAnswer",
    "Edition",
    "EvidenceItem",
    "Finding",
    "Grade",
    "Indicator",
    "Judgement",
    "Kloe",
    "KnownFact",
    "LinkedEvidence",
    "MainQuestion",
    "Organisation",
    "Peers",
    "PeopleSeen",
    "Prospects",
    "Publication",
    "Question",
    "Recommended",
    "Scale",
    "Snapshot",
    "Suggestion",
    "TenantsPart",
    "Theme",
    "Triangulation",
    "Weakness",
    "Written",
]

FORMAT = "kloe-snapshot/1"
SERVICE, PROSPECTS = "service", "prospects"

#: Something said: by a person (str), a framework (Text) or the program (Message).
Said = str | Text | Message


@dataclass(frozen=True, slots=True)
class Organisation:
    """The body assessed."""

    name: str
    kind: Said = ""
    jurisdiction: str = ""
    homes: int | None = None
    landlord_code: str = ""
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """A framework edition the assessment holds on to, by digest."""

    framework: str
    title: Text
    publisher: Text
    edition: Text
    status: Text
    published: str
    jurisdiction: str
    digest: str
    leading: bool = False
    #: Its grading rules in words, for the description of the method.
    rules: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was assessed, when, by whom, against what. Final once ``final_at`` is set."""

    id: str
    kind: str
    title: str
    period_start: date
    period_end: date
    lead: str = ""
    conducted_by: str = ""
    final_at: datetime | None = None
    editions: tuple[Edition, ...] = ()

    @property
    def draft(self) -> bool:
        return self.final_at is None


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of a scale; ``describes`` names the published column that describes it."""

    key: str
    label: Text
    rank: int
    describes: str | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The grades of one judgement in one framework, highest first."""

    framework: str
    judgement: str
    question: Text
    grades: tuple[Grade, ...]

    def describing(self, side: str) -> Grade | None:
        """The grade that the upper or the lower column describes."""
        return next((g for g in self.grades if g.describes == side), None)


@dataclass(frozen=True, slots=True)
class ContextRecord:
    """Where the organisation comes from and what it has to work with."""

    baseline: str = ""
    stock: str = ""
    area: str = ""
    constraints: str = ""
    policy_choices: str = ""


@dataclass(frozen=True, slots=True)
class KnownFact:
    """Something known from elsewhere. ``tone``: for, neutral or against the service."""

    kind: str
    date: date
    source: str
    text: str
    url: str = ""
    themes: tuple[str, ...] = ()
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Finding:
    """A strength, an area for improvement, or positive practice."""

    id: str
    theme: str
    kind: str
    text: str
    criteria: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()
    recommendation: str = ""
    priority: str = ""
    #: F1, F2, ...; 0 where it has none.
    number: int = 0
    #: strong, adequate, limited, or empty while nobody has decided.
    strength: str = ""
    #: What the report says of it at length, in Markdown.
    draft: str = ""
    benefit: str = ""
    impact: str = ""
    cost: str = ""
    due_on: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the framework's rules make of the placings; never a judgement itself."""

    #: None below least coverage, when there is no grade to suggest.
    grade: Grade | None
    rule: tuple[Said, ...] = ()
    why_not_higher: tuple[Said, ...] = ()
    why_not_lower: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A grade with its reasons.

    ``subject`` is the identifier of a theme, KLOE or main question, or ``service`` or
    ``prospects``; ``subject_kind`` says which: theme, kloe, main question, service, prospects.
    ``outcome`` says what became of the suggestion: kept, changed, or empty.
    """

    subject: str
    subject_kind: str
    stage: str
    grade: Grade
    #: How many grades the scale has.
    of: int
    reasons: str
    by: str = ""
    at: date | None = None
    suggestion: Suggestion | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Weakness:
    """For the prospects: did they know it, is it in their plan, have they the capacity."""

    text: str
    theme: str = ""
    serious: bool = False
    known: str = ""
    planned: str = ""
    capacity: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prospects:
    """What the prospects for improvement rest on."""

    weaknesses: tuple[Weakness, ...] = ()
    drivers: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Peers:
    """How others did, and where the organisation stands among them.

    ``n`` counts the organisation itself. ``quarter`` is the word of its standing: best, better,
    worse or worst by the measure's direction; highest, higher, lower or lowest where a measure
    has none; same where all are alike. ``rank`` counts from the best.
    """

    n: int
    group: Said
    minimum: Decimal
    q1: Decimal
    median: Decimal
    q3: Decimal
    maximum: Decimal
    rank: int | None = None
    quarter: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A measure set against criteria: a value with what it is of, or the reason for none."""

    measure: str
    title: Said
    unit: str
    #: ``higher`` or ``lower`` is better; ``none`` where neither is.
    direction: str
    period: Period
    source: Said
    population: str = ""
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    #: Decimals shown.
    decimals: int = 1
    reason: Said | None = None
    peers: Peers | None = None
    #: What makes a comparison not like for like.
    notes: tuple[Said, ...] = ()
    themes: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    numerator_words: Said = ""
    denominator_words: Said = ""


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """Something that shows how things are. Use :meth:`withheld` for restricted items."""

    number: int
    kind: str
    title: str = ""
    origin: str = ""
    form: str = ""
    period_start: date | None = None
    period_end: date | None = None
    source: str = ""
    confidentiality: str = Confidentiality.INTERNAL.value
    url: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        told = (self.title, self.origin, self.source, self.url, self.digest, self.form)
        if self.restricted and (any(told) or self.period_start or self.period_end):
            raise InvalidInput(
                _("Evidence E%(n)d is restricted and tells more than its kind.", n=self.number),
                _("A snapshot holds the number and the kind of a restricted item."),
                _("Fill the snapshot with EvidenceItem.withheld()."),
            )

    @property
    def restricted(self) -> bool:
        return self.confidentiality == Confidentiality.RESTRICTED

    @classmethod
    def withheld(cls, number: int, kind: str) -> EvidenceItem:
        """A restricted item: that it is there, and of which kind."""
        return cls(number, kind, confidentiality=Confidentiality.RESTRICTED.value)


_RANKING = {Stage.AGREED.value: 3, Stage.PROPOSED.value: 2, Stage.PROVISIONAL.value: 1}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole assessment at one moment."""

    taken_at: datetime
    organisation: Organisation
    assessment: Assessment
    scales: tuple[Scale, ...] = ()
    kloes: tuple[Kloe, ...] = ()
    context: ContextRecord = ContextRecord()
    known: tuple[KnownFact, ...] = ()
    findings: tuple[Finding, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    prospects: Prospects = Prospects()
    indicators: tuple[Indicator, ...] = ()
    #: From the organisation's own records, in the order of measures.
    computed: tuple[Computed, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    #: What people wrote for the report.
    texts: tuple[Written, ...] = ()
    recommended: tuple[Recommended, ...] = ()
    #: Reality checks that were done, and people seen in them.
    checks: tuple[CheckDone, ...] = ()
    people: tuple[PeopleSeen, ...] = ()
    moderation: Moderation = field(default_factory=Moderation)
    accuracy: FactualAccuracy = field(default_factory=FactualAccuracy)
    readings: Readings = field(default_factory=Readings)
    #: The tenants' summary, as far as its author wrote it.
    tenants: tuple[TenantsPart, ...] = ()
    #: Of a re-inspection: this one beside the one it looks at again.
    comparison: Comparison | None = None
    #: Version, corrections and the board's response; empty until it is published.
    publication: Publication = field(default_factory=Publication)
    format: str = FORMAT
    _items: dict[int, EvidenceItem] = field(init=False, repr=False, compare=False)
    _said: dict[str, Judgement] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise InvalidInput(
                _("The snapshot has the format “%(format)s”.", format=self.format),
                _("The format read here is %(format)s.", format=FORMAT),
                _("Make it again from the assessment."),
            )
        object.__setattr__(self, "_items", {e.number: e for e in self.evidence})
        leading: dict[str, Judgement] = {}
        for judgement in sorted(self.judgements, key=lambda j: _RANKING.get(j.stage, 0)):
            if judgement.stage in _RANKING:
                leading[judgement.subject] = judgement
        object.__setattr__(self, "_said", leading)
        self._check_evidence()

    def _check_evidence(self) -> None:
        links = [link for c in self.criteria() for link in c.evidence]
        named = {link.number for link in links} | {n for f in self.findings for n in f.evidence}
        named |= {n for t in self.themes() for q in t.questions for n in q.cites}
        named |= {c.evidence for c in self.computed if c.evidence is not None}
        unknown = named - self._items.keys()
        telling = [
            link.number
            for link in links
            if (link.locator or link.note)
            and link.number in self._items
            and self._items[link.number].restricted
        ]
        if unknown or telling or len(self._items) != len(self.evidence):
            numbers = ", ".join(f"E{n}" for n in sorted(unknown) or sorted(set(telling))) or "?"
            raise InvalidInput(
                _("The snapshot's evidence does not fit together: %(numbers)s.", numbers=numbers),
                _("Each number stands once in the list; links to restricted items tell nothing."),
                _("Fill the snapshot from one reading of the assessment."),
            )

    def item(self, number: int) -> EvidenceItem:
        """The evidence item of this number."""
        return self._items[number]

    def themes(self) -> Iterator[Theme]:
        """Every theme, in published order, whether in scope or not."""
        for kloe in self.kloes:
            yield from kloe.themes

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion of the themes in scope."""
        for theme in self.themes():
            if theme.in_scope:
                yield from theme.criteria

    def judgement(self, subject: str) -> Judgement | None:
        """The judgement that stands: agreed before proposed before provisional."""
        return self._said.get(subject)

    def dissents(self, subject: str) -> tuple[Judgement, ...]:
        """Recorded dissent from the judgement on a subject."""
        return tuple(
            j for j in self.judgements if j.subject == subject and j.stage == Stage.DISSENT
        )

    def scale(self, framework: str, judgement: str) -> Scale | None:
        """The scale of a judgement in a framework."""
        return next(
            (s for s in self.scales if (s.framework, s.judgement) == (framework, judgement)), None
        )

    def leading_scale(self, judgement: str) -> Scale | None:
        """The scale an overall judgement uses: the leading framework's, else any that has it."""
        leading = next((e.framework for e in self.assessment.editions if e.leading), "")
        return self.scale(leading, judgement) or next(
            (s for s in self.scales if s.judgement == judgement), None
        )

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        value: dict[str, Any] = to_json(self)
        return value

    @classmethod
    def from_json(cls, data: Any) -> Snapshot:
        """The snapshot that ``to_json`` made ``data`` of.

        :raises InvalidInput: where it is none.
        """
        return from_json(cls, data)
