"""The mapping: which column of whose file becomes which column of ours.

A mapping is a YAML file that a person edits. It is read strictly, every fault with its line, into
frozen values; :mod:`kloe.records.expressions` turns them into SQL. The format is described in
``docs/how-to/load-records.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, _
from kloe.records.layouts import Column, Layout, Type, layouts
from kloe.records.mapping_model import (
    ColumnMap,
    Csv,
    Every,
    Filter,
    Header,
    Numbers,
    RecordMapping,
    SourceMap,
    Unpivot,
)
from kloe.records.reading import Block, listed, one_of, only, parse

__all__ = [
    "FORMAT", "ColumnMap", "Csv", "Every", "Filter", "Header", "Numbers", "RecordMapping",
    "SourceMap", "Unpivot", "check_landlord", "parse_mapping", "read_mapping", "shipped",
]  # fmt: skip

FORMAT = "kloe-mapping/1"
SHIPPED = Path(__file__).resolve().parent.parent / "content" / "mappings"

NEGATIVES = ("minus", "trailing", "brackets", "suffix")
SIGNS = ("none", "reverse")
REPEATS = ("reject", "first", "last")
#: What `otherwise` may say beside one of the layout's codes.
OTHERWISE = ("reject", "empty")
#: What the form of a date may be put together from.
_PART = re.compile("%-?[dmYybBaAHIMSpfjzn%]")
#: A landlord's code names a folder.
LANDLORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_MAPPING = ("format", "landlord", "as_at", "title", "pseudonymise", "sources")
_SOURCE = (
    "files", "table", "csv", "sheet", "header", "numbers", "columns", "where", "unpivot",
    "repeats", "unsure", "confirmed", "unused", "note",
)  # fmt: skip
_COLUMN = (
    "from", "join", "constant", "leave_out", "pseudonymise", "dates", "every", "part", "age_at",
    "days", "codes", "otherwise", "flags", "flagged", "separator", "empty", "sign", "negative",
    "credit", "debit", "less", "divide", "numbers", "yes", "no", "note",
)  # fmt: skip


def shipped() -> tuple[str, ...]:
    """Names of the mappings that come with kloe."""
    return tuple(sorted(p.stem for p in SHIPPED.glob("*.yaml")))


def read_mapping(path: Path | str) -> RecordMapping:
    """The mapping in a file, or the shipped one of that name.

    :raises NotFound: where there is neither.
    :raises InvalidInput: naming file and line of what is not as it has to be.
    """
    name = str(path)
    path = Path(path)
    if name in shipped() and not path.exists():
        path = SHIPPED / f"{name}.yaml"
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            _("There is no mapping %(path)s.", path=path),
            _("These come with kloe: %(all)s.", all=", ".join(shipped())),
            _("“kloe records suggest-mapping” proposes one for your files."),
        ) from error
    except IsADirectoryError as error:
        raise InvalidInput(
            _("%(path)s is a folder, not a mapping.", path=path), "", _("Give a YAML file.")
        ) from error
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            _("The mapping %(path)s is not UTF-8.", path=path), "", _("Save it as UTF-8.")
        ) from error
    return parse_mapping(words, path.name)


def parse_mapping(words: str, file: str = "mapping.yaml") -> RecordMapping:
    """The mapping a YAML text holds; ``file`` is the name used in messages.

    :raises InvalidInput: naming file and line of what is not as it has to be.
    """
    block = parse(words, file)
    if not isinstance(block, Block) or block.get("format") != FORMAT:
        raise InvalidInput(
            _("%(file)s is not a mapping.", file=file),
            _("A mapping begins with “format: %(format)s”.", format=FORMAT),
            _("“kloe records suggest-mapping” proposes one for your files."),
        )
    only(block, _MAPPING, ("sources",))
    landlord = _word(block, "landlord")
    if landlord is not None:
        check_landlord(landlord, block.fault)
    as_at = block.get("as_at")
    if as_at is not None and type(as_at) is not date:
        raise block.fault(
            _("“as_at” is “%(value)s”.", value=as_at), _("It is a day, as in 2026-03-31.")
        )
    sources = listed(block, "sources", lambda s: isinstance(s, Block), _("sources"))
    if not sources:
        raise block.fault(_("The mapping has no sources."))
    hashed = _words(block, "pseudonymise")
    for table in hashed:
        _table(block, table)
    return RecordMapping(
        sources=tuple(_source(s) for s in sources),
        landlord=landlord,
        as_at=as_at,
        title=_word(block, "title") or "",
        pseudonymise=hashed,
        digest=sha256_hex(words.encode()),
        file=file,
    )


def check_landlord(
    code: str, fault: Callable[[Message, Message], InvalidInput] = InvalidInput
) -> None:
    """Hold a landlord's code to the form in which it names a folder.

    :raises InvalidInput: where it is not of that form.
    """
    if not LANDLORD.fullmatch(code):
        raise fault(
            _("“%(code)s” cannot be a landlord's code.", code=code),
            _("It has letters without accents, digits, points and hyphens, at most 64."),
        )


# One source


def _source(block: Block) -> SourceMap:
    only(block, _SOURCE, ("files", "table", "columns"))
    layout = _table(block, block["table"])
    numbers = _numbers(block) or Numbers()
    columns = block["columns"]
    if not isinstance(columns, Block):
        raise block.fault(_("“columns” is a mapping from our column to theirs."))
    found = {name: _column(columns, name, layout) for name in columns}
    for name in layout.key:
        if name not in found or found[name].leave_out:
            raise columns.fault(
                _("“%(name)s” of %(table)s is missing.", name=name, table=layout.table),
                _("Every row needs its key: %(key)s.", key=", ".join(layout.key)),
                _("Say from which column it comes, or join it from several."),
            )
    unsure = _words(block, "unsure")
    for name in unsure:
        if name not in found:
            raise block.fault(_("“unsure” names “%(name)s”, which is not mapped.", name=name))
    return SourceMap(
        files=_files(block),
        table=layout.table,
        columns=MappingProxyType(found),
        csv=_csv(block),
        sheet=_word(block, "sheet"),
        header=_header(block),
        numbers=numbers,
        where=_where(block),
        unpivot=_unpivot(block),
        repeats=one_of(block, "repeats", REPEATS, "reject"),
        unsure=unsure,
        confirmed=_truth(block, "confirmed"),
        unused=_words(block, "unused"),
        note=_word(block, "note") or "",
        line=block.line,
    )


def _table(block: Block, name: Any) -> Layout:
    found = layouts().get(name)
    if found is None:
        raise block.fault(
            _("There is no table “%(table)s”.", table=name),
            _("There are: %(all)s.", all=", ".join(layouts())),
        )
    return found


def _files(block: Block) -> tuple[str, ...]:
    given = block["files"]
    files = (given,) if isinstance(given, str) else _words(block, "files")
    for one in files:
        parts = PurePosixPath(one).parts
        if not one or one.startswith(("/", "~")) or ".." in parts or "\\" in one or ":" in one:
            raise block.fault(
                _("“%(file)s” leads out of the folder of the files.", file=one),
                _("Paths are within the folder, with / between and * for any part of a name."),
                _("Move the file there, or name its folder with --folder."),
            )
    if not files:
        raise block.fault(_("“files” names no file."))
    return files


def _csv(block: Block) -> Csv:
    given = _inner(block, "csv", ("delimiter", "encoding", "quote"))
    if given is None:
        return Csv()
    delimiter = _word(given, "delimiter")
    if delimiter in ("tab", "\\t"):
        delimiter = "\t"
    for key, value in (("delimiter", delimiter), ("quote", _word(given, "quote"))):
        if value is not None and (len(value) != 1 or value in "\r\n\0"):
            raise given.fault(
                _("“%(key)s” is “%(value)s”.", key=key, value=value),
                _("It is one character; a tabulator is written “tab”."),
            )
    encoding = _word(given, "encoding")
    if encoding is not None:
        try:
            "".encode(encoding)
        except LookupError as error:
            raise given.fault(
                _("There is no encoding “%(name)s”.", name=encoding),
                _("Common ones are utf-8, cp1252, latin-1 and utf-16."),
            ) from error
    return Csv(delimiter, encoding, _word(given, "quote"))


def _header(block: Block) -> Header:
    given = _inner(block, "header", ("rows", "names", "data"))
    if given is None:
        return Header()
    rows = listed(given, "rows", lambda n: type(n) is int and n > 0, _("row numbers")) or (1,)
    if list(rows) != sorted(set(rows)):
        raise given.fault(_("The header rows do not follow each other."))
    names = given.get("names", rows[0] if len(rows) == 1 else None)
    if names == "joined":
        names = None
    if names is not None and names not in rows:
        raise given.fault(
            _("“names” is “%(value)s”.", value=names),
            _("It is one of the header rows, or “joined” for all of them together."),
        )
    data = given.get("data", rows[-1] + 1)
    if type(data) is not int or data <= rows[-1]:
        raise given.fault(_("“data” is a row below the header rows."))
    return Header(rows, names, data)


def _where(block: Block) -> tuple[Filter, ...]:
    found = []
    for one in listed(block, "where", lambda w: isinstance(w, Block), _("conditions")):
        only(one, ("column", "is", "is_not", "filled"), ("column",))
        filled = _truth(one, "filled") if "filled" in one else None
        test = Filter(str(one["column"]), _values(one, "is"), _values(one, "is_not"), filled)
        if sum((bool(test.is_), bool(test.is_not), filled is not None)) != 1:
            raise one.fault(
                _("A condition has one of “is”, “is_not” and “filled”."),
                _("As in {column: Status, is_not: [void]}."),
            )
        found.append(test)
    return tuple(found)


def _unpivot(block: Block) -> Unpivot | None:
    given = _inner(block, "unpivot", ("columns", "name", "value", "drop"))
    if given is None:
        return None
    only(given, ("columns", "name", "value", "drop"), ("columns", "name", "value"))
    columns = given["columns"]
    columns = (columns,) if isinstance(columns, str) else _words(given, "columns")
    if not columns or any(c.count("*") > 1 for c in columns):
        raise given.fault(
            _("“columns” names columns, each with one * at most."), _("As in “Week* Payment”.")
        )
    return Unpivot(
        columns, str(given["name"]), str(given["value"]), _values(given, "drop")
    )  # fmt: skip


# One column


def _column(columns: Block, name: str, layout: Layout) -> ColumnMap:
    if name not in layout.by_name:
        raise columns.fault(
            _("The table %(table)s has no column “%(name)s”.", table=layout.table, name=name),
            _("It has: %(all)s.", all=", ".join(layout.by_name)),
        )
    block = columns[name]
    if isinstance(block, str):
        return ColumnMap(name, sources=(block,))
    if not isinstance(block, Block):
        raise columns.fault(
            _("“%(name)s” is not as it has to be.", name=name),
            _("As in {from: TagRef}, {constant: charge} or {leave_out: true}."),
        )
    only(block, _COLUMN)
    sources = block.get("from")
    sources = (str(sources),) if isinstance(sources, str | int) else _words(block, "from")
    flags = _pairs(block, "flags")
    constant = block.get("constant")
    leave_out = _truth(block, "leave_out")
    if not leave_out and sum((bool(sources), bool(flags), constant is not None)) != 1:
        raise block.fault(
            _("It is not said from where “%(name)s” comes.", name=name),
            _("One of “from”, “constant”, “flags” and “leave_out”."),
        )
    column = layout.column(name)
    if flags and column.type is not Type.CODES:
        raise block.fault(_("Flags make a column of several codes; “%(name)s” is none.", name=name))
    pseudonymise = _truth(block, "pseudonymise")
    if pseudonymise and column.type not in (Type.REF, Type.TEXT):
        raise block.fault(
            _("“%(name)s” cannot be pseudonymised.", name=name),
            _("Only references and texts can; leave it out instead."),
        )
    codes = _pairs(block, "codes")
    otherwise = _word(block, "otherwise") or "reject"
    for code in (*codes.values(), *flags.values(), otherwise):
        _is_code(block, column, code, codes or flags)
    part = _word(block, "part")
    if part not in (None, "year") or (part and column.type is not Type.INTEGER):
        raise block.fault(_("“part” is “year”, for a column of whole numbers."))
    divide = block.get("divide", 1)
    days = block.get("days", 0)
    if type(divide) is not int or not re.fullmatch("10*", str(divide)) or type(days) is not int:
        raise block.fault(_("“divide” is 10, 100 or 1000, and “days” a whole number."))
    return ColumnMap(
        name=name,
        sources=sources,
        join=_word(block, "join", "-") or "",
        constant=None if constant is None else _as_word(constant),
        leave_out=leave_out,
        pseudonymise=pseudonymise,
        dates=_forms(block),
        every=_every(block),
        part=part,
        age_at=_word(block, "age_at"),
        days=days,
        codes=codes,
        otherwise=otherwise,
        flags=flags,
        flagged=_values(block, "flagged") or ("1",),
        separator=_word(block, "separator", ";") or ";",
        empty=_values(block, "empty"),
        sign=one_of(block, "sign", SIGNS, "none"),
        negative=one_of(block, "negative", NEGATIVES, "minus"),
        credit=_word(block, "credit", "CR") or "CR",
        debit=_word(block, "debit", "DR") or "DR",
        less=_word(block, "less"),
        divide=divide,
        numbers=_numbers(block),
        yes=_values(block, "yes"),
        no=_values(block, "no"),
        note=_word(block, "note") or "",
    )


def _is_code(block: Block, column: Column, code: str, given: Mapping[str, str]) -> None:
    if code in column.codes or code in OTHERWISE or (given and column.type is Type.TEXT):
        return
    raise block.fault(
        _("“%(code)s” is no code of “%(name)s”.", code=code, name=column.name),
        _("There are: %(all)s.", all=", ".join((*column.codes, *OTHERWISE))),
    )


def _forms(block: Block) -> tuple[str, ...]:
    given = block.get("dates")
    forms = (given,) if isinstance(given, str) else _words(block, "dates")
    for form in forms:
        parts = re.findall("%-?.?", form)
        if not parts or not all(_PART.fullmatch(p) for p in parts):
            raise block.fault(
                _("“%(form)s” is no form of a date.", form=form),
                _("As in “%%d/%%m/%%Y” for 31/03/2026.", form=form),
            )
    return forms


def _every(block: Block) -> Every | None:
    given = _inner(block, "every", ("first", "days"))
    if given is None:
        return None
    first, days = given.get("first"), given.get("days")
    if type(first) is not date or type(days) is not int:
        raise given.fault(
            _("“every” is not as it has to be."), _("As in {first: 2025-04-07, days: 7}.")
        )
    return Every(first, days)


def _numbers(block: Block) -> Numbers | None:
    given = _inner(block, "numbers", ("decimal", "thousands"))
    if given is None:
        return None
    decimal = _word(given, "decimal", ".") or "."
    thousands = _word(given, "thousands", "") or ""
    if (
        decimal not in (".", ",")
        or thousands not in ("", ".", ",", " ", "'")
        or (decimal == thousands)
    ):
        raise given.fault(
            _("Numbers cannot be written like that."),
            _("“decimal” is . or , and “thousands” another of . , ' or a space."),
        )
    return Numbers(decimal, thousands)


# Scalars


def _as_word(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    return str(value)


def _scalar(value: Any) -> bool:
    return value is not None and not isinstance(value, list | dict)


def _word(block: Block, key: str, default: str | None = None) -> str | None:
    value = block.get(key)
    if value is None:
        return default
    if not _scalar(value):
        raise block.fault(_("“%(key)s” is one word.", key=key))
    return _as_word(value)


def _words(block: Block, key: str) -> tuple[str, ...]:
    return tuple(map(_as_word, listed(block, key, _scalar, _("words"))))


def _values(block: Block, key: str) -> tuple[str, ...]:
    """One value or a list of them; an empty text counts."""
    value = block.get(key)
    return (_as_word(value),) if _scalar(value) else _words(block, key)


def _pairs(block: Block, key: str) -> Mapping[str, str]:
    given = block.get(key)
    if given is None:
        return MappingProxyType({})
    if not isinstance(given, Block) or not all(_scalar(v) for v in given.values()):
        raise block.fault(_("“%(key)s” is a mapping from theirs to ours.", key=key))
    return MappingProxyType({str(k): _as_word(v) for k, v in given.items()})


def _truth(block: Block, key: str) -> bool:
    value = block.get(key, False)
    if value not in (True, False):
        raise block.fault(_("“%(key)s” is true or false.", key=key))
    return bool(value)


def _inner(block: Block, key: str, allowed: tuple[str, ...]) -> Block | None:
    given = block.get(key)
    if given is None:
        return None
    if not isinstance(given, Block):
        raise block.fault(
            _("“%(key)s” is not as it has to be.", key=key),
            _("It has: %(all)s.", all=", ".join(allowed)),
        )
    only(given, allowed)
    return given
