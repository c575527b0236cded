"""Rows that several assessments share, and that may be here before a file brings them."""

from __future__ import annotations

from typing import Any

from kloe.core.errors import Conflict
from kloe.core.messages import Message, _
from kloe.web.checks.models import CheckTemplate
from kloe.web.indicators.models import ComputedResult
from kloe.web.organisations.models import Organisation
from kloe.web.plans.models import Action, Recommendation
from kloe.web.publication.models import PublishedPage

_COMPUTED = ("organisation_id", "measure", "period_start", "period_end", "grouping", "group",
             "definition_digest", "data_digest", "engine", "threshold")  # fmt: skip


def already_here(row: Any, owner: Organisation) -> Any:
    """The key of the row that stands here for this one; ``None`` where there is none.

    :raises Conflict: where another organisation has it.
    """
    if isinstance(row, CheckTemplate):
        same = CheckTemplate.objects.filter(key=row.key, digest=row.digest)
        if row.organisation_id is None:
            return same.filter(organisation=None).values_list("pk", flat=True).first()
        own = same.filter(organisation=row.organisation_id, version=row.version)
        return own.values_list("pk", flat=True).first()
    if isinstance(row, ComputedResult):
        same_result = ComputedResult.objects.filter(**{n: getattr(row, n) for n in _COMPUTED})
        return same_result.values_list("pk", flat=True).first()
    if isinstance(row, Action | Recommendation):
        there = type(row)._default_manager.filter(pk=row.pk).first()
        if there is None:
            return None
        if there.organisation_id != row.organisation_id:
            raise Conflict(
                _("%(ref)s is in the plan of another organisation.", ref=row.reference),
                _("An entry of a plan belongs to one landlord."),
                _("Nothing was brought in. Export the assessment again where it is."),
            )
        return there.pk
    return None


def free_reference(row: Any) -> Message | None:
    """Give a row another reference or address where its own is taken; says so."""
    if isinstance(row, CheckTemplate) and row.organisation_id is not None:
        return _free_version(row)
    if isinstance(row, PublishedPage):
        return _free_address(row)
    if not isinstance(row, Action | Recommendation):
        return None
    taken = set(
        type(row)
        ._default_manager.filter(
            organisation=row.organisation_id, reference__startswith=row.reference
        )
        .values_list("reference", flat=True)
    )
    given, n = row.reference, 2
    while row.reference in taken:
        row.reference = f"{given[:30]}-{n}"
        n += 1
    if row.reference == given:
        return None
    return _("%(old)s of the plan is called %(new)s here.", old=given, new=row.reference)


def _free_address(row: PublishedPage) -> Message | None:
    given, n = row.slug, 2
    while PublishedPage.objects.filter(slug=row.slug).exists():
        row.slug = f"{given[:70]}-{n}"
        n += 1
    if row.slug == given:
        return None
    return _("The address of the published page is %(new)s here.", new=row.slug)


def _free_version(row: CheckTemplate) -> Message | None:
    versions = set(
        CheckTemplate.objects.filter(organisation=row.organisation_id, key=row.key).values_list(
            "version", flat=True
        )
    )
    given = row.version
    if given in versions:
        row.version = max(versions) + 1
        return _(
            "The check template “%(title)s” is version %(n)d here.", title=row.title, n=row.version
        )
    return None
