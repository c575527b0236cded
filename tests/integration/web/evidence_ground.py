"""Ground for the tests of evidence: a small framework, an assessment of it, people, uploads."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kloe.core.digest import canonical_json, sha256_hex

F = "small-2005"
RENT, TENANCY = f"{F}/1.2/1", f"{F}/1.2/2"
SETUP, STATEMENTS, CONTACT = f"{RENT}/account-set-up", f"{RENT}/statements", f"{RENT}/contact"
CONTACT_TOO = f"{TENANCY}/contact"


def _descriptor(text: str, polarity: str) -> dict[str, Any]:
    return {"text": text, "source": ["1.2/1/E1"], "polarity": polarity, "nature": "practice"}


def _criterion(key: str, title: str, lower: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "title": title,
        "questions": ["Q1"],
        "upper": [_descriptor(f"Does it always: {title.lower()}.", "strength")],
        "lower": [_descriptor(f"Seldom does it: {title.lower()}.", "fault")] if lower else [],
        **more,
    }


def _theme(number: str, title: str, criteria: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": number,
        "title": title,
        "strand": "service",
        "questions": [
            {"id": "Q1", "text": f"How good is {title.lower()}?", "source": ["1.2/1/Q1"]}
        ],
        "criteria": criteria,
        "detailed_questions": [],
        "evidence": [],
        "reality_checks": [],
    }


def small_framework() -> bytes:
    """The compiled form of a framework with two themes and five criteria."""
    contact = _criterion("contact", "Ways of getting in touch", common="contact-channels")
    themes = [
        _theme(
            "1.2/1",
            "Rent collection",
            [
                _criterion("account-set-up", "Rent account ready in time"),
                _criterion("statements", "Rent statements", lower=False),
                contact,
            ],
        ),
        _theme("1.2/2", "Tenancy management", [contact, _criterion("visits", "Visits to tenants")]),
    ]
    grade = {"key": "good", "label": "Good", "describes": "upper"}
    poor = {"key": "poor", "label": "Poor", "describes": "lower"}
    levels = {
        "paired": {"worse": 1, "lower": 2, "between": 3, "upper": 4},
        "upper only": {"not met": 2, "in part": 3, "met": 4},
        "lower only": {"so": 2, "in part": 3, "not so": 3},
    }
    return canonical_json(
        {
            "format": "kloe-framework/1",
            "id": F,
            "title": "A small framework",
            "publisher": "Nobody",
            "edition": "2005",
            "published": "2005",
            "status": "invented",
            "jurisdiction": "wales",
            "language": "en",
            "url_note": "none",
            "leading": False,
            "scales": [{"judgement": "service", "question": "How good?", "grades": [grade, poor]}],
            "kloes": [
                {
                    "id": "1.2",
                    "title": "Rents",
                    "judgement": "service",
                    "about": "Rents.",
                    "covers": ["rents"],
                    "themes": themes,
                }
            ],
            "rules": {"about": "None.", "levels": levels, "judgements": {}, "limits": []},
            "instruments": [],
            "faults": [],
            "overlaps": [],
        }
    )


@dataclass
class Ground:
    """One organisation's assessment and the people around it."""

    org: Any
    other_org: Any
    assessment: Any
    lead: Any
    assessor: Any
    contributor: Any
    reader: Any
    stranger: Any
    client_of: Callable[[Any], Any]
    data: Path

    def url(self, tail: str = "", assessment: Any = None) -> str:
        return f"/assessments/{(assessment or self.assessment).pk}/evidence/{tail}"

    def files(self) -> list[Path]:
        """Everything stored as evidence."""
        return sorted(p for p in (self.data / "files").rglob("*") if p.is_file())

    def temporary(self) -> list[Path]:
        """What uploads left behind in the folder for temporary files."""
        return sorted((self.data / "tmp").glob("evidence-*"))


def make_small_assessment(org: Any, lead: Any) -> Any:
    """An assessment of the small framework."""
    from kloe.web.assessments.models import Assessment, PinnedEdition, ThemeWork
    from kloe.web.library.models import FrameworkEdition

    compiled = small_framework()
    edition, _ = FrameworkEdition.objects.get_or_create(
        digest=sha256_hex(compiled),
        defaults={
            "framework": F,
            "title": "A small framework",
            "edition": "2005",
            "compiled": gzip.compress(compiled, mtime=0),
        },
    )
    assessment = Assessment.objects.create(
        organisation=org,
        conducted_by=org,
        title="Self-assessment 2026",
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
        lead=lead,
        leading=F,
    )
    PinnedEdition.objects.create(assessment=assessment, edition=edition, framework=F)
    for theme in (RENT, TENANCY):
        ThemeWork.objects.create(
            assessment=assessment, theme=theme, kloe=f"{F}/1.2", strand="service"
        )
    return assessment


@pytest.fixture
def ground(
    org: Any, other_org: Any, user_with: Any, client_of: Any, data_root: Path, settings: Any
) -> Ground:
    """Two organisations, five people, one assessment, empty folders."""
    settings.DATA_DIR = data_root
    lead = user_with("lead", org)
    made = Ground(
        org=org,
        other_org=other_org,
        assessment=make_small_assessment(org, lead),
        lead=lead,
        assessor=user_with("assessor", org),
        contributor=user_with("contributor", org),
        reader=user_with("reader", org),
        stranger=user_with("lead", other_org),
        client_of=client_of,
        data=data_root,
    )
    for leftover in (*made.files(), *made.temporary()):
        leftover.unlink()
    return made
