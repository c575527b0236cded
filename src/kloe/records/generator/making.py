"""The order in which the parts of a landlord are made: each needs what stands before it."""

from __future__ import annotations

from kloe.records.generator import (
    arrears,
    lettings,
    people,
    rents,
    repairs,
    stock,
    tenancies,
)
from kloe.records.generator.world import World

PARTS = (
    stock.make,
    tenancies.make,
    people.make,
    lettings.make,
    repairs.alerts,
    repairs.make,
    rents.make,
    arrears.referrals,
)


def make_all(world: World) -> None:
    """Make every table of a landlord, clean but for what is planted on the way."""
    for part in PARTS:
        part(world)
