"""The timetable of fieldwork: built from the plan, edited by hand, taken away as a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kloe.assessment.timetable import MINUTES, Slot, Task, propose, working_days
from kloe.core import icalendar
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.given import within
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.actions import people_of
from kloe.web.ids import new_id
from kloe.web.inspections.actions import trace
from kloe.web.inspections.enquiry import METHODS
from kloe.web.inspections.models import Inspection, Visit
from kloe.web.inspections.planning import guides
from kloe.web.library import store
from kloe.web.library.wording import WORDS

#: Fieldwork is at most so long.
MOST_DAYS = 92
FIRST_YEAR, LAST_YEAR = 1990, 2190
FIELDS = ("day", "start", "end", "what", "place", "how", "theme", "note")


@dataclass(frozen=True)
class Entry:
    """What an entry of the timetable says."""

    day: date
    start: time
    end: time
    what: str
    place: str = ""
    how: str = ""
    theme: str = ""
    note: str = ""
    people: Sequence[User] = field(default_factory=tuple)

    def checked(self, inspection: Inspection) -> dict[str, Any]:
        """The values to keep.

        :raises InvalidInput: if it ends before it begins, says nothing, or names strangers.
        """
        if self.end <= self.start:
            raise InvalidInput(
                _("It would end before it begins."),
                _("From %(start)s to a later time of the day.", start=f"{self.start:%H:%M}"),
                _("Give a later end."),
            )
        if not _near(self.day):
            raise InvalidInput(
                _("%(day)s is no day of fieldwork.", day=self.day),
                _("A day from %(first)d to %(last)d.", first=FIRST_YEAR, last=LAST_YEAR),
                _("Correct the year."),
            )
        what = within(" ".join(self.what.split()), 200, _("entry"))
        if not what:
            raise InvalidInput(
                _("The entry says nothing."), _("It says what is done."), _("Write a few words.")
            )
        if self.how and self.how not in METHODS:
            raise InvalidInput(
                _("“%(how)s” is no way of enquiring.", how=self.how[:20]),
                _("Allowed: %(all)s.", all=", ".join(METHODS)),
                _("Choose one of them."),
            )
        if self.theme:
            store.pinned(inspection.assessment).theme(self.theme)
        known = {u.pk for u in people_of(inspection.assessment)}
        for person in self.people:
            if person.pk not in known:
                raise InvalidInput(
                    _("%(who)s has no part in this inspection.", who=person),
                    _("The timetable is of the team."),
                    _("Invite the person first, or choose another."),
                )
        return {
            "day": self.day,
            "start": self.start,
            "end": self.end,
            "what": what,
            "place": within(self.place, 200, _("place")),
            "how": self.how,
            "theme": self.theme,
            "note": within(self.note, 500, _("note")),
        }


def _near(day: date) -> bool:
    """Whether a day lies in years that calendars can be written for."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def visit_of(inspection: Inspection, pk: UUID) -> Visit:
    """An entry of this timetable.

    :raises NotFound: if there is none such.
    """
    found = inspection.visits.prefetch_related("people").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("The timetable has no such entry."), "", _("Load the timetable again."))
    return found


def clashes(visits: Iterable[Visit]) -> set[UUID]:
    """Entries in which somebody would be in two places at once."""
    found: set[UUID] = set()
    by_person: dict[Any, list[Visit]] = {}
    for visit in visits:
        for person in visit.people.all():
            for other in by_person.setdefault(person.pk, []):
                if other.day == visit.day and other.start < visit.end and visit.start < other.end:
                    found |= {visit.pk, other.pk}
            by_person[person.pk].append(visit)
    return found


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        k: v.isoformat() if isinstance(v, date | time) else str(v) for k, v in values.items() if v
    }


@transaction.atomic
def add(*, inspection: Inspection, entry: Entry, by: User | None, id: UUID | None = None) -> Visit:
    """Put an entry into the timetable. The same form sent twice adds it once."""
    values = entry.checked(inspection)
    if id is not None and (there := inspection.visits.filter(pk=id).first()) is not None:
        return there
    if id is not None and Visit.objects.filter(pk=id).exists():
        # Of another inspection: a row of its own.
        id = None
    visit = Visit.objects.create(id=id or new_id(), inspection=inspection, **values)
    visit.people.set(entry.people)
    trace(
        inspection.assessment, by, "added visit", kind="visit", subject=visit.pk,
        after=_plain(values),
    )  # fmt: skip
    return visit


