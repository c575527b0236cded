"""Bringing extracts into Parquet, piece by piece, every rule on, in memory of bounded size."""

from __future__ import annotations

import csv
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import duckdb

from kloe.core.disk import full
from kloe.core.errors import EnvironmentFault
from kloe.core.messages import Message, _
from kloe.core.progress import Progress
from kloe.records.expressions import KEPT, RULES, Options, Statement
from kloe.records.extracts import Extract, Piece, open_extract
from kloe.records.extracts.files import SourceFile
from kloe.records.extracts.names import positions, wide
from kloe.records.extracts.pieces import LINE, Unreadable, quoted
from kloe.records.layouts import Layout
from kloe.records.mapping_model import SourceMap
from kloe.records.values import enumerated, ident

#: For the engine; the program itself takes about 150 MB beside it.
MEMORY = "600MB"
REJECTS = "rejects"
_HEADINGS = ("file", "sheet", "line", "column", "source", "value", "rule", "reason", "row")
_FETCH = 10_000
#: References are all different: where a column is, its values are not gathered to be counted.
_WRITING = "string_dictionary_page_size_limit 200000"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that rows broke: how many, and the first of them."""

    table: str
    column: str
    rule: str
    rows: int
    file: str
    line: int
    value: str

    @property
    def words(self) -> str:
        """What the rule says."""
        return str(RULES.get(self.rule, self.rule))

    @property
    def kept(self) -> bool:
        """Whether rows that break it are kept and marked."""
        return self.rule in KEPT


@dataclass(slots=True)
class Staged:
    """What came of a table."""

    layout: Layout
    rows: int = 0
    rejects: int = 0
    merged: int = 0
    #: Rows that were kept though something about them is odd.
    marked: int = 0
    parts: list[Path] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    values: dict[str, int] = field(default_factory=dict)
    counted: dict[Path, int] = field(default_factory=dict)
    sources: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], tuple[str, int, str]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Rows read, whatever became of them."""
        return self.rows + self.rejects + self.merged

    def findings(self) -> list[Finding]:
        """Which rules were broken, the most frequent first."""
        return [
            Finding(self.layout.table, column, rule, n, *self.first[column, rule])
            for (column, rule), n in self.counts.most_common()
        ]


@contextmanager
def engine(work: Path, threads: int | None = None) -> Iterator[Any]:
    """A connection that keeps to its memory and writes nowhere but in ``work``."""
    spill = work / "tmp"
    spill.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "temp_directory": str(spill),
            "threads": threads or min(os.cpu_count() or 1, 4),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    # A list of constants would become a join, which keeps no order: and the order of rows tells
    # their lines.
    con.execute("SET disabled_optimizers = 'in_clause'")
    try:
        yield con
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        if (fault := full(error)) is not None:
            raise fault from error
        raise EnvironmentFault(
            _("The engine ran out of room: %(error)s.", error=str(error).splitlines()[0]),
            "",
            _("Free space on the disk of the data directory."),
        ) from error
    finally:
        con.close()


