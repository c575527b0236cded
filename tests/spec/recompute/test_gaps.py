"""Both computations on records with gaps, where exclusions and limits decide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.definitions import Kind
from kloe.records import generator
from kloe.records.store import RecordSet
from recompute.gaps import with_gaps
from recompute.ground import ALL, added, recomputed
from recompute.test_recompute import PERIODS, Ground, difference

IDS = sorted(ALL)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("gaps")
    made = generator.generate(generator.Wanted(homes=800, years=2, seed=5), folder / "records")
    gaps = RecordSet.open(with_gaps(made.records.folder, folder / "gaps", PERIODS))
    with Computing(gaps, Wanted(periods=PERIODS)) as computing:
        yield Ground(gaps, computing)


@pytest.mark.parametrize("period", PERIODS, ids=lambda p: f"{p.start} to {p.end}")
@pytest.mark.parametrize("id_", IDS)
def test_both_computations_agree_on_records_with_gaps(
    ground: Ground, id_: str, period: Period
) -> None:
    count = catalogue().get(id_).kind is Kind.COUNT
    cases = recomputed(id_, ground.records, period)
    rows = ground.rows(id_, period)
    assert added(cases, count=count) == added(rows, count=count), difference(cases, rows)
