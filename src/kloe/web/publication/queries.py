"""Reading what is published: for its page within, for the public page, for other apps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.core.messages import _ as say
from kloe.reports.sealing import PUBLIC, RESTRICTED
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.inspections.models import Inspection
from kloe.web.publication import files
from kloe.web.publication.models import BoardResponse, Publication, PublishedFile, PublishedPage
from kloe.web.site.waiting import Waiting


def missing(assessment: Assessment) -> Mapping[str, int]:
    """Whether the move to “published” still lacks what is published."""
    there = Publication.objects.filter(assessment=assessment).exists()
    return {"publication_missing": 0 if there else 1}


@dataclass(frozen=True)
class Shown:
    """A file of a version as a page shows it."""

    file: PublishedFile
    label: Message
    url: str
    suffix: str


@dataclass(frozen=True)
class Version:
    """A version with its files."""

    row: Publication
    #: Whether a later one took its place.
    replaced: bool
    public: list[Shown]
    restricted: list[Shown]
    report: Shown | None

    @property
    def package(self) -> Shown | None:
        """The sealed package that anybody may have."""
        return next((s for s in self.public if s.file.kind == files.PACKAGE), None)


def versions(
    assessment_id: UUID, *, restricted: bool, route: str = "", within: Sequence[Any] = ()
) -> list[Version]:
    """The versions, the one that stands first: two queries.

    :param route: of a file's address, given the number and the name after ``within``.
    """
    wanted = PublishedFile.objects.all() if restricted else PublishedFile.objects.filter(
        edition=PUBLIC
    )  # fmt: skip
    rows = list(
        Publication.objects.filter(assessment=assessment_id).prefetch_related(
            Prefetch("files", wanted, to_attr="shown")
        )
    )

    def address(row: Publication, file: PublishedFile) -> str:
        if route:
            return reverse(route, args=[*within, row.number, file.name])
        return reverse(
            "publication-file", args=[assessment_id, row.number, file.edition, file.name]
        )

    found = []
    for n, row in enumerate(rows):
        shown = [
            Shown(f, files.LABELS[f.kind], address(row, f), f.name.rpartition(".")[2].upper())
            for f in row.shown
        ]
        public = [s for s in shown if s.file.edition == PUBLIC]
        report = next((s for s in public if s.file.name == "report.html"), None)
        inside = [s for s in shown if s.file.edition == RESTRICTED]
        found.append(Version(row, n > 0, public, inside, report))
    return found


def file_of(assessment_id: UUID, number: int, edition: str, name: str) -> PublishedFile:
    """One published file.

    :raises NotFound: if there is none such.
    """
    found = (
        PublishedFile.objects.filter(
            publication__assessment=assessment_id,
            publication__number=number,
            edition=edition,
            name=name,
        )
        .select_related("publication")
        .first()
    )
    if found is None or not files.path_of(found).is_file():
        raise NotFound(
            say("There is no such file of this report."),
            "",
            say("The page of the report lists those there are."),
        )
    return found


def page_at(slug: str) -> PublishedPage:
    """The public page at an address, open or withdrawn.

    :raises NotFound: if there never was one, or it never was open.
    """
    found = (
        PublishedPage.objects.filter(slug=slug)
        .select_related("assessment__organisation", "assessment__subject")
        .first()
    )
    # One that was never open does not exist for those without an account.
    if found is None or not (found.open or found.reason):
        raise NotFound(
            say("No report is published at this address."),
            "",
            say("Check the address, or ask whoever sent it to you."),
        )
    return found


def of_version(assessment: Assessment, number: int | None = None) -> Publication:
    """A version, the one that stands where no number is given.

    :raises NotFound: if there is none.
    """
    rows = Publication.objects.filter(assessment=assessment)
    found = rows.filter(number=number).first() if number else rows.first()
    if found is None:
        raise NotFound(
            say("There is no version %(n)d of this report.", n=number)
            if number
            else say("This assessment is not published."),
            say("An inspection is published from the stage factual accuracy."),
            say("The publication's page says what is missing."),
        )
    return found


def responses(user: User, assessments: Sequence[Assessment]) -> Iterable[Waiting]:
    """Responses of boards still to be given, for leads of landlords: one query."""
    rows = BoardResponse.objects.filter(
        assessment__in=assessments,
        assessment__participations__user=user,
        assessment__participations__role=Role.LANDLORD_LEAD.value,
        assessment__inspection__stage=Stage.FACTUAL_ACCURACY.value,
        asked_at__isnull=False,
        version=0,
    )
    by_id = {a.pk: a for a in assessments}
    for row in rows:
        yield Waiting(
            what=_("The board's response to the report"),
            url=reverse("board-response", args=[row.assessment_id]),
            assessment=by_id[row.assessment_id],
            due=row.due,
        )


def inspection_of(assessment: Assessment) -> Inspection:
    """What an assessment has as an inspection; only those are published."""
    from kloe.web.inspections.queries import inspection_of as find

    return find(assessment)
