"""Loading records: a new version whole, or none; checking does the same and keeps nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent
from kloe.records import keys
from kloe.records.checking import references, refusal, unsure
from kloe.records.expressions import Options, given_columns, require
from kloe.records.extracts import SourceFile, find
from kloe.records.layouts import Layout, layouts
from kloe.records.mapping import RecordMapping, SourceMap, check_landlord
from kloe.records.staging import Finding, Pace, Stage, Staged, engine
from kloe.records.store import DataFile, Filled, RecordSet, Table, write_manifest
from kloe.records.versions import Retention, Shelf

#: Goes up when the same files would give other records.
LOADER = 2
#: Share of the rows of a table, in hundredths, that may be rejected.
MOST_REJECTS = 10


@dataclass(frozen=True, slots=True)
class TableResult:
    """What came of one table."""

    table: str
    rows: int
    rejects: int
    merged: int
    files: int
    #: Rows kept though something about them is odd.
    marked: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a load or check."""

    landlord: str
    as_at: date
    tables: tuple[TableResult, ...]
    carried: tuple[str, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[Message, ...]
    #: The version in use now; ``None`` after a check.
    version: str | None = None
    #: Whether the load made a new version; the same files with the same mapping make none.
    changed: bool = True
    #: Where the rejected rows are listed.
    rejects: Path | None = None
    #: Why a load would refuse, where a check found that.
    refusal: InvalidInput | None = None

    @property
    def rows(self) -> int:
        """Rows of all tables read here."""
        return sum(t.rows for t in self.tables)

    @property
    def rejected(self) -> int:
        """Rejected rows of all tables read here."""
        return sum(t.rejects for t in self.tables)


@dataclass(frozen=True, slots=True)
class _Task:
    """A load, its questions answered."""

    data: Path
    mapping: RecordMapping
    landlord: str
    as_at: date
    options: Options
    files: tuple[tuple[SourceMap, Layout, tuple[SourceFile, ...]], ...]
    key: bytes | None
    most_rejects: int
    progress: Progress

    @property
    def total(self) -> int:
        return sum(f.size for _s, _l, files in self.files for f in files)


def check_records(
    data: Path,
    mapping: RecordMapping,
    folder: Path,
    *,
    landlord: str | None = None,
    as_at: date | None = None,
    without_personal: bool = False,
    most_rejects: int = MOST_REJECTS,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Do all that a load does, and keep nothing but the list of rejects, if one is wanted.

    Too many rejects are no error here: the result says what they are.
    """
    task = _task(
        data, mapping, folder, landlord, as_at, without_personal, most_rejects, progress
    )  # fmt: skip
    scratch = data / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="check-", dir=scratch))
    try:
        stage, warnings = _stage(task, work, Shelf(data, task.landlord).current())
        written = None
        if rejects is not None and (work / "rejects").is_dir():
            rejects.mkdir(parents=True, exist_ok=True)
            for path in (work / "rejects").iterdir():
                shutil.copyfile(path, rejects / path.name)
            written = rejects
        return _result(
            task, stage, (), warnings, rejects=written, refusal=refusal(stage, task.most_rejects)
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)


def load_records(
    data: Path,
    mapping: RecordMapping,
    folder: Path,
    *,
    by: str,
    landlord: str | None = None,
    as_at: date | None = None,
    without_personal: bool = False,
    most_rejects: int = MOST_REJECTS,
    keep: Retention | None = None,
    progress: Progress | None = None,
) -> Result:
    """Load files into a new version of a landlord's records and put it into use.

    Tables that the mapping does not feed are carried over. Whatever goes wrong, the version
    before stays in use. The same files with the same mapping change nothing.

    :param data: the data directory.
    :param folder: where the files lie that the mapping names.
    :param by: who loads.
    :raises KloeError: one of its kinds, saying what to do.
    """
    task = _task(
        data, mapping, folder, landlord, as_at, without_personal, most_rejects, progress
    )  # fmt: skip
    shelf = Shelf(data, task.landlord)
    keep = keep or Retention.from_environment()
    with shelf.alone():
        before = shelf.current()
        identify = _Beside(lambda: _identities(task))
        if before is not None and not _other(before, task) and _same(before, identify.result()):
            return _unchanged(task, before, shelf)
        version, work = shelf.begin()
        try:
            stage, warnings = _stage(task, work, before)
            if (too_many := refusal(stage, task.most_rejects)) is not None:
                raise too_many
            identities = identify.result()
            carried = _carry(before, stage, work)
            shutil.rmtree(work / "tmp", ignore_errors=True)
            tables = [*_tables(work, stage, identities), *carried]
            write_manifest(work, landlord=task.landlord, as_at=task.as_at, tables=tables)
            entry = _entry(task, by, stage, identities, warnings)
            shelf.publish(version, work, entry, keep)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
        place = shelf.folder / "versions" / version / "rejects"
        return _result(
            task,
            stage,
            tuple(sorted(t.name for t in carried)),
            warnings,
            version=version,
            rejects=place if place.is_dir() else None,
        )


# Before anything is read


def _task(
    data: Path,
    mapping: RecordMapping,
    folder: Path,
    landlord: str | None,
    as_at: date | None,
    without_personal: bool,
    most_rejects: int,
    progress: Progress | None,
) -> _Task:
    landlord = landlord or mapping.landlord
    if not landlord:
        raise InvalidInput(
            _("It is not said whose records these are."),
            "",
            _("Give the landlord's code with --landlord, or in the mapping."),
        )
    check_landlord(landlord)
    as_at = as_at or mapping.as_at
    if as_at is None:
        raise InvalidInput(
            _("It is not said of which day the records are."),
            "",
            _("Give the day of the extract with --as-at, or in the mapping."),
        )
    options = Options(without_personal, mapping.pseudonymise)
    found = []
    for source in mapping.sources:
        layout = layouts()[source.table]
        require(source, layout, mapping.file)
        found.append((source, layout, find(source, folder)))
    hashed = mapping.pseudonymise or any(
        c.pseudonymise for s in mapping.sources for c in s.columns.values()
    )
    return _Task(
        data=data,
        mapping=mapping,
        landlord=landlord,
        as_at=as_at,
        options=options,
        files=tuple(found),
        key=keys.pseudonym_key(data) if hashed else None,
        most_rejects=most_rejects,
        progress=progress or Silent(),
    )


def _identities(task: _Task) -> Mapping[str, dict[str, Any]]:
    """By table: its files with their digests, and one digest of all that its rows depend on."""
    found: dict[str, dict[str, Any]] = {}
    digests: dict[Path, str] = {}
    for source, layout, files in task.files:
        one = found.setdefault(layout.table, {"files": [], "depends": []})
        for file in files:
            if file.path not in digests:
                digests[file.path] = file.digest()
            one["files"].append(
                {"file": file.shown, "bytes": file.size, "sha256": digests[file.path]}
            )
        given = given_columns(source, layout, task.options)
        one["depends"].append(
            [
                LOADER,
                repr(replace(source, line=0, note="", unsure=(), confirmed=False)),
                [repr(layout.columns), repr(layout.rules), list(layout.key)],
                [c.name for c in given],
                [f["sha256"] for f in one["files"]],
                [f["file"] for f in one["files"]],
                list(task.options.pseudonymise),
                keys.fingerprint(task.key) if task.key else "",
                task.landlord,
                task.as_at.isoformat(),
            ]
        )
    for one in found.values():
        one["identity"] = value_digest(one.pop("depends"))
    return MappingProxyType(found)


def _other(before: RecordSet, task: _Task) -> bool:
    """Whether sizes alone tell that the files are not those of the version before."""
    sizes: dict[str, list[tuple[str, int]]] = {}
    for _source, layout, files in task.files:
        sizes.setdefault(layout.table, []).extend((f.shown, f.size) for f in files)
    for name, found in sizes.items():
        if (table := before.tables.get(name)) is None or len(table.sources) != len(found):
            return True
        for source, (shown, size) in zip(table.sources, found, strict=True):
            known = source if isinstance(source, Mapping) else {}
            if (known.get("file"), known.get("bytes", size)) != (shown, size):
                return True
    return False


def _same(before: RecordSet, identities: Mapping[str, dict[str, Any]]) -> bool:
    """Whether every table to be loaded is there already, made from the same in the same way."""
    for name, one in identities.items():
        table = before.tables.get(name)
        if table is None or not table.sources:
            return False
        first = table.sources[0]
        if not isinstance(first, Mapping) or first.get("identity") != one["identity"]:
            return False
        if not all((before.folder / f.path).is_file() for f in table.files):
            return False
    return True


class _Beside:
    """Work done beside other work; what it comes to, or its error, is had when it is asked for."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._done: Future[Any] = Future()
        self._work = work
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._done.set_result(self._work())
        except BaseException as error:
            self._done.set_exception(error)

    def result(self) -> Any:
        return self._done.result()


# Reading


def _stage(task: _Task, work: Path, before: RecordSet | None) -> tuple[Stage, list[Message]]:
    pace = Pace(task.progress, task.total)
    with engine(work) as con:
        if task.key is not None:
            for name, value in keys.variables(task.key).items():
                con.execute(f"SET VARIABLE {name} = unhex('{value}')")
        stage = Stage(con, work, task.landlord, task.options, pace)
        try:
            for source, layout, files in task.files:
                stage.read(source, layout, files)
            for staged in stage.tables.values():
                stage.unique(staged, _repeats(task, staged.layout.table))
                stage.fill(staged)
                stage.count(staged)
        finally:
            stage.close()
        warnings = [*unsure(task.mapping), *stage.remarks, *references(stage, before)]
    return stage, warnings


def _repeats(task: _Task, table: str) -> str:
    ways = {s.repeats for s, layout, _f in task.files if layout.table == table}
    return ways.pop() if len(ways) == 1 else "reject"


# Afterwards


def _carry(before: RecordSet | None, stage: Stage, work: Path) -> list[Table]:
    """Tables of the version before that this load does not bring, linked, not copied."""
    if before is None:
        return []
    kept = [t for name, t in before.tables.items() if name not in stage.tables]
    for table in kept:
        for file in table.files:
            target = work / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            _link(before.folder / file.path, target)
        rejects = before.folder / "rejects" / f"{table.name}.csv"
        if rejects.is_file():
            (work / "rejects").mkdir(exist_ok=True)
            _link(rejects, work / "rejects" / rejects.name)
    return kept


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _tables(work: Path, stage: Stage, identities: Mapping[str, dict[str, Any]]) -> list[Table]:
    return [
        Table(
            name=name,
            files=tuple(DataFile.of(work, p, staged.counted[p]) for p in staged.parts),
            columns={
                c.name: Filled(c.name in staged.given, staged.values[c.name])
                for c in staged.layout.columns
            },
            rejects=staged.rejects,
            sources=tuple(_sources(staged, identities[name])),
        )
        for name, staged in stage.tables.items()
    ]


def _sources(staged: Staged, identity: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {**named, **read, "identity": identity["identity"]}
        for named, read in zip(identity["files"], staged.sources, strict=True)
    ]


def _entry(
    task: _Task,
    by: str,
    stage: Stage,
    identities: Mapping[str, dict[str, Any]],
    warnings: list[Message],
) -> dict[str, Any]:
    return {
        "by": by,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "as_at": task.as_at.isoformat(),
        "mapping": {"file": task.mapping.file, "sha256": task.mapping.digest},
        "without_personal": task.options.without_personal,
        "files": [
            {"table": name, **file} for name, one in identities.items() for file in one["files"]
        ],
        "tables": {
            name: {
                "rows": s.rows,
                "rejects": s.rejects,
                "merged": s.merged,
                "marked": s.marked,
            }
            for name, s in stage.tables.items()
        },
        "warnings": [str(w) for w in warnings],
    }


def _result(
    task: _Task, stage: Stage, carried: tuple[str, ...], warnings: list[Message], **more: Any
) -> Result:
    return Result(
        landlord=task.landlord,
        as_at=task.as_at,
        tables=tuple(
            TableResult(name, s.rows, s.rejects, s.merged, len(s.sources), s.marked)
            for name, s in stage.tables.items()
        ),
        carried=carried,
        findings=tuple(f for s in stage.tables.values() for f in s.findings()),
        warnings=tuple(warnings),
        **more,
    )


def _unchanged(task: _Task, before: RecordSet, shelf: Shelf) -> Result:
    return Result(
        landlord=task.landlord,
        as_at=task.as_at,
        tables=tuple(
            TableResult(name, t.rows, t.rejects, 0, len(t.sources))
            for name in task.mapping.tables
            if (t := before.tables.get(name)) is not None
        ),
        carried=(),
        findings=(),
        warnings=tuple(unsure(task.mapping)),
        version=shelf.current_id,
        changed=False,
    )
