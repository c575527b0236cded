"""An inspection of the demonstration landlord by an invented inspectorate, in fieldwork."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.progress import Silent
from kloe.web.accounts.models import User
from kloe.web.assessments import actions as assessments
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.evidence import storage
from kloe.web.evidence.uploads import Upload
from kloe.web.indicators import computed
from kloe.web.inspections import actions, enquiry, fieldwork, handover, requests, team
from kloe.web.inspections.enquiry import Wanted
from kloe.web.inspections.models import Inspection
from kloe.web.library import store
from kloe.web.organisations import actions as organisations
from kloe.web.organisations.models import Membership, Organisation


@dataclass(frozen=True)
class Made:
    """The inspection, and everybody who has to do with it."""

    assessment: Assessment
    people: Mapping[str, User]


def build(
    *, source: Assessment, users: Mapping[str, User], said: Mapping[str, Any], password: str
) -> Made:
    """Make the inspection that ``said`` describes (``inspection.yaml``), by ordinary actions.

    :param source: the landlord's self-assessment, which its lead hands over.
    """
    maker = _Maker(source, users, said, password)
    return Made(maker.build(), maker.people)


class _Maker:
    def __init__(
        self, source: Assessment, users: Mapping[str, User], said: Mapping[str, Any], password: str
    ) -> None:
        self.source, self.said = source, said
        self.inspectorate = organisations.create(by=None, invented=True, **said["inspectorate"])
        self.people = {**users, **self._people(self.inspectorate, password)}
        self.today = timezone.localdate()

    def _people(self, inspectorate: Organisation, password: str) -> dict[str, User]:
        found = {}
        for key, one in self.said["people"].items():
            user = User.objects.filter(email=one["email"]).first() or User.objects.create_user(
                one["email"], password, name=one["name"]
            )
            if role := one.get("member"):
                Membership.objects.create(organisation=inspectorate, user=user, role=role)
            found[key] = user
        return found

    def build(self) -> Assessment:
        lead, said = self.people["heledd"], self.said["inspection"]
        made = actions.create(
            organisation=self.inspectorate,
            landlord=self.source.landlord.name,
            kind="inspection",
            frameworks=said["frameworks"],
            title=said["title"],
            period_start=said["period"][0],
            period_end=said["period"][1],
            by=lead,
            lead=lead,
            homes=self.source.landlord.homes,
            at=self._at(said["opened"]),
        )
        # The self-assessment stays the newest: commands that name none mean it.
        before = self.source.created_at - timedelta(minutes=1)
        Assessment.objects.filter(pk=made.pk).update(created_at=before)
        made.refresh_from_db()
        self.assessment = made
        self.inspection = Inspection.objects.get(assessment=made)
        self.inspection.assessment = made
        self._team()
        self._dates()
        self._move(Stage.SCOPING)
        self._scope(said)
        self._landlord()
        self._move(Stage.PLANNING)
        self._plan()
        self._documents()
        self._move(Stage.FIELDWORK)
        self._ratings()
        computed.compute(
            assessment=self.assessment, by=lead, measures=self.said["measures"], progress=Silent()
        )
        return self.assessment

    def _id(self, *names: object) -> UUID:
        return uuid5(NAMESPACE_URL, "/".join(map(str, (self.assessment.pk, *names))))

    def _day(self, days: int) -> Any:
        return self.today + timedelta(days=days)

    def _at(self, days: int) -> datetime:
        return datetime.combine(self._day(days), time(10), tzinfo=timezone.get_current_timezone())

    def _team(self) -> None:
        roles = {key: one["role"] for key, one in self.said["people"].items()}
        for key, role in {**roles, **self.said["landlord"]}.items():
            if key != "heledd":
                team.join(
                    inspection=self.inspection,
                    person=self.people[key],
                    role=role,
                    by=self.people["heledd"],
                )

    def _dates(self) -> None:
        actions.set_dates(
            inspection=self.inspection,
            dates={s: self._day(one["planned"]) for s, one in self.said["stages"].items()},
            base_version=self.inspection.version,
            by=self.people["heledd"],
        )

    def _move(self, to: Stage) -> None:
        self.inspection.refresh_from_db()
        actions.move(
            inspection=self.inspection,
            to=to.value,
            base_version=self.inspection.version,
            by=self.people["heledd"],
            at=self._at(self.said["stages"][to.value]["began"]),
        )

    def _scope(self, said: Mapping[str, Any]) -> None:
        inside = set(said["kloes"])
        out = {
            theme.id: (False, said["left_out"])
            for kloe in store.pinned(self.assessment).kloes()
            for theme in kloe.themes
            if kloe.number not in inside
        }
        assessments.set_scope(assessment=self.assessment, choices=out, by=self.people["heledd"])

    def _landlord(self) -> None:
        by = self.people["mair"]
        self.assessment = team.tie_landlord(
            inspection=self.inspection, organisation=self.source.landlord, by=by
        )
        self.inspection.assessment = self.assessment
        handover.hand_over(inspection=self.inspection, source=self.source, by=by)

    def _plan(self) -> None:
        leads = ("rhodri", "ceri", "heledd")
        lead = self.people["heledd"]
        works = self.assessment.themes.filter(in_scope=True)
        for n, work in enumerate(works):
            enquiry.assign(
                assessment=self.assessment,
                theme=work.theme,
                lead=self.people[leads[n % 3]],
                second=self.people[leads[(n + 1) % 3]],
                due=self._day(self.said["stages"]["drafting"]["planned"]),
                by=lead,
            )
        for one in self.said["questions"]:
            self._question(one["question"], one)
        dropped = self.said["dropped"]
        enquiry.plan_question(
            assessment=self.assessment,
            question=dropped["question"],
            wanted=Wanted(state="dropped", reason=dropped["reason"]),
            base_version=0,
            by=lead,
        )
        added = self.said["added"]
        enquiry.add_question(
            assessment=self.assessment,
            theme=added["theme"],
            wanted=Wanted(
                state="added",
                text=added["text"],
                how=added["how"],
                whom=added["whom"],
                who=self.people[added["who"]],
            ),
            by=lead,
            id=self._id("question"),
        )
        for work in works:
            enquiry.adopt(assessment=self.assessment, theme=work.theme, by=lead)
        self._timetable()

    def _question(self, question: str, said: Mapping[str, Any]) -> None:
        enquiry.plan_question(
            assessment=self.assessment,
            question=question,
            wanted=Wanted(
                how=said["how"],
                whom=said["whom"],
                who=self.people[said["who"]],
                due=self._day(self.said["stages"]["drafting"]["planned"]),
            ),
            base_version=0,
            by=self.people["heledd"],
        )

    def _timetable(self) -> None:
        by = self.people["heledd"]
        fieldwork.build(inspection=self.inspection, first=self._day(1), last=self._day(7), by=by)
        for visit in self.inspection.visits.prefetch_related("people"):
            if place := self.said["places"].get(visit.how):
                values = {name: getattr(visit, name) for name in fieldwork.FIELDS}
                entry = fieldwork.Entry(
                    **values | {"place": place}, people=list(visit.people.all())
                )
                fieldwork.change(visit=visit, entry=entry, base_version=visit.version, by=by)

    def _documents(self) -> None:
        for n, one in enumerate(self.said["documents"]):
            row = requests.ask(
                inspection=self.inspection,
                what=one["what"],
                why=one["why"],
                theme=one.get("theme", ""),
                due=self._day(one["due"]),
                by=self.people["rhodri"],
                id=self._id("document", n),
            )
            if one.get("withdrawn"):
                requests.settle(request=row, state="withdrawn", by=self.people["rhodri"])
            if name := one.get("file"):
                received = storage.receive([one["text"].encode()])
                requests.give(
                    request=row,
                    uploads=[Upload(name, received)],
                    by=self.people["idris"],
                    write_id=self._id("given", n),
                )

    def _ratings(self) -> None:
        pinned = store.pinned(self.assessment)
        for n, one in enumerate(self.said["ratings"]):
            criteria = {c.key: c for c in pinned.theme(one["theme"]).criteria}
            # Its themes are read by two, so each rates for themselves until they are open.
            reader = self.people[one["by"]]
            ratings.rate(
                assessment=self.assessment,
                pinned=pinned,
                criterion=criteria[one["at"]],
                position=one["position"],
                reason=one["reason"],
                write=Write(id=self._id("rating", n), base_version=0, by=reader),
                author=reader,
            )
