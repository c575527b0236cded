"""What a result is proposed to say of a criterion."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kloe.assessment.speaking import proposed
from kloe.assessment.vocabulary import Direction
from kloe.measures.outlook import Aim

SHOWS, OTHERWISE, CONTEXT = Direction.SHOWS, Direction.OTHERWISE, Direction.CONTEXT


def criterion(upper: str = "", lower: str = "") -> Any:
    def side(name: str, polarity: str) -> tuple[Any, ...]:
        return (SimpleNamespace(side=name, polarity=polarity),) if polarity else ()

    return SimpleNamespace(upper=side("upper", upper), lower=side("lower", lower))


@pytest.mark.parametrize(
    ("upper", "lower", "side", "aim", "wanted"),
    [
        ("strength", "fault", "both", Aim.ON, ("upper", SHOWS)),
        ("strength", "fault", "both", Aim.OFF, ("lower", SHOWS)),
        ("strength", "mixed", "both", Aim.OFF, ("lower", SHOWS)),
        # A basic strength is not shown by being off target.
        ("strength", "strength", "both", Aim.OFF, ("upper", OTHERWISE)),
        ("strength", "possible", "both", Aim.OFF, ("upper", OTHERWISE)),
        ("strength", "", None, Aim.OFF, ("upper", OTHERWISE)),
        ("strength", "fault", "upper", Aim.OFF, ("upper", OTHERWISE)),
        ("strength", "fault", "lower", Aim.ON, ("lower", OTHERWISE)),
        ("", "strength", "both", Aim.ON, ("lower", SHOWS)),
        ("", "strength", "both", Aim.OFF, ("lower", OTHERWISE)),
        ("", "possible", "both", Aim.OFF, ("lower", CONTEXT)),
        ("strength", "fault", "both", Aim.CHANCE, ("upper", CONTEXT)),
        ("strength", "fault", "both", Aim.NONE, ("upper", CONTEXT)),
    ],
)
def test_proposal(
    upper: str, lower: str, side: str | None, aim: Aim, wanted: tuple[str, Direction]
) -> None:
    found = proposed(criterion(upper, lower), "direct", side, aim)
    assert (found.descriptor.side, found.direction) == wanted


def test_what_bears_as_context_is_context() -> None:
    found = proposed(criterion("strength", "fault"), "context", "both", Aim.OFF)
    assert found.direction is CONTEXT
