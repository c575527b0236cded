"""Parts of a mapping where it stands: taken out, put in, given other files, used for other files.

A part is one of the ``sources`` with the comments above it. As in :mod:`kloe.records.editing` the
text is what counts, for a person may have written it: what is not changed stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fnmatch import fnmatch
from itertools import pairwise
from typing import Any

import yaml

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.records.editing import at, flow, span
from kloe.records.extracts.names import Wanted
from kloe.records.mapping import parse_mapping
from kloe.records.mapping_model import SourceMap
from kloe.records.suggesting import Place


@dataclass(frozen=True, slots=True)
class Adopted:
    """An earlier mapping made to fit other files."""

    text: str
    #: Its parts that no file fits, as people know them: left out.
    left_out: tuple[str, ...]


def _sources(text: str) -> tuple[Any, list[Any]]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = at(root, "sources")
    items = found[1].value if found else []
    if found is None or found[1].flow_style or any(item.flow_style for item in items):
        raise InvalidInput(
            _("The sources of the mapping are written on one line."),
            _("Pages change mappings with a line for each key."),
            _("Download the mapping, change it, and upload it again."),
        )
    return root, items


def _starts(lines: Sequence[str], items: Sequence[Any]) -> list[int]:
    """The line where each part begins: its dash, or the comments right above it."""
    found = []
    for item in items:
        line = item.start_mark.line
        while line and lines[line - 1].lstrip().startswith("#"):
            line -= 1
        found.append(line)
    return found


def _cut(text: str) -> tuple[list[str], list[list[str]], list[str]]:
    """The lines before the parts, those of each part, and those after them."""
    root, items = _sources(text)
    lines = text.splitlines()
    starts = _starts(lines, items)
    keys = [key.start_mark.line for key, _value in root.value]
    end = min((k for k in keys if k > items[-1].start_mark.line), default=len(lines))
    bounds = [*starts, end]
    parts = [lines[a:b] for a, b in pairwise(bounds)]
    return lines[: starts[0]], parts, lines[end:]


def _join(before: list[str], parts: Sequence[list[str]], after: list[str]) -> str:
    lines = list(before)
    for n, part in enumerate(parts):
        trimmed = list(part)
        while trimmed and not trimmed[-1].strip():
            trimmed.pop()
        if n and trimmed[0].lstrip().startswith("#"):
            lines.append("")
        lines += trimmed
    while after and not after[0].strip():
        after = after[1:]
    return "\n".join([*lines, *after]) + "\n"


def _dash(part: Sequence[str]) -> int:
    return next(len(p) - len(p.lstrip()) for p in part if p.lstrip().startswith("- "))


def _moved(part: Sequence[str], to: int) -> list[str]:
    """A part with its dash at another column."""
    by = to - _dash(part)
    return [
        (" " * by + p if by > 0 else p[min(-by, len(p) - len(p.lstrip())) :]) if p.strip() else ""
        for p in part
    ]


def take(text: str) -> list[list[str]]:
    """The lines of each part of a mapping."""
    return _cut(text)[1]


def put(text: str, part: Sequence[str], *, number: int | None = None) -> str:
    """A mapping with a part of another in place of one of its own, or after them.

    :param number: which one it replaces, counted from 1; nothing adds it.
    :raises InvalidInput: where there is none of that number.
    """
    before, parts, after = _cut(text)
    fitted = _moved(part, _dash(parts[0]))
    if number is None:
        parts.append(fitted)
    else:
        _check(number, parts)
        parts[number - 1] = fitted
    return _join(before, parts, after)


def drop(text: str, number: int) -> str:
    """A mapping without one of its parts.

    :raises InvalidInput: where there is none of that number, or no other.
    """
    before, parts, after = _cut(text)
    _check(number, parts)
    if len(parts) == 1:
        raise InvalidInput(
            _("This is the only part of the mapping."),
            _("A mapping feeds at least one table."),
            _("Make it another table, or discard the extract."),
        )
    del parts[number - 1]
    return _join(before, parts, after)


def _check(number: int, parts: Sequence[object]) -> None:
    if not 0 < number <= len(parts):
        raise InvalidInput(_("The mapping has no source %(n)d.", n=number))


def with_files(text: str, number: int, place: Place) -> str:
    """A mapping of which one part reads other files or another sheet."""
    _root, items = _sources(text)
    _check(number, items)
    edits = []
    for key, value in (("files", list(place.files)), ("sheet", place.sheet)):
        held = at(items[number - 1], key)
        if held is not None and value is not None:
            edits.append((*span(held), f"{key}: {flow(value)}"))
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    return text


# An earlier mapping for other files


def _fits(source: SourceMap, place: Place) -> bool:
    wanted = Wanted.of(source)
    every = len(wanted.names) + len(wanted.patterns)
    same = (source.sheet is None) == (place.sheet is None)
    return same and wanted.among(place.columns) == every


def _likeness(source: SourceMap, place: Place) -> tuple[bool, int, float]:
    """How well files fit that have every column: the sheet, fewest columns besides, the name."""
    name = max(
        (
            SequenceMatcher(None, a.casefold(), b.casefold()).ratio()
            for a in source.files
            for b in place.files
        ),
        default=0.0,
    )
    return source.sheet == place.sheet, -len(set(place.columns) - set(source.reads)), name


def adopt(earlier: str, places: Sequence[Place], present: str = "") -> Adopted:
    """An earlier mapping, made to read the files there are now by the columns they have.

    Of the mapping there is now, the parts stay whose files none of the earlier ones reads.

    :param present: the mapping of the files as it is now, if there is one.
    :raises InvalidInput: where no part of it fits any of the files.
    """
    sources = parse_mapping(earlier).sources
    text, left_out, gone = earlier, [], []
    taken: set[tuple[tuple[str, ...], str | None]] = set()
    for number, source in enumerate(sources, 1):
        fitting = [p for p in places if _fits(source, p)]
        if not fitting:
            gone.append(number)
            named = ", ".join(source.files)
            left_out.append(f"{named} → {source.table}")
            continue
        best = max(fitting, key=lambda p: _likeness(source, p))
        taken.add((best.files, best.sheet))
        text = with_files(text, number, best)
    if len(gone) == len(sources):
        raise InvalidInput(
            _("None of the files has the columns that mapping reads: %(all)s.",
              all="; ".join(left_out)),
            _("Each part of a mapping needs files with every column it reads."),
            _("Choose another mapping, or go on with the one proposed here."),
        )  # fmt: skip
    for number in reversed(gone):
        text = drop(text, number)
    if present:
        untouched = {f for p in places if (p.files, p.sheet) not in taken for f in p.files}
        for source, part in zip(parse_mapping(present).sources, take(present), strict=True):
            read = any((p.files, p.sheet) in taken for p in places_of(source, places))
            if not read and set(source.files) <= untouched:
                text = put(text, part)
    parse_mapping(text)
    return Adopted(text, tuple(left_out))


def places_of(source: SourceMap, places: Sequence[Place]) -> list[Place]:
    """Which of the files a source reads."""
    return [
        p
        for p in places
        if p.sheet == source.sheet
        and any(fnmatch(file, pattern) for file in p.files for pattern in source.files)
    ]
