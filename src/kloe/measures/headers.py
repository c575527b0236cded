"""What a column of the published workbook holds, told from its heading.

The regulator's workbooks move: headings change place, carry footnote digits, non-breaking
and zero-width spaces, and write the codes of the measures in several ways (``TP01``,
``TP-01``, ``RP02 (1)``, ``RP02 (pt1)``, ``CH02_2_Numerator_LCRA``). The code counts, not the
words around it: the 2024/25 workbook labels the answers to TP05 with the question of TP06.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Population(StrEnum):
    """Whose homes or answers a figure speaks for."""

    LCRA = "LCRA"
    LCHO = "LCHO"
    COMBINED = "combined"
    ALL = "all"


class Role(StrEnum):
    """What a column with a measure's code holds."""

    VALUE = "value"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    VERY_SATISFIED = "very satisfied"
    FAIRLY_SATISFIED = "fairly satisfied"
    NEITHER = "neither"
    FAIRLY_DISSATISFIED = "fairly dissatisfied"
    VERY_DISSATISFIED = "very dissatisfied"


SATISFIED = (Role.VERY_SATISFIED, Role.FAIRLY_SATISFIED)
ANSWERS = (*SATISFIED, Role.NEITHER, Role.FAIRLY_DISSATISFIED, Role.VERY_DISSATISFIED)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds part of a measure."""

    index: int
    heading: str
    measure: str
    role: Role
    population: Population | None


NUMBERS = {"TP": range(1, 13), "RP": range(1, 3), "BS": range(1, 6), "NM": (1,), "CH": (1, 2)}
IN_TWO_PARTS = frozenset({"RP02", "NM01", "CH01", "CH02"})

_SPACES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff\u00ad]+")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_CODE = re.compile(
    r"(?<![A-Za-z])(TP|RP|BS|NM|CH)[\s_.\-]{0,2}(\d\d|\d(?!\d))"
    r"(?:[\s_.\-]*\(?\s*(?:part|pt)?[\s_.\-]*([12])(?![0-9,])\)?)?",
    re.IGNORECASE,
)
_POPULATION_FIRST = re.compile(r"^\(?(LCRA|LCHO|COMB(?:INED)?)\)?\s*[-:,]", re.I)
_POPULATION_NAMED = re.compile(r"(?<![A-Za-z])(LCRA|LCHO|COMB(?:INED)?)(?![A-Za-z])", re.I)

_NOT_THE_RATE = re.compile(
    r"unweighted|survey method|by method|responses?\)|\?[\d\s,]*$|"
    r"^(?:did|do|what|if|have|has|were|was|please)\b|not applicable|nadk|"
    r"fil?ter_|with(?:out)?_ext",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:number|count|no\.?) of (?:respondents|tenants|people|answers)|\btimescale", re.I
)
_RATE = re.compile(r"\bproportion|\bpercentage|%|\bper 1,?000\b|calculated|\brate\b", re.I)
_ANSWERS = (
    (Role.NEITHER, re.compile(r"neither|not satisfied (?:n?or) dissatisfied|_NSD(?:_|$)", re.I)),
    (
        Role.VERY_DISSATISFIED,
        re.compile(r"(?:very|strongly) (?:dissatisfied|disagree)|_VD(?:_|$)", re.I),
    ),
    (
        Role.FAIRLY_DISSATISFIED,
        re.compile(r"(?:fairly|tend(?:ing)? to) (?:dissatisfied|disagree)|_FD(?:_|$)", re.I),
    ),
    (Role.VERY_SATISFIED, re.compile(r"(?:very|strongly) (?:satisfied|agree)|_VS(?:_|$)", re.I)),
    (
        Role.FAIRLY_SATISFIED,
        re.compile(r"(?:fairly|tend(?:ing)? to) (?:satisfied|agree)|_FS(?:_|$)", re.I),
    ),
)


def plain(value: Any) -> str:
    """A cell's words with odd spaces, dashes and quotes made ordinary."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = unicodedata.normalize("NFKC", str(value))
    text = _DASHES.sub("-", text).replace("\u2019", "'").replace("\u2018", "'")
    return _SPACES.sub(" ", text).strip()


