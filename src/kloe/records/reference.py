"""The layouts as a page: ``python -m kloe.records.reference`` writes docs/reference/layouts.md.

A test compares the page with the layouts and the measures. Which measures read a table or column
is found in their SQL as text: every table in it has an alias, and every column is qualified by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from kloe.core.pages import write_pages
from kloe.records.layouts import GROUPS, Column, Layout, Type, layouts

MEASURES = Path(__file__).resolve().parent.parent / "content" / "measures"
#: So many measures are named in the row of a column; of more, their number.
NAMED = 5
_FROM = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\s+AS\s+([a-z_0-9]+)")
_READ = re.compile(r"\b([a-z_0-9]+)\.([a-z_0-9]+)\b")
_COMMENT = re.compile(r"--[^\n]*")
#: By table and column: the measures that read it.
Needed = Mapping[tuple[str, str], tuple[str, ...]]

INTRODUCTION = """\
# Layouts of records

Written from the layouts by `python -m kloe.records.reference`; do not edit.

Every table that records are brought into. A [mapping](../how-to/load-records.md) says which column
of whose file becomes which column here. A **key** is never empty and stands once; **required**
columns are never empty; **personal** ones tell about a person and can be left out or pseudonymised
when records are loaded. Where a column points to another table, rows that point nowhere are counted
and said, not refused. Every table has also `landlord`, `source_file` and `source_row`: where each
row came from.

| type | what it holds |
|---|---|
| ref | a reference: text |
| text | text |
| code | one of the codes listed |
| codes | several of them, with `;` between |
| integer | a whole number |
| money | pounds and pence |
| decimal | a number with up to six decimals |
| date | a day |
| datetime | a day and time, as clocks showed it |
| boolean | yes or no |

The last column names the measures that read a column, or says how many where they are more than
five: without it they cannot be computed.
"""
TITLES = {
    "core": "Homes, tenancies, rents, lettings and repairs",
    "casework": "Casework",
    "voice": "Residents' voice",
    "corporate": "Staff, money and standards",
    "application": "What the application itself holds",
}


def needed_by(folder: Path = MEASURES) -> dict[tuple[str, str], tuple[str, ...]]:
    """By table and column: the measures whose SQL reads it."""
    known = layouts()
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(folder.glob("*/*/measure.sql")):
        sql = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        aliases: dict[str, set[str]] = {}
        for table, alias in _FROM.findall(sql):
            if table in known:
                aliases.setdefault(alias, set()).add(table)
        read = {
            (table, column)
            for alias, column in _READ.findall(sql)
            for table in aliases.get(alias, ())
            if column in known[table].by_name
        }
        name = f"{path.parent.parent.name}/{path.parent.name}"
        for one in sorted(read):
            found.setdefault(one, []).append(name)
    return {one: tuple(measures) for one, measures in found.items()}


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def _marks(layout: Layout, column: Column) -> str:
    marks = []
    if column.name in layout.key:
        marks.append("key")
    elif column.required:
        marks.append("required")
    if column.personal:
        marks.append("personal")
    return ", ".join(marks)


def _about(column: Column) -> str:
    words = str(column.about)
    if column.of:
        words += f" Points to [{column.of}](#{column.of})."
    if column.type in (Type.CODE, Type.CODES):
        words += " " + ", ".join(f"`{code}` {text}" for code, text in column.codes.items()) + "."
    return _cell(words)


def _table(layout: Layout, needed: Needed) -> Iterator[str]:
    yield f"### {layout.table}"
    yield ""
    yield f"**{layout.title}.** {layout.about}"
    yield ""
    yield "| column | type | | what it is | seen as | measures |"
    yield "|---|---|---|---|---|---|"
    for column in layout.columns:
        seen = ", ".join(f"`{_cell(name)}`" for name in column.seen_as)
        measures = needed.get((layout.table, column.name), ())
        names = ", ".join(f"`{m}`" for m in measures) if len(measures) <= NAMED else len(measures)
        yield (
            f"| `{column.name}` | {column.type.value} | {_marks(layout, column)} |"
            f" {_about(column)} | {seen} | {names} |"
        )
    yield ""
    for rule in layout.rules:
        found = ", ".join(f"`{m}`" for m in rule.found_by)
        kept = f"Rows that break it are kept and marked, and counted by {found}."
        yield f"- {rule.words}" + (f" {kept}" if rule.found_by else "")
    if layout.rules:
        yield ""
    every = sorted(
        {m for (table, _c), some in needed.items() if table == layout.table for m in some}
    )
    if every:
        yield "Read by: " + ", ".join(f"`{m}`" for m in every) + "."
    else:
        yield "No measure reads it."
    yield ""


def markdown() -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    found, needed = layouts(), needed_by()
    for group in GROUPS:
        here = [one for one in found.values() if one.group == group]
        if not here:
            continue
        lines += [f"## {TITLES[group]}", ""]
        for layout in here:
            lines += _table(layout, needed)
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[str, str]:
    """The page by its path below docs/reference."""
    return {"layouts.md": markdown()}


if __name__ == "__main__":
    write_pages("kloe.records.reference", pages)
