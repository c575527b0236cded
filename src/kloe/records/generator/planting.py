"""Faults planted on purpose, each one listed, so that record tests can be held against them.

The records are made as they should be; then a share of cases is broken. Faults on which other
records depend (a home let late) are planted while the records are made, by asking
:meth:`Planter.pick`; those that need more than one table stand in ``breaking.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from kloe.records.generator.draws import DAY_SECONDS, NULL, Bools, Draw, Ints, day_of, ints
from kloe.records.generator.faults import Fault
from kloe.records.generator.frames import Frame, code
from kloe.records.layouts import Type

HEADER = ("landlord", "fault", "table", "ref", "case_ref", "column", "before", "after", "found_by")
#: Days before the end beyond which a day is old.
OLD = 740
YEAR = 365


class Planter:
    """Plants faults in one landlord's records and remembers each."""

    def __init__(
        self, faults: Mapping[str, Fault], landlord: str, seed: int, start: int, end: int
    ) -> None:
        self.faults = faults
        self.landlord = landlord
        self.seed = seed
        self.start = start
        self.end = end
        self.planted: list[tuple[str, ...]] = []
        #: Columns of all tables before anything was broken, to look limits up in.
        self.clean: dict[str, dict[str, Ints]] = {}
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

    def remember(self, frames: Mapping[str, Frame]) -> None:
        """Keep the tables as they are before anything is broken."""
        self.clean = {name: dict(frame.columns) for name, frame in frames.items()}

    def pick(self, slug: str, n: int, among: Bools | None = None, part: int = 0) -> Bools:
        """Which of ``n`` cases bear a fault that is planted while they are made."""
        rows = np.arange(n) if among is None else np.flatnonzero(among)
        found = np.zeros(n, dtype=bool)
        found[rows[self._some(self.faults[slug], len(rows), part)]] = True
        return found

    def note(
        self,
        slug: str,
        frame: Frame,
        rows: Ints,
        column: str = "",
        before: Iterable[Any] = (),
        cases: Iterable[Any] = (),
    ) -> None:
        """Remember rows that bear a fault; the rows get no other in the same column."""
        rows = ints(rows)
        fault = self.faults[slug]
        refs = frame.refs(rows)
        after = frame.shown(column, rows) if column and not fault.drop else [""] * len(refs)
        befores = list(before) or [""] * len(refs)
        named = list(cases) or (frame.shown(fault.case, rows) if fault.case else refs)
        found_by = " ".join(fault.found_by)
        self.planted += [
            (self.landlord, slug, frame.table, r, str(c), column, _shown(b), _shown(a), found_by)
            for r, c, b, a in zip(refs, named, befores, after, strict=True)
        ]
        self._take(frame.table if fault.alone or not column else f"{frame.table}.{column}",
                   rows + frame.first)  # fmt: skip

    def hold(self, frame: Frame, rows: Ints, *columns: str) -> None:
        """Keep rows free of faults, or of those that change some of their columns."""
        for key in [f"{frame.table}.{c}" for c in columns] or [frame.table]:
            self._take(key, ints(rows) + frame.first)

    def note_whole(self, slug: str, ref: str, case: str) -> None:
        """Remember a fault of a whole table, such as a month with too many rows."""
        fault = self.faults[slug]
        self.planted.append(
            (self.landlord, slug, fault.table, ref, case, "", "", "", " ".join(fault.found_by))
        )

    def spoil(self, frame: Frame) -> Frame:
        """Plant in a table, or the next part of it, the faults said in the file."""
        part = self._parts.get(frame.table, 0)
        self._parts[frame.table] = part + 1
        dropped: list[Ints] = []
        for fault in self._by_table.get(frame.table, ()):
            rows = self._plant(fault, frame, part)
            if fault.drop:
                dropped.append(rows)
        if not dropped:
            return frame
        kept = np.ones(frame.rows, dtype=bool)
        kept[np.concatenate(dropped)] = False
        return frame.taken(ints(np.flatnonzero(kept)))

    def free(self, fault: Fault, frame: Frame) -> Bools:
        """Rows in which a fault may be planted: they fit, and bear none that it would hide."""
        fits = np.ones(frame.rows, dtype=bool)
        for name, wanted in fault.where.items():
            fits &= self._fits(frame, name, wanted)
        for column in (*fault.given, *fault.clear):
            fits &= frame[column] != NULL
        keys = {frame.table, *(f"{frame.table}.{c}" for c in (*fault.columns, *fault.reads))}
        if fault.alone or fault.drop:
            keys |= {k for k in self._taken if k.startswith(f"{frame.table}.")}
        for key in sorted(keys):
            for rows in self._taken.get(key, ()):
                inside = rows[(rows >= frame.first) & (rows < frame.first + frame.rows)]
                fits[inside - frame.first] = False
        return fits

    def _take(self, key: str, rows: Ints) -> None:
        self._taken.setdefault(key, []).append(ints(rows))

    def _plant(self, fault: Fault, frame: Frame, part: int) -> Ints:
        fits = self.free(fault, frame)
        draw = self.draw(fault.slug, part + 1)
        moved: list[tuple[str, Ints]] = []
        for sign, given in ((1, fault.past), (-1, fault.before)):
            if given:
                some, possible = self._moved(frame, given, sign, draw)
                moved += some
                fits &= possible
        if fault.add:
            column = fault.add["column"]
            low, high = fault.add["pounds"] if "pounds" in fault.add else fault.add["percent"]
            by = draw.between(round(float(low) * 100), round(float(high) * 100), frame.rows)
            base = frame[column]
            change = by if "pounds" in fault.add else base * by // 10_000
            fits &= (base != NULL) & (change != 0)
            moved.append((column, base + change))
        rows = np.flatnonzero(fits)
        rows = ints(rows[self._some(fault, len(rows), part)])
        if not len(rows):
            return rows
        changes = [(column, values[rows]) for column, values in moved]
        changes += [(column, np.full(len(rows), NULL)) for column in fault.clear]
        changes += [
            (column, np.full(len(rows), value_of(frame, column, value)))
            for column, value in fault.set.items()
        ]
        cases = frame.shown(fault.case, rows) if fault.case else []
        for number, (column, new) in enumerate(changes):
            before = frame.shown(column, rows)
            values = frame[column].astype(np.int64)
            values[rows] = new
            frame[column] = values
            if number == 0:
                self.note(fault.slug, frame, rows, column, before, cases)
            else:
                self._take(f"{frame.table}.{column}", rows + frame.first)
        if not changes:
            self.note(fault.slug, frame, rows)
        for column in fault.reads:
            self._take(f"{frame.table}.{column}", rows + frame.first)
        return rows

    def _moved(
        self, frame: Frame, given: Mapping[str, Any], sign: int, draw: Draw
    ) -> tuple[list[tuple[str, Ints]], Bools]:
        """Columns as they would be in every row, and where that is possible."""
        column, limit = given["column"], given["limit"]
        moment = frame.layout.column(column).type is Type.DATETIME
        size = DAY_SECONDS if moment else 1
        if limit == "end":
            base = np.full(frame.rows, self.end * size)
        else:
            base = self._values(frame, limit)
            other = frame.layout.column(limit).type if "." not in limit else Type.DATE
            if moment and other is not Type.DATETIME:
                base = np.where(base == NULL, NULL, base * DAY_SECONDS)
            elif not moment and other is Type.DATETIME:
                base = np.where(base == NULL, NULL, base // DAY_SECONDS)
        if "hours" in given:
            low, high = (int(v) * 3600 for v in given["hours"])
        else:
            low, high = (int(v) * size for v in given["days"])
        by = draw.between(low, high, frame.rows)
        new = base + sign * (by // 60 * 60 if moment else by)
        old = frame[column]
        possible = (base != NULL) & (old != NULL) & (new < (self.end + 1) * size)
        if "not_before" in given:
            floor = self._values(frame, given["not_before"])
            if frame.layout.column(given["not_before"]).type is Type.DATETIME and not moment:
                floor = floor // DAY_SECONDS
            possible &= new >= floor
        found = [(column, ints(new))]
        for name in given.get("along", ()):
            values = frame[name]
            theirs = DAY_SECONDS if frame.layout.column(name).type is Type.DATETIME else 1
            shift = (new - old) * theirs // size
            later = np.where(values == NULL, NULL, values + shift)
            if given.get("whole"):
                possible &= later < (self.end + 1) * theirs
            found.append((name, ints(np.where(later >= (self.end + 1) * theirs, NULL, later))))
        return found, np.asarray(possible)

    def _values(self, frame: Frame, name: str) -> Ints:
        """A column, or with a point a column of the row that a reference points to."""
        pointer, point, column = name.partition(".")
        if not point:
            return frame[name]
        target = frame.layout.column(pointer).of or ""
        there = self.clean[target].get(column)
        at = frame[pointer]
        if there is None:
            return np.full(frame.rows, NULL)
        return np.where(at == NULL, NULL, there[np.maximum(at, 0)])

    def _fits(self, frame: Frame, name: str, wanted: Any) -> Bools:
        values = self._values(frame, name)
        day = "." in name or frame.layout.column(name).type in (Type.DATE, Type.DATETIME)
        if day and wanted in ("recent", "last year", "old"):
            size = 1
            if "." not in name and frame.layout.column(name).type is Type.DATETIME:
                size = DAY_SECONDS
            if wanted != "old":
                first = self.start if wanted == "recent" else max(self.start, self.end - YEAR + 1)
                inside = (values >= first * size) & (values < (self.end + 1) * size)
            else:
                inside = (values != NULL) & (values < (self.end - OLD) * size)
            return np.asarray(inside)
        if wanted is None:
            return np.asarray(values == NULL)
        names = wanted if isinstance(wanted, list) else [wanted]
        return np.isin(values, [value_of(frame, name, one) for one in names])

    def _some(self, fault: Fault, n: int, part: int) -> Ints:
        """Which of ``n`` cases: the share of them, never all, and not none where possible."""
        if fault.share <= 0 or n == 0:
            return ints([])
        wanted = round(n * fault.share)
        if part == 0:
            wanted = max(wanted, min(fault.least, n // 2))
        return self.draw(fault.slug, -1 - part).choose(n, wanted)


def value_of(frame: Frame, column: str, value: Any) -> int:
    """A value as it stands in a file, as the number that stands for it in a column."""
    kind = frame.layout.column(column).type
    if value is None:
        return NULL
    if kind is Type.CODE:
        return code(frame.table, column, str(value))
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


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
