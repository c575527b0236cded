# ruff: noqa: F811
"""Malformed extracts sent by a browser: each has its message, and nothing of it is loaded.

What the loader itself makes of such files, and the command line, stands in the tests of records;
here the whole way is gone: sending, the proposal, the mapping used before, the check, the load.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter
from web_records import Records, file, ground  # noqa: F401

from kloe.web.indicators.holdings import records_of
from kloe.web.jobs.models import Job
from kloe.web.jobs.worker import run_waiting
from kloe.web.records import storage
from kloe.web.records.models import RecordDraft
from rent_extracts import HEADER, TRANSACTIONS, ledger, row

pytestmark = pytest.mark.django_db

MAPPING = f"format: kloe-mapping/1\nsources:{TRANSACTIONS}    confirmed: true\n"
UTF8 = f"{MAPPING}    csv: {{{{encoding: utf-8}}}}\n"
SHEET = f"{MAPPING}    sheet: Rents\n"
FORMS = ("05/04/2025", "2025-04-05", "Apr 5 25")
CLEAN = ledger(30)


def book(**more: Any) -> bytes:
    """A workbook of ten rows with formulas; ``more`` writes cells over them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet("Rents")
        form = made.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADER.split(","))
        for n in range(1, 11):
            sheet.write_row(n, 0, [f"T{n}", f"A{n % 7}"])
            sheet.write_datetime(n, 2, datetime(2025, 4, n), form)
            sheet.write_formula(n, 3, f"=10*{n}", None, 10 * n)
            sheet.write_row(n, 4, [("RNT", "PAY", "ADJ")[n % 3], f"Week {n}"])
        for cell, (formula, value) in more.items():
            sheet.write_formula(cell, formula, None, value)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO(book())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/worksheets/sheet2.xml", b"\0" * 300_000_000)
    return out.getvalue()


def packed_bomb() -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as made:
        made.write(HEADER.encode() + b"\n")
        for _n in range(120):
            made.write(b"0" * (1 << 20))
    return out.getvalue()


#: Name of the file, what is in it, and what somebody is told of it somewhere on the way.
REFUSED: dict[str, tuple[str, Any, str]] = {
    "wrong encoding": ("r.csv", lambda: CLEAN.replace("Week 8", "Café – £5").encode("cp1252"),
                       "encoding: cp12"),
    "utf-16 without a mark": ("r.csv", lambda: CLEAN.encode("utf-16-le"), "r.csv"),
    "dates in three formats": ("r.csv", lambda: "\n".join(
        [HEADER, *(row(n, day=FORMS[n % 3]) for n in range(1, 31))]) + "\n",
        "no day in the form"),
    "thousands separators": ("r.csv", lambda: ledger(30, amount='"1,250.00"'),
                             "thousands separator"),
    "duplicate keys": ("r.csv", lambda: ledger(30, ref="T1"), "same key"),
    "cut off in a row": ("r.csv", lambda: CLEAN[:-20], "in the middle of a row"),
    "cut off in quotes": ("r.csv", lambda: CLEAN + row(99, words='"never closed'),
                          "quotation marks"),
    "cut off packing": ("r.csv.gz", lambda: gzip.compress(CLEAN.encode())[:-10], "cut off"),
    "wrong types": ("r.csv", lambda: ledger(30, amount="x", day="y", kind="z"),
                    "rejected"),
    "shifted columns": ("r.csv", lambda: HEADER + "\n" + "".join(
        "x," + row(n) + "\n" for n in range(1, 31)), "more values"),
    "other columns": ("r.csv", lambda: CLEAN.replace("amount", "Betrag"), "Betrag"),
    "a column twice": ("r.csv", lambda: CLEAN.replace("description", "amount"), "amount"),
    "no rows": ("r.csv", lambda: HEADER + "\n", "r.csv"),
    "only line ends": ("r.csv", lambda: "\n\n\n", "r.csv"),
    "a PDF": ("r.csv", lambda: b"%PDF-1.7\n" + b"x" * 100, "pdf"),
    "a picture": ("r.csv", lambda: bytes(range(256)) * 20, "NUL"),
    "html": ("r.csv", lambda: "<html><body>Sign in</body></html>", "r.csv"),
    "a workbook that is none": ("r.xlsx", lambda: b"PK\x03\x04" + b"\0" * 60, "r.xlsx"),
    "a workbook cut off": ("r.xlsx", lambda: book()[:2000], "cannot be read"),
    "formulas that fail": ("r.xlsx", lambda: book(
        D3=("=1/0", "#DIV/0!"), D4=("=REF", "#REF!"), D5=("=NA()", "#N/A")), "shows an error"),
    "a zip bomb": ("r.xlsx", bomb, "is a trap"),
    "a packed bomb": ("r.csv.gz", packed_bomb, "grows more than"),
}  # fmt: skip


