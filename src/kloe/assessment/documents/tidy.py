"""Text as it comes out of files, made fit for reading, searching and storing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

#: A page holds at most this much; longer ones become several.
LONGEST_PAGE = 12_000
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
    | {"\u00ad": "", "\u200b": "", "\ufeff": "", "\u00a0": " ", "\u2028": " ", "\u2029": " "}
)
_SPACE = re.compile(r"[ \t\f\v\r\n]+")
_BULLET = re.compile(r"^(?:[•●▪◦‣–—*·o-]\s|\(?\d{1,3}[.)]\s|\d+(?:\.\d+)+\s|\(?[a-z][.)]\s)")
_ENDS = (".", "!", "?", ":", ";", "”", '"')


def clean(text: str) -> str:
    """One line: without control characters, broken characters and runs of space."""
    text = unicodedata.normalize("NFC", text.translate(_LIGATURES))
    text = "".join(
        " " if c in "\t\n\r\f\v" else c
        for c in text
        if c in "\t\n\r\f\v" or unicodedata.category(c) not in {"Cc", "Cs", "Cn"}
    )
    return _SPACE.sub(" ", text).strip()


def paragraphs_of_lines(lines: Iterable[str]) -> list[str]:
    """Lines as a page is printed, joined to paragraphs.

    A line that ends a sentence well before the margin ends its paragraph, and so does an empty
    line, a heading, or the mark of a list before the next.
    """
    given = [line.rstrip() for line in lines]
    full = sorted(len(line) for line in given if line)
    margin = 0.75 * (full[int(len(full) * 0.9)] if full else 0)
    found: list[str] = []
    current = ""
    length = 0
    for raw in given:
        line = raw.strip()
        if not line:
            if current:
                found.append(current)
            current = ""
            continue
        ends = current.endswith(_ENDS) and length < margin
        heading = current and length < margin / 2 and line[:1].isupper()
        if current and (ends or heading or _BULLET.match(line)):
            found.append(current)
            current = ""
        if not current:
            current = line
        elif current.endswith(("\ufffe", "\u00ad")):
            current = current[:-1] + line
        elif current.endswith("-"):
            current += line
        else:
            current += f" {line}"
        length = len(line)
    if current:
        found.append(current)
    return [c for p in found if (c := clean(p.replace("\ufffe", "")))]


def in_parts(paragraphs: Iterable[str]) -> Iterator[list[str]]:
    """Paragraphs in parts of a bearable length."""
    part: list[str] = []
    size = 0
    for given in paragraphs:
        for paragraph in _cut(given):
            if part and size + len(paragraph) > LONGEST_PAGE:
                yield part
                part, size = [], 0
            part.append(paragraph)
            size += len(paragraph) + 1
    if part:
        yield part


def _cut(paragraph: str) -> Iterator[str]:
    most = LONGEST_PAGE // 4
    while len(paragraph) > most:
        at = paragraph.rfind(" ", most // 2, most)
        at = at if at > 0 else most
        yield paragraph[:at].rstrip()
        paragraph = paragraph[at:].lstrip()
    if paragraph:
        yield paragraph
