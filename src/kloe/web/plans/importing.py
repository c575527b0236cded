"""Bringing in a plan from a workbook: looked at first, then all of it or nothing.

The same code tries and does: a trial runs everything in a transaction and takes it back, so that
what the preview says is what would happen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from kloe.assessment.plan import MOVES, LedBy, MadeBy, Status
from kloe.core.errors import InvalidInput, KloeError
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent
from kloe.measures.xlsx import Sheet, read_sheets
from kloe.web.accounts.models import User
from kloe.web.organisations.models import Organisation
from kloe.web.plans import acting, recommending
from kloe.web.plans.forms import steps
from kloe.web.plans.models import Action, Recommendation
from kloe.web.plans.sheets import ACTIONS, NO, SHEETS, YES, Column, names
from kloe.web.plans.writing import FieldFault, trace

#: A workbook with more rows is brought in in parts: all rows are one transaction, and where SQLite
#: is the database nobody else saves meanwhile, who waits for twenty seconds at most.
MOST_ROWS = 1000
#: Rows among which the headings are looked for, and faults that are listed.
HEAD, FAULTS = 10, 50
TRUTHS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False,
          "0": False}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row."""

    sheet: str
    row: int
    column: str
    words: str


@dataclass
class Outcome:
    """What an import would do, or did."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    #: Headings that are no columns of a plan, by sheet; and sheets that are none.
    ignored: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def rows(self) -> int:
        """All rows that would be, or were, brought in."""
        return sum(sum(d.values()) for d in (self.new, self.changed, self.same))


class _Takenback(Exception):
    """Ends a trial."""


class _CellFault(Exception):
    def __init__(self, column: Column, words: Message | str) -> None:
        super().__init__(str(words))
        self.column = column


@dataclass(frozen=True)
class Table:
    """A sheet as rows of values by key, each with its number in Excel."""

    key: str
    name: str
    rows: tuple[tuple[int, Mapping[str, Any]], ...]
    columns: Mapping[str, Column]


def bring_in(
    path: Path,
    *,
    organisation: Organisation,
    by: User | None,
    trial: bool,
    request_id: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Read a workbook into the plan; a trial says what would happen and changes nothing.

    :raises InvalidInput: where it is no workbook, or has not the columns of a plan.
    """
    outcome = Outcome()
    tables = read(path, outcome)
    counter = _Counter(progress or Silent(), sum(len(t.rows) for t in tables))
    try:
        with transaction.atomic():
            for table in tables:
                _table(table, organisation, by, outcome, request_id, counter)
            if trial or outcome.faults:
                raise _Takenback
            trace(
                organisation, by, "imported plan", "plan", organisation,
                after={"new": outcome.new, "changed": outcome.changed}, request_id=request_id,
            )  # fmt: skip
    except _Takenback:
        return outcome
    outcome.done = True
    return outcome


