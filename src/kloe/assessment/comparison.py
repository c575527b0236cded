"""Two inspections of one landlord beside each other: what became better, worse, or was not seen.

Grades compare by rank on scales of the same length, placings by their order on criteria of the
same form. Between editions only what answers to the same thing is compared; of anything else it
is said that it cannot be, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from kloe.assessment.positions import LABELS, PLACED, PLACINGS, Position
from kloe.assessment.scope import LastTime
from kloe.core.messages import Message, Text, _
from kloe.frameworks.compare import compare as compare_editions
from kloe.frameworks.model import Criterion, Framework, Kloe, Theme

OVERALL = ("service", "prospects")
#: Words of a framework or of the program; stored words of a person.
Said = str | Text | Message
#: Placings on the lower side of a criterion.
_LOW = frozenset({Position.LOWER, Position.WORSE, Position.NOT_MET, Position.SO})


class Level(StrEnum):
    """What a row is of."""

    OVERALL = "overall"
    KLOE = "kloe"
    MAIN_QUESTION = "main question"
    THEME = "theme"
    CRITERION = "criterion"


class Change(StrEnum):
    """What became of it since the last time."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    NEW = "new"
    DROPPED = "dropped"
    OPEN = "open"
    NOT_COMPARABLE = "not comparable"


CHANGES: dict[Change, Message] = {
    Change.BETTER: _("Better"),
    Change.SAME: _("Same"),
    Change.WORSE: _("Worse"),
    Change.NEW: _("Newly looked at"),
    Change.DROPPED: _("Not looked at again"),
    Change.OPEN: _("Cannot be told"),
    Change.NOT_COMPARABLE: _("Not comparable"),
}
LEVELS: dict[Level, Message] = {
    Level.OVERALL: _("Overall judgement"),
    Level.KLOE: _("Line of enquiry"),
    Level.MAIN_QUESTION: _("Main question"),
    Level.THEME: _("Theme"),
    Level.CRITERION: _("Criterion"),
}


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade as two scales can be compared by: its rank, of how many."""

    label: Text
    rank: int
    of: int

    @property
    def weak(self) -> bool:
        """In the lower half of its scale."""
        return self.of > 1 and self.rank * 2 <= self.of


@dataclass(frozen=True, slots=True)
class Standing:
    """What one inspection found: grades by subject, agreed placings by criterion."""

    title: str
    on: date
    frameworks: tuple[Framework, ...]
    #: Themes in scope.
    scope: frozenset[str]
    grades: Mapping[str, Graded] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stood:
    """Where something stood at one time: the grade, or the position."""

    label: Said
    rank: int = 0
    of: int = 0
    position: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing looked at at least once. ``steps`` up (or down) where it can be told."""

    level: str
    subject: str
    kloe: str
    theme: str
    number: str
    title: Said
    change: str
    before: Stood | None = None
    after: Stood | None = None
    steps: int | None = None
    note: Said = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An inspection beside the one it looks at again."""

    title: str
    on: date
    rows: tuple[Row, ...]

    def counts(self, *levels: str) -> dict[str, int]:
        """Rows by change, of these levels or of all; every change is named."""
        found = Counter(r.change for r in self.rows if not levels or r.level in levels)
        return {c.value: found[c.value] for c in Change}

    def of(self, *levels: str) -> tuple[Row, ...]:
        """The rows of these levels, in order."""
        return tuple(r for r in self.rows if r.level in levels)


@dataclass(frozen=True, slots=True)
class _Match:
    """What in the earlier edition answers to something of the later one."""

    id: str
    #: Whether the words differ.
    reworded: bool = False


class _Matching:
    """What of the earlier editions answers to what of the later ones."""

    def __init__(self, before: Sequence[Framework], after: Sequence[Framework]) -> None:
        self._found: dict[str, _Match] = {}
        earlier, later = {f.id: f for f in before}, {f.id: f for f in after}
        for framework in after:
            same = earlier.get(framework.id)
            if same is not None:
                self._add(same, framework)
                continue
            for other in before:
                if other.id not in later:
                    self._add(other, framework)

    def _add(self, before: Framework, after: Framework) -> None:
        if before.digest == after.digest:
            self._found |= {i: _Match(i) for i in _identifiers(after)}
            return
        changes = [c for c in compare_editions(before, after) if c.before is not None and c.after]
        pairs = {c.after: c.before for c in changes}
        for change in changes:
            if change.after is None or change.before is None or change.kind == "question":
                continue
            if change.kind == "criterion":
                # The same words in another theme are another placing.
                here, there = _theme_of(change.after), _theme_of(change.before)
                if pairs.get(here) != there:
                    continue
            match = _Match(change.before, change.text_before != change.text_after)
            self._found.setdefault(change.after, match)
        asked = {m.id.removeprefix(before.id): m for k in before.kloes for m in k.main_questions}
        for kloe in after.kloes:
            for main in kloe.main_questions:
                there_too = asked.get(main.id.removeprefix(after.id))
                if there_too is not None:
                    differ = str(there_too.text) != str(main.text)
                    self._found[main.id] = _Match(there_too.id, differ)

    def of(self, identifier: str) -> _Match | None:
        return self._found.get(identifier)

    def taken(self) -> set[str]:
        return {match.id for match in self._found.values()}


def _identifiers(framework: Framework) -> Iterator[str]:
    for kloe in framework.kloes:
        yield kloe.id
        yield from (m.id for m in kloe.main_questions)
        for theme in kloe.themes:
            yield theme.id
            yield from (c.id for c in theme.criteria)


def _theme_of(criterion: str) -> str:
    return criterion.rpartition("/")[0]


def compare(before: Standing, after: Standing) -> Comparison:
    """An inspection beside the earlier one, in the published order of its lines of enquiry."""
    matching = _Matching(before.frameworks, after.frameworks)
    rows = [r for key in OVERALL if (r := _overall(key, before, after)) is not None]
    for framework in after.frameworks:
        for kloe in framework.kloes:
            rows += _later(kloe, matching, before, after)
    taken = matching.taken()
    for framework in before.frameworks:
        for kloe in framework.kloes:
            rows += _only_earlier(kloe, taken, before)
    return Comparison(before.title, before.on, tuple(rows))


def _overall(key: str, before: Standing, after: Standing) -> Row | None:
    then, now = before.grades.get(key), after.grades.get(key)
    if then is None and now is None:
        return None
    titles = {"service": _("The service"), "prospects": _("The prospects for improvement")}
    row = Row(Level.OVERALL, key, "", "", "", titles[key], "")
    return _graded(row, then, now, was_in=True, is_in=True)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What may be graded in a line of enquiry, and the themes it rests on."""

    level: Level
    id: str
    number: str
    title: Text
    themes: tuple[Theme, ...]

    def row(self, kloe: Kloe) -> Row:
        """Its row, of which nothing is told yet."""
        theme = self.id if self.level is Level.THEME else ""
        return Row(self.level, self.id, kloe.number, theme, self.number, self.title, "")