def _told(ground: Records, draft: RecordDraft) -> str:
    """The page of an extract, as text; no work on it ended in a fault of ours."""
    draft.refresh_from_db()
    if draft.job is not None:
        assert "did not expect" not in draft.job.error, draft.job.error
    return ground.page(draft)


@pytest.mark.parametrize("kind", REFUSED)
def test_each_is_told_and_nothing_of_it_is_loaded(
    ground: Records, org: Any, kind: str, data_root: Path
) -> None:
    draft = ground.sent(clean=CLEAN)
    assert ground.upload_mapping(draft, UTF8.format(files="clean.csv"), draft.version)
    draft.refresh_from_db()
    assert ground.load(ground.check(draft)).state == RecordDraft.State.LOADED
    before = records_of(org)
    assert before is not None

    name, make, says = REFUSED[kind]
    content = make()
    answer = ground.send(file(name, content))
    assert answer.status_code == 303, answer.content.decode()
    run_waiting()
    draft = ground.draft()
    told = [_told(ground, draft)]
    words = (SHEET if name.endswith(".xlsx") else UTF8).format(files=name)
    assert ground.upload_mapping(draft, words, draft.version).status_code == 303
    draft.refresh_from_db()
    ground.check(draft)
    told.append(_told(ground, draft))
    assert any(says in page for page in told), told[-1][-3000:]
    assert draft.job is not None
    assert draft.job.state == Job.State.DONE, draft.job.error
    assert draft.checked.get("refusal") or draft.checked["rejects"] == 3

    if draft.checked.get("refusal"):
        refused = ground.client.post(
            ground.url("records-load", draft.pk), {"base_version": draft.version}
        )
        assert refused.status_code == 409
        assert not Job.objects.filter(state="waiting").exists()
        assert records_of(org).digest == before.digest  # type: ignore[union-attr]
    leftover = list((data_root / "tmp").glob("check-*"))
    assert leftover == []
    ground.client.post(ground.url("records-discard", draft.pk))
    assert not storage.folder_of(draft.pk).exists()


def test_an_empty_file_is_refused_as_it_comes_in(ground: Records, data_root: Path) -> None:
    before = set((data_root / "tmp").iterdir())
    answer = ground.send(file("r.csv", b""))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "r.csv" in page
    assert "The file is empty" in page
    assert not RecordDraft.objects.exists()
    assert set((data_root / "tmp").iterdir()) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", "\t"),
        lambda text: "\ufeff" + text.replace(",", ";"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n".join(",".join(reversed(x.split(","))) for x in text.split("\n")),
        lambda text: text.encode("utf-16"),
    ],
    ids=["tabs", "mark and semicolons", "line ends", "shuffled columns", "utf-16"],
)
def test_what_can_be_read_all_the_same_is_loaded(ground: Records, change: Any) -> None:
    draft = ground.sent(r=change(CLEAN))
    words = MAPPING.format(files="r.csv")
    assert ground.upload_mapping(draft, words, draft.version).status_code == 303
    draft.refresh_from_db()
    loaded = ground.load(ground.check(draft)).loaded
    assert (loaded["rows"], loaded["rejects"]) == (30, 0)


def test_a_workbook_with_formulas_gives_their_values(ground: Records, org: Any) -> None:
    assert ground.send(file("r.xlsx", book())).status_code == 303
    run_waiting()
    draft = ground.draft()
    words = SHEET.format(files="r.xlsx")
    assert ground.upload_mapping(draft, words, draft.version).status_code == 303
    draft.refresh_from_db()
    loaded = ground.load(ground.check(draft)).loaded
    assert (loaded["rows"], loaded["rejects"]) == (10, 0)
    records = records_of(org)
    assert records is not None
    rows = [
        r for path in records.paths("rent_transaction") for r in pq.read_table(path).to_pylist()
    ]
    assert {r["transaction_ref"]: r["amount"] for r in rows} == {
        f"T{n}": 10 * n for n in range(1, 11)
    }
