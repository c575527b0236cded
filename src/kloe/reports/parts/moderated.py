"""How grades of an inspection were moderated: part of the method, and beside a grade."""

from __future__ import annotations

from kloe.assessment.snapshot_moderation import FedBack, Overridden
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, ItemList, Line, Row, Section, Table
from kloe.reports.phrases import clean, line, lines, quiet, said, say, strong
from kloe.reports.writer import Writer


def sections(w: Writer) -> list[Section]:
    """What the method says of moderation; nothing where nothing was moderated."""
    told = w.snapshot.moderation
    if told.silent:
        return []
    blocks: list[Block] = [
        say(_("The lead inspector, or whoever led a theme, proposed each grade with its reasons. "
              "A moderator who had not proposed it questioned and agreed it.")),
        say(_counted(told.agreed, told.questions, told.changed)),
    ]  # fmt: skip
    if told.overridden:
        title = str(_("Limits overridden"))
        items = tuple((_override(w, one),) for one in told.overridden)
        blocks.append(Section(title, 3, (ItemList(items),)))
    if told.exempt:
        blocks.append(Section(str(_("Criteria that do not apply")), 3, (_exempt(w),)))
    blocks += _fed_back(w)
    return [Section(str(_("Moderation")), 2, tuple(blocks), contents=True)]


def _counted(agreed: int, questions: int, changed: int) -> str:
    words = [
        Message("%(n)d grade is agreed so.", plural="%(n)d grades are agreed so.", n=agreed),
        Message("%(n)d question was asked.", plural="%(n)d questions were asked.", n=questions)
        if questions else _("No question was asked."),
        Message("%(n)d proposed grade was changed on the way.",
                plural="%(n)d proposed grades were changed on the way.", n=changed)
        if changed else _("No proposed grade was changed on the way."),
    ]  # fmt: skip
    return " ".join(str(m) for m in words)


def passed(w: Writer, subject: str) -> list[Block]:
    """Beside a grade: the limits the moderator let it pass, each with the reason."""
    return [say(*_passes(one), style="small") for one in w.snapshot.moderation.passed(subject)]


def _passes(one: Overridden) -> Line:
    since = _(" since %(day)s", day=figures.day(one.since)) if one.since else ""
    return line(
        strong(_("The moderator overrode a limit. ")),
        f"{clean(said(one.title))}: {clean(said(one.stands))}{since}. {clean(said(one.about))} ",
        quiet(_("Source: %(source)s", source=clean(said(one.source)))),
        f" {_('Reason: %(reason)s', reason=' '.join(clean(one.reason).split()))}",
    )


def _override(w: Writer, one: Overridden) -> Line:
    name = w.theme_name(one.subject) if one.subject in w.themes else _kloe(w, one.subject)
    day = _(" (%(day)s)", day=figures.day(one.decided_on)) if one.decided_on else ""
    return (*line(strong(f"{name}{day}: ")), *_passes(one))


def _kloe(w: Writer, subject: str) -> str:
    for kloe in w.snapshot.kloes:
        if kloe.id == subject:
            return f"{kloe.number} {clean(said(kloe.title))}"
        for question in kloe.main_questions:
            if question.id == subject:
                return clean(said(question.title))
    scale = w.snapshot.leading_scale(subject)
    return clean(said(scale.question)) if scale else subject


def _exempt(w: Writer) -> Table:
    titles = {c.id: clean(said(c.title)) for c in w.snapshot.criteria()}
    decisions = {
        "agreed": _("The moderator agreed."),
        "refused": _("The moderator refused."),
    }
    rows = []
    for one in w.snapshot.moderation.exempt:
        decided = decisions.get(one.decision, _("Not decided yet."))
        words = (line(decided), *lines(one.words, "quiet"))
        rows.append(
            Row(
                (
                    Cell((line(titles.get(one.criterion, one.criterion)),)),
                    Cell(lines(one.reason)),
                    Cell(words),
                )
            )
        )
    return Table(
        (
            Column(str(_("Criterion")), 2),
            Column(str(_("Why it does not apply")), 3),
            Column(str(_("Moderator")), 2),
        ),
        tuple(rows),
        str(_("Criteria said not to apply, and what the moderator said")),
        "small",
    )


def _fed_back(w: Writer) -> list[Block]:
    told = w.snapshot.moderation
    if told.fed_back:
        items = tuple((_feedback(one),) for one in told.fed_back)
        lead = say(_("Emerging findings were told to the landlord before the report was drafted:"))
        return [Section(str(_("Emerging findings")), 3, (lead, ItemList(items)))]
    if told.not_fed_back:
        words = say(strong(_("No emerging findings were fed back. ")), clean(told.not_fed_back))
        return [Section(str(_("Emerging findings")), 3, (words,))]
    return []


def _feedback(one: FedBack) -> Line:
    themes = Message("on %(n)d theme", plural="on %(n)d themes", n=one.themes)
    return line(strong(figures.day(one.held_on)), f", {themes}")
