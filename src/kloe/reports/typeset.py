"""Typst in a process of its own: ``python -m kloe.reports.typeset``.

Typst keeps what it laid out for as long as its process lives, hundreds of megabytes for a
long report, and holds the interpreter while it works. In a child the memory goes back, the
worker's heart keeps beating, and a report can be cancelled.

Standard input: a line of JSON with the options, then the document as JSON. Standard output:
a line of JSON with the sizes of what follows, or the error.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from kloe.core.errors import EnvironmentFault
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent
from kloe.reports import printable

CONTENT = Path(str(files("kloe"))) / "content" / "reports"
STANDARDS = ("a-2a", "ua-1")
BEAT = 0.5
#: Has glibc give back what is freed on the way: a tenth less at the peak, and the same each time.
_FRUGAL = {"MALLOC_TRIM_THRESHOLD_": "131072"}
_MISSING = re.compile(r'(?:the text|the codepoint) `"((?:[^"\\]|\\.)*)"`')
_PROBE = (
    b'#set document(title: "probe")\n#set text(lang: "en", font: ("Source Sans Pro", "Libertinus '
    b'Serif", "DejaVu Sans Mono", "New Computer Modern"))\n#title[probe]\n'
    b"#for c in json(bytes(sys.inputs.document)) { par(c) }"
)


def typeset(
    template: str,
    document: str,
    *,
    form: str = "pdf",
    made: str = "",
    ppi: float = 144,
    progress: Progress | None = None,
    what: Message | str = "",
) -> list[bytes]:
    """Lay out a document with a template of the content directory, in a child process.

    :param form: ``pdf`` gives one file, ``png`` one for each page.
    :raises EnvironmentFault: where the child was stopped before it was done.
    """
    tell = progress or Silent()
    options = {"template": template, "form": form, "made": made, "ppi": ppi}
    given: bytes | None = json.dumps(options).encode() + b"\n" + document.encode(errors="replace")
    child = subprocess.Popen(
        [sys.executable, "-m", "kloe.reports.typeset"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **_FRUGAL},
    )
    try:
        while True:
            try:
                out, err = child.communicate(given, timeout=BEAT)
                break
            except subprocess.TimeoutExpired:
                given = None
                tell.step(0, 1, what)
    except BaseException:
        child.kill()
        for pipe in (child.stdin, child.stdout, child.stderr):
            # What was still to be written finds nobody left to read it.
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        child.wait()
        raise
    return _answer(out, err, child.returncode)


def _answer(out: bytes, err: bytes, code: int) -> list[bytes]:
    head, _line, body = out.partition(b"\n")
    if code != 0 or not head:
        last = err.decode(errors="replace").strip().rpartition("\n")[2][:300]
        raise EnvironmentFault(
            _("Laying out the report stopped with code %(code)s. %(last)s", code=code, last=last),
            _("It needs about 600 MB of free memory for a report of all lines of enquiry."),
            _("Close other programs and make the report again, or as HTML."),
        )
    answer = json.loads(head)
    if "error" in answer:
        raise RuntimeError(f"Typst refuses the report: {answer['error']}")
    found, at = [], 0
    for size in answer["sizes"]:
        found.append(body[at : at + size])
        at += size
    return found


def compile_document(
    template: str, document: str, *, form: str, made: str, ppi: float
) -> list[bytes]:
    """What the child does; in this process, with all that Typst keeps."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(CONTENT / "fonts")])
    source = (CONTENT / template).read_bytes()

    def run(text: str, code: bytes = source, kind: str = form) -> list[bytes]:
        more: dict[str, Any] = {"format": kind, "font_paths": fonts}
        more |= {"ppi": ppi} if kind == "png" else {"pdf_standards": [*STANDARDS]}
        if made and kind == "pdf":
            at = datetime.fromisoformat(made)
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
            more["timestamp"] = at.replace(microsecond=0)
        out = typst.compile(code, sys_inputs={"document": text}, **more)
        return [out] if isinstance(out, bytes) else list(out)

    def probe(chars: frozenset[str]) -> frozenset[str]:
        try:
            run(json.dumps(sorted(chars)), _PROBE, "pdf")
        except typst.TypstError as error:
            return missing_in(error.diagnostic) or chars
        return frozenset()

    text = printable.settle(document, probe)
    for _attempt in range(3):
        try:
            return run(text)
        except typst.TypstError as error:
            # What only shows in the company of other characters.
            found = missing_in(error.diagnostic)
            if not found:
                raise
            text = printable.without(text, found)
    return run(printable.without(text, printable.unusual(text)))


def missing_in(diagnostic: str) -> frozenset[str]:
    """The characters Typst says it cannot print."""
    found: set[str] = set()
    for shown in _MISSING.findall(diagnostic):
        text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), shown)
        found |= printable.unusual(text) or set(text)
    return frozenset(found)


def _child(read: Any, write: Any) -> None:
    options = json.loads(read.readline())
    try:
        parts: Sequence[bytes] = compile_document(
            options["template"],
            read.read().decode(),
            form=options["form"],
            made=options["made"],
            ppi=options["ppi"],
        )
        head: dict[str, Any] = {"sizes": [len(p) for p in parts]}
    except RuntimeError as error:
        parts, head = (), {"error": str(getattr(error, "diagnostic", "") or error)[:2000]}
    write.write(json.dumps(head).encode() + b"\n")
    for part in parts:
        write.write(part)


if __name__ == "__main__":
    _child(sys.stdin.buffer, sys.stdout.buffer)
