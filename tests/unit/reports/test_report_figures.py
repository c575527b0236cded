"""Numbers, dates and periods as they are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kloe.reports import figures


@pytest.mark.parametrize(
    ("number", "unit", "places", "written"),
    [
        ("79.35", "%", 1, "79.4 %"),
        ("79.25", "%", 1, "79.3 %"),
        ("-0.05", "%", 1, "−0.1 %"),
        ("1234567.5", "£", 0, "£1,234,568"),
        ("12.34", "per 1,000", 1, "12.3 per 1,000"),
        ("3", "days", 0, "3 days"),
        ("3", "count", 0, "3"),
        ("3", "", 0, "3"),
        ("2.5", "visits", 1, "2.5 visits"),
    ],
)
def test_values_carry_their_unit(number: str, unit: str, places: int, written: str) -> None:
    assert figures.measured(Decimal(number), unit, places) == written


@pytest.mark.parametrize(
    ("part", "total", "written"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 1000, "1 %"),
        (999, 1000, "99 %"),
        (1, 8, "13 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_none(part: int, total: int, written: str) -> None:
    assert figures.share(part, total) == written


def test_counts_keep_what_weighting_left() -> None:
    assert figures.whole(6412) == "6,412"
    assert figures.whole(Decimal("6412.0")) == "6,412"
    assert figures.whole(Decimal("6412.25")) == "6,412.3"


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (date(2025, 4, 1), date(2026, 3, 31), "April 2025 to March 2026"),
        (date(2025, 4, 1), date(2025, 4, 30), "April 2025"),
        (date(2025, 4, 2), date(2025, 5, 31), "2 April 2025 to 31 May 2025"),
        (date(2025, 4, 2), date(2025, 4, 2), "2 April 2025"),
        (date(2025, 4, 2), None, "2 April 2025"),
        (None, None, ""),
    ],
)
def test_periods(start: date | None, end: date | None, written: str) -> None:
    assert figures.period(start, end) == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("2005", "2005"),
        ("2005-11", "November 2005"),
        ("2005-11-03", "3 November 2005"),
        ("about 2005", "about 2005"),
        ("", ""),
    ],
)
def test_dates_of_publication(given: str, written: str) -> None:
    assert figures.published(given) == written
