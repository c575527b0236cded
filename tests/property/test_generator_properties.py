"""Whatever the seed and the size: ledgers add up, homes are let once, draws keep their bounds."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.records.generator import Wanted, generate
from kloe.records.generator.draws import Draw, date_of, day_of, financial_years, months_of
from kloe.records.generator.ledger import REASONS, TEXTS
from kloe.records.generator.run import FEWEST_HOMES, sizes

seeds = st.integers(min_value=0, max_value=2**32)
ends = st.dates(min_value=date(2015, 1, 1), max_value=date(2030, 12, 31))


@settings(max_examples=8, deadline=None)
@given(seed=seeds, homes=st.integers(100, 180), years=st.integers(1, 3), until=ends)
def test_a_landlord_fits_together(seed: int, homes: int, years: int, until: date) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        none = Path(folder) / "none.yaml"
        none.write_text("all: 0\n")
        wanted = Wanted(homes=homes, years=years, seed=seed, until=until, faults=none)
        generate(wanted, out)
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in pq.read_table(out / "rent_transaction.parquet").to_pylist():
            sums[row["account_ref"]] += row["amount"]
            assert row["posted_on"] <= until
            assert row["amount"] != 0
        for row in pq.read_table(out / "rent_account.parquet").to_pylist():
            assert sums[row["account_ref"]] == row["balance"]
            if row["closed_on"] is not None:
                assert row["balance"] == 0
        let: dict[str, list[tuple[date, date | None]]] = defaultdict(list)
        for row in pq.read_table(out / "tenancy.parquet").to_pylist():
            let[row["property_ref"]].append((row["start_on"], row["end_on"]))
        for spans in let.values():
            for before, after in pairwise(sorted(spans, key=lambda s: s[0])):
                assert before[1] is not None
                assert before[1] < after[0]


@given(seed=seeds, low=st.integers(-50, 50), width=st.integers(0, 40), n=st.integers(0, 200))
def test_draws_keep_their_bounds(seed: int, low: int, width: int, n: int) -> None:
    draw = Draw(seed, "bounds")
    found = draw.between(low, low + width, n)
    assert len(found) == n
    assert ((found >= low) & (found <= low + width)).all()
    chosen = draw.choose(n, n // 2)
    assert len(set(chosen.tolist())) == len(chosen) == n // 2
    days = draw.when(n, 100, 130, [1.0] * 12)
    assert ((days >= 100) & (days <= 130)).all()
    assert (np.diff(days) >= 0).all()
    spread = draw.spread([1, 5, 90], n)
    assert ((spread >= 1) & (spread <= 90)).all()


@given(st.lists(st.floats(0, 5), min_size=1, max_size=6).filter(lambda w: sum(w) > 0), seeds)
def test_what_weighs_nothing_is_never_picked(weights: list[float], seed: int) -> None:
    picked = set(Draw(seed, "weights").pick(weights, 300).tolist())
    assert all(weights[at] > 0 for at in picked)


@given(ends)
def test_days_and_numbers_are_the_same(day: date) -> None:
    number = day_of(day)
    assert date_of(number) == day
    assert months_of(np.array([number]))[0] == day.month
    year = day.year if day.month >= 4 else day.year - 1
    assert financial_years(np.array([number]))[0] == year


@given(seed=seeds, landlords=st.integers(2, 40), more=st.integers(0, 5000))
def test_the_homes_of_a_sector_are_all_given_out(seed: int, landlords: int, more: int) -> None:
    wanted = Wanted(FEWEST_HOMES * landlords + more, 1, seed, landlords=landlords)
    found = sizes(wanted)
    assert sum(found) == wanted.homes
    assert min(found) >= FEWEST_HOMES


def test_words_of_postings_are_few() -> None:
    assert len(TEXTS) < 30
    assert len(set(REASONS)) == len(REASONS)
