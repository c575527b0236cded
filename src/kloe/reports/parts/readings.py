"""How two people read a theme for themselves: part of the method of an inspection's report."""

from __future__ import annotations

from kloe.assessment.reliability import LEAST
from kloe.assessment.snapshot_readings import Readings
from kloe.core.messages import Message, _
from kloe.reports.blocks import Block, Cell, Column, Row, Section, Table
from kloe.reports.phrases import line, say
from kloe.reports.writer import Writer


def sections(w: Writer) -> list[Section]:
    """What the method says of readings; nothing where no theme was read by two."""
    told = w.snapshot.readings
    if told.silent:
        return []
    blocks: list[Block] = [
        say(
            Message(
                "%(n)d theme of %(all)d was read by two people, each of whom rated it for "
                "themselves before they saw what the other said.",
                plural="%(n)d themes of %(all)d were read by two people, each of whom rated them "
                "for themselves before they saw what the other said.",
                n=told.read,
                all=told.themes,
            ),
            " ",
            _("The team then agreed its rating, which is the one in this report."),
        )
    ]
    blocks += [say(words) for words in _besides(told)]
    if told.pairs:
        blocks += [_table(told), say(_alpha(told), style="small")]
    return [Section(str(_("Readings")), 2, tuple(blocks), contents=True)]


def _besides(told: Readings) -> list[Message]:
    found = []
    if told.asked:
        found.append(
            Message(
                "A blind second reading was asked of %(n)d criterion: it carried a limit, was "
                "contested, or was among the %(drawn)d drawn at random.",
                plural="A blind second reading was asked of %(n)d criteria: they carried a limit, "
                "were contested, or were among the %(drawn)d drawn at random.",
                n=told.asked,
                drawn=told.drawn,
            )
        )
    if told.dissents:
        found.append(
            Message(
                "On %(n)d criterion somebody dissents from the team's rating; it is recorded "
                "with their name and reason.",
                plural="On %(n)d criteria somebody dissents from the team's rating; it is "
                "recorded with their name and reason.",
                n=told.dissents,
            )
        )
    return found


def _table(told: Readings) -> Table:
    rows = (
        (_("The same placing"), told.same),
        (_("One step apart"), told.one_apart),
        (_("Two steps apart or more"), told.wider),
        (_("One placed it, the other found it open"), told.mixed),
        (_("Both found it open"), told.unplaced),
    )
    every = told.pairs + told.mixed + told.unplaced
    return Table(
        (Column(str(_("Two readers of a criterion")), 4), Column(str(_("Pairs")), 1, "end")),
        tuple(
            Row((Cell((line(str(words)),)), Cell((line(str(n)),))))
            for words, n in (*rows, (_("All pairs"), every))
        ),
        str(_("How far two readers of a criterion agree")),
        "small",
    )


def _alpha(told: Readings) -> str:
    first = (
        _("Krippendorff's alpha (ordinal): %(alpha)s.", alpha=told.alpha)
        if told.alpha
        else _(
            "Krippendorff's alpha is not computable: %(n)d of %(least)d shared ratings.",
            n=told.shared,
            least=LEAST,
        )
        if told.shared < LEAST
        else _("Krippendorff's alpha is not computable: every placing is the same.")
    )
    rest = _(
        "It is 1 where all agree and 0 where they agree no more than by chance. Conflicting, "
        "cannot tell and not applicable lie on no scale and are left out of it."
    )
    return f"{first} {rest}"
