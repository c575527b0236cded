"""Record layouts: the tables and columns that landlords' records are brought into.

Layouts are data (``content/layouts/<table>.yaml``), read strictly into frozen values. They are
the vocabulary of mapping, checking, loading, the generator and the measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kloe.core.errors import NotFound
from kloe.core.messages import Text, _
from kloe.records.reading import Block, as_text, listed, one_of, only, read, text, words

CONTENT = Path(__file__).resolve().parent.parent / "content" / "layouts"
#: Columns every table has beside those of its layout.
ADDED: Mapping[str, str] = MappingProxyType(
    {"landlord": "VARCHAR", "source_file": "VARCHAR", "source_row": "BIGINT"}
)


class Type(StrEnum):
    """What a column holds."""

    REF = "ref"
    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    INTEGER = "integer"
    MONEY = "money"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"

    @property
    def sql(self) -> str:
        """The type in the engines' SQL."""
        return _SQL.get(self, "VARCHAR")

    @property
    def textual(self) -> bool:
        """Whether the values are text."""
        return self not in _SQL


_SQL = {
    Type.INTEGER: "BIGINT",
    Type.MONEY: "DECIMAL(14,2)",
    Type.DECIMAL: "DECIMAL(18,6)",
    Type.DATE: "DATE",
    Type.DATETIME: "TIMESTAMP",
    Type.BOOLEAN: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, and under which names real systems give it."""

    name: str
    type: Type
    about: Text
    required: bool = False
    personal: bool = False
    codes: Mapping[str, Text] = field(default_factory=dict)
    of: str | None = None
    seen_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that holds within each row.

    ``order``: the columns do not fall in this order (where they are given). Further kinds stand
    in the layout files; ``columns`` names what the rule speaks of, ``given`` its raw form.
    """

    kind: str
    columns: tuple[str, ...]
    words: Text
    given: Any = None
    #: Tests of the records that count the rows which break it: these rows are kept, and marked.
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """One table."""

    table: str
    title: Text
    about: Text
    group: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    by_name: Mapping[str, Column] = field(default_factory=dict, compare=False, repr=False)

    def column(self, name: str) -> Column:
        """The column of this name.

        :raises NotFound: where the table has none.
        """
        try:
            return self.by_name[name]
        except KeyError:
            raise NotFound(
                _("The table %(table)s has no column “%(name)s”.", table=self.table, name=name),
                _("It has: %(all)s.", all=", ".join(self.by_name)),
            ) from None

    @property
    def types(self) -> dict[str, str]:
        """SQL type by column, those that every table has first."""
        return {**ADDED, **{c.name: c.type.sql for c in self.columns}}


GROUPS = ("core", "casework", "voice", "corporate", "application")
_LAYOUT = ("table", "title", "about", "group", "key", "columns", "rules")
_COLUMN = ("name", "type", "about", "required", "personal", "codes", "of", "seen_as")


@lru_cache(maxsize=4)
def table_names(folder: Path = CONTENT) -> tuple[str, ...]:
    """Names of all tables, without reading their layouts."""
    return tuple(sorted(p.stem for p in folder.glob("*.yaml")))


@lru_cache(maxsize=4)
def layouts(folder: Path = CONTENT) -> Mapping[str, Layout]:
    """Every layout by the name of its table.

    :raises InvalidInput: naming file and line of what is not as it has to be.
    """
    found = {name: load(folder / f"{name}.yaml") for name in table_names(folder)}
    for layout in found.values():
        for column in layout.columns:
            if column.of is not None and column.of not in found:
                raise NotFound(
                    _(
                        "%(table)s.%(column)s points to “%(of)s”, which is no table.",
                        table=layout.table,
                        column=column.name,
                        of=column.of,
                    ),
                    _("There are: %(all)s.", all=", ".join(found)),
                )
    return MappingProxyType(found)


@lru_cache(maxsize=256)
def layout(table: str) -> Layout:
    """The layout of one table, without reading the others.

    :raises NotFound: where there is none.
    """
    if table not in table_names():
        raise NotFound(
            _("There is no table “%(table)s”.", table=table),
            _("There are: %(all)s.", all=", ".join(table_names())),
        )
    return load(CONTENT / f"{table}.yaml")


def load(path: Path) -> Layout:
    """One layout file as a frozen value."""
    block = read(path, f"layouts/{path.name}")
    only(block, _LAYOUT, ("table", "title", "about", "group", "key", "columns"))
    if block["table"] != path.stem:
        raise block.fault(
            _("The file is called %(file)s but lays out “%(table)s”.", file=path.name,
              table=block["table"])
        )  # fmt: skip
    columns = tuple(
        _column(one)
        for one in listed(block, "columns", lambda c: isinstance(c, Block), _("columns"))
    )
    names = [c.name for c in columns]
    if len(set(names)) != len(names):
        raise block.fault(_("A column is laid out twice."))
    key = words(block, "key")
    if not key or not set(key) <= set(names):
        raise block.fault(
            _("The key names a column that is not laid out."),
            _("There are: %(all)s.", all=", ".join(names)),
        )
    rules = tuple(
        _rule(one, names)
        for one in listed(block, "rules", lambda r: isinstance(r, Block), _("rules"))
    )
    return Layout(
        table=block["table"],
        title=text(block, "title"),
        about=text(block, "about"),
        group=one_of(block, "group", GROUPS),
        key=key,
        columns=columns,
        rules=rules,
        by_name=MappingProxyType({c.name: c for c in columns}),
    )


def _column(block: Block) -> Column:
    only(block, _COLUMN, ("name", "type"))
    name = block["name"]
    if not isinstance(name, str) or not name.isidentifier() or name != name.lower():
        raise block.fault(_("“%(name)s” cannot be a column's name.", name=name))
    if name in ADDED:
        raise block.fault(_("Every table has a column “%(name)s” already.", name=name))
    type_ = Type(one_of(block, "type", [t.value for t in Type]))
    codes = block.get("codes") or {}
    if (type_ in (Type.CODE, Type.CODES)) != bool(codes):
        raise block.fault(
            _("The column “%(name)s” has type %(type)s.", name=name, type=type_.value),
            _("Columns of type code and codes list their codes, others have none."),
        )
    if codes and not isinstance(codes, Block):
        raise block.fault(_("“codes” is a mapping from code to words."))
    for key in ("required", "personal"):
        if block.get(key, False) not in (True, False):
            raise block.fault(_("“%(key)s” is true or false.", key=key))
    return Column(
        name=name,
        type=type_,
        about=text(block, "about"),
        required=bool(block.get("required", False)),
        personal=bool(block.get("personal", False)),
        codes=MappingProxyType({c: as_text(block, "codes", v) for c, v in codes.items()}),
        of=block.get("of"),
        seen_as=words(block, "seen_as"),
    )


def _rule(block: Block, names: list[str]) -> Rule:
    kinds = [key for key in block if key not in {"words", "found_by"}]
    if len(kinds) != 1:
        raise block.fault(
            _("A rule has one kind, and words."),
            _("As in {order: [start_on, end_on], words: ...}."),
        )
    given = block[kinds[0]]
    columns = tuple(c for c in given if isinstance(c, str)) if isinstance(given, list) else ()
    if isinstance(given, str):
        columns = (given,)
    for name in columns:
        if name not in names and kinds[0] == "order":
            raise block.fault(_("The rule names “%(name)s”, which is no column.", name=name))
    return Rule(
        kind=kinds[0],
        columns=columns,
        words=text(block, "words"),
        given=given,
        found_by=words(block, "found_by"),
    )
