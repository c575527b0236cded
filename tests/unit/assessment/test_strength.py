"""Strength of evidence is suggested from kinds, origins and contradictions, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from kloe.assessment.strength import SAID, STRENGTHS, Strength, suggest

DOCUMENT, SEEN = ("document", "landlord"), ("observation", "inspector")


@pytest.mark.parametrize(
    ("basis", "contradicted", "wanted"),
    [
        ([], 0, "limited"),
        ([DOCUMENT], 0, "limited"),
        ([DOCUMENT, DOCUMENT], 0, "limited"),
        ([DOCUMENT, ("data", "landlord")], 0, "adequate"),
        ([DOCUMENT, ("document", "tenant")], 0, "adequate"),
        ([DOCUMENT, SEEN], 0, "strong"),
        ([DOCUMENT, SEEN], 1, "adequate"),
        ([DOCUMENT], 3, "limited"),
    ],
)
def test_strength_follows_kinds_and_origins(
    basis: list[tuple[str, str]], contradicted: int, wanted: str
) -> None:
    assert suggest(basis, contradicted).strength == wanted


def test_more_evidence_never_makes_it_weaker() -> None:
    order = [Strength.LIMITED, Strength.ADEQUATE, Strength.STRONG]
    items = list(product(("document", "data", "observation"), ("landlord", "tenant")))
    for contradicted in (0, 1):
        for size in range(len(items)):
            less = suggest(items[:size], contradicted).strength
            more = suggest(items[: size + 1], contradicted).strength
            assert order.index(more) >= order.index(less)


def test_every_strength_has_its_words_and_says_what_was_counted() -> None:
    assert set(STRENGTHS) == set(SAID) == set(Strength)
    why = str(suggest([DOCUMENT, SEEN], 2).why)
    assert "evidence: 2" in why
    assert why.endswith("placing: 2.")
