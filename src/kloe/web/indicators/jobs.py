"""Importing a published workbook, and computing indicators, as work for the background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.measures.benchmarks import import_workbook
from kloe.measures.catalogue import catalogue
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators import computed, computed_cases, drawing_ahead
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job

FOLDER = "imports"


def folder() -> Path:
    """Where workbooks wait for the worker."""
    path: Path = settings.DATA_DIR / "tmp" / FOLDER
    path.mkdir(parents=True, exist_ok=True)
    return path


def _is_there(one: Job) -> bool:
    return (folder() / str(one.payload.get("stored", "-"))).is_file()


@job(
    "import-benchmark",
    title=gettext_lazy("Import of published results"),
    see=Permission.ORGANISATION_MANAGE,
    start=Permission.ORGANISATION_MANAGE,
    possible=_is_there,
)
def import_benchmark(one: Job, progress: Progress) -> dict[str, Any]:
    """Import the workbook that was uploaded, and remove it."""
    path = folder() / str(one.payload["stored"])
    if not path.exists():
        raise InvalidInput(
            _("The uploaded workbook is not there any more."),
            "",
            _("Upload it again."),
        )
    try:
        made = import_workbook(
            path, settings.DATA_DIR, name=str(one.payload["name"]), progress=progress
        )
    except InvalidInput:
        path.unlink(missing_ok=True)
        raise
    # What failed for want of room or was cancelled can be begun again; a day later it is gone.
    path.unlink(missing_ok=True)
    with transaction.atomic():
        record(
            by=one.by,
            verb="imported dataset",
            subject_kind="dataset",
            subject_id=made.info.id,
            organisation_id=one.organisation_id,
            after={"dataset": made.info.id, "file": made.info.file, "data": made.info.digest},
        )
    return {
        "dataset": made.info.id,
        "url": reverse("dataset", args=[made.info.id]),
        "label": str(made.info.title),
    }


@job("compute-indicators", title=gettext_lazy("Computing of indicators"))
def compute_indicators(one: Job, progress: Progress) -> dict[str, Any]:
    """Compute the measures wanted, or all, for an assessment; results appear as they come."""
    assessment = Assessment.objects.select_related("organisation").get(jobs=one.pk)
    done = computed.compute(
        assessment=assessment,
        by=one.by,
        measures=one.payload.get("measures") or (),
        progress=progress,
    )
    drawn = drawing_ahead.draw_all(
        assessment, measures=one.payload.get("measures") or (), progress=progress
    )
    return {
        **done.as_dict(),
        "charts": drawn,
        "url": reverse("analysis", args=[assessment.pk]),
        "label": str(gettext_lazy("Open the analysis")),
    }


@job(computed_cases.LIST, title=gettext_lazy("List of cases"))
def list_cases(one: Job, progress: Progress) -> dict[str, Any]:
    """Make the list of cases behind a figure."""
    assessment = Assessment.objects.select_related("organisation").get(jobs=one.pk)
    source = catalogue().source(str(one.payload["measure"]))
    progress.step(0, 1, str(source.measure.title))
    made = computed_cases.make_list(assessment, source)
    progress.step(1, 1)
    page = "measure-cases" if source.measure.fault else "measure"
    return {
        "made": made,
        "url": reverse(page, args=[assessment.pk, source.id]),
        "label": str(gettext_lazy("Look at the cases")),
    }
