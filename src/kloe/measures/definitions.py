"""What a measure is: its words, its SQL, and everything that must be said beside its number.

A measure lies in ``content/measures/<area>/<id>/`` as ``measure.yaml`` (words and terms),
``measure.sql`` (one row for each case) and ``cases.yaml`` (small inputs with the result they
must give). Read strictly into frozen values; the digest names this very definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, Text, _
from kloe.measures.areas import AREAS, INTEGRITY
from kloe.records.reading import Block, as_text, listed, one_of, only, parse, text, words

WORDS, SQL, CASES = "measure.yaml", "measure.sql", "cases.yaml"


class Kind(StrEnum):
    """What the engine makes of a measure's rows."""

    RATIO = "ratio"
    COUNT = "count"
    DISTRIBUTION = "distribution"
    GAP = "gap"
    REPRESENTATION = "representation"
    ADEQUACY = "adequacy"

    @property
    def groups(self) -> tuple[str, ...]:
        """Columns by which the result is always split."""
        if self in (Kind.GAP, Kind.REPRESENTATION):
            return ("characteristic", "grp")
        return ("stratum",) if self is Kind.ADEQUACY else ()


class Unit(StrEnum):
    """What a value is counted in."""

    PERCENT = "percent"
    PER_THOUSAND = "per_thousand"
    RATIO = "ratio"
    COUNT = "count"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    HOURS = "hours"
    YEARS = "years"
    MONEY = "money"
    MONEY_PER = "money_per"
    POINTS = "points"

    @property
    def factor(self) -> int:
        """What numerator by denominator is multiplied with."""
        return {Unit.PERCENT: 100, Unit.PER_THOUSAND: 1000}.get(self, 1)


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    BAND = "band"
    CLOSER_TO_ONE = "closer_to_one"
    CONTEXT = "context"


class Usual(StrEnum):
    """The usual length of a measure's period."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Setting:
    """A number or word of the definition that a landlord may set otherwise."""

    name: str
    value: Any
    unit: str
    words: Text
    basis: str


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at: a value, a band, or only on what the target rests."""

    basis: Text
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Placing:
    """A criterion or theme the measure speaks to: how far, for which side, and in which way."""

    ref: str
    bearing: str
    side: str | None
    how: Text


