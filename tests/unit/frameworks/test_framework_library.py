"""The library: compiled files are current, load fast, and give one object for each digest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.frameworks import library
from kloe.frameworks.compile import compile_source, verify_compiled, write_compiled
from kloe.frameworks.loader import sources

IDS = ("hi-cross-cutting-2005", "wao-housing-2005")


def test_available() -> None:
    assert library.available() == IDS


@pytest.mark.parametrize("folder", sources(library.CONTENT), ids=lambda p: p.name)
def test_compiled_files_are_current(folder: Path) -> None:
    verify_compiled(folder, library.CONTENT)


def test_counts() -> None:
    frameworks = library.load_all()
    assert sum(len(f.kloes) for f in frameworks) == 10
    themes = [t for f in frameworks for t in f.themes()]
    assert len(themes) == 62
    questions = [q for t in themes for q in t.questions]
    assert len(questions) == 176
    assert len({ref for q in questions for ref in q.sources}) == 176
    restated = {ref for t in themes for c in t.criteria for ref in c.sources}
    assert len(restated) == 942


def test_loaded_once() -> None:
    first = library.load(IDS[0])
    assert library.load(IDS[0]) is first
    again = library.load_compiled(library.compiled(IDS[0]), library.translations(IDS[0]))
    assert again is first
    assert first.digest == sha256_hex(library.compiled(IDS[0]))


def test_unknown_framework() -> None:
    with pytest.raises(NotFound, match="hi-cross-cutting-2005, wao-housing-2005"):
        library.load("wao-housing-1905")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"format": "kloe-framework/9"}',
        b'{"format": "kloe-framework/1"}',
    ],
)
def test_bytes_that_are_no_framework(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"kloe-framework/1.*kloe frameworks compile"):
        library.load_compiled(data)


def test_translation_of_another_framework() -> None:
    texts = {"format": library.TEXTS_FORMAT, "framework": "x", "language": "cy", "texts": {}}
    with pytest.raises(InvalidInput, match="translation of x"):
        library.load_compiled(library.compiled(IDS[0]), [json.dumps(texts).encode()])


def test_other_bytes_are_another_edition(source: Path) -> None:
    first = library.load_compiled(compile_source(source)["small-2005.json"])
    path = source / "1.1.yaml"
    path.write_text(path.read_text().replace("Does the first thing well.", "Does it better."))
    second = library.load_compiled(compile_source(source)["small-2005.json"])
    assert first.digest != second.digest
    assert str(first.descriptor("1.1/1/first-aspect/upper-1").text) == "Does the first thing well."
    assert str(second.descriptor("1.1/1/first-aspect/upper-1").text) == "Does it better."


def test_compiling_twice_changes_nothing(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    assert [p.name for p in write_compiled(source, target)] == ["small-2005.json"]
    assert write_compiled(source, target) == []
    verify_compiled(source, target)
    (source / "1.1.cy.yaml").write_text('"1.1": Un\n')
    with pytest.raises(VerificationFailed, match=r"small-2005\.cy\.json.*kloe frameworks compile"):
        verify_compiled(source, target)
    assert [p.name for p in write_compiled(source, target)] == ["small-2005.cy.json"]
    (source / "1.1.cy.yaml").unlink()
    with pytest.raises(VerificationFailed, match=r"small-2005\.cy\.json"):
        verify_compiled(source, target)
    write_compiled(source, target)
    assert [p.name for p in target.iterdir()] == ["small-2005.json"]


def _processor_seconds(code: str, environment: dict[str, str]) -> float:
    """What a process costs the processor: a busy machine lengthens waiting, hardly this."""
    child = subprocess.Popen([sys.executable, "-c", code], env=environment)
    _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return used.ru_utime + used.ru_stime


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs POSIX process times")
def test_loads_in_under_80_milliseconds(tmp_path: Path) -> None:
    """Beyond an empty process, both measured in the same minute; the best of several runs.

    ``benchmarks/library_load.py`` measures by the clock on the wall.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    load = "from kloe.frameworks import library; library.load_all()"
    _processor_seconds(load, environment)
    empty, loaded = (
        min(_processor_seconds(code, environment) for _run in range(9)) for code in ("pass", load)
    )
    assert loaded - empty < 0.080, f"{(loaded - empty) * 1000:.0f} ms"


def test_loading_imports_neither_yaml_nor_dataclasses() -> None:
    code = (
        "import sys; from kloe.frameworks import library; library.load_all();"
        "print(sorted({'yaml', 'dataclasses', 'inspect', 'pydantic', 'django'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