class _Counter:
    """Tells how many rows are done, over all sheets."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def row(self) -> None:
        self._progress.step(self._done, self._total, _("Bringing in the rows"))
        self._done += 1


# Reading


def read(path: Path, outcome: Outcome) -> list[Table]:
    """The sheets of a plan in a workbook, recommendations first: actions rest on them.

    :raises InvalidInput: naming what was looked for and what was found.
    """
    sheets = [s for s in read_sheets(path) if any(any(_text(c) for c in r) for r in s.rows)]
    if not sheets:
        raise InvalidInput(
            _("The workbook is empty."),
            _("A plan has a sheet with the columns %(names)s.", names=names(ACTIONS[:4]) + ", …"),
            _("Export the plan to see how it looks, and fill that in."),
        )
    found: dict[str, Table] = {}
    for sheet in sheets:
        for key, name, columns in SHEETS:
            called = _key(sheet.name) in {_key(str(name)), _key(name.msgid)}
            only = len(sheets) == 1 and key == "actions" and not _is_recommendations(sheet.name)
            if (called or only) and key not in found:
                found[key] = _read(sheet, key, columns, outcome)
                break
        else:
            outcome.ignored.append(str(_("Sheet “%(name)s”", name=sheet.name[:60])))
    if not found:
        raise InvalidInput(
            _("No sheet of the workbook is a plan."),
            _(
                "Looked for sheets called %(wanted)s; found %(found)s.",
                wanted=", ".join(str(name) for _k, name, _c in SHEETS),
                found=", ".join(f"“{s.name[:40]}”" for s in sheets[:10]),
            ),
            _("Rename the sheet with the actions, or send it as the only one."),
        )
    rows = sum(len(t.rows) for t in found.values())
    if rows > MOST_ROWS:
        raise InvalidInput(
            _("The workbook has %(n)d rows.", n=rows),
            _("At most %(most)d are brought in at a time.", most=MOST_ROWS),
            _("Send it in parts."),
        )
    return [found[k] for k in ("recommendations", "actions") if k in found]


def _is_recommendations(name: str) -> bool:
    return _key(name) in {_key(str(SHEETS[1][1])), _key(SHEETS[1][1].msgid)}


def _key(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text).strip().casefold()


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _read(sheet: Sheet, key: str, columns: Sequence[Column], outcome: Outcome) -> Table:
    known = {_key(n): c for c in columns for n in (str(c.name), c.name.msgid, c.key)}
    best: tuple[int, int] = (0, 0)
    for n, row in enumerate(sheet.rows[:HEAD]):
        hits = len({known[_key(_text(c))].key for c in row if _key(_text(c)) in known})
        best = max(best, (hits, -n))
    at = -best[1]
    head = [_text(c) for c in sheet.rows[at]] if sheet.rows else []
    places: dict[int, Column] = {}
    for n, name in enumerate(head):
        column = known.get(_key(name))
        if column is None or column.told or column.key in {c.key for c in places.values()}:
            if name and (column is None or not column.told):
                outcome.ignored.append(
                    str(
                        _(
                            "Column “%(column)s” of “%(sheet)s”",
                            column=name[:60],
                            sheet=sheet.name[:60],
                        )
                    )
                )
            continue
        places[n] = column
    lacking = [c for c in columns if c.required and c.key not in {p.key for p in places.values()}]
    if lacking:
        raise InvalidInput(
            _(
                "The sheet “%(sheet)s” has no column “%(column)s”.",
                sheet=sheet.name[:60],
                column=names(lacking),
            ),
            _(
                "Looked for: %(wanted)s. Found: %(found)s.",
                wanted=names(c for c in columns if not c.told),
                found=", ".join(f"“{h[:40]}”" for h in head if h) or "–",
            ),
            _("Name the columns so; those you do not need may be left out."),
        )
    rows = []
    for n, row in enumerate(sheet.rows[at + 1 :], at + 2):
        values = {column.key: row[m] for m, column in places.items() if m < len(row)}
        if any(_text(v) for v in values.values()):
            rows.append((n, values))
    return Table(key, sheet.name, tuple(rows), {c.key: c for c in places.values()})


def value_of(column: Column, cell: Any) -> Any:
    """A cell as the value it means.

    :raises ValueError: (as a fault of its cell) for what is no such value.
    """
    text = _text(cell)
    if not text:
        return "" if column.kind == "text" or column.words is not None else None
    if column.words is not None:
        known = {_key(str(w)): k for k, w in column.words.items()}
        known |= {_key(w.msgid): k for k, w in column.words.items()}
        known |= {_key(k): k for k in column.words}
        if _key(text) not in known:
            allowed = ", ".join(str(w) for w in column.words.values())
            raise _CellFault(
                column,
                _("“%(text)s” is none of: %(allowed)s.", text=text[:60], allowed=allowed),
            )
        return known[_key(text)]
    reader = {"truth": _truth, "day": _day, "money": _money}.get(column.kind)
    return reader(column, cell, text) if reader else _whole(cell, text)


def _whole(cell: Any, text: str) -> str:
    """A text; of a number that Excel made a fraction, the whole number it was."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return text


def _truth(column: Column, cell: Any, text: str) -> bool:
    if isinstance(cell, bool):
        return cell
    known = {**TRUTHS, _key(str(YES)): True, _key(str(NO)): False, "1 0": True, "0 0": False}
    if _key(text) not in known:
        raise _CellFault(column, _("“%(text)s” is neither yes nor no.", text=text[:60]))
    return known[_key(text)]


