from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from records_ground import Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    folder, data = tmp_path / "extract", tmp_path / "data"
    folder.mkdir()
    data.mkdir()
    return Ground(folder, data)
