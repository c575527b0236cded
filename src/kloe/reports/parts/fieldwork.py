"""Appendices on fieldwork: the reality checks undertaken, and the people seen."""

from __future__ import annotations

from kloe.assessment.checks.people import LEAST
from kloe.assessment.checks.words import CheckResult
from kloe.assessment.checks.words import label as said_of
from kloe.assessment.snapshot_fieldwork import CheckDone, PeopleSeen
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Line, Mark, Row, Section, Table
from kloe.reports.phrases import clean, line, lines, quiet, say, sentence, strong
from kloe.reports.writer import Writer

_SHADES = {CheckResult.CONFIRMS: 4, CheckResult.MIXED: 2, CheckResult.CONTRADICTS: 1}


def checks(w: Writer) -> Section:
    """The appendix on reality checks."""
    done = w.snapshot.checks
    blocks: list[Block] = []
    if done:
        blocks.append(
            say(_("Each check tests a claim where the service is given. Random samples stand for "
                  "all they were drawn from; others speak for themselves alone."))
        )  # fmt: skip
        withheld = sum(not c.title for c in done)
        if withheld:
            blocks.append(
                say(
                    Message(
                        "The result of %(n)d check is restricted: only its kind is told.",
                        plural="The results of %(n)d checks are restricted: only kinds are told.",
                        n=withheld,
                    ),
                    style="small",
                )
            )
        blocks.append(
            Table(
                (
                    Column(str(_("No.")), 0.6),
                    Column(str(_("Check")), 3),
                    Column(str(_("Claim tested, and on what")), 3.6),
                    Column(str(_("Result")), 3),
                ),
                tuple(_check(w, c) for c in done),
                str(_("Reality checks undertaken")),
                "small",
            )
        )
    else:
        nothing = _("No reality check has been done yet.")
        if not w.snapshot.assessment.draft:
            nothing = _("No reality check was undertaken.")
        blocks.append(say(nothing))
    return Section(
        str(_("Reality checks undertaken")), 1, tuple(blocks), anchor="checks", contents=True,
        bookmark=True, new_page=True,
    )  # fmt: skip


def _check(w: Writer, check: CheckDone) -> Row:
    kind = sentence(said_of(check.kind))
    day = figures.day(check.done_on) if check.done_on else ""
    about: list[Line] = [line(strong(clean(check.title) or kind))]
    about.append(line(quiet(" · ".join(filter(None, (kind if check.title else "", day))))))
    if check.theme in w.themes:
        about.append(line(w.theme_link(check.theme)))
    tested = [*lines(check.claim)]
    sample = _sample(check)
    if sample:
        tested.append(line(quiet(sample)))
    mark = None
    if check.result:
        shade = _SHADES.get(CheckResult(check.result), 0)
        mark = Mark(sentence(said_of(check.result)), shade)
    told = lines(check.conclusion) if check.title else (line(quiet(_("Restricted"))),)
    return Row(
        (
            Cell((line(strong(f"C{check.number}")),)),
            Cell(tuple(about)),
            Cell(tuple(tested)),
            Cell(told, mark),
        ),
        anchor=f"c-{check.number}",
    )


def _sample(check: CheckDone) -> str:
    """How many cases of what, and how they were come by."""
    if not check.cases:
        return ""
    cases = Message("%(n)d case", plural="%(n)d cases", n=check.cases)
    method = said_of(check.method).lower() if check.method else ""
    return ", ".join(filter(None, (str(cases), clean(check.frame), method)))


def people(w: Writer) -> Section:
    """The appendix on people seen."""
    seen = w.snapshot.people
    blocks: list[Block] = []
    if seen:
        blocks.append(
            say(_("People spoke in confidence: nobody is named, and groups too small to hide in "
                  "are told together with others."))
        )  # fmt: skip
        total = sum(p.count or 0 for p in seen)
        rows = [_people(p) for p in seen]
        if len(seen) > 1:
            rows.append(
                Row((Cell((line(strong(_("All"))),)), Cell(), Cell((line(figures.whole(total)),))))
            )
        blocks.append(
            Table(
                (
                    Column(str(_("People")), 3),
                    Column(str(_("Of them")), 4),
                    Column(str(_("How many")), 1.2, "end"),
                ),
                tuple(rows),
                str(_("People seen")),
                "small",
            )
        )
    else:
        nobody = _("Nobody has been written down as seen yet.")
        if not w.snapshot.assessment.draft:
            nobody = _("Nobody was written down as seen.")
        blocks.append(say(nobody))
    return Section(
        str(_("People seen")), 1, tuple(blocks), anchor="people", contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def _people(seen: PeopleSeen) -> Row:
    role = sentence(said_of(seen.role)) if seen.role else str(_("People in several roles"))
    count = str(_("fewer than %(n)d", n=LEAST)) if seen.count is None else figures.whole(seen.count)
    return Row((Cell((line(role),)), Cell((line(clean(seen.group)),)), Cell((line(count),))))
