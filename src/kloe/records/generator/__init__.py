"""An invented landlord of any size: records that fit together, with faults planted and listed."""

from kloe.records.generator.run import FAULTS, Made, Wanted, generate

__all__ = ["FAULTS", "Made", "Wanted", "generate"]
