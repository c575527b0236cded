"""From the request to a folder of records, whole or not at all."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent
from kloe.records.generator import faults as faults_
from kloe.records.generator.breaking import break_all
from kloe.records.generator.draws import Draw, day_of, ints
from kloe.records.generator.faults import Fault
from kloe.records.generator.frames import Frame
from kloe.records.generator.making import make_all
from kloe.records.generator.planting import HEADER, Planter
from kloe.records.generator.rates import Rates
from kloe.records.generator.world import World
from kloe.records.generator.writing import Writer, merged
from kloe.records.layouts import table_names
from kloe.records.store import RecordSet, Table, write_manifest

FAULTS = "manifest-faults.csv"
UNTIL = date(2026, 3, 31)
FEWEST_HOMES = 100
MOST_YEARS = 20
FORMATS = ("parquet", "csv")
#: Rows a home has in a year, over all tables, for the time left.
ROWS_PER_HOME_YEAR = 145


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make."""

    homes: int
    years: int
    seed: int
    landlords: int = 1
    until: date = UNTIL
    formats: tuple[str, ...] = ("parquet",)
    faults: Path | None = None
    workers: int = 2
    #: The name under which a single landlord's rows stand, where they are to be used as somebody's
    #: records; it changes nothing else.
    name: str = ""

    def check(self) -> None:
        """Refuse what cannot be made.

        :raises InvalidInput: with what is allowed.
        """
        least = FEWEST_HOMES * self.landlords
        if self.landlords < 1 or self.homes < least:
            raise InvalidInput(
                _(
                    "%(homes)d homes for %(landlords)d landlords are too few.",
                    homes=self.homes,
                    landlords=self.landlords,
                ),
                _("Each landlord has at least %(least)d homes.", least=FEWEST_HOMES),
                _("Give --homes %(least)d or more.", least=max(least, FEWEST_HOMES)),
            )
        if not 1 <= self.years <= MOST_YEARS:
            raise InvalidInput(
                _("%(years)d years cannot be made.", years=self.years),
                _("From 1 to %(most)d years.", most=MOST_YEARS),
            )
        if self.name and self.landlords > 1:
            raise InvalidInput(
                _("One name was given for %(n)d landlords.", n=self.landlords),
                _("Landlords of a sector are named L0001 and so on."),
            )
        unknown = [f for f in self.formats if f not in FORMATS]
        if unknown or not self.formats:
            raise InvalidInput(
                _("There is no format “%(format)s”.", format=", ".join(unknown)),
                _("There are: %(all)s.", all=", ".join(FORMATS)),
            )


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it."""

    folder: Path
    rows: int
    faults: int
    records: RecordSet | None


def generate(wanted: Wanted, out: Path, progress: Progress | None = None) -> Made:
    """Make the records in a folder beside ``out`` and rename it when it is whole.

    :raises Conflict: where ``out`` holds something already.
    """
    wanted.check()
    listed = faults_.load(wanted.faults)
    out = out.expanduser().resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Conflict(
            _("%(folder)s holds something already.", folder=out),
            _("Records are made into a new or empty folder."),
            _("Give another with --out, or remove it first."),
        )
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        found = _make(wanted, listed, beside, progress or Silent())
        if out.exists():
            out.rmdir()
        beside.rename(out)
    finally:
        if beside.exists():
            shutil.rmtree(beside, ignore_errors=True)
    records = RecordSet.open(out) if "parquet" in wanted.formats else None
    return Made(out, found[0], found[1], records)


def sizes(wanted: Wanted) -> list[int]:
    """Homes of each landlord: a few large, many small, in no order."""
    k = wanted.landlords
    if k == 1:
        return [wanted.homes]
    draw = Draw(wanted.seed, "sizes")
    weights = draw.spread([20, 35, 50, 62, 78, 100, 140, 210, 380, 1200], k)
    free = wanted.homes - FEWEST_HOMES * k
    steps = weights.cumsum() * free // int(weights.sum())
    own = ints([*steps[:1], *(steps[1:] - steps[:-1])])
    return [FEWEST_HOMES + int(v) for v in own]


def _code(number: int) -> str:
    return f"L{number + 1:04d}"


def _make(
    wanted: Wanted, listed: Mapping[str, Fault], folder: Path, progress: Progress
) -> tuple[int, int]:
    total = ROWS_PER_HOME_YEAR * wanted.homes * wanted.years
    clock = Clock(progress, total)
    homes = sizes(wanted)
    parts: dict[int, list[Table]] = {}
    planted = 0
    lists = folder / ".faults"
    lists.mkdir()
    if wanted.landlords == 1:
        parts[0], planted = _one(wanted, listed, folder, 0, homes[0], clock.tell)
    else:
        for number, tables, count in _several(wanted, listed, folder, homes, clock):
            parts[number] = tables
            planted += count
    tables = merged([parts[n] for n in sorted(parts)])
    with (folder / FAULTS).open("wb") as file:
        file.write((",".join(HEADER) + "\n").encode())
        for number in range(wanted.landlords):
            with (lists / f"{_code(number)}.csv").open("rb") as part:
                shutil.copyfileobj(part, file)
    shutil.rmtree(lists)
    if "parquet" in wanted.formats:
        write_manifest(
            folder,
            landlord=(wanted.name or _code(0)) if wanted.landlords == 1 else "sector",
            as_at=wanted.until,
            tables=tables,
            landlords=[_code(n) for n in range(wanted.landlords)] if wanted.landlords > 1 else (),
            made_at=datetime(wanted.until.year, wanted.until.month, wanted.until.day, tzinfo=UTC),
        )
    return clock.rows, planted


def _several(
    wanted: Wanted, listed: Mapping[str, Fault], folder: Path, homes: list[int], clock: Clock
) -> Iterator[tuple[int, list[Table], int]]:
    """Every landlord, the largest first, as many at once as there are workers."""
    order = sorted(range(len(homes)), key=lambda n: (-homes[n], n))
    with _workers(wanted.workers) as pool:
        running: dict[Future[tuple[list[Table], int, int]], int] = {}
        while order or running:
            while order and len(running) < wanted.workers + 1:
                number = order.pop(0)
                task = pool.submit(_apart, wanted, listed, folder, number, homes[number])
                running[task] = number
            done, _rest = wait(running, return_when=FIRST_COMPLETED)
            for task in done:
                number = running.pop(task)
                tables, planted, rows = task.result()
                clock.add(rows, _code(number))
                yield number, tables, planted


@contextmanager
def _workers(count: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_deaf)
    try:
        yield pool
    except BaseException:
        running = list((getattr(pool, "_processes", None) or {}).values())
        for process in running:
            process.terminate()
        for process in running:
            process.join()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _deaf() -> None:
    """Leave Ctrl-C to the process that waits: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _apart(
    wanted: Wanted, listed: Mapping[str, Fault], folder: Path, number: int, homes: int
) -> tuple[list[Table], int, int]:
    rows = [0]

    def tell(_what: str, more: int) -> None:
        rows[0] += more

    tables, planted = _one(wanted, listed, folder, number, homes, tell)
    return tables, planted, rows[0]


