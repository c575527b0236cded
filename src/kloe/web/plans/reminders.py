"""Reminding people by e-mail of actions that are due soon or overdue, each once.

A row is written for each reminder before the mail goes, so that two workers, or a command beside
the worker, send nothing twice; a mail that could not be sent is taken back and tried next time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from kloe.web.organisations.models import Organisation
from kloe.web.plans import queries
from kloe.web.plans.models import Action, Reminder
from kloe.web.plans.writing import trace

log = logging.getLogger("kloe.web")


@dataclass(frozen=True)
class Sent:
    """What a round of reminding came to."""

    people: int = 0
    actions: int = 0
    failed: int = 0


def remind(*, today: date | None = None, organisation: Organisation | None = None) -> Sent:
    """Remind everybody of what is due soon or overdue and was not told yet."""
    days = int(settings.PLAN_REMIND_DAYS)
    if days <= 0:
        return Sent()
    today = today or timezone.localdate()
    due = (
        Action.objects.filter(
            status__in=queries.OWED,
            due_on__lte=today + timedelta(days=days),
            owner__is_active=True,
            organisation__memberships__user=F("owner"),
        )
        .select_related("owner", "organisation")
        .order_by("due_on", "reference")
    )
    if organisation is not None:
        due = due.filter(organisation=organisation)
    told = set(
        Reminder.objects.filter(action__in=due).values_list("action", "user", "kind", "due_on")
    )
    fresh: dict[tuple[UUID, UUID], list[Action]] = defaultdict(list)
    for row in due:
        if (row.pk, row.owner_id, _kind(row, today), row.due_on) not in told:
            fresh[row.owner_id, row.organisation_id].append(row)  # type: ignore[index]
    people, actions, failed = 0, 0, 0
    for rows in fresh.values():
        sent = _tell(rows, today)
        people += bool(sent)
        actions += sent
        failed += not sent
    return Sent(people, actions, failed)


def _owner() -> object:
    from django.db.models import F

    return F("owner")


def _kind(row: Action, today: date) -> str:
    return "overdue" if row.due_on is not None and row.due_on < today else "soon"


def _tell(rows: list[Action], today: date) -> int:
    """One mail to one person about one organisation's plan; gives of how many actions."""
    claimed = _claim(rows, today)
    if not claimed:
        return 0
    mine = [row for row, _reminder in claimed]
    person, organisation = mine[0].owner, mine[0].organisation
    assert person is not None
    context = {
        "person": person,
        "organisation": organisation,
        "overdue": [r for r in mine if _kind(r, today) == "overdue"],
        "soon": [r for r in mine if _kind(r, today) == "soon"],
        "address": _address(organisation),
    }
    # A subject is one line, whatever a name holds.
    name = " ".join(organisation.name.split())
    subject = ngettext(
        "kloe: %(n)d action of %(name)s is due",
        "kloe: %(n)d actions of %(name)s are due",
        len(mine),
    ) % {"n": len(mine), "name": name}
    try:
        send_mail(subject, render_to_string("plans/email/due.txt", context), None, [person.email])
    except OSError:
        log.exception("a reminder of actions could not be sent")
        Reminder.objects.filter(pk__in=[r.pk for _row, r in claimed]).delete()
        return 0
    return len(mine)


def _claim(rows: Iterable[Action], today: date) -> list[tuple[Action, Reminder]]:
    found = []
    with transaction.atomic():
        for row in rows:
            assert row.due_on is not None
            made, new = Reminder.objects.get_or_create(
                action=row, user=row.owner, kind=_kind(row, today), due_on=row.due_on
            )
            if new:
                found.append((row, made))
        if found:
            first = found[0][0]
            trace(
                first.organisation_id, None, "reminded of actions", "plan", first.organisation,
                after={
                    "email": first.owner.email if first.owner else "",
                    "actions": [row.reference for row, _made in found],
                },
            )  # fmt: skip
    return found


def _address(organisation: Organisation) -> str:
    """Where the plan is, as far as the settings say where kloe is reached."""
    origins = settings.CSRF_TRUSTED_ORIGINS
    path = reverse("plan", args=[organisation.pk])
    return f"{origins[0].rstrip('/')}{path}" if origins else ""
