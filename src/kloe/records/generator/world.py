"""What the parts of the generator share while they make one landlord."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kloe.records.generator.draws import NULL, Bools, Draw, Ints, ints
from kloe.records.generator.frames import Frame
from kloe.records.generator.planting import Planter
from kloe.records.generator.rates import Rates

#: Tenancies, lettings and safety checks begin this long before the records proper, so that the
#: first year has a year before it.
WARM_UP = 365
#: Keys of a home and a day in one number.
SPAN = 100_000


@dataclass
class World:
    """One landlord: its rates, its tables so far, and lookups between them."""

    landlord: str
    seed: int
    homes: int
    start: int
    end: int
    rates: Rates
    planter: Planter
    frames: dict[str, Frame] = field(default_factory=dict)
    #: Takes a part of a table that is too big to be kept.
    emit: Callable[[Frame], None] = lambda frame: None
    tell: Callable[[str], None] = lambda what: None
    #: Per home (row of property): weekly rent in pence, estate and area index.
    home: dict[str, Ints] = field(default_factory=dict)
    #: Per tenancy (row): home, first and last day (the day after the end while it lasts), lead.
    let: dict[str, Ints] = field(default_factory=dict)
    #: Whatever else one part leaves for another.
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def years(self) -> int:
        """Whole years the records speak for."""
        return max(1, round((self.end - self.start + 1) / 365.25))

    @property
    def origin(self) -> int:
        """The day on which tenancies begin to be followed."""
        return self.start - WARM_UP

    def draw(self, name: str) -> Draw:
        """The stream of a table or part."""
        return Draw(self.seed, self.landlord, name)

    def add(self, frame: Frame) -> Frame:
        """Keep a finished table until it is written."""
        self.frames[frame.table] = frame
        return frame

    def at_least(self, share: float, of: float | None = None, least: int = 1) -> int:
        """How many a share of the homes (or of ``of``) comes to, never fewer than ``least``."""
        return max(least, round(share * (self.homes if of is None else of)))

    def tenancy_on(self, homes: Ints, days: Ints) -> Ints:
        """The tenancy in a home on a day; no value where it stood empty."""
        order, keys = self._index()
        at = np.searchsorted(keys, homes * SPAN + days, side="right") - 1
        found = order[np.maximum(at, 0)]
        let = self.let
        fits = (at >= 0) & (let["home"][found] == homes) & (let["last"][found] >= days)
        return np.where(fits, found, NULL)

    def person_on(self, homes: Ints, days: Ints) -> Ints:
        """Who held a home's tenancy on a day; no value where nobody did."""
        tenancy = self.tenancy_on(homes, days)
        return np.where(tenancy == NULL, NULL, self.let["lead"][np.maximum(tenancy, 0)])

    def current(self) -> Ints:
        """Tenancies of homes that last on the day of the extract."""
        return ints(np.flatnonzero((self.let["last"] > self.end) & ~self.garages()))

    def garages(self) -> Bools:
        """Which tenancies are of garages."""
        return np.asarray(self.let["garage"] == 1)

    def _index(self) -> tuple[Ints, Ints]:
        found = self.notes.get("tenancy index")
        if found is None:
            keys = self.let["home"] * SPAN + self.let["first"]
            order = ints(np.argsort(keys, kind="stable"))
            found = self.notes["tenancy index"] = (order, keys[order])
        return found[0], found[1]
