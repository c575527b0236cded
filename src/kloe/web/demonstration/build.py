"""Making the demonstration landlord from its files, through the actions everybody uses.

All in one transaction: either the whole demonstration is there or nothing of it. Making it
again finds it there and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from django.conf import settings
from django.db import transaction

from kloe.assessment.vocabulary import InspectionStage
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.frameworks.model import Criterion
from kloe.measures.catalogue import catalogue
from kloe.web.accounts.models import User
from kloe.web.assessments import actions, ratings
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.demonstration import caseload, checks, files, holdings, inspecting, plan, sector
from kloe.web.evidence import actions as evidence
from kloe.web.evidence import storage
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.indicators import actions as indicators
from kloe.web.judgements import actions as judging
from kloe.web.judgements import findings, prospects
from kloe.web.library import store
from kloe.web.organisations.models import Membership, Organisation
from kloe.web.publication import files as published
from kloe.web.publication.models import PublishedFile

CONTENT = Path(__file__).resolve().parents[2] / "content" / "demonstration"
PASSWORD = "porth-arian-2026"  # noqa: S105 - printed for everybody who tries the demonstration
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Made:
    """The demonstration as it stands."""

    organisation: Organisation
    assessment: Assessment
    people: dict[str, User]
    new: bool


@dataclass
class _Ground:
    """What the steps of the building share."""

    assessment: Assessment
    people: dict[str, User]
    pinned: store.Pinned
    items: dict[str, EvidenceItem] = field(default_factory=dict)
    writes: int = 0

    def write(self, by: str, base: int = 0) -> Write:
        """A write with an identifier that is the same at every building."""
        self.writes += 1
        return Write(
            id=uuid5(NAMESPACE_URL, f"{self.assessment.pk}/{self.writes}"),
            base_version=base,
            by=self.people[by],
        )


def read(name: str) -> dict[str, Any]:
    """One of the demonstration's files."""
    with (CONTENT / name).open(encoding="utf-8") as f:
        found: dict[str, Any] = yaml.load(f, _Loader)  # noqa: S506 - a safe loader, ours
    return found


def enquiries() -> list[dict[str, Any]]:
    """The files that hold a KLOE's part, in the order of their KLOEs."""
    return [read(path.name) for path in sorted(CONTENT.glob("[0-9]*.yaml"))]


def existing() -> Made | None:
    """The demonstration, if it was made in this data directory."""
    landlord = read("landlord.yaml")
    organisation = Organisation.objects.filter(
        name=landlord["organisation"]["name"], invented=True
    ).first()
    if organisation is None:
        return None
    assessment = (
        Assessment.objects.filter(organisation=organisation, title=landlord["assessment"]["title"])
        .select_related("organisation", "conducted_by", "lead")
        .order_by("created_at")
        .first()
    )
    if assessment is None:
        return None
    emails = {p["email"]: key for key, p in landlord["people"].items()}
    people = {emails[u.email]: u for u in User.objects.filter(email__in=emails)}
    return Made(organisation, assessment, people, new=False)


def package(landlord: Organisation) -> Path | None:
    """The public sealed package of the inspection of the landlord that is followed up."""
    found = PublishedFile.objects.filter(
        publication__assessment__subject=landlord,
        publication__assessment__inspection__stage=InspectionStage.FOLLOWING_UP,
        edition=published.PUBLIC,
        kind=published.PACKAGE,
    ).last()
    return published.path_of(found) if found else None


def indicators_waiting(assessment: Assessment) -> tuple[int, int] | None:
    """How many indicators are computed and how many are not; None once no work waits."""
    if not assessment.jobs.filter(
        kind="compute-indicators", state__in=["waiting", "running"]
    ).exists():
        return None
    there = assessment.computed.count()
    return there, len(catalogue().sources) - there


