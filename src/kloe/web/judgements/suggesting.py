"""Putting a framework's rules to what stands in the database. Nothing here is shown or saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from kloe.assessment.grading import (
    suggest_judgement,
    suggest_kloe,
    suggest_main_question,
    suggest_theme,
)
from kloe.assessment.prospects import Weakness as Weighed
from kloe.assessment.prospects import suggest_prospects
from kloe.assessment.suggestion import Suggestion
from kloe.frameworks.model import Grade
from kloe.web.assessments.models import Assessment, Rating
from kloe.web.judgements.models import Weakness
from kloe.web.judgements.subjects import (
    KLOE,
    MAIN_QUESTION,
    PROSPECTS,
    THEME,
    Subject,
    themes_in_scope,
)
from kloe.web.library.store import Pinned

#: The grade that stands for each subject, and its stage.
Standing = Mapping[str, tuple[Grade, str]]


def weighed(weaknesses: Iterable[Weakness]) -> list[Weighed]:
    """Weaknesses as the rules take them."""
    return [
        Weighed(w.text, w.serious, w.known, w.planned, w.capacity, str(w.pk)) for w in weaknesses
    ]


def rests_elsewhere(subject: Subject) -> bool:
    """Whether a limit on a theme rests on another theme, so that the scope has to be known."""
    return any(
        limit.kind != "criterion" or limit.of.rpartition("/")[0] != subject.id
        for limit in subject.framework.rules.limits_on(subject.id)
    )


def _placings(assessment: Assessment, pinned: Pinned, subject: Subject) -> dict[str, str]:
    """The team's placings the rules look at: a theme's, and those that limits rest on."""
    wanted = {
        limit.of
        for framework in pinned.frameworks
        for limit in framework.rules.limits_on(subject.id)
        if limit.kind == "criterion"
    }
    if subject.theme is not None:
        wanted.update(c.id for c in subject.theme.criteria)
    if not wanted:
        return {}
    return dict(
        Rating.objects.filter(assessment=assessment, author=None, criterion__in=sorted(wanted))
        .exclude(position="")
        .values_list("criterion", "position")
    )


def suggest(
    assessment: Assessment,
    pinned: Pinned,
    subject: Subject,
    *,
    standing: Standing | None = None,
    in_scope: Collection[str] | None = None,
    weaknesses: Iterable[Weakness] | None = None,
) -> Suggestion:
    """What the rules make of a subject as things stand now.

    What the caller has read already it may give; the rest is read here, in at most four
    queries: placings, scope, standing grades, weaknesses.
    """
    placings = _placings(assessment, pinned, subject)
    if in_scope is None and (subject.kind != THEME or rests_elsewhere(subject)):
        in_scope = themes_in_scope(assessment)
    if subject.theme is not None:
        return suggest_theme(subject.framework, subject.theme, placings, themes=in_scope)
    if standing is None:
        from kloe.web.judgements.queries import grades

        standing = grades(assessment, pinned)
    keys = {name: grade.key for name, (grade, _stage) in standing.items()}
    if subject.kind == KLOE and subject.kloe is not None:
        return suggest_kloe(
            subject.framework, subject.kloe, keys, themes=in_scope, placings=placings
        )
    if subject.kind == MAIN_QUESTION and subject.main_question is not None:
        return suggest_main_question(
            subject.framework, subject.main_question, keys, themes=in_scope
        )
    if subject.id == PROSPECTS:
        if weaknesses is None:
            weaknesses = Weakness.objects.filter(assessment=assessment)
        return suggest_prospects(
            pinned.frameworks,
            pinned.leading.id,
            keys,
            weighed(weaknesses),
            themes=in_scope,
            placings=placings,
        )
    return suggest_judgement(
        pinned.frameworks,
        pinned.leading.id,
        subject.judgement,
        keys,
        themes=in_scope,
        placings=placings,
    )
