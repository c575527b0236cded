"""A computed result as evidence: one item for each result, linked to what it shows."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from kloe.assessment.vocabulary import EvidenceKind, Origin
from kloe.core.errors import Conflict, NotFound
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import MAX_TITLE, Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.indicators import computed_queries
from kloe.web.indicators.computed_queries import Line
from kloe.web.indicators.models import ComputedResult, ComputedSummary


def use_as_evidence(
    *, assessment: Assessment, measure: str, descriptor: str, direction: str, by: User | None
) -> EvidenceItem:
    """Let a result speak to a statement, as evidence. Said twice, it stands once.

    :raises NotFound: if the measure was not computed, or there is no such statement.
    :raises Conflict: if there is no figure that may be shown.
    """
    summary = (
        ComputedSummary.objects.filter(assessment=assessment, measure=measure)
        .select_related("result")
        .first()
    )
    line = computed_queries.one(assessment, measure)
    if summary is None or line is None:
        raise NotFound(
            _("%(measure)s was not computed for this assessment.", measure=measure),
            "",
            _("Compute the indicators first."),
        )
    if line.hidden or not line.value:
        raise Conflict(
            _("%(measure)s has no figure to show.", measure=measure),
            _("Evidence is a figure that may be shown."),
            _("Add what you know of it as a note."),
        )
    with transaction.atomic():
        item = _item(assessment, summary.result, line, by)
        evidence.link(item=item, descriptor=descriptor, direction=direction, by=by)
    return item


def _item(
    assessment: Assessment, result: ComputedResult, line: Line, by: User | None
) -> EvidenceItem:
    pk = computed_queries.item_id(assessment.pk, result.pk)
    earlier = EvidenceItem.objects.filter(pk=pk).first()
    if earlier is not None and earlier.deleted_at is None:
        return earlier
    return evidence.add_result(
        assessment=assessment,
        details=Details(
            title=f"{line.title}: {line.value}"[:MAX_TITLE],
            kind=EvidenceKind.DATA.value,
            origin=Origin.SYSTEM.value,
            period_start=result.period_start,
            period_end=result.period_end,
            source=gettext("computed from the organisation's records, %(measure)s version %(n)d")
            % {"measure": result.measure, "n": result.version},
            text=_words(result, line),
        ),
        by=by,
        id=None if earlier is not None else pk,
    )


def _words(result: ComputedResult, line: Line) -> str:
    said = [line.value]
    if line.parts:
        said.append(gettext("%(a)s of %(b)s") % {"a": line.parts[0], "b": line.parts[1]})
    said.append(gettext("n %(n)s") % {"n": line.n})
    if line.target:
        said.append(gettext("target %(target)s") % {"target": line.target})
    text = ", ".join(said) + "."
    digests = gettext("Definition %(definition)s, data %(data)s, %(engine)s.") % {
        "definition": result.definition_digest[:12],
        "data": result.data_digest[:12],
        "engine": result.engine,
    }
    return f"{text}\n\n{digests}"
