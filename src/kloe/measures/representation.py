"""Whether a group has its share: of a board, a panel, the staff, against those it is there for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kloe.core.messages import Message, _
from kloe.core.stats import Interval, ratio_to_known

#: The four-fifths band: within it a share is like the population's. The lower bound is the rule
#: of the US Uniform Guidelines on Employee Selection Procedures (1978, section 4D); the upper
#: mirrors it. A convention, so a setting.
BAND = (Decimal("0.8"), Decimal("1.2"))


class Share(StrEnum):
    """What can be said of a group's share."""

    UNDER = "under"
    LIKE = "like"
    OVER = "over"
    CANNOT_TELL = "cannot tell"
    NOT_THERE = "not there"

    @property
    def words(self) -> Message:
        return _SHARES[self]


_SHARES = {
    Share.UNDER: _("fewer than its share"),
    Share.LIKE: _("about its share"),
    Share.OVER: _("more than its share"),
    Share.CANNOT_TELL: _("too few to tell"),
    Share.NOT_THERE: _("none in the population"),
}


@dataclass(frozen=True, slots=True)
class Represented:
    """A group's share among members over its share of the population, with its interval.

    :param expected: how many members there would be at the population's share.
    """

    group: str
    members: int
    of_members: int
    population: int
    of_population: int
    ratio: Interval
    expected: Decimal
    share: Share
    message: Message


def represented(
    members: Mapping[str, int],
    population: Mapping[str, int],
    *,
    confidence: int = 95,
    band: tuple[Decimal, Decimal] = BAND,
) -> tuple[Represented, ...]:
    """Each group's share among the members against its share of the population.

    The population is counted in full, so its share is known; the members' share carries the
    interval (:func:`kloe.core.stats.ratio_to_known`). *Fewer* and *more* are only said where
    the whole interval lies outside the band, *about its share* where it lies inside; anything
    else is *too few to tell*. With a board of nine that is nearly everything, rightly.

    :param members: how many of each group sit in the body; those who did not say as a group.
    :param population: the same groups among those the body is there for.
    :param band: the least and most ratio that counts as about its share.
    """
    of_members, of_population = sum(members.values()), sum(population.values())
    found = []
    for group in sorted({*members, *population}):
        x, base = members.get(group, 0), population.get(group, 0)
        if of_members and of_population:
            ratio = ratio_to_known(x, of_members, base, of_population, confidence=confidence)
            expected = Decimal(of_members) * base / of_population
        else:
            ratio, expected = Interval(None, None, None, confidence), Decimal(0)
        share = _share(ratio, base, of_members, band)
        found.append(
            Represented(
                group, x, of_members, base, of_population, ratio, expected, share,
                _sentence(group, x, of_members, expected, share),
            )
        )  # fmt: skip
    return tuple(found)


def _share(ratio: Interval, base: int, of_members: int, band: tuple[Decimal, Decimal]) -> Share:
    if base == 0:
        return Share.NOT_THERE
    if not of_members or ratio.low is None or ratio.high is None:
        return Share.CANNOT_TELL
    return share_of(ratio.low, ratio.high, band)


def share_of(low: Decimal, high: Decimal, band: tuple[Decimal, Decimal] = BAND) -> Share:
    """What can be said of a ratio that lies between two bounds."""
    least, most = band
    if high < least:
        return Share.UNDER
    if low > most:
        return Share.OVER
    if least <= low and high <= most:
        return Share.LIKE
    return Share.CANNOT_TELL


def _sentence(group: str, x: int, n: int, expected: Decimal, share: Share) -> Message:
    return _(
        "%(group)s: %(x)d of %(n)d, where the population's share would give %(expected)s:"
        " %(share)s.",
        group=group,
        x=x,
        n=n,
        expected=f"{expected.quantize(Decimal('0.1')):f}",
        share=share.words,
    )
