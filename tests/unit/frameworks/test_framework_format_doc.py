"""The reference names every key, word and command there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kloe.cli.frameworks import app
from kloe.frameworks import words
from kloe.frameworks.export import COLUMNS
from kloe.frameworks.loader import FIXED, KLOE_FILE
from kloe.frameworks.source import ListOf, MapOf, Nullable, Record, Shape

DOC = Path(__file__).resolve().parents[3] / "docs" / "reference" / "framework-format.md"


def keys(shape: Shape) -> Iterator[str]:
    """Every key a file of this shape may have."""
    if isinstance(shape, Record):
        for key, inner in (shape.must | shape.may).items():
            yield key
            yield from keys(inner)
    elif isinstance(shape, MapOf):
        yield from shape.allowed
        yield from keys(shape.item)
    elif isinstance(shape, ListOf):
        yield from keys(shape.item)
    elif isinstance(shape, Nullable):
        yield from keys(shape.inner)


def test_every_key_is_documented() -> None:
    text = DOC.read_text(encoding="utf-8")
    found = {key for shape in (*FIXED.values(), KLOE_FILE) for key in keys(shape)}
    assert len(found) > 60
    assert sorted(k for k in found if f"`{k}" not in text and f"{k}:" not in text) == []


def test_every_word_is_documented() -> None:
    text = DOC.read_text(encoding="utf-8")
    lists = (
        words.STRANDS,
        words.EVIDENCE_KINDS,
        words.CHECK_KINDS,
        words.EXTENTS,
        words.INSTRUMENT_KINDS,
        words.JURISDICTIONS,
        words.FORMS,
        words.UNPLACED,
        *words.POSITIONS.values(),
    )
    assert sorted(w for each in lists for w in each if f"`{w}`" not in text) == []
    for word in (*words.POLARITIES, *words.NATURES, *words.WEIGHS):
        assert word in text


def test_every_command_and_column_is_documented() -> None:
    text = DOC.read_text(encoding="utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__  # type: ignore[union-attr]
        assert f"`kloe frameworks {name}" in text
    assert all(column in text for column in COLUMNS)
