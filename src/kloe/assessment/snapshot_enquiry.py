"""The part of a snapshot that follows the framework: KLOEs, themes, criteria, what was placed."""

from __future__ import annotations

from dataclasses import dataclass, field

from kloe.assessment.positions import PLACED, Position, offered
from kloe.core.errors import InvalidInput
from kloe.core.messages import Text, _


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What an organisation in one column is like."""

    id: str
    side: str
    text: Text
    sources: tuple[str, ...]
    polarity: str = "strength"
    nature: str = ""
    decisive: str | None = None


@dataclass(frozen=True, slots=True)
class LinkedEvidence:
    """What an evidence item says of a descriptor, and whether that agrees with the rating.

    ``agrees`` is None for context, and while there is no rating to agree with.
    """

    number: int
    descriptor: str
    side: str
    direction: str
    locator: str = ""
    note: str = ""
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Triangulation:
    """What a rating rests on.

    ``enough``: at least two kinds and two origins bear it out, so that it is triangulated.
    ``missing``: kinds its wording asks for that are not there.
    """

    kinds: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    enough: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One aspect, where the team places the organisation on it, why, and what shows it."""

    id: str
    title: Text
    form: str
    descriptors: tuple[Descriptor, ...]
    #: A ``Position`` value; empty while it is open.
    position: str = ""
    reason: str = ""
    evidence: tuple[LinkedEvidence, ...] = ()
    triangulation: Triangulation = Triangulation()
    contradicted: bool = False
    questions: tuple[str, ...] = ()
    weighs: str | None = None

    def __post_init__(self) -> None:
        if self.position and self.position not in offered(self.form):
            raise InvalidInput(
                _("%(id)s is placed at “%(position)s”.", id=self.id, position=self.position),
                _("Allowed: %(allowed)s.", allowed=", ".join(offered(self.form))),
                _("Correct the rating and take the snapshot again."),
            )

    @property
    def placed(self) -> bool:
        """Whether it has a position that counts as a placing."""
        return bool(self.position) and Position(self.position) in PLACED

    @property
    def sources(self) -> tuple[str, ...]:
        """References of the published texts it restates, each once."""
        return tuple(dict.fromkeys(s for d in self.descriptors for s in d.sources))


@dataclass(frozen=True, slots=True)
class DetailedAnswer:
    """The answer to a question beyond the published ones."""

    text: Text
    answer: str = ""
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A published question of a theme, its answer, and the evidence the answer cites."""

    id: str
    text: Text
    answer: str = ""
    cites: tuple[int, ...] = ()
    detailed: tuple[DetailedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: in scope or not and why, its answers and placings."""

    id: str
    number: str
    title: Text
    strand: str
    questions: tuple[Question, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    main_question: str | None = None
    in_scope: bool = True
    scope_reason: str = ""
    lead: str = ""

    @property
    def profile(self) -> dict[str, int]:
        """Criteria at each position; the empty position counts those still open."""
        counts: dict[str, int] = {}
        for criterion in self.criteria:
            counts[criterion.position] = counts.get(criterion.position, 0) + 1
        return counts

    @property
    def base(self) -> int:
        """Criteria that apply to the organisation."""
        return sum(c.position != Position.NOT_APPLICABLE for c in self.criteria)

    @property
    def placed(self) -> int:
        return sum(c.placed for c in self.criteria)


@dataclass(frozen=True, slots=True)
class MainQuestion:
    """A question that themes of a prospects KLOE stand under."""

    id: str
    title: Text
    text: Text
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kloe:
    """A key line of enquiry and its themes; ``number`` as printed (``2.10 with 2.11``)."""

    id: str
    framework: str
    number: str
    title: Text
    judgement: str
    themes: tuple[Theme, ...]
    about: Text = field(default_factory=lambda: Text({}))
    main_questions: tuple[MainQuestion, ...] = ()

    @property
    def scoped(self) -> tuple[Theme, ...]:
        """Its themes in scope."""
        return tuple(t for t in self.themes if t.in_scope)
