"""Files of the cases behind computed figures: ``cases/<organisation>/<digest>.parquet``.

Written where a figure is computed, so that a request lists cases without computing. The name is a
digest of everything the cases depend on. The folder may be deleted at any time: what is missing
is made again by the background.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from kloe.core.digest import value_digest
from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures import case_files
from kloe.measures.case_files import CaseFile
from kloe.measures.catalogue import Source
from kloe.measures.computing import Computing
from kloe.web.indicators.models import ComputedResult

FOLDER = "cases"


class NotMade(Conflict):
    """The list of cases is not there; the background can make it."""

    def __init__(self, measure: str) -> None:
        super().__init__(
            _("The list of cases of %(measure)s is not there yet.", measure=measure),
            _("Lists are made in the background, beside the figure."),
            _("Have it made on the page of its cases."),
        )


def folder() -> Path:
    """Where the files lie."""
    path: Path = settings.DATA_DIR / FOLDER
    return path


def path_of(row: ComputedResult) -> Path:
    """Where the cases behind a figure lie, made or not."""
    key = value_digest(
        [
            case_files.FORM,
            row.measure,
            row.definition_digest,
            row.data_digest,
            row.period_start.isoformat(),
            row.period_end.isoformat(),
            row.as_at.isoformat(),
            row.engine,
        ]
    )
    return folder() / str(row.organisation_id) / f"{key}.parquet"


def keep(computing: Computing, source: Source, row: ComputedResult) -> bool:
    """Keep the cases behind a figure that may be shown; whether the file was written."""
    path = path_of(row)
    if row.level != ComputedResult.Level.ALL or row.missing or path.exists():
        return False
    case_files.write(computing, source, Period(row.period_start, row.period_end), path)
    return True


def found(row: ComputedResult) -> CaseFile:
    """The cases behind a figure.

    :raises NotMade: where they are not there.
    """
    path = path_of(row)
    if not path.is_file():
        raise NotMade(row.measure)
    return CaseFile(path)
