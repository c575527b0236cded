"""Evidence that comes with a challenge: kept with it, and brought into the inspection when sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import Counts
from kloe.assessment.vocabulary import EvidenceKind, Origin
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.given import one_of
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.challenges.holding import note, unsent
from kloe.web.challenges.models import Challenge, LateEvidence
from kloe.web.evidence import actions as evidence
from kloe.web.evidence import storage
from kloe.web.evidence.checks import Details, web_address
from kloe.web.evidence.filenames import clean_name
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.uploads import Upload
from kloe.web.site.wording import day

MOST_EVIDENCE = 30


@dataclass(frozen=True, slots=True)
class Given:
    """Evidence that comes with a challenge: files or a link, and since when it exists."""

    when: date
    title: str = ""
    kind: str = EvidenceKind.DOCUMENT.value
    url: str = ""
    uploads: Sequence[Upload] = ()


def give(row: Challenge, given: Given, by: User | None) -> list[LateEvidence]:
    """Put evidence to a challenge: one row for each file, or one for a link."""
    when = rules.check_date(given.when, timezone.localdate())
    one_of(given.kind, EvidenceKind, _("kind of evidence"))
    counts = rules.weigh(when, row.draft.looked_until).counts.value
    url = web_address(given.url) if given.url else ""
    there = row.evidence.count()
    if there + len(given.uploads) + bool(url) > MOST_EVIDENCE:
        raise InvalidInput(
            _("The challenge would have more than %(n)d pieces of evidence.", n=MOST_EVIDENCE),
            _("At most %(n)d.", n=MOST_EVIDENCE),
            _("Give what decides it."),
        )
    made = []
    for upload in given.uploads:
        stored = storage.keep(upload.received, row.assessment.organisation_id)
        if row.evidence.filter(file=stored).exists():
            continue
        name = clean_name(upload.name)
        made.append(_piece(row, given, by, counts, file=stored, file_name=name, name=name))
    if url and not row.evidence.filter(url=url).exists():
        made.append(_piece(row, given, by, counts, url=url, name=url))
    for one in made:
        note(
            row,
            by,
            "gave evidence for challenge",
            after={"title": one.title, "when": when.isoformat(), "counts": counts},
        )
    return made


def _piece(
    row: Challenge, given: Given, by: User | None, counts: str, *, name: str, **what: Any
) -> LateEvidence:
    details = Details(title=given.title or name[:300], kind=given.kind)
    return LateEvidence.objects.create(
        challenge=row,
        title=details.title,
        kind=details.kind,
        when=given.when,
        counts=Counts(counts).value,
        by=by,
        **what,
    )


def late_of(challenge: Challenge, pk: UUID) -> LateEvidence:
    """One piece of evidence of a challenge.

    :raises NotFound: if it has none such.
    """
    found = challenge.evidence.select_related("file", "item").filter(pk=pk).first()
    if found is None:
        raise NotFound(
            _("This challenge has no such evidence."), "", _("Look at the challenge again.")
        )
    return found


def forget(files: Iterable[UUID]) -> None:
    """Let go of files that were given and are not any more."""
    for file in files:
        transaction.on_commit(partial(storage.remove_unused, file))


@transaction.atomic
def take_back(*, challenge: Challenge, piece: LateEvidence, by: User | None) -> None:
    """Take evidence from a challenge that is not sent yet.

    :raises Conflict: if it was sent.
    """
    row = unsent(challenge)
    note(row, by, "took evidence from challenge", before={"title": piece.title})
    file = piece.file_id
    piece.delete()
    forget([file] if file else [])


def bring_in(row: Challenge, by: User | None) -> None:
    """Make what was given for a challenge evidence of the inspection, by what it counts for."""
    cutoff = row.draft.looked_until
    for one in row.evidence.select_related("file"):
        weighed = rules.weigh(one.when, cutoff, day(one.when), day(cutoff))
        details = Details(
            title=one.title,
            kind=one.kind,
            origin=Origin.LANDLORD.value,
            period_start=one.when,
            period_end=one.when,
            source=str(
                _(
                    "%(name)s, challenge to draft %(v)d. %(counts)s.",
                    name=row.name,
                    v=row.draft.version,
                    counts=str(rules.LABELS[weighed.counts]),
                )
            )[:300],
        )
        one.counts = weighed.counts.value
        one.item = _item(row, one, details, by)
        one.save(update_fields=["counts", "item"])


def _item(row: Challenge, one: LateEvidence, details: Details, by: User | None) -> EvidenceItem:
    common: dict[str, Any] = {"assessment": row.assessment, "details": details, "by": by}
    # A row of its own for each, whatever was given before.
    common["id"] = uuid5(one.pk, "evidence")
    if one.file is None:
        return evidence.add_link(url=one.url, **common)
    return evidence.add_stored(stored=one.file, file_name=one.file_name, **common)
