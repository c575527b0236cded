"""Saying what was found: adding, changing, removing and ordering findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from kloe.assessment.plan import LEVELS, Level
from kloe.assessment.strength import STRENGTHS
from kloe.assessment.vocabulary import FindingKind
from kloe.core.errors import InvalidInput
from kloe.core.given import OR_CITE, within
from kloe.core.messages import Message, _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, StaleWrite, Write, save_versioned
from kloe.web.assessments.trail import trace
from kloe.web.evidence.models import EvidenceItem
from kloe.web.judgements.forms import MAX_FINDING
from kloe.web.judgements.models import Finding
from kloe.web.judgements.subjects import check_in_scope, subject_of, themes_in_scope
from kloe.web.judgements.writing import add_once, gone, once, text_within
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


@dataclass(frozen=True, slots=True)
class Said:
    """What a finding says, besides what it rests on.

    ``draft``: what the report is to say of it at length, in Markdown. ``recommendation`` and
    what follows belong to areas for improvement.
    """

    kind: str
    text: str
    draft: str = ""
    strength: str = ""
    recommendation: str = ""
    priority: str = ""
    benefit: str = ""
    impact: str = ""
    cost: str = ""
    #: A day as 2026-11-30, or empty.
    due_on: str = ""

    def checked(self) -> dict[str, Any]:
        """As a finding holds it.

        :raises InvalidInput: for an unknown word, or a text too long.
        """
        improvement = self.kind == FindingKind.IMPROVEMENT
        _one_of(_("kind of finding"), self.kind, [k.value for k in FindingKind])
        if improvement:
            _one_of(_("priority"), self.priority, [w.value for w in Level])
        _one_of(_("strength of evidence"), self.strength, ["", *STRENGTHS])
        _one_of(_("impact"), self.impact, ["", *LEVELS])
        _one_of(_("cost"), self.cost, ["", *LEVELS])
        found = {
            "kind": self.kind,
            "text": text_within(self.text, MAX_FINDING, _("text of the finding")),
            "draft": _within(self.draft, _("text for the report")),
            "strength": self.strength,
        }
        more = {
            "recommendation": _within(self.recommendation, _("recommendation")),
            "priority": self.priority,
            "benefit": _within(self.benefit, _("benefit to service users")),
            "impact": self.impact,
            "cost": self.cost,
            "due_on": _day(self.due_on),
        }
        return found | (more if improvement else dict.fromkeys(more, ""))


def _one_of(what: Message, word: str, allowed: Sequence[str]) -> None:
    if word not in allowed:
        raise InvalidInput(
            _("“%(word)s” is no %(what)s.", word=word[:40], what=str(what)),
            _("Allowed: %(all)s.", all=", ".join(filter(None, allowed))),
            _("Choose one of these."),
        )


def _within(text: str, what: Message) -> str:
    return within(text, MAX_FINDING, what, remedy=OR_CITE)


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat() if given else ""
    except ValueError:
        raise InvalidInput(
            _("“%(day)s” is no day.", day=given[:40]),
            _("A day is written as 2026-11-30."),
            _("Correct it, or leave it empty."),
        ) from None


def _finding_values(
    assessment: Assessment,
    pinned: Pinned,
    theme: str,
    said: Said,
    *,
    criteria: Sequence[str],
    evidence: Sequence[UUID],
) -> dict[str, Any]:
    found = said.checked()
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
    return found | {
        "criteria": [c for c in known if c in set(criteria)],
        "evidence": sorted(there),
    }


def add_finding(
    *,
    assessment: Assessment,
    pinned: Pinned,
    theme: str,
    criteria: Sequence[str] = (),
    evidence: Sequence[UUID] = (),
    write: Write,
    **said: str,
) -> Saved:
    """Say what was found in a theme, and what it rests on. Sent twice, it stands once.

    :param said: the fields of :class:`Said`.
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
            Said(**said),
            criteria=criteria,
            evidence=evidence,
        )
        same = Finding.objects.filter(assessment=assessment)
        there, write = once(write, values, same)
        if there is not None:
            return Saved(there, changed=False, replayed=True)
        # Two who add at once wait for each other: each gets a number of its own.
        Assessment.objects.select_for_update().only("pk").get(pk=assessment.pk)
        last = same.filter(theme=found.id).aggregate(last=Max("order"))["last"]
        row = Finding(
            assessment=assessment,
            number=(same.aggregate(n=Max("number"))["n"] or 0) + 1,
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
    criteria: Sequence[str] = (),
    evidence: Sequence[UUID] = (),
    write: Write,
    **said: str,
) -> Saved:
    """Change a finding.

    :param said: the fields of :class:`Said`.
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
            Said(**said),
            criteria=criteria,
            evidence=evidence,
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
