"""Tables to take away: nothing in them computes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from kloe.core import tables

ROWS = [["=1+1", "3"], ["-x", "https://example.org"], ["@a", "plain"]]


def test_what_a_spreadsheet_would_compute_is_text_in_csv() -> None:
    made = tables.comma_separated(("case", "value"), [("=1+1", 3), ("-x", None), ("Ŵ", "a,b")])
    assert made.decode("utf-8-sig").splitlines() == ["case,value", "'=1+1,3", "'-x,", 'Ŵ,"a,b"']
    assert made.startswith(b"\xef\xbb\xbf")


def test_what_a_spreadsheet_would_compute_is_text_in_a_workbook(tmp_path: Path) -> None:
    path, out = tmp_path / "a.xlsx", io.BytesIO()
    for target in (path, out):
        with tables.workbook(target, title="Cases") as book:
            sheet = book.sheet("All", [("case", 9), ("value", 30)], len(ROWS), frozen=1)
            for at, row in enumerate(ROWS, 1):
                for n, value in enumerate(row):
                    sheet.write(at, n, value)
    for file in (path, out):
        with zipfile.ZipFile(file) as parts:
            sheet_xml = parts.read("xl/worksheets/sheet1.xml").decode()
            assert "<f>" not in sheet_xml
            assert "hyperlink" not in sheet_xml
            assert 'ref="A1:B4"' in sheet_xml
            words = parts.read("xl/sharedStrings.xml").decode()
            assert "<t>=1+1</t>" in words
            assert "<t>3</t>" in words
