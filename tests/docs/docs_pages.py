"""The pages of the documentation as the tests read them: commands, links, headings, words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
#: Written from the program; held to it by test_reference.py.
COMMANDS_PAGE = DOCS / "reference" / "commands.md"

_FENCE = re.compile(r"^\s*(```|~~~)")
_DIRECTIVE = re.compile(r"^<!-- docs: (?P<words>.+?) -->$")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_COMMAND = re.compile(r"^(?:KLOE_\w+=\S+\s+)*kloe\s")
_EXPORT = re.compile(r"^export (KLOE_\w+=\S+)$")


def pages() -> list[Path]:
    """Every page a reader may come to, the README and CONTRIBUTING first."""
    return [README, ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block, where it begins, and what a comment just above says of it."""

    page: Path
    line: int
    language: str
    lines: tuple[str, ...]
    directive: str


@dataclass(frozen=True)
class Command:
    """A command of a page: the line as printed, with the settings exported above it."""

    page: Path
    line: int
    text: str
    settings: tuple[tuple[str, str], ...] = ()
    directive: str = ""

    @property
    def words(self) -> list[str]:
        """From ``kloe`` on."""
        words = shlex.split(self.text, comments=True)
        while "=" in words[0]:
            words.pop(0)
        return words

    @property
    def serves(self) -> bool:
        """Whether it starts a server and does not come back."""
        return self.words[1] == "serve" or (
            self.words[1] == "demo" and "--no-serve" not in self.words
        )

    def __str__(self) -> str:
        return f"{name_of(self.page)}:{self.line}: {self.text}"


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def page_directives(page: Path) -> frozenset[str]:
    """What a comment on the first line says of the whole page, such as ``postgres``."""
    found = _DIRECTIVE.match(text_of(page).split("\n", 1)[0])
    return frozenset(found["words"].split()) if found else frozenset()


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page."""
    return tuple(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    opened: tuple[int, str, str] | None = None
    held: list[str] = []
    directive = ""
    for number, line in enumerate(text_of(page).splitlines(), 1):
        if opened is None:
            if _FENCE.match(line):
                opened = (number, line.strip(" `~"), directive)
                held = []
            elif found := _DIRECTIVE.match(line):
                directive = found["words"] if number > 1 else ""
            elif line.strip():
                directive = ""
        elif _FENCE.match(line):
            yield Block(page, opened[0] + 1, opened[1], tuple(held), opened[2])
            opened, directive = None, ""
        else:
            held.append(line)
    assert opened is None, f"{name_of(page)}: a block that begins in line {opened} has no end"


def commands(page: Path) -> list[Command]:
    """Every command of a page that starts with ``kloe``, in order."""
    found = []
    for block in blocks(page):
        settings: list[tuple[str, str]] = []
        for offset, line in enumerate(joined(block.lines)):
            if exported := _EXPORT.match(line.strip()):
                name, _sign, value = exported.group(1).partition("=")
                settings.append((name, value))
            elif _COMMAND.match(line):
                at = block.line + offset
                found.append(Command(page, at, line.strip(), tuple(settings), block.directive))
    return found


def joined(lines: tuple[str, ...]) -> list[str]:
    """Lines with those that a backslash continues put together."""
    found: list[str] = []
    carried = ""
    for line in lines:
        if line.endswith("\\"):
            carried += line[:-1]
            continue
        found.append(carried + line)
        carried = ""
    return found


@cache
def prose(page: Path) -> str:
    """A page without its blocks."""
    kept, inside = [], False
    for line in text_of(page).splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def spans(page: Path) -> list[str]:
    """The code spans of a page's prose."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(page))


def links(page: Path) -> list[tuple[bool, str, str]]:
    """Links of a page: whether it is an image, its words, its target."""
    without_code = re.sub(r"`[^`\n]*`", "", prose(page))
    return [(bool(m[1]), m[2], m[3]) for m in _LINK.finditer(without_code)]


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    seen: dict[str, int] = {}
    found = set()
    for line in prose(page).splitlines():
        if heading := _HEADING.match(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(2)).replace("`", "")
            slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
            times = seen.get(slug, 0)
            seen[slug] = times + 1
            found.add(f"{slug}-{times}" if times else slug)
    return frozenset(found)
