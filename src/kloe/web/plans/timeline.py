"""The plan as a picture over time: a bar for each action, drawn as SVG in the manner of the site.

Every bar has its words, and the page has the same as a table. Colours come from the style sheet
by class; shapes say the same without any: what is late is hatched at its end, what is done has a
tick, a milestone is a diamond (filled once it is reached).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kloe.assessment.plan import STATUSES, Status
from kloe.web.plans.models import Action

ROW, BAR, LEFT, WIDTH, TOP = 26, 12, 190, 900, 30
_SHADES = {
    Status.COMPLETED: 4,
    Status.UNDER_WAY: 3,
    Status.AGREED: 2,
    Status.ON_HOLD: 1,
    Status.PROPOSED: 0,
    Status.DROPPED: 0,
}


@dataclass(frozen=True)
class Mark:
    """A milestone on its bar."""

    x: str
    points: str
    done: bool
    words: str


@dataclass(frozen=True)
class Bar:
    """One action."""

    action: Action
    y: int
    text_y: int
    x: str
    width: str
    #: The part after the day it was due: how late it was done, or is.
    late_x: str
    late_width: str
    shade: int
    done: bool
    end: str
    marks: tuple[Mark, ...]
    label: str
    words: str


@dataclass(frozen=True)
class Picture:
    """Everything a template draws."""

    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    months: tuple[tuple[str, str], ...]
    today: str
    undated: tuple[Action, ...]
    summary: str


def _span(action: Action) -> tuple[date, date] | None:
    end = action.due_on or action.done_on
    if end is None:
        return None
    start = action.start_on or action.made_on
    return min(start, end), end


def draw(actions: Sequence[Action], today: date) -> Picture:
    """The picture of some actions; those without a day are listed beside it."""
    dated = [(a, s) for a in actions if (s := _span(a)) is not None]
    undated = tuple(a for a in actions if _span(a) is None)
    if not dated:
        return Picture(WIDTH, 0, LEFT, (), (), "", undated, "")
    first = min([s[0] for _a, s in dated] + [today])
    last = max([max(s[1], a.done_on or s[1]) for a, s in dated] + [today])
    first, last = first.replace(day=1), last + timedelta(days=7)
    days = max((last - first).days, 1)

    def at(day: date) -> float:
        return LEFT + (day - first).days / days * (WIDTH - LEFT - 10)

    bars = tuple(_bar(n, a, s, today, at) for n, (a, s) in enumerate(dated))
    height = TOP + ROW * len(bars) + 8
    summary = ngettext(
        "%(n)d action from %(first)s to %(last)s; a line marks today, %(today)s.",
        "%(n)d actions from %(first)s to %(last)s; a line marks today, %(today)s.",
        len(bars),
    ) % {
        "n": len(bars),
        "first": date_format(first, "F Y"),
        "last": date_format(last, "F Y"),
        "today": date_format(today, "j F Y"),
    }
    months = tuple(_months(first, last, at))
    return Picture(WIDTH, height, LEFT, bars, months, f"{at(today):.1f}", undated, summary)


def _months(first: date, last: date, at: Any) -> list[tuple[str, str]]:
    """Where months begin, as many as can be read beside each other."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60) if months / s <= 13), 120)
    found, day = [], first
    while day <= last:
        if (
            (day.year * 12 + day.month - 1) - (first.year * 12 + first.month - 1)
        ) % step == 0 and at(day) < WIDTH - 32:
            found.append((f"{at(day):.1f}", date_format(day, "M Y")))
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found


def _bar(n: int, action: Action, span: tuple[date, date], today: date, at: Any) -> Bar:
    start, end = span
    y = TOP + n * ROW
    late_to = None
    if action.due_on is not None:
        if action.done_on is not None and action.done_on > action.due_on:
            late_to = action.done_on
        elif action.status in (Status.AGREED, Status.UNDER_WAY, Status.ON_HOLD) and (
            today > action.due_on
        ):
            late_to = today
    finish = action.done_on if action.done_on is not None and action.done_on < end else end
    left, right = at(start), at(finish)
    marks = tuple(
        Mark(
            x=f"{at(m.due_on):.1f}",
            points=_diamond(at(m.due_on), y + BAR / 2),
            done=m.done_on is not None,
            words=m.text,
        )
        for m in action.milestones.all()
        if m.due_on is not None and start <= m.due_on <= end
    )
    whole = action.title
    label = whole if len(whole) <= 26 else whole[:25].rsplit(" ", 1)[0] + " …"
    return Bar(
        action=action,
        y=y,
        text_y=y + BAR - 1,
        x=f"{left:.1f}",
        width=f"{max(right - left, 3):.1f}",
        late_x=f"{at(end):.1f}" if late_to else "",
        late_width=f"{max(at(late_to) - at(end), 2):.1f}" if late_to else "",
        shade=_SHADES.get(Status(action.status), 0),
        done=action.done_on is not None,
        end=f"{at(action.done_on):.1f}" if action.done_on else "",
        marks=marks,
        label=label,
        words=_("%(title)s: %(status)s, %(start)s to %(end)s")
        % {
            "title": action.title,
            "status": str(STATUSES[action.status]),
            "start": date_format(start, "j M Y"),
            "end": date_format(end, "j M Y"),
        },
    )


def _diamond(x: float, y: float) -> str:
    r = 4.5
    return f"{x:.1f},{y - r:.1f} {x + r:.1f},{y:.1f} {x:.1f},{y + r:.1f} {x - r:.1f},{y:.1f}"
