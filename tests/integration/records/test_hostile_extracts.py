"""Malformed and hostile extracts: each has its message, and nothing of it is loaded."""

from __future__ import annotations

import gzip
import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from records_ground import Ground

from kloe.core.errors import KloeError, NotFound
from rent_extracts import HEADER, TRANSACTIONS, ledger, row

CLEAN = ledger(30)


def cut(text: str) -> str:
    """A file that ends in the middle of a row."""
    return text[: text.rindex(",RNT")]


DAYS = ("01/02/2025", "2025-02-01", "Feb 1 2025")
#: Name of the case, what stands in the file, what the message has to say.
HOSTILE: list[tuple[str, str | bytes, str]] = [
    ("empty", b"", "empty"),
    ("only blanks", b"\n \n\n", "empty"),
    ("header only", HEADER + "\n", "header but no rows"),
    ("no such columns", "a,b\n1,2\n", "transaction_ref"),
    ("another delimiter", CLEAN.replace(",", "§"), "transaction_ref"),
    ("cp1252 not said", CLEAN.replace("Week 7", "Café").encode("cp1252"), "not UTF-8"),
    ("utf-16 without a mark", CLEAN.encode("utf-16-le"), "NUL"),
    ("nul bytes", CLEAN.replace("Week 9", "We\0k"), "rents.csv:10: There is a NUL"),
    ("a column twice", CLEAN.replace("description", "amount", 1), "more than once"),
    ("cut off in a row", cut(CLEAN), "in the middle of a row"),
    ("cut off in quotes", CLEAN + row(99, words='"never closed'), "quotation marks"),
    ("a quote missing", CLEAN.replace("Week 5", '"Week 5', 1), "rents.csv:6: The file ends within"),
    ("three forms of dates", "\n".join(
        [HEADER, *(row(n, day=DAYS[n % 3]) for n in range(30))]
    ) + "\n", "posted_on"),
    ("thousands", ledger(5) + "".join(row(n, amount='"1,250.00"') + "\n" for n in range(50, 60)),
     "thousands separator"),
    ("columns of the wrong type", ledger(3) + "".join(
        row(n, amount="x", day="y", kind="z") + "\n" for n in range(50, 90)), "rejected"),
    ("shifted columns", HEADER + "\n" + "".join("x," + row(n) + "\n" for n in range(9)),
     "more values"),
    ("all keys the same", HEADER + "\n" + "".join(row(n, ref="T1") + "\n" for n in range(9)),
     "same key"),
    ("a PDF", b"%PDF-1.7\n" + b"x" * 100, "pdf"),
    ("a workbook", b"PK\x03\x04" + b"\0" * 60, "workbook"),
    ("a picture of nothing", bytes(range(256)) * 20, "NUL"),
    ("no line ends", "x" * 6_000_000, "longer than"),
    ("html", "<html><body>Sign in</body></html>", "transaction_ref"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "says"), HOSTILE, ids=[h[0] for h in HOSTILE])
def test_hostile_files_are_refused_with_a_message(
    ground: Ground, name: str, content: str | bytes, says: str
) -> None:
    ground.write("rents.csv", ledger(4))
    ground.ledger()
    ground.write("rents.csv", content)
    error = ground.refused()
    assert error.exit_code == 3
    assert says in str(error), str(error)
    assert "rents.csv" in str(error)
    assert str(error.remedy) or str(error.allowed), "no way out is shown"
    assert ground.current.table("rent_transaction").rows == 4


def test_shuffled_columns_and_a_byte_order_mark_do_no_harm(ground: Ground) -> None:
    ground.write("rents.csv", CLEAN)
    ground.ledger()
    before = ground.rows("rent_transaction", "* EXCLUDE (source_file)")
    order = [3, 5, 0, 4, 1, 2]
    lines = [line.split(",") for line in CLEAN.splitlines()]
    shuffled = "\r\n".join("\t".join(line[n] for n in order) for line in lines) + "\r\n"
    for name, content in {
        "tab, mark": b"\xef\xbb\xbf" + shuffled.encode(),
        "utf-16": shuffled.encode("utf-16"),
        "utf-32": shuffled.encode("utf-32"),
        "old line ends": shuffled.replace("\r\n", "\r").encode(),
        "spaces": shuffled.replace("\t", " \t  ").encode(),
        "names in other letters": shuffled.replace("amount", "Amount ").encode(),
        "quoted": "\n".join(
            ";".join(f'"{line[n]}"' for n in order) for line in lines
        ).encode() + b"\n",
    }.items():  # fmt: skip
        ground.write("rents.csv", content)
        ground.ledger()
        assert ground.rows("rent_transaction", "* EXCLUDE (source_file)") == before, name


