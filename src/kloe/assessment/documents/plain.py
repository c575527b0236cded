"""HTML and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from kloe.assessment.documents.outcome import Page
from kloe.assessment.documents.tidy import clean, in_parts, paragraphs_of_lines

_SILENT = frozenset(
    {"script", "style", "template", "noscript", "svg", "title", "object", "iframe", "textarea"}
)
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd"}
    | {"blockquote", "pre", "table", "ul", "ol", "header", "footer", "main", "br", "hr", "caption"}
    | {"figcaption", "address", "body"}
)
_CHAPTERS = frozenset({"h1", "h2"})
_CELLS = frozenset({"td", "th"})
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.IGNORECASE)


def text(path: Path, extension: str) -> Iterator[Page]:
    """Parts of a text file; where it has form feeds, its pages."""
    said = decoded(path.read_bytes())
    rows = extension in {"csv", "tsv"}
    pages = said.split("\f")
    for number, page in enumerate(pages, 1):
        lines = page.splitlines()
        found = [c for line in lines if (c := clean(line))] if rows else paragraphs_of_lines(lines)
        for part in in_parts(found):
            yield Page("\n".join(part), str(number) if len(pages) > 1 else "")


def decoded(content: bytes) -> str:
    """Bytes as text: UTF-8 and UTF-16 are known by themselves, the rest is Windows's."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # What Windows wrote here for thirty years; a guess from a short text is worse.
        return content.decode("cp1252", "replace")


def html(path: Path) -> Iterator[Page]:
    """What a page of the web says, by its chapters. Nothing it refers to is fetched or run."""
    content = path.read_bytes()
    named = _CHARSET.search(content[:2048])
    try:
        said = content.decode(named[1].decode("ascii")) if named else decoded(content)
    except (LookupError, UnicodeDecodeError):
        said = decoded(content)
    reader = _Reader()
    reader.feed(said)
    reader.close()
    for title, paragraphs in reader.chapters():
        for part in in_parts(paragraphs):
            yield Page("\n".join(part), title)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, bool]] = []
        self._said: list[str] = []
        self._silent: list[str] = []
        self._heading = False

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BLOCKS:
            self._end()
            self._heading = tag in _CHAPTERS
        elif tag in _CELLS:
            self._said.append(" · " if self._said else "")

    def handle_startendtag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        # <script/> is no script, and does not end anything either.
        if tag in _BLOCKS:
            self._end()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._said.append(data)

    def _end(self) -> None:
        if said := clean("".join(self._said)):
            self.found.append((said, self._heading))
        self._said, self._heading = [], False

    def close(self) -> None:
        super().close()
        self._end()

    def chapters(self) -> Iterator[tuple[str, list[str]]]:
        title, held = "", list[str]()
        for said, heading in self.found:
            if heading:
                if held:
                    yield title, held
                title, held = said[:80], []
            held.append(said)
        if held:
            yield title, held
