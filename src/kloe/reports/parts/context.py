"""The organisation and its context, with its indicators against peers."""

from __future__ import annotations

from kloe.assessment.snapshot import Indicator
from kloe.assessment.snapshot_texts import CONTEXT
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, Cell, Column, Line, Mark, Row, Section, Span, Table
from kloe.reports.parts import computed, pictures, texts
from kloe.reports.phrases import (
    DIRECTIONS,
    JURISDICTIONS,
    POPULATIONS,
    QUARTER_SHADES,
    QUARTERS,
    TONES,
    clean,
    joined,
    line,
    lines,
    paragraphs,
    quiet,
    said,
    say,
    sentence,
    strong,
)
from kloe.reports.writer import Writer, label


def chapter(w: Writer) -> Section:
    """The chapter."""
    blocks: list[Block] = [_facts(w), *texts.blocks(w, CONTEXT, 2)]
    context = w.snapshot.context
    for title, text in (
        (_("Where it comes from"), context.baseline),
        (_("Homes"), context.stock),
        (_("Area and people"), context.area),
        (_("Constraints"), context.constraints),
        (_("Choices of policy"), context.policy_choices),
    ):
        found = paragraphs(text)
        if found:
            blocks.append(Section(str(title), 2, tuple(found)))
    if w.snapshot.known:
        blocks.append(
            Section(str(_("What is known from elsewhere")), 2, (_known(w),), contents=True,
                    bookmark=True)
        )  # fmt: skip
    if w.snapshot.indicators:
        blocks.append(compared(w))
    if own := computed.overview(w):
        blocks.append(own)
    return Section(
        str(_("The organisation and its context")), 1, tuple(blocks), anchor="context",
        contents=True, bookmark=True, new_page=True,
    )  # fmt: skip


def _facts(w: Writer) -> Table:
    organisation, assessment = w.snapshot.organisation, w.snapshot.assessment
    facts: list[tuple[object, str]] = [
        (_("Organisation"), clean(organisation.name)),
        (_("Kind"), clean(said(organisation.kind))),
        (
            _("Jurisdiction"),
            said(JURISDICTIONS.get(organisation.jurisdiction, organisation.jurisdiction)),
        ),
        (_("Homes"), figures.whole(organisation.homes) if organisation.homes is not None else ""),
        (_("Code in published data"), clean(organisation.landlord_code)),
        (
            _("Period assessed"),
            figures.period(assessment.period_start, assessment.period_end),
        ),
        (_("Led by"), clean(assessment.lead)),
    ]
    return facts_table(facts, str(_("The organisation and the assessment")))


def facts_table(facts: list[tuple[object, str]], caption: str) -> Table:
    """Pairs of a name and a value, those without a value left out."""
    rows = tuple(
        Row((Cell((line(strong(str(name))),)), Cell(tuple(map(line, value.splitlines())))))
        for name, value in facts
        if value
    )
    return Table(
        (Column(str(_("What")), 1.6), Column(str(_("Value")), 4.4)), rows, caption, "facts"
    )


def _known(w: Writer) -> Table:
    rows = []
    for fact in sorted(w.snapshot.known, key=lambda k: k.date, reverse=True):
        source = Span(clean(fact.source), "", fact.url)
        bearing = joined(w.theme_link(t) for t in fact.themes)
        told = list(lines(fact.text))
        if bearing:
            told.append(line(quiet(_("Bears on: ")), *bearing))
        rows.append(
            Row(
                (
                    Cell((line(figures.day(fact.date)),)),
                    Cell((line(said(known_kind(fact.kind))), line(source))),
                    Cell(tuple(told)),
                    Cell((line(said(TONES.get(fact.tone, fact.tone))),)),
                )
            )
        )
    return Table(
        (
            Column(str(_("Date")), 1.3),
            Column(str(_("Source")), 2),
            Column(str(_("What it says")), 4),
            Column(str(_("Speaks")), 1.2),
        ),
        tuple(rows),
        str(_("What is known from elsewhere, latest first")),
    )


def known_kind(kind: str) -> Message | str:
    """Where a fact comes from; the word for any other source means other things elsewhere."""
    return _("Other source") if kind == "other" else label(kind)


def compared(w: Writer) -> Section:
    """The organisation's indicators among those of its peers, as pictures with their numbers."""
    rows, groups = [], []
    notes: dict[str, list[str]] = {}
    for indicator in w.snapshot.indicators:
        rows.append(_row(indicator))
        if indicator.peers:
            groups.append(clean(said(indicator.peers.group)))
        for note in indicator.notes:
            notes.setdefault(clean(said(note)), []).append(clean(indicator.measure))
    blocks: list[Block] = [
        say(_("The box is the middle half of the peers, the line in it their median, the thin "
              "line runs from the least to the most, and the dot is this organisation. The "
              "numbers under it are lower quartile, median and upper quartile. Numerators, "
              "denominators and sources stand in the appendix on indicators."), style="small"),
        Table(
            (
                Column(str(_("Indicator")), 4.4),
                Column(str(_("Value")), 1.2, "end"),
                Column(str(_("Among peers")), 3.6),
                Column(str(_("Place")), 1.6),
            ),
            tuple(rows),
            str(_("Indicators against peers")),
        ),
    ]  # fmt: skip
    if groups:
        named = "; ".join(dict.fromkeys(groups))
        blocks.append(say(_("Peers: %(groups)s.", groups=named), style="small"))
    # The same words hold for many: they are said once, with the indicators they hold for.
    for note, measures in notes.items():
        of = ", ".join(dict.fromkeys(measures))
        blocks.append(
            say(strong(_("Not like for like: ")), f"{of}. ", sentence(note), style="small")
        )
    return Section(
        str(_("Results beside those of peers")), 2, tuple(blocks), contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def _row(indicator: Indicator) -> Row:
    return Row(
        (
            Cell((line(clean(said(indicator.title))), about_line(indicator))),
            Cell((line(strong(figures.value_of(indicator) or _("No value"))),)),
            Cell(picture=pictures.spread(indicator))
            if indicator.peers
            else Cell((line(sentence(clean(said(indicator.reason or "")))),)),
            place_cell(indicator),
        )
    )


def title_line(indicator: Indicator) -> Line:
    """An indicator's title and code."""
    return line(clean(said(indicator.title)), " ", quiet(f"({indicator.measure})"))


def about_line(indicator: Indicator) -> Line:
    """An indicator's code, whom it is about, and which way is better."""
    population = said(POPULATIONS.get(indicator.population, indicator.population))
    direction = said(DIRECTIONS.get(indicator.direction, ""))
    return line(quiet(" · ".join(x for x in (indicator.measure, population, direction) if x)))


def place_cell(indicator: Indicator) -> Cell:
    """Quarter and rank among peers."""
    peers = indicator.peers
    if peers is None or peers.quarter not in QUARTERS:
        return Cell()
    found: tuple[Line, ...] = ()
    if peers.rank is not None:
        found = (
            line(quiet(_("%(rank)s of %(n)s", rank=figures.whole(peers.rank),
                         n=figures.whole(peers.n)))),
        )  # fmt: skip
    return Cell(found, Mark(said(QUARTERS[peers.quarter]), QUARTER_SHADES.get(peers.quarter, 0)))
