"""Propose which file feeds which table, and which of its columns which of ours.

A pair is *sure* where name and content agree and nothing else comes near; everything else is
proposed too, but marked, with what could be meant instead. Nothing sure may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.records.layouts import Layout, layout, layouts
from kloe.records.mapping import read_mapping, shipped
from kloe.records.mapping_model import SourceMap
from kloe.records.suggesting.columns import MARGIN, proposed_columns
from kloe.records.suggesting.content import profile
from kloe.records.suggesting.fitting import Keys
from kloe.records.suggesting.scoring import Candidate, Grid, candidates, grid, name_of, title_score
from kloe.records.suggesting.sniffing import Extract, File, sniff
from kloe.records.suggesting.values import (
    Alternative,
    NotTaken,
    Place,
    Proposal,
    ProposedSource,
    Wide,
)
from kloe.records.suggesting.wide import split

#: A file that fits no table as well as this feeds none.
FITS = 0.24
#: A table is sure where it fits as well as this, and the next by so much less.
TABLE_SURE = 0.45
TABLE_MARGIN = 0.06
#: Values of a key column with which other files are compared.
KEY = 0.65
#: Tables that wide layouts feed, and columns that say whose rows they are.
WIDE_TABLES = ("rent_transaction",)
WHOSE = ("account_ref",)


@dataclass(slots=True)
class _Piece:
    """One extract on its way to a source."""

    extract: Extract
    wide: Wide | None = None
    found: Sequence[Candidate] = ()
    #: Somebody knows which table it is, however little it looks like it.
    forced: bool = False

    @property
    def best(self) -> Candidate | None:
        if not self.found:
            return None
        first = self.found[0]
        if self.wide is not None:
            # The wide columns themselves say little: whose rows they are has to be known.
            names = [c.name for c in first.grid.layout.columns]
            return first if {names[o] for o in first.grid.chosen} & set(WHOSE) else None
        return first if self.forced or first.score >= FITS else None


def propose(
    files: Iterable[File | Path], *, table: str | None = None
) -> Proposal:  # fmt: skip
    """Propose a mapping for files given together.

    :param files: paths, or files under the name they were given (an upload).
    :param table: the one table all of them feed, where that is known.
    :raises NotFound: where a file or the table does not exist.
    :raises InvalidInput: where a file cannot be read.
    """
    given = [f if isinstance(f, File) else File(f.name, f) for f in files]
    if not given:
        raise InvalidInput(_("No file was given."), "", _("Name the files of the extract."))
    wanted = (layout(table),) if table else tuple(layouts().values())
    extracts = _together(e for f in given for e in sniff(f))
    pieces = [p for e in extracts for p in _pieces(e, table)]
    for piece in pieces:
        piece.found = _candidates(piece, wanted, Keys())
    keys = _keys(pieces)
    if keys.values:
        for piece in pieces:
            likely = tuple(c.grid.layout for c in piece.found)
            piece.found = _candidates(piece, likely, keys)
    sources: list[ProposedSource] = []
    not_taken = []
    taken = {p.best.table for p in pieces if p.best}
    for piece in pieces:
        if piece.best is None:
            if piece.wide is None or not table:
                not_taken.append(
                    NotTaken(piece.extract.title, _("None of the tables looks like it."))
                )
            continue
        sources.append(_source(piece, piece.best, forced=table is not None))
        if table is None and piece.wide is None:
            sources += _further(piece, keys, taken)
    places = tuple(Place(e.files, e.sheet, tuple(h.name for h in e.headings)) for e in extracts)
    return Proposal(tuple(sources), tuple(not_taken), _shipped([p.extract for p in pieces]), places)


def _shipped(extracts: Sequence[Extract]) -> tuple[str, ...]:
    """The shipped mappings whose every source finds its columns in one of the files."""
    found = []
    for name in shipped():
        sources = read_mapping(name).sources
        if all(any(_made_for(source, e) for e in extracts) for source in sources):
            found.append(name)
    return tuple(found)


def _made_for(source: SourceMap, extract: Extract) -> bool:
    names = {h.name for h in extract.headings}
    named = any(fnmatch(file, pattern) for file in extract.files for pattern in source.files)
    return named and set(source.reads) <= names


def _candidates(piece: _Piece, wanted: Sequence[Layout], keys: Keys) -> list[Candidate]:
    if piece.wide is not None:
        wanted = [w for w in wanted if w.table in WIDE_TABLES] or wanted
    return candidates(piece.extract, wanted, keys)


def _together(extracts: Iterable[Extract]) -> list[Extract]:
    """Files of one form are one extract: the same headings, written the same way."""
    found: dict[object, Extract] = {}
    for one in extracts:
        form = (one.kind, one.headings, one.delimiter, one.encoding, one.sheet, one.header)
        before = found.get(form)
        if before is None:
            found[form] = one
            continue
        rows = before.rows + one.rows
        found[form] = replace(
            before,
            files=before.files + one.files,
            rows=rows,
            profiles=tuple(profile(r[i] for r in rows) for i in range(len(one.headings))),
            sampled=before.sampled or one.sampled,
        )
    return list(found.values())


def _pieces(extract: Extract, table: str | None) -> list[_Piece]:
    parts = split(extract) if table in (None, *WIDE_TABLES) else None
    if parts is None:
        return [_Piece(extract, forced=table is not None)]
    long = _Piece(parts.long, parts.wide)
    return [long] if table else [_Piece(parts.base), long]


def _keys(pieces: Sequence[_Piece]) -> Keys:
    """The key columns of the tables that were found, with their values."""
    values: dict[str, tuple[frozenset[str], bool]] = {}
    for piece in pieces:
        best = piece.best
        if best is None or piece.wide is not None or len(best.grid.layout.key) != 1:
            continue
        names = [c.name for c in best.grid.layout.columns]
        ours = names.index(best.grid.layout.key[0])
        theirs = best.grid.chosen.get(ours)
        if theirs is None or best.grid.scores[ours][theirs].total < KEY:
            continue
        if not piece.extract.profiles[theirs].unique:
            continue
        found, sampled = values.get(best.table, (frozenset(), False))
        values[best.table] = (
            found | frozenset(piece.extract.profiles[theirs].counts),
            sampled or piece.extract.sampled,
        )
    return Keys(values)


def _source(piece: _Piece, chosen: Candidate, *, forced: bool) -> ProposedSource:
    extract = piece.extract
    others = tuple(
        Alternative(c.table, round(c.score, 2)) for c in piece.found[1:4] if c.score >= FITS
    )
    next_best = piece.found[1].score if len(piece.found) > 1 else 0.0
    titled = title_score(extract, chosen.grid.layout) >= 0.8
    margin = chosen.score - next_best
    sure = forced or (
        chosen.score >= TABLE_SURE
        and chosen.explains(extract)
        and margin >= (TABLE_MARGIN / 2 if titled else TABLE_MARGIN)
    )
    reasons: tuple[Message, ...] = ()
    if not sure:
        reasons = (_("Look first whether these files feed this table."),)
    columns, left_out, missing = proposed_columns(extract, chosen.grid, piece.wide, sure=sure)
    return ProposedSource(
        files=extract.files,
        table=chosen.table,
        sure=sure,
        certainty=round(min(chosen.score, 1.0), 2),
        columns=columns,
        left_out=left_out,
        kind=extract.kind,
        sheet=extract.sheet,
        delimiter=extract.delimiter,
        encoding=extract.encoding,
        header=extract.header,
        names=extract.names,
        data=extract.data,
        wide=piece.wide,
        missing=missing,
        reasons=reasons,
        tables=others,
        sampled=extract.sampled,
        rows=len(extract.rows),
    )


def _further(piece: _Piece, keys: Keys, taken: set[str]) -> list[ProposedSource]:
    """Further tables that the same file feeds: their key is there, and columns of their own."""
    best = piece.best
    if best is None:
        return []
    used = {
        t for o, t in best.grid.chosen.items() if best.grid.scores[o][t].total >= MARGIN + 0.5
    }  # fmt: skip
    found = []
    for candidate in _feeding(piece, keys, taken):
        names = [c.name for c in candidate.grid.layout.columns]
        got = {names[o]: t for o, t in candidate.grid.chosen.items()}
        good = {
            names[o]: t
            for o, t in candidate.grid.chosen.items()
            if candidate.grid.scores[o][t].name >= 0.9
            and candidate.grid.scores[o][t].fit.score >= 0.5
        }
        if not set(candidate.grid.layout.key) <= set(good):
            continue
        own = [n for n, t in good.items() if t not in used and n not in candidate.grid.layout.key]
        if len(own) < 3 or len(good) < 0.6 * len(got):
            continue
        source = _source(piece, candidate, forced=False)
        found.append(
            replace(
                source,
                sure=False,
                columns=tuple(replace(c, sure=False) for c in source.columns),
                left_out=(),
                tables=(),
                repeats="first",
                reasons=(
                    _(
                        "The file feeds this table as well, as far as it goes: one row for each"
                        " key, the first of them."
                    ),
                ),
            )
        )
        taken.add(candidate.table)
    return found


def _feeding(piece: _Piece, keys: Keys, taken: set[str]) -> list[Candidate]:
    made: list[Candidate] = []
    for name, other in layouts().items():
        key = other.column(other.key[0])
        if name in taken or len(other.key) != 1:
            continue
        named = max(
            name_of(piece.extract, i, key, other) for i in range(len(piece.extract.headings))
        )
        if named < 0.9:
            continue
        words: Grid = grid(_repeating(piece.extract), other, keys)
        made.append(Candidate(words, 0.0))
    return made


def _repeating(extract: Extract) -> Extract:
    """The extract as if every column were a key: in a further table rows repeat theirs."""
    return replace(
        extract, profiles=tuple(replace(p, unique=not p.empty) for p in extract.profiles)
    )
