"""Saying what was found: adding, changing, removing and ordering findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from kloe.assessment.vocabulary import FindingKind
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, StaleWrite, Write, save_versioned
from kloe.web.evidence.models import EvidenceItem
from kloe.web.judgements.forms import MAX_FINDING
from kloe.web.judgements.models import Finding
from kloe.web.judgements.subjects import check_in_scope, subject_of, themes_in_scope
from kloe.web.judgements.writing import add_once, gone, once, text_within, trace
from kloe.web.library.store import Pinned


class _Whole:
    """A finding and the evidence it rests on, saved as one row with one version.

    ``save_versioned`` sets fields and saves them; evidence is a table of its own.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.pk = finding.pk
        self.evidence = (
            []
            if finding._state.adding
            else sorted(str(pk) for pk in finding.evidence.values_list("pk", flat=True))
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.finding, name)

    def __setattr__(self, name: str, value: Any) -> None:
        own = name in {"finding", "pk", "evidence"}
        object.__setattr__(self if own else self.finding, name, value)

    def save(
        self, *, force_insert: bool = False, update_fields: Sequence[str] | None = None
    ) -> None:
        """Save the fields, then the evidence."""
        if update_fields is not None:
            update_fields = [n for n in update_fields if n not in {"evidence", "updated_by"}]
        self.finding.save(force_insert=force_insert, update_fields=update_fields)
        self.finding.evidence.set(EvidenceItem.objects.filter(pk__in=self.evidence))


def _finding_values(
    assessment: Assessment,
    pinned: Pinned,
    theme: str,
    *,
    kind: str,
    text: str,
    criteria: Sequence[str],
    evidence: Sequence[UUID],
    recommendation: str,
    priority: str,
) -> dict[str, Any]:
    if kind not in {k.value for k in FindingKind}:
        raise InvalidInput(
            _("“%(kind)s” is no kind of finding.", kind=kind[:40]),
            _("Allowed: %(all)s.", all=", ".join(k.value for k in FindingKind)),
        )
    improvement = kind == FindingKind.IMPROVEMENT
    if improvement and priority not in {"high", "medium", "low"}:
        raise InvalidInput(
            _("“%(priority)s” is no priority.", priority=priority[:40]),
            _("An area for improvement has the priority high, medium or low."),
            _("Choose one of these."),
        )
    known = [c.id for c in pinned.theme(theme).criteria]
    if strange := sorted(set(criteria) - set(known)):
        raise InvalidInput(
            _("The criterion %(id)s is not one of this theme.", id=strange[0]),
            _("A finding rests on criteria of its own theme."),
            _("Choose among them."),
        )
    wanted = {str(pk) for pk in evidence}
    items = EvidenceItem.objects.filter(assessment=assessment, deleted_at=None, pk__in=wanted)
    there = {str(pk) for pk in items.values_list("pk", flat=True)}
    if wanted - there:
        raise InvalidInput(
            _("Some of the evidence is not in this assessment, or was deleted."),
            _("A finding rests on evidence of its own assessment."),
            _("Load the page again and choose among what is there."),
        )
    return {
        "kind": kind,
        "text": text_within(text, MAX_FINDING, _("text of the finding")),
        "criteria": [c for c in known if c in set(criteria)],
        "evidence": sorted(there),
        "recommendation": recommendation.strip()[:MAX_FINDING] if improvement else "",
        "priority": priority if improvement else "",
    }


