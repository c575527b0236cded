"""Taking in what a device wrote down without a network: once each, never over somebody's head.

Every write stands by itself, in a transaction of its own. Sent twice it changes nothing; made on
an older version it is merged where it touches what nobody else did, and otherwise told back with
both versions for a person to choose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment.checks.merging import TOGETHER, Moment, merge, moment
from kloe.assessment.checks.words import CheckState
from kloe.assessment.permissions import Permission
from kloe.core.errors import EnvironmentFault, InvalidInput, KloeError, NotFound
from kloe.core.messages import _
from kloe.web.access import AssessmentAccess, fetch_assessment
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Revision
from kloe.web.assessments.saving import Saved, StaleWrite, Write, replayed
from kloe.web.audit.models import AuditEvent
from kloe.web.checks import actions, people, queries, risks, sample
from kloe.web.checks.carried import Batch, Sent, Unreadable, time_of
from kloe.web.checks.models import (
    Check,
    CheckCase,
    CheckEntry,
    CheckOutcome,
    CheckVisit,
    PeopleSeen,
    UrgentRisk,
)
from kloe.web.checks.writing import trace

SAVED, ALREADY, MERGED, CONFLICT, REFUSED = "saved", "already", "merged", "conflict", "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device is told of one write."""

    id: str
    state: str
    said: str = ""
    version: int = 0
    #: What stands now, where something with versions was written.
    values: dict[str, str] | None = None
    #: For a conflict: who wrote what stands, and when.
    by: str = ""
    at: str = ""
    error: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = {n: getattr(self, n) for n in ("id", "state", "said", "version", "by", "at")}
        if self.values is not None:
            found["values"] = self.values
        return found | ({"error": self.error} if self.error else {})


@dataclass
class Taking:
    """One request of one person: what it may reach is looked up once for each check."""

    user: User
    received: datetime
    sent_at: datetime | None
    #: Where this kloe is reached, for the e-mail of an urgent risk.
    address: str = ""
    _access: dict[tuple[UUID, Permission], AssessmentAccess] = field(default_factory=dict)
    _checks: dict[UUID, Check] = field(default_factory=dict)

    def access(self, assessment: UUID, permission: Permission) -> AssessmentAccess:
        """:raises NotFound: or ``PermissionRefused``, as a page of it would."""
        key = (assessment, permission)
        if key not in self._access:
            self._access[key] = fetch_assessment(self.user, assessment, permission)
        return self._access[key]

    def check(self, access: AssessmentAccess, pk: UUID) -> Check:
        """:raises NotFound: for a check this person may not see."""
        if pk not in self._checks:
            self._checks[pk] = queries.one(access, pk)
        found = self._checks[pk]
        if found.assessment_id != access.assessment.pk:
            return queries.one(access, pk)
        return found

    def moment(self, sent: Sent) -> Moment:
        return moment(sent.made_at, self.sent_at, self.received)


def take_batch(*, batch: Batch, by: User, address: str = "") -> list[Answer]:
    """Take in what a device sent; gives an answer to every write, in their order."""
    taking = Taking(by, timezone.now(), batch.sent_at, address)
    return [take(taking, write) for write in batch.writes]


def take(taking: Taking, sent: Sent | Unreadable) -> Answer:
    """Take in one write; what cannot be taken is said, and does not stop the others."""
    if isinstance(sent, Unreadable):
        return Answer(sent.id, REFUSED, error=sent.error.as_dict())
    wanted = Permission.RISKS_RAISE if sent.kind == "risk" else Permission.CHECKS_DO
    check = None
    try:
        access = taking.access(sent.assessment, wanted)
        if sent.check is not None:
            check = taking.check(access, sent.check)
        if sent.kind == "risk":
            return _risk(taking, sent, access.assessment, check)
        assert check is not None
        with transaction.atomic():
            answer = TAKERS[sent.kind](taking, sent, check)
            if answer.state in {SAVED, MERGED}:
                _keep(taking, sent, check, answer.state)
        return answer
    except StaleWrite as stale:
        assert check is not None
        return _conflict(taking, sent, check, stale)
    except EnvironmentFault:
        # Nothing is wrong with the write: the device keeps it and asks again.
        raise
    except KloeError as error:
        if check is not None:
            _keep_refused(taking, sent, check, str(error))
        return Answer(str(sent.id), REFUSED, error=error.as_dict())


# The trail: when the device says it was, and when it came -------------------------------------


def _when(taking: Taking, sent: Sent) -> dict[str, str]:
    made = taking.moment(sent)
    told = {"received_at": timezone.localtime(taking.received).isoformat(timespec="seconds")}
    if made.at is not None:
        told["made_at"] = timezone.localtime(made.at).isoformat(timespec="seconds")
    if made.ahead:
        told["clock_ahead"] = str(timedelta(seconds=round(made.ahead.total_seconds())))
    return told