class Pace:
    """Tells progress in rows and time left, by the bytes read."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = max(total, 1)
        self._done = 0
        self._rows = 0
        self._begun = time.monotonic()

    def add(self, size: int, rows: int, what: str) -> None:
        """So much more is read."""
        self._done = min(self._done + size, self._total)
        self._rows += rows
        spent = time.monotonic() - self._begun
        left = spent * (self._total - self._done) / self._done if self._done else 0.0
        self._progress.step(
            self._done,
            self._total,
            _(
                "%(what)s: %(rows)s rows, about %(left)s left",
                what=what,
                rows=f"{self._rows:,}",
                left=_span(left),
            ),
        )


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Stage:
    """Loads the files of sources into parts of tables, under one folder."""

    def __init__(self, con: Any, work: Path, landlord: str, options: Options, pace: Pace) -> None:
        self.con = con
        self.work = work
        self.landlord = landlord
        self.options = options
        self.pace = pace
        self.tables: dict[str, Staged] = {}
        self.remarks: list[Message] = []
        self._writers: dict[str, tuple[IO[str], Any]] = {}

    def read(self, source: SourceMap, layout: Layout, files: Sequence[SourceFile]) -> None:
        """Read every file of a source."""
        staged = self.tables.setdefault(layout.table, Staged(layout))
        for file in files:
            before = file.stamp
            begun = staged.read
            extract = open_extract(file, source, self._scratch())
            if not extract.names or not any(extract.names):
                raise Unreadable(
                    file.shown,
                    _("The header row names no column."),
                    _("Say in which row the names stand: “header: {rows: [...]}”."),
                )
            statement = Statement(
                source,
                layout,
                positions(file.shown, extract.names, source),
                wide(file.shown, extract.names, source),
                typed=extract.typed,
                options=self.options,
            )
            staged.given |= {c.name for c in statement.columns}
            for piece in _ahead(extract.pieces()):
                self._piece(staged, statement, extract, piece)
            self.remarks += extract.remarks
            if file.stamp != before:
                raise Unreadable(
                    file.shown,
                    _("The file was changed while it was read."),
                    _("Load again when nobody writes to it."),
                )
            staged.sources.append({"file": file.shown, "rows": staged.read - begun})

    def _scratch(self) -> Path:
        path = self.work / "tmp"
        path.mkdir(exist_ok=True)
        return path

    def _piece(self, staged: Staged, statement: Statement, extract: Extract, piece: Piece) -> None:
        piece = self._into_engine(statement, piece)
        line = LINE if piece.lined or statement.source.unpivot else f"rowid + {piece.first}"
        rows, taken, faulty, marked = self.con.execute(
            "SELECT count(*), count(*) FILTER (_taken), count(_faults),"
            " count(_marks) FILTER (_faults IS NULL) FROM piece"
        ).fetchone()
        if faulty or marked or piece.faults:
            self._reject(staged, extract, piece, statement.source, line)
            staged.rejects += faulty + len(piece.faults)
            staged.marked += marked
        if taken > faulty:
            part = self._next_part(staged)
            shown = extract.file.shown
            columns = [statement.written(c) for c in staged.layout.columns]
            self.con.execute(
                f"COPY (SELECT {_always(self.landlord)} AS landlord,"  # noqa: S608 - all quoted
                f" {_always(shown)} AS source_file, CAST({line} AS BIGINT) AS source_row,"
                f" {', '.join(columns)} FROM piece WHERE _taken AND _faults IS NULL)"
                f" TO {quoted(str(part))} (FORMAT parquet, {_WRITING})"
            )
            staged.parts.append(part)
            staged.rows += taken - faulty
        if piece.done:
            piece.done()
        self.pace.add(piece.bytes, rows, f"{staged.layout.table}, {extract.file.shown}")

    def _into_engine(self, statement: Statement, piece: Piece) -> Piece:
        """The piece as a table of the engine; read record by record where it has to be."""
        try:
            self._create(statement, piece)
            if piece.exact is None or piece.records is None:
                return piece
            counted = "piece" if statement.source.unpivot is None else piece.relation
            found = self.con.execute(f"SELECT count(*) FROM {counted}").fetchone()  # noqa: S608
            if found[0] == piece.records:
                return piece
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            if piece.exact is None:
                raise
        exact = piece.exact()
        self._create(statement, exact)
        return exact

    def _create(self, statement: Statement, piece: Piece) -> None:
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE piece AS {statement.select(piece)}")

    def _next_part(self, staged: Staged) -> Path:
        folder = self.work / staged.layout.table
        folder.mkdir(exist_ok=True)
        return folder / f"part-{len(staged.parts) + 1:05d}.parquet"

    # Rejects

    def _reject(
        self, staged: Staged, extract: Extract, piece: Piece, source: SourceMap, line: str
    ) -> None:
        shown, sheet = extract.file.shown, getattr(extract, "sheet", "")
        for fault in piece.faults:
            self._note(staged, shown, sheet, fault.line, "", "", fault.value, fault.rule)
        rows = self.con.execute(
            f"SELECT line, f.c, f.v, f.r FROM (SELECT {line} AS line,"  # noqa: S608
            " unnest(coalesce(_faults, _marks)) AS f"
            " FROM piece WHERE _faults IS NOT NULL OR _marks IS NOT NULL)"
        )
        while some := rows.fetchmany(_FETCH):
            for at, column, value, rule in some:
                mapped = source.columns[column]
                theirs = " + ".join((*mapped.sources, *mapped.flags))
                hide = mapped.pseudonymise or staged.layout.column(column).personal
                text = "" if value is None else "…" if hide else value
                self._note(staged, shown, sheet, at, column, theirs, text, rule)

    def _note(
        self, staged: Staged, file: str, sheet: str, line: int, column: str, theirs: str,
        value: str, rule: str,
    ) -> None:  # fmt: skip
        table = staged.layout.table
        if table not in self._writers:
            (self.work / REJECTS).mkdir(exist_ok=True)
            out = (self.work / REJECTS / f"{table}.csv").open("w", encoding="utf-8", newline="")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(_HEADINGS)
            self._writers[table] = (out, writer)
        reason = str(RULES.get(rule, rule))
        self._writers[table][1].writerow(
            (
                file, sheet, line, column, theirs, _harmless(value), rule, reason,
                "kept" if rule in KEPT else "rejected",
            )
        )  # fmt: skip
        staged.counts[column, rule] += 1
        staged.first.setdefault((column, rule), (file, line, value))

    def close(self) -> None:
        """Finish the files of rejects."""
        for out, _writer in self._writers.values():
            out.close()
        self._writers.clear()

    def fill(self, staged: Staged) -> None:
        """Give a table without rows a file with its columns, so that it can be read like others."""
        if staged.parts:
            return
        part = self._next_part(staged)
        columns = ", ".join(
            f"CAST(NULL AS {type_}) AS {ident(name)}" for name, type_ in staged.layout.types.items()
        )
        self.con.execute(
            f"COPY (SELECT {columns} WHERE false) TO {quoted(str(part))} (FORMAT parquet)"
        )
        staged.parts.append(part)

    def count(self, staged: Staged) -> None:
        """How many values each column holds, by what the files say of themselves."""
        rows = self.con.execute(
            "SELECT path_in_schema, sum(num_values)::BIGINT, sum(stats_null_count)::BIGINT,"  # noqa: S608
            " count(*) FILTER (stats_null_count IS NULL)"
            f" FROM parquet_metadata({_files(staged.parts)}) GROUP BY ALL"
        ).fetchall()
        found = dict.fromkeys(staged.layout.by_name, 0)
        for name, values, empty, unknown in rows:
            if unknown:
                raise EnvironmentFault(_("The engine wrote a file without statistics."))
            if name in found:
                found[name] = values - (empty or 0)
        staged.values = found
        staged.counted = {
            Path(name): int(n)
            for name, n in self.con.execute(
                f"SELECT file_name, num_rows FROM parquet_file_metadata({_files(staged.parts)})"  # noqa: S608
            ).fetchall()
        }

    # Keys

    def unique(self, staged: Staged, repeats: str) -> None:
        """Of rows with one key keep the first (or last); the others are rejected or merged."""
        if not staged.parts:
            return
        keys = ", ".join(ident(k) for k in staged.layout.key)
        files = _files(staged.parts)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE twice AS SELECT h FROM (SELECT hash({keys}) AS h"  # noqa: S608
            f" FROM read_parquet({files})) GROUP BY h HAVING count(*) > 1"
        )
        if not self.con.execute("SELECT count(*) FROM twice").fetchone()[0]:
            return
        way = "DESC" if repeats == "last" else "ASC"
        shown = ", ".join(f"CAST({ident(k)} AS VARCHAR)" for k in staged.layout.key)
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE repeated AS"  # noqa: S608
            " SELECT part, place, source_file, source_row, shown FROM ("
            f"SELECT filename AS part, file_row_number AS place, source_file, source_row,"
            f" concat_ws(' + ', {shown})"
            f" AS shown, row_number() OVER (PARTITION BY {keys}"
            f" ORDER BY filename {way}, file_row_number {way}) AS n"
            f" FROM read_parquet({files}, filename = true, file_row_number = true)"
            f" WHERE hash({keys}) IN (SELECT h FROM twice)) WHERE n > 1"
        )
        self._without_repeated(staged, repeats)

    def _without_repeated(self, staged: Staged, repeats: str) -> None:
        parts = self.con.execute(
            "SELECT part, count(*) FROM repeated GROUP BY part ORDER BY part"
        ).fetchall()
        if repeats == "reject":
            rows = self.con.execute(
                "SELECT source_file, source_row, shown FROM repeated ORDER BY part, place"
            )
            column = ", ".join(staged.layout.key)
            while some := rows.fetchmany(_FETCH):
                for file, line, shown in some:
                    self._note(staged, file, "", line, column, "", shown, "duplicate key")
        for name, count in parts:
            path = Path(name)
            beside = path.with_suffix(".new")
            self.con.execute(
                "COPY (SELECT * EXCLUDE (file_row_number)"  # noqa: S608
                f" FROM read_parquet({quoted(name)}, file_row_number = true)"
                " WHERE file_row_number NOT IN"
                f" (SELECT place FROM repeated WHERE part = {quoted(name)}))"
                f" TO {quoted(str(beside))} (FORMAT parquet)"
            )
            beside.replace(path)
            staged.rows -= count
            if repeats == "reject":
                staged.rejects += count
            else:
                staged.merged += count

    def points_nowhere(self, staged: Staged, column: str, targets: Sequence[Path], key: str) -> int:
        """How many rows point to something that is not there."""
        if not staged.parts or not targets:
            return 0
        name = ident(column)
        found = self.con.execute(
            f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT {name} AS v, count(*) AS n"  # noqa: S608
            f" FROM read_parquet({_files(staged.parts)}) WHERE {name} IS NOT NULL GROUP BY 1)"
            f" WHERE v NOT IN (SELECT {ident(key)} FROM read_parquet({_files(targets)}))"
        ).fetchone()
        return int(found[0])


def _always(text: str) -> str:
    return enumerated(quoted(text), (text,))


def _files(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(quoted(str(p)) for p in paths) + "]"


def _harmless(value: str) -> str:
    """A value that a spreadsheet does not take for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "@", "\t") else value


def _ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Pieces, the next one being made ready while the engine works on this one."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, pieces, None)
        while (piece := following.result()) is not None:
            following = pool.submit(next, pieces, None)
            yield piece
