"""What publishing adds to a report: its version, what was corrected, the board's response."""

from __future__ import annotations

from kloe.core.messages import _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Note, Row, Section, Table
from kloe.reports.phrases import clean, line, lines, say
from kloe.reports.writer import Writer


def notes(w: Writer) -> tuple[Note, ...]:
    """On the cover: that this is a later version, and what became of the one before."""
    published = w.snapshot.publication
    if published.version < 2 or not published.corrections:
        return ()
    last = published.corrections[-1]
    return (
        Note(
            str(_("Version %(n)d", n=published.version)),
            (
                line(
                    _(
                        "This version takes the place of version %(before)d since %(day)s: "
                        "%(reason)s",
                        before=published.version - 1,
                        day=figures.day(last.at),
                        reason=clean(last.reason),
                    )
                ),
            ),
            "draft",
        ),
    )


def annexes(w: Writer) -> tuple[Section, ...]:
    """Behind the report: the board's response, and the list of corrections."""
    published = w.snapshot.publication
    found = []
    if published.response.given:
        found.append(_annex(str(_("The board's response")), "board-response", _response(w)))
    if published.corrections:
        found.append(_annex(str(_("Corrections")), "corrections", (_table(w),)))
    return tuple(found)


def _annex(title: str, anchor: str, blocks: tuple[Block, ...]) -> Section:
    return Section(title, 1, blocks, anchor=anchor, contents=True, bookmark=True, new_page=True)


def _response(w: Writer) -> tuple[Block, ...]:
    said = w.snapshot.publication.response
    day = figures.day(said.at) if said.at else ""
    blocks: list[Block] = [
        say(
            _("%(name)s's board answered the draft report on %(day)s. These are its own words.",
              name=clean(w.snapshot.organisation.name), day=day)
            if day
            else _("These are the words of the landlord's board.")
        )
    ]  # fmt: skip
    blocks += [say(text) for text in clean(said.text).splitlines() if text.strip()]
    if said.file:
        blocks.append(
            say(_("It is attached as a file: %(name)s.", name=clean(said.file)), style="small")
        )
    return tuple(blocks)


def _table(w: Writer) -> Table:
    rows = [
        Row(
            (
                Cell((line(str(c.version)), line(figures.day(c.at)))),
                Cell(lines(c.was) or (line("–"),)),
                Cell(lines(c.now) or (line("–"),)),
                Cell(lines(c.reason)),
            )
        )
        for c in w.snapshot.publication.corrections
    ]
    return Table(
        (
            Column(str(_("Version, date")), 1.2),
            Column(str(_("What was wrong")), 3),
            Column(str(_("What it says now")), 3),
            Column(str(_("Why")), 3),
        ),
        tuple(rows),
        str(_("Corrections since the report was first published")),
    )
