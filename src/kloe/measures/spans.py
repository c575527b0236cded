"""Periods as people write them: a year, a quarter, a month, two days, and those before them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.definitions import Usual

_YEAR = re.compile(r"(\d{4})/(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
LENGTHS = {Usual.YEAR: 12, Usual.QUARTER: 3, Usual.MONTH: 1}
MONTHS = 12
FIRST = 4  # financial years begin in April


def _from(month: int, length: int) -> Period:
    """The period of some months from one counted since year 0."""
    ends = month + length
    return Period(_first(month), _first(ends) - timedelta(days=1))


def _first(month: int) -> date:
    return date(month // MONTHS, month % MONTHS + 1, 1)


def _month(day: date) -> int:
    return day.year * MONTHS + day.month - 1


def last_complete(usual: Usual, as_at: date) -> Period:
    """The last year (April to March), quarter or month that was over on a day."""
    length = LENGTHS[usual]
    after = _month(as_at + timedelta(days=1))
    end = after - (after - (FIRST - 1)) % length
    return _from(end - length, length)


def before(period: Period) -> Period:
    """The period of the same length just before: whole months where it is whole months."""
    end = period.start - timedelta(days=1)
    begins, ends = _month(period.start), _month(period.end + timedelta(days=1))
    if period.start.day == 1 and (period.end + timedelta(days=1)).day == 1:
        return _from(begins - (ends - begins), ends - begins)
    return Period(end - (period.end - period.start), end)


def trend(period: Period, number: int) -> tuple[Period, ...]:
    """A period and those before it, the earliest first."""
    found = [period]
    while len(found) < number:
        found.append(before(found[-1]))
    return tuple(reversed(found))


def parse_period(words: str, as_at: date) -> Period:
    """A period of words: 2025/26, 2025-06, 2025-04-01/2026-03-31, or year, quarter, month.

    The last three are the last that was over when the records were taken.

    :raises InvalidInput: where the words are no period.
    """
    words = words.strip()
    try:
        if words in [u.value for u in Usual]:
            return last_complete(Usual(words), as_at)
        if found := _DAYS.fullmatch(words):
            return Period(date.fromisoformat(found.group(1)), date.fromisoformat(found.group(2)))
        if (found := _YEAR.fullmatch(words)) and (int(found[1]) + 1) % 100 == int(found[2]):
            return _from(int(found.group(1)) * MONTHS + FIRST - 1, MONTHS)
        if found := _MONTH.fullmatch(words):
            day = date(int(found.group(1)), int(found.group(2)), 1)
            return _from(_month(day), 1)
    except ValueError:
        pass
    raise InvalidInput(
        _("“%(words)s” is no period.", words=words),
        _("Write 2025/26, 2025-06, 2025-04-01/2026-03-31, or year, quarter or month."),
    )


def shown(period: Period) -> str:
    """A period as people write it."""
    after = period.end + timedelta(days=1)
    if period.start.day == 1 and after.day == 1:
        months = _month(after) - _month(period.start)
        if months == MONTHS and period.start.month == FIRST:
            return f"{period.start.year}/{after.year % 100:02}"
        if months == 1:
            return f"{period.start:%Y-%m}"
    return f"{period.start}/{period.end}"
