"""Peers of a computed figure: the quartiles published for others under the definition it follows.

Any dataset that is loaded serves, whether or not results of the organisation itself stand in it:
its own peer group where it does, all landlords of its type where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from kloe.core.errors import KloeError
from kloe.measures.benchmarks import list_datasets
from kloe.measures.dataset import Dataset, open_dataset
from kloe.measures.definitions import Kind, Measure
from kloe.measures.headers import Population
from kloe.measures.peers import ALL, LEAST_PEERS, PeerGroup
from kloe.measures.positions import Spread, Standing, rounded, standing_of
from kloe.measures.published import Direction, register
from kloe.measures.published import Measure as PublishedMeasure
from kloe.reports import charts
from kloe.web.organisations.models import Organisation
from kloe.web.site.wording import period as period_words

#: Whose homes are spoken of, those to rent first: ours are all homes there are.
ORDER = (Population.LCRA, Population.ALL, Population.COMBINED)
#: A published type of landlord for each kind of organisation; others have all as peers.
TYPES = {
    Organisation.Kind.COUNCIL: "LA",
    Organisation.Kind.ARMS_LENGTH: "LA",
    Organisation.Kind.ASSOCIATION: "PRP",
}


@dataclass(frozen=True)
class Beside:
    """The spread of peers for a measure, and where the computed figure lies in it."""

    measure: PublishedMeasure
    population: Population
    group: PeerGroup
    spread: Spread
    period: str
    source: str
    standing: Standing | None
    how: str

    @property
    def peers(self) -> str:
        """Which landlords."""
        return str(self.group.words)

    @property
    def cuts(self) -> tuple[str, str, str]:
        """Lower quartile, median and upper quartile as people read them."""
        s, places = self.spread, self.measure.decimals
        return rounded(s.q1, places), rounded(s.median, places), rounded(s.q3, places)

    @property
    def unit(self) -> str:
        return str(self.measure.unit.words)

    @property
    def chart(self) -> charts.Peers:
        """The middle half, as a band behind the trend."""
        words = gettext("Middle half of %(n)d peers, %(code)s, %(when)s: %(q1)s to %(q3)s") % {
            "n": self.spread.n,
            "code": self.measure.code,
            "when": self.period,
            "q1": self.cuts[0],
            "q3": self.cuts[2],
        }
        return charts.Peers(words, self.spread.q1, self.spread.median, self.spread.q3)


def beside(organisation: Organisation, measure: Measure, value: str) -> Beside | None:
    """The peers of a measure in the newest dataset that has them; None where there are none.

    :param value: the computed figure, in the measure's unit; empty where none may be shown.
    """
    if measure.kind is not Kind.RATIO:
        return None
    known = {m.code: m for m in register().measures}
    for one in measure.published:
        other = known.get(one.same_as)
        if other is None or other.unit.factor != measure.unit.factor:
            continue
        for info in list_datasets(settings.DATA_DIR):
            found = _quartiles(
                settings.DATA_DIR, info.id, info.digest, other.code,
                organisation.landlord_code, TYPES.get(Organisation.Kind(organisation.kind), ""),
            )  # fmt: skip
            if found is None:
                continue
            population, group, spread = found
            return Beside(
                other,
                population,
                group,
                spread,
                period_words([info.period.start, info.period.end]),
                str(info.source),
                _standing(value, spread, other.direction),
                str(one.how),
            )
    return None


def _standing(value: str, spread: Spread, direction: Direction) -> Standing | None:
    return standing_of(Decimal(value), spread, direction) if value else None


@lru_cache(maxsize=512)
def _quartiles(
    data: Path, dataset: str, digest: str, code: str, landlord: str, kind: str
) -> tuple[Population, PeerGroup, Spread] | None:
    """The peers' spread: read once for each dataset (by digest), code and kind of landlord."""
    try:
        opened = open_dataset(data, dataset)
        for population in ORDER:
            group = _group(opened, code, population, landlord, kind)
            for one in opened.quartiles(code, population, group):
                return population, group, one.spread
    except KloeError:
        # A dataset that cannot be read gives no peers; its own page says what is wrong with it.
        return None
    return None


def _group(
    opened: Dataset, code: str, population: Population, landlord: str, kind: str
) -> PeerGroup:
    if landlord:
        try:
            return opened.peer_group(opened.landlord(landlord), measure=code, population=population)
        except KloeError:
            pass  # Published under another code, or not at all: those of its type.
    if kind:
        group = PeerGroup(type=kind)
        found = opened.quartiles(code, population, group)
        if found and found[0].spread.n >= LEAST_PEERS:
            return group
    return ALL
