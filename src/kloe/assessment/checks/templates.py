"""Templates of reality checks as data: read strictly, every fault with file, line and remedy.

The package's own lie in ``content/checks/*.yaml``; an organisation's are kept in the database and
read by the same shapes. What an item of a checklist tests is named by full identifiers of
criteria, which have to exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from kloe.assessment.vocabulary import EvidenceKind, Origin
from kloe.core.digest import value_digest
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, _
from kloe.frameworks import library
from kloe.frameworks.loader import SLUG, TEXT
from kloe.frameworks.source import WHOLE, Choice, Fault, ListOf, Matching, Record, Source, read
from kloe.frameworks.words import CHECK_KINDS

CONTENT = Path(__file__).resolve().parents[2] / "content" / "checks"
FORMAT = "kloe-check/1"
CASE, CHECK = "case", "check"
CRITERION = Matching(
    r"[a-z0-9-]+/\d+(\.\d+)?/\d+/[a-z0-9-]+",
    _('A full identifier of a criterion: "wao-housing-2005/1.2/3/account-set-up".'),
)
ITEM = Record(
    _("an item of a checklist"),
    {
        "id": SLUG,
        "ask": TEXT,
        "look": TEXT,
        "confirms": TEXT,
        "contradicts": TEXT,
        "criteria": ListOf(CRITERION, 1, _("Name the criteria the item tests.")),
    },
    {"per": Choice((CASE, CHECK)), "section": TEXT},
)
TEMPLATE = Record(
    _("a template of a check"),
    {
        "format": Choice((FORMAT,)),
        "id": SLUG,
        "version": WHOLE,
        "kind": Choice(CHECK_KINDS),
        "title": TEXT,
        "about": TEXT,
        "claim": TEXT,
        "evidence": Choice(tuple(k.value for k in EvidenceKind)),
        "origin": Choice(tuple(o.value for o in Origin)),
        "sample": TEXT,
        "cases": WHOLE,
        "minutes": WHOLE,
        "before": ListOf(TEXT, 1),
        "items": ListOf(ITEM, 1),
        "after": ListOf(TEXT, 1),
    },
    {"opening": TEXT, "closing": TEXT},
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at: what to ask, where to look, what would confirm or contradict.

    ``per`` says whether it is answered for each case of the sample, or once.
    """

    id: str
    ask: str
    look: str
    confirms: str
    contradicts: str
    criteria: tuple[str, ...]
    per: str = CHECK
    section: str = ""

    @property
    def per_case(self) -> bool:
        return self.per == CASE


