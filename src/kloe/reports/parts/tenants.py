"""The summary for tenants: two pages in plain words, filled in from the assessment, then edited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from kloe.assessment.plain_words import PARTS, Part
from kloe.assessment.snapshot import PROSPECTS, SERVICE, Judgement, Snapshot, Theme
from kloe.assessment.vocabulary import INSPECTION_KINDS, FindingKind
from kloe.core.messages import Message, _
from kloe.reports import figures
from kloe.reports.blocks import Block, ItemList, Line, ReportDocument, Section, Span
from kloe.reports.parts.board import short
from kloe.reports.parts.summary import asked, overall
from kloe.reports.phrases import STRANDS, clean, paragraphs, said, shade, texts
from kloe.reports.writer import Recommendation, Writer

#: How many of each stand in what is filled in, and how long each may be.
GOOD, BETTER, AREAS, LENGTH, NAME = 4, 4, 3, 120, 60
#: So many themes are named one by one.
FEW = 3
#: Strands that stand in nearly every line of enquiry.
_EVERYWHERE = frozenset({"access", "diversity", "value for money"})
_ITEM = re.compile(r"[-–•*]\s+(?=\S)")
_STYLES = {Part.GOOD: "strength", Part.BETTER: "improvement"}
_MEANING: dict[str, dict[int, Message]] = {
    SERVICE: {
        4: _("This is the best grade. Nearly everything works as it should."),
        3: _("This is a good grade. Most things work well. Some things must get better."),
        2: _("This is a low grade. Some things work well. Many things must get better."),
        1: _("This is the lowest grade. Important things do not work. They must change soon."),
    },
    PROSPECTS: {
        4: _("This is the best grade. We are sure that the service will get better."),
        3: _("This is a good grade. We think that the service will get better."),
        2: _("This is a low grade. We are not sure that the service will get better."),
        1: _("This is the lowest grade. We do not think that the service will get better yet."),
    },
}
_OMBUDSMAN: dict[str, Message] = {
    "wales": _("the Public Services Ombudsman for Wales"),
    "england": _("the Housing Ombudsman"),
    "scotland": _("the Scottish Public Services Ombudsman"),
    "northern-ireland": _("the Northern Ireland Public Services Ombudsman"),
}


def blocks(w: Writer) -> tuple[Block, ...]:
    """What stands on the two pages; what must get better begins the second."""
    written = words_of(w)
    found: list[Block] = []
    for part, about in PARTS.items():
        inner: list[Block] = []
        if part is Part.GRADES:
            inner += [overall(w, key, large=True) for key in (SERVICE, PROSPECTS) if asked(w, key)]
        inner += _laid(written[part], _STYLES.get(part, "plain"))
        found.append(
            Section(
                str(about.title), 1, tuple(inner), anchor=f"tenants-{part.value}", bookmark=True,
                new_page=part is Part.BETTER,
            )
        )  # fmt: skip
    return tuple(found)


def frame(document: ReportDocument) -> ReportDocument:
    """The document with the front of a summary."""
    name = str(_("Summary for tenants"))
    cover = replace(document.cover, kicker=name, grades=(), facts=())
    return replace(document, title=f"{document.title}, {name[:1].lower()}{name[1:]}", cover=cover)


def words_of(w: Writer) -> dict[Part, str]:
    """The words of every part: the author's where there are any, else filled in."""
    own = {p.key: p.text for p in w.snapshot.tenants if p.text.strip()}
    return {part: own.get(part.value) or filled(w, part) for part in PARTS}


def filled(w: Writer, part: Part) -> str:
    """What the assessment itself gives for a part."""
    return _FILL[part](w)


def filled_in(snapshot: Snapshot) -> dict[Part, str]:
    """Every part as the assessment gives it."""
    w = Writer(snapshot, links=False)
    return {part: filled(w, part) for part in PARTS}


