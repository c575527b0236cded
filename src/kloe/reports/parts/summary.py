"""Summary: the two judgements, what stands out, what has to change, and how sure this is."""

from __future__ import annotations

from kloe.assessment.snapshot import PROSPECTS, SERVICE, Finding, Judgement
from kloe.assessment.snapshot_texts import SUMMARY
from kloe.assessment.vocabulary import FindingKind
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import (
    Block,
    Figures,
    GradeMark,
    ItemList,
    KeyFigure,
    Line,
    Paragraph,
    Section,
    Span,
)
from kloe.reports.parts import texts
from kloe.reports.phrases import clean, grade_mark, line, paragraphs, quiet, said, say
from kloe.reports.phrases import texts as parts_of
from kloe.reports.writer import Writer

MOST = 6


def question(w: Writer, key: str) -> str:
    """What a judgement asks, in the leading framework's words."""
    scale = w.snapshot.leading_scale(key)
    default = _("How good is the service?") if key == SERVICE else _("What are the prospects?")
    return clean(said(scale.question)) if scale else str(default)


def asked(w: Writer, key: str) -> bool:
    """Whether a judgement is part of this assessment."""
    return bool(w.kloes_for(key) or w.snapshot.judgement(key))


def overall(w: Writer, key: str, *, large: bool = True) -> GradeMark:
    """The mark of an overall judgement."""
    return GradeMark(question(w, key), grade_mark(w.snapshot.judgement(key)), "", large)


def chapter(w: Writer) -> Section:
    """The chapter."""
    blocks: list[Block] = []
    written = texts.blocks(w, SUMMARY, 2)
    for key in (SERVICE, PROSPECTS):
        if asked(w, key):
            blocks.append(overall(w, key))
            # Where a summary was written it says why; the reasons stand in their chapters.
            blocks += [] if written else reasons(w.snapshot.judgement(key))
    blocks += written
    blocks.append(figures_of(w))
    blocks += [s for s in (_stands_out(w), _to_change(w), sure(w)) if s.blocks]
    return Section(
        str(_("Summary")), 1, tuple(blocks), anchor="summary", contents=True, bookmark=True,
        new_page=True,
    )  # fmt: skip


def reasons(judgement: Judgement | None) -> list[Paragraph]:
    """Why a grade was given, in the words of those who gave it."""
    if judgement is None:
        return [say(_("No judgement has been recorded yet."), style="small")]
    return paragraphs(judgement.reasons)


def figures_of(w: Writer) -> Figures:
    """How far the assessment is, in numbers."""
    counts = w.total()
    return Figures(
        (
            KeyFigure(
                figures.share(counts.placed, counts.base),
                str(_("of criteria placed")),
                n_of(counts.placed, counts.base),
            ),
            KeyFigure(
                figures.share(counts.triangulated, counts.base),
                str(_("rest on two kinds and two origins of evidence")),
                n_of(counts.triangulated, counts.base),
            ),
            evidence_items(w),
            _counted(
                len(w.findings(FindingKind.STRENGTH)),
                _("strength"),
                _("strengths"),
            ),
            areas_for_improvement(w),
        )
    )


def evidence_items(w: Writer) -> KeyFigure:
    """How many things an assessment rests on."""
    return _counted(len(w.snapshot.evidence), _("evidence item"), _("evidence items"))


def areas_for_improvement(w: Writer) -> KeyFigure:
    """How many of them there are."""
    found = len(w.findings(FindingKind.IMPROVEMENT))
    return _counted(found, _("area for improvement"), _("areas for improvement"))


def _counted(n: int, one: Message, more: Message) -> KeyFigure:
    return KeyFigure(figures.whole(n), str(Message(one.msgid, plural=more.msgid, n=n)), "")


def n_of(part: int, total: int) -> str:
    """Numerator and denominator in words."""
    return str(_("%(n)s of %(total)s", n=figures.whole(part), total=figures.whole(total)))


def _stands_out(w: Writer) -> Section:
    """Positive practice first, then strengths, one of each line of enquiry before a second."""
    found = w.findings(FindingKind.PRACTICE) + w.findings(FindingKind.STRENGTH)
    seen: set[str] = set()
    first: list[Finding] = []
    rest: list[Finding] = []
    words: set[str] = set()
    for finding in found:
        if finding.text in words:
            continue
        words.add(finding.text)
        kloe = w.kloe_of.get(finding.theme)
        (rest if kloe is None or kloe.id in seen else first).append(finding)
        if kloe:
            seen.add(kloe.id)
    items = tuple(
        (line(*parts_of(f.text)[:1], " ", quiet_theme(w, f.theme)),) for f in (first + rest)[:MOST]
    )
    blocks = (ItemList(items, style="strength"),) if items else ()
    return Section(str(_("What stands out")), 2, blocks)


