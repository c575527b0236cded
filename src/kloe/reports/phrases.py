"""Fixed words of a report, and the small tools its parts are written with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kloe.assessment.positions import LABELS as POSITION_LABELS
from kloe.assessment.positions import SHADES, Position
from kloe.assessment.snapshot import Criterion, Judgement, Said
from kloe.core.messages import Message, _
from kloe.reports.blocks import Line, Mark, Paragraph, Span

STRANDS: dict[str, Message] = {
    "access": _("Access and customer care"),
    "diversity": _("Diversity"),
    "service": _("The services themselves"),
    "value for money": _("Value for money"),
    "improvement": _("Improvement"),
}
PRIORITIES: dict[str, Message] = {
    "high": _("High priority"),
    "medium": _("Medium priority"),
    "low": _("Low priority"),
    "": _("Priority not set"),
}
TERNARY: dict[str, Message] = {
    "yes": _("Yes"),
    "in part": _("In part"),
    "no": _("No"),
    "": _("Not said"),
}
TONES: dict[str, Message] = {
    "for": _("For the service"),
    "neutral": _("Neither"),
    "against": _("Against the service"),
}
QUARTERS: dict[str, Message] = {
    "best": _("Best quarter"),
    "better": _("Better half"),
    "worse": _("Worse half"),
    "worst": _("Worst quarter"),
    "highest": _("Highest quarter"),
    "higher": _("Higher half"),
    "lower": _("Lower half"),
    "lowest": _("Lowest quarter"),
    "same": _("All the same"),
}
QUARTER_SHADES = {"best": 4, "better": 3, "worse": 2, "worst": 1}
DIRECTIONS: dict[str, Message] = {
    "higher": _("higher is better"),
    "lower": _("lower is better"),
    "none": _("neither higher nor lower is better"),
}
POPULATIONS: dict[str, Message] = {
    "LCRA": _("low-cost rented homes"),
    "LCHO": _("shared ownership"),
    "combined": _("rented and shared ownership"),
    "all": _("all homes"),
}
JURISDICTIONS: dict[str, Message] = {
    "wales": _("Wales"),
    "england": _("England"),
    "scotland": _("Scotland"),
    "northern-ireland": _("Northern Ireland"),
}
STAGES: dict[str, Message] = {
    "provisional": _("provisional"),
    "proposed": _("proposed, before moderation"),
    "agreed": _("agreed"),
}

_BAD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff"
    + "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}" for p in range(1, 17))
    + "]"
)
_SAFE_LINK = re.compile(r"(https?|mailto):[^\s<>\"]+\Z", re.IGNORECASE)
_BLANK = re.compile(r"[ \t\u2028\u2029]+")


def safe_link(link: str) -> bool:
    """Whether an address may stand in a report: of the web, or of a mailbox."""
    return _SAFE_LINK.match(link) is not None


def said(value: Said) -> str:
    """What somebody or something says, in the language of the report."""
    return str(value) if value else ""


def printable(text: str) -> str:
    """The text without characters that no document may hold; blanks as they are."""
    return _BAD.sub("", text)


def clean(text: str) -> str:
    """Without what no document may hold: control characters, halves of characters."""
    return _BLANK.sub(" ", _BAD.sub("", text)).strip()


def texts(value: Said) -> list[str]:
    """The paragraphs of a text a person wrote, cleaned; none of an empty one."""
    return [t for t in (clean(part) for part in said(value).splitlines()) if t]


def sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def line(*parts: Span | Said) -> Line:
    """Running text of spans and plain words."""
    return tuple(
        part if isinstance(part, Span) else Span(clean_inner(said(part))) for part in parts if part
    )


def clean_inner(text: str) -> str:
    """Like :func:`clean`, but blanks at the ends stay: words follow."""
    return _BLANK.sub(" ", _BAD.sub("", text).replace("\n", " "))


def paragraphs(value: Said, style: str = "body") -> list[Paragraph]:
    """A text a person wrote as paragraphs."""
    return [Paragraph((Span(t),), style) for t in texts(value)]


def lines(value: Said, style: str = "") -> tuple[Line, ...]:
    """A text a person wrote as lines of a cell, item or record."""
    return tuple((Span(t, style),) for t in texts(value))


def say(*parts: Span | Said, style: str = "body") -> Paragraph:
    """A paragraph of the program's own words."""
    return Paragraph(line(*parts), style)


def strong(value: Said) -> Span:
    return Span(clean_inner(said(value)), "strong")


def quiet(value: Said) -> Span:
    return Span(clean_inner(said(value)), "quiet")


def joined(parts: Iterable[Span], between: str = ", ") -> list[Span]:
    """Spans with something between them."""
    out: list[Span] = []
    for part in parts:
        if out:
            out.append(Span(between))
        out.append(part)
    return out


def shade(rank: int, of: int) -> int:
    """Colour step of a grade: its rank where a scale has four grades, else spread over four."""
    if of <= 1:
        return 0
    return min(4, max(1, round(1 + 3 * (rank - 1) / (of - 1))))


def grade_mark(judgement: Judgement | None) -> Mark:
    """The mark of a judgement, or of there being none."""
    if judgement is None:
        return Mark(said(_("Not judged yet")), 0)
    rank = judgement.grade.rank
    return Mark(clean(said(judgement.grade.label)), shade(rank, judgement.of), rank, judgement.of)


def position_label(position: str) -> str:
    """The word for a position; for the empty one that it is open."""
    return said(POSITION_LABELS[Position(position)]) if position else said(_("Not placed yet"))


def position_shade(position: str) -> int:
    return SHADES.get(Position(position), 0) if position else 0


def position_mark(criterion: Criterion) -> Mark:
    """The mark of a placing."""
    return Mark(position_label(criterion.position), position_shade(criterion.position))
