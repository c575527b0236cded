"""What the pages of a KLOE and of the overall judgements show, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from kloe.assessment.vocabulary import FindingKind, Stage
from kloe.core.messages import Text
from kloe.frameworks.model import Framework, Grade, Kloe, MainQuestion, Theme
from kloe.frameworks.words import STRANDS
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Answer, Assessment
from kloe.web.assessments.queries import Progress, Work, progress_by_theme, sum_of, works_of
from kloe.web.judgements import queries
from kloe.web.judgements import queries_findings as reading
from kloe.web.judgements.forms import FactorForm, JudgeForm, WeaknessForm
from kloe.web.judgements.judging import Judging, Spread
from kloe.web.judgements.models import Finding, Judgement
from kloe.web.judgements.queries_findings import FindingGroup, ShownFinding
from kloe.web.judgements.standing import grades
from kloe.web.judgements.subjects import (
    KLOE,
    PROSPECTS,
    Subject,
    subject_of,
    subjects_of,
    themes_in_scope,
)
from kloe.web.judgements.suggesting import Standing
from kloe.web.library.store import Pinned

#: Findings on a KLOE's page, and areas for improvement offered on the page of prospects; the
#: list of findings has them all.
MOST_FINDINGS = 30
MOST_OFFERED = 10
Bound = Mapping[str, JudgeForm]
_ORDER = (Stage.AGREED, Stage.PROPOSED, Stage.PROVISIONAL)


@dataclass(frozen=True)
class RailEntry:
    """A judgement in the list at the left."""

    label: str
    title: Text
    url: str
    grade: Grade | None
    here: bool


@dataclass(frozen=True)
class ThemeRow:
    """A theme as it stands."""

    theme: Theme
    work: Work
    progress: Progress
    grade: Grade | None
    stage: str
    counts: Mapping[str, int]

    @property
    def strengths(self) -> int:
        return self.counts.get(FindingKind.STRENGTH.value, 0)

    @property
    def improvements(self) -> int:
        return self.counts.get(FindingKind.IMPROVEMENT.value, 0)

    @property
    def practice(self) -> int:
        return self.counts.get(FindingKind.PRACTICE.value, 0)


@dataclass(frozen=True)
class Part:
    """A main question with its themes, its answer and its judgement."""

    question: MainQuestion
    subject: Subject
    rows: list[ThemeRow]
    answer: Answer | None
    judging: Judging | None
    grade: Grade | None = None
    stage: str = ""
    in_scope: bool = True


@dataclass(frozen=True)
class KloePage:
    kloe: Kloe
    framework: Framework
    rows: list[ThemeRow]
    out: list[Work]
    progress: Progress
    judging: Judging | None
    parts: list[Part]
    findings: list[FindingGroup]
    findings_total: int
    rail: list[RailEntry]
    in_scope: bool


def rail_of(assessment: UUID, pinned: Pinned, standing: Standing, here: str) -> list[RailEntry]:
    """The overall judgements and every KLOE, with the grades that stand."""
    found = []
    for subject in subjects_of(pinned).values():
        if subject.kloe is None:
            grade = standing.get(subject.id, (None, ""))[0]
            url = subject.url(assessment)
            found.append(RailEntry("", subject.title, url, grade, subject.id == here))
    for kloe in pinned.kloes():
        grade = standing.get(kloe.id, (None, ""))[0]
        url = reverse("kloe-judgement", args=[assessment, kloe.id])
        found.append(RailEntry(kloe.label, kloe.title, url, grade, kloe.id == here))
    return found


def _answers(assessment: Assessment, questions: Iterable[MainQuestion]) -> dict[str, Answer]:
    rows = Answer.objects.filter(assessment=assessment, question__in=[q.id for q in questions])
    return {a.question: a for a in rows.select_related("updated_by")}


def kloe_page(
    access: AssessmentAccess,
    pinned: Pinned,
    kloe: Kloe,
    *,
    bound: Mapping[str, Bound] | None = None,
) -> KloePage:
    """Read the page of a KLOE.

    :param bound: forms that came back with faults, by subject and stage.
    """
    assessment = access.assessment
    works = {w.theme: w for w in works_of(assessment) if w.kloe == kloe.id}
    progress = progress_by_theme(assessment, pinned)
    standing = grades(assessment, pinned)
    counts = reading.finding_counts(assessment)
    in_scope = frozenset(t for t, w in works.items() if w.in_scope)
    rows: dict[str, ThemeRow] = {}
    for theme in (t for t in kloe.themes if t.id in in_scope):
        grade, stage = standing.get(theme.id, (None, ""))
        rows[theme.id] = ThemeRow(
            theme, works[theme.id], progress[theme.id], grade, stage, counts.get(theme.id, {})
        )
    subjects = [
        s
        for s in subjects_of(pinned).values()
        if s.kloe is not None and s.kloe.id == kloe.id and s.theme is None
    ]
    judgements = queries.rows_of(assessment, [s.id for s in subjects])

    def judging(subject: Subject) -> Judging:
        return queries.judging_of(
            assessment,
            pinned,
            subject,
            rows=judgements.get(subject.id, []),
            bound=(bound or {}).get(subject.id),
            standing=standing,
            in_scope=in_scope,
        )

    answers = _answers(assessment, kloe.main_questions) if kloe.main_questions else {}
    parts = []
    for question in kloe.main_questions:
        subject = subject_of(pinned, question.id)
        grade, stage = standing.get(question.id, (None, ""))
        parts.append(
            Part(
                question,
                subject,
                [rows[t] for t in question.themes if t in rows],
                answers.get(question.id),
                judging(subject),
                grade,
                stage,
                any(t in in_scope for t in question.themes),
            )
        )
    own = next((s for s in subjects if s.kind == KLOE), None)
    found = reading.findings(assessment, pinned, reading.Wanted(kloe=kloe.id))
    shown: list[ShownFinding] = reading.shown_findings(found[:MOST_FINDINGS], pinned, access)
    return KloePage(
        kloe=kloe,
        framework=pinned.framework_of(kloe.id),
        rows=list(rows.values()),
        out=[w for w in works.values() if not w.in_scope],
        progress=sum_of(r.progress for r in rows.values()),
        judging=judging(own) if own else None,
        parts=parts,
        findings=reading.grouped(shown),
        findings_total=sum(n for t in kloe.themes for n in counts.get(t.id, {}).values()),
        rail=rail_of(assessment.pk, pinned, standing, kloe.id),
        in_scope=bool(in_scope),
    )


# The overall judgements ----------------------------------------------------------------------


@dataclass(frozen=True)
class KloeRow:
    """A KLOE as it stands."""

    kloe: Kloe
    framework: Framework
    grade: Grade | None
    stage: str
    progress: Progress
    themes: int
    graded: int


@dataclass(frozen=True)
class StrandRow:
    """The themes of a strand with their grades."""

    strand: str
    spread: Spread
    #: Highest grade first; those without one last.
    groups: list[tuple[Grade | None, list[Theme]]]


@dataclass(frozen=True)
class OverallPage:
    subject: Subject
    judging: Judging
    in_scope: bool
    rail: list[RailEntry]
    kloes: list[KloeRow] = field(default_factory=list)
    out: list[Kloe] = field(default_factory=list)
    strands: list[StrandRow] = field(default_factory=list)
    mixed: bool = False
    # Prospects
    parts: list[Part] = field(default_factory=list)
    weaknesses: list[WeaknessForm] = field(default_factory=list)
    new_weakness: WeaknessForm | None = None
    offered: list[Finding] = field(default_factory=list)
    offered_more: int = 0
    drivers: list[FactorForm] = field(default_factory=list)
    barriers: list[FactorForm] = field(default_factory=list)
    new_driver: FactorForm | None = None
    new_barrier: FactorForm | None = None


def _strands(
    kloes: Iterable[Kloe], in_scope: frozenset[str], standing: Standing
) -> list[StrandRow]:
    found = []
    for strand in STRANDS:
        groups: dict[tuple[int, str], tuple[Grade | None, list[Theme]]] = {}
        for theme in (t for k in kloes for t in k.themes):
            if theme.strand == strand and theme.id in in_scope:
                grade = standing.get(theme.id, (None, ""))[0]
                key = (-grade.rank, str(grade.label)) if grade else (1, "")
                groups.setdefault(key, (grade, []))[1].append(theme)
        if groups:
            ordered = [groups[key] for key in sorted(groups)]
            spread: Spread = [(g.rank, g.label, len(themes)) for g, themes in ordered if g]
            found.append(StrandRow(strand, spread, ordered))
    return found


def _kloe_row(
    kloe: Kloe,
    framework: Framework,
    standing: Standing,
    progress: Mapping[str, Progress],
    in_scope: frozenset[str],
) -> KloeRow:
    grade, stage = standing.get(kloe.id, (None, ""))
    themes = [t.id for t in kloe.themes if t.id in in_scope]
    return KloeRow(
        kloe,
        framework,
        grade,
        stage,
        sum_of(progress[t] for t in themes),
        len(themes),
        sum(t in standing for t in themes),
    )


def overall_page(
    access: AssessmentAccess,
    pinned: Pinned,
    subject: Subject,
    *,
    bound: Mapping[str, Bound] | None = None,
    forms: Mapping[str, Any] | None = None,
) -> OverallPage:
    """Read the page of an overall judgement.

    :param bound: forms of judgements that came back with faults, by subject and stage.
    :param forms: other forms that did, by the name of the field of the page.
    """
    assessment = access.assessment
    works = works_of(assessment)
    in_scope = frozenset(w.theme for w in works if w.in_scope)
    standing = grades(assessment, pinned)
    rows = queries.rows_of(assessment, [subject.id]).get(subject.id, [])
    serving = [k for k in pinned.kloes() if k.judgement == subject.judgement]
    inside = [k for k in serving if any(t.id in in_scope for t in k.themes)]
    more: dict[str, Any] = {"standing": standing, "in_scope": in_scope}
    page: dict[str, Any] = {}
    if subject.id == PROSPECTS:
        page, weaknesses = _prospects(access, pinned, inside, standing, in_scope)
        more["weaknesses"] = weaknesses
        page |= forms or {}
    else:
        progress = progress_by_theme(assessment, pinned)
        page["kloes"] = [
            _kloe_row(k, pinned.framework_of(k.id), standing, progress, in_scope) for k in inside
        ]
        page["mixed"] = len({pinned.framework_of(k.id).id for k in inside}) > 1
    return OverallPage(
        subject=subject,
        judging=queries.judging_of(
            assessment, pinned, subject, rows=rows, bound=(bound or {}).get(subject.id), **more
        ),
        in_scope=bool(inside),
        rail=rail_of(assessment.pk, pinned, standing, subject.id),
        out=[k for k in serving if k not in inside],
        strands=_strands(inside, in_scope, standing),
        **page,
    )


def _prospects(
    access: AssessmentAccess,
    pinned: Pinned,
    kloes: Iterable[Kloe],
    standing: Standing,
    in_scope: frozenset[str],
) -> tuple[dict[str, Any], list[Any]]:
    assessment = access.assessment
    questions = [q for k in kloes for q in k.main_questions]
    answers = _answers(assessment, questions)
    parts = []
    for question in questions:
        grade, stage = standing.get(question.id, (None, ""))
        subject = subject_of(pinned, question.id)
        inside = any(t in in_scope for t in question.themes)
        parts.append(
            Part(question, subject, [], answers.get(question.id), None, grade, stage, inside)
        )
    weaknesses = reading.weaknesses_of(assessment)
    offered = reading.not_taken_over(assessment)
    first = list(offered[:MOST_OFFERED])
    factors = reading.factors_of(assessment)
    return {
        "parts": parts,
        "weaknesses": [WeaknessForm(instance=w) for w in weaknesses],
        "new_weakness": WeaknessForm(),
        "offered": first,
        "offered_more": offered.count() - len(first),
        "drivers": [FactorForm(instance=f) for f in factors["driver"]],
        "barriers": [FactorForm(instance=f) for f in factors["barrier"]],
        "new_driver": FactorForm(kind="driver"),
        "new_barrier": FactorForm(kind="barrier"),
    }, weaknesses


# The list of judgements ----------------------------------------------------------------------


@dataclass(frozen=True)
class SubjectRow:
    """A subject in the list of all judgements."""

    subject: Subject
    grade: Grade | None
    stage: str
    by: Any
    at: Any
    dissents: int
    url: str
    place: int


def subject_rows(assessment: Assessment, pinned: Pinned) -> list[SubjectRow]:
    """Every subject in scope, or judged, with what stands: two queries."""
    in_scope = themes_in_scope(assessment)
    rows: dict[str, dict[str, Any]] = {}
    dissents: dict[str, int] = {}
    for row in (
        Judgement.objects.filter(assessment=assessment).select_related("by").defer("suggestion")
    ):
        if row.stage == Stage.DISSENT:
            dissents[row.subject] = dissents.get(row.subject, 0) + 1
        else:
            rows.setdefault(row.subject, {})[row.stage] = row
    found = []
    for place, subject in enumerate(subjects_of(pinned).values()):
        stages = rows.get(subject.id, {})
        standing = next((stages[s.value] for s in _ORDER if s.value in stages), None)
        if standing is None and not any(t in in_scope for t in subject.themes):
            continue
        grade = None
        if standing is not None:
            grade = next((g for g in subject.scale.grades if g.key == standing.grade), None)
        found.append(
            SubjectRow(
                subject,
                grade,
                standing.stage if standing else "",
                standing.by if standing else None,
                standing.at if standing else None,
                dissents.get(subject.id, 0),
                subject.url(assessment.pk),
                place,
            )
        )
    return found
