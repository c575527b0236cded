"""What a proposal says beside the mapping, as values the database keeps.

The mapping is what counts; this is what was seen of the files, so that a page can show samples,
how sure each column is, what speaks against it and what else could be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kloe.core.digest import value_digest
from kloe.records.suggesting import (
    Alternative,
    File,
    Place,
    Proposal,
    ProposedColumn,
    ProposedSource,
)
from kloe.records.suggesting.values import LeftOut

#: Samples and values kept for each column, and how long each may be.
SAMPLES, VALUES, LONGEST = 4, 60, 80


def as_values(proposal: Proposal, refused: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """A proposal as JSON-able values; ``refused`` names files that could not be read, and why."""
    return {
        "sources": [_source(s) for s in proposal.sources],
        "not_taken": [{"title": n.title, "reason": str(n.reason)} for n in proposal.not_taken],
        "refused": [{"title": name, "reason": why} for name, why in refused],
        "shipped": list(proposal.shipped),
        "places": [
            {"files": list(p.files), "sheet": p.sheet, "columns": list(p.columns)}
            for p in proposal.places
        ],
        "shape": shape_of(proposal.places),
    }


def shape_of(places: Iterable[Place]) -> str:
    """A digest of the columns the files have, whatever the files are called."""
    return value_digest(sorted([p.sheet or "", *p.columns] for p in places))


def places_in(values: Mapping[str, Any]) -> list[Place]:
    """Everything that was looked at, from what is kept of a proposal."""
    return [
        Place(tuple(p["files"]), p["sheet"], tuple(p["columns"])) for p in values.get("places", ())
    ]


def with_part(values: Mapping[str, Any], one: ProposedSource) -> dict[str, Any]:
    """What is kept of a proposal, with a further source that was proposed since."""
    new = _source(one)
    same = ("files", "sheet", "table")
    others = [s for s in values.get("sources", ()) if any(s[k] != new[k] for k in same)]
    return {**values, "sources": [*others, new]}


def _source(one: ProposedSource) -> dict[str, Any]:
    return {
        "files": list(one.files),
        "sheet": one.sheet,
        "table": one.table,
        "sure": one.sure,
        "certainty": one.certainty,
        "reasons": [str(r) for r in one.reasons],
        "tables": _alternatives(one.tables),
        "missing": list(one.missing),
        "columns": {c.name: _column(c) for c in one.columns},
        "theirs": _theirs(one),
    }


def _column(one: ProposedColumn) -> dict[str, Any]:
    return {
        "sources": list(one.sources),
        "certainty": one.certainty,
        "sure": one.sure,
        "reasons": [str(r) for r in one.reasons],
        "alternatives": _alternatives(one.alternatives),
        "values": [c.value for c in one.codes if len(c.value) <= LONGEST][:VALUES],
    }


def _theirs(one: ProposedSource) -> dict[str, Any]:
    """Every column of the files by its name, with samples; in the order found."""
    found: dict[str, Any] = {}
    for column in one.columns:
        for name in column.sources:
            samples = column.samples if len(column.sources) == 1 else ()
            found.setdefault(name, {"samples": _samples(samples), "also": _also(column)})
    for left in one.left_out:
        samples = () if left.personal else left.samples
        found[left.name] = {
            "samples": _samples(samples),
            "also": _also(left),
            "personal": left.personal or "",
            "reason": str(left.reason),
        }
    return found


def _also(one: ProposedColumn | LeftOut) -> list[str]:
    return [_short(h) for h in one.headings[1:] if h]


def _samples(given: Iterable[str]) -> list[str]:
    return [_short(s) for s in list(given)[:SAMPLES]]


def _alternatives(found: Iterable[Alternative]) -> list[str]:
    return [a.name for a in found]


def _short(text: str) -> str:
    text = " ".join(str(text).replace("\x00", " ").split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def files_given(named: Iterable[Mapping[str, Any]], folder: Any) -> list[File]:
    """The files of a draft as a proposal takes them."""
    return [File(str(f["name"]), folder / str(f["name"])) for f in named]
