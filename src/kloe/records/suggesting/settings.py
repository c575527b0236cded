"""How the values of a column are written, as the mapping file says it, and what is unsure of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from kloe.core.messages import Message, _
from kloe.records.layouts import Column, Layout, Type
from kloe.records.suggesting.content import Numbers, Profile
from kloe.records.suggesting.fitting import Fit
from kloe.records.suggesting.names import flat, tokens
from kloe.records.suggesting.sniffing import Extract

_NEGATIVE = {"trailing": "trailing", "brackets": "brackets", "crdr": "suffix"}
#: Codes of a transaction's kind that lower what is owed, and those that raise it.
_CREDITS = frozenset({"payment", "hb", "uc_apa", "write_off"})
_CHARGES = frozenset({"charge"})
_OWING = frozenset({"arrears", "owed", "owing", "debt", "outstanding"})

#: Truth values a load knows without being told.
KNOWN = frozenset({"y", "yes", "true", "t", "1", "n", "no", "false", "f", "0"})

Found = tuple[dict[str, Any], list[Message]]


def settings_of(layout: Layout, column: Column, extract: Extract, i: int, found: Fit) -> Found:
    """The settings of one column, and reasons for a person to look."""
    seen = extract.profiles[i]
    if seen.empty:
        return {}, [_("The column is empty in the rows that were read.")]
    made, reasons = _settings(column, extract, seen, found)
    coded = {m.value for m in found.codes.matches} if found.codes is not None else set()
    nothing = sorted(set(seen.nothing) - coded)
    if nothing:
        made["empty"] = nothing
    names = [h.name for h in extract.headings]
    if names.count(names[i]) > 1:
        reasons.append(_("More than one column has this name."))
    return made, reasons


def _settings(column: Column, extract: Extract, seen: Profile, found: Fit) -> Found:
    if column.type in (Type.DATE, Type.DATETIME):
        return _dates(extract, seen)
    if column.type in (Type.CODE, Type.CODES):
        return _codes(column, seen, found)
    if column.type is Type.BOOLEAN:
        return _boolean(seen)
    dated = seen.dates is not None and seen.dates.share > 0.9
    if column.type is Type.INTEGER and "year" in column.name and dated:
        made, reasons = _dates(extract, seen)
        return {**made, "part": "year"}, reasons
    if column.type in (Type.INTEGER, Type.MONEY, Type.DECIMAL):
        return _numbers(column, seen)
    return {}, []


def _dates(extract: Extract, seen: Profile) -> Found:
    dates = seen.dates
    if dates is None:
        return {}, [_("Not all values are dates.")]
    reasons = []
    forms = dates.forms
    if not dates.sure:
        others = [
            p.dates
            for p in extract.profiles
            if p.dates is not None and p.dates.sure and p.dates.share > 0.9 and not p.dates.plain
        ]
        starts = {o.forms[0][:2] for o in others}
        if starts == {"%m"} and dates.others:
            forms = dates.others
        elif starts != {"%d"}:
            reasons.append(
                _("Day and month could change places: no value has a day above the twelfth.")
            )
    if dates.share < 0.97:
        reasons.append(_("Not all values are dates."))
    if dates.plain:
        return {}, reasons
    return {"dates": list(forms) if len(forms) > 1 else forms[0]}, reasons


def _codes(column: Column, seen: Profile, found: Fit) -> Found:
    if found.codes is None:
        return {}, [_("The values were not set beside the codes.")]
    made: dict[str, Any] = {}
    listed = {m.value: m.code for m in found.codes.matches if m.code is not None}
    if any(value != code for value, code in listed.items()):
        made["codes"] = listed
    reasons = []
    unknown = [m.value for m in found.codes.matches if m.code is None]
    if unknown:
        reasons.append(_("No code is known for: %(values)s.", values=", ".join(unknown[:12])))
    doubtful = [m.value for m in found.codes.matches if m.code is not None and not m.sure]
    if doubtful:
        reasons.append(_("The code was guessed for: %(values)s.", values=", ".join(doubtful[:12])))
    if column.type is Type.CODES:
        for mark in (",", "|", "/"):
            if any(mark in v for v in seen.counts) and not any(";" in v for v in seen.counts):
                made["separator"] = mark
                break
    return made, reasons


def _boolean(seen: Profile) -> Found:
    truth = seen.truth or {}
    made: dict[str, Any] = {}
    yes = [v for v, t in truth.items() if t]
    no = [v for v, t in truth.items() if not t]
    if {v.lower() for v in truth} - KNOWN:
        if yes:
            made["yes"] = sorted(yes)
        if no:
            made["no"] = sorted(no)
    return made, []


def _numbers(column: Column, seen: Profile) -> Found:
    numbers = seen.numbers
    if numbers is None:
        return {}, [_("Not all values are numbers.")]
    made: dict[str, Any] = {}
    reasons = []
    if numbers.thousands or numbers.decimal != ".":
        made["numbers"] = {"decimal": numbers.decimal, "thousands": numbers.thousands}
        if not numbers.sure:
            reasons.append(_("The mark in the numbers could be for thousands or decimals."))
    if numbers.negative in _NEGATIVE:
        made["negative"] = _NEGATIVE[numbers.negative]
    if numbers.share < 0.97:
        reasons.append(_("Not all values are numbers."))
    if column.name == "birth_year" and numbers.most <= 120:
        reasons.append(_("This is an age: say with “age_at” on the day of which column."))
    return made, reasons


# The sign of amounts


def sign(
    layout: Layout, column: Column, extract: Extract, i: int, mapped: Mapping[str, int],
    kinds: Mapping[str, str],
) -> Found:  # fmt: skip
    """Whether a charge is above zero, as ours has it.

    :param mapped: columns of the extract by ours.
    :param kinds: our code of the kind of transaction by theirs.
    """
    numbers = extract.profiles[i].numbers
    if numbers is None or numbers.negative == "crdr":
        return {}, []
    if (layout.table, column.name) == ("rent_account", "balance"):
        words = set(tokens(extract.headings[i].name))
        if words & _OWING and numbers.most > 0 and -numbers.least < numbers.most:
            return {}, []
        return {}, [_("A debt has to be above zero; “sign: reverse” turns it round.")]
    if (layout.table, column.name) != ("rent_transaction", "amount"):
        return {}, []
    if "kind" not in mapped:
        return {}, [_("A charge has to be above zero; “sign: reverse” turns it round.")]
    credits = {True: 0, False: 0}
    charges = {True: 0, False: 0}
    for row in extract.rows[:4_000]:
        code = kinds.get(row[mapped["kind"]]) or flat(row[mapped["kind"]])
        amount = number(row[i], numbers)
        if amount is None or amount == 0:
            continue
        if code in _CREDITS:
            credits[amount > 0] += 1
        elif code in _CHARGES:
            charges[amount > 0] += 1
    if credits[False] > 20 * credits[True] and charges[True] >= 20 * charges[False]:
        return {}, []
    if charges[False] > 20 * charges[True] and credits[True] >= 20 * credits[False]:
        return {"sign": "reverse"}, []
    return {}, [
        _("Charges have to be above zero and payments below it; these are not so.")
    ]  # fmt: skip


def number(text: str, numbers: Numbers) -> Decimal | None:
    """The number a cell holds, as it is written in its column."""
    body = text.strip().replace("£", "").replace("€", "").strip()
    negative = False
    upper = body.upper()
    if upper.endswith(("CR", "DR")):
        negative, body = upper.endswith("CR"), body[:-2].strip()
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1]
    if body.endswith("-"):
        negative, body = True, body[:-1]
    if numbers.thousands:
        body = body.replace(numbers.thousands, "")
    try:
        value = Decimal(body.replace(numbers.decimal, ".").strip())
    except InvalidOperation:
        return None
    return -value if negative else value
