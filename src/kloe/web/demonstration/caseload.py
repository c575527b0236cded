"""The other inspections of the invented inspectorate: one in each stage, made step by step.

Each is walked through the actions everybody uses, as far as its stage: what stands in the way of
a move is done before it, by the person whose role does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import AssessmentKind
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.progress import Silent
from kloe.web.access import fetch_assessment
from kloe.web.accounts.models import User
from kloe.web.assessments import actions as assessments
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.challenges import actions as challenging
from kloe.web.challenges import answering, issuing
from kloe.web.challenges.models import Draft
from kloe.web.demonstration import plan
from kloe.web.demonstration.clock import ORDER, Diary, standing_at
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.inspections import actions, enquiry, fieldwork, handover, team
from kloe.web.inspections.models import Inspection
from kloe.web.judgements import actions as judging
from kloe.web.judgements import findings
from kloe.web.judgements.models import Finding
from kloe.web.library import store
from kloe.web.moderation import actions as moderation
from kloe.web.moderation import talking, telling
from kloe.web.organisations.models import Organisation
from kloe.web.publication import publishing, responding
from kloe.web.readings import actions as readings

FRAMEWORK = "wao-housing-2005"
PERIOD = (date(2025, 4, 1), date(2026, 3, 31))
#: From here on a plan slips by so many days.
SLIPS, SLIPPED = Stage.DRAFTING, 5
#: Days between planned dates of stages still to come.
APART = 14
#: Why themes are open though their second reader gave no reading.
ONE_READING = "The field days were too few for two readings; both went on the visits together."
_SAID = (
    "kind", "text", "strength", "recommendation", "priority", "benefit", "impact", "cost",
)  # fmt: skip
#: Where an aspect has one side only.
ONE_SIDED = {"between": "partly-met", "upper": "met", "lower": "not-met"}


def build(
    *,
    inspectorate: Organisation,
    people: Mapping[str, User],
    landlord: Organisation,
    said: Mapping[str, Any],
    password: str,
) -> dict[str, Assessment]:
    """Every inspection of the file, by its stage; those that others look at again come first.

    :param people: the inspectorate's, and of the demonstration landlord ``mair``.
    """
    made: dict[str, Assessment] = {}
    for one in reversed(said["inspections"]):
        again = next(
            (made[o["stage"]] for o in said["inspections"] if o["title"] == one.get("again")), None
        )
        made[one["stage"]] = _Case(inspectorate, people, landlord, said, one, password).build(again)
    return made


class _Case:
    def __init__(
        self,
        inspectorate: Organisation,
        people: Mapping[str, User],
        landlord: Organisation,
        common: Mapping[str, Any],
        said: Mapping[str, Any],
        password: str,
    ) -> None:
        self.inspectorate, self.landlord = inspectorate, landlord
        self.common, self.said, self.password = common, said, password
        self.lead, self.second = people["heledd"], people["rhodri"]
        self.moderator = people["catrin"]
        self.people = people
        self.stage = Stage(said["stage"])
        self.diary = Diary(said, self.stage)
        self.assessment: Assessment

    def build(self, again: Assessment | None) -> Assessment:
        """The inspection, as far as its stage."""
        with standing_at(self.diary.opened()):
            self._open(again)
        steps = {
            Stage.SCOPING: self._prepared,
            Stage.PLANNING: self._scoped,
            Stage.FIELDWORK: self._planned,
            Stage.DRAFTING: self._looked,
            Stage.MODERATION: self._proposed,
            Stage.FACTUAL_ACCURACY: self._agreed,
            Stage.PUBLISHED: self._heard,
            Stage.FOLLOWING_UP: lambda: None,
            Stage.CLOSED: self._followed,
        }
        for stage in ORDER[1 : ORDER.index(self.stage) + 1]:
            with self.diary.at(stage):
                steps[stage]()
            with self.diary.at(stage):
                self._move(stage)
        {
            Stage.MODERATION: self._questioned,
            Stage.FACTUAL_ACCURACY: self._heard,
            Stage.FOLLOWING_UP: self._followed,
        }.get(self.stage, lambda: None)()
        return self.assessment

    # What is shared ------------------------------------------------------------------------

    def _write(self, by: User) -> Write:
        return Write(id=uuid4(), base_version=0, by=by)

    def _inspection(self) -> Inspection:
        row = Inspection.objects.select_related("assessment").get(pk=self.assessment.pk)
        self.assessment = row.assessment
        return row

    def _themes(self) -> list[str]:
        return [f"{FRAMEWORK}/{number}" for number in self.said["themes"]]

    def _move(self, to: Stage) -> None:
        row = self._inspection()
        by = self.moderator if to is Stage.FACTUAL_ACCURACY else self.lead
        if to is Stage.PUBLISHED:
            publishing.publish(
                assessment=row.assessment,
                base_version=row.version,
                by=by,
                public=self.said.get("public", True),
            )
            return
        actions.move(
            inspection=row, to=to.value, base_version=row.version, by=by, at=self.diary.began(to)
        )

    # Step by step --------------------------------------------------------------------------

    def _open(self, again: Assessment | None) -> None:
        said = self.said
        named = said.get("landlord") or {"name": self.landlord.name, "homes": self.landlord.homes}
        made = actions.create(
            organisation=self.inspectorate,
            landlord=named["name"],
            homes=named["homes"],
            kind=said.get("kind", AssessmentKind.INSPECTION.value),
            frameworks=[FRAMEWORK],
            title=said["title"],
            period_start=PERIOD[0],
            period_end=PERIOD[1],
            by=self.lead,
            lead=self.lead,
            again=again,
            at=self.diary.opened(),
        )
        self.assessment = made
        if known := said.get("known"):
            assessments.save_known(
                assessment=made,
                by=self.lead,
                values={
                    "kind": "ombudsman",
                    "date": self.diary.day(-40),
                    "source": "Public Services Ombudsman (invented)",
                    "text": known,
                    "url": "",
                },
            )

    def _prepared(self) -> None:
        row = self._inspection()
        for key, role in (("rhodri", "inspector"), ("catrin", "moderator"), ("anwen", "observer")):
            team.join(inspection=row, person=self.people[key], role=role, by=self.lead)
        dates: dict[str, date] = {}
        for stage in ORDER[1 : ORDER.index(Stage.PUBLISHED) + 1]:
            began = self.diary.began(stage)
            ahead = ORDER.index(stage) - ORDER.index(self.stage)
            if began is None or ahead > 0:
                dates[stage.value] = self.diary.day(APART * max(ahead, 0))
                continue
            slipped = SLIPPED if ORDER.index(stage) >= ORDER.index(SLIPS) else 0
            dates[stage.value] = timezone.localdate(began) - timedelta(days=slipped)
        actions.set_dates(
            inspection=row,
            dates=dates,
            base_version=row.version,
            by=self.lead,
        )

    def _scoped(self) -> None:
        wanted = set(self._themes())
        out = {
            work.theme: (False, self.common["left_out"])
            for work in self.assessment.themes.all()
            if work.theme not in wanted
        }
        assessments.set_scope(assessment=self.assessment, choices=out, by=self.lead)
        row = self._inspection()
        if self.said.get("demonstrated"):
            self.speaker = self.people["mair"]
            team.join(inspection=row, person=self.speaker, role="landlord's lead", by=self.lead)
            self.assessment = team.tie_landlord(
                inspection=row, organisation=self.landlord, by=self.speaker
            )
        else:
            one = self.said["lead"]
            self.speaker = User.objects.filter(
                email=one["email"]
            ).first() or User.objects.create_user(one["email"], self.password, name=one["name"])
            team.join(inspection=row, person=self.speaker, role="landlord's lead", by=self.lead)
        row = self._inspection()
        handover.say_none(
            inspection=row, reason=self.said["none"], base_version=row.version, by=self.lead
        )

    def _planned(self) -> None:
        ready = self.diary.began(Stage.DRAFTING)
        over = ready and ORDER.index(self.stage) >= ORDER.index(Stage.DRAFTING)
        due = timezone.localdate(ready) if over else self.diary.day(APART)
        for theme in self._themes():
            enquiry.assign(
                assessment=self.assessment,
                theme=theme,
                lead=self.second,
                second=self.lead,
                due=due,
                by=self.lead,
            )
            asked = enquiry.framework_questions(store.pinned(self.assessment).theme(theme))
            for question, (how, whom) in zip(asked, self.common["ways"].items(), strict=False):
                enquiry.plan_question(
                    assessment=self.assessment,
                    question=question,
                    wanted=enquiry.Wanted(how=how, whom=whom, who=self.second),
                    base_version=0,
                    by=self.lead,
                )
            enquiry.adopt(assessment=self.assessment, theme=theme, by=self.lead)
        began = self.diary.began(Stage.FIELDWORK)
        first = timezone.localdate(began) if began else self.diary.today
        fieldwork.build(
            inspection=self._inspection(),
            first=first,
            last=first + timedelta(days=7),
            by=self.lead,
        )

    def _looked(self) -> None:
        self.pinned = store.pinned(self.assessment)
        self._evidence()
        for theme_id in self._themes():
            theme = self.pinned.theme(theme_id)
            said = self._placings(theme)
            read = any(len(given) > 2 for given in said.values())
            for n, reader in enumerate((self.second, self.lead) if read else ()):
                for criterion in theme.criteria:
                    position, reason = said[criterion.key][2 * n : 2 * n + 2]
                    self._rate(criterion, position, reason, by=reader, own=True)
                readings.done(assessment=self.assessment, theme=theme, by=reader)
            if read:
                readings.agree_alike(
                    access=fetch_assessment(
                        self.lead, self.assessment.pk, Permission.ASSESSMENT_VIEW
                    ),
                    pinned=self.pinned,
                    theme=theme,
                    by=self.second,
                )
            else:
                readings.open_early(
                    assessment=self.assessment, theme=theme, reason=ONE_READING, by=self.lead
                )
            agreed = self.said.get("agreed", {}).get(theme.number, {})
            for criterion in theme.criteria:
                given = agreed.get(criterion.key, said[criterion.key][:2])
                if read and criterion.key not in agreed and _alike(said[criterion.key]):
                    continue
                self._rate(criterion, *given, by=self.second)
            for question, text in self.said.get("answers", {}).items():
                ratings.answer(
                    assessment=self.assessment,
                    question=f"{theme_id}/{question}",
                    theme=theme_id,
                    text=text,
                    write=self._write(self.second),
                )
        self._findings()
        self._feedback()

    def _evidence(self) -> None:
        (theme,) = self._themes() if self.said.get("evidence") else ("",)
        for one in self.said.get("evidence", ()):
            details = Details(
                title=one["title"],
                kind=one["kind"],
                origin=one["origin"],
                text=one["text"],
                confidentiality=one.get("confidentiality", "open"),
                period_start=PERIOD[0],
                period_end=PERIOD[1],
            )
            item = evidence.add_note(assessment=self.assessment, details=details, by=self.second)
            for criterion, (says, descriptor) in one["shows"].items():
                evidence.link(
                    item=item,
                    descriptor=f"{theme}/{criterion}/{descriptor}",
                    direction=says,
                    by=self.second,
                )

    def _placings(self, theme: Any) -> dict[str, list[str]]:
        if (every := self.said.get("every", {}).get(theme.number)) is None:
            found: dict[str, list[str]] = self.said["ratings"][theme.number]
            return found
        position, reason = every
        return {
            c.key: [position if c.form == "paired" else ONE_SIDED[position], reason]
            for c in theme.criteria
        }

    def _rate(
        self, criterion: Any, position: str, reason: str, *, by: User, own: bool = False
    ) -> None:
        ratings.rate(
            assessment=self.assessment,
            pinned=self.pinned,
            criterion=criterion,
            position=position,
            reason=reason,
            write=self._write(by),
            author=by if own else None,
        )

    def _findings(self) -> None:
        self.found: list[Finding] = []
        for one in self.said["findings"]:
            theme = self.pinned.theme(f"{FRAMEWORK}/{one['theme']}")
            wanted = one["criteria"]
            keys = [c.key for c in theme.criteria][:wanted] if isinstance(wanted, int) else wanted
            saved = findings.add_finding(
                assessment=self.assessment,
                pinned=self.pinned,
                theme=theme.id,
                **{key: one[key] for key in _SAID if key in one},
                due_on=self.diary.day(one["due"]).isoformat() if "due" in one else "",
                criteria=[f"{theme.id}/{key}" for key in keys],
                evidence=[],
                write=self._write(self.second),
            )
            self.found.append(saved.row)

    def _feedback(self) -> None:
        said = self.said.get("feedback")
        if said is None:
            telling.waive(assessment=self.assessment, reason=self.said["no_feedback"], by=self.lead)
            return
        made = telling.prepare(
            assessment=self.assessment,
            pinned=self.pinned,
            told=telling.Told(
                held_on=self.diary.day(said["held"]),
                spoke=said["spoke"],
                heard=said["heard"],
                place=said["place"],
                reaction=said["reaction"],
                points={f.pk: f.text for f in self.found},
            ),
            write=self._write(self.lead),
        )
        telling.give(
            feedback=made.row, pinned=self.pinned, base_version=made.row.version, by=self.lead
        )

    def _grades(self) -> dict[str, Mapping[str, Any]]:
        return {
            key if key == "service" else f"{FRAMEWORK}/{key}": one
            for key, one in self.said["grades"].items()
        }

    def _proposed(self) -> None:
        for subject, one in self._grades().items():
            for save in (judging.save_provisional, moderation.propose):
                save(
                    assessment=self.assessment,
                    pinned=self.pinned,
                    subject=subject,
                    grade=one["grade"],
                    reasons=one["reasons"],
                    write=self._write(self.lead),
                )

    def _questioned(self) -> None:
        for subject, one in self._grades().items():
            for say, key, by in (
                (moderation.ask, "asked", self.moderator),
                (moderation.answer, "answered", self.lead),
            ):
                if key in one:
                    say(
                        assessment=self.assessment,
                        pinned=self.pinned,
                        subject=subject,
                        text=one[key],
                        seen=talking.last_number(self.assessment, subject),
                        write=self._write(by),
                    )

    def _agreed(self) -> None:
        for subject in self._grades():
            moderation.agree(
                assessment=self.assessment,
                pinned=self.pinned,
                subject=subject,
                seen=talking.last_number(self.assessment, subject),
                write=self._write(self.moderator),
            )

    def _heard(self) -> None:
        with self.diary.at(Stage.FACTUAL_ACCURACY):
            draft = issuing.issue(
                inspection=self._inspection(), by=self.lead, address="", progress=Silent()
            )
        with self.diary.at(Stage.FACTUAL_ACCURACY, 0.4):
            self._challenged(draft)
        if self.stage is Stage.FACTUAL_ACCURACY:
            return
        with self.diary.at(Stage.FACTUAL_ACCURACY, 0.6):
            if self.said.get("challenges"):
                answering.tell_answers(assessment=self.assessment, by=self.lead, address="")
            issuing.close(draft=draft, base=0, by=self.speaker)
            due = timezone.localdate() + timedelta(days=APART)
            responding.ask(assessment=self.assessment, due=due, by=self.lead, address="")
        with self.diary.at(Stage.FACTUAL_ACCURACY, 0.8):
            responding.answer(
                assessment=self.assessment,
                text=self.said["response"],
                base_version=0,
                by=self.speaker,
            )

    def _challenged(self, draft: Draft) -> None:
        for one in self.said.get("challenges", ()):
            paragraph = next(p for p in draft.paragraphs.all() if one["of"] in p.text)
            row = challenging.write(
                draft=draft,
                paragraph=paragraph.number,
                words=challenging.Words(kind=one["kind"], claim=one["claim"], quote=one["of"]),
                by=self.speaker,
            )
            challenging.send(draft=draft, challenges=[row], by=self.speaker, address="")
            row.refresh_from_db()
            if answer := one.get("answer"):
                answering.answer(
                    challenge=row,
                    answer=answering.Answer(**answer),
                    base_version=row.version,
                    by=self.lead,
                )

    def _followed(self) -> None:
        """What the landlord does about it, where it keeps its plan here."""
        plan.follow(self.landlord, self.found, self.said.get("follows", ()), self.speaker)


def _alike(given: list[str]) -> bool:
    return len(given) > 2 and given[0] == given[2]