def build(progress: Progress | None = None) -> Made:
    """The demonstration, made if it is not there yet."""
    tell = progress or Silent()
    if (there := existing()) is not None:
        return there
    landlord = read("landlord.yaml")
    parts = enquiries()
    steps = len(parts) + 7
    tell.step(0, steps, _("Inventing a sector to compare with"))
    dataset = sector.bring_in(settings.DATA_DIR, landlord)
    with ExitStack() as stack:
        stack.enter_context(_without_mail())
        stack.enter_context(transaction.atomic())
        tell.step(1, steps, _("Inventing the landlord"))
        organisation, people = _people(landlord)
        assessment = _assessment(landlord, organisation, people)
        ground = _Ground(assessment, people, store.pinned(assessment))
        indicators.set_beside(
            assessment=assessment,
            dataset=dataset,
            landlord=landlord["organisation"]["code"],
            by=people["mair"],
        )
        for part in [read("shared.yaml"), *parts]:
            _evidence(ground, part.get("evidence") or [], part.get("lead", "mair"))
        stack.enter_context(holdings.removed_on_failure(organisation))
        _records(ground, organisation, tell, steps)
        for n, part in enumerate(parts, start=4):
            tell.step(n, steps, _("Assessing KLOE %(kloe)s", kloe=part["kloe"]))
            _enquiry(ground, part)
        tell.step(steps - 3, steps, _("Judging"))
        _overall(ground, landlord)
        checks.build(assessment=assessment, users=people, said=read("checks.yaml"))
        inspectors = inspecting.build(
            source=assessment, users=people, said=read("inspection.yaml"), password=PASSWORD
        )
        plan.build(assessment=assessment, people=people, said=read("plan.yaml"), items=ground.items)
        tell.step(steps - 1, steps, _("Inspecting other landlords"))
        caseload.build(
            inspectorate=inspectors.assessment.organisation,
            people=inspectors.people,
            landlord=organisation,
            said=read("caseload.yaml"),
            password=PASSWORD,
        )
    tell.step(steps, steps, _("Done"))
    return Made(organisation, assessment, people, new=True)


@contextmanager
def _without_mail() -> Iterator[None]:
    """Nobody is told of what is invented."""
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend


def _people(landlord: Mapping[str, Any]) -> tuple[Organisation, dict[str, User]]:
    from kloe.web.organisations import actions as organisations

    said = landlord["organisation"]
    organisation = organisations.create(
        by=None,
        name=said["name"],
        kind=said["kind"],
        jurisdiction=said["jurisdiction"],
        homes=said["homes"],
        landlord_code=said["code"],
        invented=True,
    )
    people = {}
    for key, person in landlord["people"].items():
        user = User.objects.filter(email=person["email"]).first() or User.objects.create_user(
            person["email"], PASSWORD, name=person["name"]
        )
        Membership.objects.get_or_create(
            organisation=organisation, user=user, defaults={"role": person["role"]}
        )
        people[key] = user
    return organisation, people


def _assessment(
    landlord: Mapping[str, Any], organisation: Organisation, people: Mapping[str, User]
) -> Assessment:
    said, mair = landlord["assessment"], people["mair"]
    assessment = actions.create(
        organisation=organisation,
        frameworks=said["frameworks"],
        kind=said["kind"],
        title=said["title"],
        period_start=said["period"][0],
        period_end=said["period"][1],
        lead=mair,
        by=mair,
    )
    actions.save_context(
        assessment=assessment,
        values=said["context"],
        write=Write(id=uuid5(NAMESPACE_URL, f"{assessment.pk}/context"), base_version=0, by=mair),
    )
    for fact in said["known"]:
        actions.save_known(assessment=assessment, by=mair, values={"url": "", **fact})
    out = {theme: (False, reason) for theme, reason in said["left_out"].items()}
    actions.set_scope(assessment=assessment, choices=out, by=mair)
    return assessment


def _evidence(ground: _Ground, items: Iterable[Mapping[str, Any]], lead: str) -> None:
    for said in items:
        period = said.get("period") or (None, None)
        details = Details(
            title=said["title"],
            kind=said["kind"],
            origin=said["origin"],
            period_start=period[0],
            period_end=period[1],
            source=said.get("source", ""),
            confidentiality=said["confidentiality"],
            text=said["content"].strip() if said["form"] == "note" else "",
        )
        common: dict[str, Any] = {
            "assessment": ground.assessment,
            "details": details,
            "by": ground.people[lead],
        }
        if said["form"] == "file":
            received = storage.receive([files.render(said["file"], said["content"])])
            item = evidence.add_file(received=received, file_name=said["file"], **common)
        elif said["form"] == "link":
            item = evidence.add_link(url=said["url"], **common)
        else:
            item = evidence.add_note(**common)
        ground.items[said["key"]] = item


def _records(ground: _Ground, organisation: Organisation, tell: Progress, steps: int) -> None:
    said = read("computed.yaml")
    tell.step(2, steps, _("Inventing the landlord's records"))
    holdings.invent(organisation, said["records"], ground.people["mair"])
    tell.step(3, steps, _("Computing indicators"))
    holdings.compute(ground.assessment, said, ground.people, tell, (3, steps))


