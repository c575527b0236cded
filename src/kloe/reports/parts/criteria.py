"""Appendix: every criterion with its two sides, placing, reason and evidence."""

from __future__ import annotations

from collections.abc import Iterator

from kloe.assessment.snapshot import Criterion, Kloe, LinkedEvidence, Scale, Theme
from kloe.core.messages import Message, _
from kloe.reports.blocks import Block, Line, Part, Record, Section, Side, Span
from kloe.reports.parts.themes import kloe_name
from kloe.reports.phrases import clean, line, lines, position_mark, quiet, said, say, shade
from kloe.reports.writer import Writer, anchor, label

_DIRECTIONS = (
    ("shows this", _("Shows this")),
    ("shows otherwise", _("Shows otherwise")),
    ("context", _("Context")),
)


def appendix(w: Writer) -> Section:
    """The appendix."""
    blocks: list[Block] = [
        say(_("Each criterion is one aspect of a service. The published lines of enquiry describe "
              "it in an upper and a lower column, restated here in other words; the references "
              "name the published statements. The placing says which description the "
              "organisation is like."))
    ]  # fmt: skip
    blocks += [_kloe(w, kloe) for kloe in w.snapshot.kloes if kloe.scoped]
    return Section(
        str(_("Every criterion with its placing")), 1, tuple(blocks), anchor="criteria",
        contents=True, bookmark=True, new_page=True,
    )  # fmt: skip


def _kloe(w: Writer, kloe: Kloe) -> Section:
    scale = w.scale_of(kloe)
    sides = side_labels(scale)
    themes = tuple(_theme(w, theme, sides) for theme in kloe.scoped)
    return Section(
        kloe_name(kloe), 2, themes, anchor=f"criteria-{anchor(kloe.id)}", contents=True,
        bookmark=True,
    )  # fmt: skip


def side_labels(scale: Scale | None) -> dict[str, tuple[str, int]]:
    """What each column describes, in the scale's words, and its colour step."""
    names = {"upper": _("Upper column"), "lower": _("Lower column")}
    found = {}
    for side, name in names.items():
        grade = scale.describing(side) if scale else None
        step = shade(grade.rank, len(scale.grades)) if scale and grade else 0
        words = f"{name}: {clean(said(grade.label))}" if grade else str(name)
        found[side] = (words, step)
    return found


def _theme(w: Writer, theme: Theme, sides: dict[str, tuple[str, int]]) -> Section:
    records = tuple(_record(w, c, sides) for c in theme.criteria)
    return Section(
        w.theme_name(theme.id), 3, records, anchor=f"criteria-{anchor(theme.id)}", bookmark=True
    )


def _record(w: Writer, criterion: Criterion, sides: dict[str, tuple[str, int]]) -> Record:
    parts: list[Part] = []
    reason = lines(criterion.reason)
    if reason:
        parts.append(Part(str(_("Reason")), reason))
    parts += _evidence(w, criterion)
    return Record(
        title=clean(said(criterion.title)),
        reference=", ".join(clean(s) for s in criterion.sources),
        mark=position_mark(criterion),
        sides=tuple(_sides(criterion, sides)),
        parts=tuple(parts),
        level=4,
        anchor=anchor(criterion.id),
    )


def _sides(criterion: Criterion, labels: dict[str, tuple[str, int]]) -> Iterator[Side]:
    for side, (words, step) in labels.items():
        told = tuple(
            (Span(clean(said(d.text)), "published"),)
            for d in criterion.descriptors
            if d.side == side
        )
        if told:
            yield Side(words, step, told)


def _evidence(w: Writer, criterion: Criterion) -> Iterator[Part]:
    for direction, name in _DIRECTIONS:
        found = [x for x in criterion.evidence if x.direction == direction]
        if found:
            yield Part(str(name), tuple(_link(w, x, criterion) for x in found))
    yield Part(str(_("Rests on")), (line(quiet(rests_on(criterion))),))


def _link(w: Writer, link: LinkedEvidence, criterion: Criterion) -> Line:
    item = w.snapshot.item(link.number)
    where = [clean(link.locator)] if link.locator else []
    if criterion.form == "paired" and link.direction != "context":
        where.append(str(_("upper") if link.side == "upper" else _("lower")))
    if link.agrees is False:
        where.append(str(_("does not agree with the placing")))
    note = clean(link.note)
    return line(
        w.evidence_number(item),
        " ",
        w.evidence_title(item),
        quiet(f" ({', '.join(where)})" if where else ""),
        quiet(f" {note}" if note else ""),
    )


def rests_on(criterion: Criterion) -> str:
    """Kinds and origins behind a placing, and what its wording asks for besides."""
    behind = criterion.triangulation
    kinds = ", ".join(said(label(k)).lower() for k in behind.kinds)
    origins = ", ".join(said(label(o)).lower() for o in behind.origins)
    if not behind.kinds:
        words = str(_("no evidence"))
    else:
        msgid = _("%(kinds)s (from: %(origins)s)")
        if len(behind.kinds) == 1:
            msgid = _("one kind only: %(kinds)s (from: %(origins)s)")
        elif len(behind.origins) == 1:
            msgid = _("one origin only: %(kinds)s (from: %(origins)s)")
        words = str(Message(msgid.msgid, kinds=kinds, origins=origins))
    if behind.missing:
        missing = ", ".join(said(label(k)).lower() for k in behind.missing)
        words += str(_("; its wording asks for %(kinds)s", kinds=missing))
    return words
