"""The columns of one proposal: which is sure and why not, what else it could be, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kloe.core.messages import Message, _
from kloe.records.layouts import Column, Type
from kloe.records.suggesting.codes import CodeMatch
from kloe.records.suggesting.names import tokens
from kloe.records.suggesting.personal import personal
from kloe.records.suggesting.scoring import LEAST, Grid
from kloe.records.suggesting.settings import number, settings_of, sign
from kloe.records.suggesting.sniffing import Extract
from kloe.records.suggesting.values import Alternative, LeftOut, ProposedColumn, Wide

#: How much better than the next a pair has to be, by how well it is named.
MARGIN = 0.12
MARGIN_NAMED = 0.06
#: How like a name has to be: alone, and where the content points to the column as well.
NAMED = 0.8
NAMED_AND_TOLD = 0.55
#: From here another column is worth mentioning.
MENTIONED = 0.35
#: How far a pair counts as a rival when its column is better placed elsewhere.
PLACED = 0.75
#: With fewer values than this the content says little.
FEW = 5
_ADMIN = frozenset(
    {"user", "updated", "modified", "inserted", "version", "rowversion", "batch", "source",
     "extract", "run", "system", "sys", "timestamp", "guid", "row", "changed"}
)  # fmt: skip
_DEBIT = frozenset({"debit", "debits", "dr", "charged", "charge", "charges"})
_CREDIT = frozenset({"credit", "credits", "cr", "paid", "payment", "payments"})

Columns = tuple[tuple[ProposedColumn, ...], tuple[LeftOut, ...], tuple[str, ...]]


def proposed_columns(extract: Extract, made: Grid, wide: Wide | None, *, sure: bool) -> Columns:
    """Columns taken over, columns left out, and columns a table has to have that were not found."""
    by_name = {made.layout.columns[o].name: t for o, t in made.chosen.items()}
    pair = _debit_and_credit(extract, made, by_name)
    if wide is not None:
        _place_wide(extract, made, by_name)
    found: dict[str, ProposedColumn] = {}
    kinds: Mapping[str, str] = {}
    for column in made.layout.columns:
        if column.name not in by_name:
            continue
        one = _column(extract, made, column, by_name, table_sure=sure)
        if column.name == "kind":
            kinds = one.settings.get("codes", {})
        found[column.name] = one
    for name, one in list(found.items()):
        column = made.layout.column(name)
        more, reasons = sign(made.layout, column, extract, by_name[name], by_name, kinds)
        if pair and name == "amount":
            more, reasons = {"less": extract.headings[pair[1]].name}, []
        if more or reasons:
            found[name] = _with(one, more, reasons)
    if wide is not None:
        _wide_settings(extract, made, by_name, found)
    _in_order(extract, made, by_name, found)
    _fill_key(extract, made, by_name, found)
    missing = tuple(c.name for c in made.layout.columns if c.required and c.name not in found)
    for name in missing:
        column = made.layout.column(name)
        if column.type is Type.CODE:
            found[name] = _constant(column, wide)
    missing = tuple(n for n in missing if n not in found)
    used = set(by_name.values()) | ({pair[1]} if pair else set())
    left = tuple(
        _left_out(extract, made, i) for i in range(len(extract.headings)) if i not in used
    )  # fmt: skip
    ordered = tuple(found[c.name] for c in made.layout.columns if c.name in found)
    return ordered, left, missing


def _column(
    extract: Extract, made: Grid, column: Column, by_name: Mapping[str, int], *, table_sure: bool
) -> ProposedColumn:
    ours = [c.name for c in made.layout.columns].index(column.name)
    i = by_name[column.name]
    score = made.scores[ours][i]
    heading = extract.headings[i]
    settings, reasons = settings_of(made.layout, column, extract, i, score.fit)
    alternatives, instead = _rivals(extract, made, ours, i)
    rival = max([a.score for a in (*alternatives, *instead)], default=0.0)
    exact = score.name >= 0.97
    told = score.fit.telling and score.name >= NAMED_AND_TOLD
    if not table_sure:
        reasons.append(_("The table is not certain."))
    if not exact and extract.profiles[i].filled < FEW:
        reasons.append(_("Too few values to tell."))
    if not (exact or score.name >= NAMED or told):
        reasons.append(_("The name says little."))
    if score.total - rival < (MARGIN_NAMED if exact else MARGIN):
        reasons.append(_("Another column comes near."))
    if score.fit.score < 0.45 and not extract.profiles[i].empty:
        reasons.append(_("The values are not what this column usually holds."))
    if column.required and extract.profiles[i].share_filled < 0.999:
        reasons.append(_("Every row needs a value, and some have none."))
    return ProposedColumn(
        name=column.name,
        sources=(heading.name,),
        certainty=round(max(0.0, min(score.total, 1.0)), 2),
        sure=not reasons,
        settings=settings,
        reasons=tuple(reasons),
        samples=extract.profiles[i].samples,
        alternatives=tuple(a for a in alternatives if a.score >= MENTIONED)[:3],
        instead=tuple(a for a in instead if a.score >= MENTIONED)[:3],
        codes=_matches(score.fit.codes),
        headings=heading.all,
    )


def _matches(found: Any) -> tuple[CodeMatch, ...]:
    return found.matches if found is not None else ()


def _rivals(
    extract: Extract, made: Grid, ours: int, theirs: int
) -> tuple[tuple[Alternative, ...], tuple[Alternative, ...]]:
    """What else could be meant, less likely where it is better placed elsewhere."""
    placed = {t: o for o, t in made.chosen.items()}
    alternatives = []
    for t, score in enumerate(made.scores[ours]):
        if t == theirs or score.total <= 0:
            continue
        other = placed.get(t)
        better = other is not None and made.scores[other][t].total >= score.total + 0.1
        alternatives.append(
            Alternative(extract.headings[t].name, score.total * (PLACED if better else 1.0))
        )
    instead = []
    for o, row in enumerate(made.scores):
        if o == ours or row[theirs].total <= 0:
            continue
        chosen = made.chosen.get(o)
        better = chosen is not None and row[chosen].total >= row[theirs].total + 0.1
        instead.append(
            Alternative(
                made.layout.columns[o].name, row[theirs].total * (PLACED if better else 1.0)
            )
        )
    return _sorted(alternatives), _sorted(instead)


def _sorted(found: list[Alternative]) -> tuple[Alternative, ...]:
    ordered = sorted(found, key=lambda a: (-a.score, a.name))
    return tuple(Alternative(a.name, round(a.score, 2)) for a in ordered)


def _with(
    one: ProposedColumn, more: Mapping[str, Any], reasons: list[Message]
) -> ProposedColumn:  # fmt: skip
    from dataclasses import replace

    return replace(
        one,
        settings={**one.settings, **more},
        reasons=(*one.reasons, *reasons),
        sure=one.sure and not reasons,
    )


def _in_order(
    extract: Extract, made: Grid, by_name: Mapping[str, int], found: dict[str, ProposedColumn]
) -> None:
    """Days that fall the other way round than they have to speak against their columns."""
    for rule in made.layout.rules:
        if rule.kind != "order":
            continue
        first, second = rule.columns[:2]
        if first not in found or second not in found or first not in by_name:
            continue
        if second not in by_name:
            continue
        a, b = (_sortable(extract, by_name[n], found[n]) for n in (first, second))
        pairs = [(x, y) for x, y in zip(a, b, strict=True) if x and y]
        wrong = sum(x > y for x, y in pairs)
        if pairs and wrong > 0.05 * len(pairs):
            reason = _("In %(n)d of %(all)d rows this does not hold: %(rule)s",
                       n=wrong, all=len(pairs), rule=rule.words)  # fmt: skip
            for name in (first, second):
                found[name] = _with(found[name], {}, [reason])


def _sortable(extract: Extract, i: int, one: ProposedColumn) -> list[str]:
    from datetime import datetime

    forms = one.settings.get("dates", [])
    forms = [forms] if isinstance(forms, str) else list(forms)
    found = []
    for text in list(extract.values(i))[:2_000]:
        day = text if not forms else ""
        for form in forms:
            try:
                day = datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - no zone
                break
            except ValueError:
                continue
        found.append(day[:10])
    return found


# Keys that have no column, and values that stand for all rows


def _fill_key(
    extract: Extract, made: Grid, by_name: dict[str, int], found: dict[str, ProposedColumn]
) -> None:
    """A key without a column of its own is joined from columns that are unique together."""
    for name in made.layout.key:
        if name in found:
            continue
        column = made.layout.column(name)
        if column.type is Type.CODE:
            found[name] = _constant(column, None)
            continue
        joined = _unique_together(extract, made, by_name)
        found[name] = ProposedColumn(
            name=name,
            sources=tuple(extract.headings[i].name for i in joined),
            certainty=0.3,
            sure=False,
            reasons=(_("The file has no column for it; these tell its rows apart."),)
            if joined
            else (_("The file has no column for it, and nothing that tells its rows apart."),),
            settings={} if joined else {"constant": "?"},
        )


def _unique_together(extract: Extract, made: Grid, by_name: Mapping[str, int]) -> list[int]:
    columns = {c.name: c for c in made.layout.columns}
    order = sorted(
        by_name, key=lambda n: (not columns[n].required, list(columns).index(n))
    )  # fmt: skip
    taken: list[int] = []
    for name in order:
        if extract.profiles[by_name[name]].share_filled < 0.99:
            continue
        taken.append(by_name[name])
        keys = {tuple(row[i] for i in taken) for row in extract.rows}
        if len(keys) == len(extract.rows):
            break
    return taken


def _constant(column: Column, wide: Wide | None) -> ProposedColumn:
    codes = list(column.codes)
    code = "payment" if wide is not None and "payment" in codes else codes[0]
    if wide is not None and {"charge", "rent"} & set(tokens(f"{wide.name} {wide.value}")):
        code = "charge" if "charge" in codes else code
    return ProposedColumn(
        name=column.name,
        sources=(),
        certainty=0.2,
        sure=False,
        settings={"constant": code},
        reasons=(_("The file has no column for it; this holds for every row, or is wrong."),),
    )


# Amounts in two columns, and wide layouts


def _debit_and_credit(
    extract: Extract, made: Grid, by_name: dict[str, int]
) -> tuple[int, int] | None:
    if made.layout.table != "rent_transaction":
        return None
    sides: list[list[int]] = [[], []]
    for i, heading in enumerate(extract.headings):
        numbers = extract.profiles[i].numbers
        if numbers is None or numbers.share < 0.95 or numbers.least < 0:
            continue
        words = set(tokens(heading.name))
        for side, said in zip(sides, (_DEBIT, _CREDIT), strict=True):
            if words & said:
                side.append(i)
    if len(sides[0]) != 1 or len(sides[1]) != 1 or sides[0] == sides[1]:
        return None
    debit, credit = sides[0][0], sides[1][0]
    both = 0
    for row in extract.rows[:2_000]:
        cells = [(row[i], extract.profiles[i].numbers) for i in (debit, credit)]
        both += all(n is not None and number(t, n) not in (None, 0) for t, n in cells)
    if both > 0.02 * min(len(extract.rows), 2_000):
        return None
    for name in [n for n, i in by_name.items() if i in (debit, credit)]:
        del by_name[name]
    by_name["amount"] = debit
    return debit, credit


def _place_wide(extract: Extract, made: Grid, by_name: dict[str, int]) -> None:
    """The two columns that stand for the wide ones hold the day and the amount."""
    name, value = len(extract.headings) - 2, len(extract.headings) - 1
    for wanted in [n for n, i in by_name.items() if i in (name, value)]:
        del by_name[wanted]
    known = {c.name for c in made.layout.columns}
    if {"posted_on", "amount"} <= known:
        by_name["posted_on"], by_name["amount"] = name, value


def _wide_settings(
    extract: Extract, made: Grid, by_name: Mapping[str, int], found: dict[str, ProposedColumn]
) -> None:
    if "posted_on" not in found:
        return
    seen = extract.profiles[by_name["posted_on"]]
    day = found["posted_on"]
    if seen.dates is None or seen.dates.share < 0.9:
        settings: dict[str, Any] = {"every": {"first": "2025-04-07", "days": 7}}
        reason = _("Say on which day the first of these columns was, and how many days apart.")
        if not all(v.isdigit() for v in seen.counts):
            settings = {"dates": ["%b-%y", "%b %Y", "%B %Y", "%b %y", "%b%y"]}
            reason = _("Each stands for the first day of its month.")
        found["posted_on"] = _with(
            ProposedColumn("posted_on", day.sources, 0.4, False, samples=day.samples),
            settings, [reason],
        )  # fmt: skip
    amount = found["amount"]
    words = set(tokens(" ".join(extract.headings[by_name["amount"]].all)))
    settings = {k: v for k, v in amount.settings.items() if k != "sign"}
    numbers = extract.profiles[by_name["amount"]].numbers
    if (words & _CREDIT or not words & _DEBIT) and numbers is not None and numbers.most > 0:
        settings["sign"] = "reverse"
    found["amount"] = ProposedColumn(
        "amount", amount.sources, 0.5, False, settings,
        (_("Payments have to be below zero, charges above it."),), amount.samples,
    )  # fmt: skip


# What is left


def _left_out(extract: Extract, made: Grid, i: int) -> LeftOut:
    heading, seen = extract.headings[i], extract.profiles[i]
    likely = tuple(
        Alternative(name, round(score, 2)) for score, name in made.best_for(i)[:3]
        if score >= MENTIONED
    )  # fmt: skip
    kind = personal(heading, seen)
    words = {w for h in heading.all for w in tokens(h)}
    if kind is not None and not any(a.score >= 0.8 for a in likely):
        reason = _("Personal (%(kind)s): records carry references, so it is left out.", kind=kind)
        return LeftOut(
            heading.name, True, reason, str(kind), seen.samples[:1], likely, heading.all
        )  # fmt: skip
    if likely and likely[0].score >= LEAST:
        reason = _("Perhaps %(names)s.", names=", ".join(a.name for a in likely))
        sure = False
    elif seen.empty:
        reason, sure = _("Empty in the rows that were read."), not likely
    elif words & _ADMIN and not likely:
        reason, sure = _("About the row in the other system."), True
    else:
        reason, sure = _("Not recognised."), False
    return LeftOut(heading.name, sure, reason, None, seen.samples[:3], likely, heading.all)
