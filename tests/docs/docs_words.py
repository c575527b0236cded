"""The strings that a person may read: of templates, of messages, of help and of pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docs_pages import ROOT

SOURCE = ROOT / "src" / "kloe"
_TRANSLATE = re.compile(r"\{% *(?:translate|trans) +(?:\"([^\"]*)\"|'([^']*)')")
_BLOCK = re.compile(
    r"\{% *blocktranslate[^%]*%\}(.*?)(?:\{% *plural *%\}(.*?))?\{% *endblocktranslate *%\}", re.S
)
_GETTEXT = {"_", "Message", "gettext", "gettext_lazy", "ngettext", "pgettext", "Text"}


def strings() -> Iterator[tuple[Path, str]]:
    """Where it stands, and the string."""
    for path in SOURCE.rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        for one, other in _TRANSLATE.findall(source):
            yield path, one or other
        for one, other in _BLOCK.findall(source):
            yield path, " ".join(one.split())
            if other:
                yield path, " ".join(other.split())
    for path in SOURCE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in _GETTEXT:
                for argument in [*node.args, *(k.value for k in node.keywords)]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield path, argument.value
        if path.parts[-2] == "cli":
            for node in ast.walk(tree):
                if isinstance(node, ast.keyword) and node.arg == "help":
                    if isinstance(node.value, ast.Constant):
                        yield path, str(node.value.value)
                elif isinstance(node, ast.FunctionDef) and (said := ast.get_docstring(node)):
                    yield path, said


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")
