"""Workbooks: sheet by sheet, a row on each line. Formulas give the values that were saved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kloe.assessment.documents.outcome import Page, Reason, Unreadable
from kloe.assessment.documents.tidy import LONGEST_PAGE, clean


def read(path: Path) -> Iterator[Page]:
    """Parts of each sheet, labelled with its name and rows."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError:
        raise Unreadable(Reason.ENCRYPTED) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        raise Unreadable(Reason.ENCRYPTED if locked else Reason.CORRUPT) from None
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
        except (python_calamine.CalamineError, OSError, ValueError):
            # A sheet that is a chart, or broken: the others may be whole.
            continue
        yield from _sheet(clean(name)[:60], rows)


def _sheet(name: str, rows: list[list[Any]]) -> Iterator[Page]:
    held: list[str] = []
    first = last = size = 0
    for number, row in enumerate(rows, 1):
        cells = [t for cell in row if (t := _said(cell))]
        if not cells:
            continue
        line = " · ".join(cells)[:LONGEST_PAGE]
        if held and size + len(line) > LONGEST_PAGE:
            yield Page("\n".join(held), _label(name, first, last))
            held, size = [], 0
        if not held:
            first = number
        held.append(line)
        last, size = number, size + len(line) + 1
    if held:
        yield Page("\n".join(held), _label(name, first, last))


def _label(name: str, first: int, last: int) -> str:
    return f"{name} {first}–{last}" if first != last else f"{name} {first}"


def _said(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.10g}"
    if isinstance(cell, datetime):
        whole = cell.time() == time()
        return f"{cell:%Y-%m-%d}" if whole else cell.isoformat(" ", timespec="minutes")
    if isinstance(cell, date | time | timedelta | int):
        return str(cell)
    return clean(str(cell)) if cell is not None else ""
