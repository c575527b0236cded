"""From placings to a suggested grade for a theme, from grades to a KLOE and to the judgement.

The rules are data of the framework (``rules.yaml``); here they are applied and explained.
Four things hold whatever the rules say: a better placing never lowers a suggestion, a limit
is never exceeded, below least coverage there is no grade, and a theme graded in sides never
stands above either side. See ``docs/explanation/suggested-grades.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from kloe.assessment.conclusion import Part, Subject, conclude
from kloe.assessment.limits import Grades, Limited, limits_on
from kloe.assessment.needs import CRITERIA, Item, Unit, climb
from kloe.assessment.positions import LABELS
from kloe.assessment.profile import (
    GradeSpread,
    Placings,
    Profile,
    best_level,
    level_of,
    position_of,
    profile_of,
    spread_of,
)
from kloe.assessment.suggestion import Side, Suggestion
from kloe.assessment.wording import Several
from kloe.core.errors import NotFound
from kloe.core.messages import Message, Text, _
from kloe.frameworks.model import Criterion, Framework, Kloe, MainQuestion, Scale, Theme
from kloe.frameworks.rules import Apart, JudgementRules, Ladder, Share

SIDES: dict[str, Message] = {"cost": _("cost"), "quality": _("quality")}

THEMES = _("the themes graded")
KLOES = _("the KLOEs graded")
MAIN_QUESTIONS = _("the main questions graded")


@dataclass(frozen=True, slots=True)
class Gradable:
    """A theme, main question or KLOE that a higher grade is made of, with its grade if any."""

    id: str
    title: Text
    scale: Scale
    grade: str | None


# Themes


def suggest_theme(
    framework: Framework,
    theme: Theme,
    placings: Placings,
    *,
    themes: Collection[str] | None = None,
) -> Suggestion:
    """What the rules make of the placings on a theme's criteria.

    :param placings: by criterion; may hold those of other themes, which its limits may rest
        on.
    :param themes: identifiers of the themes in scope, for limits that rest on others.
    """
    scale = framework.scale_of(theme.id)
    rules = framework.rules.judgements[scale.judgement]
    subject = Subject(theme.id, framework, scale, "theme")
    profile = profile_of(theme.criteria, placings)
    limited = limits_on(framework, theme.id, scale, placings=placings, themes=themes)
    short = _short(profile, rules.theme.least_coverage, None)
    apart = rules.apart.get(theme.strand)
    if apart is None:
        part = Part(climb(rules.theme, _items(framework, theme.criteria, placings)), CRITERIA)
        return conclude(subject, profile, [part], limited, short)
    sides, parts, short_sides = _sides(framework, theme, placings, apart, rules)
    why = [
        _("On %(side)s alone it comes to “%(grade)s”.", side=side.name, grade=side.label)
        for side in sides
        if side.label is not None
    ]
    if len(why) > 1:
        why.append(_("The lower stands. %(reason)s", reason=apart.reason))
    return conclude(subject, profile, parts, limited, (*short, *short_sides), why=why, sides=sides)


def _sides(
    framework: Framework,
    theme: Theme,
    placings: Placings,
    apart: Apart,
    rules: JudgementRules,
) -> tuple[tuple[Side, ...], list[Part], tuple[Message, ...]]:
    """Each side climbs by itself. A criterion that names no side counts on every one."""
    scale, ladder = framework.scales[rules.judgement], rules.theme
    sides: list[Side] = []
    parts: list[Part] = []
    short: list[Message] = []
    for key in apart.sides:
        name = SIDES.get(key, Message(key))
        criteria = [c for c in theme.criteria if c.weighs in (None, key)]
        profile = profile_of(criteria, placings)
        missing = _short(profile, apart.least_coverage, name)
        short.extend(missing)
        grade = None
        if not missing:
            part = Part(climb(ladder, _items(framework, criteria, placings)), CRITERIA, name)
            parts.append(part)
            grade = scale.grade(part.climb.step.grade)
        sides.append(
            Side(
                key,
                name,
                grade.key if grade else None,
                grade.label if grade else None,
                profile,
            )
        )
    return tuple(sides), parts, tuple(short)


def _items(framework: Framework, criteria: Iterable[Criterion], placings: Placings) -> list[Item]:
    """The placed criteria as a ladder sees them."""
    rules, items = framework.rules, []
    for criterion in criteria:
        position = position_of(criterion, placings.get(criterion.id))
        level = level_of(rules, criterion.form, position)
        if position is not None and level is not None:
            best = best_level(rules, criterion.form)
            items.append(
                Item(criterion.id, criterion.title, criterion.form, level, best, LABELS[position])
            )
    return items


def _short(profile: Profile, least: Share, side: Message | None) -> tuple[Message, ...]:
    """What is missing until a profile reaches its least coverage; nothing where it does."""
    if reached(profile.placed, profile.in_scope, least):
        return ()
    if not profile.in_scope:
        if side is not None:
            return (
                _(
                    "On %(side)s no criterion is in scope, and both sides are weighed: "
                    "no grade is suggested.",
                    side=side,
                ),
            )
        return (_("No criterion is in scope: no grade is suggested."),)
    params = {
        "placed": profile.placed,
        "total": profile.in_scope,
        "least": str(least),
        "more": fewest(least, profile.in_scope) - profile.placed,
    }
    sentences = [
        _(
            "Placed on %(side)s: %(placed)d of %(total)d criteria; a grade is suggested "
            "from %(least)s on. Place %(more)d more.",
            side=side,
            **params,
        )
        if side is not None
        else _(
            "Placed: %(placed)d of %(total)d criteria; a grade is suggested from %(least)s on. "
            "Place %(more)d more.",
            **params,
        )
    ]
    if side is None and (profile.conflicting or profile.cannot_tell):
        sentences.append(
            _(
                "Not counted as placed: %(conflicting)d conflicting, %(cannot_tell)d where "
                "one cannot tell.",
                conflicting=profile.conflicting,
                cannot_tell=profile.cannot_tell,
            )
        )
    return tuple(sentences)


def reached(count: int, base: int, least: Share) -> bool:
    """Whether ``count`` of ``base`` reach the least coverage; of nothing, never."""
    return count > 0 and base > 0 and least.compare(count, base) >= 0


def fewest(least: Share, base: int) -> int:
    """The smallest count of ``base`` that reaches the least coverage."""
    return max(1, -(-least.numerator * base // least.denominator))


# From grades to grades


def suggest_kloe(
    framework: Framework,
    kloe: Kloe,
    grades: Grades,
    *,
    themes: Collection[str] | None = None,
    placings: Placings | None = None,
) -> Suggestion:
    """What the rules make of the grades judged for a KLOE's themes.

    A KLOE with main questions has no grade of its own: it is the judgement itself.

    :param grades: keys by theme, as judged; a theme without one is not graded yet.
    :param themes: identifiers of the themes in scope; none means all.
    :param placings: by criterion, for limits that rest on one.
    """
    scale = framework.scales[kloe.judgement]
    ladder = framework.rules.judgements[kloe.judgement].kloe
    subject = Subject(kloe.id, framework, scale, "kloe")
    parts = _themes_of(framework, kloe, (theme.id for theme in kloe.themes), grades, themes)
    if ladder is None:
        spread = _spread(parts, scale)
        note = _("This KLOE has no grade of its own: its grade is the judgement it serves.")
        return conclude(subject, spread, [], Limited((), ()), (note,))
    limited = limits_on(framework, kloe.id, scale, placings=placings, grades=grades, themes=themes)
    return from_grades(subject, ladder, parts, limited=limited, counted=THEMES)


def suggest_main_question(
    framework: Framework,
    question: MainQuestion,
    grades: Grades,
    *,
    themes: Collection[str] | None = None,
) -> Suggestion:
    """What the rules make of the grades judged for the themes under a main question."""
    kloe = framework.kloe_of(question.id)
    scale = framework.scales[kloe.judgement]
    ladder = framework.rules.judgements[kloe.judgement].main_question
    if ladder is None:
        raise NotFound(
            _("%(framework)s has no rules for main questions.", framework=framework.id),
            "",
            _("Add “main_question” to its rules and compile it again."),
        )
    subject = Subject(question.id, framework, scale, "main_question")
    parts = _themes_of(framework, kloe, question.themes, grades, themes)
    return from_grades(subject, ladder, parts, limited=Limited((), ()), counted=THEMES)


def suggest_judgement(
    frameworks: Sequence[Framework],
    leading: str,
    judgement: str,
    grades: Grades,
    *,
    themes: Collection[str] | None = None,
    placings: Placings | None = None,
) -> Suggestion:
    """What the rules make of the grades judged for KLOEs, over all editions assessed.

    The scale and the rules are the leading framework's; grades of other scales compare by
    rank. For prospects use :func:`kloe.assessment.prospects.suggest_prospects`, which
    weighs the weaknesses too.

    :param leading: identifier of the leading framework; where it does not serve this
        judgement, the first that does leads.
    :param grades: keys by KLOE, main question and theme, as judged.
    :param themes: identifiers of the themes in scope; none means all.
    """
    leader = leader_of(frameworks, leading, judgement)
    scale = leader.scales[judgement]
    ladder = leader.rules.judgements[judgement].overall
    parts = parts_of_judgement(frameworks, judgement, grades, themes)
    limited = overall_limits(
        frameworks, judgement, scale, placings=placings, grades=grades, themes=themes
    )
    subject = Subject(judgement, leader, scale, "overall")
    return from_grades(subject, ladder, parts, limited=limited, counted=KLOES)


def leader_of(frameworks: Sequence[Framework], leading: str, judgement: str) -> Framework:
    """The edition whose scale and rules an overall judgement uses.

    :raises NotFound: where none of them serves the judgement.
    """
    serving = [f for f in frameworks if judgement in f.scales]
    if not serving:
        raise NotFound(
            _("No framework assessed serves the judgement “%(name)s”.", name=judgement),
            _("Assessed: %(all)s.", all=", ".join(f.id for f in frameworks)),
        )
    return next((f for f in serving if f.id == leading), serving[0])


def parts_of_judgement(
    frameworks: Iterable[Framework],
    judgement: str,
    grades: Grades,
    themes: Collection[str] | None,
) -> list[Gradable]:
    """What an overall judgement is made of: main questions where a KLOE has them, else KLOEs."""
    parts: list[Gradable] = []
    for framework in frameworks:
        for kloe in framework.kloes:
            if kloe.judgement != judgement:
                continue
            scale = framework.scales[judgement]
            inside = {t.id for t in kloe.themes if themes is None or t.id in themes}
            things: Iterable[tuple[str, Text, Iterable[str]]] = (
                [(m.id, m.title, m.themes) for m in kloe.main_questions]
                if kloe.main_questions
                else [(kloe.id, kloe.title, inside)]
            )
            parts.extend(
                Gradable(id, title, scale, grades.get(id) or None)
                for id, title, under in things
                if not inside.isdisjoint(under)
            )
    return parts


def overall_limits(
    frameworks: Iterable[Framework],
    judgement: str,
    scale: Scale,
    *,
    placings: Placings | None,
    grades: Grades,
    themes: Collection[str] | None,
) -> Limited:
    """The limits on an overall judgement, of all editions assessed."""
    found = [
        limits_on(f, judgement, scale, placings=placings, grades=grades, themes=themes)
        for f in frameworks
        if judgement in f.scales
    ]
    return Limited(
        tuple(sorted((a for f in found for a in f.applied), key=lambda a: (a.rank, a.id))),
        tuple(message for f in found for message in f.untested),
    )


def _themes_of(
    framework: Framework,
    kloe: Kloe,
    ids: Iterable[str],
    grades: Grades,
    themes: Collection[str] | None,
) -> list[Gradable]:
    scale = framework.scales[kloe.judgement]
    return [
        Gradable(id, framework.theme(id).title, scale, grades.get(id) or None)
        for id in ids
        if themes is None or id in themes
    ]


def _rank(part: Gradable, scale: Scale) -> int:
    """The rank of its grade on the scale in use: by rank, within its ends."""
    return scale.by_rank(part.scale.grade(str(part.grade)).rank).rank


def _spread(parts: Iterable[Gradable], scale: Scale) -> GradeSpread:
    parts = list(parts)
    return spread_of(
        [_rank(part, scale) for part in parts if part.grade],
        (part.id for part in parts if not part.grade),
    )


def from_grades(
    subject: Subject,
    ladder: Ladder,
    parts: Sequence[Gradable],
    *,
    limited: Limited,
    counted: Message,
    notes: Iterable[Message] = (),
) -> Suggestion:
    """A suggestion from the grades of what a subject is made of."""
    scale, top = subject.scale, subject.scale.grades[0].rank
    spread = _spread(parts, scale)
    items = [
        Item(
            part.id,
            part.title,
            "",
            _rank(part, scale),
            top,
            part.scale.grade(str(part.grade)).label,
        )
        for part in parts
        if part.grade
    ]
    short: tuple[Message, ...] = ()
    if not spread.in_scope:
        short = (_("Nothing it is made of is in scope: no grade is suggested."),)
    elif not reached(spread.graded, spread.in_scope, ladder.least_coverage):
        short = (
            _(
                "Judged: %(n)d of %(total)d; a grade is suggested from %(least)s on. "
                "Judge %(more)d more, of: %(missing)s.",
                n=spread.graded,
                total=spread.in_scope,
                least=str(ladder.least_coverage),
                more=fewest(ladder.least_coverage, spread.in_scope) - spread.graded,
                missing=Several(part.title for part in parts if not part.grade),
            ),
        )
    part = Part(climb(ladder, items), Unit(counted, scale))
    return conclude(subject, spread, [part], limited, short, notes=notes)
