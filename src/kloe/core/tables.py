"""Tables to take away, as a workbook or as CSV: texts stay texts, and nothing in them computes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: More characters than this no cell of a workbook holds.
LONGEST = 32_767
#: At these a spreadsheet begins to compute.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Workbook:
    """An Excel workbook being written, and the forms its cells share."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format(
            {"bold": True, "bottom": 1, "valign": "top", "text_wrap": True}
        )
        self.text = book.add_format({"text_wrap": True, "valign": "top"})

    def form(self, numbers: str) -> Any:
        """A form for cells that hold days or figures."""
        return self._book.add_format({"num_format": numbers, "valign": "top"})

    def sheet(
        self, name: str, columns: Sequence[tuple[str, int]], rows: int, *, frozen: int = 1
    ) -> Any:
        """A sheet with its headings, to be filtered, and to be printed on wide pages.

        :param columns: heading and width of each.
        :param rows: how many will stand under the headings.
        :param frozen: columns that stay in sight.
        """
        sheet = self._book.add_worksheet(name)
        for n, (heading, width) in enumerate(columns):
            sheet.set_column(n, n, width, self.text)
            sheet.write_string(0, n, heading, self._head)
        sheet.freeze_panes(1, frozen)
        sheet.autofilter(0, 0, max(1, rows), len(columns) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        return sheet


@contextmanager
def workbook(target: Path | BinaryIO, **properties: str) -> Iterator[Workbook]:
    """A workbook to write sheets into; it is whole when the block ends."""
    import xlsxwriter

    options = {
        "in_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    path = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties(properties)
        yield Workbook(book)


def comma_separated(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """As CSV that spreadsheets read in its own letters, and in which nothing computes."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_still(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _still(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
