"""Names of columns: tidied, and set against those a mapping wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kloe.core.messages import Message, _
from kloe.records.extracts.pieces import Unreadable
from kloe.records.mapping_model import SourceMap

_SPACES = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_LIKE = 70


def tidy(name: str) -> str:
    """A name without spaces around it, and with one blank for several."""
    return _SPACES.sub(" ", name).strip()


@lru_cache(maxsize=256)
def pattern(name: str) -> re.Pattern[str]:
    """What a name with a star meets; the star is the group."""
    before, _star, after = name.partition("*")
    return re.compile(re.escape(before) + "(.*)" + re.escape(after), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns a source wants of its files."""

    names: tuple[str, ...]
    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: SourceMap) -> Wanted:
        """Every column the mapping looks at."""
        return cls(source.reads, source.unpivot.columns if source.unpivot else ())

    def among(self, names: Sequence[str]) -> int:
        """How many of them some names hold."""
        here = {n.casefold() for n in names}
        found = sum(n.casefold() in here for n in self.names)
        return found + sum(any(pattern(p).fullmatch(n) for n in names) for p in self.patterns)


def positions(shown: str, names: Sequence[str], source: SourceMap) -> dict[str, int]:
    """Where each wanted column stands, by the mapping's name for it.

    :raises Unreadable: where one is missing, or stands there twice.
    """
    exact: dict[str, list[int]] = {}
    loose: dict[str, list[int]] = {}
    for n, name in enumerate(names):
        exact.setdefault(name, []).append(n)
        loose.setdefault(name.casefold(), []).append(n)
    found: dict[str, int] = {}
    missing = []
    for name in source.reads:
        here = exact.get(tidy(name)) or loose.get(tidy(name).casefold()) or []
        if len(here) > 1:
            raise _twice(shown, name, here)
        if here:
            found[name] = here[0]
        else:
            missing.append(name)
    if missing:
        raise Unreadable(shown, _missing(missing, names), _remedy(missing, names))
    return found


def wide(shown: str, names: Sequence[str], source: SourceMap) -> list[tuple[int, str]]:
    """Columns that become rows: where each stands, and the part of its name that the star met.

    :raises Unreadable: where a pattern meets none, or two columns have one name.
    """
    if source.unpivot is None:
        return []
    found: dict[int, str] = {}
    for wanted in source.unpivot.columns:
        meets = pattern(wanted)
        here = {
            n: (m.group(1) if "*" in wanted else name).strip()
            for n, name in enumerate(names)
            if (m := meets.fullmatch(name))
        }
        if not here:
            raise Unreadable(shown, _missing([wanted], names), _remedy([wanted], names))
        found.update(here)
    if len(set(found.values())) < len(found):
        part = next(p for p in found.values() if list(found.values()).count(p) > 1)
        raise _twice(shown, part, [n for n, p in found.items() if p == part])
    return sorted(found.items())


def _twice(shown: str, name: str, here: Iterable[int]) -> Unreadable:
    return Unreadable(
        shown,
        _(
            "The column “%(name)s” stands there more than once: in columns %(where)s.",
            name=name,
            where=", ".join(str(n + 1) for n in here),
        ),
        _("Rename or take out the one that is not meant."),
    )


def _missing(missing: Sequence[str], names: Sequence[str]) -> Message:
    shown = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
    return _(
        "The mapping wants “%(missing)s”; the file has: %(names)s.",
        missing="”, “".join(missing),
        names=shown or "–",
    )


def _remedy(missing: Sequence[str], names: Sequence[str]) -> Message:
    from rapidfuzz import process

    likely = []
    for name in missing:
        if near := process.extractOne(name, names, score_cutoff=_LIKE):
            likely.append(f"“{near[0]}” for “{name}”")
    if likely:
        return _(
            "Correct the mapping; perhaps %(likely)s.",
            likely=", ".join(likely[:5]),
        )
    return _("Correct the mapping: the columns, the delimiter or the header rows.")