def _subjects(kloe: Kloe) -> Iterator[_Subject]:
    """The line of enquiry, its main questions and its themes, in published order."""
    yield _Subject(Level.KLOE, kloe.id, kloe.number, kloe.title, tuple(kloe.themes))
    for main in kloe.main_questions:
        under = tuple(t for t in kloe.themes if t.main_question == main.id)
        yield _Subject(Level.MAIN_QUESTION, main.id, kloe.number, main.title, under)
    for theme in kloe.themes:
        yield _Subject(Level.THEME, theme.id, theme.number, theme.title, (theme,))


def _later(kloe: Kloe, matching: _Matching, before: Standing, after: Standing) -> Iterator[Row]:
    """The rows of a line of enquiry of the later inspection."""
    for subject in _subjects(kloe):
        match = matching.of(subject.id)
        then = before.grades.get(match.id) if match else None
        now = after.grades.get(subject.id)
        earlier = [m.id for t in subject.themes if (m := matching.of(t.id)) is not None]
        was_in = any(t in before.scope for t in earlier)
        is_in = any(t.id in after.scope for t in subject.themes)
        seen = is_in or (match is not None and was_in)
        if seen and not _never_graded(subject.level, then, now):
            row = subject.row(kloe)
            if match is None:
                yield _unmatched(row, Stood(now.label, now.rank, now.of) if now else None)
            else:
                yield _graded(row, then, now, was_in=was_in, is_in=is_in)
        if subject.level is Level.THEME:
            for theme in subject.themes:
                found = (
                    _criterion(kloe, theme, c, matching, before, after) for c in theme.criteria
                )
                yield from (row for row in found if row is not None)


def _never_graded(level: Level, then: Graded | None, now: Graded | None) -> bool:
    """Lines of enquiry and main questions that nobody grades tell nothing; every theme is graded
    sooner or later."""
    return level is not Level.THEME and then is None and now is None


def _unmatched(row: Row, now: Stood | None) -> Row:
    """Nothing of the last time answers to it."""
    return replace(
        row, change=Change.NEW, after=now,
        note=_("The edition used last time does not ask this."),
    )  # fmt: skip