@dataclass(frozen=True, slots=True)
class Published:
    """A published measure whose definition is followed, or comes near.

    :param same_as: where followed closely enough to stand among its figures: its code in the
        register of published measures.
    """

    code: str
    source: str
    how: Text
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Which cases are at fault; ``setting`` names the limit of a value."""

    test: str
    setting: str | None = None


FAULTS = ("numerator_zero", "numerator_nonzero", "value_over", "value_under")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure."""

    id: str
    title: Text
    matters: Text
    kind: Kind
    unit: Unit
    direction: Direction
    numerator: Text
    denominator: Text
    value: Text
    period: str
    usual: Usual
    settings: Mapping[str, Setting]
    exclusions: Mapping[str, Text]
    breakdowns: tuple[str, ...]
    optional: tuple[str, ...]
    #: Of an integrity test: the tables it tests, beside whose indicators it stands.
    tests: tuple[str, ...]
    target: Target | None
    compare: tuple[str, ...]
    not_like_for_like: tuple[Text, ...]
    every: bool
    fault: Fault | None
    criteria: tuple[Placing, ...]
    published: tuple[Published, ...]
    indicators: tuple[str, ...]
    author: str
    checked_by: str | None
    next_review: str
    version: int
    notes: tuple[Text, ...]
    sql: str = field(repr=False)
    digest: str = field(repr=False)
    folder: Path = field(repr=False, compare=False)

    @property
    def area(self) -> str:
        """The first part of the identifier."""
        return self.id.partition("/")[0]

    def setting_values(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The value of every setting, with those given in place of the definition's own.

        :raises InvalidInput: where one is given that the measure does not have.
        """
        values = {name: s.value for name, s in self.settings.items()}
        for name, value in (given or {}).items():
            if name not in values:
                raise InvalidInput(
                    _("The measure %(id)s has no setting “%(name)s”.", id=self.id, name=name),
                    _("It has: %(all)s.", all=", ".join(values) or "none"),
                )
            values[name] = value
        return values


_KEYS = (
    "title", "matters", "kind", "unit", "direction", "numerator", "denominator", "value", "period",
    "usual", "settings", "exclusions", "breakdowns", "optional", "tests", "target",
    "compare",
    "not_like_for_like", "every", "fault", "criteria", "published", "indicators", "author",
    "checked_by", "next_review", "version", "notes",
)  # fmt: skip
_NEEDED = (
    "title", "matters", "kind", "unit", "direction", "period", "usual", "criteria", "author",
    "next_review", "version",
)  # fmt: skip
COMPARE = ("own-target", "previous", "peers", "own-groups", "published")
BASES = ("landlord's standard", "convention", "law", "published")
_INDICATOR = re.compile(r"K\d+(\.\d+)?(-\d\.\d+)?-\d+[a-z]?")
_REVIEW = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def digest_of(words_bytes: bytes, sql_bytes: bytes) -> str:
    """The digest that names a definition: of its words and its SQL, not of its cases."""
    return sha256_hex(sha256_hex(words_bytes).encode() + sha256_hex(sql_bytes).encode())


def load(folder: Path) -> Measure:
    """The measure of a folder.

    :raises InvalidInput: naming file and line of what is not as it has to be.
    """
    id_ = f"{folder.parent.name}/{folder.name}"
    raw, sql = (folder / WORDS).read_bytes(), (folder / SQL).read_bytes()
    block = parse(raw.decode(), f"{id_}/{WORDS}")
    if not isinstance(block, Block):
        raise InvalidInput(_("%(id)s has no words.", id=id_))
    if folder.parent.name not in AREAS:
        raise block.fault(
            _("There is no area “%(area)s”.", area=folder.parent.name),
            _("There are: %(all)s.", all=", ".join(AREAS)),
        )
    return _measure(id_, block, sql.decode(), digest_of(raw, sql), folder)


def _measure(id_: str, block: Block, sql: str, digest: str, folder: Path) -> Measure:
    only(block, _KEYS, _NEEDED)
    kind = Kind(one_of(block, "kind", [k.value for k in Kind]))
    needed: tuple[str, ...] = ("value",) if kind is Kind.DISTRIBUTION else ("numerator",)
    if kind not in (Kind.DISTRIBUTION, Kind.COUNT):
        needed = ("numerator", "denominator")
    only(block, _KEYS, needed)
    settings = {name: _setting(block, name, one) for name, one in _mapping(block, "settings")}
    every = _flag(block, "every")
    fault = _fault(block, settings)
    if every and fault is None:
        raise block.fault(
            _("The claim is about every case, but “fault” does not say which are at fault."),
            _("It may be: %(all)s.", all=", ".join(FAULTS)),
        )
    review = str(block["next_review"])
    if not _REVIEW.fullmatch(review):
        raise block.fault(_("“next_review” is %(v)s.", v=review), _("Year and month: 2027-11."))
    if not isinstance(block["version"], int):
        raise block.fault(_("“version” is a whole number."))
    indicators = words(block, "indicators")
    for one in indicators:
        if not _INDICATOR.fullmatch(one):
            raise block.fault(_("“%(one)s” is no indicator.", one=one), _("As in K1.2-08."))
    compare = words(block, "compare")
    for one in compare:
        if one not in COMPARE:
            raise block.fault(
                _("“compare” holds “%(one)s”.", one=one),
                _("It may hold: %(all)s.", all=", ".join(COMPARE)),
            )
    return Measure(
        id=id_,
        title=text(block, "title"),
        matters=text(block, "matters"),
        kind=kind,
        unit=Unit(one_of(block, "unit", [u.value for u in Unit])),
        direction=Direction(one_of(block, "direction", [d.value for d in Direction])),
        numerator=text(block, "numerator"),
        denominator=text(block, "denominator"),
        value=text(block, "value"),
        period=one_of(block, "period", ("flow", "point")),
        usual=Usual(one_of(block, "usual", [u.value for u in Usual])),
        settings=MappingProxyType(settings),
        exclusions=MappingProxyType(
            {key: as_text(block, key, words_) for key, words_ in _mapping(block, "exclusions")}
        ),
        breakdowns=words(block, "breakdowns"),
        optional=words(block, "optional"),
        tests=_tests(block, folder.parent.name),
        target=_target(block),
        compare=compare,
        not_like_for_like=_texts(block, "not_like_for_like"),
        every=every,
        fault=fault,
        criteria=tuple(_placing(one) for one in _blocks(block, "criteria")),
        published=tuple(_published(one) for one in _blocks(block, "published")),
        indicators=indicators,
        author=str(block["author"]),
        checked_by=block.get("checked_by"),
        next_review=review,
        version=block["version"],
        notes=_texts(block, "notes"),
        sql=sql,
        digest=digest,
        folder=folder,
    )


def _mapping(block: Block, key: str) -> list[tuple[str, Any]]:
    found = block.get(key)
    if found is None:
        return []
    if not isinstance(found, Block):
        raise block.fault(_("“%(key)s” is a mapping.", key=key))
    return list(found.items())


def _blocks(block: Block, key: str) -> tuple[Block, ...]:
    return listed(block, key, lambda one: isinstance(one, Block), _("mappings"))


def _texts(block: Block, key: str) -> tuple[Text, ...]:
    return tuple(as_text(block, key, one) for one in listed(block, key, bool, _("texts")))


def _flag(block: Block, key: str) -> bool:
    found = block.get(key, False)
    if not isinstance(found, bool):
        raise block.fault(_("“%(key)s” is true or false.", key=key))
    return found


def _tests(block: Block, area: str) -> tuple[str, ...]:
    """The tables an integrity test tests; no other measure names any."""
    found = words(block, "tests")
    if bool(found) != (area == INTEGRITY):
        raise block.fault(
            _("“tests” names the tables that an integrity test tests."),
            _("Every measure of the area integrity has it, and no other."),
        )
    return found


def _setting(block: Block, name: str, raw: Any) -> Setting:
    if not isinstance(raw, Block) or not name.isidentifier():
        raise block.fault(_("The setting “%(name)s” is a mapping with a plain name.", name=name))
    only(raw, ("value", "unit", "words", "basis"), ("value", "words", "basis"))
    return Setting(
        name=name,
        value=tuple(raw["value"]) if isinstance(raw["value"], list) else raw["value"],
        unit=str(raw.get("unit") or ""),
        words=text(raw, "words"),
        basis=one_of(raw, "basis", BASES),
    )


def _number(block: Block, key: str) -> Decimal | None:
    found = block.get(key)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        raise block.fault(_("“%(key)s” is a number.", key=key))
    return Decimal(found)


def _target(block: Block) -> Target | None:
    raw = block.get("target")
    if raw is None:
        return None
    if not isinstance(raw, Block):
        raise block.fault(_("“target” is a mapping."), _("As in {value: 100, basis: ...}."))
    only(raw, ("value", "low", "high", "basis"), ("basis",))
    return Target(text(raw, "basis"), _number(raw, "value"), _number(raw, "low"),
                  _number(raw, "high"))  # fmt: skip


def _fault(block: Block, settings: Mapping[str, Setting]) -> Fault | None:
    raw = block.get("fault")
    if raw is None:
        return None
    if isinstance(raw, Block) and len(raw) == 1:
        test, setting = next(iter(raw.items()))
    else:
        test, setting = str(raw), None
        if found := re.fullmatch(r"(value_\w+?)\s*[( ]\s*(\w+)\s*\)?", test):
            test, setting = found.group(1), found.group(2)
    if test not in FAULTS:
        raise block.fault(
            _("“fault” is “%(test)s”.", test=test),
            _("It may be: %(all)s.", all=", ".join(FAULTS)),
        )
    if test.startswith("value_"):
        if setting is None and len(settings) == 1:
            setting = next(iter(settings))
        if setting not in settings:
            raise block.fault(
                _("“fault” does not name the setting that is the limit."),
                _("As in fault: {value_over: days}."),
            )
    return Fault(test, setting)


def _placing(raw: Block) -> Placing:
    only(raw, ("ref", "bearing", "side", "how"), ("ref", "bearing", "how"))
    side = raw.get("side")
    if side not in (None, "upper", "lower", "both"):
        raise raw.fault(_("“side” is “%(side)s”.", side=side), _("upper, lower or both."))
    return Placing(
        ref=str(raw["ref"]),
        bearing=one_of(raw, "bearing", ("direct", "part", "context")),
        side=side,
        how=text(raw, "how"),
    )


def _published(raw: Block) -> Published:
    only(raw, ("code", "source", "how", "same_as"), ("code", "source", "how"))
    same_as = str(raw.get("same_as") or "")
    return Published(str(raw["code"]), str(raw["source"]), text(raw, "how"), same_as)


def words_of(number: int) -> Message:
    """“1 case”, “2 cases”."""
    return Message("%(n)d case", plural="%(n)d cases", n=number)
