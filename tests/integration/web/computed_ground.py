"""Invented records, made once, and put where an organisation's records lie."""

from __future__ import annotations

import shutil
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from kloe.records.generator import Wanted, generate
from kloe.records.store import RecordSet, use_version

#: Few measures of every kind, so that tests are quick.
SOME = (
    "rents/accounts-before-start", "rents/arrears-gap", "rents/accounts-clear", "repairs/on-time",
    "repairs/non-emergency-days", "complaints/*", "money/projects-on-time",
)  # fmt: skip


@lru_cache(maxsize=1)
def invented() -> Path:
    """The records of a landlord of 300 homes over three years."""
    folder = Path(mkdtemp(prefix="kloe-invented-")) / "set"
    generate(Wanted(homes=300, years=3, seed=1, until=date(2026, 3, 31), workers=1), folder)
    return folder


def bring_in(organisation: Any, folder: Path | None = None, *, version: str = "one") -> RecordSet:
    """Put a set of records in use for an organisation."""
    from kloe.web.indicators.holdings import shelf_of

    place = shelf_of(organisation).folder
    shutil.rmtree(place / "versions" / version, ignore_errors=True)
    shutil.copytree(folder or invented(), place / "versions" / version)
    use_version(place, version)
    return RecordSet.open(place)


def forget(organisation: Any) -> None:
    """Take the records away again."""
    from kloe.web.indicators.holdings import shelf_of

    shutil.rmtree(shelf_of(organisation).folder, ignore_errors=True)


_MEASURED: dict[str, Any] = {}


def compute_quickly(assessment: Any, by: Any, measures: tuple[str, ...] = SOME) -> Any:
    """Compute from the invented records; what was computed once in this process is put again."""
    from unittest import mock

    from kloe.web.indicators import computed, computed_rows
    from kloe.web.indicators.models import ComputedResult

    names = [f.attname for f in ComputedResult._meta.fields if f.attname != "id"]

    def anew(row: ComputedResult) -> ComputedResult:
        values = {name: getattr(row, name) for name in names}
        return ComputedResult(**values | {"organisation_id": assessment.organisation_id})

    def measured(computing: Any, source: Any, spans: Any, implied: Any, one: Any) -> Any:
        key = f"{source.id} {source.digest} {spans.period}"
        if key not in _MEASURED:
            _MEASURED[key] = computed_rows.measured(computing, source, spans, implied, one)
        made = _MEASURED[key]
        return computed_rows.Measured(
            made.wholes, [anew(r) for r in made.parts], [anew(r) for r in made.rows]
        )

    with mock.patch.object(computed, "measured", measured):
        return computed.compute(assessment=assessment, by=by, measures=measures)