def _laid(text: str, style: str) -> list[Block]:
    """Lines as paragraphs; those that begin with a hyphen as a list."""
    found: list[Block] = []
    items: list[tuple[Line, ...]] = []

    def close() -> None:
        if items:
            found.append(ItemList(tuple(items), style=style))
            items.clear()

    for line in texts(text):
        item = _ITEM.match(line)
        if item:
            items.append(((Span(line[item.end() :]),),))
        else:
            close()
            found.extend(paragraphs(line))
    close()
    return found


def _sentence(parts: Iterable[str]) -> str:
    return " ".join(filter(None, (p.strip() for p in parts)))


def _named(names: list[str], most: int) -> str:
    """Names as a reader says them: a, b and c; what is left out is counted."""
    left = len(names) - most
    shown = names[:most]
    if left > 0:
        more = Message("%(n)d more", plural="%(n)d more", n=left)
        shown = [*shown, str(more)]
    if len(shown) < 2:
        return "".join(shown)
    return str(_("%(names)s and %(last)s", names=", ".join(shown[:-1]), last=shown[-1]))


def _looked(w: Writer) -> str:
    s = w.snapshot
    asked_about = _asked_about(w)
    period = figures.period(s.assessment.period_start, s.assessment.period_end)
    name = clean(s.organisation.name) or str(_("your landlord"))
    parts = [str(_("We looked at how %(name)s serves its tenants.", name=short(name, NAME)))]
    if asked_about:
        parts.append(str(_("We asked about: %(names)s.", names=_named(asked_about, 8))))
    parts.append(str(_("We looked at the time from %(period)s.", period=period)))
    kinds = [e.kind for e in s.evidence]
    counted = (
        ("document", Message("%(n)d document", plural="%(n)d documents",
                             n=kinds.count("document"))),
        ("data", Message("%(n)d set of figures", plural="%(n)d sets of figures",
                         n=kinds.count("data"))),
        ("observation", Message("%(n)d visit or other thing we saw",
                                plural="%(n)d visits and other things we saw",
                                n=kinds.count("observation"))),
        ("tenant voice", Message("%(n)d time that tenants told us something",
                                 plural="%(n)d times that tenants told us something",
                                 n=kinds.count("tenant voice"))),
    )  # fmt: skip
    used = [str(words) for kind, words in counted if kind in kinds]
    if used:
        parts.append(str(_("We used %(what)s.", what=_named(used, len(used)))))
    return _sentence(parts)


def _asked_about(w: Writer) -> list[str]:
    """The lines of enquiry; of an assessment of a few themes these, for they are not all of one."""
    themes = w.scoped()
    if len(themes) <= FEW:
        return [short(area, NAME) for area in dict.fromkeys(_area(w, t) for t in themes)]
    return [short(clean(said(k.title)), NAME) for k in w.snapshot.kloes if k.scoped]


def _area(w: Writer, theme: Theme) -> str:
    """A theme in plain words; one that stands in several lines of enquiry says in which."""
    title = clean(said(theme.title))
    kloes = {w.kloe_of[t.id].id for t in w.scoped() if clean(said(t.title)) == title}
    if len(kloes) < 2:
        return title.lower()
    strand = STRANDS.get(theme.strand) if theme.strand in _EVERYWHERE else None
    within = clean(said(w.kloe_of[theme.id].title))
    return f"{said(strand) if strand else title} ({within})".lower()


