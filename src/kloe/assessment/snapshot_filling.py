"""From frameworks, results and suggestions to the parts of a snapshot; pure, without a database.

``web`` reads the rows of an assessment and puts the whole together; what a framework, a
published figure or a stored suggestion looks like in a snapshot is said here, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kloe.assessment import snapshot as s
from kloe.assessment.suggestion import Suggestion as Suggested
from kloe.assessment.triangulation import Link, decisive_of, summarise
from kloe.core.messages import Message, Text, _
from kloe.frameworks import model
from kloe.frameworks.rules import (
    NONE_AT,
    NONE_BELOW,
    SHARE_AT_LEAST,
    SHARE_AT_MOST,
    Ladder,
    Need,
)
from kloe.frameworks.words import JUDGEMENTS
from kloe.measures.positions import Position as Placed
from kloe.measures.published import Unit


@dataclass(frozen=True, slots=True)
class Given:
    """A link of a numbered evidence item to a descriptor, as the database holds it."""

    number: int
    link: Link
    locator: str = ""
    note: str = ""
    restricted: bool = False


def scales_of(framework: model.Framework) -> tuple[s.Scale, ...]:
    """The scales of an edition."""
    return tuple(
        s.Scale(framework.id, key, scale.question, tuple(map(_grade, scale.grades)))
        for key in JUDGEMENTS
        if (scale := framework.scales.get(key))
    )


def _grade(grade: model.Grade) -> s.Grade:
    return s.Grade(grade.key, grade.label, grade.rank, grade.describes)


def grade_of(scale: s.Scale, key: str | None) -> s.Grade | None:
    """The grade of this key; none where the scale has none such."""
    return next((g for g in scale.grades if g.key == key), None)


def edition_of(
    framework: model.Framework, *, leading: bool, in_scope: Collection[str] | None = None
) -> s.Edition:
    """What an assessment pins, with its rules in words.

    :param in_scope: the themes whose rules are told; without it all of them.
    """
    return s.Edition(
        framework.id,
        framework.title,
        framework.publisher,
        framework.edition,
        framework.status,
        framework.published,
        framework.jurisdiction,
        framework.digest,
        leading,
        rules_of(framework, in_scope),
    )


def criterion_of(
    criterion: model.Criterion,
    *,
    position: str = "",
    reason: str = "",
    given: Sequence[Given] = (),
    since: date | None = None,
) -> s.Criterion:
    """A criterion with its team rating and its evidence; what that comes to is worked out.

    :param since: first day of the period assessed.
    """
    found = summarise([g.link for g in given], position, decisive_of(criterion), since=since)
    return s.Criterion(
        id=criterion.id,
        title=criterion.title,
        form=criterion.form,
        descriptors=tuple(
            s.Descriptor(d.id, d.side, d.text, d.sources, d.polarity, d.nature, d.decisive)
            for d in criterion.descriptors
        ),
        position=position,
        reason=reason,
        evidence=tuple(
            s.LinkedEvidence(
                g.number,
                g.link.descriptor,
                g.link.side,
                g.link.direction,
                "" if g.restricted else g.locator,
                "" if g.restricted else g.note,
                agreement.as_bool(),
            )
            for g, agreement in zip(given, found.agreements, strict=True)
        ),
        triangulation=s.Triangulation(
            found.kinds, found.origins, found.triangulated, found.decisive_missing
        ),
        contradicted=found.contradicted,
        questions=criterion.questions,
        weighs=criterion.weighs,
    )


def kloe_of(kloe: model.Kloe, framework: str, themes: Iterable[s.Theme]) -> s.Kloe:
    """A KLOE with its themes filled."""
    return s.Kloe(
        kloe.id,
        framework,
        kloe.label,
        kloe.title,
        kloe.judgement,
        tuple(themes),
        kloe.about,
        tuple(s.MainQuestion(q.id, q.title, q.text, q.themes) for q in kloe.main_questions),
    )


def questions_of(
    theme: model.Theme, answers: Mapping[str, tuple[str, Sequence[int]]]
) -> tuple[s.Question, ...]:
    """The questions of a theme with their answers, by identifier: text and evidence cited."""

    def answer(identifier: str) -> tuple[str, tuple[int, ...]]:
        text, cites = answers.get(identifier, ("", ()))
        return text, tuple(sorted(cites))

    return tuple(
        s.Question(
            q.id,
            q.text,
            *answer(q.id),
            tuple(
                s.DetailedAnswer(d.text, *answer(d.id))
                for d in theme.detailed_questions
                if d.question == q.id
            ),
        )
        for q in theme.questions
    )


def suggestion_of(suggested: Suggested, scale: s.Scale) -> s.Suggestion:
    """A suggestion as it was stored beside a judgement."""
    return s.Suggestion(
        grade_of(scale, suggested.grade),
        (*suggested.why, *suggested.short),
        suggested.why_not_higher,
        suggested.why_not_lower,
    )


def indicator_of(placed: Placed) -> s.Indicator:
    """A published figure among its peers."""
    measure, spread = placed.measure, placed.spread
    peers = None
    if spread is not None:
        peers = s.Peers(
            spread.n,
            placed.peers.words,
            spread.least,
            spread.q1,
            spread.median,
            spread.q3,
            spread.most,
            placed.rank,
            placed.standing.value if placed.standing else "",
        )
    refs = measure.placings
    return s.Indicator(
        measure=measure.code,
        title=measure.title,
        unit="%" if measure.unit is Unit.PERCENT else measure.unit.value,
        direction=measure.direction.value,
        period=placed.period,
        source=placed.source,
        population=placed.population.value,
        value=placed.value,
        numerator=placed.numerator,
        denominator=placed.denominator,
        decimals=measure.decimals,
        reason=placed.reason,
        peers=peers,
        notes=placed.not_like_for_like,
        themes=tuple(dict.fromkeys(p.theme for p in refs)),
        criteria=tuple(dict.fromkeys(p.criterion for p in refs if p.criterion)),
        numerator_words=measure.numerator,
        denominator_words=measure.denominator,
    )


# ---- Rules in words ---------------------------------------------------------------------------

_LADDERS: dict[str, Message] = {
    "theme": _("A theme"),
    "kloe": _("A line of enquiry"),
    "main_question": _("A main question"),
    "overall": _("The judgement as a whole"),
}
_LEVELS: dict[int, tuple[Message, Message]] = {
    4: (_("like the upper column"), _("anywhere")),
    3: (_("between the columns or better"), _("short of the upper column")),
    2: (_("like the lower column or better"), _("like the lower column or worse")),
    1: (_("anywhere"), _("worse than the lower column")),
}


def rules_of(
    framework: model.Framework, in_scope: Collection[str] | None = None
) -> tuple[s.Said, ...]:
    """The grading rules of an edition as sentences, and its limits with their reasons.

    :param in_scope: themes; rules are told of what stands on them only. Without it all of them.
    """
    said: list[s.Said] = [framework.rules.about]
    names = _names(framework, in_scope)
    for judgement in (j for j in JUDGEMENTS if j in framework.rules.judgements and j in names):
        rules, scale = framework.rules.judgements[judgement], framework.scales[judgement]
        for name in ("theme", "kloe", "main_question", "overall"):
            ladder: Ladder | None = getattr(rules, name)
            if ladder is not None:
                said += _ladder(name, ladder, scale)
        said += [apart.reason for apart in rules.apart.values()]
        said += [
            _limit(scale, scale.question, rule.at, rule.reason, rule.source)
            for rule in rules.weaknesses
        ]
    for limit in framework.rules.limits:
        bites = limit.of in names or limit.of.rsplit("/", 1)[0] in names
        if limit.caps_id in names and bites:
            scale = framework.scales[_judgement_of(framework, limit.caps_id)]
            what = names[limit.caps_id]
            said.append(_limit(scale, what, limit.grade, limit.reason, limit.source))
    return tuple(said)


def _names(
    framework: model.Framework, in_scope: Collection[str] | None
) -> dict[str, Message | Text]:
    """What can be graded, by identifier, as the rules name it."""
    found: dict[str, Message | Text] = {}
    for kloe in framework.kloes:
        themes = [t for t in kloe.themes if in_scope is None or t.id in in_scope]
        if not themes:
            continue
        if kloe.judgement in framework.scales:
            found[kloe.judgement] = framework.scales[kloe.judgement].question
        found[kloe.id] = _("%(number)s %(title)s", number=kloe.number, title=kloe.title)
        for main in kloe.main_questions:
            found[main.id] = main.title
        for theme in themes:
            found[theme.id] = _("%(number)s %(title)s", number=theme.number, title=theme.title)
    return found


def _judgement_of(framework: model.Framework, caps_id: str) -> str:
    if caps_id in framework.scales:
        return caps_id
    return framework.kloe_of(caps_id).judgement


def _limit(
    scale: model.Scale, what: Message | Text, grade: str, reason: Text, source: Text
) -> Message:
    return _(
        "A limit holds the grade of %(what)s at “%(grade)s”: %(reason)s Source: %(source)s",
        what=_("“%(title)s”", title=what),
        grade=scale.grade(grade).label,
        reason=reason,
        source=source,
    )


def _ladder(name: str, ladder: Ladder, scale: model.Scale) -> Iterable[Message]:
    what = _LADDERS[name]
    yield _(
        "%(what)s (%(question)s): no grade is suggested until %(share)s is placed or graded.",
        what=what,
        question=scale.question,
        share=str(ladder.least_coverage),
    )
    for step in ladder.steps:
        label = scale.grade(step.grade).label
        if step.needs:
            yield _(
                "%(what)s is suggested “%(grade)s” where %(needs)s.",
                what=what,
                grade=label,
                needs=_all_of([_need(need, scale) for need in step.needs]),
            )
        else:
            yield _("%(what)s is suggested “%(grade)s” in all other cases.", what=what, grade=label)


def _all_of(needs: list[Message]) -> Message:
    whole, *rest = needs
    for need in rest:
        whole = _("%(first)s, and %(second)s", first=whole, second=need)
    return whole


def _need(need: Need, scale: model.Scale) -> Message:
    by_level = need.grade is None
    if by_level:
        up, down = _LEVELS[need.at]
        upward: Message | Text = up
        downward: Message | Text = down
    else:
        upward = downward = scale.by_rank(need.at).label
    form = _(" (of the forms: %(forms)s)", forms=", ".join(need.of)) if need.of else ""
    share = str(need.share) if need.share else ""
    if need.kind == SHARE_AT_LEAST:
        msgid = _("at least %(share)s are graded “%(where)s” or better%(form)s")
        if by_level:
            msgid = _("at least %(share)s are placed %(where)s%(form)s")
        elif need.at == len(scale.grades):
            msgid = _("at least %(share)s are graded “%(where)s”%(form)s")
        return Message(msgid.msgid, share=share, where=upward, form=form)
    if need.kind == NONE_BELOW:
        msgid = (
            _("none is placed short of %(where)s%(form)s")
            if by_level
            else _("none is graded below “%(where)s”%(form)s")
        )
        return Message(msgid.msgid, where=upward, form=form)
    if need.kind == NONE_AT:
        msgid = (
            _("none is placed %(where)s%(form)s")
            if by_level
            else _("none is graded “%(where)s” or worse%(form)s")
        )
        return Message(msgid.msgid, where=downward, form=form)
    if by_level:
        msgid = (
            _("at most %(share)s are placed %(where)s%(form)s")
            if need.kind == SHARE_AT_MOST
            else _("fewer than %(share)s are placed %(where)s%(form)s")
        )
    else:
        msgid = (
            _("at most %(share)s are graded “%(where)s” or worse%(form)s")
            if need.kind == SHARE_AT_MOST
            else _("fewer than %(share)s are graded “%(where)s” or worse%(form)s")
        )
    return Message(msgid.msgid, share=share, where=downward, form=form)
