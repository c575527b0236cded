"""A timetable for fieldwork, built from the plan of enquiry: pure, and the same every time.

Tasks are taken in their order. Each goes into the earliest slot of the earliest day in which
everybody it needs is free; nobody is in two places at once, and nobody works through lunch. A
task that fits nowhere is left over, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

#: Minutes a method takes, where nothing else is said.
MINUTES: dict[str, int] = {
    "interview": 60,
    "focus group": 90,
    "file check": 120,
    "case tracer": 120,
    "show-me walkthrough": 60,
    "visit": 60,
    "walkabout": 120,
    "mystery shop": 60,
    "observation": 60,
    "document review": 60,
    "data": 60,
}
BETWEEN = timedelta(minutes=15)


@dataclass(frozen=True)
class Hours:
    """When people work on a day."""

    start: time = time(9, 30)
    end: time = time(16, 30)
    lunch_start: time = time(12, 30)
    lunch_end: time = time(13, 15)


@dataclass(frozen=True)
class Task:
    """Something to be done by some people, for so long."""

    key: str
    what: str
    people: tuple[str, ...]
    minutes: int
    place: str = ""
    theme: str = ""
    how: str = ""


@dataclass(frozen=True)
class Slot:
    """A task with its day and time."""

    task: Task
    day: date
    start: time
    end: time


@dataclass(frozen=True)
class Proposal:
    """What fits, and what does not."""

    slots: tuple[Slot, ...]
    left: tuple[Task, ...]


def working_days(first: date, last: date) -> list[date]:
    """Monday to Friday from one day to another, both included."""
    days = (first + timedelta(days=n) for n in range(max((last - first).days, -1) + 1))
    return [d for d in days if d.weekday() < 5]


def _starts(day: date, hours: Hours, length: timedelta) -> Iterable[datetime]:
    """Starts within the working day, every quarter of an hour, lunch left free."""
    here = datetime.combine(day, hours.start)
    end = datetime.combine(day, hours.end)
    lunch = (datetime.combine(day, hours.lunch_start), datetime.combine(day, hours.lunch_end))
    while here + length <= end:
        if here + length <= lunch[0] or here >= lunch[1]:
            yield here
        here += BETWEEN


def _free(busy: Sequence[tuple[datetime, datetime]], start: datetime, length: timedelta) -> bool:
    return all(start + length + BETWEEN <= a or start >= b + BETWEEN for a, b in busy)


def propose(
    tasks: Iterable[Task],
    days: Sequence[date],
    *,
    taken: Iterable[Slot] = (),
    hours: Hours | None = None,
) -> Proposal:
    """Put tasks into days.

    :param taken: what stands in the timetable already; its people are busy then.
    """
    hours = hours or Hours()
    busy: dict[str, list[tuple[datetime, datetime]]] = {}
    for slot in taken:
        for person in slot.task.people:
            busy.setdefault(person, []).append(
                (datetime.combine(slot.day, slot.start), datetime.combine(slot.day, slot.end))
            )
    slots, left = [], []
    for task in tasks:
        length = timedelta(minutes=task.minutes)
        found = next(
            (
                start
                for day in days
                for start in _starts(day, hours, length)
                if all(_free(busy.get(p, ()), start, length) for p in task.people)
            ),
            None,
        )
        if found is None:
            left.append(task)
            continue
        for person in task.people:
            busy.setdefault(person, []).append((found, found + length))
        slots.append(Slot(task, found.date(), found.time(), (found + length).time()))
    slots.sort(key=lambda s: (s.day, s.start, s.task.key))
    return Proposal(tuple(slots), tuple(left))
