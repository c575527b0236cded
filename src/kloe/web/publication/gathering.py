"""The data behind a report, as the files of its packages: restricted as kept, public by exception.

The public files name what they hold, field by field: what is not named here is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from kloe.assessment.permissions import ROLE_NAMES, Role
from kloe.assessment.snapshot import Snapshot
from kloe.assessment.vocabulary import Confidentiality
from kloe.core.digest import canonical_json
from kloe.core.disk import room
from kloe.reports.sealing import PUBLIC, RESTRICTED
from kloe.reports.writer import Writer
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.library import store
from kloe.web.organisations.models import Membership
from kloe.web.readings import sealed

Rows = Iterable[dict[str, Any]]
#: Rows read from the database at a time.
AT_ONCE = 500


@dataclass(frozen=True)
class Gathered:
    """What the files are made from: the assessment, and both snapshots of it."""

    assessment: Assessment
    snapshots: dict[str, Snapshot]
    #: The last event that counts.
    last_event: int


def write(folder: Path, data: Iterable[bytes]) -> None:
    """A file of lines, as they come; whole because its folder gets its name afterwards."""
    with room():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.open("wb") as file:
            for line in data:
                file.write(line)


def files(given: Gathered, edition: str) -> Iterator[tuple[str, Callable[[], Iterable[bytes]]]]:
    """The data files of an edition of the package: path, and what writes its bytes."""
    yield "data/snapshot.json", partial(_snapshot, given.snapshots[edition])
    for name, rows in _ROWS.items():
        yield f"data/{name}.jsonl", partial(_lines, rows[edition], given)
    for row in given.assessment.editions.all():
        yield f"frameworks/{row.framework}.json", partial(_edition, row.edition_id)


def _snapshot(snapshot: Snapshot) -> Iterator[bytes]:
    yield canonical_json(snapshot.to_json())


def _lines(rows: Callable[[Gathered], Rows], given: Gathered) -> Iterator[bytes]:
    return (canonical_json(row) + b"\n" for row in rows(given))


def _edition(digest: str) -> Iterator[bytes]:
    yield store.compiled(digest)


# Ratings -------------------------------------------------------------------------------------


def _ratings(given: Gathered) -> Rows:
    """The team's ratings, and each person's of themes whose readings are open."""
    rows = sealed.told(given.assessment).select_related("author")
    for row in rows.order_by("criterion", "author_id").iterator(AT_ONCE):
        yield {
            "criterion": row.criterion,
            "theme": row.theme,
            "by": row.author.email if row.author else None,
            "position": row.position,
            "reason": row.reason,
            "version": row.version,
        }


def _team_ratings(given: Gathered) -> Rows:
    """Where the team placed the landlord, and why: nobody's own rating."""
    for criterion in given.snapshots[PUBLIC].criteria():
        yield {
            "criterion": criterion.id,
            "position": criterion.position,
            "reason": criterion.reason,
        }


# Evidence ------------------------------------------------------------------------------------


def _items(given: Gathered) -> QuerySet[EvidenceItem]:
    return (
        EvidenceItem.objects.filter(assessment=given.assessment, deleted_at=None)
        .select_related("file")
        .order_by("number")
    )


def _links(given: Gathered) -> dict[Any, list[EvidenceLink]]:
    found: dict[Any, list[EvidenceLink]] = {}
    rows = EvidenceLink.objects.filter(assessment=given.assessment)
    for link in rows.order_by("descriptor").iterator(AT_ONCE):
        found.setdefault(link.item_id, []).append(link)
    return found


def _evidence(given: Gathered) -> Rows:
    links = _links(given)
    for item in _items(given).iterator(AT_ONCE):
        yield {
            "number": item.number,
            "title": item.title,
            "kind": item.kind,
            "origin": item.origin,
            "form": item.form,
            "period": [_day(item.period_start), _day(item.period_end)],
            "source": item.source,
            "confidentiality": item.confidentiality,
            "url": item.url,
            "file": item.file_name,
            "sha256": item.file.sha256 if item.file else "",
            "links": [
                {
                    "descriptor": link.descriptor,
                    "direction": link.direction,
                    "locator": link.locator,
                    "note": link.note,
                }
                for link in links.get(item.pk, ())
            ],
        }


