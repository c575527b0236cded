"""What the answers to a checklist come to, item by item, with how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kloe.assessment.checks.words import ItemAnswer, SampleMethod
from kloe.core.messages import Message, _
from kloe.records.sampling import Estimate, Sample, estimate

COUNTED = (ItemAnswer.YES, ItemAnswer.PARTLY, ItemAnswer.NO)
#: Said wherever a purposive sample is shown.
NO_INTERVAL = _(
    "The cases were chosen for a reason, not by chance: they show what can happen, not how often,"
    " and have no interval."
)
FULL = _("All cases there are were to be looked at: there is no sample, and no interval.")


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers to one item: how many of each, and what they say of the frame."""

    counts: Mapping[str, int]
    estimate: Estimate | None = None
    said: Message | None = None

    @property
    def base(self) -> int:
        """Cases on which there is an answer; those not applicable are left out."""
        return sum(self.counts.get(a, 0) for a in COUNTED)

    @property
    def yes(self) -> int:
        return self.counts.get(ItemAnswer.YES, 0)

    @property
    def answered(self) -> int:
        """Cases with any answer."""
        return sum(self.counts.values())


def tally(
    answers: Iterable[tuple[str | None, str]], method: str = "", sample: Sample | None = None
) -> Tally:
    """Count the answers to one item.

    *Partly* counts as looked at and not as yes. Only a random sample gets an interval.

    :param answers: reference of the case (none for the check as a whole) and answer.
    """
    found = [(ref, answer) for ref, answer in answers if answer]
    counts = Counter(answer for _ref, answer in found)
    by_case = {ref: a for ref, a in found if ref is not None and a in COUNTED}
    if not by_case:
        return Tally(counts)
    if method == SampleMethod.PURPOSIVE:
        return Tally(counts, said=NO_INTERVAL)
    if method == SampleMethod.ALL:
        return Tally(counts, said=FULL)
    if sample is None or method not in {SampleMethod.RANDOM, SampleMethod.STRATIFIED}:
        return Tally(counts)
    drawn = {ref for s in sample.strata for ref in (*s.drawn, *s.reserve)}
    known: dict[str, bool | None] = {
        ref: a == ItemAnswer.YES for ref, a in by_case.items() if ref in drawn
    }
    made = estimate(sample, known)
    return Tally(counts, made, made.message)
