"""One theme told: grade and reasons, profile, answers, findings, indicators."""

from __future__ import annotations

from kloe.assessment.snapshot import Finding, Judgement, Kloe, Question, Theme
from kloe.assessment.strength import SAID
from kloe.assessment.vocabulary import FindingKind
from kloe.core.messages import _
from kloe.reports import figures
from kloe.reports.blocks import (
    Block,
    Cell,
    Column,
    GradeMark,
    ItemList,
    Line,
    Paragraph,
    Row,
    Section,
    Span,
    Table,
)
from kloe.reports.parts import computed, moderated, pictures
from kloe.reports.parts import texts as told
from kloe.reports.parts.context import place_cell, title_line
from kloe.reports.parts.summary import reasons, suggestion_words
from kloe.reports.phrases import (
    STAGES,
    clean,
    grade_mark,
    line,
    lines,
    paragraphs,
    quiet,
    said,
    say,
    sentence,
    strong,
    texts,
)
from kloe.reports.writer import Writer, anchor

FINDINGS = (
    (FindingKind.STRENGTH, _("Strengths"), "strength"),
    (FindingKind.IMPROVEMENT, _("Areas for improvement"), "improvement"),
    (FindingKind.PRACTICE, _("Positive practice"), "practice"),
)


def theme_section(w: Writer, theme: Theme, level: int, *, with_kloe: bool = False) -> Section:
    """The section of one theme in scope."""
    title = w.theme_name(theme.id)
    kloe = w.kloe_of[theme.id]
    if with_kloe:
        title = f"{theme.number} {clean(said(kloe.title))}: {clean(said(theme.title))}"
    blocks: list[Block] = judgement_blocks(w, theme.id, str(_("Grade of the theme")))
    picture = pictures.profile([theme], w.theme_name(theme.id))
    if picture:
        blocks.append(picture)
    written = told.blocks(w, theme.id, level + 1)
    blocks += written
    answers = [p for q in theme.questions for p in _answer(w, q)]
    # Of an inspection the answers are working papers once the theme has its text.
    if answers and not (written and w.inspected):
        blocks.append(Section(str(_("Questions and answers")), level + 1, tuple(answers)))
    for kind, heading, style in FINDINGS:
        found = w.findings(kind, theme.id)
        if found:
            listed = ItemList(
                tuple(_finding(w, f, drafts=not written) for f in found),
                style=style,
                anchors=tuple(f"f-{f.number}" if f.number else "" for f in found),
            )
            blocks.append(Section(str(heading), level + 1, (listed,)))
    indicators = tuple(t for t in (_indicators(w, theme), computed.in_theme(w, theme)) if t)
    if indicators:
        blocks.append(Section(str(_("What indicators say")), level + 1, indicators))
    return Section(
        title, level, tuple(blocks), anchor=anchor(theme.id), contents=True, bookmark=True
    )


def judgement_blocks(w: Writer, subject: str, name: str) -> list[Block]:
    """Grade, reasons, what the rules suggested, and dissent."""
    judgement = w.snapshot.judgement(subject)
    mark = grade_mark(judgement)
    note = "" if judgement is None else stage_words(judgement)
    blocks: list[Block] = [GradeMark(name, mark, note)]
    if judgement is not None:
        blocks += reasons(judgement)
        blocks += suggestion_words(judgement)
        blocks += moderated.passed(w, subject)
    for dissent in w.snapshot.dissents(subject):
        words = _("%(who)s dissents (%(grade)s): ", who=clean(dissent.by) or _("One assessor"),
                  grade=clean(said(dissent.grade.label)))  # fmt: skip
        blocks.append(say(strong(words), " ".join(texts(dissent.reasons)), style="small"))
    return blocks


def stage_words(judgement: Judgement) -> str:
    """How far a judgement has come: agreed, proposed, provisional, and when."""
    stage = said(STAGES.get(judgement.stage, judgement.stage))
    return f"{stage}, {figures.day(judgement.at)}" if judgement.at else stage


def _answer(w: Writer, question: Question) -> list[Paragraph]:
    """A published question in its own type, its answer and the evidence cited."""
    out = [Paragraph((Span(clean(said(question.text)), "published"),), "question")]
    answer = paragraphs(question.answer)
    if not answer:
        draft = w.snapshot.assessment.draft
        out.append(say(_("Not answered yet.") if draft else _("Not answered."), style="small"))
    out += answer
    if question.cites:
        out.append(say(quiet(_("Evidence: ")), *w.cite(question.cites), style="source"))
    for detail in question.detailed:
        told = " ".join(texts(detail.answer))
        if told:
            asked = Span(clean(said(detail.text)), "emphasis")
            cited = [Span(" ("), *w.cite(detail.cites), Span(")")] if detail.cites else []
            out.append(say(asked, " ", told, *cited, style="detail"))
    return out


def _finding(w: Writer, finding: Finding, *, drafts: bool) -> tuple[Line, ...]:
    """A finding with what it rests on.

    :param drafts: whether what is drafted of it stands here, and not in the text of the theme.
    """
    said_of = list(lines(finding.text))
    if drafts and finding.draft:
        said_of += told.lines(w, finding.draft)
    rests: list[Span] = []
    for identifier in finding.criteria:
        criterion = w.criteria.get(identifier)
        if criterion:
            target = f"#{anchor(identifier)}" if w.links else ""
            rests.append(Span(clean(said(criterion.title)), "quiet", target))
    basis: list[Span] = []
    for span in rests:
        basis += [span, Span("; ", "quiet")]
    cited = w.cite(finding.evidence)
    if basis and not cited:
        basis.pop()
    recommendation = w.recommendation(finding)
    after = []
    if recommendation:
        link = f"#{recommendation.name}" if w.links else ""
        after = [Span("  → "), Span(recommendation.name, "strong", link)]
    number = [Span(f"F{finding.number}  ", "quiet")] if finding.number else []
    strong_as = SAID.get(finding.strength)
    weight = [quiet(sentence(said(strong_as))), quiet(". ")] if strong_as else []
    if number or weight or basis or cited or after:
        said_of.append(line(*number, *weight, *basis, *cited, *after))
    return tuple(said_of)


def _indicators(w: Writer, theme: Theme) -> Table | None:
    found = w.indicators(theme.id)
    if not found:
        return None
    rows = []
    for indicator in found:
        peers = indicator.peers
        median = (
            figures.measured(peers.median, indicator.unit, indicator.decimals) if peers else "–"
        )
        value = figures.value_of(indicator)
        rows.append(
            Row(
                (
                    Cell((title_line(indicator),)),
                    Cell((line(strong(value)) if value else line(_("No value")),)),
                    Cell((line(median),)),
                    place_cell(indicator),
                )
            )
        )
    return Table(
        (
            Column(str(_("Indicator")), 4.2),
            Column(str(_("Value")), 1.1, "end"),
            Column(str(_("Peers' median")), 1.2, "end"),
            Column(str(_("Place")), 1.6),
        ),
        tuple(rows),
        "",
        "small",
    )


def kloe_name(kloe: Kloe) -> str:
    """A KLOE's number and title."""
    return f"{kloe.number} {clean(said(kloe.title))}"
