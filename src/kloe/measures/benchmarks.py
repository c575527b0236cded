"""Benchmarks: published results of many landlords, imported once and kept as Parquet.

A dataset is a folder ``benchmarks/<id>/`` of the data directory: ``landlords.parquet``,
``values.parquet``, ``circumstances.parquet`` and ``dataset.json``. It is written beside its
place and moved there whole, so that a broken or cancelled import leaves nothing; it is never
changed afterwards. Its identifier comes from what it holds: the same figures always get the
same one, however often and from whichever file they are imported.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kloe import __version__
from kloe.core.digest import file_digest, value_digest
from kloe.core.errors import EnvironmentFault, NotFound, VerificationFailed
from kloe.core.messages import Message, _
from kloe.core.periods import Period
from kloe.core.progress import Progress, Silent
from kloe.measures.disagreements import Disagreement, disagreements_of
from kloe.measures.headers import Population
from kloe.measures.published import Register, register
from kloe.measures.workbook import Contents, Figure, read_workbook

FOLDER = "benchmarks"
FORMAT = "kloe-benchmark/1"
TABLES = ("landlords", "values", "circumstances")
STALE_AFTER = 3600
PLACES = Decimal("1E-10")
#: Datasets made for demonstration: the beginning of their identifier, and what they say.
INVENTED = "invented"
_INVENTED_WORDS = {
    "title": "Invented sector",
    "publisher": "kloe, for demonstration",
    "licence": "MIT: no real landlord's figures",
}


@dataclass(frozen=True, slots=True)
class Info:
    """What a dataset says about itself (``dataset.json``)."""

    id: str
    title: str
    publisher: str
    licence: str
    year: str
    period: Period
    file: str
    sha256: str
    digest: str
    imported_at: str
    counts: Mapping[str, int]
    sheets: Mapping[str, int]
    markers: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]
    remarks: tuple[Message, ...]
    tables: Mapping[str, str]
    folder: Path

    @property
    def source(self) -> Message:
        """Publisher, publication and year, as a figure's source is named."""
        return _(
            "%(publisher)s, %(title)s",
            publisher=self.publisher,
            title=self.title,
        )


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    info: Info
    repeated: bool


