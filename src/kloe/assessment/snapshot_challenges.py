"""The part of a snapshot on factual accuracy: drafts issued, challenges sent, what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class IssuedDraft:
    """A version of the draft report as the landlord got it."""

    version: int
    issued: date
    deadline: date
    digest: str
    #: Whether the landlord said that it had no more to say.
    closed: bool = False


@dataclass(frozen=True, slots=True)
class GivenEvidence:
    """Evidence that came with a challenge: ``counts`` for service or prospects."""

    title: str
    when: date
    counts: str
    #: Its number among the evidence; 0 where it is not told.
    number: int = 0


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the landlord said of a paragraph, and the answer. No person is named."""

    number: int
    version: int
    paragraph: int
    section: str
    kind: str
    text: str
    claim: str
    quote: str = ""
    evidence: tuple[GivenEvidence, ...] = ()
    #: Empty while it waits for an answer.
    outcome: str = ""
    ground: str = ""
    reason: str = ""
    new_text: str = ""
    #: Whether a grade went back to moderation for it.
    moved: bool = False


@dataclass(frozen=True, slots=True)
class FactualAccuracy:
    """Everything on the draft before the landlord. ``place``: appendix or annex."""

    place: str = "appendix"
    drafts: tuple[IssuedDraft, ...] = ()
    challenges: tuple[Challenge, ...] = ()
