"""Every column of an extract beside every column of a table: by name and by content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kloe.records.layouts import Column, Layout
from kloe.records.suggesting.assignment import assign
from kloe.records.suggesting.fitting import AGAINST, Fit, Keys, fit
from kloe.records.suggesting.names import (
    agreement,
    name_score,
    tokens,
)
from kloe.records.suggesting.sniffing import Extract

#: What a pair has to score to be proposed at all.
LEAST = 0.42
#: What a pair has to score to speak for its table.
GOOD = 0.6


@dataclass(frozen=True, slots=True)
class Score:
    """One pair: how like the name, how fitting the content, and both together."""

    total: float
    name: float
    fit: Fit


@dataclass(frozen=True, slots=True)
class Grid:
    """All pairs of one extract and one table, and the best assignment among them."""

    layout: Layout
    scores: tuple[tuple[Score, ...], ...]  # columns of ours by columns of theirs
    chosen: Mapping[int, int]  # ours -> theirs

    def best_for(self, theirs: int, but: int | None = None) -> list[tuple[float, str]]:
        """Our columns for one of theirs, the likeliest first."""
        found = [
            (row[theirs].total, self.layout.columns[i].name)
            for i, row in enumerate(self.scores)
            if i != but
        ]
        return sorted(found, key=lambda f: (-f[0], f[1]))


def grid(extract: Extract, layout: Layout, keys: Keys) -> Grid:
    """Score all pairs, and assign one to one."""
    scores = tuple(
        tuple(
            _pair(extract, i, name_of(extract, i, column, layout), layout, r, keys)
            for i in range(len(extract.headings))
        )
        for r, column in enumerate(layout.columns)
    )
    chosen = assign([[s.total for s in row] for row in scores], LEAST)
    return Grid(layout, scores, chosen)


def name_of(extract: Extract, i: int, column: Column, layout: Layout) -> float:
    """How like the headings of a column are to a name: the likeliest of them counts."""
    heading = extract.headings[i]
    best = name_score(heading.name, column, layout)
    for more in heading.more:
        best = max(best, name_score(more, column, layout) * 0.98)
    return best


def _pair(
    extract: Extract, i: int, name: float, layout: Layout, row: int, keys: Keys
) -> Score:  # fmt: skip
    if name < 0.12:
        return Score(0.0, name, Fit(0.5))
    found = fit(layout, layout.columns[row], extract.profiles[i], keys)
    total = name * (0.5 + 0.5 * min(1.0, found.score / 0.85))
    if found.score < AGAINST:
        total *= 0.35
    elif found.telling:
        total += 0.3 * (1 - total) * (0.4 + 0.6 * name)
    return Score(min(total, 1.0), name, found)


def title_score(extract: Extract, layout: Layout) -> float:
    """How like the name of file or sheet is to the table's name and title."""
    best = 0.0
    ours = (tokens(layout.table), tokens(layout.title.get("en")))
    sheet = (extract.sheet,) if extract.sheet else ()
    for given in (*(f.rpartition("/")[2].rpartition(".")[0] for f in extract.files), *sheet):
        words = tuple(w for w in tokens(given) if not w.isdigit() and w not in _FILE_WORDS)
        for names in ours:
            best = max(best, agreement(words, names, frozenset()))
    return best


_FILE_WORDS = frozenset(
    {"extract", "export", "data", "report", "list", "all", "dump", "csv", "table", "tbl", "vw",
     "history", "current", "live", "sheet", "full", "master", "download", "details"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table that an extract may hold, how well they go together, and the grid behind it."""

    grid: Grid
    score: float

    @property
    def table(self) -> str:
        """Its name."""
        return self.grid.layout.table

    def explains(self, extract: Extract) -> bool:
        """Whether enough of the file's columns have a place in the table to be sure of it."""
        scores = [self.grid.scores[o][t] for o, t in self.grid.chosen.items()]
        good = sum(s.total >= GOOD for s in scores)
        named = sum(s.total >= GOOD and s.name >= 0.97 for s in scores)
        counted = sum(not p.empty and p.personal is None for p in extract.profiles)
        return good >= min(3, counted) and (good >= 0.4 * counted or named >= 5)


def candidates(
    extract: Extract, layouts: Sequence[Layout], keys: Keys, most: int = 8
) -> list[Candidate]:
    """The tables an extract may hold, the likeliest first."""
    rough = sorted(
        ((_rough(extract, layout), layout.table, layout) for layout in layouts),
        key=lambda r: (-r[0], r[1]),
    )
    found = []
    for _score, _table, layout in rough[:most]:
        made = grid(extract, layout, keys)
        found.append(Candidate(made, _goodness(extract, made)))
    return sorted(found, key=lambda c: (-c.score, c.table))


def _rough(extract: Extract, layout: Layout) -> float:
    """By names only: enough to see which tables are worth a closer look."""
    said = 0.0
    for i in range(len(extract.headings)):
        said += max(name_of(extract, i, c, layout) for c in layout.columns) ** 2
    share = said / (0.8 * len(extract.headings) + 0.2 * len(layout.columns))
    return share + 0.5 * title_score(extract, layout)


def _goodness(extract: Extract, made: Grid) -> float:
    layout = made.layout
    got = {
        layout.columns[o].name: made.scores[o][t].total for o, t in made.chosen.items()
    }  # fmt: skip
    counted = max(1, sum(not p.empty and p.personal is None for p in extract.profiles))
    filling = sum(s * s for s in got.values())
    theirs = min(1.0, filling / min(counted, 1.5 * len(layout.columns)))
    ours = filling / len(layout.columns)
    needed = [c.name for c in layout.columns if c.required]
    has = sum(got.get(n, 0.0) for n in needed) / max(1, len(needed))
    key = sum(got.get(n, 0.0) for n in layout.key) / len(layout.key)
    said = 0.42 * theirs + 0.08 * ours + 0.2 * has + 0.1 * key
    said += 0.3 * title_score(extract, layout)
    # One column that fits, in a file of many, is no table.
    good = sum(s >= GOOD for s in got.values())
    wanted = min(4, counted)
    return said * min(1.0, (good + 2) / (wanted + 2))
