"""What the content itself has to be: concrete, tailored, complete, in plain order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

import pytest
from framework_vocabulary import NUMBERS, RECORDS, THINGS, concrete

from kloe.frameworks import library
from kloe.frameworks.model import Criterion, Framework, Theme

Item = tuple[str, str, str | None]


def themes() -> Iterator[tuple[Framework, Theme]]:
    for framework in library.load_all():
        for theme in framework.themes():
            yield framework, theme


def criteria() -> Iterator[Criterion]:
    for _framework, theme in themes():
        yield from theme.criteria


def questions(theme: Theme) -> list[Item]:
    return [(d.id, str(d.text), d.common) for d in theme.detailed_questions]


def evidence(theme: Theme) -> list[Item]:
    return [(e.id, str(e.text), e.common) for e in theme.suggested_evidence]


def checks(theme: Theme) -> list[Item]:
    return [(c.id, f"{c.claim} {c.sample}", c.common) for c in theme.suggested_checks]


KINDS: dict[str, Callable[[Theme], list[Item]]] = {
    "detailed questions": questions,
    "evidence": evidence,
    "checks": checks,
}


@pytest.mark.parametrize("kind", KINDS)
def test_at_least_three_of_each(kind: str) -> None:
    few = [t.id for _f, t in themes() if len(KINDS[kind](t)) < 3]
    assert few == []


def test_detailed_questions_name_a_record_or_number() -> None:
    vague = [
        f"{d.id}: {d.text}"
        for _f, t in themes()
        for d in t.detailed_questions
        if not concrete(str(d.text), RECORDS, NUMBERS) and "how many" not in str(d.text).lower()
    ]
    assert vague == []


def test_evidence_names_a_thing_record_or_number() -> None:
    vague = [
        f"{e.id}: {e.text}"
        for _f, t in themes()
        for e in t.suggested_evidence
        if not concrete(str(e.text), RECORDS, NUMBERS, THINGS)
    ]
    assert vague == []


def test_checks_name_what_is_looked_at_and_how_many() -> None:
    vague = [
        f"{c.id}: {c.sample}"
        for _f, t in themes()
        for c in t.suggested_checks
        if not concrete(str(c.sample), RECORDS, NUMBERS, THINGS) or c.how_many < 1
    ]
    assert vague == []


def test_vocabulary_is_no_free_pass() -> None:
    assert concrete("How good is the service and how well is it run?", RECORDS, NUMBERS) == []
    assert concrete("Is quality high and are needs met?", RECORDS, NUMBERS, THINGS) == []


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[n : n + 3]) for n in range(len(words) - 2)}


@pytest.mark.parametrize("kind", KINDS)
def test_no_near_copy_unless_common(kind: str) -> None:
    """Two texts that share more than half of their runs of three words are near copies."""
    items = [(*item, _shingles(item[1])) for _f, t in themes() for item in KINDS[kind](t)]
    copies = [
        f"{a[0]} and {b[0]}: {a[1]}"
        for a, b in combinations(items, 2)
        if not (a[2] and a[2] == b[2]) and 2 * len(a[3] & b[3]) > 0.5 * (len(a[3]) + len(b[3]))
    ]
    assert copies == []


@pytest.mark.parametrize("kind", KINDS)
def test_common_means_the_same_text(kind: str) -> None:
    texts: dict[str, set[str]] = {}
    for _f, theme in themes():
        for _id, text, common in KINDS[kind](theme):
            if common:
                texts.setdefault(common, set()).add(text)
    assert {key: found for key, found in texts.items() if len(found) > 1} == {}


def test_every_question_is_served() -> None:
    """Each published question is gone into further, and has a criterion.

    But for those that the published texts leave without an answer, which are known faults.
    """
    shallow, bare = [], []
    for framework, theme in themes():
        known = {ref for fault in framework.faults for ref in fault.refs}
        for question in theme.questions:
            if not any(d.question == question.id for d in theme.detailed_questions):
                shallow.append(question.id)
            if not theme.criteria_of(question.id) and not known & set(question.sources):
                bare.append(question.id)
    assert shallow == []
    assert bare == []


def test_evidence_is_of_several_kinds() -> None:
    assert [t.id for _f, t in themes() if len({e.kind for e in t.suggested_evidence}) < 3] == []


def test_titles() -> None:
    for _f, theme in themes():
        titles = [str(c.title) for c in theme.criteria]
        assert len(titles) == len(set(titles)), theme.id
        for title in titles:
            assert len(title) <= 70, title
            assert title[0].isupper(), title
            assert not title.endswith("."), title


def test_sentences_are_whole() -> None:
    for criterion in criteria():
        for descriptor in criterion.descriptors:
            text = str(descriptor.text)
            assert text[0].isupper(), descriptor.id
            assert text.endswith((".", "?")), descriptor.id
            assert "  " not in text, descriptor.id


def test_what_is_only_possible_says_so() -> None:
    for criterion in criteria():
        for d in criterion.descriptors:
            if d.polarity == "possible":
                assert re.search(r"\b(may|can|could|likely|necessarily)\b", str(d.text).lower()), (
                    d.id
                )


def test_common_criteria_recur() -> None:
    """A common key that only one criterion has joins nothing; most join several."""
    found = Counter(c.common for c in criteria() if c.common)
    assert sum(n > 1 for n in found.values()) > 100


def test_instruments_are_shown_where_they_are_named() -> None:
    for framework in library.load_all():
        shown: dict[str, set[str]] = {}
        statements = {ref for c in framework.criteria() for ref in c.sources}
        for criterion in framework.criteria():
            for descriptor in criterion.descriptors:
                for name in descriptor.instruments:
                    assert name in framework.instruments, descriptor.id
                    shown.setdefault(name, set()).update(descriptor.sources)
        for name, instrument in framework.instruments.items():
            missing = (set(instrument.refs) & statements) - shown.get(name, set())
            assert not missing, f"{framework.id} {name}: {sorted(missing)}"


def test_overlaps() -> None:
    english, welsh = library.load_all()
    pairs = {(o.theme.removeprefix(f"{english.id}/"), o.other) for o in english.overlaps}
    assert pairs == {(f"30/{n}", f"{welsh.id}/2.2/{n + 2}") for n in range(1, 6)} | {
        (f"31/{n}", f"{welsh.id}/2.3/{n}") for n in range(1, 6)
    }
    for overlap in english.overlaps:
        assert english.theme(overlap.theme).strand == welsh.theme(overlap.other).strand


def test_scales() -> None:
    english, welsh = library.load_all()
    keys = {j: [g.key for g in s.grades] for j, s in welsh.scales.items()}
    assert keys == {
        "service": ["excellent", "good", "satisfactory", "poor"],
        "prospects": ["strong", "raising", "weaknesses", "fails"],
    }
    assert [g.key for g in english.scales["service"].grades] == [
        "excellent",
        "good",
        "fair",
        "poor",
    ]
    for framework in (english, welsh):
        for scale in framework.scales.values():
            assert [g.describes for g in scale.grades] == ["upper", None, "lower", None]


def test_main_questions_of_prospects() -> None:
    kloe = library.load("wao-housing-2005").kloe("2.11")
    assert [len(m.themes) for m in kloe.main_questions] == [3, 3, 4]
    assert all(t.main_question for t in kloe.themes)
