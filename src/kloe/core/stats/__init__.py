"""Statistics used wherever numbers are shown: in Decimal, one definition each.

Every function names the source of its formula. Nothing is rounded here: who shows a figure
rounds it. Arithmetic runs in a context of its own, so a caller's precision changes nothing.
"""

from kloe.core.stats.common import Interval, z_of
from kloe.core.stats.distributions import Distribution, quantile
from kloe.core.stats.rates import (
    clopper_pearson,
    difference,
    gap_with_all,
    poisson,
    rate_per,
    ratio_of_shares,
    ratio_to_known,
    wilson,
)
from kloe.core.stats.surveys import achieved_margin, margin, sample_interval, size_for

__all__ = [
    "Distribution",
    "Interval",
    "achieved_margin",
    "clopper_pearson",
    "difference",
    "gap_with_all",
    "margin",
    "poisson",
    "quantile",
    "rate_per",
    "ratio_of_shares",
    "ratio_to_known",
    "sample_interval",
    "size_for",
    "wilson",
    "z_of",
]
