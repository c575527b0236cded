"""A mapping as pages show it: what stands in the YAML, beside what was seen of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kloe.records.layouts import Column, Layout, layouts
from kloe.records.mapping import ColumnMap, RecordMapping, SourceMap


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """One of our columns: where it comes from, and how sure that is."""

    column: Column
    map: ColumnMap
    unsure: bool
    seen: Mapping[str, Any]
    theirs: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Where its values come from, in words."""
        one = self.map
        if one.leave_out:
            return _("not taken over")
        if one.constant is not None:
            return _("always “%(value)s”") % {"value": one.constant}
        if one.flags:
            return ", ".join(one.flags)
        words = f" {one.join} ".join(one.sources)
        return f"{words} − {one.less}" if one.less else words

    @property
    def samples(self) -> list[str]:
        """Some values of it in the files."""
        if len(self.map.sources) != 1:
            return []
        return list(self.theirs.get(self.map.sources[0], {}).get("samples", ()))

    @property
    def as_proposed(self) -> bool:
        """Whether it still comes from where it was proposed."""
        return bool(self.seen) and list(self.map.sources) == list(self.seen.get("sources", ()))

    @property
    def certainty(self) -> int | None:
        """How sure the proposal was, of a hundred; nothing where somebody changed it."""
        return round(100 * self.seen["certainty"]) if self.as_proposed else None

    @property
    def reasons(self) -> list[str]:
        """What speaks against the proposal."""
        return list(self.seen.get("reasons", ())) if self.unsure and self.as_proposed else []

    @property
    def alternatives(self) -> list[str]:
        """Other columns of the files that could be meant."""
        return list(self.seen.get("alternatives", ())) if self.unsure else []

    @property
    def how(self) -> list[str]:
        """How values are read, where that is not plain."""
        one, found = self.map, []
        if one.dates:
            found.append(_("days as %(form)s") % {"form": _(", or ").join(one.dates)})
        if one.every:
            found.append(_("counted days"))
        if one.part:
            found.append(_("the year of it"))
        if one.age_at:
            found.append(_("from an age"))
        if one.sign == "reverse":
            found.append(_("sign reversed"))
        if one.negative != "minus":
            found.append(_("amounts below zero marked otherwise"))
        if one.divide != 1:
            found.append(_("divided by %(n)d") % {"n": one.divide})
        if one.pseudonymise:
            found.append(_("replaced by a pseudonym"))
        if one.empty:
            found.append(_("empty: %(values)s") % {"values": ", ".join(one.empty)})
        return found

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Their codes with ours; those without stand with nothing."""
        found = {**dict.fromkeys(self.seen.get("values", ()), ""), **self.map.codes}
        return list(found.items())

    @property
    def unknown(self) -> list[str]:
        """Codes seen that have none of ours yet; a row with one is rejected."""
        if self.map.otherwise != "reject" or not self.as_proposed:
            return []
        known = {*self.map.codes, *self.map.empty, *self.column.codes}
        return [v for v in self.seen.get("values", ()) if v not in known]


@dataclass(frozen=True, slots=True)
class ShownSource:
    """Files and the table they feed."""

    number: int
    source: SourceMap
    layout: Layout
    columns: tuple[ShownColumn, ...]
    seen: Mapping[str, Any]

    @property
    def unsure(self) -> list[ShownColumn]:
        """Columns somebody has to look at."""
        return [c for c in self.columns if c.unsure]

    @property
    def sure(self) -> list[ShownColumn]:
        """The others."""
        return [c for c in self.columns if not c.unsure]

    @property
    def title(self) -> str:
        """The files, and the sheet where there are several."""
        named = ", ".join(self.source.files[:3]) + (" …" if len(self.source.files) > 3 else "")
        return f"{named} ({self.source.sheet})" if self.source.sheet else named

    @property
    def table_unsure(self) -> bool:
        """Whether the table itself is a guess."""
        return bool(self.seen) and not self.seen.get("sure") and not self.source.confirmed

    @property
    def lacking(self) -> list[Column]:
        """Columns of the layout that nothing feeds."""
        taken = {c.column.name for c in self.columns if not c.map.leave_out}
        return [c for c in self.layout.columns if c.name not in taken]

    @property
    def unused(self) -> list[str]:
        """Columns of the files that feed nothing."""
        used = set(self.source.reads)
        return [name for name in self.seen.get("theirs", {}) if name not in used]


def shown(mapping: RecordMapping, proposal: Mapping[str, Any]) -> list[ShownSource]:
    """Every source of a mapping with what was seen of its files, most unsure first."""
    found = [
        _shown(number, source, _seen(source, proposal))
        for number, source in enumerate(mapping.sources, 1)
    ]
    return sorted(found, key=lambda s: (not s.table_unsure, not s.unsure, s.number))


def _seen(source: SourceMap, proposal: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the proposal says of the files of a source."""
    same = [
        one
        for one in proposal.get("sources", ())
        if set(one["files"]) & set(source.files) and one.get("sheet") == source.sheet
    ]
    exact = [one for one in same if one["table"] == source.table]
    if exact:
        return exact[0]
    return {**same[0], "columns": {}, "sure": True} if same else {}


def _shown(number: int, source: SourceMap, seen: Mapping[str, Any]) -> ShownSource:
    layout = layouts()[source.table]
    said = seen.get("columns", {})
    unsure = () if source.confirmed else source.unsure
    columns = tuple(
        ShownColumn(
            layout.column(name), one, name in unsure, said.get(name, {}), seen.get("theirs", {})
        )
        for name, one in source.columns.items()
    )
    return ShownSource(number, source, layout, columns, seen)