def quiet_theme(w: Writer, theme: str) -> Span:
    """The theme a finding belongs to, small and leading there."""
    link = w.theme_link(theme)
    return Span(f"({link.text})" if link.text else "", "quiet", link.link)


def _to_change(w: Writer) -> Section:
    urgent = [r for r in w.recommendations if r.priority == "high"] or list(w.recommendations)
    items: tuple[tuple[Line, ...], ...] = tuple(
        (line(Span(r.name, "strong", f"#{r.name}"), "  ", *parts_of(r.text)[:1]),)
        for r in urgent[:MOST]
    )
    blocks: list[Block] = []
    if items:
        blocks.append(ItemList(items, style="improvement"))
        left = len(w.recommendations) - len(items)
        if left:
            blocks.append(
                say(
                    Message(
                        "%(n)d further recommendation stands in its own chapter.",
                        plural="%(n)d further recommendations stand in their own chapter.",
                        n=left,
                    ),
                    style="small",
                )
            )
    return Section(str(_("What has to change first")), 2, tuple(blocks))


def sure(w: Writer) -> Section:
    """What a reader should know before relying on the judgements."""
    counts = w.total()
    scoped = w.scoped()
    judged = sum(w.snapshot.judgement(t.id) is not None for t in scoped)
    out = sum(not t.in_scope for t in w.snapshot.themes())
    items = [
        Message("%(n)d of %(total)d theme has a grade.",
                plural="%(n)d of %(total)d themes have a grade.", n=judged, total=len(scoped))
        if len(scoped) != 1
        else _("The one theme in scope has a grade.") if judged
        else _("The one theme in scope has no grade."),
        _("All %(total)s criteria are placed.", total=figures.whole(counts.base))
        if counts.base > 1 and counts.placed == counts.base
        else _("%(n)s criteria of %(total)s are placed; the others are open or could not be told.",
               n=figures.whole(counts.placed), total=figures.whole(counts.base)),
        Message("On %(n)d criterion the evidence is of one kind only.",
                plural="On %(n)d criteria the evidence is of one kind only.", n=counts.one_kind),
    ]  # fmt: skip
    if without := counts.base - counts.evidenced:
        items.append(
            Message(
                "On %(n)d criterion there is no evidence.",
                plural="On %(n)d criteria there is no evidence.",
                n=without,
            )
        )
    items.append(
        Message("On %(n)d criterion evidence contradicts the placing.",
                plural="On %(n)d criteria evidence contradicts the placing.", n=counts.contradicted)
        if counts.contradicted
        else _("No evidence contradicts a placing.")
    )  # fmt: skip
    if out:
        items.append(
            Message("%(n)d theme was left out of scope; the reason stands under Method.",
                    plural="%(n)d themes were left out of scope; the reasons stand under Method.",
                    n=out)
        )  # fmt: skip
    lines = tuple((line(text),) for text in items)
    return Section(str(_("How sure this is")), 2, (ItemList(lines),))


def suggestion_words(judgement: Judgement) -> list[Paragraph]:
    """What the rules suggested and what became of it."""
    suggestion = judgement.suggestion
    if suggestion is None:
        return []
    if suggestion.grade is None:
        first = str(_("The rules suggest no grade: too few criteria are placed."))
    else:
        outcome = {
            "kept": _("The rules suggest %(grade)s; the judgement agrees."),
            "changed": _(
                "The rules suggest %(grade)s; the judgement differs, for the reasons given."
            ),
        }.get(judgement.outcome, _("The rules suggest %(grade)s."))
        first = outcome.msgid and str(
            Message(outcome.msgid, grade=clean(said(suggestion.grade.label)))
        )
    parts = [
        *(clean(said(x)) for x in suggestion.rule),
        *(str(_("Why not higher: %(why)s", why=clean(said(x)))) for x in suggestion.why_not_higher),
        *(str(_("Why not lower: %(why)s", why=clean(said(x)))) for x in suggestion.why_not_lower),
    ]
    return [Paragraph(line(first, " ", quiet(" ".join(parts))), "small")]
