"""Checks on grading rules: complete ladders, known grades and things, monotone throughout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kloe.core.messages import _
from kloe.frameworks.rules import NEEDS, NONE_AT, NONE_BELOW
from kloe.frameworks.source import Source, Steps
from kloe.frameworks.words import FORMS, POSITIONS, TOP_LEVEL, VALUE_FOR_MONEY

Item = Mapping[str, Any]


def validate_rules(
    source: Source,
    scales: list[Item],
    kloes: Mapping[str, Item],
    themes: set[str],
    criteria: set[str],
) -> None:
    """Note every fault of rules.yaml."""
    grades = {
        s["judgement"]: [g.get("key", "") for g in s.get("grades", [])]
        for s in scales
        if "judgement" in s
    }
    _levels(source)
    found = source.data.get("judgements", {})
    for judgement in grades:
        if judgement not in found and "judgements" in source.data:
            source.fault(
                ("judgements",),
                _("There are no rules for the judgement “%(name)s”.", name=judgement),
                _("Every scale of framework.yaml has its rules."),
                _("Add them."),
            )
    for judgement, rules in found.items():
        at: Steps = ("judgements", judgement)
        if judgement not in grades:
            source.fault(
                at,
                _("There is no scale “%(name)s”.", name=judgement),
                _("Scales: %(names)s.", names=", ".join(grades)),
                _("Add the scale to framework.yaml, or take the rules out."),
            )
            continue
        _judgement(source, at, rules, grades=grades[judgement], judgement=judgement, kloes=kloes)
    _limits(source, grades, kloes, themes, criteria)


def _levels(source: Source) -> None:
    levels = source.data.get("levels")
    if levels is None:
        return
    for form in FORMS:
        given = levels.get(form, {})
        order = POSITIONS[form]
        if set(given) != set(order):
            source.fault(
                ("levels", form),
                _(
                    "The form “%(form)s” has levels for: %(found)s.",
                    form=form,
                    found=", ".join(given),
                ),
                _("Its positions: %(all)s.", all=", ".join(order)),
                _("Give each position its level."),
            )
            continue
        values = [given[position] for position in order]
        if values != sorted(values) or values[-1] > TOP_LEVEL:
            source.fault(
                ("levels", form),
                _("The levels of the form “%(form)s” are %(values)s.", form=form, values=values),
                _(
                    "From the worst position up (%(order)s) they may not fall, nor pass %(top)d.",
                    order=", ".join(order),
                    top=TOP_LEVEL,
                ),
                _("Put them in order: a better placing may never count for less."),
            )


def _judgement(
    source: Source,
    at: Steps,
    rules: Item,
    *,
    grades: list[str],
    judgement: str,
    kloes: Mapping[str, Item],
) -> None:
    for name in ("theme", "kloe", "main_question", "overall"):
        if name in rules:
            _ladder(source, (*at, name), rules[name], grades, of_levels=name == "theme")
    mine = [k for k in kloes.values() if k.get("judgement") == judgement]
    needed = "main_question" if any(k.get("main_questions") for k in mine) else "kloe"
    if needed not in rules:
        source.fault(
            at,
            _(
                "The judgement “%(name)s” has no ladder “%(needed)s”.",
                name=judgement,
                needed=needed,
            ),
            _("KLOEs with main questions need “main_question”, others “kloe”."),
            _("Add the ladder."),
        )
    strands = {t.get("strand") for k in mine for t in k.get("themes", [])}
    apart = {a.get("strand") for a in rules.get("apart", [])}
    if VALUE_FOR_MONEY in strands and VALUE_FOR_MONEY not in apart:
        source.fault(
            at,
            _("Value for money is not graded apart."),
            _("Cost and quality are weighed, never averaged."),
            _("Add it under “apart”, with the sides cost and quality."),
        )
    for n, weakness in enumerate(rules.get("weaknesses", [])):
        _known_grade(source, (*at, "weaknesses", n, "at"), weakness.get("at"), grades)
        when = weakness.get("when", {})
        if not when:
            source.fault(
                (*at, "weaknesses", n, "when"),
                _("The rule “%(id)s” is set off by nothing.", id=weakness.get("id")),
                _("Give the answers that set it off, such as “known: false”."),
                _("Complete it, or take it out."),
            )
        for key, value in when.items():
            if value is not (key == "serious"):
                source.fault(
                    (*at, "weaknesses", n, "when", key),
                    _(
                        "The rule is set off by “%(key)s: %(value)s”.",
                        key=key,
                        value=str(value).lower(),
                    ),
                    _("Only the worse answer may cap: serious: true, the others: false."),
                    _("Turn the answer round, or take it out."),
                )


def _known_grade(source: Source, at: Steps, grade: str | None, grades: list[str]) -> bool:
    if grade is None or grade in grades:
        return grade is not None
    source.fault(
        at,
        _("The scale has no grade “%(grade)s”.", grade=grade),
        _("Its grades: %(grades)s.", grades=", ".join(grades)),
        _("Use one of these, or correct the scale in framework.yaml."),
    )
    return False


def _ladder(source: Source, at: Steps, ladder: Item, grades: list[str], *, of_levels: bool) -> None:
    steps = ladder.get("steps", [])
    found = [s.get("grade") for s in steps]
    known = [
        _known_grade(source, (*at, "steps", n, "grade"), g, grades) for n, g in enumerate(found)
    ]
    if steps and all(known) and found != grades:
        source.fault(
            (*at, "steps"),
            _("The steps are: %(found)s.", found=", ".join(found)),
            _("One step for each grade, highest first: %(grades)s.", grades=", ".join(grades)),
            _("Put the steps in order and add what is missing."),
        )
    for n, step in enumerate(steps):
        last = n == len(steps) - 1
        if last == bool(step.get("needs")):
            source.fault(
                (*at, "steps", n),
                _(
                    "The step “%(grade)s” has %(n)d needs.",
                    grade=step.get("grade"),
                    n=len(step.get("needs", [])),
                ),
                _("Every step needs something, but the last: it is what remains."),
                _("Add or take out its needs."),
            )
        for m, need in enumerate(step.get("needs", [])):
            _need(source, (*at, "steps", n, "needs", m), need, grades, of_levels=of_levels)


def _need(source: Source, at: Steps, need: Item, grades: list[str], *, of_levels: bool) -> None:
    kinds = [k for k in NEEDS if k in need]
    if len(kinds) != 1:
        source.fault(
            at,
            _("A need says: %(kinds)s.", kinds=", ".join(kinds) or "nothing"),
            _("Exactly one of: %(needs)s.", needs=", ".join(NEEDS)),
            _("Split it, or complete it."),
        )
        return
    kind = kinds[0]
    target = {NONE_AT: "none_at", NONE_BELOW: "none_below"}.get(
        kind, "level" if of_levels else "grade"
    )
    allowed = {kind, target} | ({"of"} if of_levels else set())
    wrong = kind == (NONE_BELOW if of_levels else NONE_AT)
    if wrong or target not in need or set(need) - allowed:
        source.fault(
            at,
            _("The need has the keys %(keys)s.", keys=", ".join(need)),
            _(
                "Over placings: a share with “level”, or “none_at”, and “of”. "
                "Over grades: a share with “grade”, or “none_below”."
            ),
            _("Correct its keys."),
        )
        return
    if of_levels and need[target] > TOP_LEVEL:
        source.fault(
            (*at, target),
            _("There is no level %(level)d.", level=need[target]),
            _("Levels run from 1 to %(top)d.", top=TOP_LEVEL),
            _("Correct the level."),
        )
    if not of_levels:
        _known_grade(source, (*at, target), need[target], grades)


def _limits(
    source: Source,
    grades: Mapping[str, list[str]],
    kloes: Mapping[str, Item],
    themes: set[str],
    criteria: set[str],
) -> None:
    seen: set[str] = set()
    known = {"criterion": criteria, "theme": themes, "kloe": set(kloes), "judgement": set(grades)}
    for n, limit in enumerate(source.data.get("limits", [])):
        at: Steps = ("limits", n)
        if limit.get("id") in seen:
            source.fault(
                (*at, "id"),
                _("The limit “%(id)s” stands here a second time.", id=limit["id"]),
                _("Each limit stands once."),
                _("Rename or remove one of the two."),
            )
        seen.add(limit.get("id", ""))
        when, caps = limit.get("when", {}), limit.get("caps", {})
        thing = [k for k in ("criterion", "theme", "kloe") if k in when]
        wanted = {"criterion", "at_or_below_level"} if thing == ["criterion"] else {*thing, "below"}
        if len(thing) != 1 or set(when) != wanted or len(caps) != 1:
            source.fault(
                (*at, "when"),
                _(
                    "The limit is set off by %(when)s and caps %(caps)s.",
                    when=", ".join(when),
                    caps=", ".join(caps),
                ),
                _(
                    "A criterion with “at_or_below_level”, or a theme or kloe with “below”; "
                    "and one cap."
                ),
                _("Correct “when” or “caps”."),
            )
            continue
        for where, part in (("when", when), ("caps", caps)):
            for kind in known.keys() & part.keys():
                if part[kind] not in known[kind]:
                    source.fault(
                        (*at, where, kind),
                        _("There is no %(kind)s “%(id)s”.", kind=kind, id=part[kind]),
                        _("A limit names things of this framework."),
                        _("Correct the identifier; “kloe frameworks show” lists them."),
                    )
        target, id = next(iter(caps.items()))
        _limit_grades(
            source,
            at,
            limit,
            grades=grades,
            kloes=kloes,
            cause=when[thing[0]],
            target=target,
            id=id,
        )


def _limit_grades(
    source: Source,
    at: Steps,
    limit: Item,
    *,
    grades: Mapping[str, list[str]],
    kloes: Mapping[str, Item],
    cause: str,
    target: str,
    id: str,
) -> None:
    def scale(number: str) -> list[str] | None:
        kloe = kloes.get(number.split("/", 1)[0], {})
        return grades.get(kloe.get("judgement", ""))

    capped = grades.get(id) if target == "judgement" else scale(id)
    if capped:
        _known_grade(source, (*at, "at"), limit.get("at"), capped)
    causing = scale(cause)
    if causing and "below" in limit["when"]:
        _known_grade(source, (*at, "when", "below"), limit["when"]["below"], causing)
    # A cap may reach up the tree or stay: a theme's own grade cannot cap itself.
    if (
        target != "judgement"
        and "below" in limit["when"]
        and (id == cause or id.startswith(f"{cause}/"))
    ):
        source.fault(
            at,
            _("The grade of “%(cause)s” would cap “%(id)s”.", cause=cause, id=id),
            _("A grade caps what it is part of, not itself or its parts."),
            _("Let a theme cap its KLOE or the judgement."),
        )
