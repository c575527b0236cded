"""What a snapshot tells of readings: how many themes were read by two, how far they agreed.

Counts alone: what each reader said for themselves stands in no report.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Readings"]


@dataclass(frozen=True, slots=True)
class Readings:
    """Ratings that people made for themselves in an inspection; nothing of it elsewhere."""

    #: Themes in scope, and those read by two and open.
    themes: int = 0
    read: int = 0
    #: Criteria that two or more placed; pairs of people who placed one, and how they lie.
    shared: int = 0
    pairs: int = 0
    same: int = 0
    one_apart: int = 0
    wider: int = 0
    #: Pairs of whom one placed it or neither: they lie on no scale.
    mixed: int = 0
    unplaced: int = 0
    #: Krippendorff's alpha to two decimals; empty where it is not given.
    alpha: str = ""
    #: Criteria of which a second reading was asked, and those drawn at random among them.
    asked: int = 0
    drawn: int = 0
    #: Criteria on which somebody dissents from the team's rating.
    dissents: int = 0

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell."""
        return self.read == 0
