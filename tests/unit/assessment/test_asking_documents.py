"""What is asked of a search: whatever is typed means something or nothing, and never fails."""

from __future__ import annotations

import sqlite3
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kloe.assessment.documents.asking import (
    MOST_TERMS,
    Term,
    asked,
    marked,
    snippet,
    words_of,
)

SCOPE = UUID(int=7)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("repairs", [Term(("repairs",))]),
        ("  Gas   SAFETY ", [Term(("gas",)), Term(("safety",))]),
        ('"gas safety" check', [Term(("gas", "safety")), Term(("check",))]),
        ("“gas safety”", [Term(("gas", "safety"))]),
        ("repairs -gas", [Term(("repairs",)), Term(("gas",), without=True)]),
        ('repairs -"gas safety"', [Term(("repairs",)), Term(("gas", "safety"), without=True)]),
        ("re-let", [Term(("re", "let"))]),
        ("tenan*", [Term(("tenan",), open=True)]),
        ("tŷ Ôl-ddyledion", [Term(("ty",)), Term(("ol", "ddyledion"))]),
        ('"never closed', [Term(("never", "closed"))]),
        ("a b a", [Term(("a",)), Term(("b",))]),
        ("O'Neill & 'co", [Term(("o", "neill")), Term(("co",))]),
        ("- * \" '' () NEAR(x)", [Term(("near", "x"))]),
        ("", []),
        ('""', []),
    ],
)
def test_what_is_typed_means_this(typed: str, terms: list[Term]) -> None:
    assert list(asked(typed).terms) == terms


def test_only_leaving_out_finds_nothing() -> None:
    assert not asked("-gas")
    assert asked("-gas repairs")


def test_no_more_terms_than_a_search_bears() -> None:
    assert len(asked(" ".join(f"w{n}" for n in range(500))).terms) == MOST_TERMS


@given(st.text(max_size=300))
@example('" OR 1=1 --')
@example("scope:x text:y {text}:z ^a + b AND NOT c")
@example("\x00*\ud7ff﷽ ﬁ İ ß")
def test_whatever_is_typed_is_a_question_fts5_understands(typed: str) -> None:
    from kloe.web.documents.search import fts5

    wanted = asked(typed)
    for term in wanted.terms:
        assert term.words
        assert all(w.isalnum() for w in term.words), term
    if not wanted:
        return
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIRTUAL TABLE s USING fts5(scope, text, tokenize='unicode61 remove_diacritics 2')"
    )
    base.execute("INSERT INTO s VALUES (?, ?)", [SCOPE.hex, "some words"])
    base.execute("SELECT rowid FROM s WHERE s MATCH ? ORDER BY rank", [fts5(wanted, [SCOPE])])
    base.close()


#: Words as people write them, in the letters of the languages here.
WORDS = st.text(
    "abcdefghijklmnopqrstuvwxyzâêîôûŵŷäëïöüáéèàÂÊÎÔÛŴŶ0123456789", min_size=1, max_size=12
)


@given(st.lists(WORDS, min_size=1, max_size=12), st.data())
def test_every_word_of_a_page_finds_it_and_is_marked(words: list[str], data: st.DataObject) -> None:
    from kloe.web.documents.search import fts5

    text = " ".join(words)
    word = data.draw(st.sampled_from(words))
    wanted = asked(word.upper())
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIRTUAL TABLE s USING fts5(scope, text, tokenize='unicode61 remove_diacritics 2')"
    )
    base.execute("INSERT INTO s VALUES (?, ?)", [SCOPE.hex, text])
    found = base.execute("SELECT rowid FROM s WHERE s MATCH ?", [fts5(wanted, [SCOPE])]).fetchall()
    base.close()
    assert found == [(1,)]
    folded = words_of(word)
    assert any(words_of(text[a:b]) == folded for a, b in marked(text, wanted.wanted))


@given(st.text(max_size=2000), st.text(max_size=60))
def test_a_snippet_is_words_of_the_text_and_not_too_long(text: str, typed: str) -> None:
    pieces = snippet(text, asked(typed).wanted)
    said = "".join(p.text for p in pieces).removeprefix("… ").removesuffix(" …")
    assert said in " ".join(text.split())
    assert len(said) <= 260


def test_a_snippet_shows_where_most_of_it_is() -> None:
    text = f"gas {'x ' * 400}gas safety {'y ' * 400}"
    pieces = snippet(text, asked("gas safety").wanted)
    assert [p.text for p in pieces if p.hit] == ["gas", "safety"]
    assert pieces[0].text == "… "
    assert pieces[-1].text == " …"
