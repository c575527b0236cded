"""Which financial year a workbook speaks for."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.measures.headers import plain
from kloe.measures.xlsx import Sheet

_PERIOD = re.compile(r"1 April (20\d\d) to 31 March (20\d\d)", re.I)
_YEARS = re.compile(r"\b(20\d\d)\s?[/-]\s?(?:20)?(\d\d)\b")
_CLOSING = re.compile(r"(?:\bTSM[_ ]?|Tenant Satisfaction Measures )(?:20)?(\d\d)(?!\d)", re.I)
_FILE_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def closing_year(path: Path, sheets: list[Sheet], given: str | None) -> int:
    """The year in which the financial year ends: 2025 for 2024-25.

    What is ``given`` counts; else a sentence that states the period, else the sheets' names,
    else any financial year named, else a year in the file's name.

    :raises InvalidInput: where none of these says it.
    """
    if given:
        found = re.fullmatch(r"(20\d\d)(?:[/-](?:20)?(\d\d))?", given.strip())
        if not found or (found[2] and (int(found[1]) + 1) % 100 != int(found[2])):
            raise InvalidInput(
                _("The year is given as %(year)s.", year=given),
                _("A financial year is written 2024-25."),
                _("Give the year the results speak for with --year."),
            )
        return int(found[1]) + 1
    words = [
        plain(cell) for sheet in sheets for row in sheet.rows[:20] for cell in row if cell != ""
    ]
    for text in words:
        if (years := _PERIOD.search(text)) and int(years[2]) == int(years[1]) + 1:
            return int(years[2])
    names = [sheet.name for sheet in sheets]
    for pattern, texts in ((_CLOSING, names), (_CLOSING, words), (_CLOSING, [path.name])):
        named = Counter(2000 + int(m[1]) for text in texts for m in pattern.finditer(text))
        if named:
            return named.most_common(1)[0][0]
    for text in [*words, path.name]:
        if (span := _YEARS.search(text)) and (int(span[1]) + 1) % 100 == int(span[2]):
            return int(span[1]) + 1
    if year := _FILE_YEAR.search(path.name):
        return int(year[1])
    raise InvalidInput(
        _("The workbook %(name)s does not say which year it speaks for.", name=path.name),
        _(
            "A sentence such as “1 April 2024 to 31 March 2025” or a sheet named TSM25_ is looked"
            " for."
        ),
        _("Give the year with --year 2024-25."),
    )
