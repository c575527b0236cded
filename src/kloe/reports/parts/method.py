"""Appendix: how this was done, so that a reader can tell what the words stand for."""

from __future__ import annotations

from kloe.assessment.positions import Position
from kloe.assessment.snapshot import Said
from kloe.core.digest import value_digest
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, ItemList, Line, Mark, Row, Section, Table
from kloe.reports.parts import moderated, readings
from kloe.reports.parts.context import facts_table
from kloe.reports.parts.summary import asked
from kloe.reports.phrases import (
    clean,
    line,
    lines,
    position_label,
    position_shade,
    quiet,
    said,
    say,
    shade,
    strong,
)
from kloe.reports.writer import Writer, label

MEANINGS: tuple[tuple[str, Message, tuple[tuple[Position, Message], ...]], ...] = (
    (
        "paired",
        _("Criteria described by both columns"),
        (
            (Position.UPPER, _("Like the upper description.")),
            (Position.BETWEEN, _("Better than the lower description, short of the upper.")),
            (Position.LOWER, _("Like the lower description.")),
            (Position.WORSE, _("Worse than the lower description.")),
        ),
    ),
    (
        "upper only",
        _("Criteria described by the upper column only"),
        (
            (Position.MET, _("The description is met.")),
            (Position.PARTLY_MET, _("It is met in part.")),
            (Position.NOT_MET, _("It is not met.")),
        ),
    ),
    (
        "lower only",
        _("Criteria described by the lower column only"),
        (
            (Position.NOT_SO, _("What it describes is not so; this alone is never excellence.")),
            (Position.PARTLY_SO, _("It is so in part.")),
            (Position.SO, _("It is so.")),
        ),
    ),
    (
        "besides",
        _("On every criterion besides"),
        (
            (Position.CONFLICTING, _("What is known points both ways.")),
            (Position.CANNOT_TELL, _("Too little is known to say.")),
            (Position.NOT_APPLICABLE, _("It does not apply here, for the reason given.")),
        ),
    ),
)


