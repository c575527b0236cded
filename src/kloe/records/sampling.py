"""Random samples that anybody can draw again: the same frame and seed give the same cases.

No generator of random numbers is used, whose sequence may differ between versions: each case
is put in order by SHA-256 of seed, stratum and reference, and the first ones are taken. That
is a simple random sample without replacement within each stratum for anybody who cannot choose
the seed knowing the references; so the seed is drawn before the frame is looked at, or agreed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.stats import Interval, sample_interval, size_for

METHOD = "sha256-order/1"
METHOD_IN_WORDS = _(
    "Within each stratum the references are put in order of the SHA-256 of seed, stratum and"
    " reference, each followed by a line feed, in UTF-8, and the first ones are taken; the next"
    " ones in order stand in for cases that cannot be found."
)


@dataclass(frozen=True, slots=True)
class Allotted:
    """A stratum of the frame and what was drawn from it, in the order drawn.

    :param reserve: stand-ins for cases that cannot be found, to be used in this order.
    """

    name: str
    cases: int
    drawn: tuple[str, ...]
    reserve: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as it was drawn, with all that is needed to draw it again.

    :param frame: what it was drawn from, in words.
    :param frame_digest: of all strata and references, sorted.
    """

    frame: str
    frame_digest: str
    cases: int
    size: int
    seed: str
    strata: tuple[Allotted, ...]
    least_per_stratum: int = 0
    method: str = METHOD

    @property
    def refs(self) -> tuple[str, ...]:
        """All cases drawn, stratum by stratum."""
        return tuple(ref for stratum in self.strata for ref in stratum.drawn)

    def as_dict(self) -> dict[str, Any]:
        """For storage."""
        return {
            "frame": self.frame,
            "frame_digest": self.frame_digest,
            "cases": self.cases,
            "size": self.size,
            "seed": self.seed,
            "least_per_stratum": self.least_per_stratum,
            "method": self.method,
            "strata": [
                {"name": s.name, "cases": s.cases, "drawn": [*s.drawn], "reserve": [*s.reserve]}
                for s in self.strata
            ],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Sample:
        """As it was stored."""
        strata = tuple(
            Allotted(s["name"], s["cases"], tuple(s["drawn"]), tuple(s["reserve"]))
            for s in value["strata"]
        )
        return cls(
            value["frame"], value["frame_digest"], value["cases"], value["size"], value["seed"],
            strata, value["least_per_stratum"], value["method"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sample says of its frame.

    :param found: cases looked at that did or did not count; those without an answer are left
        out of it and stand in ``unanswered``.
    :param silent: strata from which there is no answer; the estimate does not speak for them.
    """

    interval: Interval
    found: int
    counted: int
    unanswered: int
    silent: tuple[str, ...]
    message: Message


def new_seed() -> str:
    """A seed nobody chose: 128 bits from the operating system, as hexadecimal digits."""
    return secrets.token_hex(16)


def wanted_size(
    cases: int,
    margin: Decimal,
    *,
    confidence: int = 95,
    expected: Decimal | Fraction = Fraction(1, 2),
) -> int:
    """How many of so many cases to draw for a margin (:func:`kloe.core.stats.size_for`)."""
    return size_for(margin, cases, confidence=confidence, share=expected)


def allot(sizes: Mapping[str, int], size: int, *, least: int = 0) -> dict[str, int]:
    """How many to draw from each stratum: in proportion, by largest remainders (Hare quotas).

    A stratum whose quota lies below ``least`` gets ``least``, or all it has; the others share
    the rest in proportion. Equal remainders go to the name that sorts first.

    :raises InvalidInput: where the least per stratum is more than the whole sample.
    """
    total = sum(sizes.values())
    wanted = min(size, total)
    floors = {name: min(least, n) for name, n in sizes.items()}
    if size < 0 or least < 0 or sum(floors.values()) > wanted:
        raise InvalidInput(
            _(
                "A sample of %(size)d with at least %(least)d from each of %(n)d strata.",
                size=size,
                least=least,
                n=len(sizes),
            ),
            _("The least of all strata together is no more than the sample."),
            _("Draw more, or ask for fewer from each stratum."),
        )
    fixed: dict[str, int] = {}
    while True:
        free = {name: n for name, n in sizes.items() if name not in fixed}
        rest = wanted - sum(fixed.values())
        base = sum(free.values())
        low = [name for name, n in free.items() if base and rest * n < floors[name] * base]
        if not low:
            break
        fixed |= {name: floors[name] for name in low}
    quotas = {name: Fraction(rest * n, base) if base else Fraction(0) for name, n in free.items()}
    given = {name: int(quota) for name, quota in quotas.items()}
    left = rest - sum(given.values())
    for name in sorted(given, key=lambda name: (given[name] - quotas[name], name))[:left]:
        given[name] += 1
    return {name: (fixed | given)[name] for name in sorted(sizes)}


def draw(
    cases: Iterable[str] | Iterable[tuple[str, str]],
    size: int,
    *,
    seed: str,
    frame: str = "",
    least: int = 0,
    reserve: int = 0,
) -> Sample:
    """A random sample of the cases, the same on every machine and version.

    :param cases: references, or pairs of stratum and reference, in any order, each once.
    :param size: how many to draw; all where there are fewer.
    :param least: at least so many from each stratum, or all it has.
    :param reserve: how many stand-ins to keep for each stratum.
    :raises InvalidInput: where a reference stands twice.
    """
    strata: dict[str, list[str]] = {}
    for case in cases:
        stratum, ref = ("", case) if isinstance(case, str) else case
        strata.setdefault(stratum, []).append(ref)
    for refs in strata.values():
        if len(set(refs)) != len(refs):
            twice = min(ref for ref, n in Counter(refs).items() if n > 1)
            raise InvalidInput(
                _("The reference %(ref)s stands twice in the frame.", ref=twice),
                _("Every case has the same chance, so it stands once."),
                _("Take each case once before drawing."),
            )
    shares = allot({name: len(refs) for name, refs in strata.items()}, size, least=least)
    allotted = []
    for name, n in shares.items():
        order = sorted(strata[name], key=lambda ref: (_place(seed, name, ref), ref))
        allotted.append(Allotted(name, len(order), tuple(order[:n]), tuple(order[n : n + reserve])))
    digest = value_digest(sorted([name, ref] for name, refs in strata.items() for ref in refs))
    total = sum(s.cases for s in allotted)
    return Sample(
        frame, digest, total, sum(len(s.drawn) for s in allotted), seed, tuple(allotted), least
    )


def redrawn(sample: Sample, cases: Iterable[str] | Iterable[tuple[str, str]]) -> bool:
    """Whether the frame and seed give exactly this sample: what an auditor asks."""
    given = [("", case) if isinstance(case, str) else case for case in cases]
    reserve = max((len(s.reserve) for s in sample.strata), default=0)
    again = draw(
        given, sample.size, seed=sample.seed, frame=sample.frame,
        least=sample.least_per_stratum, reserve=reserve,
    )  # fmt: skip
    return again == sample


def replaced(sample: Sample, not_found: Collection[str]) -> tuple[tuple[str, str | None], ...]:
    """For each case that cannot be found the next stand-in of its stratum, or None.

    Stand-ins that cannot be found either are passed over. Who could not be found may differ
    from who could; the answer's report says how many there were.
    """
    missing = set(not_found)
    pairs: list[tuple[str, str | None]] = []
    for stratum in sample.strata:
        spare = [ref for ref in stratum.reserve if ref not in missing]
        for ref in stratum.drawn:
            if ref in missing:
                pairs.append((ref, spare.pop(0) if spare else None))
    return tuple(pairs)


def estimate(
    sample: Sample, answers: Mapping[str, bool | None], *, confidence: int = 95
) -> Estimate:
    """The rate in the frame, from the answers of the cases looked at.

    Strata are weighted by their cases (Cochran 1977, section 5.3). Unequal weights cost
    sureness: the size is divided by ``n * sum(W^2 / n_h)`` (Kish, Survey Sampling, 1965,
    section 11.7), and the interval is Wilson's at that size with the finite population.

    :param answers: by reference of drawn cases and stand-ins: whether it counts, None if that
        could not be told.
    :raises InvalidInput: for an answer about a case that is not of the sample.
    """
    known = {ref for s in sample.strata for ref in (*s.drawn, *s.reserve)}
    strange = sorted(set(answers) - known)
    if strange:
        raise InvalidInput(
            _("%(ref)s is not a case of this sample.", ref=strange[0]),
            _("Only cases that were drawn, and their stand-ins, speak for the frame."),
            _("Leave it out, or draw a larger sample."),
        )
    heard: list[tuple[int, int, int]] = []
    silent: list[str] = []
    for stratum in sample.strata:
        told = [answers.get(ref) for ref in (*stratum.drawn, *stratum.reserve)]
        n = sum(a is not None for a in told)
        if n:
            heard.append((stratum.cases, n, sum(a is True for a in told)))
        elif stratum.cases:
            silent.append(stratum.name)
    n, x = sum(h[1] for h in heard), sum(h[2] for h in heard)
    unanswered = sum(a is None for a in answers.values())
    if not n:
        return Estimate(
            Interval(None, None, None, confidence), 0, 0, unanswered, tuple(silent),
            _("There is no answer yet."),
        )  # fmt: skip
    interval = _weighted(heard, confidence)
    return Estimate(interval, n, x, unanswered, tuple(silent), _told(interval, n, x, silent))


def _weighted(heard: Sequence[tuple[int, int, int]], confidence: int) -> Interval:
    cases = sum(c for c, _n, _x in heard)
    n = sum(h[1] for h in heard)
    rate = sum((Fraction(c, cases) * Fraction(x, k) for c, k, x in heard), Fraction(0))
    effect = n * sum((Fraction(c, cases) ** 2 / k for c, k, _x in heard), Fraction(0))
    size = n / effect if n < cases else Fraction(cases)
    with localcontext(Context(prec=34)):
        return sample_interval(
            Decimal(rate.numerator) / rate.denominator,
            Decimal(size.numerator) / size.denominator,
            population=cases,
            confidence=confidence,
        )


def _told(interval: Interval, n: int, x: int, silent: Sequence[str]) -> Message:
    params = {
        "x": x,
        "n": n,
        "low": _percent(interval.low),
        "high": _percent(interval.high),
        "confidence": interval.confidence,
    }
    if silent:
        return _(
            "%(x)d of %(n)d cases looked at; among all, between %(low)s and %(high)s per cent"
            " (at %(confidence)d per cent confidence), not counting strata without an answer:"
            " %(silent)s.",
            silent=", ".join(silent),
            **params,
        )
    return _(
        "%(x)d of %(n)d cases looked at; among all, between %(low)s and %(high)s per cent (at"
        " %(confidence)d per cent confidence).",
        **params,
    )


def _percent(value: Decimal | None) -> str:
    return "" if value is None else f"{(value * 100).quantize(Decimal('0.1')):f}"


def _place(seed: str, stratum: str, ref: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{stratum}\n{ref}\n".encode()).digest()
