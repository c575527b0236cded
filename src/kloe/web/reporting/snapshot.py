"""Filling the snapshot: the one reading of the database that a report is made from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from kloe.assessment import snapshot as s
from kloe.assessment import snapshot_filling as filling
from kloe.assessment.triangulation import Link
from kloe.assessment.vocabulary import INSPECTION_KINDS, Confidentiality, EvidenceKind
from kloe.frameworks import model
from kloe.web.assessments.models import Answer, Assessment, ContextRecord, Rating
from kloe.web.assessments.queries import works_of
from kloe.web.challenges import reporting as challenges
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.indicators import queries as indicators
from kloe.web.inspections import again
from kloe.web.judgements.models import Factor, Finding, Weakness
from kloe.web.library import store
from kloe.web.moderation import reporting as moderation
from kloe.web.readings import reporting as readings
from kloe.web.reporting import fieldwork
from kloe.web.reporting.computed import computed_of
from kloe.web.reporting.judged import judgements_of
from kloe.web.summaries import queries as summaries
from kloe.web.texts import queries as texts

#: Evidence that is what somebody said.
_SAID = frozenset({EvidenceKind.TESTIMONY.value, EvidenceKind.TENANT_VOICE.value})
_OPEN = Confidentiality.OPEN.value


@dataclass
class _Read:
    """Everything the database holds of an assessment, read once and sorted by what it is of."""

    ratings: dict[str, Rating] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    cites: dict[Any, tuple[int, ...]] = field(default_factory=dict)
    links: dict[str, list[EvidenceLink]] = field(default_factory=lambda: defaultdict(list))
    items: dict[Any, EvidenceItem] = field(default_factory=dict)


def _read(assessment: Assessment) -> _Read:
    found = _Read()
    items = EvidenceItem.objects.filter(assessment=assessment, deleted_at=None).select_related(
        "file"
    )
    found.items = {i.pk: i for i in items}
    found.ratings = {
        r.criterion: r for r in Rating.objects.filter(assessment=assessment, author=None)
    }
    for answer in Answer.objects.filter(assessment=assessment).prefetch_related("cites"):
        found.answers[answer.question] = answer
        found.cites[answer.pk] = tuple(
            sorted(i.number for i in answer.cites.all() if i.pk in found.items)
        )
    for link in EvidenceLink.objects.filter(assessment=assessment):
        if link.item_id in found.items:
            found.links[link.criterion].append(link)
    return found


def _criterion(criterion: model.Criterion, read: _Read, assessment: Assessment) -> s.Criterion:
    rating = read.ratings.get(criterion.id)
    return filling.criterion_of(
        criterion,
        position=rating.position if rating else "",
        reason=rating.reason if rating else "",
        given=[
            _given(link, read.items[link.item_id], assessment) for link in read.links[criterion.id]
        ],
        since=assessment.period_start,
    )


def _told_in_confidence(assessment: Assessment, item: EvidenceItem) -> bool:
    """Whether an item is what somebody told inspectors: who it was is never named."""
    return assessment.kind in INSPECTION_KINDS and item.kind in _SAID


def _given(link: EvidenceLink, item: EvidenceItem, assessment: Assessment) -> filling.Given:
    hidden = _told_in_confidence(assessment, item)
    return filling.Given(
        item.number,
        Link(
            item=str(item.pk),
            descriptor=link.descriptor,
            direction=link.direction,
            side=link.side,
            polarity=link.polarity,
            kind=item.kind,
            origin=item.origin,
            start=item.period_start,
            end=item.period_end,
        ),
        "" if hidden else link.locator,
        "" if hidden else link.note,
        item.confidentiality == Confidentiality.RESTRICTED,
    )


def _kloes(assessment: Assessment, pinned: store.Pinned, read: _Read) -> tuple[s.Kloe, ...]:
    works = {w.theme: w for w in works_of(assessment)}
    answers = {
        question: (answer.text, read.cites[answer.pk]) for question, answer in read.answers.items()
    }
    found = []
    for framework in pinned.frameworks:
        for kloe in framework.kloes:
            themes = []
            for theme in kloe.themes:
                work = works[theme.id]
                themes.append(
                    s.Theme(
                        id=theme.id,
                        number=theme.number,
                        title=theme.title,
                        strand=theme.strand,
                        questions=filling.questions_of(theme, answers),
                        criteria=tuple(_criterion(c, read, assessment) for c in theme.criteria)
                        if work.in_scope
                        else (),
                        main_question=theme.main_question,
                        in_scope=work.in_scope,
                        scope_reason=work.reason,
                        lead=work.lead,
                    )
                )
            found.append(filling.kloe_of(kloe, framework.id, themes))
    return tuple(found)


def _evidence(assessment: Assessment, read: _Read) -> tuple[s.EvidenceItem, ...]:
    found = []
    for item in sorted(read.items.values(), key=lambda i: i.number):
        if item.confidentiality == Confidentiality.RESTRICTED:
            found.append(s.EvidenceItem.withheld(item.number, item.kind))
            continue
        hidden = _told_in_confidence(assessment, item)
        # A note of what somebody said is called after them; a survey is called what it is.
        named = not hidden or item.form != EvidenceItem.Form.NOTE or item.confidentiality == _OPEN
        found.append(
            s.EvidenceItem(
                number=item.number,
                kind=item.kind,
                title=item.title if named else "",
                origin=item.origin,
                form=item.form,
                period_start=item.period_start,
                period_end=item.period_end,
                source="" if hidden else item.source,
                confidentiality=item.confidentiality,
                url=item.url,
                digest=item.file.sha256 if item.file else "",
            )
        )
    return tuple(found)


def indicators_of(assessment: Assessment, pinned: store.Pinned) -> tuple[s.Indicator, ...]:
    """The published results beside an assessment, as a snapshot holds them."""

    def here(identifiers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(i for i in identifiers if i.split("/", 1)[0] in pinned.by_id)

    found = [filling.indicator_of(shown.position) for shown in indicators.everything(assessment)]
    return tuple(replace(i, themes=here(i.themes), criteria=here(i.criteria)) for i in found)


def _findings(assessment: Assessment, read: _Read) -> tuple[s.Finding, ...]:
    return tuple(
        s.Finding(
            id=str(f.pk),
            theme=f.theme,
            kind=f.kind,
            text=f.text,
            criteria=tuple(f.criteria),
            evidence=tuple(sorted(i.number for i in f.evidence.all() if i.pk in read.items)),
            recommendation=f.recommendation,
            priority=f.priority,
            number=f.number,
            strength=f.strength,
            draft=f.draft,
            benefit=f.benefit,
            impact=f.impact,
            cost=f.cost,
            due_on=f.due_on,
        )
        for f in Finding.objects.filter(assessment=assessment).prefetch_related("evidence")
    )


def _prospects(assessment: Assessment) -> s.Prospects:
    factors = list(Factor.objects.filter(assessment=assessment))
    return s.Prospects(
        weaknesses=tuple(
            s.Weakness(
                text=w.text,
                theme=w.finding.theme if w.finding else "",
                serious=w.serious,
                known=w.known,
                planned=w.planned,
                capacity=w.capacity,
                note=w.note,
            )
            for w in Weakness.objects.filter(assessment=assessment).select_related("finding")
        ),
        drivers=tuple(f.text for f in factors if f.kind == "driver"),
        barriers=tuple(f.text for f in factors if f.kind == "barrier"),
    )


def take(assessment: Assessment) -> s.Snapshot:
    """The assessment as it stands now; about fifteen queries whatever its size."""
    pinned = store.pinned(assessment)
    read = _read(assessment)
    organisation = assessment.landlord
    context = ContextRecord.objects.get(assessment=assessment)
    kloes = _kloes(assessment, pinned, read)
    in_scope = {t.id for k in kloes for t in k.themes if t.in_scope}
    return s.Snapshot(
        taken_at=timezone.now(),
        organisation=s.Organisation(
            name=organisation.name,
            kind=organisation.get_kind_display(),
            jurisdiction=organisation.jurisdiction,
            homes=organisation.homes,
            landlord_code=organisation.landlord_code,
            invented=organisation.invented,
        ),
        assessment=s.Assessment(
            id=str(assessment.pk),
            kind=assessment.kind,
            title=assessment.title,
            period_start=assessment.period_start,
            period_end=assessment.period_end,
            lead=str(assessment.lead or ""),
            conducted_by=assessment.conducted_by.name,
            final_at=assessment.final_at,
            editions=tuple(
                filling.edition_of(f, leading=f is pinned.leading, in_scope=in_scope)
                for f in pinned.frameworks
            ),
        ),
        scales=tuple(scale for f in pinned.frameworks for scale in filling.scales_of(f)),
        kloes=kloes,
        context=s.ContextRecord(**{k: getattr(context, k) for k in ContextRecord.FIELDS}),
        known=tuple(
            s.KnownFact(k.kind, k.date, k.source, k.text, k.url, tuple(k.themes), k.tone)
            for k in assessment.known.all()
        ),
        findings=tuple(f for f in _findings(assessment, read) if f.theme in in_scope),
        judgements=judgements_of(assessment, pinned),
        prospects=_prospects(assessment),
        indicators=indicators_of(assessment, pinned),
        computed=computed_of(assessment, read.items, read.links, pinned.by_id),
        evidence=_evidence(assessment, read),
        texts=texts.for_report(assessment),
        recommended=fieldwork.recommended_of(assessment),
        checks=fieldwork.checks_of(assessment),
        people=fieldwork.people_of(assessment),
        moderation=moderation.for_report(assessment),
        accuracy=challenges.for_report(assessment),
        readings=readings.for_report(assessment, pinned),
        comparison=again.for_report(assessment),
        tenants=summaries.for_report(assessment),
    )
