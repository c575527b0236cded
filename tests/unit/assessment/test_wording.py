"""Sentences kept for later, in whichever language."""

from __future__ import annotations

import json

from kloe.assessment.wording import Several, words_from_json, words_to_json
from kloe.core.messages import Message, Text, _, speaking


def test_lists_in_words() -> None:
    assert str(Several([])) == ""
    assert str(Several(["A"])) == "A"
    assert str(Several(["A", "B"])) == "A and B"
    assert str(Several(["A", "B", "C"])) == "A, B and C"
    assert str(Several("ABCDEFG", most=5)) == "A, B, C, D, E and 2 more"
    assert Several("AB") == Several(["A", "B"])
    assert Several("AB") != Several("AB", most=1)
    assert len({Several("AB"), Several("AB")}) == 1


def test_a_stored_sentence_speaks_the_readers_language() -> None:
    title = Text({"en": "Rents", "cy": "Rhenti"})
    sentence = _(
        "%(title)s and %(more)s: %(n)d",
        title=title,
        more=Several([title, _("%(x)s", x=title), "plain"]),
        n=3,
    )
    again = words_from_json(json.loads(json.dumps(words_to_json(sentence))))
    assert again == sentence
    assert str(again) == "Rents and Rents, Rents and plain: 3"
    with speaking("cy"):
        assert "Rhenti" in str(again)
        assert "Rents" not in str(again)


def test_plain_values_stay() -> None:
    for value in (None, 3, 2.5, True, "x"):
        assert words_from_json(words_to_json(value)) == value
    assert words_from_json(words_to_json(Message("a", plural="b", n=2))) == Message(
        "a", plural="b", n=2
    )


def test_a_list_within_a_sentence_ends_no_sentence() -> None:
    """Texts that people wrote end with a full stop, and the sentence around them with another."""
    assert str(Several(["Nobody answers. ", "Keys are lost..", "Fine"])) == (
        "Nobody answers, Keys are lost and Fine"
    )
    assert str(Several(["Nobody answers."])) == "Nobody answers"
