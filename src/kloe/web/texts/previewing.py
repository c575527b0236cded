"""A text as it will stand in the report: read and laid out by what makes the report."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from kloe.assessment import snapshot as s
from kloe.core.messages import language
from kloe.reports import html, markdown
from kloe.reports.blocks import Cover, Labels, ReportDocument
from kloe.reports.parts.texts import InReport
from kloe.reports.writer import Writer
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import EvidenceItem
from kloe.web.judgements.models import Finding
from kloe.web.library.store import Pinned
from kloe.web.reporting.computed import computed_of
from kloe.web.reporting.snapshot import indicators_of

#: Depth of the first heading in the page around it.
DEPTH = 3
_LABELS = Labels(contents="", page="", of="", continued="", skip="")


@dataclass(frozen=True)
class Preview:
    """A text laid out, and what of it could not be taken as it was meant."""

    html: SafeString
    faults: tuple[markdown.Fault, ...]


def preview(assessment: Assessment, pinned: Pinned, text: str) -> Preview:
    """Lay a text out: five queries, whatever it refers to; nothing is kept."""
    parsed = markdown.parse(
        text, DEPTH, InReport(Writer(_referred(assessment, pinned), links=False))
    )
    page = ReportDocument(
        title="", language=language.get(), view="full", author="", made="", subject="", running="",
        tags=(), labels=_LABELS, cover=Cover("", "", "", (), (), ()), blocks=parsed.blocks,
    )  # fmt: skip
    # Made of our own blocks: every word in them is escaped there.
    return Preview(mark_safe(html.fragment(page, parsed.blocks, DEPTH)), parsed.faults)  # noqa: S308


def _referred(assessment: Assessment, pinned: Pinned) -> s.Snapshot:
    """As much of an assessment as references can lead to."""
    evidence = EvidenceItem.objects.filter(assessment=assessment, deleted_at=None)
    findings = Finding.objects.filter(assessment=assessment, number__gt=0)
    return s.Snapshot(
        taken_at=timezone.now(),
        organisation=s.Organisation(""),
        assessment=s.Assessment(
            str(assessment.pk), assessment.kind, "", assessment.period_start, assessment.period_end
        ),
        findings=tuple(
            s.Finding(str(n), theme, kind, "", number=n)
            for n, theme, kind in findings.values_list("number", "theme", "kind")
        ),
        evidence=tuple(
            s.EvidenceItem(n, kind) for n, kind in evidence.values_list("number", "kind")
        ),
        indicators=indicators_of(assessment, pinned),
        computed=computed_of(assessment, {}, {}, pinned.by_id),
    )
