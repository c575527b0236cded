"""Faults that need more than one table, or more than one row."""

from __future__ import annotations

from kloe.records.generator.world import World


def break_all(world: World) -> None:
    """Plant them."""
