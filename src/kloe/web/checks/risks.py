"""Urgent risks: raised with one press, told the same day, answered, outside the report."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment.checks.words import LABELS, RiskKind
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.audit.actions import record
from kloe.web.checks.models import Check, RiskContact, UrgentRisk
from kloe.web.checks.writing import text_within, trace
from kloe.web.ids import new_id
from kloe.web.numbering import numbered

log = logging.getLogger("kloe.web")
#: Hours to answer in where no contact is set.
HOURS = 24
MOST_HOURS = 14 * 24
MAX_TEXT, MAX_PLACE = 5000, 300


def contact_of(assessment: Assessment) -> RiskContact | None:
    """Whom to tell of an urgent risk of this assessment."""
    return RiskContact.objects.filter(assessment=assessment).first()


def set_contact(
    *, assessment: Assessment, name: str, email: str, telephone: str, hours: int, by: User
) -> RiskContact:
    """Say whom to tell, and how long they have to answer.

    :raises InvalidInput: without a name, for an address that is none, or odd hours.
    """
    values: dict[str, Any] = {
        "name": text_within(" ".join(name.split()), 200, _("name"), needed=True),
        "email": email.strip(),
        "telephone": text_within(telephone, 60, _("telephone number")),
        "hours": hours,
    }
    try:
        validate_email(values["email"])
    except ValidationError:
        raise InvalidInput(
            _("“%(given)s” is no e-mail address.", given=values["email"][:80]),
            _("An address looks like name@example.org."),
            _("Correct it: urgent risks are sent there."),
        ) from None
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInput(
            _("%(n)d hours to answer.", n=hours),
            _("From 1 hour to %(most)d.", most=MOST_HOURS),
            _("Give another number."),
        )
    with transaction.atomic():
        before = RiskContact.objects.select_for_update().filter(assessment=assessment).first()
        made, _new = RiskContact.objects.update_or_create(assessment=assessment, defaults=values)
        record(
            by=by,
            verb="set contact for risks",
            subject_kind="assessment",
            subject_id=assessment.pk,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            before=None
            if before is None
            else {k: getattr(before, k) for k in ("name", "email", "hours")},
            after={k: values[k] for k in ("name", "email", "hours")},
        )
    return made


def raise_risk(
    *,
    assessment: Assessment,
    kind: str,
    text: str,
    place: str,
    write: Write,
    check: Check | None = None,
    address: str = "",
    located: str = "",
    send: bool = True,
) -> UrgentRisk:
    """Raise an urgent risk, and tell the named contact as soon as it is kept.

    Sent twice (``write.id``), it stands and is told once.

    :param address: where this kloe is reached, for the link in the e-mail.
    :param send: False where it was told in another way, which :func:`mark_told` keeps.
    :raises InvalidInput: for a kind there is not.
    """
    if kind not in {k.value for k in RiskKind}:
        raise InvalidInput(
            _("“%(given)s” is no kind of urgent risk.", given=kind[:40]),
            _("Allowed: %(all)s.", all=", ".join(k.value for k in RiskKind)),
            _("Choose one of these."),
        )
    with transaction.atomic():
        pk: UUID = write.id
        earlier = UrgentRisk.objects.filter(pk=pk).first()
        if earlier is not None:
            if earlier.assessment_id == assessment.pk:
                return earlier
            pk = new_id()
        contact = contact_of(assessment)
        now = timezone.now()
        risk = UrgentRisk(
            id=pk,
            organisation_id=assessment.organisation_id,
            assessment=assessment,
            check_of=check,
            kind=kind,
            text=text_within(text, MAX_TEXT, _("description")),
            place=text_within(place or (check.place if check else ""), MAX_PLACE, _("place")),
            located=located[:60],
            raised_by=write.by,
            raised_at=now,
            client_at=write.client_at,
            answer_by=now + timedelta(hours=contact.hours if contact else HOURS),
        )
        if not numbered(risk, UrgentRisk.objects.filter(assessment=assessment)):
            return UrgentRisk.objects.get(pk=pk)
        trace(
            risk,
            write.by,
            "raised urgent risk",
            kind="urgent risk",
            after={
                "title": f"U{risk.number}",
                "kind": kind,
                "check": f"C{check.number}" if check else "",
                "answer_by": timezone.localtime(risk.answer_by).isoformat(timespec="minutes"),
            },
        )
        if send:
            transaction.on_commit(partial(tell, risk=risk, by=write.by, address=address))
    return risk


def tell(*, risk: UrgentRisk, by: User | None, address: str = "") -> UrgentRisk:
    """Send a risk to the named contact, and keep whether it went.

    Nothing that goes wrong here loses the risk: it stands, and says that nobody was told.
    """
    contact = contact_of(risk.assessment)
    if contact is None:
        return mark_told(risk=risk, by=by, not_told=gettext("no contact is set"))
    raised = timezone.localtime(risk.raised_at)
    context = {"risk": risk, "contact": contact, "raised": raised, "address": address,
               "kind": LABELS[RiskKind(risk.kind)], "by": timezone.localtime(risk.answer_by),
               "private": risk.kind == RiskKind.SAFEGUARDING}  # fmt: skip
    subject = gettext("URGENT: %(kind)s, risk U%(n)d") % {
        "kind": str(LABELS[RiskKind(risk.kind)]),
        "n": risk.number,
    }
    message = EmailMessage(
        subject,
        render_to_string("checks/email/risk.txt", context),
        to=[contact.email],
        headers={"X-Priority": "1", "Importance": "high"},
    )
    try:
        message.send()
    except (OSError, ValueError) as error:
        log.exception("an urgent risk could not be told")
        return mark_told(risk=risk, by=by, not_told=f"{type(error).__name__}: {error}"[:300])
    return mark_told(risk=risk, by=by, told_to=f"{contact.name} <{contact.email}>"[:300])


def mark_told(
    *, risk: UrgentRisk, by: User | None, told_to: str = "", not_told: str = ""
) -> UrgentRisk:
    """Keep whom a risk was told to, or why nobody could be told."""
    with transaction.atomic():
        risk.told_to = told_to or risk.told_to
        risk.told_at = timezone.now() if told_to else risk.told_at
        risk.not_told = not_told
        risk.save(update_fields=["told_to", "told_at", "not_told"])
        trace(
            risk,
            by,
            "told urgent risk" if told_to else "could not tell urgent risk",
            kind="urgent risk",
            after={"title": f"U{risk.number}"}
            | ({"told_to": told_to} if told_to else {"reason": not_told}),
        )
    return risk


def describe(*, risk: UrgentRisk, text: str, place: str, by: User) -> UrgentRisk:
    """Say more of a risk than there was time for when it was raised."""
    values = {
        "text": text_within(text, MAX_TEXT, _("description")),
        "place": text_within(place, MAX_PLACE, _("place")),
    }
    with transaction.atomic():
        risk = UrgentRisk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
        _open(risk)
        changed = [k for k in values if getattr(risk, k) != values[k]]
        if changed:
            for name in changed:
                setattr(risk, name, values[name])
            risk.save(update_fields=changed)
            # What a safeguarding risk says of people is not repeated in the trail.
            trace(risk, by, "described urgent risk", kind="urgent risk",
                  after={"title": f"U{risk.number}"})  # fmt: skip
    return risk


def answer(*, risk: UrgentRisk, text: str, answered_for: str, by: User) -> UrgentRisk:
    """Keep what was done about a risk, and who says so.

    :raises InvalidInput: without words.
    :raises Conflict: where it was answered already.
    """
    said = text_within(text, MAX_TEXT, _("answer"), needed=True)
    with transaction.atomic():
        risk = UrgentRisk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
        if risk.answered_at is not None and risk.answer == said:
            return risk
        _open(risk)
        risk.answer = said
        risk.answered_for = text_within(answered_for, 200, _("name"))
        risk.answered_by, risk.answered_at = by, timezone.now()
        risk.save(update_fields=["answer", "answered_for", "answered_by", "answered_at"])
        trace(risk, by, "answered urgent risk", kind="urgent risk",
              after={"title": f"U{risk.number}"})  # fmt: skip
    return risk


def _open(risk: UrgentRisk) -> None:
    if risk.answered_at is not None:
        raise Conflict(
            _("U%(n)d was answered already.", n=risk.number),
            _("An answer stays as it was given."),
            _("Raise it anew if the danger is still there."),
        )