def _graded(row: Row, then: Graded | None, now: Graded | None, *, was_in: bool, is_in: bool) -> Row:
    """A row of two grades."""
    row = replace(
        row,
        before=Stood(then.label, then.rank, then.of) if then else None,
        after=Stood(now.label, now.rank, now.of) if now else None,
    )
    if not was_in:
        return replace(row, change=Change.NEW)
    if not is_in:
        return replace(row, change=Change.DROPPED)
    if then is None or now is None:
        note = _("It has no grade yet.") if now is None else _("It was given no grade last time.")
        return replace(row, change=Change.OPEN, note=note)
    if then.of != now.of:
        note = _("The scales differ: %(then)d grades then, %(now)d now.", then=then.of, now=now.of)
        return replace(row, change=Change.NOT_COMPARABLE, note=note)
    return _stepped(row, now.rank - then.rank)


def _stepped(row: Row, steps: int) -> Row:
    change = Change.SAME if steps == 0 else Change.BETTER if steps > 0 else Change.WORSE
    return replace(row, change=change, steps=steps)


def _stood(position: str) -> Stood | None:
    return Stood(LABELS[Position(position)], position=position) if position else None


def _criterion(
    kloe: Kloe,
    theme: Theme,
    criterion: Criterion,
    matching: _Matching,
    before: Standing,
    after: Standing,
) -> Row | None:
    is_in = theme.id in after.scope
    now = after.positions.get(criterion.id, "") if is_in else ""
    match = matching.of(criterion.id)
    number = theme.number
    row = Row(Level.CRITERION, criterion.id, kloe.number, theme.id, number, criterion.title, "")
    if match is None:
        return _unmatched(row, _stood(now)) if is_in else None
    was_in = _theme_of(match.id) in before.scope
    then = before.positions.get(match.id, "") if was_in else ""
    if not is_in and not was_in:
        return None
    row = replace(row, before=_stood(then), after=_stood(now))
    if not was_in:
        return replace(row, change=Change.NEW)
    if not is_in:
        return replace(row, change=Change.DROPPED)
    if then not in PLACED or now not in PLACED:
        return replace(row, change=Change.OPEN, note=_open_words(then, now))
    order = [p.value for p in PLACINGS[criterion.form]]
    if then not in order or now not in order:
        note = _("The criterion has another form in this edition.")
        return replace(row, change=Change.NOT_COMPARABLE, note=note)
    if match.reworded:
        row = replace(row, note=_("Its words differ between the two editions."))
    return _stepped(row, order.index(then) - order.index(now))


def _open_words(then: str, now: str) -> Message:
    if not then and not now:
        return _("It was placed neither time.")
    if not now:
        return _("It is not placed yet.")
    if not then:
        return _("It was not placed last time.")
    return _("One of the two does not place the landlord.")


def _only_earlier(kloe: Kloe, taken: set[str], before: Standing) -> Iterator[Row]:
    """What the later editions do not ask any more."""
    gone = _("The edition used now does not ask this.")
    for subject in _subjects(kloe):
        if not any(t.id in before.scope for t in subject.themes):
            continue
        grade = before.grades.get(subject.id)
        if subject.id not in taken and not _never_graded(subject.level, grade, None):
            stood = Stood(grade.label, grade.rank, grade.of) if grade else None
            yield replace(subject.row(kloe), change=Change.DROPPED, before=stood, note=gone)
        if subject.level is Level.THEME:
            for theme in subject.themes:
                yield from (
                    Row(
                        Level.CRITERION, c.id, kloe.number, theme.id, theme.number, c.title,
                        Change.DROPPED, _stood(before.positions.get(c.id, "")), note=gone,
                    )
                    for c in theme.criteria
                    if c.id not in taken
                )  # fmt: skip


def weak_last_time(before: Standing, frameworks: Sequence[Framework]) -> dict[str, LastTime]:
    """Themes of these editions that were found weak: a grade in the lower half of its scale, or
    at least half of what was placed on the lower side."""
    matching = _Matching(before.frameworks, frameworks)
    found: dict[str, LastTime] = {}
    for framework in frameworks:
        for kloe in framework.kloes:
            for theme in kloe.themes:
                match = matching.of(theme.id)
                if match is None or match.id not in before.scope:
                    continue
                grade = before.grades.get(match.id)
                placed = [
                    p
                    for c, p in before.positions.items()
                    if _theme_of(c) == match.id and p in PLACED
                ]
                low = sum(p in _LOW for p in placed)
                weak = grade.weak if grade else bool(placed) and low * 2 >= len(placed)
                if weak:
                    found[theme.id] = LastTime(
                        before.on, grade.label if grade else None, low, len(placed)
                    )
    return found
