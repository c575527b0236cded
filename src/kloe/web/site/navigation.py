"""The ways through an assessment and through the site, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from kloe.assessment.permissions import Permission
from kloe.web.access import Anywhere, AssessmentAccess


@dataclass(frozen=True)
class Way:
    """One entry of a navigation: where to, what it is called, who sees it."""

    key: str
    label: object
    route: str
    permission: Permission | None = None
    #: In inspections only.
    inspection: bool = False


@dataclass(frozen=True)
class Entry:
    """A way as a page shows it."""

    url: str
    label: object
    current: bool


#: In the bar of an assessment, and behind its last word, "More".
ASSESSMENT: tuple[Way, ...] = (
    Way("inspection", _("Inspection"), "inspection", Permission.INSPECTION_VIEW, inspection=True),
    Way("overview", _("Overview"), "overview"),
    Way("enquiry", _("Enquiry"), "enquiry"),
    Way("evidence", _("Evidence"), "evidence-list"),
    Way("checks", _("Checks"), "checks", Permission.CHECKS_VIEW),
    Way("indicators", _("Indicators"), "indicators"),
    Way("judgements", _("Judgements"), "judgements"),
    Way("report", _("Report"), "report"),
)
ASSESSMENT_MORE: tuple[Way, ...] = (
    Way("mine", _("What waits for you"), "mine"),
    Way("missing", _("What is missing"), "evidence-missing"),
    Way("risks", _("Urgent risks"), "risks", Permission.RISKS_VIEW),
    Way("findings", _("Findings"), "findings-list"),
    Way("texts", _("Texts of the report"), "texts"),
    Way("scope", _("Scope"), "scope"),
    Way("context", _("Context and what is known"), "context"),
    Way("comments", _("Comments on the framework"), "comments"),
    Way("details", _("Details"), "assessment-details"),
    Way("jobs", _("Work in the background"), "assessment-jobs"),
    Way("audit", _("Audit trail"), "audit-assessment", Permission.AUDIT_VIEW),
)
#: In the bar elsewhere.
SITE: tuple[Way, ...] = (
    Way("home", _("Home"), "home"),
    Way("assessments", _("Assessments"), "assessments"),
    Way("library", _("Lines of enquiry"), "library"),
    Way("benchmarks", _("Published results"), "datasets"),
    Way("organisations", _("Organisations"), "organisations"),
)


@lru_cache(maxsize=4096)
def address(route: str, pk: UUID | None) -> str:
    """Where a route leads; empty where there is none."""
    try:
        return reverse(route, args=[pk] if pk else None)
    except NoReverseMatch:
        return ""


def _open(way: Way, access: Anywhere) -> bool:
    if not isinstance(access, AssessmentAccess):
        return way.permission is None or access.may(way.permission)
    if way.inspection and not access.stage:
        return False
    if way.permission is None:
        return way in SITE or access.may(Permission.ASSESSMENT_VIEW)
    return access.may(way.permission)


def entries(ways: Sequence[Way], current: str, access: Anywhere | None = None) -> list[Entry]:
    """The ways that lead somewhere and are open to this person."""
    pk = access.assessment.pk if isinstance(access, AssessmentAccess) else None
    found = []
    for way in ways:
        if access is not None and not _open(way, access):
            continue
        if url := address(way.route, pk):
            found.append(Entry(url, way.label, way.key == current))
    return found
