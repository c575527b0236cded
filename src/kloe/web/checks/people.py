"""People seen: how many of what group for everybody, names for those who did the check alone.

Whoever may plan checks could give themselves a part in one, to read whom others met. So a name is
told to those who did the check when it was written down, and to nobody who comes later.

The only module that reads or writes ``CheckPerson``; a test holds the others to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from kloe.assessment.checks.people import Group, told
from kloe.assessment.checks.words import PeopleRole
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.checks.models import Check, CheckPerson, PeopleSeen
from kloe.web.checks.writing import found_in, locked, text_within, trace
from kloe.web.ids import new_id

MOST = 5000


def did(check: Check, user: User) -> bool:
    """Whether somebody does or did this check."""
    return check.assigned_id == user.pk or check.doers.filter(pk=user.pk).exists()


def groups(check: Check) -> tuple[Group, ...]:
    """The people seen as everybody may read of them: no group too small to hide in."""
    return told(check.people_seen.values_list("role", "group", "count"))


def groups_of(assessment: Assessment) -> tuple[Group, ...]:
    """The people seen in all checks that were done, as a report may tell of them."""
    rows = PeopleSeen.objects.filter(check_of__assessment=assessment, check_of__state="done")
    return told(rows.values_list("role", "group", "count"))


def save_seen(
    *, check: Check, role: str, group: str, count: int, by: User, id: UUID | None = None
) -> PeopleSeen:
    """Write down how many people of a group were seen.

    :raises InvalidInput: for a role there is not, or nobody.
    """
    if role not in {r.value for r in PeopleRole}:
        raise InvalidInput(
            _("“%(given)s” is no role of people seen.", given=role[:40]),
            _("Allowed: %(all)s.", all=", ".join(r.value for r in PeopleRole)),
            _("Choose one of these."),
        )
    if not 1 <= count <= MOST:
        raise InvalidInput(
            _("%(n)d people.", n=count),
            _("From 1 to %(most)d.", most=MOST),
            _("Give the number of people seen."),
        )
    with transaction.atomic():
        pk = id or new_id()
        earlier = PeopleSeen.objects.filter(pk=pk).first()
        if earlier is not None and earlier.check_of_id == check.pk:
            return earlier
        made = PeopleSeen.objects.create(
            id=pk if earlier is None else new_id(),
            check_of=check,
            role=role,
            group=text_within(" ".join(group.split()), 100, _("group")),
            count=count,
        )
        # How many of which group is told merged, and so not here.
        trace(check, by, "wrote down people seen", after={"title": check.title})
    return made


def remove_seen(*, check: Check, pk: UUID, by: User) -> None:
    """Take a group of people seen back."""
    with transaction.atomic():
        found_in(check.people_seen.all(), pk, _("group of people")).delete()
        trace(check, by, "took back people seen", after={"title": check.title})


def _demand(check: Check, user: User) -> None:
    if not did(check, user):
        raise NotFound(
            _("There are no names here that you may see."),
            _("Names are seen by those who did the check."),
            _("Ask them, if you have to reach somebody."),
        )


@dataclass(frozen=True)
class Names:
    """The names of a check that somebody sees, and how many they do not."""

    seen: list[CheckPerson]
    unseen: int


def names(*, check: Check, by: User) -> Names:
    """Who was seen, for those who did the check then and do so still.

    :raises NotFound: for everybody else.
    """
    _demand(check, by)
    rows = list(CheckPerson.objects.filter(check_of=check))
    seen = [row for row in rows if str(by.pk) in row.told_to]
    return Names(seen, len(rows) - len(seen))


def add_name(
    *, check: Check, name: str, contact: str, note: str, by: User, id: UUID | None = None
) -> CheckPerson:
    """Keep who somebody was and how to reach them. Told to those who do the check now.

    :raises NotFound: for those who did not do the check.
    """
    with transaction.atomic():
        check = locked(check)
        _demand(check, by)
        pk = id or new_id()
        doing = {check.assigned_id, *check.doers.values_list("pk", flat=True)}
        earlier = CheckPerson.objects.filter(pk=pk, check_of=check).first()
        if earlier is not None:
            return earlier
        made = CheckPerson.objects.create(
            id=new_id() if CheckPerson.objects.filter(pk=pk).exists() else pk,
            check_of=check,
            name=text_within(" ".join(name.split()), 200, _("name"), needed=True),
            contact=text_within(contact, 300, _("contact")),
            note=text_within(note, 500, _("note")),
            told_to=sorted(str(one) for one in doing - {None}),
            added_by=by,
        )
        trace(check, by, "kept a name", after={"title": check.title})
    return made


def forget(*, check: Check, by: User, pk: UUID | None = None) -> int:
    """Forget one name, or all of the check, seen or not; gives how many.

    :raises NotFound: for those who did not do the check.
    """
    _demand(check, by)
    with transaction.atomic():
        rows = CheckPerson.objects.filter(check_of=check)
        if pk is not None:
            rows = rows.filter(pk__in=[r.pk for r in rows.filter(pk=pk) if str(by.pk) in r.told_to])
        gone, _by_model = rows.delete()
        if gone:
            trace(check, by, "forgot names", after={"title": check.title})
    return gone