def appendix(w: Writer) -> Section:
    """The appendix."""
    parts = [
        Section(str(_("The lines of enquiry used")), 2, (_editions(w),), contents=True),
        Section(str(_("Scope")), 2, tuple(_scope(w)), contents=True),
        Section(str(_("Positions on a criterion")), 2, tuple(_positions()), contents=True),
        Section(str(_("Scales of grades")), 2, tuple(_scales(w)), contents=True),
        Section(str(_("How grades come about")), 2, tuple(_grading(w)), contents=True),
        *readings.sections(w),
        *moderated.sections(w),
        Section(str(_("Evidence")), 2, tuple(_evidence()), contents=True),
        Section(str(_("Numbers")), 2, tuple(_numbers()), contents=True),
        Section(str(_("Where this report comes from")), 2, (_origin(w),), contents=True),
    ]
    return Section(
        str(_("Method")), 1, tuple(parts), anchor="method", contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def _editions(w: Writer) -> Table:
    rows = []
    for edition in w.snapshot.assessment.editions:
        title = [line(strong(clean(said(edition.title)))), line(clean(said(edition.publisher)))]
        if edition.leading:
            title.append(line(quiet(_("Leading: the overall judgements use its scales."))))
        about = (
            clean(said(edition.edition)),
            clean(said(edition.status)),
            figures.published(edition.published),
        )
        # The digest in two halves: a line holds no more.
        named = (
            line(clean(edition.framework)),
            line(quiet(edition.digest[:32])),
            line(quiet(edition.digest[32:])),
        )
        rows.append(
            Row((Cell(tuple(title)), Cell((line(", ".join(filter(None, about))),)), Cell(named)))
        )
    return Table(
        (
            Column(str(_("Framework")), 3),
            Column(str(_("Edition and status")), 2),
            Column(str(_("Identifier and digest")), 3),
        ),
        tuple(rows),
        str(_("Framework editions this assessment holds on to")),
        "small",
    )


def _scope(w: Writer) -> list[Block]:
    out = [t for t in w.snapshot.themes() if not t.in_scope]
    scoped = w.scoped()
    blocks: list[Block] = [
        say(Message("%(n)d theme is in scope, %(out)s left out.",
                    plural="%(n)d themes are in scope, %(out)s left out.", n=len(scoped),
                    out=figures.whole(len(out))))
    ]  # fmt: skip
    if out:
        rows = tuple(
            Row((Cell((line(name),)), Cell(lines(reason)))) for name, reason in _left_out(w)
        )
        blocks.append(
            Table(
                (Column(str(_("Theme left out")), 2), Column(str(_("Reason")), 3)),
                rows,
                str(_("Themes left out of scope")),
                "small",
            )
        )
    return blocks


def _left_out(w: Writer) -> list[tuple[str, Said]]:
    """Themes left out with their reasons; a KLOE once, where all of it has the same."""
    found: list[tuple[str, Said]] = []
    for kloe in w.snapshot.kloes:
        out = [t for t in kloe.themes if not t.in_scope]
        reasons = {said(t.scope_reason) for t in out}
        if len(out) > 1 and len(out) == len(kloe.themes) and len(reasons) == 1:
            name = _("%(kloe)s: all %(n)d themes", n=len(out),
                     kloe=f"{kloe.number} {clean(said(kloe.title))}")  # fmt: skip
            found.append((str(name), out[0].scope_reason))
        else:
            found += [(w.theme_name(t.id), t.scope_reason) for t in out]
    return found


def _positions() -> list[Block]:
    rows: list[Row] = []
    for _form, heading, positions in MEANINGS:
        rows.append(Row((Cell((line(heading),)),), group=True))
        for position, meaning in positions:
            mark = Mark(position_label(position), position_shade(position))
            rows.append(Row((Cell(mark=mark), Cell((line(meaning),)))))
    return [
        say(_("On one criterion an organisation is placed by what its descriptions say. A "
              "placing is no grade, and the lower column is no pass mark: it mixes good and "
              "bad.")),
        Table(
            (Column(str(_("Position")), 1), Column(str(_("What it means")), 3)),
            tuple(rows),
            str(_("Positions")),
            "small",
        ),
    ]  # fmt: skip


def _scales(w: Writer) -> list[Block]:
    rows: list[Row] = []
    names = {e.framework: clean(said(e.title)) for e in w.snapshot.assessment.editions}
    for scale in (s for s in w.snapshot.scales if asked(w, s.judgement)):
        heading = f"{names.get(scale.framework, scale.framework)}: {clean(said(scale.question))}"
        rows.append(Row((Cell((line(heading),)),), group=True))
        for grade in scale.grades:
            count = len(scale.grades)
            mark = Mark(clean(said(grade.label)), shade(grade.rank, count), grade.rank, count)
            words = {
                "upper": _("Described by the upper column."),
                "lower": _("Described by the lower column."),
            }.get(grade.describes or "", _("Not described; it lies by its neighbours."))
            rows.append(Row((Cell(mark=mark), Cell((line(words),)))))
    return [
        Table(
            (Column(str(_("Grade")), 3), Column(str(_("Description")), 3)),
            tuple(rows),
            str(_("Scales, highest grade first")),
            "small",
        )
    ]


def _grading(w: Writer) -> list[Block]:
    blocks: list[Block] = [
        say(_("People judge first. For each theme, line of enquiry and overall judgement a "
              "provisional grade is given with reasons. Only then is the grade shown that the "
              "framework's rules suggest, with the rule, why it is not higher and why it is not "
              "lower. The judgement is kept or changed, and which of the two is recorded. No "
              "grade comes from a number alone. Below the least coverage no grade is suggested. "
              "Grades of different scales are compared by rank.")),
    ]  # fmt: skip
    said_of = [j for j in w.snapshot.judgements if j.suggestion and j.stage != "dissent"]
    kept = sum(j.outcome == "kept" for j in said_of)
    changed = sum(j.outcome == "changed" for j in said_of)
    if kept or changed:
        blocks.append(
            say(Message("In this assessment the judgement agrees with the suggestion in %(n)d "
                        "case and differs in %(changed)d.",
                        plural="In this assessment the judgement agrees with the suggestion in "
                        "%(n)d cases and differs in %(changed)d.", n=kept, changed=changed))
        )  # fmt: skip
    for edition in w.snapshot.assessment.editions:
        items: list[tuple[Line, ...]] = [lines(rule) for rule in edition.rules]
        if items:
            title = str(_("Rules for %(framework)s", framework=clean(said(edition.title))))
            blocks.append(Section(title, 3, (ItemList(tuple(items)),)))
    return blocks


def _evidence() -> list[Block]:
    kinds = ("document", "data", "observation", "testimony", "tenant voice")
    origins = ("landlord", "tenant", "third party", "inspector", "system")
    return [
        say(_("Evidence is tied to a description and says that it is so, that it is otherwise, or "
              "gives context. Whether it agrees with the placing is worked out from its "
              "direction and the side it speaks of. A placing is triangulated when what "
              "bears it out is of at least two kinds and two origins. Where the wording demands "
              "a kind, such as what tenants feel, its absence is pointed out.")),
        say(_("Kinds: %(kinds)s. Origins: %(origins)s.",
              kinds=", ".join(said(label(k)).lower() for k in kinds),
              origins=", ".join(said(label(o)).lower() for o in origins)), style="small"),
    ]  # fmt: skip


def _numbers() -> list[Block]:
    return [
        say(_("An indicator is a numerator over a denominator for a period, from a named source. "
              "Quartiles are taken by linear interpolation between neighbouring values. The best "
              "quarter is the quarter of peers with the best results by the indicator's "
              "direction; where neither higher nor lower is better, no quarter is named. A value "
              "that could not be computed is never shown as nought.")),
        say(_("Small groups are not shown where a person could be known by them, nor what could "
              "be found by taking one number from another. Restricted evidence is shown by "
              "number and kind only.")),
        say(_("Percentages are rounded half up. A share that is less than all is never shown as "
              "all, and one that is more than none never as none."), style="small"),
    ]  # fmt: skip


def _origin(w: Writer) -> Table:
    s = w.snapshot
    taken = f"{figures.day(s.taken_at.date())}, {s.taken_at:%H:%M} {s.taken_at:%Z}".strip()
    final = s.assessment.final_at
    # In two halves: a line of large print holds no more.
    digest = value_digest(s.to_json())
    facts: list[tuple[object, str]] = [
        (_("Assessment"), clean(s.assessment.title)),
        (_("Identifier"), clean(s.assessment.id)),
        (_("Conducted by"), clean(s.assessment.conducted_by)),
        (_("Stood so on"), taken),
        (_("Final since"), figures.day(final.date()) if final else str(_("not final: a draft"))),
        (_("Digest of its content"), f"{digest[:32]}\n{digest[32:]}"),
    ]
    return facts_table(facts, str(_("Origin of this report")))
