"""Statistics used wherever numbers are shown: exact, in Decimal, one definition each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def quantile(ordered: Sequence[Decimal], q: Decimal) -> Decimal:
    """Quantile of an ascending sequence by linear interpolation.

    The definition of spreadsheets' ``QUARTILE.INC`` and NumPy's default (Hyndman and Fan,
    type 7): position ``q * (n - 1)`` between neighbours.

    :raises ValueError: on an empty sequence or ``q`` outside 0 to 1.
    """
    if not ordered:
        raise ValueError("a quantile of nothing")
    if not 0 <= q <= 1:
        raise ValueError("q lies outside 0 to 1")
    position = q * (len(ordered) - 1)
    below = int(position)
    if below + 1 >= len(ordered):
        return ordered[-1]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (position - below)
