"""Filling the snapshot: the one reading of the database that a report is made from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from kloe.assessment import snapshot as s
from kloe.assessment.triangulation import Link, decisive_of, summarise
from kloe.assessment.vocabulary import Confidentiality
from kloe.frameworks import model
from kloe.web.assessments.models import Answer, Assessment, ContextRecord, Rating
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.indicators import queries as indicators
from kloe.web.judgements.models import Factor, Finding, Weakness
from kloe.web.library import store
from kloe.web.reporting.judged import judgements_of, scale_of


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
    position = rating.position if rating else ""
    links = read.links.get(criterion.id, [])
    rests = summarise(
        [
            Link(
                item=str(link.item_id),
                descriptor=link.descriptor,
                direction=link.direction,
                side=link.side,
                polarity=link.polarity,
                kind=read.items[link.item_id].kind,
                origin=read.items[link.item_id].origin,
                start=read.items[link.item_id].period_start,
                end=read.items[link.item_id].period_end,
            )
            for link in links
        ],
        position or None,
        decisive_of(criterion),
        since=assessment.period_start,
    )
    shown = []
    for link, agreement in zip(links, rests.agreements, strict=True):
        item = read.items[link.item_id]
        withheld = item.confidentiality == Confidentiality.RESTRICTED
        shown.append(
            s.LinkedEvidence(
                number=item.number,
                descriptor=link.descriptor,
                side=link.side,
                direction=link.direction,
                locator="" if withheld else link.locator,
                note="" if withheld else link.note,
                agrees=agreement.as_bool(),
            )
        )
    return s.Criterion(
        id=criterion.id,
        title=criterion.title,
        form=criterion.form,
        descriptors=tuple(
            s.Descriptor(d.id, d.side, d.text, d.sources, d.polarity, d.nature, d.decisive)
            for d in criterion.descriptors
        ),
        position=position,
        reason=rating.reason if rating else "",
        evidence=tuple(shown),
        triangulation=s.Triangulation(
            rests.kinds, rests.origins, rests.triangulated, rests.decisive_missing
        ),
        contradicted=rests.contradicted,
        questions=criterion.questions,
        weighs=criterion.weighs,
    )


def _question(theme: model.Theme, question: model.Question, read: _Read) -> s.Question:
    answer = read.answers.get(question.id)
    detailed = []
    for one in theme.detailed_questions:
        found = read.answers.get(one.id)
        if one.question == question.id and found and found.text:
            detailed.append(s.DetailedAnswer(one.text, found.text, read.cites[found.pk]))
    return s.Question(
        id=question.id,
        text=question.text,
        answer=answer.text if answer else "",
        cites=read.cites[answer.pk] if answer else (),
        detailed=tuple(detailed),
    )


def _kloes(assessment: Assessment, pinned: store.Pinned, read: _Read) -> tuple[s.Kloe, ...]:
    works = {w.theme: w for w in assessment.themes.select_related("lead")}
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
                        questions=tuple(_question(theme, q, read) for q in theme.questions),
                        criteria=tuple(_criterion(c, read, assessment) for c in theme.criteria)
                        if work.in_scope
                        else (),
                        main_question=theme.main_question,
                        in_scope=work.in_scope,
                        scope_reason=work.reason,
                        lead=str(work.lead or ""),
                    )
                )
            mains = []
            for main in kloe.main_questions:
                mains.append(s.MainQuestion(main.id, main.title, main.text, main.themes))
            found.append(
                s.Kloe(
                    id=kloe.id,
                    framework=framework.id,
                    number=kloe.label,
                    title=kloe.title,
                    judgement=kloe.judgement,
                    themes=tuple(themes),
                    about=kloe.about,
                    main_questions=tuple(mains),
                )
            )
    return tuple(found)


def _evidence(read: _Read) -> tuple[s.EvidenceItem, ...]:
    found = []
    for item in sorted(read.items.values(), key=lambda i: i.number):
        if item.confidentiality == Confidentiality.RESTRICTED:
            found.append(s.EvidenceItem.withheld(item.number, item.kind))
            continue
        found.append(
            s.EvidenceItem(
                number=item.number,
                kind=item.kind,
                title=item.title,
                origin=item.origin,
                form=item.form,
                period_start=item.period_start,
                period_end=item.period_end,
                source=item.source,
                confidentiality=item.confidentiality,
                url=item.url,
                digest=item.file.sha256 if item.file else "",
            )
        )
    return tuple(found)


def _indicators(assessment: Assessment, pinned: store.Pinned) -> tuple[s.Indicator, ...]:
    in_use = pinned.by_id
    found = []
    for shown in indicators.everything(assessment):
        position, measure = shown.position, shown.measure
        spread = position.spread
        placings = [p for p in measure.placings if p.theme.split("/")[0] in in_use]
        found.append(
            s.Indicator(
                measure=measure.code,
                title=measure.title,
                unit=measure.unit.value,
                direction=measure.direction.value,
                period=position.period,
                source=position.source
                if isinstance(position.source, str)
                else str(position.source),
                population=position.population.value,
                value=position.value,
                numerator=position.numerator,
                denominator=position.denominator,
                decimals=measure.decimals,
                reason=position.reason,
                peers=s.Peers(
                    n=spread.n,
                    group=position.peers.words,
                    minimum=spread.least,
                    q1=spread.q1,
                    median=spread.median,
                    q3=spread.q3,
                    maximum=spread.most,
                    rank=position.rank,
                    quarter=position.standing.value if position.standing else "",
                )
                if spread
                else None,
                notes=tuple(position.not_like_for_like),
                themes=tuple(dict.fromkeys(p.theme for p in placings)),
                criteria=tuple(dict.fromkeys(p.criterion for p in placings if p.criterion)),
                numerator_words=measure.numerator,
                denominator_words=measure.denominator,
            )
        )
    return tuple(found)


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


def _editions(pinned: store.Pinned) -> tuple[s.Edition, ...]:
    return tuple(
        s.Edition(
            framework=f.id,
            title=f.title,
            publisher=f.publisher,
            edition=f.edition,
            status=f.status,
            published=f.published,
            jurisdiction=f.jurisdiction,
            digest=f.digest,
            leading=f is pinned.leading,
        )
        for f in pinned.frameworks
    )


def take(assessment: Assessment) -> s.Snapshot:
    """The assessment as it stands now; about fifteen queries whatever its size."""
    pinned = store.pinned(assessment)
    read = _read(assessment)
    organisation = assessment.organisation
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
            editions=_editions(pinned),
        ),
        scales=tuple(
            scale_of(f.id, scale) for f in pinned.frameworks for scale in f.scales.values()
        ),
        kloes=kloes,
        context=s.ContextRecord(**{k: getattr(context, k) for k in ContextRecord.FIELDS}),
        known=tuple(
            s.KnownFact(k.kind, k.date, k.source, k.text, k.url, tuple(k.themes), k.tone)
            for k in assessment.known.all()
        ),
        findings=tuple(f for f in _findings(assessment, read) if f.theme in in_scope),
        judgements=judgements_of(assessment, pinned),
        prospects=_prospects(assessment),
        indicators=_indicators(assessment, pinned),
        evidence=_evidence(read),
    )
