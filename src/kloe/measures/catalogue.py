"""The measures at hand: by identifier, each read when it is first wanted.

What running needs to know of a measure before anything else (its digest, its usual period, the
tables it may read) comes from the bytes of its files alone: a second run over unchanged data
neither reads YAML nor takes SQL apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path

from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.measures import definitions
from kloe.measures.definitions import CASES, SQL, WORDS, Measure, Usual
from kloe.records.layouts import table_names

CONTENT = Path(__file__).resolve().parent.parent / "content" / "measures"
_USUAL = re.compile(rb"^usual:\s*(\w+)", re.M)
_TESTS = re.compile(rb"^tests:\s*\[([^\]]*)\]", re.M)
_COMMENT = re.compile(rb"--[^\n]*")
_WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """The files of a measure, and what can be told without taking them apart."""

    id: str
    folder: Path

    @cached_property
    def _bytes(self) -> tuple[bytes, bytes]:
        return (self.folder / WORDS).read_bytes(), (self.folder / SQL).read_bytes()

    @cached_property
    def digest(self) -> str:
        """Digest of the definition."""
        return definitions.digest_of(*self._bytes)

    @cached_property
    def usual(self) -> Usual:
        """The usual length of its period."""
        found = _USUAL.search(self._bytes[0])
        try:
            return Usual(found.group(1).decode() if found else "")
        except ValueError:
            return self.measure.usual

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Names of tables that stand in the SQL: those it reads, at times one more."""
        sql = _COMMENT.sub(b"", self._bytes[1]).decode()
        return tuple(sorted(set(_WORD.findall(sql)) & set(table_names())))

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """Of an integrity test: the tables it tests."""
        found = _TESTS.search(self._bytes[0])
        return tuple(_WORD.findall(found.group(1).decode())) if found else ()

    @cached_property
    def measure(self) -> Measure:
        """The definition itself."""
        return definitions.load(self.folder)

    @property
    def cases(self) -> Path:
        """The file of its cases."""
        return self.folder / CASES


@dataclass(frozen=True)
class Catalogue:
    """All measures of a folder."""

    folder: Path = CONTENT

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every measure by identifier, in their order."""
        found = {}
        for path in sorted(self.folder.glob(f"*/*/{WORDS}")):
            id_ = f"{path.parent.parent.name}/{path.parent.name}"
            found[id_] = Source(id_, path.parent)
        return found

    def source(self, id_: str) -> Source:
        """One measure's files.

        :raises NotFound: where there is none of that identifier.
        """
        if id_ not in self.sources:
            near = [one for one in self.sources if id_.rpartition("/")[2] in one]
            raise NotFound(
                _("There is no measure “%(id)s”.", id=id_),
                _("Near to it: %(near)s.", near=", ".join(near[:5])) if near else "",
                _("“kloe measures list” shows them all."),
            )
        return self.sources[id_]

    def get(self, id_: str) -> Measure:
        """One measure.

        :raises NotFound: where there is none of that identifier.
        """
        return self.source(id_).measure

    def all(self) -> tuple[Measure, ...]:
        """Every measure."""
        return tuple(s.measure for s in self.sources.values())

    def integrity_of(self, source: Source) -> tuple[Source, ...]:
        """The integrity tests of tables that a measure stands on, to be shown beside it."""
        if source.tests:
            return ()
        tables = set(source.tables)
        return tuple(one for one in self.sources.values() if tables.intersection(one.tests))

    def match(self, wanted: Iterable[str]) -> tuple[Source, ...]:
        """Measures by identifier, area, wildcard, or identifier without its area; none is all.

        :raises NotFound: where a word matches nothing.
        """
        wanted = tuple(wanted)
        if not wanted:
            return tuple(self.sources.values())
        found: dict[str, Source] = {}
        for word in (given.strip().strip("/") for given in wanted):
            hits = [
                s
                for id_, s in self.sources.items()
                if word in (id_, id_.partition("/")[0], id_.partition("/")[2])
                or fnmatchcase(id_, word)
            ]
            if not hits:
                self.source(word)
            found.update((s.id, s) for s in hits)
        return tuple(found.values())


@lru_cache(maxsize=4)
def catalogue(folder: Path = CONTENT) -> Catalogue:
    """The measures of the package, or of a folder."""
    return Catalogue(folder)


def check_placings(measure: Measure) -> None:
    """Hold the criteria a measure speaks to against the frameworks.

    :raises InvalidInput: naming the first that is no criterion or theme.
    """
    from kloe.frameworks import library

    for placing in measure.criteria:
        edition = placing.ref.partition("/")[0]
        try:
            framework = library.load(edition)
            if placing.ref.count("/") == 2:
                framework.theme(placing.ref)
            else:
                framework.criterion(placing.ref)
        except NotFound as error:
            raise InvalidInput(
                f"{measure.id}/{WORDS}: {error.given}",
                error.allowed,
                _("“kloe frameworks show” lists the criteria with their identifiers."),
            ) from error
