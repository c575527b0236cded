"""Reading texts of the report, and what lies to hand while one is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from kloe.assessment.snapshot_texts import CONTEXT, SUMMARY, Written
from kloe.assessment.vocabulary import FindingKind
from kloe.frameworks.model import Grade
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.queries import hidden_from, matching, veiled
from kloe.web.indicators import computed_queries
from kloe.web.indicators import queries as indicators
from kloe.web.judgements import queries_findings
from kloe.web.judgements.models import Finding
from kloe.web.judgements.queries_findings import ShownFinding
from kloe.web.judgements.standing import grades
from kloe.web.judgements.subjects import themes_in_scope
from kloe.web.library.store import Pinned
from kloe.web.texts.models import Text
from kloe.web.texts.parts import Part, parts_of

#: Of each kind so many lie to hand; words find the others.
AT_HAND = 40


def for_report(assessment: Assessment) -> tuple[Written, ...]:
    """The texts as the snapshot holds them: one query."""
    rows = Text.objects.filter(assessment=assessment).exclude(text="").order_by("subject")
    return tuple(Written(*row) for row in rows.values_list("subject", "text"))


def text_of(assessment: Assessment, part: Part) -> Text:
    """The text of a part as it stands; an empty one of version 0 where none was written."""
    rows = Text.objects.filter(assessment=assessment, subject=part.id).select_related("updated_by")
    return rows.first() or Text(assessment=assessment, subject=part.id)


# The list of texts ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A part of the report in the list of its texts."""

    part: Part
    url: str
    words: int = 0
    by: Any = None
    at: datetime | None = None
    findings: int = 0
    grade: Grade | None = None
    here: bool = False


def rows(assessment: Assessment, pinned: Pinned, *, here: str = "") -> list[Row]:
    """Every part in scope, in the order of the report: four queries."""
    written = {
        t.subject: t
        for t in Text.objects.filter(assessment=assessment)
        .select_related("updated_by")
        .defer("text")
    }
    in_scope = themes_in_scope(assessment)
    counts = queries_findings.finding_counts(assessment)
    standing = grades(assessment, pinned)
    found = []
    for part in parts_of(pinned).values():
        if part.subject is not None and not any(t in in_scope for t in part.themes):
            continue
        text = written.get(part.id)
        found.append(
            Row(
                part,
                part.url(assessment.pk),
                text.words if text else 0,
                text.updated_by if text else None,
                text.updated_at if text and text.words else None,
                sum(counts.get(part.id, {}).values()),
                standing.get(part.id, (None, ""))[0],
                part.id == here,
            )
        )
    return found


# What lies to hand ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """An indicator that can be referred to."""

    code: str
    title: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Hand:
    """Findings, figures and evidence beside the text, each with what refers to it."""

    findings: list[ShownFinding]
    figures: list[Figure]
    evidence: list[EvidenceItem]
    #: Whether words were asked for, and whether there is more than is shown.
    words: str = ""
    more: bool = False


def at_hand(access: AssessmentAccess, pinned: Pinned, part: Part, words: str = "") -> Hand:
    """What belongs to a part, or what has these words anywhere in the assessment."""
    assessment = access.assessment
    found = _findings(assessment, part, words)[: AT_HAND + 1]
    items = _evidence(access, part, words)[: AT_HAND + 1]
    findings = queries_findings.shown_findings(found[:AT_HAND], pinned, access)
    evidence = veiled(access, items[:AT_HAND])
    figures = _figures(assessment, pinned, part, words)
    more = max(len(found), len(items), len(figures)) > AT_HAND
    return Hand(findings, figures[:AT_HAND], evidence, words, more)


def _findings(assessment: Assessment, part: Part, words: str) -> Any:
    rows = Finding.objects.filter(assessment=assessment, number__gt=0)
    if words:
        return rows.filter(_each(words, "text", "recommendation", "draft")).order_by("number")
    if part.id == CONTEXT:
        return rows.none()
    rows = rows.filter(theme__in=part.themes)
    if part.id == SUMMARY or len(part.themes) > 12:
        # What a summary is made of: practice, strengths, and what matters most.
        rows = rows.exclude(kind=FindingKind.IMPROVEMENT.value, priority__in=["low", "medium"])
    # Strengths, practice, areas for improvement.
    return rows.order_by("theme", "-kind", "order", "id")


def _each(words: str, *fields: str) -> Q:
    condition = Q()
    for word in words.split()[:12]:
        condition &= reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields))
    return condition


def _evidence(access: AssessmentAccess, part: Part, words: str) -> Any:
    live = EvidenceItem.objects.filter(assessment=access.assessment, deleted_at=None)
    if words:
        # Words of a restricted item are not to be guessed by searching for them.
        return live.exclude(hidden_from(access)).filter(matching(words)).order_by("number")
    if part.id == CONTEXT:
        known = access.assessment.known.exclude(evidence=None).values("evidence")
        context = Assessment.objects.filter(pk=access.assessment.pk).values("context__evidence")
        return live.filter(Q(pk__in=known) | Q(pk__in=context)).order_by("number")
    if len(part.themes) != 1:
        return live.none()
    return live.filter(links__theme=part.themes[0]).distinct().order_by("number")


def _figures(assessment: Assessment, pinned: Pinned, part: Part, words: str) -> list[Figure]:
    if not words and len(part.themes) != 1:
        return []
    if words:
        published = indicators.everything(assessment)
        lines = computed_queries.everything(assessment, pinned)
    else:
        theme = pinned.theme(part.themes[0])
        published = indicators.for_theme(assessment, theme)
        lines = computed_queries.for_theme(assessment, theme)
    found = {s.row.measure: Figure(s.row.measure, str(s.measure.title), s.value) for s in published}
    for line in lines:
        value = line.value if line.value and not line.hidden else ""
        found.setdefault(line.measure, Figure(line.measure, line.title, value, line.target))
    wanted: Collection[str] = [w.casefold() for w in words.split()]
    return [f for f in found.values() if all(w in f"{f.code} {f.title}".casefold() for w in wanted)]
