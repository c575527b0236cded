"""The plan of enquiry: who leads and reads a theme, what is asked, how, of whom, by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.given import within
from kloe.core.messages import _
from kloe.frameworks.model import DetailedQuestion, Question, Theme
from kloe.frameworks.words import CHECK_KINDS
from kloe.web.accounts.models import User
from kloe.web.assessments.actions import people_of
from kloe.web.assessments.models import Assessment, ThemeWork
from kloe.web.ids import new_id
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import PlannedQuestion
from kloe.web.library import store

State = PlannedQuestion.State
#: How a question is answered: by a kind of check, or by figures.
METHODS: tuple[str, ...] = (*CHECK_KINDS, "data")
FIELDS = ("state", "text", "reason", "who", "how", "whom", "due")


def theme_in(assessment: Assessment, theme: str) -> tuple[Theme, ThemeWork]:
    """A theme of this inspection, with its work.

    :raises NotFound: if it has none such, or it is left out.
    """
    found = store.pinned(assessment).theme(theme)
    work = assessment.themes.select_related("lead", "second").filter(theme=found.id).first()
    if work is None or not work.in_scope:
        raise NotFound(
            _("The theme %(id)s is not in scope.", id=found.number),
            _("What is left out is not planned."),
            _("Take it into the scope first, or choose another."),
        )
    return found, work


@transaction.atomic
def assign(
    *,
    assessment: Assessment,
    theme: str,
    lead: User | None,
    second: User | None,
    due: date | None,
    by: User | None,
) -> ThemeWork:
    """Say who leads a theme, who reads it besides, and by when.

    :raises InvalidInput: for somebody with no part in it, or the same person twice.
    """
    found, _work = theme_in(assessment, theme)
    work = assessment.themes.select_for_update(of=("self",)).get(theme=found.id)
    if lead is not None and lead == second:
        raise InvalidInput(
            _("%(who)s would be lead and second reader.", who=lead),
            _("The second reader rates a theme unseen by its lead."),
            _("Choose two people."),
        )
    known = people_of(assessment)
    for person in (lead, second):
        if person is not None and not known.filter(pk=person.pk).exists():
            raise InvalidInput(
                _("%(who)s has no part in this inspection.", who=person),
                _("Themes are led and read by the team."),
                _("Invite the person first, or choose another."),
            )
    before = {"lead": work.lead, "second": work.second, "due": work.due}
    after = {"lead": lead, "second": second, "due": due}
    if before == after:
        return work
    work.lead, work.second, work.due = lead, second, due
    work.save(update_fields=["lead", "second", "due"])
    trace(
        assessment,
        by,
        "assigned theme",
        kind="theme",
        subject=found.id,
        before=_plain(before),
        after=_plain(after),
    )
    return work


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else str(v) for k, v in values.items() if v}


@dataclass(frozen=True)
class Wanted:
    """What is to become of a question."""

    state: str = State.ASKED.value
    text: str = ""
    reason: str = ""
    who: User | None = None
    how: str = ""
    whom: str = ""
    due: date | None = None

    def checked(self, *, own: bool) -> dict[str, Any]:
        """The values to keep.

        :param own: whether it is a question of the team's own.
        :raises InvalidInput: for a state or method there is not, or words or a reason missing.
        """
        allowed = {State.ADDED, State.DROPPED} if own else set(State) - {State.ADDED}
        if self.state not in allowed:
            raise InvalidInput(
                _("“%(state)s” is nothing a question can become.", state=self.state[:20]),
                _("Allowed: %(all)s.", all=", ".join(sorted(allowed))),
                _("Choose one of them."),
            )
        if self.how and self.how not in METHODS:
            raise InvalidInput(
                _("“%(how)s” is no way of answering a question.", how=self.how[:20]),
                _("Allowed: %(all)s.", all=", ".join(METHODS)),
                _("Choose one of them."),
            )
        values = {
            "state": self.state,
            "text": within(self.text, 5000, _("question")),
            "reason": within(self.reason, 500, _("reason")),
            "who": self.who,
            "how": self.how,
            "whom": within(self.whom, 200, _("person asked")),
            "due": self.due,
        }
        if self.state in {State.TAILORED, State.ADDED} and not values["text"]:
            raise InvalidInput(
                _("The question has no words."),
                _("A question that is tailored or added is written out."),
                _("Write it."),
            )
        if self.state == State.DROPPED and not values["reason"]:
            raise InvalidInput(
                _("The question was to be dropped without a reason."),
                _("The reason stands in the plan."),
                _("Say in a sentence why."),
            )
        return values


def plan_question(
    *,
    assessment: Assessment,
    question: str,
    wanted: Wanted,
    base_version: int,
    by: User | None,
) -> PlannedQuestion:
    """Say what becomes of a question of the framework.

    :raises NotFound: if the theme has no such question.
    :raises Conflict: if somebody else planned it first.
    """
    theme, _slash, _key = question.rpartition("/")
    found, _work = theme_in(assessment, theme)
    if question not in framework_questions(found):
        raise NotFound(
            _("The theme %(id)s has no such question.", id=found.number),
            "",
            _("Choose one on the theme's page."),
        )
    values = _who_known(assessment, wanted.checked(own=False))
    if values["state"] != State.TAILORED:
        values["text"] = ""
    with transaction.atomic():
        row = (
            PlannedQuestion.objects.select_for_update(of=("self",))
            .filter(assessment=assessment, question=question)
            .first()
        )
        if row is not None:
            return _change(row, values, base_version, by)
        if base_version:
            raise _clash()
        try:
            with transaction.atomic():
                row = PlannedQuestion.objects.create(
                    assessment=assessment, theme=found.id, question=question, **values
                )
        except IntegrityError:
            raise _clash() from None
        _told(row, by, "planned question", after=values)
        return row


def _who_known(assessment: Assessment, values: dict[str, Any]) -> dict[str, Any]:
    who = values["who"]
    if who is not None and not people_of(assessment).filter(pk=who.pk).exists():
        raise InvalidInput(
            _("%(who)s has no part in this inspection.", who=who),
            _("Questions are answered by the team."),
            _("Invite the person first, or choose another."),
        )
    return values


def _clash() -> Conflict:
    return Conflict(
        _("Somebody else planned this question while you were writing."),
        _("Nothing was overwritten."),
        _("Look at it as it is now, and change it again."),
    )


def _change(
    row: PlannedQuestion, values: dict[str, Any], base_version: int, by: User | None
) -> PlannedQuestion:
    before = {k: getattr(row, k) for k in FIELDS if getattr(row, k) != values[k]}
    if not before:
        return row
    if row.version != base_version:
        raise _clash()
    for name in before:
        setattr(row, name, values[name])
    row.version += 1
    row.save(update_fields=[*before, "version"])
    _told(row, by, "planned question", before=before, after={k: values[k] for k in before})
    return row


def _told(
    row: PlannedQuestion,
    by: User | None,
    verb: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    trace(
        row.assessment,
        by,
        verb,
        kind="question",
        subject=row.question or f"{row.theme}|{row.pk}",
        before=_plain(before) if before else None,
        after=_plain(after) if after else None,
    )


@transaction.atomic
def add_question(
    *,
    assessment: Assessment,
    theme: str,
    wanted: Wanted,
    by: User | None,
    id: UUID | None = None,
) -> PlannedQuestion:
    """Add a question of the team's own.

    :param id: made by the form; sent twice, the question stands once.
    """
    found, _work = theme_in(assessment, theme)
    values = _who_known(assessment, wanted.checked(own=True))
    if id is not None:
        earlier = PlannedQuestion.objects.filter(assessment=assessment, pk=id).first()
        if earlier is not None:
            return earlier
        if PlannedQuestion.objects.filter(pk=id).exists():
            # Of another inspection: a row of its own.
            id = None
    row = PlannedQuestion.objects.create(
        id=id or new_id(), assessment=assessment, theme=found.id, **values
    )
    _told(row, by, "added question", after=values)
    return row


@transaction.atomic
def change_own(
    *, row: PlannedQuestion, wanted: Wanted, base_version: int, by: User | None
) -> PlannedQuestion:
    """Change a question of the team's own, or drop it with a reason."""
    values = _who_known(row.assessment, wanted.checked(own=True))
    held = (
        PlannedQuestion.objects.select_for_update(of=("self",))
        .select_related("assessment")
        .get(pk=row.pk)
    )
    return _change(held, values, base_version, by)


