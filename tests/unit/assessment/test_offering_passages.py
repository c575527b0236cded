"""Passages are offered to the criteria whose words they share, and to no others."""

from __future__ import annotations

import math

import pytest

from kloe.assessment.documents.offering import (
    K1,
    B,
    Criteria,
    Offer,
    spans,
    synonyms,
    terms_of,
)
from kloe.frameworks import library

ALL = [
    c
    for name in ("wao-housing-2005", "hi-cross-cutting-2005")
    for c in library.load(name).criteria()
]


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    return Criteria(ALL)


def titles(criteria: Criteria, text: str) -> list[str]:
    by_id = {c.id: str(c.title) for c in ALL}
    return [by_id[i] for i, _score in criteria.fitting(text)]


def test_a_passage_finds_its_criterion(criteria: Criteria) -> None:
    said = (
        "Rent accounts are set up before the tenancy begins, and new tenants get a statement "
        "every quarter with what they owe and what benefits they may claim."
    )
    assert titles(criteria, said)[0] == (
        "Rent account and means of payment ready before the tenancy starts"
    )


def test_a_passage_about_nothing_of_the_kind_finds_none(criteria: Criteria) -> None:
    said = (
        "The board met on 12 March. Apologies were received from Mrs Jones. The minutes were "
        "agreed as a correct record and the chair thanked everybody for coming in bad weather."
    )
    assert titles(criteria, said) == []
    assert titles(criteria, "") == []


def test_scores_are_bm25_of_the_words_shared(criteria: Criteria) -> None:
    """Reckoned again from the texts, without matrices."""
    said = "The rent account is ready before the tenancy starts, with ways to pay the rent."
    best, score = criteria.fitting(said)[0]
    documents = {}
    for c in ALL:
        texts = [c.title, c.title, *(d.text for d in c.descriptors)]
        documents[c.id] = [t for x in texts for t in terms_of(" ".join(x.by_language.values()))]
    mean = sum(map(len, documents.values())) / len(documents)
    here, total = documents[best], 0.0
    for term in set(terms_of(said)):
        count = here.count(term)
        if count:
            within = sum(term in d for d in documents.values())
            rarity = math.log(1 + (len(documents) - within + 0.5) / (within + 0.5))
            long = K1 * (1 - B + B * len(here) / mean)
            total += rarity * count * (K1 + 1) / (count + long)
    assert score == pytest.approx(total, rel=1e-4)


def test_terms_that_mean_nearly_the_same_are_one() -> None:
    assert terms_of("empty homes") == terms_of("voids") == terms_of("eiddo gwag")
    assert terms_of("anti-social behaviour") == terms_of("ASB")
    assert terms_of("tenants") == terms_of("Tenantiaid")
    assert terms_of("tenants") != terms_of("rents")


def test_no_term_stands_in_two_groups() -> None:
    from importlib.resources import files

    import yaml

    source = (files("kloe") / "content" / "evidence" / "synonyms.yaml").read_text("utf-8")
    groups = yaml.safe_load(source)["groups"]
    assert len(synonyms()) <= sum(map(len, groups))
    assert set(synonyms().values()) == {f"={n}" for n in range(len(groups))}


def test_a_page_is_cut_into_passages_without_loss() -> None:
    lines = [f"Paragraph {n} " + "word " * (n % 7 * 10) for n in range(1, 40)]
    found = list(spans("\n".join(lines)))
    covered = [n for s in found for n in range(s.first, s.last + 1)]
    assert covered == list(range(1, len(covered) + 1))
    assert len(covered) >= len(lines) - 3
    assert all(s.text == "\n".join(lines[s.first - 1 : s.last]) for s in found)


def test_the_same_words_are_the_same_passage() -> None:
    one = Offer("c", 1, 1, 2, "Rent  accounts\nare ready.", 1.0)
    other = Offer("c", 9, 4, 4, "RENT accounts are ready.", 2.0)
    assert one.digest == other.digest
