"""A re-inspection beside the inspection it looks at again: better, worse, or neither."""

from __future__ import annotations

from kloe.assessment.comparison import CHANGES, LEVELS, Change, Level, Row, Stood
from kloe.assessment.positions import SHADES, Position
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Mark, Section, Span, Table
from kloe.reports.blocks import Row as TableRow
from kloe.reports.phrases import clean, line, quiet, said, say, shade, strong
from kloe.reports.writer import Writer

GRADES = (Level.OVERALL, Level.KLOE, Level.MAIN_QUESTION, Level.THEME)
MOVED = (Change.WORSE, Change.BETTER)
_SHADES = {Change.BETTER: 4, Change.WORSE: 1}


def chapters(w: Writer) -> list[Section]:
    """The chapter, in the report of a re-inspection."""
    found = w.snapshot.comparison
    if found is None or not found.rows:
        return []
    intro = say(
        _("This inspection looks again at: %(title)s, to %(day)s. Grades are compared by their "
          "rank, placings by their order on the same criterion; what only one of the two looked "
          "at is not compared.", title=clean(found.title), day=figures.day(found.on))
    )  # fmt: skip
    blocks: list[Block] = [intro, _counts(w)]
    grades = found.of(*GRADES)
    if grades:
        blocks.append(Section(str(_("Grades then and now")), 2, (_table(grades, _GRADES),)))
    blocks.append(Section(str(_("Criteria that moved")), 2, tuple(_criteria(w))))
    return [
        Section(
            str(_("Compared with the last inspection")), 1, tuple(blocks), anchor="compared",
            contents=True, bookmark=True, new_page=True,
        )
    ]  # fmt: skip


def _counts(w: Writer) -> Table:
    found = w.snapshot.comparison
    assert found is not None
    levels = [level for level in Level if found.of(level)]
    rows = []
    for level in levels:
        counts = found.counts(level)
        cells = tuple(Cell((line(figures.whole(n) if n else "–"),)) for n in counts.values())
        rows.append(TableRow((Cell((line(LEVELS[level]),)), *cells)))
    columns = tuple(Column(said(words), 1.1, "end") for words in CHANGES.values())
    return Table(
        (Column(str(_("Of")), 1.8), *columns),
        tuple(rows),
        str(_("What became of what was found, by change")),
        "small",
    )


_GRADES = _("Grades of the last inspection and of this one")
_PLACINGS = _("Criteria placed worse or better than the last time")


def _table(rows: tuple[Row, ...], caption: Message) -> Table:
    found, group = [], None
    for row in rows:
        name = row.theme if row.level == Level.CRITERION else ""
        if name != group and name:
            found.append(TableRow((Cell((line(strong(row.number)),)),), group=True))
        group = name
        found.append(_row(row))
    return Table(
        (
            Column(str(_("What")), 3.4),
            Column(str(_("Then")), 2),
            Column(str(_("Now")), 2),
            Column(str(_("What became of it")), 2.2),
        ),
        tuple(found),
        said(caption),
        "small",
    )


def _row(row: Row) -> TableRow:
    title = clean(said(row.title))
    number = f"{row.number} " if row.number and row.level != Level.CRITERION else ""
    name = Span(f"{number}{title}", "strong" if row.level in (Level.OVERALL, Level.KLOE) else "")
    note = (line(quiet(row.note)),) if row.note else ()
    change = Change(row.change)
    return TableRow(
        (
            Cell(((name,),)),
            _stood(row.before),
            _stood(row.after),
            Cell(note, Mark(said(CHANGES[change]), _SHADES.get(change, 0))),
        )
    )


def _stood(stood: Stood | None) -> Cell:
    if stood is None:
        return Cell((line("–"),))
    label = clean(said(stood.label))
    if stood.position:
        return Cell(mark=Mark(label, SHADES.get(Position(stood.position), 0)))
    return Cell(mark=Mark(label, shade(stood.rank, stood.of), stood.rank, stood.of))


def _criteria(w: Writer) -> list[Block]:
    found = w.snapshot.comparison
    assert found is not None
    criteria = found.of(Level.CRITERION)
    moved = tuple(r for r in criteria if r.change in MOVED)
    same = sum(r.change == Change.SAME for r in criteria)
    words = [
        Message("%(n)d criterion is placed as the last time.",
                plural="%(n)d criteria are placed as the last time.", n=same),
        Message("%(n)d was newly looked at.", plural="%(n)d were newly looked at.",
                n=sum(r.change == Change.NEW for r in criteria)),
        Message("%(n)d was not looked at again.", plural="%(n)d were not looked at again.",
                n=sum(r.change == Change.DROPPED for r in criteria)),
    ]  # fmt: skip
    told = say(" ".join(str(m) for m in words))
    if not moved:
        return [say(_("No criterion is placed better or worse than the last time.")), told]
    return [told, _table(moved, _PLACINGS)]
