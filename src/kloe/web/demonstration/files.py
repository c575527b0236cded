"""The demonstration's evidence files: real files of their kind, with invented content."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

import typst

_PAGE = """
#set document(title: sys.inputs.title, author: "Tai Porth Arian (invented)")
#let small = text.with(8pt, fill: rgb("#5f6c78"))
#set page(paper: "a4", margin: 2.5cm, footer: small[Invented for demonstration])
#set text(lang: "en", size: 11pt, fill: rgb("#17212b"))
#set par(leading: 0.7em, spacing: 1.1em)
#heading(level: 1, sys.inputs.title)
#for line in sys.inputs.body.split("\\n") { if line.trim() != "" { par(line) } }
"""


@lru_cache(maxsize=64)
def _pdf(title: str, body: str) -> bytes:
    made: bytes = typst.compile(
        _PAGE.encode(), format="pdf", sys_inputs={"title": title, "body": body}
    )
    return made


def render(name: str, content: str) -> bytes:
    """The bytes of a file of this name: a PDF is typeset, text is text."""
    content = content.strip() + "\n"
    suffix = PurePath(name).suffix.lower()
    if suffix == ".pdf":
        title, _newline, body = content.partition("\n")
        return _pdf(title, body)
    if suffix == ".html":
        lines = "".join(f"<p>{line}</p>" for line in content.splitlines() if line.strip())
        return f'<!doctype html><html lang="en"><title>{name}</title>{lines}</html>'.encode()
    return content.encode()
