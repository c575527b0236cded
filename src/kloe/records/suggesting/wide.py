"""Columns side by side that are rows laid on their side: a payment for each week."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from kloe.records.suggesting.content import profile
from kloe.records.suggesting.sniffing import Extract, Heading
from kloe.records.suggesting.values import Wide

#: How many columns side by side are no accident.
LEAST = 5
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_PART = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
    rf"|(?:{_MONTHS})[a-z]*[ \-_]?\d{{2,4}}|\d+",
    re.IGNORECASE,
)
_NAME, _VALUE = "wide name", "wide value"


@dataclass(frozen=True, slots=True)
class Split:
    """An extract without its wide columns, and the same as rows below each other."""

    base: Extract
    long: Extract
    wide: Wide


def split(extract: Extract) -> Split | None:
    """Take the wide columns out, where there are any."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, heading in enumerate(extract.headings):
        parts = list(_PART.finditer(heading.name))
        found = extract.profiles[i]
        numbers = found.numbers
        if len(parts) != 1 or not (found.empty or (numbers and numbers.share > 0.9)):
            continue
        if found.dates and found.dates.share > 0.9:
            continue
        part = parts[0]
        groups[f"{heading.name[: part.start()]}*{heading.name[part.end() :]}"].append(i)
    if not groups:
        return None
    pattern, columns = max(groups.items(), key=lambda g: (len(g[1]), g[0]))
    if len(columns) < LEAST or not _alike(extract, columns):
        return None
    stem = pattern.replace("*", " ").strip(" _-")
    before, _star, after = pattern.partition("*")
    wide = Wide(
        (pattern,)
        if _met(extract, before, after) == len(columns)
        else tuple(extract.headings[i].name for i in columns),
        (before.strip(" _-") or "Period"),
        (after.strip(" _-") or "Amount"),
    )
    names = {h.name for h in extract.headings}
    while wide.name in names or wide.value in names or wide.name == wide.value:
        wide = replace(wide, name=f"{wide.name} no", value=f"{wide.value} of each")
    keep = [i for i in range(len(extract.headings)) if i not in set(columns)]
    base = replace(
        extract,
        headings=tuple(extract.headings[i] for i in keep),
        rows=tuple(tuple(r[i] for i in keep) for r in extract.rows),
        profiles=tuple(extract.profiles[i] for i in keep),
    )
    star = [_star_of(extract.headings[i].name, before, after) for i in columns]
    rows = []
    for row in extract.rows[:400]:
        kept = tuple(row[i] for i in keep)
        rows += [(*kept, s, row[i]) for s, i in zip(star, columns, strict=True) if row[i]]
    long = replace(
        base,
        headings=(*base.headings, Heading(wide.name, (_NAME,)), Heading(wide.value, (stem,))),
        rows=tuple(rows),
        profiles=tuple(profile(r[i] for r in rows) for i in range(len(keep) + 2)),
    )
    return Split(base, long, wide)


def _alike(extract: Extract, columns: list[int]) -> bool:
    """Whether they stand side by side, hold the same kind of number and are labelled alike."""
    if columns[-1] - columns[0] >= 2 * len(columns):
        return False
    labels = {_PART.sub("*", m) for i in columns for m in extract.headings[i].more}
    numbers = [n for i in columns if (n := extract.profiles[i].numbers) is not None]
    if len(labels) > 1 or not numbers:
        return False
    whole = sum(n.whole for n in numbers)
    written = {(n.thousands, n.decimal) for n in numbers if not n.whole}
    return whole <= 0.1 * len(numbers) or whole == len(numbers) or len(written) == 1


def _met(extract: Extract, before: str, after: str) -> int:
    """How many columns a pattern meets."""
    return sum(
        h.name.startswith(before) and h.name.endswith(after) and len(h.name) > len(before + after)
        for h in extract.headings
    )


def _star_of(name: str, before: str, after: str) -> str:
    return name[len(before) : len(name) - len(after) if after else None]
