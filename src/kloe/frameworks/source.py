"""Strict reading of YAML: every value has a shape, every fault a file, a line and a remedy.

A file is read against a :class:`Shape` into plain dicts, lists and scalars. What does not
fit is left out and noted, so that one reading finds all faults. Lines stay known by path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _

Steps = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: what was found, what is allowed, what to do."""

    file: str
    line: int
    given: Message
    allowed: Message | str
    remedy: Message | str

    def __str__(self) -> str:
        said = " ".join(str(p) for p in (self.given, self.allowed, self.remedy) if str(p))
        return f"{self.file}:{self.line}: {said}"

    def as_error(self) -> InvalidInput:
        """The fault alone as an error."""
        return InvalidInput(str(self))


class FrameworkFaults(InvalidInput):
    """All faults of a framework's source together."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (f.file, f.line)))
        count = Message(
            "%(n)d fault in the framework's source:",
            plural="%(n)d faults in the framework's source:",
            n=len(self.faults),
        )
        super().__init__(count, "\n".join(["", *map(str, self.faults), ""]))


@dataclass(slots=True)
class Source:
    """One file as read: its data, the line of every value, and the faults found so far."""

    file: str
    faults: list[Fault]
    data: Any = None
    lines: dict[Steps, int] = field(default_factory=dict)

    def fault(
        self,
        at: Steps | int,
        given: Message,
        allowed: Message | str = "",
        remedy: Message | str = "",
    ) -> None:
        """Note a fault at a line, or at a path (or the nearest part of it that was read)."""
        self.faults.append(Fault(self.file, self.line(at), given, allowed, remedy))

    def line(self, at: Steps | int) -> int:
        """The line of a path."""
        if isinstance(at, int):
            return at
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


_WORDS = {
    yaml.MappingNode: _("a mapping of keys to values"),
    yaml.SequenceNode: _("a list"),
    yaml.ScalarNode: _("a single value"),
}


class Shape:
    """What a value has to look like."""

    node: type[yaml.Node] = yaml.ScalarNode

    def read(self, source: Source, node: yaml.Node, at: Steps) -> Any:
        """The value, or ``_MISSING`` after noting a fault."""
        source.lines.setdefault(at, _line(node))
        if not isinstance(node, self.node):
            source.fault(
                at,
                _("“%(name)s” is %(found)s.", name=_name(at), found=_WORDS[type(node)]),
                _("It has to be %(wanted)s.", wanted=_WORDS[self.node]),
                _("Write it as docs/reference/framework-format.md shows."),
            )
            return _MISSING
        return self.value(source, node, at)

    def value(self, source: Source, node: Any, at: Steps) -> Any:
        raise NotImplementedError


def _name(at: Steps) -> str:
    named = [str(step) for step in at if isinstance(step, str)]
    return named[-1] if named else "file"


class Text(Shape):
    """A text: anything YAML reads as a string, with something in it."""

    pattern: re.Pattern[str] | None = None
    looks: Message | str = ""

    def value(self, source: Source, node: yaml.ScalarNode, at: Steps) -> Any:
        tag = node.tag.rpartition(":")[2]
        if tag != "str":
            read_as = {"float": _("a number"), "int": _("a number"), "bool": _("yes or no")}
            source.fault(
                at,
                _(
                    "“%(name)s” is %(value)s without quotes, which YAML reads as %(read_as)s.",
                    name=_name(at),
                    value=node.value or "empty",
                    read_as=read_as.get(tag, tag),
                ),
                _("Identifiers and texts are quoted strings; otherwise 2.10 turns into 2.1."),
                _('Put quotes around it: "%(value)s".', value=node.value),
            )
            return _MISSING
        value = str(node.value)
        if not value.strip():
            source.fault(
                at,
                _("“%(name)s” is empty.", name=_name(at)),
                _("It has to say something."),
                _("Write the text, or take the key out if it may be left out."),
            )
            return _MISSING
        if self.pattern is not None and not self.pattern.fullmatch(value):
            source.fault(
                at,
                _("“%(name)s” is “%(value)s”.", name=_name(at), value=value),
                self.looks,
                _("Correct the identifier."),
            )
            return _MISSING
        return value.strip()


class Matching(Text):
    """An identifier that follows a pattern."""

    def __init__(self, pattern: str, looks: Message) -> None:
        self.pattern: re.Pattern[str] = re.compile(pattern)
        self.looks = looks

    def matches(self, value: str) -> bool:
        """Whether a string is such an identifier."""
        return self.pattern.fullmatch(value) is not None


class Choice(Text):
    """One of a few words."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)

    def value(self, source: Source, node: yaml.ScalarNode, at: Steps) -> Any:
        value = super().value(source, node, at)
        if value is _MISSING or value in self.allowed:
            return value
        source.fault(
            at,
            _("“%(name)s” is “%(value)s”.", name=_name(at), value=value),
            _("Allowed: %(allowed)s.", allowed=", ".join(self.allowed)),
            _("Use one of these words."),
        )
        return _MISSING