def add_finding(
    *,
    assessment: Assessment,
    pinned: Pinned,
    theme: str,
    kind: str,
    text: str,
    criteria: Sequence[str] = (),
    evidence: Sequence[UUID] = (),
    recommendation: str = "",
    priority: str = "",
    write: Write,
) -> Saved:
    """Say what was found in a theme, and what it rests on. Sent twice, it stands once.

    :param recommendation: and ``priority``: of an area for improvement only.
    :raises InvalidInput: for an unknown kind or priority, criteria of another theme, evidence
        of another assessment, or a theme out of scope.
    """
    found = subject_of(pinned, pinned.theme(theme).id)
    with transaction.atomic():
        check_in_scope(found, themes_in_scope(assessment))
        values = _finding_values(
            assessment,
            pinned,
            found.id,
            kind=kind,
            text=text,
            criteria=criteria,
            evidence=evidence,
            recommendation=recommendation,
            priority=priority,
        )
        same = Finding.objects.filter(assessment=assessment)
        there, write = once(write, values, same)
        if there is not None:
            return Saved(there, changed=False, replayed=True)
        last = same.filter(theme=found.id).aggregate(last=Max("order"))["last"]
        row = Finding(
            assessment=assessment,
            theme=found.id,
            order=0 if last is None else last + 1,
            by=write.by,
            version=0,
        )
        return add_once(
            lambda: _save_finding(assessment, row, values, write, "added finding", new=True),
            write,
            values,
            same,
        )


def edit_finding(
    *,
    assessment: Assessment,
    pinned: Pinned,
    finding: Finding,
    kind: str,
    text: str,
    criteria: Sequence[str] = (),
    evidence: Sequence[UUID] = (),
    recommendation: str = "",
    priority: str = "",
    write: Write,
) -> Saved:
    """Change a finding.

    :raises InvalidInput: as :func:`add_finding`.
    :raises StaleWrite: if somebody else changed it first.
    """
    with transaction.atomic():
        row = Finding.objects.select_for_update().filter(pk=finding.pk).first()
        if row is None:
            raise gone()
        values = _finding_values(
            assessment,
            pinned,
            row.theme,
            kind=kind,
            text=text,
            criteria=criteria,
            evidence=evidence,
            recommendation=recommendation,
            priority=priority,
        )
        return _save_finding(assessment, row, values, write, "changed finding", new=False)


def _save_finding(
    assessment: Assessment,
    row: Finding,
    values: dict[str, Any],
    write: Write,
    verb: str,
    *,
    new: bool,
) -> Saved:
    whole = _Whole(row)
    if not new:
        row.by = write.by
    try:
        saved = save_versioned(
            assessment=assessment,
            row=whole,  # type: ignore[arg-type]
            values=values,
            write=write,
            verb=verb,
            subject_kind="finding",
            subject=str(row.pk),
            new=new,
        )
    except StaleWrite as stale:
        raise StaleWrite(mine=stale.mine, current=row) from None
    if saved.changed and not new:
        row.save(update_fields=["by"])
    return replace(saved, row=row)


def remove_finding(*, assessment: Assessment, finding: Finding, by: User) -> None:
    """Take a finding away; what it said stays in the audit trail and the history."""
    with transaction.atomic():
        if not Finding.objects.filter(pk=finding.pk).delete()[0]:
            return
        trace(
            assessment,
            by,
            "removed finding",
            "finding",
            finding.pk,
            before={
                "theme": finding.theme,
                "kind": finding.kind,
                "text": finding.text,
                "recommendation": finding.recommendation,
                "priority": finding.priority,
            },
        )


def reorder_findings(*, assessment: Assessment, theme: str, order: Sequence[UUID], by: User) -> int:
    """Put the findings of a theme in this order; those not named follow. Gives how many moved."""
    with transaction.atomic():
        rows = list(
            Finding.objects.select_for_update()
            .filter(assessment=assessment, theme=theme)
            .order_by("order", "id")
        )
        wanted = {pk: n for n, pk in enumerate(order)}
        before = [str(r.pk) for r in rows]
        rows.sort(key=lambda r: wanted.get(r.pk, len(wanted)))
        moved = []
        for n, row in enumerate(rows):
            if row.order != n:
                row.order = n
                moved.append(row)
        if moved:
            Finding.objects.bulk_update(moved, ["order"])
            trace(
                assessment,
                by,
                "ordered findings",
                "theme",
                theme,
                before={"order": before},
                after={"order": [str(r.pk) for r in rows]},
            )
    return len(moved)
