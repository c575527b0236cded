"""Word and PowerPoint: ZIP archives of XML parts.

Read part by part with the parser of python-docx, which resolves no entities and fetches nothing:
its own document object leaves out text boxes, controls and what was inserted, refuses documents
with macros, and fails on links whose target is missing.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kloe.assessment.documents.outcome import Page, Reason, Unreadable
from kloe.assessment.documents.tidy import clean, in_parts

#: A document of the largest size allowed unpacks to less, pictures included.
MOST_PARTS, MOST_BYTES, MOST_OF_ONE = 20_000, 400 << 20, 120 << 20
#: How many times smaller XML may be packed: 200 is beyond any text.
MOST_RATIO, RATIO_FROM = 200, 4 << 20
_XML = (".xml", ".rels", ".vml")
_DOCTYPE = re.compile(rb"<!(?:doctype|entity)", re.IGNORECASE)
_HEADING = re.compile(r"^(?:heading|title|pennawd)[ _]?[12]?$", re.IGNORECASE)


def inspect(path: Path) -> frozenset[str]:
    """The names of the parts, having looked for what a document never holds.

    :raises Unreadable: if it is no whole archive, unpacks to too much or defines entities.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_PARTS or sum(i.file_size for i in infos) > MOST_BYTES:
                raise Unreadable(Reason.BOMB)
            for info in infos:
                ratio = info.file_size / max(1, info.compress_size)
                if info.file_size > MOST_OF_ONE or (
                    info.file_size > RATIO_FROM and ratio > MOST_RATIO
                ):
                    raise Unreadable(Reason.BOMB)
                if info.flag_bits & 1:
                    raise Unreadable(Reason.ENCRYPTED)
            for info in infos:
                if info.filename.lower().endswith(_XML):
                    # Written in UTF-16, the same words have a zero byte between the letters.
                    content = archive.read(info)
                    if _DOCTYPE.search(content.replace(b"\x00", b"")):
                        raise Unreadable(Reason.HOSTILE)
            return frozenset(i.filename for i in infos)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, EOFError):
        raise Unreadable(Reason.CORRUPT) from None
    except ValueError:
        raise Unreadable(Reason.CORRUPT) from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Unreadable(Reason.CORRUPT) from None
        raise


def has_macros(names: Iterable[str]) -> bool:
    """Whether there is code among the parts."""
    return any(name.lower().endswith("vbaproject.bin") for name in names)


def _root(archive: zipfile.ZipFile, name: str) -> Any:
    from docx.oxml.parser import parse_xml
    from lxml.etree import XMLSyntaxError

    try:
        return parse_xml(archive.read(name))
    except KeyError:
        raise Unreadable(Reason.CORRUPT) from None
    except XMLSyntaxError:
        raise Unreadable(Reason.CORRUPT) from None


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attribute(element: Any, name: str) -> str:
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


# Word ----------------------------------------------------------------------------------------


def word(path: Path) -> Iterator[Page]:
    """The pages as Word last laid them out; where it left no marks, by chapters."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        main = _main(archive, "word/document.xml")
        body = list(_word_paragraphs(_root(archive, main)))
        for name in ("word/footnotes.xml", "word/endnotes.xml"):
            if name in names:
                body += [(text, "", 0) for text, _h, _b in _word_paragraphs(_root(archive, name))]
    if any(breaks for _text, _heading, breaks in body):
        yield from _by_pages(body)
    else:
        yield from _by_chapters(body)


def _main(archive: zipfile.ZipFile, usual: str) -> str:
    """The main part: where the package says it is, as a rule the usual place."""
    if usual in archive.namelist():
        return usual
    for target in _targets(archive, "").values():
        if target[1].endswith("/officeDocument"):
            return target[0]
    raise Unreadable(Reason.CORRUPT)


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to within the package: place and type, by identifier."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive.namelist():
        return {}
    found = {}
    for relation in _root(archive, rels):
        if not isinstance(relation.tag, str) or relation.get("TargetMode") == "External":
            continue
        target = relation.get("Target") or ""
        place = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        found[relation.get("Id") or ""] = (posixpath.normpath(place), relation.get("Type") or "")
    return found


def _word_paragraphs(root: Any) -> Iterator[tuple[str, str, int]]:
    """(text, heading, page breaks within) of every paragraph, in tables and boxes too."""
    for paragraph in root.iter("{*}p"):
        said: list[str] = []
        heading, breaks = "", 0
        for element in paragraph.iter():
            name = _local(element)
            if name in {"t", "delText"}:
                # What a box within holds has a paragraph of its own.
                if name == "t" and _nearest(element, "p") is paragraph:
                    said.append(element.text or "")
            elif name in {"tab", "cr"} or (name == "br" and _attribute(element, "type") != "page"):
                said.append(" ")
            elif name in {"lastRenderedPageBreak", "br"}:
                breaks += 1
            elif name == "pStyle" and _HEADING.match(_attribute(element, "val")):
                heading = "heading"
        yield clean("".join(said)), heading, breaks


def _nearest(element: Any, name: str) -> Any:
    parent = element.getparent()
    while parent is not None and _local(parent) != name:
        parent = parent.getparent()
    return parent


def _by_pages(body: Iterable[tuple[str, str, int]]) -> Iterator[Page]:
    number, held = 1, list[str]()
    for text, _heading, breaks in body:
        if breaks:
            for part in in_parts(held):
                yield Page("\n".join(part), str(number))
            held, number = [], number + breaks
        if text:
            held.append(text)
    for part in in_parts(held):
        yield Page("\n".join(part), str(number))


def _by_chapters(body: Iterable[tuple[str, str, int]]) -> Iterator[Page]:
    title, held = "", list[str]()
    for text, heading, _breaks in body:
        if not text:
            continue
        if heading:
            for part in in_parts(held):
                yield Page("\n".join(part), title)
            title, held = text[:80], []
        held.append(text)
    for part in in_parts(held):
        yield Page("\n".join(part), title)


# PowerPoint ----------------------------------------------------------------------------------


def slides(path: Path) -> Iterator[Page]:
    """The slides in their order, each with its notes."""
    with zipfile.ZipFile(path) as archive:
        main = _main(archive, "ppt/presentation.xml")
        targets = _targets(archive, main)
        root = _root(archive, main)
        order = [_relation(e) for e in root.iter("{*}sldId")]
        for number, identifier in enumerate(order, 1):
            if identifier not in targets:
                continue
            place = targets[identifier][0]
            said = _slide_paragraphs(_root(archive, place))
            for target, kind in _targets(archive, place).values():
                if kind.endswith("/notesSlide") and target in archive.namelist():
                    said += _slide_paragraphs(_root(archive, target))
            for part in in_parts(said):
                yield Page("\n".join(part), str(number))


def _relation(element: Any) -> str:
    for key, value in element.attrib.items():
        if key.startswith("{") and key.endswith("}id"):
            return str(value)
    return ""


def _slide_paragraphs(root: Any) -> list[str]:
    found = []
    for paragraph in root.iter("{*}p"):
        said = []
        for element in paragraph.iter():
            name = _local(element)
            if name == "t":
                said.append(element.text or "")
            elif name in {"br", "tab"}:
                said.append(" ")
        if text := clean("".join(said)):
            found.append(text)
    return found
