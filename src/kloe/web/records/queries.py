"""Reading what is loaded, how it came there, and what is on its way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.records.layouts import GROUPS, Layout, layouts
from kloe.records.store import RecordSet, Table
from kloe.records.versions import Shelf
from kloe.web.assessments.models import Assessment
from kloe.web.organisations.models import Organisation
from kloe.web.records.models import RecordDraft

GROUP_NAMES: Mapping[str, object] = {
    "core": _("Homes, people and rents"),
    "casework": _("Casework"),
    "voice": _("Voice of tenants"),
    "corporate": _("The organisation itself"),
    "application": _("Applications for a home"),
}


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A table as the overview shows it."""

    table: Table
    layout: Layout

    @property
    def given(self) -> int:
        """Columns the extract had, with at least one value."""
        return sum(c.given and c.values > 0 for c in self.table.columns.values())

    @property
    def lacking(self) -> list[str]:
        """Columns of the layout the extract did not have, or had without any value."""
        held = self.table.columns
        return [
            c.name
            for c in self.layout.columns
            if c.name not in held or not held[c.name].given or not held[c.name].values
        ]

    @property
    def files(self) -> list[str]:
        """Where its rows came from."""
        named = (s.get("file", "") for s in self.table.sources if isinstance(s, Mapping))
        return [name for name in dict.fromkeys(named) if name]


def loaded_tables(records: RecordSet) -> list[LoadedTable]:
    """The tables of a set in the order of the layouts' groups, then by title."""
    known = layouts()
    found = [LoadedTable(t, known[name]) for name, t in records.tables.items() if name in known]
    return sorted(found, key=lambda t: (GROUPS.index(t.layout.group), str(t.layout.title)))


@dataclass(frozen=True, slots=True)
class Grouped:
    """Layouts of one group, under its name."""

    name: str
    layouts: Sequence[Layout]


def layouts_by_group() -> list[Grouped]:
    """Every layout, by group, those that most measures read first."""
    found = sorted(layouts().values(), key=lambda one: str(one.title))
    return [
        Grouped(str(GROUP_NAMES.get(group, group)), [o for o in found if o.group == group])
        for group in GROUPS
    ]


def layout_of(name: str) -> Layout:
    """One layout.

    :raises NotFound: where there is none of that name.
    """
    found = layouts().get(name)
    if found is None:
        raise NotFound(
            _("There is no table “%(table)s”.", table=name[:80]),
            "",
            _("Go back to the list of layouts."),
        )
    return found


# History


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history: a load, or one undone."""

    event: str
    at: datetime
    by: str
    version: str
    state: str
    rows: int
    rejects: int
    tables: Sequence[str]
    files: Sequence[str]
    as_at: str


def history(shelf: Shelf) -> list[Entry]:
    """What was loaded and undone, newest first."""
    current, kept = shelf.current_id, set(shelf.kept())
    found = []
    for raw in reversed(shelf.history()):
        version = raw["version"] if raw["event"] == "load" else raw["undone"]
        state = ""
        if raw["event"] == "load":
            state = "current" if version == current else "kept" if version in kept else "gone"
        found.append(_entry(raw, version, state))
    return found


def _entry(raw: Mapping[str, Any], version: str, state: str) -> Entry:
    tables = raw.get("tables", {})
    named = layouts()
    return Entry(
        event=str(raw["event"]),
        at=datetime.fromisoformat(str(raw["at"])),
        by=str(raw["by"]),
        version=str(version),
        state=state,
        rows=sum(int(t["rows"]) for t in tables.values()),
        rejects=sum(int(t["rejects"]) for t in tables.values()),
        tables=[str(named[t].title) if t in named else t for t in tables],
        files=list(dict.fromkeys(f["file"] for f in raw.get("files", ()))),
        as_at=str(raw.get("as_at", "")),
    )


# Drafts


def open_drafts(organisation: Organisation) -> QuerySet[RecordDraft]:
    """Extracts that wait to be loaded, newest first."""
    return RecordDraft.objects.filter(
        organisation=organisation, state=RecordDraft.State.OPEN
    ).select_related("by", "job")


def draft_of(organisation: Organisation, pk: UUID) -> RecordDraft:
    """One extract on its way in, or loaded.

    :raises NotFound: where the organisation has none, or it was discarded.
    """
    found = (
        RecordDraft.objects.select_related("by", "job")
        .filter(organisation=organisation, pk=pk)
        .exclude(state=RecordDraft.State.DISCARDED)
        .first()
    )
    if found is None:
        raise NotFound(
            _("There is no such extract here; it may have been discarded."),
            "",
            _("Go back to the records, and bring the files in anew."),
        )
    return found


#: Earlier mappings that can be chosen from.
EARLIER = 30


def earlier_mappings(draft: RecordDraft) -> list[RecordDraft]:
    """Extracts of the organisation that were loaded, with their mappings, newest first."""
    return list(
        RecordDraft.objects.filter(
            organisation=draft.organisation_id, state=RecordDraft.State.LOADED
        )
        .exclude(mapping="")
        .exclude(pk=draft.pk)
        .order_by("-created_at")[:EARLIER]
    )


def like_it(draft: RecordDraft, earlier: Sequence[RecordDraft]) -> RecordDraft | None:
    """The extract loaded last whose files had the same columns."""
    shape = draft.proposal.get("shape")
    return next((e for e in earlier if shape and e.loaded.get("shape") == shape), None)


def assessments_of(organisation: Organisation) -> QuerySet[Assessment]:
    """Assessments whose indicators the records speak to, newest first."""
    return Assessment.objects.filter(organisation=organisation).order_by("-period_end", "title")


def before(shelf: Shelf) -> Entry | None:
    """The load that would be in use again after undoing the last, if there is one."""
    current = shelf.current_id
    loads = {e["version"]: e for e in shelf.history() if e["event"] == "load"}
    previous = loads.get(current, {}).get("previous") if current else None
    return _entry(loads[previous], str(previous), "kept") if previous in loads else None


def titles() -> dict[str, str]:
    """What tables are called on pages."""
    return {name: str(one.title) for name, one in layouts().items()}