class Nullable(Shape):
    """A value that may also be ``null``, and is then left out."""

    def __init__(self, inner: Shape) -> None:
        self.inner = inner

    def read(self, source: Source, node: yaml.Node, at: Steps) -> Any:
        source.lines.setdefault(at, _line(node))
        if node.tag.endswith(":null"):
            return _MISSING
        return self.inner.read(source, node, at)


class Plain(Shape):
    """A scalar that is no text: its tag and how it is made are given."""

    def __init__(self, tags: Sequence[str], make: Any, wanted: Message) -> None:
        self.tags, self.make, self.wanted = tuple(tags), make, wanted

    def value(self, source: Source, node: yaml.ScalarNode, at: Steps) -> Any:
        if node.tag.rpartition(":")[2] in self.tags:
            try:
                return self.make(node.value)
            except (ValueError, ZeroDivisionError):
                pass
        source.fault(
            at,
            _("“%(name)s” is “%(value)s”.", name=_name(at), value=node.value),
            _("It has to be %(wanted)s.", wanted=self.wanted),
            _("Correct the value."),
        )
        return _MISSING


def _whole(value: str) -> int:
    found = int(value)
    if found < 1:
        raise ValueError
    return found


def _share(value: str) -> list[int]:
    found = Fraction(value.replace(" ", ""))
    if not 0 <= found <= 1:
        raise ValueError
    return [found.numerator, found.denominator]


WHOLE = Plain(("int",), _whole, _("a whole number, 1 or more"))
FLAG = Plain(("bool",), lambda v: v.lower() in {"true", "yes", "on"}, _("true or false"))
SHARE = Plain(
    ("int", "float", "str"),
    _share,
    _('a share between 0 and 1, such as 0.75, or a fraction: "1/3"'),
)


class ListOf(Shape):
    """A list of values of one shape."""

    node = yaml.SequenceNode

    def __init__(self, item: Shape, least: int = 0, remedy: Message | str = "") -> None:
        self.item, self.least, self.remedy = item, least, remedy

    def value(self, source: Source, node: yaml.SequenceNode, at: Steps) -> Any:
        if len(node.value) < self.least:
            source.fault(
                at,
                Message(
                    "“%(name)s” has %(n)d entry.",
                    plural="“%(name)s” has %(n)d entries.",
                    name=_name(at),
                    n=len(node.value),
                ),
                _("At least %(least)d are needed.", least=self.least),
                self.remedy or _("Add what is missing."),
            )
        found: list[Any] = []
        for child in node.value:
            # Numbered as kept, so that paths into the data are paths to lines as well.
            here = (*at, len(found))
            source.lines[here] = _line(child)
            value = self.item.read(source, child, here)
            if value is not _MISSING:
                found.append(value)
        return found


