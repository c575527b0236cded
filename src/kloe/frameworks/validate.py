"""What has to agree across a framework's source: references, columns, scales, rules.

Each check notes its faults with the line they stand in; none stops at the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kloe.core.messages import Message, _
from kloe.frameworks.loader import Loaded
from kloe.frameworks.source import Source, Steps
from kloe.frameworks.validate_rules import validate_rules
from kloe.frameworks.words import LETTERS, SIDES, VALUE_FOR_MONEY, WEIGHS

_RESERVED = re.compile(r"[dec]\d+")
Item = dict[str, Any]


def validate(loaded: Loaded) -> None:
    """Note every disagreement in ``loaded.faults``."""
    _framework(loaded)
    known = Known()
    for number, source in loaded.kloes.items():
        if source.data is not None:
            _kloe(loaded, known, number, source)
    _register(loaded, known, "instruments")
    _register(loaded, known, "faults")
    _overlaps(loaded, known)
    if loaded.fixed["rules"].data is not None:
        validate_rules(
            loaded.fixed["rules"],
            loaded.framework.get("scales", []),
            {k: s.data for k, s in loaded.kloes.items() if s.data},
            known.themes,
            known.criteria,
        )


class Known:
    """What the KLOE files define, gathered while they are checked."""

    def __init__(self) -> None:
        self.themes: set[str] = set()
        self.criteria: set[str] = set()
        self.refs: set[str] = set()
        self.common: dict[tuple[str, str], tuple[str, str]] = {}


def _second(source: Source, at: Steps, what: str, value: str) -> None:
    source.fault(
        at,
        _("The %(what)s “%(value)s” stands here a second time.", what=what, value=value),
        _("Each %(what)s stands once.", what=what),
        _("Rename or remove one of the two."),
    )


def _unique(source: Source, at: Steps, items: Iterable[Item], key: str, what: str) -> None:
    seen: set[str] = set()
    for n, item in enumerate(items):
        value = item.get(key)
        if value is not None and value in seen:
            _second(source, (*at, n, key), what, value)
        seen.add(value or "")


def _no_such(
    source: Source, at: Steps, what: str, value: str, *, allowed: Iterable[str], remedy: Message
) -> None:
    source.fault(
        at,
        _("There is no %(what)s “%(value)s”.", what=what, value=value),
        _("Known: %(allowed)s.", allowed=", ".join(sorted(allowed)) or "none"),
        remedy,
    )


def _framework(loaded: Loaded) -> None:
    source, data = loaded.fixed["framework"], loaded.framework
    if data.get("id", loaded.folder.name) != loaded.folder.name:
        source.fault(
            ("id",),
            _(
                "The framework “%(id)s” lies in the folder “%(name)s”.",
                id=data["id"],
                name=loaded.folder.name,
            ),
            _("Folder and identifier are the same."),
            _("Rename the folder, or correct the identifier."),
        )
    scales = data.get("scales", [])
    _unique(source, ("scales",), scales, "judgement", "scale")
    for n, scale in enumerate(scales):
        grades = scale.get("grades", [])
        _unique(source, ("scales", n, "grades"), grades, "key", "grade")
        _unique(
            source,
            ("scales", n, "grades"),
            [g for g in grades if "describes" in g],
            "describes",
            "described column",
        )
        if grades and grades[0].get("describes") != "upper":
            source.fault(
                ("scales", n, "grades"),
                _("The highest grade is not described by the upper column."),
                _("Grades stand highest first; the upper column describes the first."),
                _("Put the grades in order, and “describes: upper” on the first."),
            )


def _kloe(loaded: Loaded, known: Known, number: str, source: Source) -> None:
    data = source.data
    if data.get("id", number) != number:
        source.fault(
            ("id",),
            _(
                "The file is listed as %(number)s and holds KLOE %(id)s.",
                number=number,
                id=data["id"],
            ),
            _("File name and identifier are the same."),
            _("Rename the file, or correct the identifier."),
        )
    judgements = {s.get("judgement") for s in loaded.framework.get("scales", [])}
    if "judgement" in data and data["judgement"] not in judgements:
        _no_such(
            source,
            ("judgement",),
            "scale",
            data["judgement"],
            allowed={j for j in judgements if j},
            remedy=_("Add its scale to framework.yaml, or correct the judgement."),
        )
    for n, other in enumerate(data.get("also_numbered", [])):
        if other in loaded.kloes:
            _second(source, ("also_numbered", n), "number", other)
    themes = data.get("themes", [])
    _unique(source, ("themes",), themes, "id", "theme")
    for n, theme in enumerate(themes):
        at: Steps = ("themes", n)
        id = theme.get("id")
        if id is not None and id != f"{number}/{n + 1}":
            source.fault(
                (*at, "id"),
                _(
                    "The theme “%(id)s” stands as number %(n)d of KLOE %(kloe)s.",
                    id=id,
                    n=n + 1,
                    kloe=number,
                ),
                _(
                    "It would be “%(right)s”: themes stand in published order, counted from 1.",
                    right=f"{number}/{n + 1}",
                ),
                _("Correct the identifier, or the order."),
            )
        _theme(loaded, known, source, at, theme)
    _main_questions(source, data, {t.get("id") for t in themes})


def _main_questions(source: Source, data: Item, themes: set[str | None]) -> None:
    mains = data.get("main_questions", [])
    _unique(source, ("main_questions",), mains, "id", "main question")
    under: set[str] = set()
    for n, main in enumerate(mains):
        for m, theme in enumerate(main.get("themes", [])):
            at: Steps = ("main_questions", n, "themes", m)
            if theme not in themes:
                _no_such(
                    source,
                    at,
                    "theme",
                    theme,
                    allowed={t for t in themes if t},
                    remedy=_("Correct the reference."),
                )
            elif theme in under:
                _second(source, at, "theme", theme)
            under.add(theme)
    if mains and themes - under - {None}:
        source.fault(
            ("main_questions",),
            _(
                "Under no main question: %(themes)s.",
                themes=", ".join(sorted(t for t in themes - under if t)),
            ),
            _("Where a KLOE has main questions, every theme stands under one."),
            _("List the theme under its main question."),
        )


def _theme(loaded: Loaded, known: Known, source: Source, at: Steps, theme: Item) -> None:
    id = theme.get("id", "?")
    known.themes.add(id)
    questions = theme.get("questions", [])
    _unique(source, (*at, "questions"), questions, "id", "question")
    keys = {q["id"] for q in questions if "id" in q}
    for n, question in enumerate(questions):
        _references(
            known,
            source,
            (*at, "questions", n),
            item=question,
            theme=id,
            letter=LETTERS["question"],
        )
    criteria = theme.get("criteria", [])
    for key, what in (("id", "criterion"), ("title", "title"), ("common", "common key")):
        _unique(source, (*at, "criteria"), criteria, key, what)
    for n, criterion in enumerate(criteria):
        _criterion(
            loaded, known, source, (*at, "criteria", n), criterion=criterion, theme=theme, keys=keys
        )
    slugs = {c["id"] for c in criteria if "id" in c}
    if theme.get("strand") == VALUE_FOR_MONEY:
        for side in sorted(set(WEIGHS) - {c.get("weighs") for c in criteria}):
            source.fault(
                (*at, "criteria"),
                _("No criterion of the theme “%(id)s” weighs %(side)s.", id=id, side=side),
                _("A value-for-money theme weighs cost and quality, each by a criterion or more."),
                _("Write “weighs: %(side)s” on the criteria that do.", side=side),
            )
    for n, question in enumerate(theme.get("detailed_questions", [])):
        if "question" in question and question["question"] not in keys:
            _no_such(
                source,
                (*at, "detailed_questions", n, "question"),
                "question",
                question["question"],
                allowed=keys,
                remedy=_("Name a published question of this theme."),
            )
    for name, text in (
        ("detailed_questions", "text"),
        ("evidence", "text"),
        ("reality_checks", "claim"),
    ):
        for n, item in enumerate(theme.get(name, [])):
            here: Steps = (*at, name, n)
            for m, slug in enumerate(item.get("criteria", [])):
                if slug not in slugs:
                    _no_such(
                        source,
                        (*here, "criteria", m),
                        "criterion",
                        slug,
                        allowed=slugs,
                        remedy=_("Name a criterion of this theme."),
                    )
            if "common" in item and text in item:
                _same_text(known, source, here, name=name, common=item["common"], text=item[text])


def _same_text(
    known: Known, source: Source, at: Steps, *, name: str, common: str, text: str
) -> None:
    """One common key of questions, evidence or checks means one text."""
    where, first = known.common.setdefault(
        (name, common), (f"{source.file}:{source.line(at)}", text)
    )
    if first != text:
        source.fault(
            at,
            _("“common: %(key)s” has another text in %(where)s.", key=common, where=where),
            _("The same common key of %(what)s means the same text.", what=name.replace("_", " ")),
            _("Make the texts the same, or take “common” out."),
        )


def _criterion(
    loaded: Loaded,
    known: Known,
    source: Source,
    at: Steps,
    *,
    criterion: Item,
    theme: Item,
    keys: set[str],
) -> None:
    theme_id, slug = theme.get("id", "?"), criterion.get("id", "")
    known.criteria.add(f"{theme_id}/{slug}")
    if _RESERVED.fullmatch(slug):
        source.fault(
            (*at, "id"),
            _("The criterion is called “%(id)s”.", id=slug),
            _("d1, e1 and c1 are the identifiers of detailed questions, evidence and checks."),
            _("Name it after its aspect."),
        )
    for n, key in enumerate(criterion.get("questions", [])):
        if key not in keys:
            _no_such(
                source,
                (*at, "questions", n),
                "question",
                key,
                allowed=keys,
                remedy=_("Name a published question of this theme."),
            )
    if "weighs" not in criterion and theme.get("strand") == VALUE_FOR_MONEY:
        source.fault(
            at,
            _("The criterion “%(id)s” does not say what it weighs.", id=slug),
            _("In a value-for-money theme each criterion weighs cost or quality."),
            _("Add “weighs: cost” or “weighs: quality”."),
        )
    if "weighs" in criterion and theme.get("strand") != VALUE_FOR_MONEY:
        source.fault(
            (*at, "weighs"),
            _("“weighs” stands in a theme of the strand “%(strand)s”.", strand=theme.get("strand")),
            _("Only criteria of value-for-money themes weigh cost or quality."),
            _("Take it out."),
        )
    if not criterion.get("upper") and not criterion.get("lower"):
        source.fault(
            at,
            _("The criterion “%(id)s” has no descriptor.", id=slug),
            _("A criterion describes the upper column, the lower column, or both."),
            _("Write its “upper” or “lower” descriptors, or take the criterion out."),
        )
    instruments = {i.get("id") for i in loaded.fixed["instruments"].data or []}
    for side in SIDES:
        for n, descriptor in enumerate(criterion.get(side, [])):
            here: Steps = (*at, side, n)
            _references(known, source, here, item=descriptor, theme=theme_id, letter=LETTERS[side])
            for m, name in enumerate(descriptor.get("instruments", [])):
                if name not in instruments:
                    source.fault(
                        (*here, "instruments", m),
                        _("There is no instrument “%(name)s”.", name=name),
                        _("An instrument stands in instruments.yaml."),
                        _("Add it to instruments.yaml, or correct the name."),
                    )


def _references(
    known: Known, source: Source, at: Steps, *, item: Mapping[str, Any], theme: str, letter: str
) -> None:
    """References lie in the theme and column of the text that restates them."""
    for n, ref in enumerate(item.get("source", [])):
        known.refs.add(ref)
        owner, _slash, number = ref.rpartition("/")
        if owner != theme or number[0] != letter:
            source.fault(
                (*at, "source", n),
                _("The reference “%(ref)s” stands in the theme “%(theme)s”.", ref=ref, theme=theme),
                _(
                    "References here lie in the same theme and column: “%(right)s…”.",
                    right=f"{theme}/{letter}",
                ),
                _("Correct the reference, or move the text to where it belongs."),
            )


def _register(loaded: Loaded, known: Known, name: str) -> None:
    """Instruments and faults: each once, on references that a text restates."""
    source = loaded.fixed[name]
    places = known.refs | (known.themes | loaded.kloes.keys() if name == "faults" else set())
    _unique(source, (), source.data or [], "id", name[:-1])
    for n, item in enumerate(source.data or []):
        for m, ref in enumerate(item.get("refs", [])):
            if ref not in places:
                source.fault(
                    (n, "refs", m),
                    _("Nothing here restates “%(ref)s”.", ref=ref),
                    _("References are those of this framework's questions and descriptors."),
                    _("Correct the reference, or take it out."),
                )
        if name == "instruments" and bool(item.get("replaced_by")) == item.get("still", False):
            source.fault(
                (n,),
                _("“%(id)s” has to be either still in place or replaced.", id=item.get("id")),
                _("“still: true” with “replaced_by: []”, or what has taken its place."),
                _("Correct one of the two."),
            )


def _overlaps(loaded: Loaded, known: Known) -> None:
    source = loaded.fixed["framework"]
    for n, overlap in enumerate(loaded.framework.get("overlaps", [])):
        if overlap.get("theme", "") not in known.themes | {""}:
            _no_such(
                source,
                ("overlaps", n, "theme"),
                "theme",
                overlap["theme"],
                allowed=known.themes,
                remedy=_("Correct the reference."),
            )
        other = overlap.get("other", "")
        folder = loaded.folder.parent / other.partition("/")[0]
        if other and not (folder / "framework.yaml").is_file():
            source.fault(
                ("overlaps", n, "other"),
                _("There is no framework beside this one for “%(other)s”.", other=other),
                _("The other framework's source lies in the same place."),
                _("Correct the reference."),
            )
