"""The part of a snapshot that people write for the report: texts, and what is recommended."""

from __future__ import annotations

from dataclasses import dataclass

#: Subjects of texts that are no subject of a judgement.
SUMMARY, CONTEXT = "summary", "context"


@dataclass(frozen=True, slots=True)
class Written:
    """A text in Markdown.

    ``subject`` is ``summary``, ``context``, ``service``, ``prospects``, or the identifier of a
    KLOE, main question or theme.
    """

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Recommended:
    """A recommendation as the improvement plan holds it.

    ``findings`` are identifiers of findings of this assessment; impact and cost are high, medium,
    low or empty; ``due_on`` is a day as 2026-11-30 or empty.
    """

    reference: str
    what: str
    why: str = ""
    benefit: str = ""
    impact: str = ""
    cost: str = ""
    due_on: str = ""
    findings: tuple[str, ...] = ()
