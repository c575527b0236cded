"""Putting a framework's rules to what stands in the database. Nothing here is shown or saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from django.utils import timezone

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
from kloe.web.judgements.models import Judgement, Weakness
from kloe.web.judgements.standing import grades
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


#: The day each thing a limit may rest on was placed or graded as it stands.
Days = dict[str, date]


def _placings(
    assessment: Assessment, pinned: Pinned, subject: Subject
) -> tuple[dict[str, str], Days]:
    """The team's placings the rules look at: a theme's, and those that limits rest on.

    With the day of each.
    """
    wanted = {
        limit.of
        for framework in pinned.frameworks
        for limit in framework.rules.limits_on(subject.id)
        if limit.kind == "criterion"
    }
    if subject.theme is not None:
        wanted.update(c.id for c in subject.theme.criteria)
    if not wanted:
        return {}, {}
    rows = list(
        Rating.objects.filter(assessment=assessment, author=None, criterion__in=sorted(wanted))
        .exclude(position="")
        .values_list("criterion", "position", "updated_at")
    )
    days = {criterion: timezone.localdate(at) for criterion, _position, at in rows}
    return {criterion: position for criterion, position, _at in rows}, days


def _dated(assessment: Assessment, suggestion: Suggestion, days: Days) -> Suggestion:
    """Its limits with the day of what set them off: one query where that is a grade."""
    graded = {limit.of for limit in suggestion.limits} - days.keys()
    if graded:
        rows = Judgement.objects.filter(assessment=assessment, subject__in=sorted(graded))
        for subject, at in (
            rows.exclude(stage="dissent").order_by("at").values_list("subject", "at")
        ):
            days[subject] = timezone.localdate(at)
    if not suggestion.limits:
        return suggestion
    return replace(
        suggestion,
        limits=tuple(replace(x, since=days.get(x.of)) for x in suggestion.limits),
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

    What the caller has read already it may give; the rest is read here, in at most five
    queries: placings, scope, standing grades, weaknesses, the days of grades that limit.
    """
    placings, days = _placings(assessment, pinned, subject)
    found = _by_rules(assessment, pinned, subject, placings, standing, in_scope, weaknesses)
    return _dated(assessment, found, days)


def _by_rules(
    assessment: Assessment,
    pinned: Pinned,
    subject: Subject,
    placings: Mapping[str, str],
    standing: Standing | None,
    in_scope: Collection[str] | None,
    weaknesses: Iterable[Weakness] | None,
) -> Suggestion:
    if in_scope is None and (subject.kind != THEME or rests_elsewhere(subject)):
        in_scope = themes_in_scope(assessment)
    if subject.theme is not None:
        return suggest_theme(subject.framework, subject.theme, placings, themes=in_scope)
    if standing is None:
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
