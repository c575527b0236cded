"""Reading the tenants' summary: as it stands, as it reads, whether it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kloe.assessment.plain_words import PARTS, About, Part, Reading, read, too_long
from kloe.assessment.snapshot import Snapshot
from kloe.assessment.snapshot_tenants import TenantsPart
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.reports.document import build
from kloe.reports.fitting import DoesNotFit
from kloe.reports.parts.tenants import filled_in
from kloe.reports.render import render
from kloe.web.assessments.models import Assessment
from kloe.web.summaries.actions import digest_of
from kloe.web.summaries.models import SummaryPart


def for_report(assessment: Assessment) -> tuple[TenantsPart, ...]:
    """The parts somebody wrote, as the snapshot holds them: one query."""
    rows = SummaryPart.objects.filter(assessment=assessment).exclude(text="").order_by("key")
    return tuple(TenantsPart(*row) for row in rows.values_list("key", "text"))


def part_of(key: str) -> Part:
    """The part an address names.

    :raises NotFound: for another.
    """
    try:
        return Part(key)
    except ValueError:
        raise NotFound(
            _("The summary for tenants has no part “%(key)s”.", key=key[:40]),
            _("Parts: %(keys)s.", keys=", ".join(p.value for p in PARTS)),
            _("Go to the summary's page."),
        ) from None


def row_of(assessment: Assessment, part: Part) -> SummaryPart:
    """A part as it stands; an empty one of version 0 where nobody wrote it."""
    rows = SummaryPart.objects.filter(assessment=assessment, key=part.value)
    found = rows.select_related("updated_by").first()
    return found or SummaryPart(assessment=assessment, key=part.value)


@dataclass(frozen=True)
class Shown:
    """A part on the page of its author."""

    part: Part
    about: About
    #: What stands on the two pages: the author's words, else what was filled in.
    text: str
    filled: str
    row: SummaryPart | None
    reading: Reading

    @property
    def own(self) -> bool:
        """Whether somebody wrote it."""
        return self.row is not None and bool(self.row.text)

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0

    @property
    def filled_digest(self) -> str:
        return digest_of(self.filled, self.part)

    @property
    def over(self) -> int:
        """Words more than there is room for."""
        return max(0, self.reading.words - self.about.room)


def shown(assessment: Assessment, snapshot: Snapshot) -> list[Shown]:
    """Every part; one query besides those of the snapshot."""
    rows: Mapping[str, Any] = {
        r.key: r
        for r in SummaryPart.objects.filter(assessment=assessment).select_related("updated_by")
    }
    filled = filled_in(snapshot)
    found = []
    for part, about in PARTS.items():
        row = rows.get(part.value)
        text = row.text if row and row.text else filled[part]
        found.append(Shown(part, about, text, filled[part], row, read(text)))
    return found


def one(assessment: Assessment, part: Part) -> Shown:
    """One part; the whole assessment is read only where it is to be filled in."""
    # The snapshot holds what is written here, so it imports this module.
    from kloe.web.reporting.snapshot import take

    row = row_of(assessment, part)
    if row.text:
        return Shown(part, PARTS[part], row.text, "", row, read(row.text))
    return next(p for p in shown(assessment, take(assessment)) if p.part is part)


def long_parts(parts: list[Shown]) -> list[tuple[Shown, int]]:
    """Parts with more words than they have room for, the longest excess first."""
    by_part = {p.part: p for p in parts}
    return [(by_part[t.part], t.over) for t in too_long({p.part: p.text for p in parts})]


def fits(snapshot: Snapshot) -> tuple[bool, Message | str]:
    """Whether the summary, laid out as PDF, keeps to its two pages; if not, what to shorten."""
    try:
        render(build(snapshot, view="tenants"), "pdf")
    except DoesNotFit as error:
        return False, str(error)
    return True, _("It takes two pages.")
