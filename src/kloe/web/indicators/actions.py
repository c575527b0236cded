"""Setting published results beside an assessment, and drafting its scope from what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
from django.conf import settings
from django.db import transaction

from kloe.assessment.scope_weights import Weights
from kloe.core.messages import _
from kloe.measures.dataset import open_dataset
from kloe.measures.peers import DIMENSIONS
from kloe.web.accounts.models import User
from kloe.web.assessments import actions as assessments
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators.computed import required_records
from kloe.web.indicators.models import IndicatorResult
from kloe.web.indicators.rows import row_of
from kloe.web.jobs import actions as jobs
from kloe.web.jobs.models import Job
from kloe.web.organisations.models import Organisation


def set_beside(
    *,
    assessment: Assessment,
    dataset: str,
    landlord: str,
    by: User | None,
    peers_by: tuple[str, ...] = DIMENSIONS,
) -> int:
    """Take a landlord's published results from a dataset; gives how many rows are new.

    Rows are never changed: the same data give the same rows again, other data new ones.

    :raises NotFound: if there is no such dataset, or no such landlord in it.
    """
    opened = open_dataset(settings.DATA_DIR, dataset)
    found = opened.landlord(landlord)
    positions = opened.positions(found, peers_by)
    engine = f"duckdb {duckdb.__version__}"
    rows = [
        row_of(p, assessment=assessment, digest=opened.info.digest, engine=engine)
        for p in positions
    ]
    with transaction.atomic():
        present = set(
            IndicatorResult.objects.filter(
                assessment=assessment, data_digest=opened.info.digest
            ).values_list("measure", "population", "definition_digest")
        )
        new = [r for r in rows if (r.measure, r.population, r.definition_digest) not in present]
        IndicatorResult.objects.bulk_create(new)
        if (assessment.dataset, assessment.landlord_code) != (opened.id, found.code):
            assessments.change_details(
                assessment=assessment,
                by=by,
                values={"dataset": opened.id, "landlord_code": found.code},
            )
        if new:
            record(
                by=by,
                verb="set results beside",
                subject_kind="dataset",
                subject_id=opened.id,
                organisation_id=assessment.organisation_id,
                assessment_id=assessment.pk,
                after={
                    "dataset": opened.id,
                    "landlord": found.code,
                    "data": opened.info.digest,
                    "results": len(new),
                },
            )
    return len(new)


def compute_in_background(*, assessment: Assessment, by: User | None, request_id: str = "") -> Job:
    """Have all indicators of an assessment computed from the records in use.

    :raises NotFound: if the organisation has no records.
    """
    required_records(assessment)
    return jobs.enqueue(
        kind="compute-indicators",
        by=by,
        assessment=assessment,
        once=True,
        request_id=request_id,
    )


def compute(*, organisation: Organisation, by: User | None, request_id: str = "") -> list[Job]:
    """Have the indicators of every assessment of an organisation that is a draft computed anew.

    What loading records ends with. Final assessments keep what they were judged by.
    """
    drafts = Assessment.objects.filter(organisation=organisation, final_at=None)
    return [compute_in_background(assessment=one, by=by, request_id=request_id) for one in drafts]


def set_weights(*, assessment: Assessment, weights: Mapping[str, Any], by: User | None) -> Weights:
    """Keep the weights of the scope proposal with the assessment.

    :raises InvalidInput: for a weight outside 0 to 100, or one there is not.
    """
    checked = Weights.from_mapping(weights)
    assessments.change_details(
        assessment=assessment, by=by, values={"scope_weights": checked.changed()}
    )
    return checked


def accept_proposal(
    *, assessment: Assessment, proposed: Mapping[str, tuple[bool, str]], by: User | None
) -> int:
    """Take a proposal over as the scope; gives how many themes changed."""
    choices = {
        theme: (
            inside,
            # In kloe's words: what does not fit stands in the proposal.
            ""
            if inside
            else (reason or str(_("Not proposed: no reason to look reached it.")))[
                : assessments.MOST_REASON
            ],
        )
        for theme, (inside, reason) in proposed.items()
    }
    return assessments.set_scope(assessment=assessment, choices=choices, by=by)
