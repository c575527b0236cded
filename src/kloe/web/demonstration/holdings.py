"""The demonstration landlord's records: invented by the generator, with faults planted.

What is made is the same every time. A few indicators are computed at once, those that speak as
evidence; all others are left to the background, so that the demonstration is soon there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.utils import translation

from kloe.core.messages import Message, _
from kloe.core.progress import Progress
from kloe.records.generator import Wanted, generate
from kloe.records.versions import Retention
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators import actions as indicators
from kloe.web.indicators import computed, computed_evidence, drawing_ahead
from kloe.web.indicators.holdings import landlord_of, shelf_of
from kloe.web.organisations.models import Organisation


class _Within:
    """Tells of the parts of one step, without moving the whole on."""

    def __init__(self, tell: Progress, done: int, total: int) -> None:
        self._tell, self._done, self._total = tell, done, total

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        if what:
            self._tell.step(self._done, self._total, what)


@contextmanager
def removed_on_failure(organisation: Organisation) -> Iterator[None]:
    """Files are in no transaction: where what follows fails, they go with it."""
    try:
        yield
    except BaseException:
        shutil.rmtree(shelf_of(organisation).folder, ignore_errors=True)
        raise


def invent(organisation: Organisation, said: Mapping[str, Any], by: User) -> None:
    """Invent the records and put them in use, as a load would have."""
    shelf = shelf_of(organisation)
    with shelf.alone():
        version, work = shelf.begin()
        made = generate(
            Wanted(
                homes=said["homes"],
                years=said["years"],
                seed=said["seed"],
                until=said["until"],
                name=landlord_of(organisation),
            ),
            work,
        )
        assert made.records is not None, "Parquet is the format made unless asked otherwise"
        tables = made.records.tables
        entry = {
            "by": by.name,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "as_at": said["until"].isoformat(),
            "invented": {"seed": said["seed"], "faults": made.faults},
            "tables": {name: {"rows": t.rows, "rejects": t.rejects} for name, t in tables.items()},
        }
        shelf.publish(version, work, entry, Retention())
    record(
        by=by,
        verb="loaded records",
        subject_kind="records",
        subject_id=version,
        organisation_id=organisation.pk,
        after={
            "version": version,
            "rows": made.rows,
            "rejects": 0,
            "tables": sorted(tables),
        },
    )


def compute(
    assessment: Assessment,
    said: Mapping[str, Any],
    people: Mapping[str, User],
    tell: Progress,
    place: tuple[int, int],
) -> None:
    """Compute what speaks as evidence, let it speak, and leave the rest to the background."""
    measures = list(dict.fromkeys(use["measure"] for use in said["used"]))
    computed.compute(
        assessment=assessment, by=people["mair"], measures=measures, progress=_Within(tell, *place)
    )
    for use in said["used"]:
        computed_evidence.use_as_evidence(
            assessment=assessment,
            measure=use["measure"],
            descriptor=use["of"],
            direction=use["says"],
            by=people[use["by"]],
        )
    tell.step(*place, _("Drawing the trends"))
    with translation.override("en-gb"):
        drawing_ahead.draw_trends(assessment, measures)
    indicators.compute_in_background(assessment=assessment, by=people["mair"])