def _day(column: Column, cell: Any, text: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _CellFault(
        column, _("“%(text)s” is no day. Write it as 2026-06-30 or 30/06/2026.", text=text[:60])
    )


def _money(column: Column, cell: Any, text: str) -> Decimal:
    try:
        found = Decimal(str(cell) if isinstance(cell, int | float) else re.sub(r"[£,\s]", "", text))
        return found.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise _CellFault(
            column, _("“%(text)s” is no amount of pounds, such as 12500.50.", text=text[:60])
        ) from None


# Writing


def _table(
    table: Table,
    organisation: Organisation,
    by: User | None,
    outcome: Outcome,
    request_id: str,
    counter: _Counter,
) -> None:
    save: Callable[..., str] = _recommendation if table.key == "recommendations" else _action
    ground = _Ground.of(organisation)
    seen: set[str] = set()
    for number, raw in table.rows:
        if len(outcome.faults) >= FAULTS:
            return
        counter.row()
        column: Column | None = None
        try:
            values = {}
            for key, cell in raw.items():
                column = table.columns[key]
                values[key] = value_of(column, cell)
            column = None
            reference = values.get("reference") or ""
            if reference in seen and reference:
                column = table.columns["reference"]
                raise InvalidInput(_("“%(ref)s” stands in two rows.", ref=reference[:40]))
            seen.add(reference)
            with transaction.atomic():
                what = save(ground, values, by, request_id)
        except _CellFault as error:
            outcome.faults.append(Fault(table.name, number, str(error.column.name), str(error)))
        except (KloeError, ValueError) as error:
            place = column or table.columns.get(getattr(error, "field", ""))
            outcome.faults.append(
                Fault(table.name, number, str(place.name) if place else "", str(error))
            )
        else:
            counted: dict[str, int] = getattr(outcome, what)
            counted[table.key] = counted.get(table.key, 0) + 1


@dataclass
class _Ground:
    organisation: Organisation
    people: dict[str, User]

    @classmethod
    def of(cls, organisation: Organisation) -> _Ground:
        members = User.objects.filter(memberships__organisation=organisation)
        by_name = {u.name.casefold(): u for u in members if u.name}
        return cls(organisation, by_name | {u.email.casefold(): u for u in members})


def _recommendation(
    ground: _Ground, values: dict[str, Any], by: User | None, request_id: str
) -> str:
    accepted, decision = values.pop("accepted", None), values.pop("decision", "")
    implemented = values.pop("implemented_on", None)
    values = {k: v for k, v in values.items() if v is not None or k == "due_on"}
    row = Recommendation.objects.filter(
        organisation=ground.organisation, reference=values.get("reference") or None
    ).first()
    if row is None:
        values["origin"] = values.get("origin") or MadeBy.OTHER.value
        row = recommending.add(
            organisation=ground.organisation, by=by, request_id=request_id, **values
        )
        what, version = "new", -1
    else:
        what, version = "same", row.version
        if not values.get("origin"):
            values.pop("origin", None)
        row = recommending.edit(
            recommendation=row, by=by, base_version=row.version, request_id=request_id, **values
        )
    if accepted is not None:
        row = recommending.decide(
            recommendation=row, accepted=accepted, reason=decision or row.decision, by=by,
            request_id=request_id,
        )  # fmt: skip
    if implemented is not None:
        row = recommending.implemented(
            recommendation=row, on=implemented, by=by, request_id=request_id
        )
    return "changed" if what == "same" and row.version != version else what


def _action(ground: _Ground, values: dict[str, Any], by: User | None, request_id: str) -> str:
    status, done_on = values.pop("status", ""), values.pop("done_on", None)
    reason = values.pop("reason", "")
    milestones = steps(values.pop("milestones")) if "milestones" in values else None
    _resolve(ground, values)
    row = Action.objects.filter(
        organisation=ground.organisation, reference=values.get("reference") or None
    ).first()
    if row is None:
        values["origin"] = values.get("origin") or LedBy.OTHER.value
        row = acting.add(
            organisation=ground.organisation, by=by, milestones=milestones or (),
            request_id=request_id, **values,
        )  # fmt: skip
        what, version = "new", -1
    else:
        what, version = "same", row.version
        if not values.get("origin"):
            values.pop("origin", None)
        row = acting.edit(
            action=row, by=by, base_version=row.version, milestones=milestones, reason=reason,
            request_id=request_id, **values,
        )  # fmt: skip
    if row.done_on is not None and done_on is not None and done_on != row.done_on:
        raise FieldFault(
            "done_on",
            _("%(ref)s was done on %(day)s.", ref=row.reference, day=row.done_on.isoformat()),
            _("A workbook does not change the day something was done."),
            _("Open the action again, and mark it as completed on the right day."),
        )
    wanted = status or (Status.COMPLETED.value if done_on else row.status)
    for to in _way(row.status, wanted):
        row = acting.move(
            action=row, to=to, by=by, reason=reason, done_on=done_on, request_id=request_id
        )
    return "changed" if what == "same" and row.version != version else what


def _resolve(ground: _Ground, values: dict[str, Any]) -> None:
    """People and recommendations by what the workbook calls them."""
    if "owner" in values:
        called = values["owner"]
        person = ground.people.get(called.casefold())
        values["owner"], values["owner_name"] = person, "" if person else called
    if "recommendation" in values:
        called = values["recommendation"]
        found = Recommendation.objects.filter(
            organisation=ground.organisation, reference=called
        ).first()
        if called and found is None:
            raise InvalidInput(
                _("There is no recommendation “%(ref)s”.", ref=called[:40]),
                _("An action names one that is here, or that the workbook brings along."),
            )
        values["recommendation"] = found
        if found is not None and not values.get("origin"):
            values["origin"] = LedBy.RECOMMENDATION.value


def _way(start: str, to: str) -> list[str]:
    """The steps from one state to another, the fewest there are."""
    paths = [[start]]
    seen = {start}
    for path in paths:
        if path[-1] == to:
            return path[1:]
        for move in MOVES:
            if move.start == path[-1] and move.to not in seen and move.to != Status.DROPPED:
                seen.add(move.to)
                paths.append([*path, move.to.value])
            elif move.start == path[-1] and move.to == to:
                return [*path[1:], to]
    return [to]