def _one(
    wanted: Wanted,
    listed: Mapping[str, Fault],
    folder: Path,
    number: int,
    homes: int,
    tell: Callable[[str, int], None],
) -> tuple[list[Table], int]:
    """Make one landlord and write it."""
    landlord = _code(number)
    end = day_of(wanted.until)
    leap = wanted.until.month == 2 and wanted.until.day == 29
    before = wanted.until.replace(
        year=wanted.until.year - wanted.years, day=28 if leap else wanted.until.day
    )
    start = day_of(before) + 1
    planter = Planter(listed, landlord, wanted.seed, start, end)
    differ = Draw(wanted.seed, landlord, "rates") if wanted.landlords > 1 else None
    writer = Writer(folder, wanted.name or landlord, wanted.formats, wanted.landlords > 1)
    world = World(landlord, wanted.seed, homes, start, end, Rates(differ), planter)

    def write(frame: Frame) -> None:
        writer.write(frame)
        tell(frame.table, frame.rows)

    world.emit = lambda frame: write(planter.spoil(frame))
    make_all(world)
    planter.remember(world.frames)
    break_all(world)
    for table in table_names():
        if table in world.frames:
            write(planter.spoil(world.frames.pop(table)))
    with (folder / ".faults" / f"{landlord}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(sorted(planter.planted))
    return writer.close(), len(planter.planted)


class Clock:
    """Rows made, and the time left at the pace so far."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.total = total
        self.rows = 0
        self._began = time.monotonic()

    def tell(self, what: str, more: int) -> None:
        """Some rows more."""
        self.add(more, what)

    def add(self, more: int, what: str) -> None:
        """Some rows more; say how far it is."""
        self.rows += more
        self.total = max(self.total, self.rows)
        taken = time.monotonic() - self._began
        left = taken * (self.total - self.rows) / max(self.rows, 1)
        words: Message = _(
            "%(what)s: %(rows)s rows, about %(left)d s left",
            what=what,
            rows=f"{self.rows:,}",
            left=round(left),
        )
        self.progress.step(self.rows, self.total, words)