@dataclass(frozen=True, slots=True)
class Template:
    """A checklist and interview guide."""

    id: str
    version: int
    kind: str
    title: str
    about: str
    claim: str
    evidence: str
    origin: str
    sample: str
    cases: int
    minutes: int
    before: tuple[str, ...]
    items: tuple[Item, ...]
    after: tuple[str, ...]
    opening: str = ""
    closing: str = ""

    @property
    def criteria(self) -> tuple[str, ...]:
        """Every criterion its items test, in their order."""
        return tuple(dict.fromkeys(c for item in self.items for c in item.criteria))

    @property
    def themes(self) -> tuple[str, ...]:
        """The themes of those criteria."""
        return tuple(dict.fromkeys(c.rpartition("/")[0] for c in self.criteria))

    def item(self, key: str) -> Item:
        """:raises NotFound: where the checklist has no such item."""
        found = next((i for i in self.items if i.id == key), None)
        if found is None:
            raise NotFound(
                _("The checklist has no item “%(key)s”.", key=key[:60]),
                _("It has: %(all)s.", all=", ".join(i.id for i in self.items)),
                _("Load the page again."),
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """As its file has it."""
        said: dict[str, Any] = {"format": FORMAT}
        for name in (
            "id", "version", "kind", "title", "about", "claim", "evidence", "origin", "sample",
            "cases", "minutes", "opening", "closing",
        ):  # fmt: skip
            if value := getattr(self, name):
                said[name] = value
        said["before"], said["after"] = list(self.before), list(self.after)
        said["items"] = [_item_dict(i) for i in self.items]
        return said

    @property
    def digest(self) -> str:
        """Of its content, whatever version it is called."""
        return value_digest({k: v for k, v in self.as_dict().items() if k != "version"})


def _item_dict(item: Item) -> dict[str, Any]:
    said: dict[str, Any] = {"id": item.id, "per": item.per}
    if item.section:
        said["section"] = item.section
    for name in ("ask", "look", "confirms", "contradicts"):
        said[name] = getattr(item, name)
    return said | {"criteria": list(item.criteria)}


class TemplateFaults(InvalidInput):
    """All faults of templates together."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (f.file, f.line)))
        count = Message(
            "%(n)d fault in templates of checks:",
            plural="%(n)d faults in templates of checks:",
            n=len(self.faults),
        )
        super().__init__(count, "\n".join(["", *map(str, self.faults), ""]))


@lru_cache(maxsize=1)
def known_criteria() -> frozenset[str]:
    """Every criterion of every edition at hand."""
    return frozenset(c.id for f in library.load_all() for c in f.criteria())


def _validate(source: Source, known: frozenset[str]) -> None:
    """What the shapes cannot see: items named twice, criteria that do not exist."""
    seen: dict[str, int] = {}
    for n, item in enumerate(source.data.get("items", [])):
        at = ("items", n)
        if (key := item.get("id")) in seen:
            source.fault(
                (*at, "id"),
                _("The item “%(key)s” stands here a second time.", key=key),
                _("It stands first in line %(line)d.", line=seen[key]),
                _("Give it another id."),
            )
        elif key:
            seen[key] = source.line((*at, "id"))
        listed = item.get("criteria", [])
        for k, criterion in enumerate(listed):
            if criterion not in known:
                source.fault(
                    (*at, "criteria", k),
                    _("There is no criterion “%(id)s”.", id=criterion),
                    _("Items test criteria of the editions at hand."),
                    _("“kloe frameworks show” lists the criteria of a theme."),
                )
            elif criterion in listed[:k]:
                source.fault(
                    (*at, "criteria", k),
                    _("The criterion “%(id)s” is named twice.", id=criterion),
                    "",
                    _("Take one out."),
                )


def _build(data: Mapping[str, Any]) -> Template:
    said = {k: v for k, v in data.items() if k != "format"}
    items = tuple(Item(**{**one, "criteria": tuple(one["criteria"])}) for one in said.pop("items"))
    before, after = tuple(said.pop("before")), tuple(said.pop("after"))
    return Template(**said, items=items, before=before, after=after)


def read_template(path: Path, faults: list[Fault], name: str = "") -> Template | None:
    """One template, or None after noting its faults."""
    mine: list[Fault] = []
    source = read(path, TEMPLATE, mine, name or path.name)
    if source.data is not None:
        _validate(source, known_criteria())
        stem = path.name.rpartition(".")[0]
        if not name and source.data.get("id", stem) != stem:
            source.fault(
                ("id",),
                _("The template “%(id)s” lies in %(file)s.", id=source.data["id"], file=path.name),
                _("A template lies in a file of its name."),
                _("Rename the file or the template."),
            )
    faults += mine
    return None if mine or source.data is None else _build(source.data)


def load_folder(folder: Path) -> tuple[Template, ...]:
    """Every template of a folder, by title.

    :raises TemplateFaults: with all faults of all files, each naming file, line and remedy.
    """
    faults: list[Fault] = []
    found = [read_template(path, faults) for path in sorted(folder.glob("*.y*ml"))]
    if faults:
        raise TemplateFaults(faults)
    return tuple(sorted((t for t in found if t is not None), key=lambda t: t.title))


@lru_cache(maxsize=1)
def shipped() -> tuple[Template, ...]:
    """The templates of the package."""
    return load_folder(CONTENT)


class _Loaded:
    """A mapping read as if it were a file, so that one set of shapes holds for both."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.name = "template"

    def read_text(self, encoding: str) -> str:
        """Of the same form as ``Path.read_text``."""
        return self.text


def from_mapping(data: Mapping[str, Any], *, built: bool = False) -> Template:
    """A template from a mapping: what an organisation wrote, or the database kept.

    :param built: it was checked when it was kept, and is taken as it is: an edition that named a
        criterion may be gone since.
    :raises TemplateFaults: with everything that is wrong.
    """
    if built:
        return _build(data)
    text = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False)
    faults: list[Fault] = []
    # The reader asks for nothing of a path but its text.
    template = read_template(_Loaded(text), faults, str(data.get("id", "template")))  # type: ignore[arg-type]
    if template is None:
        raise TemplateFaults(faults)
    return template


def template(key: str) -> Template:
    """A template of the package.

    :raises NotFound: where there is none of this name.
    """
    found = next((t for t in shipped() if t.id == key), None)
    if found is None:
        raise NotFound(
            _("There is no template “%(key)s”.", key=key[:60]),
            _("There are: %(all)s.", all=", ".join(t.id for t in shipped())),
            _("Choose one of them."),
        )
    return found
