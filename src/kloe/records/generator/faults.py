"""The kinds of fault: ``content/records/faults.yaml``, and a file that changes their shares.

Each kind says which table, which rows, and what is done to which column::

    repair-cost-notice-missing:
      table: repair_job
      words: The tenant was not told of the cost.
      share: 0.1                      # of the rows that fit, at least `least` (1) of them
      where: {rechargeable: true}     # codes, true, false, null; recent, last year, old for days
      given: [completed_at]           # columns that must have a value
      clear: [cost_notice_on]         # or set: {...}, past: {...}, before: {...}, add: {...}, drop
      found_by: repairs/cost-notice

``past`` and ``before`` move a day after or before a limit: ``{column, limit, days or hours,
along}``, the limit a column, ``end`` (the last day of the records) or ``tenancy_ref.start_on`` (a
column of the row pointed to); ``along`` are columns moved by as much, and emptied where that would
be after the end, or with ``whole`` the row is left alone then. ``add`` adds pounds or hundredths of
the value. ``inside`` faults are planted by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.records.generator.rates import CONTENT
from kloe.records.layouts import layout
from kloe.records.reading import Block, only, read


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    slug: str
    table: str
    words: str
    share: float
    least: int = 1
    found_by: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    past: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    #: Whether the whole row is left out.
    drop: bool = False
    #: The column that names the case where it is not the row itself.
    case: str = ""
    #: Planted by code: while the records are made, or in ``breaking.py``.
    inside: bool = False
    #: Rows that bear it bear no other.
    alone: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns it changes."""
        moved = [one["column"] for one in (self.past, self.before, self.add) if one]
        along = [c for one in (self.past, self.before) for c in one.get("along", ())]
        return (*self.clear, *self.set, *moved, *along)

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns by which it is found, beside those it changes."""
        limits = [one["limit"] for one in (self.past, self.before) if one]
        return tuple(c for c in (*self.where, *self.given, *limits) if c != "end" and "." not in c)


KEYS = tuple(f.name for f in fields(Fault) if f.name != "slug")


def load(path: Path | None = None) -> dict[str, Fault]:
    """Faults by slug as shipped; a file may give other shares (0 for none) and kinds of its own.

    :raises InvalidInput: naming the line that is not as it has to be.
    """
    own = read(CONTENT / "faults.yaml", "records/faults.yaml")
    found = {slug: _fault(own, slug, block) for slug, block in own.items()}
    if path is None:
        return found
    given = read(path)
    for slug, block in given.items():
        if isinstance(block, Block) and "table" in block:
            found[slug] = _fault(given, slug, block)
        elif slug == "all":
            share = _share(given, slug, block)
            found = {s: replace(f, share=share, least=0) for s, f in found.items()}
        elif slug in found:
            share = _share(given, slug, block)
            least = found[slug].least if share else 0
            found[slug] = replace(found[slug], share=share, least=max(least, 1 if share else 0))
        else:
            raise given.fault(
                _("There is no fault “%(slug)s”.", slug=slug),
                _("There are: %(all)s.", all=", ".join(found)),
            )
    return found


def _share(block: Block, slug: str, value: Any) -> float:
    share: Any = value.get("share") if isinstance(value, Block) else value
    try:
        number = float(share)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 1:
        raise block.fault(
            _("The share of “%(slug)s” is “%(share)s”.", slug=slug, share=share),
            _("A share lies between 0 and 1."),
        )
    return number


def _fault(file: Block, slug: str, block: Any) -> Fault:
    if not isinstance(block, Block):
        raise InvalidInput(_("The fault “%(slug)s” is not a mapping.", slug=slug))
    only(block, KEYS, ("table", "words"))
    values: dict[str, Any] = dict(block)
    found_by = values.get("found_by") or []
    values["found_by"] = tuple([found_by] if isinstance(found_by, str) else found_by)
    values["share"] = _share(file, slug, block)
    values["words"] = " ".join(block["words"].split())
    for name in ("given", "clear"):
        values[name] = tuple(values.get(name) or ())
    fault = Fault(slug=slug, **values)
    columns = layout(fault.table).by_name
    for name in (*fault.reads, *fault.columns, *([fault.case] if fault.case else [])):
        if name not in columns:
            raise block.fault(
                _("The table %(table)s has no column “%(name)s”.", table=fault.table, name=name)
            )
    return fault
