"""How numbers, dates and periods are written: the one place that formats them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kloe.assessment.snapshot import Indicator
from kloe.core.messages import Message, _

_MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"),
    _("August"), _("September"), _("October"), _("November"), _("December"),
)  # fmt: skip

_UNITS = {
    "%": "%(number)s %%",
    "£": "£%(number)s",
    "per 1,000": _("%(number)s per 1,000").msgid,
    "per 1,000 homes": _("%(number)s per 1,000 homes").msgid,
    "days": _("%(number)s days").msgid,
    "years": _("%(number)s years").msgid,
}


def whole(number: int | Decimal) -> str:
    """A count with separators: 6,412. A fraction keeps one decimal (weighted counts have them)."""
    if number == int(number):
        return f"{int(number):,}"
    return rounded(Decimal(number), 1)


def rounded(number: Decimal, places: int) -> str:
    """A number to so many decimals, half away from zero, with separators and a true minus."""
    step = Decimal(1).scaleb(-places)
    text = f"{number.quantize(step, ROUND_HALF_UP):,f}"
    return text.replace("-", "−")


def measured(number: Decimal, unit: str, places: int) -> str:
    """A value in its unit: 79.4 %, 12.3 per 1,000, £54."""
    text = rounded(number, places)
    msgid = _UNITS.get(unit)
    if msgid is not None:
        return str(Message(msgid, number=text))
    return f"{text} {unit}" if unit not in {"", "count"} else text


def value_of(indicator: Indicator) -> str:
    """An indicator's value; empty where it has none."""
    if indicator.value is None:
        return ""
    return measured(indicator.value, indicator.unit, indicator.decimals)


def share(part: int, total: int) -> str:
    """A whole percentage; a dash of nothing at all. All and none are never rounded to."""
    if total == 0:
        return "–"
    percent = (Decimal(100 * part) / total).quantize(Decimal(1), ROUND_HALF_UP)
    if part < total:
        percent = min(percent, Decimal(99))
    if part > 0:
        percent = max(percent, Decimal(1))
    return f"{percent} %"


def day(when: date) -> str:
    """12 November 2026."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def month(when: date) -> str:
    """November 2026."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def published(when: str) -> str:
    """A year, month or day of publication written as 2005, 2005-11 or 2005-11-01."""
    try:
        parts = [int(p) for p in when.split("-")]
        whole = date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
    except (ValueError, IndexError):
        return when
    return (str(whole.year), month(whole), day(whole))[min(len(parts), 3) - 1]


def period(start: date | None, end: date | None) -> str:
    """April 2025 to March 2026 where whole months are meant, else to the day."""
    if start is None or end is None:
        known = start or end
        return day(known) if known else ""
    if start == end:
        return day(start)
    if start.day == 1 and end.day == monthrange(end.year, end.month)[1]:
        if (start.year, start.month) == (end.year, end.month):
            return month(start)
        return str(_("%(start)s to %(end)s", start=month(start), end=month(end)))
    return str(_("%(start)s to %(end)s", start=day(start), end=day(end)))