def test_an_encoding_has_to_be_right(ground: Ground) -> None:
    sources = TRANSACTIONS.format(files="rents.csv")
    text = CLEAN.replace("Week 7", "Ŷ gost £5").replace("Week 8", "Café")
    ground.write("rents.csv", CLEAN.replace("Week 8", "Café – £5").encode("cp1252"))
    error = ground.refused()
    assert "encoding: cp12" in str(error)
    with_encoding = sources.replace("    columns:", "    csv: {encoding: cp1252}\n    columns:")
    ground.load(with_encoding)
    assert ground.rows("rent_transaction", "description", "source_row = 9") == [("Café – £5",)]
    ground.write("rents.csv", text)
    error = ground.refused(with_encoding)
    assert "the file is UTF-8" in str(error)
    ground.write("rents.csv", CLEAN.replace("Week 8", "Caf\x81").encode("latin-1"))
    assert "not cp1252" in str(ground.refused(with_encoding))


def test_rows_too_short_too_long_and_lines_without_end_are_rejected_one_by_one(
    ground: Ground,
) -> None:
    bad = ["T90,A1", row(91) + ",more", row(92, words="x" * 2_000_000), row(93)]
    ground.write("rents.csv", CLEAN + "\n".join(bad) + "\n")
    ground.ledger()
    assert [(r["line"], r["rule"]) for r in ground.rejects("rent_transaction")] == [
        ("32", "too few values"), ("33", "too many values"), ("34", "line too long"),
    ]  # fmt: skip
    assert ground.current.table("rent_transaction").rows == 31


def test_stray_quotes_are_taken_as_they_stand(ground: Ground) -> None:
    ground.write("rents.csv", CLEAN + row(80, words='5" pipe') + "\n" + row(81) + "\n")
    ground.ledger()
    found = ground.rows("rent_transaction", "description, source_row", "source_row > 31")
    assert found == [('5" pipe', 32), ("Week 81", 33)]


# Workbooks


def book(path: Path, rows: list[list[Any]], *, sheets: tuple[str, ...] = ("Rents",)) -> None:
    with xlsxwriter.Workbook(str(path)) as made:
        form = made.add_format({"num_format": "dd/mm/yyyy"})
        for name in sheets:
            sheet = made.add_worksheet(name)
            for y, cells in enumerate(rows):
                for x, cell in enumerate(cells):
                    if isinstance(cell, tuple):
                        sheet.write_formula(y, x, cell[0], None, cell[1])
                    elif hasattr(cell, "year"):
                        sheet.write_datetime(y, x, cell, form)
                    else:
                        sheet.write(y, x, cell)


def _rows() -> list[list[Any]]:
    from datetime import datetime

    found: list[list[Any]] = [["Rents of Acme", "", "", "", "", ""], HEADER.split(",")]
    for n in range(1, 21):
        found.append([f"T{n}", 1000 + n, datetime(2025, 4, n), n + 0.5, "RNT", f"Week {n}"])
    return found


EXCEL = TRANSACTIONS.replace(
    "    columns:", "    header: {{rows: [2]}}\n    sheet: Rents\n    columns:"
)


def test_a_workbook_is_read_with_its_formulas_values_and_days(ground: Ground) -> None:
    rows = _rows()
    rows[2][3] = ("=1+1.5", 2.5)
    rows[3][3] = ("=1/0", "#DIV/0!")
    rows[4][5] = ("=Sheet9!A1", "#REF!")
    book(ground.folder / "rents.xlsx", rows)
    ground.load(EXCEL.format(files="rents.xlsx"), most_rejects=20)
    found = ground.rows(
        "rent_transaction", "transaction_ref, account_ref, amount, posted_on::VARCHAR"
    )
    assert str(found[0]) == "('T1', '1001', Decimal('2.50'), '2025-04-01')"
    assert len(found) == 18
    rejected = [(r["sheet"], r["line"], r["column"], r["value"], r["rule"])
                for r in ground.rejects("rent_transaction")]  # fmt: skip
    assert rejected == [
        ("Rents", "4", "amount", "#DIV/0!", "spreadsheet error"),
        ("Rents", "5", "description", "#REF!", "spreadsheet error"),
    ]