@transaction.atomic
def adopt(*, assessment: Assessment, theme: str, by: User | None) -> int:
    """Take every published question of a theme into the plan that is not planned yet.

    The theme's lead answers them, by the theme's day; gives how many were taken.
    """
    found, work = theme_in(assessment, theme)
    known = set(
        PlannedQuestion.objects.filter(assessment=assessment, theme=found.id).values_list(
            "question", flat=True
        )
    )
    rows = [
        PlannedQuestion(
            assessment=assessment, theme=found.id, question=q.id, who=work.lead, due=work.due
        )
        for q in found.questions
        if q.id not in known
    ]
    PlannedQuestion.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        trace(
            assessment,
            by,
            "planned question",
            kind="theme",
            subject=found.id,
            after={"questions": len(rows)},
        )
    return len(rows)


# Reading it ----------------------------------------------------------------------------------


def framework_questions(theme: Theme) -> dict[str, Question | DetailedQuestion]:
    """Every question of a theme, published and detailed, by identifier."""
    found: dict[str, Question | DetailedQuestion] = {}
    for question in theme.questions:
        found[question.id] = question
        found.update((d.id, d) for d in theme.detailed_questions if d.question == question.id)
    return found


@dataclass(frozen=True)
class Line:
    """A question as the plan shows it."""

    key: str
    question: Question | DetailedQuestion | None
    row: PlannedQuestion | None
    detailed: bool = False

    @property
    def state(self) -> str:
        return self.row.state if self.row else ""

    @property
    def text(self) -> str:
        """The words that are asked."""
        if self.row is not None and self.row.text:
            return self.row.text
        return str(self.question.text) if self.question else ""

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0

    @property
    def asked(self) -> bool:
        return self.row is not None and self.row.state != State.DROPPED


def plan_of(assessment: Assessment, theme: Theme) -> list[Line]:
    """The questions of a theme with what becomes of them, own ones last: one query."""
    rows = list(
        PlannedQuestion.objects.filter(assessment=assessment, theme=theme.id).select_related("who")
    )
    by_question = {r.question: r for r in rows if r.question}
    found = [
        Line(key, q, by_question.get(key), isinstance(q, DetailedQuestion))
        for key, q in framework_questions(theme).items()
    ]
    return found + [Line(str(r.pk), None, r) for r in rows if not r.question]


def own_question(assessment: Assessment, pk: UUID) -> PlannedQuestion:
    """A question of the team's own.

    :raises NotFound: if there is none such.
    """
    found = (
        PlannedQuestion.objects.select_related("assessment")
        .filter(assessment=assessment, pk=pk, question="")
        .first()
    )
    if found is None:
        raise NotFound(
            _("This inspection has no such question."), "", _("Load the theme's plan again.")
        )
    return found