def import_workbook(
    file: Path,
    data_dir: Path,
    *,
    year: str | None = None,
    name: str | None = None,
    invented: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Import the regulator's workbook into the data directory.

    :param name: the file's name as it was given, where ``file`` is a temporary copy of it.
    :param invented: the figures were made for demonstration; the dataset says so everywhere.
    :raises InvalidInput: where the file is not such a workbook.
    :raises Cancelled: raised by ``progress`` to stop; nothing is left behind.
    """
    progress = progress or Silent()
    contents = read_workbook(file, year, _Within(progress, 0, 60))
    progress.step(60, 100, _("Recomputing every rate"))
    book = register()
    content = _canonical(contents)
    digest = value_digest(content)
    home = data_dir / FOLDER
    for info in list_datasets(data_dir):
        if info.digest == digest:
            progress.step(100, 100)
            return Imported(info, repeated=True)
    progress.step(75, 100, _("Writing the columns"))
    _make(home)
    _sweep(home)
    temporary = Path(tempfile.mkdtemp(prefix=".importing-", dir=home))
    try:
        _write_tables(temporary, contents, book)
        progress.step(90, 100, _("Putting the dataset in its place"))
        stem = f"{INVENTED if invented else book.id}-{contents.year}"
        identifier = stem if not (home / stem).exists() else f"{stem}-{digest[:6]}"
        source = {"file": name or file.name, "sha256": file_digest(file)}
        description = _describe(identifier, contents, book, source, digest)
        if invented:
            description |= _INVENTED_WORDS | {
                "title": f"{_INVENTED_WORDS['title']} {contents.year.replace('-', '/')}"
            }
        description["tables"] = {t: file_digest(temporary / f"{t}.parquet") for t in TABLES}
        _write(temporary / "dataset.json", json.dumps(description, ensure_ascii=False, indent=1))
        temporary.chmod(0o755)
        place = home / identifier
        try:
            temporary.rename(place)
        except OSError:
            # Somebody else imported the same figures in the meantime.
            if not (place / "dataset.json").exists() or _info(place).digest != digest:
                raise
            return Imported(_info(place), repeated=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    progress.step(100, 100)
    return Imported(_info(place), repeated=False)


def list_datasets(data_dir: Path) -> list[Info]:
    """The datasets there are, newest year first."""
    home = data_dir / FOLDER
    if not home.is_dir():
        return []
    found = [
        _info(folder)
        for folder in home.iterdir()
        if not folder.name.startswith(".") and (folder / "dataset.json").is_file()
    ]
    return sorted(sorted(found, key=lambda i: i.id), key=lambda i: i.year, reverse=True)


#: Characters of an identifier, at most.
LONGEST = 60


def find_dataset(data_dir: Path, identifier: str) -> Info:
    """The dataset of that identifier.

    :raises NotFound: where there is none; names those there are.
    """
    folder = data_dir / FOLDER / identifier
    plain_name = identifier and Path(identifier).name == identifier and identifier[0] != "."
    # Longer ones are none of ours, and no file system would take them.
    if plain_name and len(identifier) <= LONGEST and (folder / "dataset.json").is_file():
        return _info(folder)
    there = ", ".join(info.id for info in list_datasets(data_dir))
    raise NotFound(
        _(
            "There is no dataset “%(id)s” in %(folder)s.",
            id=identifier[:80],
            folder=data_dir / FOLDER,
        ),
        _("There are: %(ids)s.", ids=there) if there else _("None has been imported yet."),
        _("Import a workbook with: kloe benchmarks import FILE"),
    )


def verify(info: Info) -> None:
    """Hold the files of a dataset against the digests kept when it was imported.

    :raises VerificationFailed: where one has changed or is missing.
    """
    for table, digest in info.tables.items():
        path = info.folder / f"{table}.parquet"
        if not path.is_file() or file_digest(path) != digest:
            raise VerificationFailed(
                _("The file %(path)s is not what was imported.", path=path),
                _("A dataset is never changed once it is there."),
                _(
                    "Remove the folder %(folder)s and import the workbook again.",
                    folder=path.parent,
                ),
            )


# Writing


def _canonical(contents: Contents) -> dict[str, Any]:
    """What the identifier and the digest are taken over: figures, not where they stood."""
    return {
        "year": contents.year,
        "landlords": sorted(
            [x.code, x.name, x.type, x.size, x.region, x.supported, x.notes, x.not_included]
            for x in contents.landlords.values()
        ),
        "values": sorted(
            [x.landlord, x.measure, x.population.value, *map(_text, _numbers(x)), x.marker]
            for x in contents.figures.values()
        ),
        "circumstances": sorted(
            [x.landlord, x.population.value, x.item, x.value] for x in contents.circumstances
        ),
    }


def _numbers(figure: Figure) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return figure.value, figure.numerator, figure.denominator


def _text(number: Decimal | None) -> str:
    return "" if number is None else format(number.normalize(), "f")


def _write_tables(folder: Path, contents: Contents, book: Register) -> None:
    import pyarrow as pa

    number = pa.decimal128(28, 10)
    places = {population: i for i, population in enumerate(Population)}
    figures = sorted(
        contents.figures.values(),
        key=lambda x: (x.landlord, book.order(x.measure), places[x.population]),
    )
    _table(
        folder / "values.parquet",
        {
            "landlord": (pa.string(), (x.landlord for x in figures)),
            "measure": (pa.string(), (x.measure for x in figures)),
            "population": (pa.string(), (x.population.value for x in figures)),
            "value": (number, (_fixed(x.value) for x in figures)),
            "numerator": (number, (_fixed(x.numerator) for x in figures)),
            "denominator": (number, (_fixed(x.denominator) for x in figures)),
            "marker": (pa.string(), (x.marker for x in figures)),
            "sheet": (pa.string(), (x.source.sheet for x in figures)),
            "row": (pa.int32(), (x.source.row for x in figures)),
            "column": (pa.string(), (x.source.column for x in figures)),
        },
    )
    landlords = sorted(contents.landlords.values(), key=lambda x: x.code)
    homes = _homes(contents)
    _table(
        folder / "landlords.parquet",
        {
            "code": (pa.string(), (x.code for x in landlords)),
            "name": (pa.string(), (x.name for x in landlords)),
            "type": (pa.string(), (x.type for x in landlords)),
            "size": (pa.string(), (x.size for x in landlords)),
            "region": (pa.string(), (x.region for x in landlords)),
            "supported": (pa.bool_(), (x.supported for x in landlords)),
            "notes": (pa.string(), (json.dumps(x.notes) for x in landlords)),
            "not_included": (pa.string(), (json.dumps(x.not_included) for x in landlords)),
            **{
                f"homes_{p.value.lower()}": (
                    pa.int64(),
                    [homes.get((x.code, p)) for x in landlords],
                )
                for p in Population
            },
        },
    )
    said = sorted(
        contents.circumstances, key=lambda x: (x.landlord, x.item, places[x.population], x.value)
    )
    _table(
        folder / "circumstances.parquet",
        {
            "landlord": (pa.string(), (x.landlord for x in said)),
            "population": (pa.string(), (x.population.value for x in said)),
            "item": (pa.string(), (x.item for x in said)),
            "value": (pa.string(), (x.value for x in said)),
        },
    )


def _homes(contents: Contents) -> dict[tuple[str, Population], int]:
    """How many homes each landlord owns, from the denominators of the measures by home."""
    homes: dict[tuple[str, Population], int] = {}
    for figure in contents.figures.values():
        if figure.measure in ("CH01 1", "NM01 1") and figure.denominator is not None:
            homes.setdefault((figure.landlord, figure.population), int(figure.denominator))
    return homes


def _fixed(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(PLACES)


def _table(path: Path, columns: Mapping[str, tuple[Any, Iterable[Any]]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, kind) for name, (kind, _values) in columns.items()])
    arrays = [pa.array(list(values), type=kind) for kind, values in columns.values()]
    pq.write_table(pa.table(arrays, schema=schema), path, compression="zstd")


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _describe(
    identifier: str, contents: Contents, book: Register, source: Mapping[str, str], digest: str
) -> dict[str, Any]:
    figures = contents.figures.values()
    with_values = {x.landlord for x in figures if x.value is not None}
    found = disagreements_of(contents, book)
    first, last = contents.year.split("-")
    return {
        "format": FORMAT,
        "id": identifier,
        "title": f"{book.title.get('en')} {first}/{last}",
        "publisher": book.publisher.get("en"),
        "licence": book.licence.get("en"),
        "year": contents.year,
        "period": [contents.period.start.isoformat(), contents.period.end.isoformat()],
        "source": dict(source),
        "digest": digest,
        "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "software": f"kloe {__version__}",
        "counts": {
            "landlords": len(with_values),
            "listed": len(contents.landlords),
            "measures": len({x.measure for x in figures}),
            "values": sum(1 for x in figures if x.value is not None),
            "without value": sum(1 for x in figures if x.value is None),
            "disagreements": len(found),
        },
        "sheets": contents.sheets,
        "markers": dict(sorted(Counter(x.marker for x in figures if x.marker).items())),
        "disagreements": [x.as_dict() for x in found],
        "remarks": [x.as_dict() for x in contents.remarks],
    }


def _info(folder: Path) -> Info:
    try:
        told = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
        return Info(
            id=folder.name,
            title=told["title"],
            publisher=told["publisher"],
            licence=told["licence"],
            year=told["year"],
            period=Period(*(date.fromisoformat(day) for day in told["period"])),
            file=told["source"]["file"],
            sha256=told["source"]["sha256"],
            digest=told["digest"],
            imported_at=told["imported_at"],
            counts=told["counts"],
            sheets=told["sheets"],
            markers=told["markers"],
            disagreements=tuple(map(Disagreement.from_dict, told["disagreements"])),
            remarks=tuple(map(Message.from_dict, told["remarks"])),
            tables=told["tables"],
            folder=folder,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VerificationFailed(
            _("The file %(path)s cannot be understood.", path=folder / "dataset.json"),
            _("It is written by kloe and not meant to be edited."),
            _("Remove the folder %(folder)s and import the workbook again.", folder=folder),
        ) from error


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(
            _(
                "The folder %(path)s cannot be made: %(why)s.",
                path=home,
                why=error.strerror or error,
            ),
            "",
            _("Give another data directory with --data DIR, or change its permissions."),
        ) from error


def _sweep(home: Path) -> None:
    """Remove what an import left that was killed outright, long enough ago to be sure."""
    for left in home.glob(".importing-*"):
        if time.time() - left.stat().st_mtime > STALE_AFTER:
            shutil.rmtree(left, ignore_errors=True)


class _Within:
    """Progress of a part of the work, from one hundredth of the whole to another."""

    def __init__(self, whole: Progress, start: int, end: int) -> None:
        self.whole, self.start, self.end = whole, start, end

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        self.whole.step(self.start + (self.end - self.start) * done // max(total, 1), 100, what)
