"""Faults planted on purpose, each one listed, so that record tests can be held against them.

The records are made as they should be; then a share of cases is broken. Most faults are said in
``content/records/faults.yaml``: which table, which rows, what is done to which column. Faults on
which other records depend (a home let late) are planted while the records are made, by asking
:meth:`Planter.pick`; those that need more than one column or table stand in ``breaking.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.records.generator.draws import DAY_SECONDS, NULL, Bools, Draw, Ints, day_of, ints
from kloe.records.generator.frames import Frame, code
from kloe.records.generator.rates import CONTENT
from kloe.records.layouts import Type, layout
from kloe.records.reading import Block, only, read

HEADER = ("landlord", "fault", "table", "ref", "column", "before", "after", "found_by")
KEYS = (
    "table",
    "words",
    "share",
    "least",
    "where",
    "given",
    "found_by",
    "clear",
    "set",
    "past",
    "before",
    "inside",
    "alone",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    slug: str
    table: str
    words: str
    share: float
    least: int
    found_by: tuple[str, ...]
    where: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    past: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    #: Planted by code: while the records are made, or in ``breaking.py``.
    inside: bool = False
    #: Rows that bear it bear no other.
    alone: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns it changes."""
        moved = [one["column"] for one in (self.past, self.before) if one]
        return (*self.clear, *self.set, *moved)


def load(path: Path | None = None) -> dict[str, Fault]:
    """Faults by slug, as shipped, changed by a file that gives other shares (or 0 for none).

    :raises InvalidInput: naming the line that is not as it has to be.
    """
    own = read(CONTENT / "faults.yaml", "records/faults.yaml")
    found = {slug: _fault(slug, block) for slug, block in own.items()}
    if path is None:
        return found
    given = read(path)
    for slug, block in given.items():
        if isinstance(block, Block) and "table" in block:
            found[slug] = _fault(slug, block)
            continue
        if slug not in found:
            raise given.fault(
                _("There is no fault “%(slug)s”.", slug=slug),
                _("There are: %(all)s.", all=", ".join(found)),
            )
        share = block.get("share", found[slug].share) if isinstance(block, Block) else block
        try:
            number = float(share)
        except (TypeError, ValueError):
            number = -1.0
        if not 0 <= number <= 1:
            raise given.fault(
                _("The share of “%(slug)s” is “%(share)s”.", slug=slug, share=share),
                _("A share lies between 0 and 1."),
            )
        old = found[slug]
        changed = {name: getattr(old, name) for name in Fault.__slots__}
        found[slug] = Fault(**{**changed, "share": number, "least": old.least if number else 0})
    return found


def _fault(slug: str, block: Any) -> Fault:
    if not isinstance(block, Block):
        raise InvalidInput(_("The fault “%(slug)s” is not a mapping.", slug=slug))
    only(block, KEYS, ("table", "words", "share"))
    found_by = block.get("found_by") or []
    fault = Fault(
        slug=slug,
        table=block["table"],
        words=" ".join(block["words"].split()),
        share=float(block["share"]),
        least=int(block.get("least", 1)),
        found_by=tuple([found_by] if isinstance(found_by, str) else found_by),
        where=block.get("where") or {},
        given=tuple(block.get("given") or ()),
        clear=tuple(block.get("clear") or ()),
        set=block.get("set") or {},
        past=block.get("past") or {},
        before=block.get("before") or {},
        inside=bool(block.get("inside", False)),
        alone=bool(block.get("alone", False)),
    )
    columns = layout(fault.table).by_name
    for name in (*fault.where, *fault.given, *fault.columns):
        if name not in columns:
            raise block.fault(
                _("The table %(table)s has no column “%(name)s”.", table=fault.table, name=name)
            )
    return fault


