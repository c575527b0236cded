"""Importing: whole or not at all, the same again and again, and what does not agree is listed."""

from __future__ import annotations

import os
import stat
import time
from decimal import Decimal

import pytest

from kloe.core.errors import Cancelled, EnvironmentFault, InvalidInput, NotFound, VerificationFailed
from kloe.core.messages import Message
from kloe.measures import benchmarks
from kloe.measures.benchmarks import find_dataset, import_workbook, list_datasets, verify
from kloe.measures.disagreements import Kind
from tsm_books import Book, dashed


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "tsm.xlsx"
    Book().write(path)
    return path


def everything(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_import_says_what_it_holds(book, tmp_path):
    info = import_workbook(book, tmp_path / "data").info
    assert info.id == "tsm-2024-25"
    assert info.title == "Tenant Satisfaction Measures 2024/25"
    assert (info.publisher, info.licence) == (
        "Regulator of Social Housing",
        "Open Government Licence v3.0",
    )
    assert info.file == "tsm.xlsx"
    assert (info.period.start.isoformat(), info.period.end.isoformat()) == (
        "2024-04-01",
        "2025-03-31",
    )
    assert info.counts["landlords"] == 24
    assert info.counts["values"] == 23 * 12 + 6 * 9 + 24 * 18
    assert info.counts["disagreements"] == 0
    assert info == find_dataset(tmp_path / "data", "tsm-2024-25")
    assert [i.id for i in list_datasets(tmp_path / "data")] == ["tsm-2024-25"]
    verify(info)
    assert everything(tmp_path / "data") == [
        "benchmarks",
        "benchmarks/tsm-2024-25",
        "benchmarks/tsm-2024-25/circumstances.parquet",
        "benchmarks/tsm-2024-25/dataset.json",
        "benchmarks/tsm-2024-25/landlords.parquet",
        "benchmarks/tsm-2024-25/values.parquet",
    ]


def test_repeating_changes_nothing(book, tmp_path):
    data = tmp_path / "data"
    first = import_workbook(book, data)
    before = {p: p.stat().st_mtime_ns for p in data.rglob("*")}
    again = import_workbook(book, data)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.info == first.info
    assert {p: p.stat().st_mtime_ns for p in data.rglob("*")} == before


def test_the_same_figures_in_another_shape_are_the_same_dataset(book, tmp_path):
    data = tmp_path / "data"
    first = import_workbook(book, data)
    Book(shuffled=True, style=dashed, above=2).write(tmp_path / "other.xlsx")
    again = import_workbook(tmp_path / "other.xlsx", data)
    assert again.repeated
    assert again.info.id == first.info.id


def test_other_figures_of_the_same_year_get_an_id_of_their_own(book, tmp_path):
    data = tmp_path / "data"
    import_workbook(book, data)
    Book(seed=2).write(tmp_path / "revised.xlsx")
    revised = import_workbook(tmp_path / "revised.xlsx", data)
    assert revised.info.id == f"tsm-2024-25-{revised.info.digest[:6]}"
    assert import_workbook(tmp_path / "revised.xlsx", data).repeated
    assert import_workbook(book, data).info.id == "tsm-2024-25"


def test_newest_year_first(book, tmp_path):
    data = tmp_path / "data"
    import_workbook(book, data)
    for closing in (2024, 2026):
        sentence = f"1 April {closing - 1} to 31 March {closing}"
        Book(seed=closing, sentence=sentence).write(tmp_path / f"{closing}.xlsx")
        import_workbook(tmp_path / f"{closing}.xlsx", data)
    assert [i.id for i in list_datasets(data)] == ["tsm-2025-26", "tsm-2024-25", "tsm-2023-24"]


class StopsAfter:
    def __init__(self, steps: int) -> None:
        self.left = steps
        self.said: list[tuple[int, int]] = []

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        self.said.append((done, total))
        if self.left == 0:
            raise Cancelled("stopped")
        self.left -= 1


def test_progress_only_rises_and_arrives(book, tmp_path):
    watching = StopsAfter(10_000)
    import_workbook(book, tmp_path / "data", progress=watching)
    done = [d for d, _total in watching.said]
    assert done == sorted(done)
    assert watching.said[-1] == (100, 100)


def test_cancelled_at_any_step_leaves_nothing(book, tmp_path):
    counting = StopsAfter(10_000)
    import_workbook(book, tmp_path / "count", progress=counting)
    for steps in range(len(counting.said) - 1):
        data = tmp_path / f"data{steps}"
        with pytest.raises(Cancelled):
            import_workbook(book, data, progress=StopsAfter(steps))
        assert list_datasets(data) == []
        assert not data.exists() or everything(data) in ([], ["benchmarks"])


def test_an_import_that_fails_while_writing_leaves_nothing(book, tmp_path, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(benchmarks, "_table", full)
    with pytest.raises(OSError, match="No space"):
        import_workbook(book, tmp_path / "data")
    assert everything(tmp_path / "data") == ["benchmarks"]


def test_what_a_killed_import_left_is_not_listed_and_swept_later(book, tmp_path):
    home = tmp_path / "data" / "benchmarks"
    old, new = home / ".importing-old", home / ".importing-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "dataset.json").write_text("{}")
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    assert list_datasets(tmp_path / "data") == []
    import_workbook(book, tmp_path / "data")
    assert not old.exists()
    assert new.exists()


def test_import_at_the_same_time(book, tmp_path, monkeypatch):
    """Another process puts the same dataset there while this one writes."""
    data = tmp_path / "data"
    real = benchmarks._write_tables

    def meanwhile(folder, contents, register):
        monkeypatch.setattr(benchmarks, "_write_tables", real)
        import_workbook(book, data)
        # This one looked before the other was done.
        real(folder, contents, register)

    monkeypatch.setattr(benchmarks, "_write_tables", meanwhile)
    assert import_workbook(book, data).info.digest == list_datasets(data)[0].digest
    assert len({i.digest for i in list_datasets(data)}) == 1


def test_a_place_that_cannot_be_written(book, tmp_path):
    (tmp_path / "data").write_text("a file, no folder")
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        import_workbook(book, tmp_path / "data")


def test_others_may_read_it(book, tmp_path):
    info = import_workbook(book, tmp_path / "data").info
    assert stat.S_IMODE(info.folder.stat().st_mode) & 0o055 == 0o055


def test_unknown_dataset_names_those_there_are(book, tmp_path):
    data = tmp_path / "data"
    with pytest.raises(NotFound, match="None has been imported yet"):
        find_dataset(data, "tsm-2024-25")
    import_workbook(book, data)
    with pytest.raises(NotFound, match="There are: tsm-2024-25"):
        find_dataset(data, "tsm-2031-32")
    for odd in ("", ".", "..", "../benchmarks/tsm-2024-25", ".importing-x"):
        with pytest.raises(NotFound):
            find_dataset(data, odd)


def test_changed_files_are_found(book, tmp_path):
    info = import_workbook(book, tmp_path / "data").info
    path = info.folder / "values.parquet"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(VerificationFailed, match=r"values\.parquet is not what was imported"):
        verify(info)
    (info.folder / "dataset.json").write_text('{"title": "x"}')
    with pytest.raises(VerificationFailed, match="cannot be understood"):
        list_datasets(tmp_path / "data")


def test_a_file_that_is_no_workbook_leaves_nothing(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_text("no")
    with pytest.raises(InvalidInput):
        import_workbook(path, tmp_path / "data")
    assert not (tmp_path / "data").exists()


# What does not agree


def test_disagreements_are_listed_with_what_comes_out(tmp_path):
    truth = Book().write(tmp_path / "true.xlsx")
    off = {("4002", "BS01", "all"): "0.1", ("4004", "TP01", "LCRA"): "-0.1"}
    changes = {key: truth[key][0] + Decimal(by) for key, by in off.items()}
    changes["4006", "BS02", "all"] = Decimal("100.4")
    changes["4008", "BS03", "all"] = "[X]"
    changes["4008", "BS04", "all"] = "[E]"
    Book(changes=changes).write(tmp_path / "false.xlsx")
    info = import_workbook(tmp_path / "false.xlsx", tmp_path / "data").info
    found = {(d.landlord, d.measure, d.population, d.kind) for d in info.disagreements}
    assert found == {
        ("4002", "BS01", "all", Kind.RATE),
        ("4004", "TP01", "LCRA", Kind.RATE),
        ("4006", "BS02", "all", Kind.RATE),
        ("4006", "BS02", "all", Kind.OUT_OF_RANGE),
        ("4008", "BS03", "all", Kind.NOT_PUBLISHED),
    }
    one = next(d for d in info.disagreements if d.measure == "BS01")
    assert one.published == changes["4002", "BS01", "all"]
    assert abs(one.recomputed - truth["4002", "BS01", "all"][0]) <= Decimal("0.05")
    assert one.name == "Landlord 02"
    assert one.source.startswith("TSM25_Management_Info!")


@pytest.mark.parametrize(
    ("value", "numerator", "denominator", "kinds"),
    [
        ("66.7", "2", "3", []),
        ("66.6", "2", "3", [Kind.RATE]),
        ("66.67", "2", "3", []),
        ("66.66", "2", "3", [Kind.RATE]),
        ("12.5", "1", "8", []),
        ("6.3", "1", "16", []),
        ("6.2", "1", "16", []),
        ("50", "0", "0", [Kind.NO_DENOMINATOR]),
        (None, "0", "0", []),
        ("100", "3", "3", []),
        ("133.3", "4", "3", [Kind.OUT_OF_RANGE, Kind.TOO_MANY]),
        ("-1", None, None, [Kind.OUT_OF_RANGE]),
        ("50", None, "3", []),
    ],
)
def test_within_rounding(value, numerator, denominator, kinds):
    from kloe.measures.disagreements import _faults
    from kloe.measures.headers import Population
    from kloe.measures.published import register
    from kloe.measures.workbook import Cell, Figure

    def number(text):
        return None if text is None else Decimal(text)

    figure = Figure("A", "TP01", Population.LCRA, number(value), number(numerator),
                    number(denominator), "" if value else "U", Cell("s", 1, "A"))  # fmt: skip
    assert [kind for kind, _rate in _faults(figure, register().measure("TP01"))] == kinds
