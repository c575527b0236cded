"""What people give is held to what can be kept, whichever page it comes from."""

from __future__ import annotations

from enum import StrEnum

import pytest

from kloe.core.errors import InvalidInput
from kloe.core.given import OR_CITE, one_of, within
from kloe.core.messages import _

REASON = _("reason")


class Side(StrEnum):
    UPPER = "upper"
    LOWER = "lower"


def test_a_text_loses_its_margins_and_keeps_its_lines() -> None:
    assert within(" one\r\n two \n", 20, REASON) == "one\r\n two"
    assert within("x" * 20, 20, REASON) == "x" * 20
    assert within("  ", 20, REASON) == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("x" * 21, "The reason has 21 characters. At most 20 fit. Shorten it, or add"),
        ("a\x00b", "The reason holds a character that cannot be stored (NUL)."),
        (" \n", "The reason is empty."),
    ],
)
def test_what_cannot_be_kept_is_told_with_what_to_do(given: str, says: str) -> None:
    with pytest.raises(InvalidInput) as told:
        within(given, 20, REASON, needed=True, remedy=OR_CITE)
    assert says in str(told.value)
    assert str(told.value.remedy)


def test_a_word_is_one_of_those_there_are() -> None:
    assert one_of("upper", Side, _("side")) == "upper"
    with pytest.raises(InvalidInput, match="“middle” is no side") as told:
        one_of("middle", Side, _("side"))
    assert str(told.value.allowed) == "Allowed: upper, lower."
