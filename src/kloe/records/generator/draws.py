"""Random draws that come out the same on every machine.

Each table of each landlord has its own stream, seeded by a digest of seed, landlord and the
table's name, so that adding a table changes no other. Only uniform numbers are taken from the
generator; everything else is made of them by comparing, adding and multiplying, because the
logarithms and powers of two machines may differ in the last digit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

#: No value, in every column: outside any day, amount or index that occurs.
NULL = -(2**31)
DAY_SECONDS = 86_400
EPOCH = date(1970, 1, 1)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def day_of(day: date) -> int:
    """A day as a number."""
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The day a number stands for."""
    return EPOCH + timedelta(days=int(day))


def ints(values: Any) -> Ints:
    """Values as whole numbers in an array."""
    return np.asarray(values, dtype=np.int64)


def months_of(days: Ints) -> Ints:
    """Month of the year, 1 to 12."""
    whole = ints(days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return ints(whole % 12 + 1)


def years_of(days: Ints) -> Ints:
    """Calendar year."""
    return ints(days).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def financial_years(days: Ints) -> Ints:
    """Financial year, April to March, by its first calendar year."""
    return years_of(days) - (months_of(days) < 4)


class Draw:
    """A stream of draws of its own."""

    __slots__ = ("_rng",)

    def __init__(self, *parts: int | str) -> None:
        digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
        self._rng = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))

    def uniform(self, n: int) -> Floats:
        """Numbers from 0 to below 1."""
        return self._rng.random(n)

    def chance(self, n: int, p: float | Floats) -> Bools:
        """True with probability ``p``."""
        return self.uniform(n) < p

    def between(self, low: int | Ints, high: int | Ints, n: int) -> Ints:
        """Whole numbers, both ends included; where high is below low, low."""
        width = np.maximum(np.asarray(high) - np.asarray(low) + 1, 1)
        return ints(np.asarray(low) + np.floor(self.uniform(n) * width))

    def pick(self, weights: Sequence[float], n: int) -> Ints:
        """Indices by weight."""
        steps = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(steps, self.uniform(n) * steps[-1], side="right")
        return ints(np.minimum(found, len(weights) - 1))

    def spread(self, quantiles: Sequence[float], n: int) -> Ints:
        """Whole numbers whose quantiles, evenly spaced from lowest to highest, are given."""
        marks = np.linspace(0.0, 1.0, len(quantiles))
        return ints(np.floor(np.interp(self.uniform(n), marks, np.asarray(quantiles, float))))

    def choose(self, n: int, k: int) -> Ints:
        """``k`` different indices below ``n``, in order."""
        if k >= n:
            return np.arange(n, dtype=np.int64)
        return ints(np.sort(np.argsort(self.uniform(n), kind="stable")[: max(k, 0)]))

    def when(
        self,
        n: int,
        first: int,
        last: int,
        months: Sequence[float] | None = None,
        growth: float = 0.0,
    ) -> Ints:
        """Days from ``first`` to ``last``, by weight of the month and growth a year; sorted."""
        days = np.arange(first, last + 1, dtype=np.int64)
        weight = np.ones(len(days))
        if months is not None:
            weight = np.asarray(months, dtype=np.float64)[months_of(days) - 1]
        weight = weight * (1.0 + growth * (days - first) / 365.0)
        steps = np.cumsum(weight)
        at = np.searchsorted(steps, self.uniform(n) * steps[-1], side="right")
        return np.sort(ints(first + np.minimum(at, len(days) - 1)))

    def time_of_day(self, n: int, first: int = 8, last: int = 18) -> Ints:
        """Seconds after midnight within working hours, on whole minutes."""
        return self.between(first * 60, last * 60 - 1, n) * 60


def moment(days: Ints, seconds: Ints | int = 0) -> Ints:
    """Seconds since 1970; no value where there is no day."""
    return np.where(days == NULL, NULL, ints(days) * DAY_SECONDS + seconds)


def day_part(moments: Ints) -> Ints:
    """The day of a moment; no value where there is none."""
    return np.where(moments == NULL, NULL, moments // DAY_SECONDS)


def until(days: Ints, last: int | Ints) -> Ints:
    """Days that have come by ``last``; later ones have no value yet."""
    return np.where(days > last, NULL, days)


def only_where(mask: Bools, values: Ints | int) -> Ints:
    """Values where the mask holds, no value elsewhere."""
    return np.where(mask, values, NULL)
