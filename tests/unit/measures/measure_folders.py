"""A folder of one measure, to be altered."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kloe.measures.catalogue import CONTENT, Catalogue, Source

ID = "rents/accounts-before-start"
Alter = Callable[..., Source]


@pytest.fixture
def alter(tmp_path: Path) -> Alter:
    """The measure with some words in one of its files replaced; each has to be there."""
    shutil.copytree(CONTENT / ID, tmp_path / ID)

    def replaced(file: str, *pairs: tuple[str, str]) -> Source:
        path = tmp_path / ID / file
        text = path.read_text()
        for old, new in pairs:
            assert old in text, f"{file} does not hold {old!r}"
            text = text.replace(old, new)
        path.write_text(text)
        return Catalogue(tmp_path).source(ID)

    return replaced
