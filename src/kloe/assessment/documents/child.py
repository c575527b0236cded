"""The process that reads: ``python -m kloe.assessment.documents.child FILE NAME ...``.

It limits itself before it opens anything, knows no secret, and writes lines of JSON: one for each
page, then one that says how it ended. Whatever a file makes a parser do, it ends here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from kloe.assessment.documents.outcome import Note, Page, Reason, Unit, Unreadable

#: Nobody reads more, and neither does the search.
MOST_CHARACTERS, MOST_PAGES = 8_000_000, 20_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_EXPECTED = {
    "pdf": "pdf", "docx": "word", "docm": "word", "dotx": "word", "xlsx": "sheets",
    "xlsm": "sheets", "xlsb": "sheets", "xls": "sheets", "ods": "sheets", "pptx": "slides",
    "pptm": "slides", "ppsx": "slides", "html": "html", "htm": "html", "txt": "text",
    "csv": "text", "tsv": "text", "md": "text",
}  # fmt: skip
_UNITS = {"pdf": Unit.PAGE, "sheets": Unit.SHEET, "slides": Unit.SLIDE}


def limit(seconds: int, megabytes: int, written: int) -> None:
    """Bound this process; where the system has no such limits, its parent's patience does."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _soft, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def kind_of(path: Path, extension: str) -> tuple[str, frozenset[Note]]:
    """How a file is to be read, by what it holds.

    :raises Unreadable: if it is nothing that is read.
    """
    from kloe.assessment.documents import office

    with path.open("rb") as file:
        head = file.read(4096)
    if b"%PDF-" in head[:1024]:
        return "pdf", frozenset()
    if head.startswith(_ZIP):
        names = office.inspect(path)
        notes = frozenset({Note.MACROS}) if office.has_macros(names) else frozenset()
        for prefix, kind in (("word/", "word"), ("ppt/", "slides"), ("xl/", "sheets")):
            if any(name.startswith(prefix) for name in names):
                return kind, notes
        if extension == "ods":
            return "sheets", notes
        raise Unreadable(Reason.UNKNOWN if "[Content_Types].xml" not in names else Reason.CORRUPT)
    if head.startswith(_OLE):
        return _old(path, extension)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(Reason.CORRUPT if extension in _EXPECTED else Reason.UNKNOWN)
    lowered = head.lower()
    if any(tag in lowered for tag in (b"<!doctype html", b"<html", b"<body", b"<head")):
        return "html", frozenset()
    if extension in {"svg", "xml", "rtf"} or lowered.startswith((b"{\\rtf", b"<svg")):
        raise Unreadable(Reason.UNKNOWN)
    return "html" if extension in {"html", "htm"} else "text", frozenset()


def _old(path: Path, extension: str) -> tuple[str, frozenset[Note]]:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable(Reason.ENCRYPTED)
    macros = "_VBA_PROJECT".encode("utf-16-le") in content
    if "Workbook".encode("utf-16-le") in content or extension == "xls":
        return "sheets", frozenset({Note.MACROS}) if macros else frozenset()
    raise Unreadable(Reason.OLD)


def pages(kind: str, path: Path, extension: str) -> Iterator[Page | None]:
    """The pages of a file of a kind."""
    from kloe.assessment.documents import office, plain, portable, sheets

    if kind == "pdf":
        return portable.read(path)
    if kind == "word":
        return office.word(path)
    if kind == "slides":
        return office.slides(path)
    if kind == "sheets":
        return sheets.read(path)
    return plain.html(path) if kind == "html" else plain.text(path, extension)


def _run(path: Path, extension: str) -> Iterator[dict[str, object]]:
    notes: set[Note] = set()
    unit, count, size = Unit.SECTION, 0, 0
    try:
        kind, known = kind_of(path, extension)
        notes |= known
        if _EXPECTED.get(extension, kind) != kind:
            notes.add(Note.OTHERWISE)
        unit = _UNITS.get(kind, Unit.SECTION)
        for page in pages(kind, path, extension):
            if page is None:
                notes.add(Note.DAMAGED)
                continue
            if unit is Unit.SECTION and page.label.isdigit():
                unit = Unit.PAGE
            count, size = count + 1, size + len(page.text)
            if size > MOST_CHARACTERS or count > MOST_PAGES:
                notes.add(Note.CUT)
                break
            yield {"text": page.text, "label": page.label}
        reason = "" if count else Reason.EMPTY.value
    except Unreadable as error:
        reason = error.reason.value
    except MemoryError:
        reason = Reason.MEMORY.value
    except RecursionError:
        reason = Reason.CORRUPT.value
    yield {"end": True, "reason": reason, "unit": unit.value, "notes": sorted(notes)}


def main(given: list[str]) -> int:
    """Read the file named and write what it says."""
    path, name, seconds, megabytes, written = given
    limit(int(seconds), int(megabytes), int(written))
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    out = sys.stdout
    for line in _run(Path(path), extension):
        out.write(json.dumps(line, ensure_ascii=True) + "\n")
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