def _public_evidence(given: Gathered) -> Rows:
    """Number and kind of every item, title and digest of open ones, what each speaks to."""
    links = _links(given)
    for item in _items(given).iterator(AT_ONCE):
        told = {
            "number": item.number,
            "kind": item.kind,
            "confidentiality": item.confidentiality,
            "links": [
                {"descriptor": link.descriptor, "direction": link.direction}
                for link in links.get(item.pk, ())
            ],
        }
        if item.confidentiality == Confidentiality.OPEN:
            told |= {
                "title": item.title,
                "origin": item.origin,
                "form": item.form,
                "period": [_day(item.period_start), _day(item.period_end)],
                "sha256": item.file.sha256 if item.file else "",
            }
        yield told


def _day(value: Any) -> str:
    return value.isoformat() if value else ""


# Results -------------------------------------------------------------------------------------


def _results(edition: str) -> Callable[[Gathered], Rows]:
    """Published and computed results as the report shows them: hidden ones are not there."""

    def rows(given: Gathered) -> Rows:
        data = given.snapshots[edition].to_json()
        for row in data["indicators"]:
            yield {"from": "published results", **row}
        for row in data["computed"]:
            yield {"from": "records", **row}

    return rows


# Recommendations -----------------------------------------------------------------------------


def _recommendations(edition: str) -> Callable[[Gathered], Rows]:
    """What should be done, by number, as the report of the edition says it.

    The landlord's plan may take it over later, in words of its own: that is no part of this.
    """

    def rows(given: Gathered) -> Rows:
        for one in Writer(given.snapshots[edition]).recommendations:
            yield {
                "reference": one.name,
                "what": one.text,
                "why": one.why,
                "benefit": one.benefit,
                "priority": one.priority,
                "impact": one.impact,
                "cost": one.cost,
                "due": one.due_on,
                "findings": sorted(f.id for f in one.findings),
            }

    return rows


# Events --------------------------------------------------------------------------------------


def _events(given: Gathered) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        assessment_id=given.assessment.pk, id__lte=given.last_event
    ).order_by("id")


def _audit(given: Gathered) -> Rows:
    for event in _events(given).iterator(AT_ONCE):
        yield {
            "id": event.id,
            "at": event.at.isoformat(),
            "actor": event.actor,
            "verb": event.verb,
            "subject": [event.subject_kind, event.subject_id],
            "before": event.before,
            "after": event.after,
        }


def _public_audit(given: Gathered) -> Rows:
    """What was done, when, by which role."""
    roles = roles_in(given.assessment)
    for event in _events(given).iterator(AT_ONCE):
        yield {
            "at": event.at.isoformat(),
            "role": roles.get(event.actor_id, "kloe" if event.actor_id is None else "other"),
            "verb": event.verb,
            "subject": event.subject_kind,
        }


def roles_in(assessment: Assessment) -> dict[Any, str]:
    """What each person is in an assessment: their role in its team, else in its organisation."""
    members = Membership.objects.filter(organisation=assessment.organisation_id)
    team = Participation.objects.filter(assessment=assessment)
    found = {row.user_id: row.role for rows in (members, team) for row in rows}
    return {pk: str(ROLE_NAMES[Role(role)]).lower() for pk, role in found.items()}


_ROWS: dict[str, dict[str, Callable[[Gathered], Rows]]] = {
    "ratings": {RESTRICTED: _ratings, PUBLIC: _team_ratings},
    "evidence": {RESTRICTED: _evidence, PUBLIC: _public_evidence},
    "results": {RESTRICTED: _results(RESTRICTED), PUBLIC: _results(PUBLIC)},
    "recommendations": {
        RESTRICTED: _recommendations(RESTRICTED),
        PUBLIC: _recommendations(PUBLIC),
    },
    "audit": {RESTRICTED: _audit, PUBLIC: _public_audit},
}