def test_workbooks_that_cannot_be_read_say_why(ground: Ground) -> None:
    path = ground.folder / "rents.xlsx"
    book(path, _rows(), sheets=("Rents", "More"))
    several = EXCEL.replace("    sheet: Rents\n", "").format(files="rents.xlsx")
    assert "several sheets: Rents, More" in str(ground.refused(several))
    other = EXCEL.replace("sheet: Rents", "sheet: Rent").format(files="rents.xlsx")
    assert "no sheet “Rent”" in str(ground.refused(other))
    wanted = EXCEL.format(files="rents.xlsx")
    book(path, _rows()[:2])
    assert "header but no rows" in str(ground.refused(wanted))
    book(path, [])
    assert "empty" in str(ground.refused(wanted))
    path.write_bytes(b"transaction_ref,amount\n")
    assert "called a workbook but is none" in str(ground.refused(wanted))
    book(path, _rows())
    path.write_bytes(path.read_bytes()[:2000])
    assert "cannot be read" in str(ground.refused(wanted))
    (ground.folder / "rents.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 99)
    assert "save it as .xlsx" in str(ground.refused(EXCEL.format(files="rents.xls")))


def test_a_zip_bomb_is_refused_before_it_is_opened(ground: Ground) -> None:
    path = ground.folder / "rents.xlsx"
    book(path, _rows())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/worksheets/sheet2.xml", b"\0" * 300_000_000)
    assert path.stat().st_size < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "is a trap" in str(ground.refused(EXCEL.format(files="rents.xlsx")))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_a_packed_file_is_read_and_a_packed_bomb_is_not(ground: Ground) -> None:
    ground.write("rents.csv.gz", gzip.compress(CLEAN.encode()))
    ground.ledger(files="rents.csv.gz")
    assert ground.current.table("rent_transaction").rows == 30
    ground.write("rents.csv.gz", gzip.compress(CLEAN.encode())[:-10])
    assert "cut off" in str(ground.refused(files="rents.csv.gz"))
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed:
        packed.write(HEADER.encode() + b"\n")
        for _n in range(120):
            packed.write(b"0" * (1 << 20))
    ground.write("rents.csv.gz", out.getvalue())
    assert "grows more than" in str(ground.refused(files="rents.csv.gz"))


# Files and folders


def test_a_folder_with_wildcards_is_read_in_order(ground: Ground) -> None:
    ground.write("Rents/2.csv", ledger(10, start=11))
    ground.write("Rents/1.csv", ledger(10))
    ground.write("Rents/.hidden.csv", "x")
    ground.write("Rents/~$1.csv", "x")
    result = ground.ledger(files='["Rents/*.csv"]')
    assert (result.tables[0].files, result.tables[0].rows) == (2, 20)
    found = ground.rows("rent_transaction", "transaction_ref, source_file, source_row")
    assert found[0] == ("T1", "Rents/1.csv", 2)
    assert found[-1] == ("T20", "Rents/2.csv", 11)


def test_one_of_several_files_with_other_columns_refuses_all(ground: Ground) -> None:
    ground.write("Rents/1.csv", ledger(10))
    ground.write("Rents/2.csv", ledger(10).replace("amount", "Betrag"))
    assert "Rents/2.csv: The mapping wants “amount”" in str(ground.refused(files='["Rents/*.csv"]'))


def test_links_out_of_the_folder_are_not_followed(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(CLEAN)
    (ground.folder / "rents.csv").symlink_to(tmp_path / "secret.csv")
    assert "outside its folder" in str(ground.refused())


def test_files_that_are_not_there_or_may_not_be_read(ground: Ground) -> None:
    error = ground.refused()
    assert isinstance(error, NotFound)
    assert "“rents.csv”" in str(error)


def test_an_unreadable_file(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.write("rents.csv", CLEAN)
    # The superuser may read everything, whatever a file's permissions say.
    monkeypatch.setattr("kloe.records.extracts.files.os.access", lambda *_: False)
    assert "may not be read" in str(ground.refused())


def test_a_file_that_grows_while_it_is_read_is_refused(ground: Ground) -> None:
    path = ground.write("rents.csv", CLEAN)

    class Grow:
        def step(self, done: int, total: int, what: Any = "") -> None:
            with path.open("a") as file:
                file.write(row(999) + "\n")

    assert "changed while it was read" in str(ground.refused(progress=Grow()))


def test_parquet_is_read_and_what_is_none_is_not(ground: Ground) -> None:
    import duckdb

    ground.write("rents.csv", CLEAN)
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT * EXCLUDE (posted_on, amount), strptime(posted_on, '%d/%m/%Y')::DATE AS"
            " posted_on, amount::DECIMAL(10,2) AS amount FROM"
            f" read_csv('{ground.folder}/rents.csv', all_varchar = true))"
            f" TO '{ground.folder}/rents.parquet'"
        )
    ground.ledger()
    from_csv = ground.rows("rent_transaction", "* EXCLUDE (source_file, source_row)")
    ground.ledger(files="rents.parquet")
    assert ground.rows("rent_transaction", "* EXCLUDE (source_file, source_row)") == from_csv
    assert ground.rows("rent_transaction", "source_row")[0] == (1,)
    path = ground.folder / "rents.parquet"
    path.write_bytes(path.read_bytes()[:-30])
    assert "damaged or cut off" in str(ground.refused(files="rents.parquet"))
    path.write_text("a,b")
    assert "called Parquet but is none" in str(ground.refused(files="rents.parquet"))


def test_values_that_are_sql_stay_values(ground: Ground) -> None:
    words = "'); DROP TABLE piece; --"
    ground.write("r'ent\"s.csv", ledger(5) + row(9, words=f'"{words}"') + "\n")
    ground.ledger(files='"r\'ent\\"s.csv"')
    assert ground.rows("rent_transaction", "description", "transaction_ref = 'T9'") == [(words,)]


def test_names_of_columns_that_are_sql_stay_names(ground: Ground) -> None:
    name = "a'\"; x --"
    quoted = '"' + name.replace('"', '""') + '"'
    ground.write("a.csv", f"{quoted},p\nT1,P1\n")
    ground.load("""
  - files: a.csv
    table: tenancy
    columns: {tenancy_ref: {from: "a'\\"; x --"}, property_ref: p}
""")
    assert ground.rows("tenancy", "tenancy_ref") == [("T1",)]


def test_memory_stays_bounded(ground: Ground) -> None:
    """A file larger than the memory allowed to a load loads, in a process of its own."""
    code = (
        "import sys; from pathlib import Path\n"
        "from kloe.records.loading import load_records\n"
        "from kloe.records.mapping import read_mapping\n"
        "folder = Path(sys.argv[1])\n"
        "r = load_records(Path(sys.argv[2]), read_mapping(folder / 'm.yaml'), folder, by='x')\n"
        # What getrusage tells holds the memory of the process that began this one.
        "most = next(x for x in open('/proc/self/status') if x.startswith('VmHWM'))\n"
        "print(r.tables[0].rows, int(most.split()[1]) // 1024)\n"
    )
    ground.write(
        "m.yaml",
        "format: kloe-mapping/1\nlandlord: acme\nas_at: 2026-03-31\nsources:"
        + TRANSACTIONS.format(files="rents.csv"),
    )
    path = ground.folder / "rents.csv"
    block = 20_000
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for start in range(0, 2_000_000, block):
            file.write("".join(row(n, words="x" * 60) + "\n" for n in range(start, start + block)))
    done = subprocess.run(
        [sys.executable, "-c", code, str(ground.folder), str(ground.data)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 2_000_000
    assert megabytes < 1000


def test_errors_are_of_the_kinds_that_have_an_exit_code(ground: Ground) -> None:
    ground.write("rents.csv", b"")
    assert isinstance(ground.refused(), KloeError)