def _enquiry(ground: _Ground, part: Mapping[str, Any]) -> None:
    lead = part["lead"]
    kloe = next(k for k in ground.pinned.kloes() if k.number == part["kloe"])
    for number, said in (part.get("themes") or {}).items():
        theme = ground.pinned.theme(f"{kloe.id.split('/')[0]}/{number}")
        said = said or {}  # noqa: PLW2901 - an empty theme reads as nothing
        actions.assign_theme(
            assessment=ground.assessment,
            theme=theme.id,
            lead=ground.people[lead],
            due=said.get("due"),
            by=ground.people["mair"],
        )
        for key, answer in (said.get("answers") or {}).items():
            _answer(ground, f"{theme.id}/{key}", theme.id, answer, lead)
        for n, text in (said.get("detailed") or {}).items():
            question = theme.detailed_questions[int(n) - 1].id
            _answer(ground, question, theme.id, {"text": text}, lead)
        criteria = {c.key: c for c in theme.criteria}
        for key, rating in (said.get("ratings") or {}).items():
            _rating(ground, criteria[key], rating, lead)
        for finding in said.get("findings") or []:
            _finding(ground, theme.id, finding, lead)
        if said.get("judgement"):
            _judgement(ground, theme.id, said["judgement"], lead)
    if part.get("judgement"):
        _judgement(ground, kloe.id, part["judgement"], lead)


def _answer(ground: _Ground, question: str, theme: str, said: Mapping[str, Any], by: str) -> None:
    ratings.answer(
        assessment=ground.assessment,
        question=question,
        theme=theme,
        text=said["text"],
        write=ground.write(by),
    )
    if cites := said.get("cites"):
        ratings.cite(
            assessment=ground.assessment,
            question=question,
            theme=theme,
            cites=[ground.items[key].pk for key in cites],
            by=ground.people[by],
        )


def _rating(ground: _Ground, criterion: Criterion, said: Mapping[str, Any], by: str) -> None:
    for link in said.get("evidence") or []:
        evidence.link(
            item=ground.items[link["item"]],
            descriptor=f"{criterion.id}/{link['of']}",
            direction=link["says"],
            locator=str(link.get("at", "")),
            by=ground.people[by],
        )
    ratings.rate(
        assessment=ground.assessment,
        pinned=ground.pinned,
        criterion=criterion,
        position=said["position"],
        reason=said.get("reason", ""),
        write=ground.write(by),
    )


def _finding(ground: _Ground, theme: str, said: Mapping[str, Any], by: str) -> None:
    findings.add_finding(
        assessment=ground.assessment,
        pinned=ground.pinned,
        theme=theme,
        kind=said["kind"],
        text=said["text"],
        criteria=[f"{theme}/{key}" for key in said.get("criteria") or []],
        evidence=[ground.items[key].pk for key in said.get("evidence") or []],
        recommendation=said.get("recommendation", ""),
        priority=said.get("priority", ""),
        write=ground.write(by),
    )


def _judgement(ground: _Ground, subject: str, said: Mapping[str, Any], by: str) -> None:
    who = said.get("by", by)
    judging.save_provisional(
        assessment=ground.assessment,
        pinned=ground.pinned,
        subject=subject,
        grade=said["grade"],
        reasons=said["reasons"],
        write=ground.write(who),
    )
    if agreed := said.get("agreed"):
        judging.decide(
            assessment=ground.assessment,
            pinned=ground.pinned,
            subject=subject,
            grade=agreed["grade"],
            reasons=agreed["reasons"],
            write=ground.write("mair"),
        )
    if dissent := said.get("dissent"):
        judging.dissent(
            assessment=ground.assessment,
            pinned=ground.pinned,
            subject=subject,
            grade=dissent["grade"],
            reasons=dissent["reasons"],
            write=ground.write(dissent["by"]),
        )


def _overall(ground: _Ground, landlord: Mapping[str, Any]) -> None:
    said = landlord["prospects"]
    for weakness in said["weaknesses"]:
        prospects.add_weakness(
            assessment=ground.assessment,
            pinned=ground.pinned,
            write=ground.write("mair"),
            **weakness,
        )
    for kind in ("driver", "barrier"):
        for text in said[f"{kind}s"]:
            prospects.add_factor(
                assessment=ground.assessment,
                pinned=ground.pinned,
                kind=kind,
                text=text,
                write=ground.write("mair"),
            )
    kloe = next(k for k in ground.pinned.kloes() if k.main_questions)
    for main, answered in zip(kloe.main_questions, said["main_questions"], strict=True):
        _answer(ground, main.id, main.themes[0], {"text": answered["answer"]}, "mair")
        _judgement(ground, main.id, answered, "mair")
    for subject, judgement in landlord["judgements"].items():
        _judgement(ground, subject, judgement, "mair")
