"""The rates a landlord is made with: ``content/records/*.yaml``.

An entry is a number, a list, a mapping, or a mapping with ``value`` (and ``low`` and ``high``,
between which the landlords of a sector differ) and the ``source`` of the figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.records.generator.draws import Draw
from kloe.records.reading import Block, read

CONTENT = Path(__file__).resolve().parents[2] / "content" / "records"
FILES = ("stock", "people", "tenancies", "rents", "repairs", "safety", "services", "corporate")


@lru_cache(maxsize=1)
def contents() -> Mapping[str, Mapping[str, Any]]:
    """Every file of rates by its name."""
    return {name: read(CONTENT / f"{name}.yaml", f"records/{name}.yaml") for name in FILES}


class Rates:
    """Rates by ``file.entry``; in a sector each landlord has its own within what is published."""

    def __init__(self, differ: Draw | None = None) -> None:
        self._chosen: dict[str, float] = {}
        if differ is not None:
            for file, entries in contents().items():
                for name, entry in entries.items():
                    if isinstance(entry, Mapping) and "low" in entry:
                        low, high = float(entry["low"]), float(entry["high"])
                        share = float(differ.uniform(1)[0])
                        self._chosen[f"{file}.{name}"] = low + (high - low) * share

    def raw(self, name: str) -> Any:
        """An entry as it stands."""
        file, _point, entry = name.partition(".")
        try:
            return contents()[file][entry]
        except KeyError:
            raise NotFound(_("There is no rate “%(name)s”.", name=name)) from None

    def number(self, name: str) -> float:
        """An entry that is a number."""
        if name in self._chosen:
            return self._chosen[name]
        entry = self.raw(name)
        return float(entry["value"] if isinstance(entry, Block) else entry)

    def numbers(self, name: str) -> list[float]:
        """An entry that is a list of numbers."""
        entry = self.raw(name)
        return [float(v) for v in (entry["value"] if isinstance(entry, Block) else entry)]

    def shares(self, name: str) -> dict[str, float]:
        """An entry that gives a share to each of several codes."""
        entry = self.raw(name)
        return {
            key: float(value) for key, value in entry.items() if isinstance(value, int | Decimal)
        }

    def words(self, name: str) -> list[str]:
        """An entry that is a list of words."""
        return [str(v) for v in self.raw(name)]
