"""Three side by side on a theme's page: the landlord's own word, what is computed, ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kloe.assessment.gap import Gap, gap
from kloe.assessment.positions import SHADES, Position
from kloe.frameworks.model import Criterion
from kloe.web.access import AssessmentAccess
from kloe.web.inspections.handover import brought_theme


@dataclass(frozen=True)
class Beside:
    """What stands beside a criterion in an inspection."""

    position: str
    shade: int
    reason: str
    evidence: list[Mapping[str, Any]]
    gap: Gap
    findings: list[Mapping[str, Any]] = field(default_factory=list)


def _shade(position: str) -> int:
    try:
        return SHADES.get(Position(position), 0)
    except ValueError:
        return 0


def _once(evidence: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """An item that says the same of several descriptors stands once."""
    return list({(e["id"], e["direction"]): e for e in evidence}.values())


def theme(
    access: AssessmentAccess,
    criteria: Sequence[Criterion],
    ours: Mapping[str, str],
    theme_id: str,
) -> dict[str, Beside]:
    """What the landlord says of each criterion of a theme; one query, none outside inspections.

    :param ours: the team's positions by criterion.
    """
    if not access.stage:
        return {}
    content = brought_theme(access.assessment, theme_id)
    if content is None:
        return {}
    said: Mapping[str, Any] = content.get("criteria") or {}
    findings: Sequence[Mapping[str, Any]] = content.get("findings") or []
    found = {}
    for criterion in criteria:
        one = said.get(criterion.id) or {}
        position = one.get("position", "")
        found[criterion.id] = Beside(
            position,
            _shade(position),
            one.get("reason", ""),
            _once(one.get("evidence") or []),
            gap(criterion.form, position, ours.get(criterion.id, "")),
            [f for f in findings if criterion.id in f["criteria"]],
        )
    return found