class Planter:
    """Plants faults in one landlord's records and remembers each."""

    def __init__(self, faults: Mapping[str, Fault], landlord: str, seed: int, end: int) -> None:
        self.faults = faults
        self.landlord = landlord
        self.seed = seed
        self.end = end
        self.planted: list[tuple[str, ...]] = []
        self._taken: dict[str, list[Ints]] = {}
        self._parts: dict[str, int] = {}
        self._by_table: dict[str, list[Fault]] = {}
        for fault in faults.values():
            if not fault.inside:
                self._by_table.setdefault(fault.table, []).append(fault)
        for table in self._by_table.values():
            table.sort(key=lambda f: (not f.alone, f.slug))

    def draw(self, slug: str, part: int = 0) -> Draw:
        """The stream of a fault."""
        return Draw(self.seed, self.landlord, "fault", slug, part)

    def pick(self, slug: str, n: int, among: Bools | None = None) -> Bools:
        """Which of ``n`` cases bear a fault that is planted while they are made."""
        fault = self.faults[slug]
        rows = np.arange(n) if among is None else np.flatnonzero(among)
        found = np.zeros(n, dtype=bool)
        found[rows[self._some(fault, len(rows), 0)]] = True
        return found

    def note(
        self,
        slug: str,
        frame: Frame,
        rows: Ints,
        column: str = "",
        before: Iterable[Any] = (),
        after: Iterable[Any] | None = None,
    ) -> None:
        """Remember rows that bear a fault; the rows get no other in the same column."""
        rows = ints(rows)
        refs = frame.refs(rows)
        if after is None:
            after = frame.shown(column, rows) if column else ()
        befores = list(before) or [""] * len(refs)
        afters = list(after) or [""] * len(refs)
        found_by = " ".join(self.faults[slug].found_by)
        self.planted += [
            (self.landlord, slug, frame.table, ref, column, _shown(b), _shown(a), found_by)
            for ref, b, a in zip(refs, befores, afters, strict=True)
        ]
        key = f"{frame.table}.{column}" if column else frame.table
        self._taken.setdefault(key, []).append(rows + frame.first)
        if self.faults[slug].alone:
            self._taken.setdefault(frame.table, []).append(rows + frame.first)

    def spoil(self, frame: Frame) -> None:
        """Plant in a table, or the next part of it, the faults said in the file."""
        part = self._parts.get(frame.table, 0)
        self._parts[frame.table] = part + 1
        for fault in self._by_table.get(frame.table, ()):
            self._plant(fault, frame, part)

    def free(self, fault: Fault, frame: Frame) -> Bools:
        """Rows in which a fault may be planted: they fit, and bear none that it would hide."""
        fits = np.ones(frame.rows, dtype=bool)
        for column, wanted in fault.where.items():
            fits &= _fits(frame, column, wanted)
        for column in (*fault.given, *fault.clear):
            fits &= frame[column] != NULL
        keys = [frame.table, *(f"{frame.table}.{c}" for c in fault.columns)]
        if fault.alone:
            keys += [k for k in self._taken if k.startswith(f"{frame.table}.")]
        for key in keys:
            for rows in self._taken.get(key, ()):
                inside = rows[(rows >= frame.first) & (rows < frame.first + frame.rows)]
                fits[inside - frame.first] = False
        return fits

    def _plant(self, fault: Fault, frame: Frame, part: int) -> None:
        fits = self.free(fault, frame)
        draw = self.draw(fault.slug, part + 1)
        moves: list[tuple[str, Ints]] = []
        for sign, given in ((1, fault.past), (-1, fault.before)):
            if not given:
                continue
            column, limit = given["column"], given["limit"]
            low, high = given.get("days", [1, 20])
            moment = frame.layout.column(column).type is Type.DATETIME
            base = frame[limit]
            known = base != NULL
            if (frame.layout.column(limit).type is Type.DATETIME) != moment:
                base = base // DAY_SECONDS if not moment else base * DAY_SECONDS
            size = DAY_SECONDS if moment else 1
            by = draw.between(low * size, high * size, frame.rows)
            new = base + sign * (by // 60 * 60 if moment else by)
            fits &= known & (frame[column] != NULL) & (new < (self.end + 1) * size)
            moves.append((column, ints(new)))
        rows = np.flatnonzero(fits)
        rows = ints(rows[self._some(fault, len(rows), part)])
        if not len(rows):
            return
        for column, moved in moves:
            self._change(fault, frame, rows, column, moved[rows])
        for column in fault.clear:
            self._change(fault, frame, rows, column, np.full(len(rows), NULL))
        for column, value in fault.set.items():
            self._change(
                fault, frame, rows, column, np.full(len(rows), _value(frame, column, value))
            )

    def _change(self, fault: Fault, frame: Frame, rows: Ints, column: str, new: Ints) -> None:
        before = frame.shown(column, rows)
        values = frame[column].astype(np.int64)
        values[rows] = new
        frame[column] = values
        self.note(fault.slug, frame, rows, column, before)

    def _some(self, fault: Fault, n: int, part: int) -> Ints:
        if fault.share <= 0 or n == 0:
            return ints([])
        wanted = round(n * fault.share)
        if part == 0 or fault.share * n >= 1:
            wanted = max(wanted, min(fault.least, n // 2))
        return self.draw(fault.slug, -part).choose(n, wanted)


def _value(frame: Frame, column: str, value: Any) -> int:
    kind = frame.layout.column(column).type
    if value is None:
        return NULL
    if kind is Type.CODE:
        return code(frame.table, column, value)
    if kind is Type.DATE:
        return day_of(value)
    if kind is Type.DATETIME:
        return day_of(value) * DAY_SECONDS
    if kind in (Type.TEXT, Type.CODES):
        words = list(frame.words.get(column, ()))
        if value not in words:
            words.append(value)
            frame.words[column] = words
        return words.index(value)
    if kind is Type.MONEY:
        return round(float(value) * 100)
    return int(value)


def _fits(frame: Frame, column: str, wanted: Any) -> Bools:
    values = frame[column]
    if wanted is None:
        return np.asarray(values == NULL)
    names = wanted if isinstance(wanted, list) else [wanted]
    return np.isin(values, [_value(frame, column, name) for name in names])


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