@transaction.atomic
def change(*, visit: Visit, entry: Entry, base_version: int, by: User | None) -> Visit:
    """Change an entry.

    :raises Conflict: if somebody else changed it first.
    """
    row = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("inspection__assessment")
        .get(pk=visit.pk)
    )
    values = entry.checked(row.inspection)
    if row.version != base_version:
        raise Conflict(
            _("Somebody else changed this entry while you were writing."),
            _("Nothing was overwritten."),
            _("Look at it as it is now, and change it again."),
        )
    before = {k: getattr(row, k) for k in FIELDS if getattr(row, k) != values[k]}
    people = {u.pk for u in entry.people}
    if not before and people == set(row.people.values_list("pk", flat=True)):
        return row
    for name in before:
        setattr(row, name, values[name])
    row.version += 1
    row.save(update_fields=[*before, "version"])
    row.people.set(entry.people)
    trace(
        row.inspection.assessment, by, "changed visit", kind="visit", subject=row.pk,
        before=_plain(before), after=_plain({k: values[k] for k in before}),
    )  # fmt: skip
    return row


@transaction.atomic
def remove(*, visit: Visit, by: User | None) -> None:
    """Take an entry out of the timetable."""
    trace(
        visit.inspection.assessment, by, "removed visit", kind="visit", subject=visit.pk,
        before=_plain({"what": visit.what, "day": visit.day}),
    )  # fmt: skip
    visit.delete()


@dataclass(frozen=True)
class Built:
    """What a proposal added, and what found no place."""

    added: int
    left: list[str]


def _tasks(inspection: Inspection) -> list[Task]:
    """One task for each method and person asked, of the themes' questions together."""
    found = []
    for guide in guides(inspection.assessment, store.pinned(inspection.assessment)):
        if not guide.how or guide.how == "data" or not guide.who:
            continue
        numbers = ", ".join(t.number for t, _lines in guide.parts)
        method = str(WORDS.get(guide.how, guide.how))
        what = f"{method}: {guide.whom}" if guide.whom else f"{method}: {numbers}"
        found.append(
            Task(
                key=f"{guide.how}|{guide.whom}",
                what=what[:200],
                people=tuple(str(u.pk) for u in guide.who),
                minutes=MINUTES.get(guide.how, 60),
                theme=guide.parts[0][0].id if len(guide.parts) == 1 else "",
                how=guide.how,
            )
        )
    return found


@transaction.atomic
def build(*, inspection: Inspection, first: date, last: date, by: User | None) -> Built:
    """Put what the plan asks for, and the timetable does not hold yet, into days.

    :raises InvalidInput: for days the wrong way round, too many, or none to work on.
    """
    Inspection.objects.select_for_update().get(pk=inspection.pk)
    days = working_days(first, last) if 0 <= (last - first).days <= MOST_DAYS else []
    if not days or not _near(first):
        raise InvalidInput(
            _("No fieldwork fits between these days."),
            _("From a first day to a last, at most three months, with a working day in it."),
            _("Give other days."),
        )
    visits = list(inspection.visits.prefetch_related("people"))
    there = {v.what for v in visits}
    taken = [
        Slot(
            Task(str(v.pk), v.what, tuple(str(u.pk) for u in v.people.all()), 0),
            v.day, v.start, v.end,
        )
        for v in visits
    ]  # fmt: skip
    tasks = [t for t in _tasks(inspection) if t.what not in there]
    proposal = propose(tasks, days, taken=taken)
    people = {str(u.pk): u for u in people_of(inspection.assessment)}
    for slot in proposal.slots:
        visit = Visit.objects.create(
            inspection=inspection, day=slot.day, start=slot.start, end=slot.end,
            what=slot.task.what, how=slot.task.how, theme=slot.task.theme,
        )  # fmt: skip
        visit.people.set([people[p] for p in slot.task.people])
    if proposal.slots:
        trace(
            inspection.assessment, by, "built timetable", kind="visit",
            after={"entries": len(proposal.slots), "left": len(proposal.left)},
        )  # fmt: skip
    return Built(len(proposal.slots), [t.what for t in proposal.left])


def calendar(inspection: Inspection, *, who: User | None, address: str) -> str:
    """The timetable, or one person's part of it, as a calendar file.

    :param address: of the timetable's page.
    """
    rows = inspection.visits.prefetch_related("people")
    if who is not None:
        rows = rows.filter(people=who)
    zone = timezone.get_current_timezone()
    events = []
    for visit in rows:
        start = datetime.combine(visit.day, visit.start, tzinfo=zone)
        end = datetime.combine(visit.day, visit.end, tzinfo=zone)
        events.append(
            icalendar.Event(
                uid=f"{visit.pk}@kloe",
                start=start,
                minutes=int((end - start).total_seconds() // 60),
                title=visit.what,
                text="\n".join(filter(None, [", ".join(map(str, visit.people.all())), visit.note])),
                place=visit.place,
                url=address,
                sequence=visit.version - 1,
            )
        )
    return icalendar.calendar(events, name=str(inspection.assessment), now=timezone.now())
