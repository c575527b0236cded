"""The register of published measures: what each is, which way is better, what it speaks to.

The register is data, under ``content/measures/tsm/``: one file says who publishes the measures
and under which terms, the others hold the measures. Each is placed against the themes or
criteria of the frameworks it speaks to, with how, and says what keeps its figures from being
like for like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import DEFAULT_LANGUAGE, Message, Text, _
from kloe.measures.headers import measure_code

CONTENT = Path(__file__).resolve().parent.parent / "content" / "measures" / "tsm"


class Unit(StrEnum):
    """What a measure's figures are counted in."""

    PERCENT = "percent"
    PER_1000_HOMES = "per 1,000 homes"

    @property
    def factor(self) -> Decimal:
        """What numerator by denominator is multiplied with."""
        return Decimal(100) if self is Unit.PERCENT else Decimal(1000)

    @property
    def words(self) -> Message:
        return _("%") if self is Unit.PERCENT else _("per 1,000 homes")


class Direction(StrEnum):
    """Which way is better; ``none`` where more may be good or bad."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"

    @property
    def words(self) -> Message:
        return _DIRECTIONS[self]


_DIRECTIONS = {
    Direction.HIGHER: _("higher is better"),
    Direction.LOWER: _("lower is better"),
    Direction.NONE: _("neither higher nor lower is better in itself"),
}


class Bearing(StrEnum):
    """How far a measure speaks to a criterion."""

    DIRECT = "direct"
    PART = "part"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class Placing:
    """A theme or criterion a measure speaks to, how far, and in which way."""

    ref: str
    bearing: Bearing
    how: Text

    @property
    def theme(self) -> str:
        """The identifier of the theme it lies in (``wao-housing-2005/1.5/4``)."""
        return "/".join(self.ref.split("/")[:3])

    @property
    def criterion(self) -> str | None:
        """The identifier of the criterion, or None where it speaks to the theme as a whole."""
        return self.ref if self.ref.count("/") > 2 else None


@dataclass(frozen=True, slots=True)
class Measure:
    """One published measure."""

    code: str
    kind: str
    title: Text
    matters: Text
    unit: Unit
    direction: Direction
    numerator: Text
    denominator: Text
    decimals: int
    not_like_for_like: tuple[Text, ...]
    placings: tuple[Placing, ...]

    @property
    def slug(self) -> str:
        """The code as it stands in addresses: ``rp02-1``."""
        return self.code.lower().replace(" ", "-")

    def rate(self, numerator: Decimal, denominator: Decimal) -> Decimal:
        """The rate as the definition has it, not rounded."""
        return numerator / denominator * self.unit.factor


@dataclass(frozen=True, slots=True)
class Register:
    """All measures of one publication, in its order."""

    id: str
    title: Text
    publisher: Text
    licence: Text
    author: str
    checker: str
    next_review: date
    measures: tuple[Measure, ...]

    def measure(self, code: str) -> Measure:
        """The measure of that code, however it is written (``RP02 1``, ``rp02-1``, ``RP02(1)``).

        :raises NotFound: where the register has none.
        """
        wanted = measure_code(code) or code
        for measure in self.measures:
            if measure.code == wanted:
                return measure
        raise NotFound(
            _("There is no published measure %(code)s.", code=code),
            _("The register has %(codes)s.", codes=", ".join(m.code for m in self.measures)),
            _("Use one of these codes."),
        )

    def order(self, code: str) -> int:
        """The place of a measure in the register; those it does not have come last."""
        return next((i for i, m in enumerate(self.measures) if m.code == code), len(self.measures))

    def for_theme(self, theme: str) -> tuple[tuple[Measure, tuple[Placing, ...]], ...]:
        """The measures that speak to a theme or to criteria of it, with how."""
        found = ((m, tuple(p for p in m.placings if p.theme == theme)) for m in self.measures)
        return tuple((measure, placings) for measure, placings in found if placings)

    def for_criterion(self, criterion: str) -> tuple[tuple[Measure, Placing], ...]:
        """The measures that speak to one criterion, with how."""
        return tuple((m, p) for m in self.measures for p in m.placings if p.criterion == criterion)


@lru_cache(maxsize=1)
def register() -> Register:
    """The register of Tenant Satisfaction Measures."""
    return load(CONTENT)


def load(folder: Path) -> Register:
    """Read a register's files, strictly.

    :raises InvalidInput: where a key is unknown, missing or given twice, or a value is not one
        of those allowed; names file, line and remedy.
    """
    head = _Reader(folder / "register.yaml", _document(folder / "register.yaml"))
    files = head.take("files", list)
    measures: list[Measure] = []
    for name in files:
        path = folder / str(name)
        for entry in _Reader(path, {"measures": _document(path)}).take("measures", list):
            measures.append(_measure(_Reader(path, entry)))
    codes = [measure.code for measure in measures]
    for code in codes:
        if codes.count(code) > 1:
            raise _fault(folder, _("The measure %(code)s stands twice.", code=code))
    found = Register(
        id=head.take("id", str),
        title=head.text("title"),
        publisher=head.text("publisher"),
        licence=head.text("licence"),
        author=head.take("author", str),
        checker=head.take("checker", str),
        next_review=head.take("next_review", date),
        measures=tuple(measures),
    )
    head.done()
    return found


def _measure(entry: _Reader) -> Measure:
    code = entry.take("code", str)
    if measure_code(code) != code:
        raise entry.fault(_("“%(code)s” is no measure's code.", code=code))
    placings = tuple(_placing(_Reader(entry.path, p)) for p in entry.take("criteria", list))
    if len({p.ref for p in placings}) != len(placings):
        raise entry.fault(_("%(code)s is placed twice against one criterion.", code=code))
    measure = Measure(
        code=code,
        kind=entry.one_of("kind", ("perception", "management")),
        title=entry.text("title"),
        matters=entry.text("matters"),
        unit=Unit(entry.one_of("unit", tuple(Unit))),
        direction=Direction(entry.one_of("direction", tuple(Direction))),
        numerator=entry.text("numerator"),
        denominator=entry.text("denominator"),
        decimals=entry.take("decimals", int),
        not_like_for_like=tuple(
            Text({DEFAULT_LANGUAGE: str(words)}) for words in entry.take("not_like_for_like", list)
        ),
        placings=placings,
    )
    entry.done()
    return measure


def _placing(entry: _Reader) -> Placing:
    placing = Placing(
        ref=entry.take("ref", str),
        bearing=Bearing(entry.one_of("bearing", tuple(Bearing))),
        how=entry.text("how"),
    )
    if placing.ref.count("/") not in (2, 3):
        raise entry.fault(_("“%(ref)s” is no theme's or criterion's identifier.", ref=placing.ref))
    entry.done()
    return placing


# Strict reading


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """YAML that refuses a key given twice and remembers the line of every mapping."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.MarkedYAMLError(
                problem=f"the key “{key}” is given twice", problem_mark=key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
    found["__line__"] = node.start_mark.line + 1
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _document(path: Path) -> Any:
    try:
        with path.open(encoding="utf-8") as file:
            return yaml.load(file, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except FileNotFoundError as error:
        raise _fault(path, _("The file is missing.")) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _fault(path, _("%(problem)s.", problem=error.problem or error), line) from error


class _Reader:
    """Takes the keys of one mapping, and says which were missing or left over."""

    def __init__(self, path: Path, entry: Any) -> None:
        self.path = path
        if not isinstance(entry, Mapping):
            raise _fault(path, _("A mapping of keys is expected, not “%(it)s”.", it=entry))
        self.line = int(entry.get("__line__", 0))
        self.left = {key: value for key, value in entry.items() if key != "__line__"}

    def take(self, key: str, kind: type) -> Any:
        if key not in self.left:
            raise self.fault(_("The key “%(key)s” is missing.", key=key))
        value = self.left.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fault(
                _("“%(key)s” is “%(value)s”, of the wrong kind.", key=key, value=value)
            )
        return value

    def text(self, key: str) -> Text:
        words = self.take(key, str).strip()
        if not words:
            raise self.fault(_("“%(key)s” is empty.", key=key))
        return Text({DEFAULT_LANGUAGE: words})

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value = str(self.take(key, str))
        if value not in allowed:
            raise self.fault(
                _(
                    "“%(key)s” is “%(value)s”; allowed: %(allowed)s.",
                    key=key,
                    value=value,
                    allowed=", ".join(allowed),
                )
            )
        return value

    def done(self) -> None:
        if self.left:
            raise self.fault(_("Unknown keys: %(keys)s.", keys=", ".join(map(str, self.left))))

    def fault(self, what: Message) -> InvalidInput:
        return _fault(self.path, what, self.line)


def _fault(path: Path, what: Message, line: int = 0) -> InvalidInput:
    return InvalidInput(
        _("%(file)s, line %(line)d: %(what)s", file=path.name, line=line, what=what),
        "",
        _("Put the register right; docs/reference/benchmarks.md describes its form."),
    )
