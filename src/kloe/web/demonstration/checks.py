"""Reality checks of the demonstration: several kinds, in every state, one with an urgent risk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from django.utils import timezone

from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.checks import actions, evidencing, own_templates, people, risks, sample
from kloe.web.checks.models import Check

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def build(
    *, assessment: Assessment, users: Mapping[str, User], said: Mapping[str, Any]
) -> list[Check]:
    """Make the checks that ``said`` describes (``checks.yaml``), through the ordinary actions."""
    maker = _Maker(assessment, users)
    contact = said["contact"]
    risks.set_contact(assessment=assessment, by=users[contact.pop("by")], **contact)
    return [maker.check(one) for one in said["checks"]]


class _Maker:
    def __init__(self, assessment: Assessment, users: Mapping[str, User]) -> None:
        self.assessment, self.users = assessment, users
        self.writes = 0

    def _id(self, *names: object) -> UUID:
        return uuid5(NAMESPACE_URL, "/".join(map(str, (self.assessment.pk, "checks", *names))))

    def _write(self, by: User, base: int = 0) -> Write:
        self.writes += 1
        return Write(id=self._id("write", self.writes), base_version=base, by=by)

    def check(self, said: Mapping[str, Any]) -> Check:
        """One check, as far as it got."""
        by = self.users[said["by"]]
        check = actions.plan_check(
            assessment=self.assessment,
            template=own_templates.row_for(self.assessment.organisation_id, said["template"]),
            plan=actions.Plan(
                title=said["title"],
                claim=said["claim"],
                theme=said["theme"],
                criteria=[f"{said['theme']}/{key}" for key in said["criteria"]],
                planned_at=_at(said.get("in_days"), said.get("at", "10:00")),
                minutes=said.get("minutes", 60),
                place=said.get("place", ""),
                assigned=by.pk,
                doers=[self.users[key].pk for key in said.get("with", [])],
            ),
            by=by,
            id=self._id(said["title"]),
        )
        if cases := said.get("cases"):
            sample.set_sample(
                check=check,
                method=cases["method"],
                frame=cases["frame"],
                references="\n".join(cases["references"]),
                size=cases.get("size", 0),
                seed=cases.get("seed", ""),
                by=by,
            )
        self._answers(check, said, by)
        for role, group, count in said.get("seen", []):
            people.save_seen(
                check=check, role=role, group=group, count=count, by=by,
                id=self._id(check.pk, role, group),
            )  # fmt: skip
        for risk in said.get("risks", []):
            raised = risks.raise_risk(
                assessment=self.assessment,
                check=check,
                kind=risk["kind"],
                text=risk["text"],
                place=risk["place"],
                write=self._write(by),
                send=False,
            )
            contact = risks.contact_of(self.assessment)
            risks.mark_told(risk=raised, by=by, told_to=contact.name if contact else "")
            if "answer" in risk:
                risks.answer(
                    risk=raised,
                    text=risk["answer"],
                    answered_for=risk["answered_for"],
                    by=self.users["mair"],
                )
        return self._end(check, said, by)

    def _answers(self, check: Check, said: Mapping[str, Any], by: User) -> None:
        for item, (answer, note) in (said.get("answers") or {}).items():
            actions.save_entry(
                check=check, item=item, case=None, answer=answer, note=note, write=self._write(by)
            )
        rows = list(check.cases.all())
        for item, answers in (said.get("case_answers") or {}).items():
            for case, answer in zip(rows, answers.split(), strict=False):
                actions.save_entry(
                    check=check,
                    item=item,
                    case=case,
                    answer=answer.replace("-", " "),
                    note="",
                    write=self._write(by),
                )

    def _end(self, check: Check, said: Mapping[str, Any], by: User) -> Check:
        check.refresh_from_db()
        if outcome := said.get("outcome"):
            day = timezone.localdate() - timedelta(days=outcome["days_ago"])
            actions.save_outcome(
                check=check,
                result=outcome["result"],
                conclusion=outcome["conclusion"],
                notes=outcome.get("notes", ""),
                done_on=day.isoformat(),
                write=self._write(by),
            )
            check.refresh_from_db()
            check = actions.move(check=check, to="done", by=by)
            evidencing.use_as_evidence(
                check=Check.objects.select_related("outcome", "template").get(pk=check.pk),
                said={f"{check.theme}/{k}": v for k, v in outcome.get("shows", {}).items()},
                by=by,
            )
        elif reason := said.get("withdrawn"):
            check = actions.move(check=check, to="withdrawn", by=by, reason=reason)
        return check


def _at(days: int | None, clock: str) -> datetime | None:
    if days is None:
        return None
    hours, minutes = map(int, clock.split(":"))
    day = timezone.localtime() + timedelta(days=days)
    return day.replace(hour=hours, minute=minutes, second=0, microsecond=0)