def _meaning(key: str, judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    words = _MEANING[key].get(shade(judgement.grade.rank, judgement.of))
    return str(words) if words else ""


def _grades(w: Writer) -> str:
    lines = []
    for key in (SERVICE, PROSPECTS):
        judgement = w.snapshot.judgement(key)
        meaning = _meaning(key, judgement)
        if judgement and meaning:
            grade = clean(said(judgement.grade.label))
            lines.append(str(_("%(grade)s: %(meaning)s", grade=grade, meaning=meaning)))
    return "\n".join(lines) or str(_("We have not given a grade yet."))


def _room(items: int, most: int) -> int:
    """How long each may be: where there are few, each has more room."""
    return LENGTH * most // max(1, min(items, most))


def _list(items: list[str], most: int) -> str:
    room = _room(len(items), most)
    lines = [f"- {short(text, room)}" for text in items[:most]]
    left = len(items) - most
    if left > 0:
        lines.append(
            str(
                Message(
                    "The full report tells of %(n)d more.",
                    plural="The full report tells of %(n)d more.",
                    n=left,
                )
            )
        )
    return "\n".join(lines)


def _good(w: Writer) -> str:
    found = w.findings(FindingKind.PRACTICE) + w.findings(FindingKind.STRENGTH)
    items = list(dict.fromkeys(_first(f.text) for f in found))
    return _list([i for i in items if i], GOOD) or str(
        _("The report does not name anything as a strength yet.")
    )


def _first(text: str) -> str:
    """The first paragraph of what was written."""
    return next(iter(texts(text)), "")


def _better(w: Writer) -> str:
    room = _room(len(w.recommendations), BETTER)
    items = [_by_when(r, room) for r in w.recommendations]
    return _list([i for i in items if i], BETTER) or str(
        _("The report does not recommend anything yet.")
    )


def _by_when(recommendation: Recommendation, room: int) -> str:
    """What has to be done, and the day by which where one is set."""
    words = short(_first(recommendation.text), room - 30)
    days = [f.due_on for f in recommendation.findings if f.due_on]
    if not words or not days:
        return words
    by = figures.day(date.fromisoformat(min(days)))
    return str(_("%(what)s (by %(day)s)", what=words.rstrip("."), day=by))


def _areas(w: Writer, *, good: bool) -> list[str]:
    """Areas by their grade: the upper or the lower half of the scale."""
    found = []
    for theme in w.scoped():
        judgement = w.snapshot.judgement(theme.id)
        if judgement and (judgement.grade.rank * 2 > judgement.of) is good:
            found.append(_area(w, theme))
    return list(dict.fromkeys(found))


def _means(w: Writer) -> str:
    told = (
        (_areas(w, good=True), _("Things mostly work well here:")),
        (_areas(w, good=False), _("You may still have trouble here:")),
    )
    lines: list[str] = []
    for areas, words in told:
        if not areas:
            continue
        lines += [str(words), *(f"- {short(area, NAME)}" for area in areas[:AREAS])]
        left = len(areas) - AREAS
        if left > 0:
            more = Message("- %(n)d more area", plural="- %(n)d more areas", n=left)
            lines.append(str(more))
    return "\n".join(lines) or str(_("We cannot say yet what this means for you."))


def _next(w: Writer) -> str:
    name = short(clean(w.snapshot.organisation.name) or str(_("your landlord")), NAME)
    if w.snapshot.assessment.kind in INSPECTION_KINDS:
        return _sentence(
            (
                str(_("%(name)s now writes a plan.", name=name)),
                str(_("The plan says who does what, and by when.")),
                str(_("We will look again to see whether things have become better.")),
            )
        )
    return _sentence(
        (
            str(_("These things go into our plan.")),
            str(_("The plan says who does what, and by when.")),
            str(_("We will tell you what has been done.")),
        )
    )


def _say(w: Writer) -> str:
    where = _OMBUDSMAN.get(w.snapshot.organisation.jurisdiction)
    parts = [
        str(_("Tell your landlord what you think of this summary.")),
        str(_("You can ask for the full report.")),
        str(_("You can ask for this summary in large print or in another language.")),
    ]
    if where is not None:
        parts.append(
            str(
                _("Have you complained, and was it not put right? You can go to %(where)s.",
                  where=str(where))
            )
        )  # fmt: skip
    return _sentence(parts)


_FILL: dict[Part, Callable[[Writer], str]] = {
    Part.LOOKED: _looked,
    Part.GRADES: _grades,
    Part.GOOD: _good,
    Part.BETTER: _better,
    Part.MEANS: _means,
    Part.NEXT: _next,
    Part.SAY: _say,
}