class MapOf(Shape):
    """A mapping with free keys, every value of one shape."""

    node = yaml.MappingNode

    def __init__(self, item: Shape, allowed: Sequence[str] = ()) -> None:
        self.item, self.allowed = item, tuple(allowed)

    def value(self, source: Source, node: yaml.MappingNode, at: Steps) -> Any:
        found = {}
        for key, line, child in _pairs(source, node):
            if self.allowed and key not in self.allowed:
                _unknown(source, line, key, self.allowed)
                continue
            here = (*at, key)
            source.lines[here] = line
            value = self.item.read(source, child, here)
            if value is not _MISSING:
                found[key] = value
        return found


class Record(Shape):
    """A mapping with the keys it must have and those it may have."""

    node = yaml.MappingNode

    def __init__(
        self, what: Message, must: Mapping[str, Shape], may: Mapping[str, Shape] | None = None
    ) -> None:
        self.what, self.must, self.may = what, dict(must), dict(may or {})

    def value(self, source: Source, node: yaml.MappingNode, at: Steps) -> Any:
        known = self.must | self.may
        found, seen = {}, set()
        for key, line, child in _pairs(source, node):
            if key not in known:
                _unknown(source, line, key, tuple(known))
                continue
            seen.add(key)
            # A value stands where its key does: a list begins a line later.
            here = (*at, key)
            source.lines[here] = line
            value = known[key].read(source, child, here)
            if value is not _MISSING:
                found[key] = value
        for key in self.must:
            if key not in seen:
                source.fault(
                    at,
                    _("The key “%(key)s” is missing in %(what)s.", key=key, what=self.what),
                    _("It needs: %(keys)s.", keys=", ".join(self.must)),
                    _("Add “%(key)s:”.", key=key),
                )
        return found


def _pairs(source: Source, node: yaml.MappingNode) -> list[tuple[str, int, yaml.Node]]:
    """Keys with their lines and values, each key once."""
    pairs: list[tuple[str, int, yaml.Node]] = []
    first: dict[str, int] = {}
    for key, child in node.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode) or key.tag.rpartition(":")[2] != "str":
            source.fault(
                line,
                _("The key %(key)s is no string.", key=getattr(key, "value", "?")),
                _("Keys are words; identifiers used as keys are quoted."),
                _('Put quotes around it: "%(key)s".', key=getattr(key, "value", "?")),
            )
            continue
        name = str(key.value)
        if name in first:
            source.fault(
                line,
                _("The key “%(key)s” stands here a second time.", key=name),
                _("It stands first in line %(line)d; each key may stand once.", line=first[name]),
                _("Join the two, or take one out."),
            )
            continue
        first[name] = line
        pairs.append((name, line, child))
    return pairs


def _unknown(source: Source, line: int, key: str, known: Sequence[str]) -> None:
    source.fault(
        line,
        _("The key “%(key)s” is not known here.", key=key),
        _("Known: %(keys)s.", keys=", ".join(known)),
        _("Correct its spelling, or take it out."),
    )


def read(path: Path, shape: Shape, faults: list[Fault], name: str = "") -> Source:
    """Read one file against its shape. ``data`` is None where nothing could be read."""
    source = Source(name or path.name, faults)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        source.fault(
            mark.line + 1 if mark else 1,
            _("This is no YAML: %(problem)s.", problem=error.problem or error.context),
            "",
            _("Check indentation and quotes from this line upwards."),
        )
        return source
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        source.fault(
            1, _("This is no YAML text: %(error)s.", error=error), "", _("Save it as UTF-8.")
        )
        return source
    except OSError as error:
        source.fault(
            1,
            _("The file cannot be read: %(error)s.", error=error.strerror or error),
            "",
            _("Add the file, or check its permissions."),
        )
        return source
    if node is None:
        source.fault(1, _("The file is empty."), "", _("Write its content, or delete the file."))
        return source
    value = shape.read(source, node, ())
    source.data = None if value is _MISSING else value
    return source