def _what(sent: Sent) -> str:
    """What was written, without its words: an item and its case, or the kind."""
    if sent.kind != "entry":
        return sent.kind
    return f"{sent.item} {sent.place}" if sent.place else sent.item


def _keep(taking: Taking, sent: Sent, check: Check, how: str) -> None:
    trace(
        check,
        taking.user,
        "took from device",
        after={"title": check.title, "what": _what(sent), "how": how, **_when(taking, sent)},
    )


def _once(check: Check, sent: Sent, verb: str) -> bool:
    """Whether the trail does not tell this of this write yet: a device may ask again and again."""
    return not AuditEvent.objects.filter(
        assessment_id=check.assessment_id, verb=verb, after__write=str(sent.id)
    ).exists()


def _keep_refused(taking: Taking, sent: Sent, check: Check, why: str) -> None:
    verb = "did not take from device"
    with transaction.atomic():
        if _once(check, sent, verb):
            told = {"title": check.title, "what": _what(sent), "reason": why[:500]}
            trace(check, taking.user, verb,
                  after=told | {"write": str(sent.id), **_when(taking, sent)})  # fmt: skip


# What has versions: answers and the conclusion ------------------------------------------------


def _case(sent: Sent, check: Check) -> CheckCase | None:
    return queries.case(check, sent.place) if sent.place else None


def _subject(sent: Sent, check: Check) -> tuple[str, str]:
    if sent.kind == "entry":
        return "check entry", f"{check.pk}|{sent.item}|{sent.place}"
    return "check outcome", str(check.pk)


def _row(sent: Sent, check: Check) -> CheckEntry | CheckOutcome | None:
    if sent.kind == "entry":
        case = _case(sent, check)
        return (
            CheckEntry.objects.filter(check_of=check, item=sent.item, case=case)
            .select_related("updated_by")
            .first()
        )
    return CheckOutcome.objects.filter(pk=check.pk).select_related("updated_by").first()


def _standing(row: CheckEntry | CheckOutcome | None, sent: Sent) -> dict[str, str]:
    return {name: getattr(row, name) if row else "" for name in sent.values}


def _save(taking: Taking, sent: Sent, check: Check, values: dict[str, str], base: int) -> Saved:
    made = taking.moment(sent)
    write = Write(sent.id, base, taking.user, made.at)
    if sent.kind == "outcome":
        return actions.save_outcome(check=check, write=write, **values)
    return actions.save_entry(
        check=check, item=sent.item, case=_case(sent, check), write=write,
        located=sent.located, **values,
    )  # fmt: skip


def _versioned(taking: Taking, sent: Sent, check: Check) -> Answer:
    kind, subject = _subject(sent, check)
    write = Write(sent.id, sent.base, taking.user)
    seen = replayed(write)
    if seen is not None and (seen.subject_kind, seen.subject) == (kind, subject):
        return Answer(str(sent.id), ALREADY, _said(taking), seen.version, dict(seen.values))
    mine = dict(sent.values)
    try:
        saved = _save(taking, sent, check, mine, sent.base)
    except StaleWrite:
        row = _row(sent, check)
        if row is None:
            raise
        version = row.version
        merged = merge(
            _begun(sent, check, kind, subject), _standing(row, sent), mine, TOGETHER[sent.kind]
        )
        if merged.open:
            raise
        saved = _save(taking, sent, check, merged.values, version)
        state = MERGED if saved.changed else ALREADY
        return Answer(str(sent.id), state, _said(taking), saved.version, merged.values)
    state = SAVED if saved.changed else ALREADY
    return Answer(str(sent.id), state, _said(taking), saved.version, _standing(saved.row, sent))


def _begun(sent: Sent, check: Check, kind: str, subject: str) -> dict[str, str]:
    """The version the device began from; one it cannot know began from nothing."""
    found = (
        Revision.objects.filter(
            assessment_id=check.assessment_id,
            subject_kind=kind,
            subject=subject,
            version=sent.base,
        )
        .values_list("values", flat=True)
        .first()
    )
    return dict(found) if found else {}


def _conflict(taking: Taking, sent: Sent, check: Check, stale: StaleWrite) -> Answer:
    """Both versions, told back; the one of the device stands in the trail too, so it is not lost
    where the device is."""
    row = _row(sent, check)
    verb = "held back from device"
    with transaction.atomic():
        if _once(check, sent, verb):
            told = {"what": _what(sent), "write": str(sent.id), **_when(taking, sent)}
            trace(check, taking.user, verb,
                  before=_standing(row, sent), after=dict(sent.values) | told)  # fmt: skip
    return Answer(
        str(sent.id),
        CONFLICT,
        str(stale),
        row.version if row else 0,
        _standing(row, sent),
        by=str(row.updated_by) if row and row.updated_by else "",
        at=timezone.localtime(row.updated_at).isoformat(timespec="minutes") if row else "",
        error=stale.as_dict(),
    )


def _said(taking: Taking) -> str:
    return gettext("Sent %(time)s") % {
        "time": timezone.localtime(taking.received).strftime("%H:%M")
    }


