"""Appendices that list: the evidence, and the indicators with what they are of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kloe.assessment.snapshot import EvidenceItem, Indicator
from kloe.assessment.vocabulary import EvidenceKind
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Line, Row, Section, Span, Table
from kloe.reports.parts import computed
from kloe.reports.parts.context import about_line, title_line
from kloe.reports.phrases import clean, joined, line, quiet, said, say, strong
from kloe.reports.writer import Writer, label


def evidence(w: Writer) -> Section:
    """The appendix on evidence."""
    items = w.snapshot.evidence
    blocks: list[Block] = []
    if items:
        blocks.append(
            say(_("Items are numbered as they were added. The digest is the beginning of the "
                  "file's SHA-256: who holds the file can see that it is the same."))
        )  # fmt: skip
        withheld = sum(e.restricted for e in items)
        if withheld:
            blocks.append(
                say(
                    Message(
                        "%(n)d item is restricted: only number and kind are shown.",
                        plural="%(n)d items are restricted: only number and kind are shown.",
                        n=withheld,
                    ),
                    style="small",
                )
            )
        if w.inspected:
            blocks += _by_kind(items)
        else:
            blocks.append(_register(items, str(_("Evidence"))))
    else:
        blocks.append(say(_("No evidence has been added yet.")))
    return Section(
        str(_("Evidence")), 1, tuple(blocks), anchor="evidence", contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def _register(items: Sequence[EvidenceItem], title: str) -> Table:
    return Table(
        (
            Column(str(_("No.")), 0.55),
            Column(str(_("Evidence: kind and origin, period, source, digest")), 8),
        ),
        tuple(_item(e) for e in items),
        title,
        "register",
    )


def _by_kind(items: Sequence[EvidenceItem]) -> list[Block]:
    """The documents read first, then figures, what was seen, and what people said."""
    found: list[Block] = []
    for title, kinds in (
        (_("Documents read"), {EvidenceKind.DOCUMENT}),
        (_("Data"), {EvidenceKind.DATA}),
        (_("What was seen"), {EvidenceKind.OBSERVATION}),
        (_("What people said"), {EvidenceKind.TESTIMONY, EvidenceKind.TENANT_VOICE}),
    ):
        those = [e for e in items if e.kind in kinds]
        if those:
            register = _register(those, str(title))
            found.append(Section(str(title), 2, (register,)))
    return found


def _item(item: EvidenceItem) -> Row:
    """Two columns only: what a list of thousands costs to lay out goes by its cells."""
    kind = said(label(item.kind))
    if item.restricted:
        told: tuple[Line, ...] = (line(quiet(_("Restricted (%(kind)s)", kind=kind.lower()))),)
    else:
        about = (
            ", ".join(x for x in (kind, said(label(item.origin)).lower()) if x),
            figures.period(item.period_start, item.period_end),
            clean(item.source),
            item.digest[:10],
        )
        told = (
            line(Span(clean(item.title) or kind, "", item.url)),
            line(quiet(" · ".join(x for x in about if x))),
        )
    number = Cell((line(strong(f"E{item.number}")),))
    return Row((number, Cell(told)), anchor=f"e-{item.number}")


def indicators(w: Writer) -> Section:
    """The appendix on indicators."""
    blocks: list[Block] = []
    if w.snapshot.indicators:
        blocks.append(
            say(_("Each value is its numerator over its denominator, for the period and from the "
                  "source named. Where there is no value, the reason stands in its place: no "
                  "value is not nought."))
        )  # fmt: skip
        blocks.append(
            Table(
                (
                    Column(str(_("Indicator")), 3.4),
                    Column(str(_("Value")), 1.2, "end"),
                    Column(str(_("Numerator")), 1.2, "end"),
                    Column(str(_("Denominator")), 1.3, "end"),
                    Column(str(_("Period and source")), 3),
                ),
                tuple(_indicator(i) for i in w.snapshot.indicators),
                str(_("Indicators with numerators and denominators")),
                "small",
            )
        )
        blocks.append(_bearing(w))
    blocks += computed.appendix(w)
    if not blocks:
        blocks.append(say(_("No indicators stand beside this assessment.")))
    return Section(
        str(_("Indicators")), 1, tuple(blocks), anchor="indicators", contents=True,
        bookmark=True, new_page=True,
    )  # fmt: skip


def _count(number: Decimal | None) -> str:
    return "–" if number is None else figures.whole(number)


def _indicator(indicator: Indicator) -> Row:
    source = [
        line(figures.period(indicator.period.start, indicator.period.end)),
        line(quiet(clean(said(indicator.source)))),
    ]
    named = (line(clean(said(indicator.title))), about_line(indicator))
    if indicator.value is None:
        reason = said(indicator.reason or "") or str(_("not said"))
        first: tuple[Line, ...] = (
            *named,
            line(strong(_("No value: ")), clean(reason)),
        )
    else:
        first = named
    for name, words in (
        (_("Numerator: "), indicator.numerator_words),
        (_("Denominator: "), indicator.denominator_words),
    ):
        if said(words):
            first = (*first, line(quiet(name), quiet(clean(said(words)))))
    return Row(
        (
            Cell(first),
            Cell((line(strong(figures.value_of(indicator) or "–")),)),
            Cell((line(_count(indicator.numerator)),)),
            Cell((line(_count(indicator.denominator)),)),
            Cell(tuple(source)),
        )
    )


def _bearing(w: Writer) -> Section:
    """Which themes each indicator speaks to."""
    rows = []
    for indicator in w.snapshot.indicators:
        themes = [w.theme_link(t) for t in indicator.themes if t in w.themes]
        if themes:
            rows.append(Row((Cell((title_line(indicator),)), Cell((line(*joined(themes, "; ")),)))))
    table = Table(
        (Column(str(_("Indicator")), 2), Column(str(_("Themes it speaks to")), 3)),
        tuple(rows),
        str(_("Indicators and themes")),
        "small",
    )
    return Section(str(_("What the indicators speak to")), 2, (table,) if rows else ())