def measure_code(words: str) -> str | None:
    """The code of the measure the words name, in the one style used here, or None.

    >>> measure_code("Gas safety checks (bs-01)4"), measure_code("RP02 (pt1) Numerator")
    ('BS01', 'RP02 1')
    """
    for found in _CODE.finditer(words):
        family, number, part = found[1].upper(), int(found[2]), found[3]
        if number not in NUMBERS[family]:
            continue
        code = f"{family}{number:02d}"
        if code not in IN_TWO_PARTS:
            return code
        part = part or _part_in_words(code, words.lower())
        if part:
            return f"{code} {part}"
    return None


def _part_in_words(code: str, low: str) -> str | None:
    """Which part of a measure in two parts is meant where no number says it."""
    if code == "RP02":
        if "non-emergency" in low or "non emergency" in low:
            return "1"
        return "2" if "emergency" in low else None
    if code == "NM01":
        return "2" if "hate" in low else "1"
    if re.search(r"stage (?:two|2)\b", low):
        return "2"
    return "1" if re.search(r"stage (?:one|1)\b", low) else None


def population_of(words: str) -> Population | None:
    """The population a heading or a sheet's name names: the one before a dash, or the only one.

    "LCRA + LCHO" names two and so none: such a figure speaks for all homes.
    """
    first = _POPULATION_FIRST.search(words)
    named = {name.upper()[:4] for name in _POPULATION_NAMED.findall(words.replace("_", " "))}
    name = first[1].upper()[:4] if first else named.pop() if len(named) == 1 else ""
    return Population.COMBINED if name == "COMB" else Population(name) if name else None


def column_of(index: int, cell: Any) -> Column | None:
    """The part of a measure a column holds, or None where it holds none."""
    heading = plain(cell)
    code = measure_code(heading)
    if code is None:
        return None
    role = _role(heading)
    if role is None:
        return None
    return Column(index, heading, code, role, population_of(heading))


def _role(heading: str) -> Role | None:
    low = heading.lower()
    if "numerator" in low:
        return Role.NUMERATOR
    if "denominator" in low:
        return Role.DENOMINATOR
    if _NOT_THE_RATE.search(heading):
        return None
    rate = _RATE.search(heading)
    for role, pattern in _ANSWERS:
        if pattern.search(heading):
            return None if rate else role
    if _COUNT.search(heading) and not rate:
        return None
    return Role.VALUE


def says_rate(heading: str) -> bool:
    """Whether a heading says outright that it holds the rate (of two, this one is taken)."""
    return bool(_RATE.search(heading))


# What is known about a landlord and about how its figures were made. First match counts.
_ABOUT = {
    "name": r"^(?:registered )?(?:landlord|provider|rp|organisation)(?:'s)?[ _]?name\b|"
    r"^(?:registered )?(?:landlord|provider)$|^name of (?:the )?(?:landlord|provider)",
    "code": r"^(?:registered )?(?:landlord|provider|rp|organisation|registration)"
    r"[ _]?(?:code|number|id|no\.?)\b",
    "type": r"^(?:landlord|provider|rp|organisation)[ _]?type\b",
    "size": r"\b(?:landlord|provider|rp|group)\b.*\bsize\b",
    "region": r"\bregion\b",
    "supported": r"supported housing",
    "note": r"\bnotes? from rsh|additional notes?\b",
}
_CONTEXT = {
    "population": r"tenant population size",
    "sample required": r"required minimum sample",
    "sample achieved": r"total sample size",
    "margin of error": r"margin of error",
    "sample or census": r"^sample or census",
    "collection method": r"predominant collection method",
    "weighted": r"^were weighted responses used",
    "target non-emergency": r"^what is your .*target timescale for non-? ?emergency",
    "target emergency": r"^what is your .*target timescale for emergency",
    "several targets non-emergency": r"^did you have more than one .*non-? ?emergency",
    "several targets emergency": r"^did you have more than one .*timescale for emergency",
}
ABOUT = {name: re.compile(pattern, re.I) for name, pattern in _ABOUT.items()}
CONTEXT = {name: re.compile(pattern, re.I) for name, pattern in _CONTEXT.items()}


def about_of(cell: Any) -> str | None:
    """Which fact about the landlord a column holds (``name``, ``code``, ``type`` ...)."""
    heading = plain(cell)
    return next((name for name, p in ABOUT.items() if heading and p.search(heading)), None)


def context_of(cell: Any) -> str | None:
    """Which circumstance of the figures a column holds (sample, method, targets ...)."""
    heading = plain(cell)
    return next((name for name, p in CONTEXT.items() if heading and p.search(heading)), None)
