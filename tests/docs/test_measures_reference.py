"""The pages on measures say what the measures say."""

from __future__ import annotations

from kloe.core.pages import FOLDER
from kloe.measures.areas import AREAS
from kloe.measures.catalogue import Catalogue
from kloe.measures.reference import TITLES, pages


def test_every_page_is_as_the_measures_are() -> None:
    made = pages()
    for name, text in made.items():
        written = (FOLDER / name).read_text(encoding="utf-8")
        assert written == text, f"{name}: run python -m kloe.measures.reference"
    kept = {f"measures/{p.name}" for p in (FOLDER / "measures").glob("*.md")}
    assert kept == set(made) - {"measures.md"}


def test_every_area_has_a_page_and_every_measure_stands_in_it() -> None:
    made = pages()
    assert list(TITLES) == list(AREAS)
    for id_ in Catalogue().sources:
        area = id_.split("/")[0]
        assert area in AREAS
        assert f"`{id_}`" in made["measures.md"]
        assert f"`{id_}`, version" in made[f"measures/{area}.md"]
