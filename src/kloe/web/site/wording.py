"""How dates, periods and the fixed words of an assessment are written on pages."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kloe.assessment import positions, vocabulary
from kloe.assessment.checks import words as checking
from kloe.assessment.permissions import ROLE_NAMES, ROLE_WORDS, Role
from kloe.web.library.wording import WORDS as FRAMEWORK_WORDS

#: Answers to a checklist are left out: elsewhere *yes* is just yes.
WORDS: dict[str, object] = {
    str(word): label
    for labels in (checking.LABELS, vocabulary.LABELS)
    for word, label in labels.items()
    if not isinstance(word, checking.ItemAnswer)
}


def day(value: date | datetime | None) -> str:
    """3 May 2026."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return date_format(value, "j F Y")


def moment(value: datetime | None) -> str | SafeString:
    """3 May 2026, 14:02, readable by machines too."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(), date_format(local, "j F Y, H:i")
    )


def _ends(value: Any) -> tuple[date | None, date | None]:
    for first, last in (("start", "end"), ("period_start", "period_end"), ("from_", "to")):
        if hasattr(value, first) and hasattr(value, last):
            return getattr(value, first), getattr(value, last)
    if isinstance(value, tuple | list) and len(value) == 2:
        return value[0], value[1]
    return None, None


def period(value: Any) -> str:
    """April 2025 to March 2026 for whole months, else with days.

    Takes a ``Period``, anything with ``period_start`` and ``period_end``, or a pair of dates.
    """
    start, end = _ends(value)
    if start is None and end is None:
        return ""
    if start is None:
        return _("to %(end)s") % {"end": day(end)}
    if end is None:
        return _("from %(start)s") % {"start": day(start)}
    if start == end:
        return day(start)
    whole = start.day == 1 and end.day == monthrange(end.year, end.month)[1]
    if whole and (start.year, start.month) == (end.year, end.month):
        return date_format(start, "F Y")
    style = "F Y" if whole else "j F Y"
    return _("%(start)s to %(end)s") % {
        "start": date_format(start, style),
        "end": date_format(end, style),
    }


def position_label(value: str | None) -> str:
    """The word of a position; *not placed* for none."""
    try:
        return str(positions.LABELS[positions.Position(value or "")])
    except ValueError:
        return _("Not placed")


def position_shade(value: str | None) -> int:
    """Its colour step, 4 to 0."""
    try:
        return positions.SHADES.get(positions.Position(value or ""), 0)
    except ValueError:
        return 0


def word(value: str | StrEnum | None) -> str:
    """The label of a word of the vocabulary; the word itself where it has none."""
    return str(WORDS.get(str(value), value or "")) if value else ""


def role_name(value: str | None) -> str:
    """The name of a role."""
    try:
        return str(ROLE_NAMES[Role(value or "")])
    except ValueError:
        return value or ""


def role_words(value: str | None) -> str:
    """What a role is for, in a sentence."""
    try:
        return str(ROLE_WORDS[Role(value or "")])
    except ValueError:
        return ""


def framework_word(value: str | None) -> str:
    """A fixed word of a framework (strand, kind of instrument or check, country) to read."""
    return str(FRAMEWORK_WORDS.get(value or "") or WORDS.get(value or "") or value or "")


def number(value: float | None) -> str:
    """4,210."""
    return "" if value is None else str(number_format(value, use_l10n=True, force_grouping=True))


def since(value: str | None) -> str:
    """A date known to the day, the month or the year, in words."""
    text = str(value or "")
    try:
        parts = [int(p) for p in text.split("-")]
        if len(parts) == 3:
            return date_format(date(*parts), "j F Y")
        if len(parts) == 2:
            return date_format(date(parts[0], parts[1], 1), "F Y")
    except ValueError:
        pass
    return text


def references(sources: list[str], number: str) -> str:
    """References of published texts, the theme's number said once: ``1.5/4 E2 S2``."""
    here = [s.rpartition("/")[2] for s in sources if s.startswith(f"{number}/")]
    others = [s for s in sources if not s.startswith(f"{number}/")]
    return " ".join([number, *here] * bool(here) + others)


def tail(identifier: str) -> str:
    """The last part of an identifier, as anchors use it."""
    return str(identifier).rsplit("/", 1)[-1]
