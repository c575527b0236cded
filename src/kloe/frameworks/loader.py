"""The YAML source of a framework: which files there are, and the shape of each.

    <id>/framework.yaml   the edition, its scales, its overlaps with other editions
    <id>/rules.yaml       grading rules: ours, and editable
    <id>/instruments.yaml laws, bodies, standards and schemes the texts name
    <id>/faults.yaml      known faults of the published texts
    <id>/<number>.yaml    one file for each KLOE
    <id>/<any>.<language>.yaml   translations of the texts of <any>.yaml, by identifier

``validate.py`` says what is wrong with what was read, ``compile.py`` what it comes to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.frameworks.source import (
    FLAG,
    SHARE,
    WHOLE,
    Choice,
    Fault,
    ListOf,
    MapOf,
    Matching,
    Nullable,
    Record,
    Source,
    Text,
    read,
)
from kloe.frameworks.words import (
    CHECK_KINDS,
    EVIDENCE_KINDS,
    EXTENTS,
    FORMS,
    INSTRUMENT_KINDS,
    JUDGEMENTS,
    JURISDICTIONS,
    NATURES,
    POLARITIES,
    SIDES,
    STRANDS,
    WEIGHS,
)

TEXT = Text()
SLUG = Matching(r"[a-z0-9]+(-[a-z0-9]+)*", _("A slug: lower-case words joined by hyphens."))
KLOE_ID = Matching(r"\d+(\.\d+)?", _('A KLOE\'s number, such as "1.2".'))
THEME_ID = Matching(r"\d+(\.\d+)?/\d+", _('A theme\'s number, such as "1.2/3".'))
CRITERION_ID = Matching(
    r"\d+(\.\d+)?/\d+/[a-z0-9-]+", _('A criterion\'s identifier, such as "1.2/3/account-set-up".')
)
FOREIGN_THEME = Matching(
    r"[a-z0-9-]+/\d+(\.\d+)?/\d+", _('Another framework\'s theme: "wao-housing-2005/2.2/3".')
)
QUESTION_KEY = Matching(r"Q\d+", _("A question's key, such as Q1."))
MAIN_KEY = Matching(r"M\d+", _("A main question's key, such as M1."))
REF = Matching(r"\d+(\.\d+)?/\d+/[QES]\d+", _('A reference of the register, such as "1.2/3/E2".'))
PLACE = Matching(
    r"\d+(\.\d+)?(/\d+(/[QES]\d+)?)?",
    _('A KLOE, theme or reference of the register: "2.2", "2.3/5".'),
)
DATE = Matching(
    r"\d{4}(-\d\d(-\d\d)?)?", _('A year, month or day: "2005", "2005-11", "2005-11-30".')
)
LANGUAGE = Matching(r"[a-z]{2,3}(-[A-Za-z]+)?", _("A language code, such as en or cy."))
REFS = ListOf(REF)
EVIDENCE_KIND = Choice(EVIDENCE_KINDS)

DESCRIPTOR = Record(
    _("a descriptor"),
    {
        "source": ListOf(REF, 1, _("Name the published statement it restates.")),
        "polarity": Choice(POLARITIES),
        "nature": Choice(NATURES),
        "text": TEXT,
    },
    {"decisive": EVIDENCE_KIND, "instruments": ListOf(SLUG)},
)
CRITERION = Record(
    _("a criterion"),
    {"id": SLUG, "title": TEXT, "questions": ListOf(QUESTION_KEY, 1)},
    {
        "common": SLUG,
        "weighs": Choice(WEIGHS),
        "upper": ListOf(DESCRIPTOR),
        "lower": ListOf(DESCRIPTOR),
    },
)
THEME = Record(
    _("a theme"),
    {
        "id": THEME_ID,
        "title": TEXT,
        "strand": Choice(STRANDS),
        "questions": ListOf(
            Record(
                _("a question"),
                {"id": QUESTION_KEY, "source": ListOf(REF, 1), "text": TEXT},
            ),
            1,
        ),
        "criteria": ListOf(CRITERION, 1),
        "detailed_questions": ListOf(
            Record(
                _("a detailed question"), {"question": QUESTION_KEY, "text": TEXT}, {"common": SLUG}
            ),
            3,
        ),
        "evidence": ListOf(
            Record(
                _("a suggested piece of evidence"),
                {"kind": EVIDENCE_KIND, "text": TEXT},
                {"criteria": ListOf(SLUG), "common": SLUG},
            ),
            3,
        ),
        "reality_checks": ListOf(
            Record(
                _("a reality check"),
                {
                    "kind": Choice(CHECK_KINDS),
                    "claim": TEXT,
                    "how_many": WHOLE,
                    "sample": TEXT,
                    "criteria": ListOf(SLUG, 1),
                },
                {"common": SLUG},
            ),
            3,
        ),
    },
)
KLOE_FILE = Record(
    _("a KLOE"),
    {
        "id": KLOE_ID,
        "title": TEXT,
        "judgement": Choice(JUDGEMENTS),
        "about": TEXT,
        "covers": ListOf(TEXT, 1),
        "themes": ListOf(THEME, 1),
    },
    {
        "also_numbered": ListOf(KLOE_ID),
        "main_questions": ListOf(
            Record(
                _("a main question"),
                {"id": MAIN_KEY, "title": TEXT, "text": TEXT, "themes": ListOf(THEME_ID, 1)},
            )
        ),
    },
)
FRAMEWORK_FILE = Record(
    _("a framework"),
    {
        "id": SLUG,
        "title": TEXT,
        "publisher": TEXT,
        "edition": TEXT,
        "published": DATE,
        "status": TEXT,
        "jurisdiction": Choice(tuple(JURISDICTIONS)),
        "language": LANGUAGE,
        "url_note": TEXT,
        "leading": FLAG,
        "kloes": ListOf(KLOE_ID, 1),
        "scales": ListOf(
            Record(
                _("a scale"),
                {
                    "judgement": Choice(JUDGEMENTS),
                    "question": TEXT,
                    "grades": ListOf(
                        Record(
                            _("a grade"), {"key": SLUG, "label": TEXT}, {"describes": Choice(SIDES)}
                        ),
                        2,
                    ),
                },
            ),
            1,
        ),
    },
    {
        "overlaps": ListOf(
            Record(
                _("an overlap"),
                {
                    "theme": THEME_ID,
                    "other": FOREIGN_THEME,
                    "extent": Choice(EXTENTS),
                    "note": TEXT,
                },
            )
        )
    },
)
INSTRUMENTS_FILE = ListOf(
    Record(
        _("an instrument"),
        {
            "id": SLUG,
            "name": TEXT,
            "kind": Choice(INSTRUMENT_KINDS),
            "was": TEXT,
            "refs": REFS,
            "replaced_by": ListOf(
                Record(
                    _("a replacement"),
                    {"jurisdiction": Choice(tuple(JURISDICTIONS)), "from": DATE, "by": TEXT},
                    {"note": TEXT},
                )
            ),
        },
        {"abbreviation": Nullable(TEXT), "still": FLAG},
    )
)
FAULTS_FILE = ListOf(
    Record(_("a fault"), {"id": SLUG, "refs": ListOf(PLACE), "fault": TEXT, "treatment": TEXT})
)
NEED = Record(
    _("a need"),
    {},
    {
        "share_at_least": SHARE,
        "share_at_most": SHARE,
        "share_under": SHARE,
        "none_at": WHOLE,
        "none_below": SLUG,
        "level": WHOLE,
        "grade": SLUG,
        "of": ListOf(Choice(FORMS), 1),
    },
)
LADDER = Record(
    _("a ladder"),
    {
        "least_coverage": SHARE,
        "steps": ListOf(Record(_("a step"), {"grade": SLUG}, {"needs": ListOf(NEED, 1)}), 2),
    },
)
ANSWERS = ("serious", "known", "planned", "resourced")
RULES_FILE = Record(
    _("the rules"),
    {
        "about": TEXT,
        "levels": MapOf(MapOf(WHOLE), FORMS),
        "judgements": MapOf(
            Record(
                _("the rules of a judgement"),
                {"theme": LADDER, "overall": LADDER},
                {
                    "kloe": LADDER,
                    "main_question": LADDER,
                    "apart": ListOf(
                        Record(
                            _("a strand graded apart"),
                            {
                                "strand": Choice(STRANDS),
                                "sides": ListOf(Choice(WEIGHS), 2),
                                "least_coverage": SHARE,
                                "reason": TEXT,
                            },
                        )
                    ),
                    "weaknesses": ListOf(
                        Record(
                            _("a rule on weaknesses"),
                            {
                                "id": SLUG,
                                "when": MapOf(FLAG, ANSWERS),
                                "at": SLUG,
                                "reason": TEXT,
                                "source": TEXT,
                            },
                        )
                    ),
                },
            ),
            JUDGEMENTS,
        ),
        "limits": ListOf(
            Record(
                _("a limit"),
                {
                    "id": SLUG,
                    "when": Record(
                        _("what sets a limit off"),
                        {},
                        {
                            "criterion": CRITERION_ID,
                            "at_or_below_level": WHOLE,
                            "theme": THEME_ID,
                            "kloe": KLOE_ID,
                            "below": SLUG,
                        },
                    ),
                    "caps": Record(
                        _("what a limit caps"),
                        {},
                        {"theme": THEME_ID, "kloe": KLOE_ID, "judgement": Choice(JUDGEMENTS)},
                    ),
                    "at": SLUG,
                    "reason": TEXT,
                    "source": TEXT,
                },
                {"refs": REFS},
            )
        ),
    },
)
TRANSLATION_FILE = MapOf(TEXT)

FIXED = {
    "framework": FRAMEWORK_FILE,
    "rules": RULES_FILE,
    "instruments": INSTRUMENTS_FILE,
    "faults": FAULTS_FILE,
}


@dataclass(slots=True)
class Loaded:
    """A framework's source as read: the fixed files, the KLOEs by number, the translations."""

    folder: Path
    fixed: dict[str, Source] = field(default_factory=dict)
    kloes: dict[str, Source] = field(default_factory=dict)
    translations: list[tuple[str, Source]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def framework(self) -> dict[str, Any]:
        return self.fixed["framework"].data or {}


def sources(root: Path) -> tuple[Path, ...]:
    """The folders of framework sources in ``root`` (or ``root`` itself, being one)."""
    if (root / "framework.yaml").is_file():
        return (root,)
    found = tuple(sorted(p.parent for p in root.glob("*/framework.yaml")))
    if not found:
        raise NotFound(
            _("There is no framework source in %(path)s.", path=root),
            _("A framework is a folder with framework.yaml, rules.yaml and a file for each KLOE."),
            _("Give the path of such a folder, or of one that holds several."),
        )
    return found


def read_source(folder: Path) -> Loaded:
    """Read every file of a framework's folder; faults of form are in ``faults``."""
    loaded = Loaded(folder)
    for name, shape in FIXED.items():
        loaded.fixed[name] = read(
            folder / f"{name}.yaml", shape, loaded.faults, f"{folder.name}/{name}.yaml"
        )
    listed = loaded.framework.get("kloes", [])
    for number in listed:
        if number not in loaded.kloes:
            loaded.kloes[number] = read(
                folder / f"{number}.yaml", KLOE_FILE, loaded.faults, f"{folder.name}/{number}.yaml"
            )
    for path in sorted(folder.glob("*.y*ml")):
        stem = path.name.rpartition(".")[0]
        if path.suffix == ".yaml" and (stem in FIXED or stem in loaded.kloes):
            continue
        base, dot, language = stem.rpartition(".")
        shown = f"{folder.name}/{path.name}"
        translation = dot and LANGUAGE.matches(language) and path.suffix == ".yaml"
        if translation and (base in FIXED or base in loaded.kloes):
            source = read(path, TRANSLATION_FILE, loaded.faults, shown)
            loaded.translations.append((language, source))
            continue
        loaded.faults.append(
            Fault(
                shown,
                1,
                _("The file belongs to nothing."),
                _("KLOEs listed in framework.yaml: %(kloes)s.", kloes=", ".join(listed)),
                _("List its number under “kloes” in framework.yaml, rename it, or delete it."),
            )
        )
    return loaded
