"""Whether what stands in a column can be what one of ours holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kloe.records.layouts import Column, Layout, Type
from kloe.records.suggesting import codes
from kloe.records.suggesting.content import Profile

#: Below this the content speaks against the pair.
AGAINST = 0.15
_UPRN = re.compile(r"\d{6,12}")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well content fits a column: 0 speaks against it, 0.5 says nothing, 1 proves it."""

    score: float
    telling: bool = False  # the content alone points to this column
    codes: codes.CodeList | None = None
    overlap: float | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """Key columns found in the files given together: the values of each, by table."""

    values: Mapping[str, tuple[frozenset[str], bool]] = field(default_factory=dict)

    def overlap(self, profile: Profile, table: str) -> float | None:
        """Share of a column's values that a key column holds; ``None`` where none is known.

        Where only part of the key was read, half of the values found counts as all of them.
        """
        known = self.values.get(table)
        if known is None or profile.distinct < 2:
            return None
        values, sampled = known
        share = sum(v in values for v in profile.counts) / profile.distinct
        return min(1.0, share * 2) if sampled else share


def fit(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    """How well the content of a column of an extract fits a column of a table."""
    if profile.empty:
        return Fit(0.3 if column.required else 0.5)
    found = _BY_TYPE[column.type](layout, column, profile, keys)
    if column.required and profile.rows >= 5 and profile.share_filled < 0.9:
        found = Fit(found.score * 0.4, False, found.codes, found.overlap)
    return found


def _dates(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    if profile.dates is None or profile.dates.share < 0.8:
        return Fit(0.0)
    if profile.dates.forms == ("%Y%m%d",) and profile.distinct < 3:
        return Fit(0.5)
    timed = profile.dates.timed == (column.type is Type.DATETIME)
    return Fit((0.85 if timed else 0.78) * (1.0 if profile.dates.share > 0.97 else 0.8))


def _numeric(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    numbers = profile.numbers
    year = "year" in column.name
    if column.type is Type.INTEGER and year and profile.dates and profile.dates.share > 0.9:
        return Fit(0.6)
    if numbers is None or numbers.share < 0.9:
        return Fit(0.0)
    if profile.truth is not None and profile.distinct == 2 and column.type is not Type.INTEGER:
        return Fit(0.2)
    if column.type is Type.MONEY:
        if numbers.currency or (numbers.decimals == 2 and not numbers.whole):
            return Fit(0.85)
        if numbers.decimals > 2:
            return Fit(0.3)
        return Fit(0.65 if numbers.most < 10_000_000 else 0.2)
    if column.type is Type.DECIMAL:
        return Fit(0.75)
    if not numbers.whole or numbers.currency:
        return Fit(0.05)
    if year:
        plausible = numbers.least >= 1700 and numbers.most <= 2100
        age = column.name == "birth_year" and numbers.least >= 0 and numbers.most <= 120
        return Fit(0.85 if plausible else 0.55 if age else 0.05)
    if numbers.most >= 1800 and numbers.least >= 1800 and numbers.most <= 2100:
        return Fit(0.3)
    return Fit(0.75 if numbers.least >= 0 and numbers.most < 1_000_000 else 0.25)


def _boolean(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    if profile.truth is None:
        return Fit(0.0)
    return Fit(0.85 if profile.distinct == 2 else 0.7)


def _code(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    if profile.distinct > max(40, 4 * len(column.codes)) or profile.longest > 80:
        return Fit(0.05)
    if profile.dates is not None and profile.dates.share > 0.8:
        return Fit(0.0)
    found = codes.match(column, {**profile.counts, **_called_so(column, profile)})
    if profile.numbers and profile.numbers.share > 0.9 and not profile.numbers.whole:
        return Fit(0.0)
    if found.share >= 0.85 and found.variety >= min(2, len(column.codes)):
        telling = found.variety >= 3 and found.quality >= 0.9
        return Fit(0.6 + 0.35 * found.quality, telling, found)
    if found.share >= 0.5:
        return Fit(0.6, False, found)
    if profile.truth is not None:
        return Fit(0.25, False, found)
    numeric = profile.numbers is not None and profile.numbers.share > 0.9
    few = profile.distinct <= 2 * len(column.codes) + 6
    return Fit((0.5 if numeric else 0.45) if few else 0.2, False, found)


def _called_so(column: Column, profile: Profile) -> dict[str, int]:
    """Texts as “None” that usually stand for an empty cell, where one of our codes is called so."""
    if not profile.nothing:
        return {}
    found = codes.match(column, profile.nothing)
    return {m.value: profile.nothing[m.value] for m in found.matches if m.certainty == 1.0}


def _codes(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    split: dict[str, int] = {}
    for value, n in profile.counts.items():
        for part in re.split(r"[;,|/]", value):
            if part.strip():
                split[part.strip()] = split.get(part.strip(), 0) + n
    if len(split) > 4 * len(column.codes):
        return Fit(0.05)
    found = codes.match(column, split)
    return Fit(0.4 + 0.5 * found.share * found.quality, False, found)


def _ref(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    dates = profile.dates
    if dates is not None and dates.share > 0.9 and dates.forms != ("%Y%m%d",):
        return Fit(0.0)
    numbers = profile.numbers
    if numbers is not None and numbers.share > 0.9 and (not numbers.whole or numbers.currency):
        return Fit(0.0)
    if profile.personal in ("e-mail", "telephone", "postcode", "address"):
        return Fit(0.05)
    if profile.longest > 60:
        return Fit(0.1)
    own = layout.key == (column.name,)
    known = column.of or _table_of(layout, column)
    if known is not None and not own:
        overlap = keys.overlap(profile, known)
        if overlap is not None and overlap >= 0.9 and profile.distinct >= 5:
            return Fit(0.97, True, overlap=overlap)
        if overlap is not None and overlap < 0.3 and profile.distinct >= 5:
            return Fit(0.2, overlap=overlap)
        for table in keys.values:
            other = keys.overlap(profile, table)
            if table != known and other is not None and other > 0.9 and profile.distinct >= 5:
                return Fit(0.2, overlap=overlap)
    if own:
        if profile.unique:
            return Fit(0.85)
        return Fit(0.6 if profile.distinct >= 0.97 * profile.filled else 0.1)
    if profile.truth is not None and profile.rows >= 5:
        return Fit(0.2)
    if profile.distinct <= 3 and profile.rows >= 50:
        return Fit(0.4)
    spaced = sum(" " in v.strip() for v in profile.samples)
    return Fit(0.65 if spaced <= len(profile.samples) / 2 else 0.4)


def _table_of(layout: Layout, column: Column) -> str | None:
    """The table a reference points to although its layout leaves it open."""
    return "property" if column.name == "asset_ref" else None


def _text(layout: Layout, column: Column, profile: Profile, keys: Keys) -> Fit:
    if column.name == "postcode":
        return Fit(0.95, True) if profile.personal == "postcode" else Fit(0.05)
    if column.name == "uprn":
        good = sum(bool(_UPRN.fullmatch(v)) for v in profile.samples)
        return Fit(0.85 if good == len(profile.samples) else 0.05)
    if profile.dates is not None and profile.dates.share > 0.9:
        return Fit(0.1)
    if profile.personal is not None and not column.personal:
        return Fit(0.3)
    if profile.truth is not None and profile.rows >= 5:
        return Fit(0.2)
    if profile.numbers is not None and profile.numbers.share > 0.95:
        return Fit(0.3 if not column.personal else 0.6)
    return Fit(0.65)


_BY_TYPE = {
    Type.REF: _ref,
    Type.TEXT: _text,
    Type.CODE: _code,
    Type.CODES: _codes,
    Type.INTEGER: _numeric,
    Type.MONEY: _numeric,
    Type.DECIMAL: _numeric,
    Type.DATE: _dates,
    Type.DATETIME: _dates,
    Type.BOOLEAN: _boolean,
}
