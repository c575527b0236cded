"""How easily a text reads, and how much room each part of the summary has."""

from __future__ import annotations

import pytest

from kloe.assessment.plain_words import (
    LONG_SENTENCE,
    PARTS,
    Part,
    read,
    sentences,
    shortening,
    too_long,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n - \n…", []),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It cost £3.50 at 10.30 a.m. on Monday.", ["It cost £3.50 at 10.30 a.m. on Monday."]),
        ("- First line\n- second line", ["First line", "second line"]),
        ("He said “No.” She left.", ["He said “No", "She left."]),
        ("No full stop at the end", ["No full stop at the end"]),
        ("Mae’n dda. Ŵyn bach.", ["Mae’n dda.", "Ŵyn bach."]),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert [s.rstrip(".”") for s in sentences(text)] == [s.rstrip(".”") for s in found]


def test_words() -> None:
    assert words("Don't re-let it – not 24/7!") == ["Don't", "re-let", "it", "not", "24", "7"]


def test_a_reading() -> None:
    long = " ".join(["word"] * (LONG_SENTENCE + 1)) + "."
    reading = read(f"{long} Short one. Unsatisfactorily.\n{long}")
    assert reading.words == 2 * (LONG_SENTENCE + 1) + 3
    assert reading.sentences == 4
    assert reading.long_sentences == (long,)
    assert reading.long_words == ("Unsatisfactorily",)
    assert not reading.easy
    assert read("We came. We saw it.").easy
    assert read("").average == 0


def test_the_longest_excess_comes_first() -> None:
    texts = {
        Part.GOOD: "word " * (PARTS[Part.GOOD].room + 3),
        Part.SAY: "word " * (PARTS[Part.SAY].room + 30),
        Part.NEXT: "word " * PARTS[Part.NEXT].room,
    }
    found = too_long(texts)
    assert [(t.part, t.over) for t in found] == [(Part.SAY, 30), (Part.GOOD, 3)]
    assert shortening(found) == "“How to have your say” by 30 words; “What is good” by 3 words"


def test_every_part_is_told_and_they_fill_two_pages() -> None:
    assert list(PARTS) == list(Part)
    assert {about.page for about in PARTS.values()} == {1, 2}
    assert [a.page for a in PARTS.values()] == sorted(a.page for a in PARTS.values())
