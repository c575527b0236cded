"""The landlord's self-assessment, handed over: a copy nobody changes, with its evidence.

The copy is cut from the one snapshot that feeds reports, so that what is restricted there stays
out of it; its digest pins it. Files are copied by digest into the inspecting organisation's
store, and become evidence of the landlord that nobody edits or deletes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kloe.assessment import snapshot as s
from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS, OWN_KINDS, Origin
from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.errors import Conflict, InvalidInput, PermissionRefused
from kloe.core.given import within
from kloe.core.messages import _
from kloe.web.access import organisations_where
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence import actions as evidence
from kloe.web.evidence import storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.inspections.actions import locked, trace
from kloe.web.inspections.models import BroughtIn, BroughtItem, BroughtTheme, Inspection
from kloe.web.library import store
from kloe.web.reporting.snapshot import take

CHUNK = 1 << 17


def candidates(inspection: Inspection, by: User) -> QuerySet[Assessment]:
    """The self-assessments of the landlord that a person may hand over."""
    own = organisations_where(by, Permission.ASSESSMENT_CREATE).values("pk")
    return Assessment.objects.filter(
        organisation=inspection.assessment.landlord_id,
        organisation__in=own,
        kind__in=[k.value for k in OWN_KINDS],
    ).exclude(pk=inspection.assessment_id)


@dataclass
class _Copied:
    """Items by their number in the self-assessment, as they stand here."""

    items: dict[int, dict[str, Any]] = field(default_factory=dict)

    def of(self, numbers: Any) -> list[dict[str, Any]]:
        return [self.items[n] for n in numbers if n in self.items]


def hand_over(*, inspection: Inspection, source: Assessment, by: User) -> BroughtIn:
    """Hand a self-assessment over to the inspectors of an inspection.

    :raises PermissionRefused: unless the person leads assessments of the landlord.
    :raises InvalidInput: if the two share no framework.
    :raises Conflict: if one was handed over already.
    """
    if not candidates(inspection, by).filter(pk=source.pk).exists():
        raise PermissionRefused(
            _("This assessment is not yours to hand over."),
            _("A lead or administrator of the landlord hands over its own assessments."),
            _("Choose one from the list."),
        )
    here = {f.id for f in store.pinned(inspection.assessment).frameworks}
    there = {f.id for f in store.pinned(source).frameworks}
    if not here & there:
        raise InvalidInput(
            _("The self-assessment uses other lines of enquiry."),
            _("The inspection uses: %(all)s.", all=", ".join(sorted(here))),
            _("Hand over one that uses at least one of them."),
        )
    taken = take(source)
    data = taken.to_json()
    with transaction.atomic():
        row = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
        if BroughtIn.objects.filter(inspection=row).exists():
            raise Conflict(
                _("A self-assessment was handed over already."),
                _("An inspection begins from one, and it stays as it was."),
                _("Send what is newer as documents."),
            )
        made = BroughtIn.objects.create(
            inspection=row,
            source=source.pk,
            title=source.title,
            snapshot=data,
            digest=sha256_hex(canonical_json(data)),
            by=by,
        )
        copied = _copy_evidence(inspection.assessment, source, taken, made, by)
        known = {t.id for t in store.pinned(inspection.assessment).themes()}
        BroughtTheme.objects.bulk_create(
            BroughtTheme(
                brought_in=made,
                assessment=inspection.assessment,
                theme=theme.id,
                content=_content(taken, theme, copied),
            )
            for theme in taken.themes()
            if theme.id in known
        )
        trace(
            inspection.assessment,
            by,
            "handed over self-assessment",
            kind="self-assessment",
            subject=source.pk,
            after={"title": source.title, "digest": made.digest, "evidence": len(copied.items)},
        )
    return made


def _copy_evidence(
    here: Assessment, source: Assessment, taken: s.Snapshot, made: BroughtIn, by: User
) -> _Copied:
    """Copy every item that the snapshot tells of; of restricted ones nothing is copied."""
    told = {item.number for item in taken.evidence if not item.restricted}
    copied = _Copied()
    rows = EvidenceItem.objects.filter(assessment=source, deleted_at=None, number__in=told)
    for item in rows.select_related("file").order_by("number"):
        one = _copy(here, item, by)
        BroughtItem.objects.create(brought_in=made, item=one, number=item.number)
        copied.items[item.number] = {
            "id": str(one.pk),
            "number": one.number,
            "title": one.title,
            "kind": one.kind,
        }
    return copied


def _copy(here: Assessment, item: EvidenceItem, by: User) -> EvidenceItem:
    origin = str(LABELS[Origin(item.origin)]).lower()
    said = str(_("Self-assessment E%(n)d (origin there: %(origin)s)", n=item.number, origin=origin))
    details = Details(
        title=item.title,
        kind=item.kind,
        origin=Origin.LANDLORD.value,
        period_start=item.period_start,
        period_end=item.period_end,
        source=(f"{said}. {item.source}" if item.source else said)[:300],
        confidentiality=item.confidentiality,
        text=item.text,
    )
    common: dict[str, Any] = {"assessment": here, "details": details, "by": by}
    if item.form == EvidenceItem.Form.FILE and item.file and storage.has_bytes(item.file):
        with storage.open_file(item.file) as f:
            received = storage.receive(iter(lambda: f.read(CHUNK), b""), max_bytes=item.file.size)
        return evidence.add_file(received=received, file_name=item.file_name, **common)
    if item.form == EvidenceItem.Form.LINK:
        return evidence.add_link(url=item.url, **common)
    if item.form == EvidenceItem.Form.RESULT:
        return evidence.add_result(**common)
    if not details.text:
        common["details"] = Details(
            **(details.as_dict() | {"text": str(_("The file was not there to be copied."))})
        )
    return evidence.add_note(**common)


def _content(taken: s.Snapshot, theme: s.Theme, copied: _Copied) -> dict[str, Any]:
    """What the self-assessment says of a theme, as its page here reads it."""
    judgement = taken.judgement(theme.id)
    return {
        "in_scope": theme.in_scope,
        "answers": {
            q.id: {"text": q.answer, "evidence": copied.of(q.cites)}
            for q in theme.questions
            if q.answer
        },
        "criteria": {
            c.id: {
                "position": c.position,
                "reason": c.reason,
                "kinds": list(c.triangulation.kinds),
                "enough": c.triangulation.enough,
                "contradicted": c.contradicted,
                "evidence": [
                    {**copied.items[e.number], "direction": e.direction, "locator": e.locator}
                    for e in c.evidence
                    if e.number in copied.items
                ],
            }
            for c in theme.criteria
            if c.position or c.reason or c.evidence
        },
        "findings": [
            {"kind": f.kind, "text": f.text, "criteria": list(f.criteria)}
            for f in taken.findings
            if f.theme == theme.id
        ],
        "judgement": {
            "grade": judgement.grade.key,
            "label": str(judgement.grade.label),
            "stage": judgement.stage,
            "reasons": judgement.reasons,
        }
        if judgement
        else None,
    }


@transaction.atomic
def say_none(*, inspection: Inspection, reason: str, base_version: int, by: User | None) -> None:
    """Say why there is no self-assessment to begin from; an empty reason takes that back.

    :raises Conflict: if somebody else changed the inspection first.
    """
    row = locked(inspection, base_version)
    reason = within(reason, 500, _("reason"))
    if row.no_self_assessment == reason:
        return
    before, row.no_self_assessment = row.no_self_assessment, reason
    row.version += 1
    row.save(update_fields=["no_self_assessment", "version"])
    trace(
        row.assessment,
        by,
        "said why no self-assessment",
        before={"reason": before},
        after={"reason": reason},
    )


# Reading it ----------------------------------------------------------------------------------


def brought_theme(assessment: Assessment, theme: str) -> Mapping[str, Any] | None:
    """What the landlord says of a theme: one query; none where nothing was brought in."""
    found = (
        BroughtTheme.objects.filter(assessment=assessment, theme=theme)
        .values_list("content", flat=True)
        .first()
    )
    return found or None


def is_brought(item: EvidenceItem) -> bool:
    """Whether an item came with a self-assessment, and so is only read here."""
    return BroughtItem.objects.filter(item=item.pk).exists()
