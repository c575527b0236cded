"""The page on the format of measures names every key and word the loader takes."""

from __future__ import annotations

import re
from pathlib import Path

from kloe.measures import cases, definitions
from kloe.measures.areas import AREAS
from kloe.measures.definitions import Direction, Kind, Unit, Usual

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "measure-format.md"


def test_every_key_and_word_is_there() -> None:
    text = re.sub(r"```.*?```", "", PAGE.read_text(), flags=re.S)
    coded = set(re.findall(r"[A-Za-z_'-]+", " ".join(re.findall(r"`([^`]+)`", text))))
    words = {
        *definitions._KEYS,
        *definitions.FAULTS,
        *definitions.COMPARE,
        *cases._EXPECT,
        *(w.value for one in (Kind, Unit, Direction, Usual) for w in one),
    }
    assert words <= coded, sorted(words - coded)
    for basis in definitions.BASES:
        assert f"`{basis}`" in text
    assert ", ".join(AREAS) in text
