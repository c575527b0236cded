"""Claims worth testing: suggested by the framework, or said in answers and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kloe.assessment.checks.templates import Template
from kloe.assessment.checks.words import ClaimSource
from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import FindingKind
from kloe.frameworks.model import Theme
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Answer, Assessment, ThemeWork
from kloe.web.checks.models import CheckTemplate
from kloe.web.inspections import planning
from kloe.web.judgements.models import Finding
from kloe.web.library import store
from kloe.web.library.store import Pinned

#: A claim of an answer is its beginning; who plans the check shortens it.
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that can be tested, and where it was said."""

    key: str
    source: str
    ref: str
    text: str
    kind: str = ""
    note: str = ""
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A template to choose."""

    key: str
    title: str
    kind: str
    own: bool


def themes_in_scope(assessment: Assessment, pinned: Pinned) -> list[Theme]:
    """The themes that are looked at, in their order."""
    inside = set(
        ThemeWork.objects.filter(assessment=assessment, in_scope=True).values_list(
            "theme", flat=True
        )
    )
    return [t for t in pinned.themes() if t.id in inside]


def _suggested(theme: Theme) -> list[Claim]:
    return [
        Claim(
            f"framework:{n}",
            ClaimSource.FRAMEWORK.value,
            theme.id,
            str(check.claim),
            check.kind,
            f"{check.how_many}: {check.sample}",
            tuple(check.criteria),
        )
        for n, check in enumerate(theme.suggested_checks)
    ]


def _landlords(access: AssessmentAccess, theme: Theme) -> list[Claim]:
    """In an inspection: what the landlord claims in the self-assessment it handed over."""
    if not access.stage:
        return []
    said = planning.claims_of(access.assessment, store.pinned(access.assessment), theme.id)
    return [
        Claim(
            f"landlord:{one.criterion.id}",
            ClaimSource.ANSWER.value,
            one.criterion.id,
            one.claim.words[:LONGEST],
            criteria=(one.criterion.id,),
        )
        for one in said
        if one.claim.words
    ]


def offered(access: AssessmentAccess, theme: Theme) -> list[Claim]:
    """The claims of a theme: the framework's, then the landlord's own. Two queries, in an
    inspection three."""
    found = _suggested(theme)
    if not access.may(Permission.ASSESSMENT_VIEW):
        return found
    found += _landlords(access, theme)
    for answer in Answer.objects.filter(assessment=access.assessment, theme=theme.id):
        if text := answer.text.strip():
            found.append(
                Claim(
                    f"answer:{answer.question}",
                    ClaimSource.ANSWER.value,
                    answer.question,
                    text[:LONGEST],
                )
            )
    strengths = Finding.objects.filter(
        assessment=access.assessment,
        theme=theme.id,
        kind__in=[FindingKind.STRENGTH.value, FindingKind.PRACTICE.value],
    )
    for finding in strengths:
        found.append(
            Claim(
                f"finding:{finding.pk}",
                ClaimSource.FINDING.value,
                str(finding.pk),
                finding.text[:LONGEST],
                criteria=tuple(finding.criteria),
            )
        )
    return found


def find(access: AssessmentAccess, theme: Theme, key: str) -> Claim | None:
    """The claim an address names, if there is one."""
    if not key:
        return None
    return next((c for c in offered(access, theme) if c.key == key), None)


def source_of(claim: Claim | None, text: str) -> str:
    """Where the words of a claim come from: as they were said, or one's own."""
    same = claim is not None and claim.text.split() == text.split()
    return claim.source if claim is not None and same else ClaimSource.OWN.value


def _themes_of(template: Template | CheckTemplate) -> set[str]:
    if isinstance(template, Template):
        return set(template.themes)
    named = (c for item in template.content["items"] for c in item["criteria"])
    return {c.rpartition("/")[0] for c in named}


def _offer(template: Template | CheckTemplate) -> Offer:
    own = isinstance(template, CheckTemplate)
    key = template.key if isinstance(template, CheckTemplate) else template.id
    return Offer(key, template.title, template.kind, own)


def fitting(
    templates: Sequence[Template | CheckTemplate], theme: Theme
) -> tuple[list[Offer], list[Offer]]:
    """Templates with items on a theme, and the others."""
    fit = [_offer(t) for t in templates if theme.id in _themes_of(t)]
    rest = [_offer(t) for t in templates if theme.id not in _themes_of(t)]
    return (fit, rest) if fit else (rest, [])


def template_for(claim: Claim | None, offers: Sequence[Offer]) -> str:
    """The template of the kind a suggestion asks for, if there is one."""
    if claim is None or not claim.kind:
        return ""
    return next((o.key for o in offers if o.kind == claim.kind), "")


def tested(claim: Claim | None, template: Template, theme: Theme) -> list[str]:
    """The criteria of a theme that are proposed: the claim's, else the template's."""
    if claim is not None and claim.criteria:
        return [c.id for c in theme.criteria if c.id in set(claim.criteria)]
    wanted = set(template.criteria)
    return [c.id for c in theme.criteria if c.id in wanted]
