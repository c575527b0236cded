"""What the values of a column look like: dates and their order, numbers, truth values, people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

#: Texts that stand for nothing.
NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "null", "none", "nil", "#n/a", "(null)", "<null>", "nan"}
)
#: Most distinct values looked at one by one.
LOOKED_AT = 2_000

_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_YMD = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})")
_PARTS = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})")
_MONTH = re.compile(
    r"\d{1,2}([ \-/.])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|january|february|march|"
    r"april|june|july|august|september|october|november|december)\1(\d{4}|\d{2})",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_HOURS = re.compile(r"([T ]| +)\d\d?:\d\d(:\d\d)?(\.\d+)?(Z|[+\-]\d\d:?\d\d)?$")
_CLOCK = re.compile(r"[T ]\d\d?:\d\d")
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?$")

_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_POINTED = re.compile(r"(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|\.\d+")
_COMMAED = re.compile(r"(\d{1,3}([.  ]\d{3})+|\d+)(,\d+)?")
_BOTH = re.compile(r"\d{1,3}(,\d{3})+|\d{1,3}(\.\d{3})+")

TRUE = frozenset({"y", "yes", "true", "t", "1", "-1", "x", "on", "ja", "ydw", "ie"})
FALSE = frozenset({"n", "no", "false", "f", "0", "off", "nein", "nac ydw", "na"})

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")
_PHONE = re.compile(r"(\+44|0)[\d ()\-]{8,14}\d")
_NINO = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]?", re.IGNORECASE)
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)
_NAME = re.compile(r"((mr|mrs|ms|miss|dr|mx)\.? )?[A-Z][a-z'\-]+( [A-Z]\.?)?( [A-Z][A-Za-z'\-]+)+")
_ADDRESS = re.compile(r"(flat )?\d+[a-z]?,? [A-Z][a-z]+.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates as they are written. ``sure`` is false where day and month could change places."""

    forms: tuple[str, ...]  # as of strptime, the usual one first
    share: float
    timed: bool
    sure: bool
    others: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether they are written year-month-day, as a program writes them."""
        return all(f.startswith("%Y-%m-%d") for f in self.forms)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers as they are written."""

    share: float
    whole: bool
    decimals: int
    thousands: str
    decimal: str
    negative: str  # "", "-", "brackets", "trailing", "crdr"
    currency: str
    least: Decimal
    most: Decimal
    sure: bool = True

    @property
    def plain(self) -> bool:
        """Whether they are written as a program writes them."""
        return self.thousands == "" and self.decimal == "." and self.currency == "" and (
            self.negative in ("", "-")
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the values of one column, from the rows that were read."""

    rows: int
    filled: int
    distinct: int
    counts: Mapping[str, int]
    dates: Dates | None
    numbers: Numbers | None
    truth: Mapping[str, bool] | None
    personal: str | None
    longest: int
    unique: bool
    samples: tuple[str, ...] = ()
    #: Texts that stand for an empty cell, unless one of our codes is called so.
    nothing: Mapping[str, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return self.filled == 0

    @property
    def share_filled(self) -> float:
        """Share of the rows with a value."""
        return self.filled / self.rows if self.rows else 0.0


def as_text(value: Any) -> str:
    """A cell as text: an empty cell is an empty text, a whole number has no point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def profile(values: Iterable[Any]) -> Profile:
    """Look at the values of a column."""
    texts = [as_text(v) for v in values]
    counts = Counter(t for t in texts if t.lower() not in NOTHING)
    filled = sum(counts.values())
    seen = list(counts)[:LOOKED_AT]
    usual = [v for v, _ in counts.most_common(5)]
    dates = _dates(seen)
    return Profile(
        rows=len(texts),
        filled=filled,
        distinct=len(counts),
        counts=MappingProxyType(counts),
        dates=dates,
        numbers=_numbers(seen),
        truth=_truth(counts),
        personal=None if dates and dates.share > 0.5 else _personal(seen),
        longest=max(map(len, seen), default=0),
        unique=filled > 1 and len(counts) == filled,
        samples=tuple(usual[:4]),
        nothing=MappingProxyType(Counter(t for t in texts if t and t.lower() in NOTHING)),
    )


def _dates(seen: Sequence[str]) -> Dates | None:
    forms: Counter[str] = Counter()
    parts: dict[str, list[int]] = {}
    timed = 0
    for text in seen:
        form = _form(text, parts)
        if form:
            forms[form] += 1
            timed += bool(_CLOCK.search(text) and not _MIDNIGHT.search(text))
    if not forms:
        return None
    share = sum(forms.values()) / len(seen)
    sure, swapped = True, False
    firsts = max((p[0] for p in parts.values()), default=0)
    seconds = max((p[1] for p in parts.values()), default=0)
    if parts:
        swapped = seconds > 12 >= firsts
        sure = (firsts > 12) != (seconds > 12)
    found = [f for f, _ in forms.most_common(4)]
    ordered = tuple(dict.fromkeys(_ordered(f, swapped) for f in found))
    other = None if sure else tuple(dict.fromkeys(_ordered(f, not swapped) for f in found))
    return Dates(ordered, share, timed > 0, sure, other or ())


def _ordered(form: str, swapped: bool) -> str:
    first, second = ("%m", "%d") if swapped else ("%d", "%m")
    return form.replace("?1", first).replace("?2", second)


def _form(text: str, parts: dict[str, list[int]]) -> str | None:
    """The form of one date as of ``strptime``; where it begins with day or month, ``?1``."""
    if not text[:1].isdigit() or len(text) > 35:
        return None
    clock = _HOURS.search(text)
    tail = ""
    day = text
    if clock:
        day = text[: clock.start()]
        tail = clock[1] + "%H:%M" + (":%S" if clock[2] else "") + (".%f" if clock[3] else "")
    if match := _ISO.fullmatch(day):
        return "%Y-%m-%d" + tail
    if match := _PARTS.fullmatch(day):
        a, b = int(match[1]), int(match[3])
        if not (1 <= min(a, b) <= 12 and max(a, b) <= 31):
            return None
        seen = parts.setdefault(match[2], [0, 0])
        seen[0], seen[1] = max(seen[0], a), max(seen[1], b)
        year = "%Y" if len(match[4]) == 4 else "%y"
        return f"?1{match[2]}?2{match[2]}{year}{tail}"
    if match := _YMD.fullmatch(day):
        return f"%Y{match[2]}%m{match[2]}%d{tail}"
    if match := _MONTH.fullmatch(day):
        year = "%Y" if len(match[3]) == 4 else "%y"
        return f"%d{match[1]}{'%b' if len(match[2]) == 3 else '%B'}{match[1]}{year}{tail}"
    return "%Y%m%d" if _COMPACT.fullmatch(text) else None


def _numbers(seen: Sequence[str]) -> Numbers | None:
    values: list[Decimal] = []
    negatives: Counter[str] = Counter()
    currency = ""
    pointed = commaed = both = grouped = 0
    decimals = 0
    bodies: list[tuple[str, bool]] = []
    for text in seen:
        body, sign, money = _bare(text)
        if sign:
            negatives[sign] += 1
        if money:
            currency = money
        is_pointed, is_commaed = bool(_POINTED.fullmatch(body)), bool(_COMMAED.fullmatch(body))
        if not (is_pointed or is_commaed):
            continue
        if "," in body or (is_commaed and not is_pointed):
            grouped += 1
        if is_pointed and is_commaed and _BOTH.fullmatch(body):
            both += 1
        pointed += is_pointed
        commaed += is_commaed
        bodies.append((body, bool(sign) and sign != "dr"))
    if not bodies:
        return None
    english = pointed >= commaed
    thousands = ""
    for body, negative in bodies:
        text = body
        if english:
            if "," in text:
                thousands = ","
            text = text.replace(",", "")
        else:
            for mark in (".", " ", " "):
                if mark in text:
                    thousands = mark
                text = text.replace(mark, "")
            text = text.replace(",", ".")
        if not _PLAIN.fullmatch(text) and not text.startswith("."):
            continue
        decimals = max(decimals, len(text.partition(".")[2]))
        values.append(-Decimal(text) if negative else Decimal(text))
    if not values:
        return None
    sign = negatives.most_common(1)[0][0] if negatives else ""
    return Numbers(
        share=len(values) / len(seen),
        whole=decimals == 0 or all(v == v.to_integral_value() for v in values),
        decimals=decimals,
        thousands=thousands,
        decimal="." if english else ",",
        negative="crdr" if sign in ("cr", "dr") else sign,
        currency=currency,
        least=min(values),
        most=max(values),
        sure=both == 0 or both < grouped or pointed != commaed,
    )


def _bare(text: str) -> tuple[str, str, str]:
    """Digits with their marks, how the sign was written, and the sign of the currency."""
    body, sign, money = text.strip(), "", ""
    upper = body.upper()
    if upper.endswith((" CR", " DR")) or re.fullmatch(r".*\d(CR|DR)", upper):
        sign, body = upper[-2:].lower(), body[:-2].strip()
    if body.startswith("(") and body.endswith(")"):
        sign, body = "brackets", body[1:-1].strip()
    if body.endswith("-") and len(body) > 1:
        sign, body = "trailing", body[:-1].strip()
    for mark in ("£", "€", "GBP"):
        if mark in body:
            money, body = mark, body.replace(mark, "").strip()
    if body.startswith(("-", "−")):
        sign, body = "-", body[1:].strip()
    elif body.startswith("+"):
        body = body[1:].strip()
    return body, sign, money


def _truth(counts: Mapping[str, int]) -> Mapping[str, bool] | None:
    if not counts or len(counts) > 4:
        return None
    found: dict[str, bool] = {}
    for text in counts:
        word = text.lower()
        if word in TRUE:
            found[text] = True
        elif word in FALSE:
            found[text] = False
        else:
            return None
    return MappingProxyType(found)


_PERSONAL = (
    ("e-mail", _MAIL, 0.5),
    ("national insurance number", _NINO, 0.5),
    ("telephone", _PHONE, 0.6),
    ("postcode", _POSTCODE, 0.6),
    ("name", _NAME, 0.7),
    ("address", _ADDRESS, 0.7),
)


def _personal(seen: Sequence[str]) -> str | None:
    """What kind of personal data the values look like."""
    some = seen[:200]
    if not some:
        return None
    for kind, pattern, share in _PERSONAL:
        if sum(bool(pattern.fullmatch(t)) for t in some) >= share * len(some):
            if kind == "name" and len(seen) < 15:
                return None
            return kind
    return None
