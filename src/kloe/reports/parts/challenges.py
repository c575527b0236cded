"""Factual accuracy: the drafts the landlord got, its challenges by number, and the answers."""

from __future__ import annotations

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import ChallengeKind, Counts, Ground, Outcome, Place
from kloe.assessment.snapshot_challenges import Challenge, GivenEvidence
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Line, Row, Section, Table
from kloe.reports.phrases import clean, line, lines, quiet, say, strong
from kloe.reports.writer import Writer


def appendix(w: Writer) -> tuple[Section, ...]:
    """The list as an appendix, where that was chosen and a draft was issued."""
    return _section(w) if w.snapshot.accuracy.place == Place.APPENDIX else ()


def annex(w: Writer) -> tuple[Section, ...]:
    """The list as an annex behind the appendices, where that was chosen."""
    return _section(w) if w.snapshot.accuracy.place == Place.ANNEX else ()


def _section(w: Writer) -> tuple[Section, ...]:
    told = w.snapshot.accuracy
    if not told.drafts:
        return ()
    blocks: list[Block] = [
        say(
            _(
                "The draft of this report went to the organisation inspected, which could "
                "challenge it by paragraph, with evidence. Evidence that came late counts for "
                "how good the service is if it existed when the inspectors looked, and for the "
                "prospects for improvement if it shows what was done since."
            )
        ),
        _drafts(w),
    ]
    if told.challenges:
        blocks += [_counted(told.challenges), _table(told.challenges)]
    else:
        blocks.append(say(_("The organisation challenged nothing.")))
    return (
        Section(
            str(_("Challenges to the draft report, and answers")), 1, tuple(blocks),
            anchor="challenges", contents=True, bookmark=True, new_page=True,
        ),
    )  # fmt: skip


def _drafts(w: Writer) -> Table:
    rows = tuple(
        Row(
            (
                Cell((line(strong(str(d.version))),)),
                Cell((line(figures.day(d.issued)),)),
                Cell(
                    (
                        line(_("no more to say"))
                        if d.closed
                        else line(_("until %(day)s", day=figures.day(d.deadline))),
                    )
                ),
                Cell((line(quiet(d.digest[:32])), line(quiet(d.digest[32:])))),
            )
        )
        for d in w.snapshot.accuracy.drafts
    )
    return Table(
        (
            Column(str(_("Draft")), 0.6),
            Column(str(_("Issued")), 1.4),
            Column(str(_("Open to challenges")), 1.6),
            Column(str(_("Digest")), 2.4),
        ),
        rows,
        str(_("Drafts issued to the organisation")),
        "small",
    )


def _counted(found: tuple[Challenge, ...]) -> Block:
    by = {o: sum(c.outcome == o for c in found) for o in Outcome}
    return say(
        Message(
            "%(n)d challenge was sent: %(accepted)d accepted, %(part)d in part, "
            "%(rejected)d rejected.",
            plural="%(n)d challenges were sent: %(accepted)d accepted, %(part)d in part, "
            "%(rejected)d rejected.",
            n=len(found),
            accepted=by[Outcome.ACCEPTED],
            part=by[Outcome.PART],
            rejected=by[Outcome.REJECTED],
        )
    )


def _table(found: tuple[Challenge, ...]) -> Table:
    return Table(
        (
            Column(str(_("No.")), 0.8),
            Column(str(_("What the organisation says")), 3.4),
            Column(str(_("Answer")), 3.4),
        ),
        tuple(_row(c) for c in found),
        str(_("Challenges and answers")),
        "small",
    )


def _row(c: Challenge) -> Row:
    place = (
        _("Paragraph %(n)d of draft %(v)d", n=c.paragraph, v=c.version)
        if c.paragraph
        else _("Draft %(v)d", v=c.version)
    )
    said: list[Line] = [
        line(quiet(f"{place} · {rules.label(c.kind, ChallengeKind)}")),
        *lines(c.claim),
    ]
    if c.quote:
        said.insert(1, line(quiet(_("Of the words: “%(quote)s”", quote=clean(c.quote)))))
    said += [_given(e) for e in c.evidence]
    return Row(
        (
            Cell((line(strong(f"CH{c.number}")),)),
            Cell(tuple(said)),
            Cell(tuple(_answer(c))),
        ),
        anchor=f"challenge-{c.number}",
    )


def _given(e: GivenEvidence) -> Line:
    counts = str(rules.label(e.counts, Counts))
    title = clean(e.title) or str(_("Evidence that is not shown"))
    number = f"E{e.number} " if e.number else ""
    return line(quiet(f"{number}{title}, {figures.day(e.when)}. {counts}."))


def _answer(c: Challenge) -> list[Line]:
    if not c.outcome:
        return [line(_("Not answered yet."))]
    found: list[Line] = [line(strong(str(rules.label(c.outcome, Outcome))))]
    if c.ground:
        found.append(line(f"{rules.label(c.ground, Ground)}."))
    found += lines(c.reason)
    if c.new_text:
        found.append(line(quiet(_("As it was: ")), clean(c.text)))
        found.append(line(quiet(_("As it reads since: ")), clean(c.new_text)))
    if c.moved:
        found.append(line(quiet(_("A grade went back to moderation for it."))))
    return found