# What has none: each stands once under the identifier of its device ---------------------------


def _once_each(taking: Taking, sent: Sent, there: bool) -> Answer:
    return Answer(str(sent.id), ALREADY if there else SAVED, _said(taking))


def _seen(taking: Taking, sent: Sent, check: Check) -> Answer:
    there = PeopleSeen.objects.filter(pk=sent.id, check_of=check).exists()
    count = sent.values["count"]
    if not there:
        actions.changeable(check)
        people.save_seen(
            check=check,
            role=sent.values["role"],
            group=sent.values["group"],
            count=int(count) if count.isascii() and count.isdigit() and len(count) < 7 else 0,
            by=taking.user,
            id=sent.id,
        )
    return _once_each(taking, sent, there)


def _missing(taking: Taking, sent: Sent, check: Check) -> Answer:
    case = queries.case(check, sent.place)
    if case.not_found:
        return _once_each(taking, sent, there=True)
    stand_in = sample.not_found(
        check=check, case=case, reason=sent.values["reason"], by=taking.user
    )
    if stand_in is None:
        return _once_each(taking, sent, there=False)
    words = gettext("Case %(n)d stands in.") % {"n": stand_in.place}
    return Answer(str(sent.id), SAVED, words)


def _visit(taking: Taking, sent: Sent, check: Check) -> Answer:
    began, ended = (_put_right(taking, sent.values[n]) for n in ("began_at", "ended_at"))
    return _once_each(
        taking,
        sent,
        there=not keep_visit(
            check=check, id=sent.id, began=began, ended=ended, located=sent.located, by=taking.user
        ),
    )


def _put_right(taking: Taking, given: str) -> datetime | None:
    return moment(time_of(given), taking.sent_at, taking.received).at


def keep_visit(
    *,
    check: Check,
    id: UUID,
    began: datetime | None,
    ended: datetime | None,
    located: str,
    by: User,
) -> bool:
    """Keep when somebody began and ended on site; whether that is new.

    :raises InvalidInput: without a beginning, or with an end before it.
    :raises NotFound: where the identifier is another person's or another check's visit.
    """
    if began is None or (ended is not None and ended < began):
        raise InvalidInput(
            _("The visit has no beginning, or ends before it."),
            _("A visit begins, and ends later."),
            _("Look at the clock of the device, and begin again."),
        )
    with transaction.atomic():
        row = CheckVisit.objects.select_for_update(of=("self",)).filter(pk=id).first()
        if row is None:
            CheckVisit.objects.create(
                id=id, check_of=check, by=by, began_at=began, ended_at=ended, located=located[:60]
            )
            actions.begin(actions.locked(check), by)
        elif row.check_of_id != check.pk or row.by_id != by.pk:
            raise NotFound(_("There is no such visit."), "", _("Begin a new one."))
        elif ended is None or row.ended_at is not None:
            return False
        else:
            # The time it was sent with may differ by the seconds a request takes.
            row.ended_at = max(ended, row.began_at)
            row.save(update_fields=["ended_at"])
        trace(check, by, "kept visit", after={"title": check.title})
    return True


def _done(taking: Taking, sent: Sent, check: Check) -> Answer:
    there = Check.objects.filter(pk=check.pk, state=CheckState.DONE).exists()
    if not there:
        actions.move(check=check, to=CheckState.DONE.value, by=taking.user)
    return _once_each(taking, sent, there)


def _risk(taking: Taking, sent: Sent, assessment: Assessment, check: Check | None) -> Answer:
    """Raised and told at once: nobody knew until now. It keeps its own trail."""
    there = UrgentRisk.objects.filter(pk=sent.id, assessment=assessment).exists()
    made = taking.moment(sent)
    risk = risks.raise_risk(
        assessment=assessment,
        check=check,
        write=Write(sent.id, 0, taking.user, made.at),
        address=taking.address,
        located=sent.located,
        kind=sent.values["kind"],
        text=sent.values["text"],
        place=sent.values["place"],
    )
    risk.refresh_from_db()
    if not there:
        with transaction.atomic():
            trace(
                risk, taking.user, "took from device", kind="urgent risk",
                after={"title": f"U{risk.number}", "what": "risk", **_when(taking, sent)},
            )  # fmt: skip
    if risk.not_told or not risk.told_to:
        words = gettext("U%(n)d is kept, but nobody was told: %(why)s. Ring somebody now.") % {
            "n": risk.number, "why": risk.not_told or gettext("the e-mail did not go")
        }  # fmt: skip
    else:
        words = gettext("U%(n)d is raised. Told: %(who)s.") % {
            "n": risk.number, "who": risk.told_to
        }  # fmt: skip
    return Answer(str(sent.id), ALREADY if there else SAVED, words)


TAKERS: dict[str, Callable[[Taking, Sent, Check], Answer]] = {
    "entry": _versioned,
    "outcome": _versioned,
    "seen": _seen,
    "missing": _missing,
    "visit": _visit,
    "done": _done,
}
