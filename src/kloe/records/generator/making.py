"""The order in which the parts of a landlord are made: each needs what stands before it."""

from __future__ import annotations

from kloe.records.generator import (
    arrears,
    casework,
    corporate,
    lettings,
    people,
    plans,
    rents,
    repairs,
    safety,
    stock,
    surveys,
    tenancies,
    voice,
)
from kloe.records.generator.world import World

PARTS = (
    stock.make,
    tenancies.make,
    people.make,
    lettings.make,
    safety.make,
    safety.condition,
    safety.hazards,
    repairs.alerts,
    repairs.make,
    rents.make,
    arrears.referrals,
    casework.make,
    voice.make,
    surveys.make,
    corporate.make,
    plans.make,
)


def make_all(world: World) -> None:
    """Make every table of a landlord, clean but for what is planted on the way."""
    for part in PARTS:
        part(world)
