"""How an inspection moves: one table of stages, who may make each move, what must hold first.

A condition is a question to the facts of an inspection; where it does not hold it says what is
missing. Which permissions hold at which stage stands in ``permissions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import LABELS
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.messages import Message, _

ORDER: tuple[Stage, ...] = tuple(Stage)
#: At these what inspectors wrote is told to everybody.
TOLD: tuple[Stage, ...] = ORDER[ORDER.index(Stage.PUBLISHED) :]


@dataclass(frozen=True)
class Facts:
    """What is so in an inspection, counted once for all conditions."""

    has_lead: bool = False
    has_moderator: bool = False
    landlord_named: bool = False
    has_landlord_lead: bool = False
    #: The landlord's lead said which organisation it is, or the inspectors named one of theirs.
    landlord_agreed: bool = False
    #: Stages without a planned date.
    undated: tuple[Stage, ...] = ()
    themes: int = 0
    brought_in: bool = False
    no_self_assessment: bool = False
    without_lead: int = 0
    without_second: int = 0
    unplanned: int = 0
    visits: int = 0
    requests_open: int = 0
    criteria: int = 0
    placed: int = 0
    unproposed: int = 0
    unagreed: int = 0
    overall_open: int = 0
    #: What other parts of the program count, by name: challenges, checks, reports.
    more: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Condition:
    """Something that must hold before a move."""

    key: str
    #: What has to be so.
    wanted: Message
    holds: Callable[[Facts], bool]
    #: What is missing, in words; asked only where it does not hold.
    missing: Callable[[Facts], Message]
    #: The route of the page where it is put right.
    where: str = "inspection"


@dataclass(frozen=True)
class Move:
    """A way from one stage to another."""

    before: Stage
    after: Stage
    roles: tuple[Role, ...]
    conditions: tuple[Condition, ...] = ()
    #: What follows when it is made.
    follows: tuple[Message, ...] = ()
    #: A move back is made with a reason.
    needs_reason: bool = False

    @property
    def back(self) -> bool:
        return ORDER.index(self.after) < ORDER.index(self.before)


@dataclass(frozen=True)
class Missing:
    """What stands in the way of a move."""

    condition: Condition
    words: Message


def _more(
    key: str, wanted: Message, fact: str, words: Callable[[int], Message], where: str
) -> Condition:
    """A condition on what another part of the program counts; nothing counted stops nothing."""
    return Condition(
        key, wanted, lambda f: not f.more.get(fact), lambda f: words(f.more.get(fact, 0)), where
    )


def _to_place(f: Facts) -> int:
    """Criteria that need a placing: those in scope, and those refused as not applicable."""
    return f.criteria + f.more.get("exemptions_refused", 0)


HAS_LEAD = Condition(
    "lead",
    _("There is a lead inspector."),
    lambda f: f.has_lead,
    lambda f: _("Nobody leads the inspection: invite a lead inspector."),
    "inspection-team",
)
LANDLORD_NAMED = Condition(
    "landlord",
    _("It is said which landlord is inspected."),
    lambda f: f.landlord_named,
    lambda f: _("No landlord is named."),
)
DATED = Condition(
    "dates",
    _("Every stage up to publication has a planned date."),
    lambda f: not f.undated,
    lambda f: _(
        "No planned date: %(stages)s.", stages=", ".join(str(LABELS[s]).lower() for s in f.undated)
    ),
    "inspection-dates",
)
HAS_MODERATOR = Condition(
    "moderator",
    _("There is a moderator."),
    lambda f: f.has_moderator,
    lambda f: _("Nobody moderates: invite a moderator."),
    "inspection-team",
)
HAS_CONTACT = Condition(
    "contact",
    _("The landlord's lead has accepted the invitation."),
    lambda f: f.has_landlord_lead,
    lambda f: _("Nobody speaks for the landlord yet: invite the landlord's lead."),
    "inspection-team",
)
BEGUN_FROM = Condition(
    "self-assessment",
    _("The landlord's self-assessment is brought in, or it is said why there is none."),
    lambda f: f.brought_in or f.no_self_assessment,
    lambda f: _("No self-assessment is brought in, and nothing says why."),
    "inspection-self-assessment",
)
SCOPED = Condition(
    "scope",
    _("At least one theme is in scope."),
    lambda f: f.themes > 0,
    lambda f: _("Every theme is left out."),
    "scope",
)
THEMES_LED = Condition(
    "theme-leads",
    _("Every theme in scope has a lead and a second reader."),
    lambda f: not f.without_lead and not f.without_second,
    lambda f: _(
        "Themes without a lead: %(lead)d; without a second reader: %(second)d.",
        lead=f.without_lead,
        second=f.without_second,
    ),
    "enquiry-plan",
)
PLANNED = Condition(
    "questions",
    _("Every theme in scope has a planned question."),
    lambda f: not f.unplanned,
    lambda f: _(
        "%(n)d theme has no planned question.",
        plural="%(n)d themes have no planned question.",
        n=f.unplanned,
    ),
    "enquiry-plan",
)
TIMETABLED = Condition(
    "timetable",
    _("The timetable for fieldwork has an entry."),
    lambda f: f.visits > 0,
    lambda f: _("The timetable is empty."),
    "timetable",
)
DOCUMENTS_IN = Condition(
    "documents",
    _("No document is still waited for: each is received or withdrawn."),
    lambda f: not f.requests_open,
    lambda f: _(
        "%(n)d document is still waited for.",
        plural="%(n)d documents are still waited for.",
        n=f.requests_open,
    ),
    "documents",
)
CHECKS_DONE = _more(
    "checks",
    _("Every reality check is done or withdrawn."),
    "checks_open",
    lambda n: _(
        "%(n)d reality check is not done.", plural="%(n)d reality checks are not done.", n=n
    ),
    "checks",
)
PLACED = Condition(
    "ratings",
    _("Every criterion in scope has a team rating; one said not to apply, which the moderator "
      "refused, has none."),
    lambda f: f.placed >= _to_place(f),
    lambda f: _(
        "%(n)d of %(all)d criteria are not placed.", n=_to_place(f) - f.placed, all=_to_place(f)
    ),
    "enquiry",
)  # fmt: skip
FED_BACK = _more(
    "feedback",
    _("Emerging findings were fed back to the landlord, or it is said why not."),
    "feedback_missing",
    lambda n: _("Emerging findings were not fed back, and nothing says why."),
    "feedback",
)
PROPOSED = Condition(
    "proposals",
    _("A grade with reasons is proposed for every theme in scope."),
    lambda f: not f.unproposed,
    lambda f: _(
        "%(n)d theme has no grade proposed.",
        plural="%(n)d themes have no grade proposed.",
        n=f.unproposed,
    ),
    "moderation",
)
EXEMPTED = _more(
    "not-applicable",
    _("The moderator agreed to every criterion said not to apply."),
    "exemptions_open",
    lambda n: _(
        "%(n)d criterion said not to apply is not agreed.",
        plural="%(n)d criteria said not to apply are not agreed.",
        n=n,
    ),
    "exemptions",
)
AGREED = Condition(
    "agreed",
    _("The judgement on every theme in scope is agreed."),
    lambda f: not f.unagreed,
    lambda f: _(
        "%(n)d theme has no agreed judgement.",
        plural="%(n)d themes have no agreed judgement.",
        n=f.unagreed,
    ),
    "moderation",
)
OVERALL = Condition(
    "overall",
    _("The overall judgements are agreed."),
    lambda f: not f.overall_open,
    lambda f: _(
        "%(n)d overall judgement is not agreed.",
        plural="%(n)d overall judgements are not agreed.",
        n=f.overall_open,
    ),
    "moderation",
)
ANSWERED = _more(
    "challenges",
    _("Every challenge of the landlord is answered."),
    "challenges_open",
    lambda n: _("%(n)d challenge has no answer.", plural="%(n)d challenges have no answer.", n=n),
    "challenges",
)
HEARD = _more(
    "deadline",
    _("The landlord's time to answer is over, or it said that it has no more to say."),
    "draft_days_left",
    lambda n: _(
        "The landlord still has %(n)d day to answer the draft.",
        plural="The landlord still has %(n)d days to answer the draft.",
        n=n,
    ),
    "draft",
)
ISSUED = _more(
    "draft",
    _("The landlord has the draft report as it came out of moderation."),
    "draft_unissued",
    lambda n: _("The draft report has not been issued to the landlord since moderation."),
    "draft",
)
GRADES_BACK = _more(
    "grades",
    _("Every grade that a challenge moves has been back to moderation."),
    "grades_moving",
    lambda n: _(
        "%(n)d answer moves a grade that has not been back to moderation.",
        plural="%(n)d answers move a grade that has not been back to moderation.",
        n=n,
    ),
    "draft",
)
PUBLISHED_WHOLE = _more(
    "publication",
    _("The report is published: its files, the data behind it, and both packages are there."),
    "publication_missing",
    lambda n: _("Nothing is published yet: publishing makes the files, then makes this move."),
    "publication",
)

_LEADS = (Role.LEAD_INSPECTOR, Role.LEAD, Role.ADMINISTRATOR)
_MODERATES = (Role.MODERATOR,)
_EITHER = (*_LEADS, *_MODERATES)


def _back(before: Stage, after: Stage, roles: tuple[Role, ...] = _LEADS) -> Move:
    return Move(before, after, roles, needs_reason=True)


MOVES: tuple[Move, ...] = (
    Move(
        Stage.PREPARING,
        Stage.SCOPING,
        _LEADS,
        (HAS_LEAD, LANDLORD_NAMED, DATED),
        (_("The team settles which themes are looked at, and why."),),
    ),
    Move(
        Stage.SCOPING,
        Stage.PLANNING,
        _LEADS,
        (SCOPED, BEGUN_FROM, HAS_CONTACT),
        (_("Themes get a lead, a second reader and their questions."),),
    ),
    Move(
        Stage.PLANNING,
        Stage.FIELDWORK,
        _LEADS,
        (THEMES_LED, PLANNED, TIMETABLED),
        (_("Checks are carried out and criteria placed."),),
    ),
    Move(
        Stage.FIELDWORK,
        Stage.DRAFTING,
        _LEADS,
        (DOCUMENTS_IN, CHECKS_DONE, PLACED, FED_BACK),
        (_("The scope and the plan rest; findings and judgements are written."),),
    ),
    Move(
        Stage.DRAFTING,
        Stage.MODERATION,
        _LEADS,
        (HAS_MODERATOR, PROPOSED),
        (_("The moderator questions the grades proposed."),),
    ),
    Move(
        Stage.MODERATION,
        Stage.FACTUAL_ACCURACY,
        _MODERATES,
        (AGREED, OVERALL, EXEMPTED),
        (
            _("Ratings and judgements rest."),
            _("The landlord's people see the draft report and may challenge it."),
        ),
    ),
    Move(
        Stage.FACTUAL_ACCURACY,
        Stage.PUBLISHED,
        _LEADS,
        (ISSUED, ANSWERED, GRADES_BACK, HEARD, PUBLISHED_WHOLE),
        (_("Everything is frozen: evidence, findings, answers."),),
    ),
    Move(
        Stage.PUBLISHED,
        Stage.FOLLOWING_UP,
        _LEADS,
        (),
        (_("The landlord's improvement plan is followed."),),
    ),
    Move(Stage.FOLLOWING_UP, Stage.CLOSED, _LEADS, (), (_("The inspection is at its end."),)),
    _back(Stage.SCOPING, Stage.PREPARING),
    _back(Stage.PLANNING, Stage.SCOPING),
    _back(Stage.FIELDWORK, Stage.PLANNING),
    _back(Stage.DRAFTING, Stage.FIELDWORK),
    _back(Stage.MODERATION, Stage.DRAFTING, _EITHER),
    # A challenge that moves a grade goes back to moderation.
    _back(Stage.FACTUAL_ACCURACY, Stage.MODERATION, _EITHER),
    # What is published is never unpublished; a correction is a new version.
    _back(Stage.CLOSED, Stage.FOLLOWING_UP),
)
_BY_ENDS = {(m.before, m.after): m for m in MOVES}
#: Stages whose beginning is planned before scoping.
PLANNED_STAGES: tuple[Stage, ...] = ORDER[1 : ORDER.index(Stage.PUBLISHED) + 1]


def move_between(before: str, after: str) -> Move | None:
    """The move between two stages; none where there is none."""
    return _BY_ENDS.get((Stage(before), Stage(after))) if after in set(Stage) else None


def moves_from(stage: str) -> tuple[Move, ...]:
    """The moves from a stage, the way on first."""
    return tuple(m for m in MOVES if m.before == stage)


def missing_for(move: Move, facts: Facts) -> tuple[Missing, ...]:
    """What stands in the way of a move, in the order of its conditions."""
    return tuple(Missing(c, c.missing(facts)) for c in move.conditions if not c.holds(facts))
