"""The summary for tenants: two pages whatever the assessment holds, in plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from report_hostile import hostile, unfilled
from report_snapshots import all_of

from kloe.assessment.plain_words import LONG_SENTENCE, PARTS, Part, read
from kloe.assessment.snapshot import Snapshot
from kloe.assessment.snapshot_tenants import TenantsPart
from kloe.core.messages import speaking
from kloe.reports.blocks import GradeMark, ItemList, Section, Span
from kloe.reports.document import build
from kloe.reports.fitting import DoesNotFit, pages_of, texts_of
from kloe.reports.parts.tenants import filled_in
from kloe.reports.render import render

SENTENCE = "We will write to you well before the rent you pay is changed again. "


def words(n: int, *, listed: bool = False) -> str:
    """So many words, in sentences of 14; each a line of a list if ``listed``."""
    pieces = SENTENCE.split()
    found = [pieces[i % len(pieces)] for i in range(n)]
    lines = [" ".join(found[i : i + 14]) for i in range(0, n, 14)]
    return "\n".join(f"- {line}" for line in lines) if listed else " ".join(lines)


def written(small: Snapshot, **parts: str) -> Snapshot:
    return replace(small, tenants=tuple(TenantsPart(k, v) for k, v in parts.items()))


def text_of(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_bounded() for page in opened)
    opened.close()
    return " ".join(text.split())


@pytest.mark.parametrize("spoil", [lambda s: s, hostile, unfilled])
def test_filled_in_it_has_two_pages(snapshot: Snapshot, spoil: Any) -> None:
    document = build(spoil(snapshot), view="tenants")
    pdf = render(document, "pdf")
    assert pages_of(pdf) == 2
    assert [s.title for s in document.blocks if isinstance(s, Section)] == [
        str(about.title) for about in PARTS.values()
    ]


def test_in_welsh_too(snapshot: Snapshot) -> None:
    with speaking("cy"):
        assert pages_of(render(build(snapshot, view="tenants"), "pdf")) == 2


def test_what_must_get_better_begins_the_second_page(small: Snapshot) -> None:
    opened = pypdfium2.PdfDocument(render(build(small, view="tenants"), "pdf"))
    pages = [page.get_textpage().get_text_bounded() for page in opened]
    opened.close()
    titles = {part: str(about.title) for part, about in PARTS.items()}
    for part, about in PARTS.items():
        assert titles[part] in pages[about.page - 1]
        assert titles[part] not in pages[2 - about.page]


def test_every_part_as_long_as_it_has_room_for_fits(small: Snapshot) -> None:
    listed = {Part.GOOD, Part.BETTER}
    parts = {p.value: words(about.room, listed=p in listed) for p, about in PARTS.items()}
    pdf = render(build(written(small, **parts), view="tenants"), "pdf")
    assert pages_of(pdf) == 2
    told = text_of(pdf)
    assert told.count("We will write to you") >= sum(a.room for a in PARTS.values()) // 14 - 7


def test_too_long_names_what_to_shorten_the_longest_first(small: Snapshot) -> None:
    with pytest.raises(DoesNotFit) as caught:
        render(build(written(small, better=words(1500), say=words(200)), view="tenants"), "pdf")
    over = [(t.part, t.over) for t in caught.value.parts]
    assert over == [
        (Part.BETTER, 1500 - PARTS[Part.BETTER].room), (Part.SAY, 200 - PARTS[Part.SAY].room),
    ]  # fmt: skip
    assert caught.value.pages > 2
    assert "“What must get better, and by when” by" in str(caught.value)


def test_without_a_part_too_long_the_longest_is_named(small: Snapshot) -> None:
    """A hundred lines of one letter have few words and take much room."""
    with pytest.raises(DoesNotFit) as caught:
        render(build(written(small, good="\n".join(["- a"] * 110)), view="tenants"), "pdf")
    assert caught.value.parts == ()
    assert "“What is good”" in str(caught.value)


def test_own_words_stand_in_place_of_those_filled_in(small: Snapshot) -> None:
    own = "You told us.\n- First thing\n- Second thing\nAnd that is all."
    document = build(written(small, means=own, good="  "), view="tenants")
    [means] = [s for s in document.blocks if isinstance(s, Section) and "means for" in s.title]
    assert [type(b).__name__ for b in means.blocks] == ["Paragraph", "ItemList", "Paragraph"]
    [items] = [b for b in means.blocks if isinstance(b, ItemList)]
    assert [s.text for s in all_of(Span, items)] == ["First thing", "Second thing"]
    assert texts_of(document)[Part.GOOD] == texts_of(build(small, view="tenants"))[Part.GOOD]


def test_both_grades_stand_there_with_what_they_mean(small: Snapshot) -> None:
    document = build(small, view="tenants")
    marks = [m.mark.label for m in all_of(GradeMark, document.blocks)]
    overall = [small.judgement(key) for key in ("service", "prospects")]
    assert marks == [str(j.grade.label) for j in overall if j]
    meaning = texts_of(document)[Part.GRADES]
    assert all(label in meaning for label in marks)
    assert "This is a " in meaning


def test_what_is_filled_in_is_in_short_sentences(small: Snapshot) -> None:
    """The program's own words; what people wrote in findings is theirs."""
    filled = filled_in(replace(small, findings=()))
    for part, text in filled.items():
        if part is not Part.LOOKED:
            assert not read(text).long_sentences, (part, read(text).long_sentences)
        assert read(text).words <= PARTS[part].room
    assert read(filled[Part.LOOKED]).average < LONG_SENTENCE


def test_recommendations_say_by_when(small: Snapshot) -> None:
    dated = tuple(
        replace(f, due_on="2027-03-31") if f.recommendation else f for f in small.findings
    )
    filled = filled_in(replace(small, findings=dated))
    assert filled[Part.BETTER].count("(by 31 March 2027)") == 4


def test_what_is_left_out_is_counted(small: Snapshot) -> None:
    filled = filled_in(small)
    lines = filled[Part.BETTER].splitlines()
    assert len(lines) == 5
    assert lines[-1].startswith("The full report tells of ")


def test_large_print_of_it_has_no_two_pages_to_keep_to(small: Snapshot) -> None:
    long = written(small, better=words(900))
    pdf = render(build(long, view="tenants-large"), "pdf")
    assert pages_of(pdf) > 2
    # 64 sentences and four words; a page may end within a sentence.
    assert text_of(pdf).split().count("changed") == 64
