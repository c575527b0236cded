"""What stands out about an assessment's choice of editions."""

from __future__ import annotations

from kloe.core.messages import Message
from kloe.web.assessments.models import Assessment
from kloe.web.library import store


def warnings_for(assessment: Assessment) -> list[Message]:
    """What stands out about the choice of editions: overlaps, and the wrong country."""
    pinned = store.pinned(assessment)
    found: list[Message] = []
    ids = {t.id for t in pinned.themes()}
    pairs: dict[tuple[str, str], int] = {}
    for framework in pinned.frameworks:
        for overlap in framework.overlaps:
            if overlap.theme in ids and overlap.other in ids:
                one, other = sorted(
                    (overlap.theme.rpartition("/")[0], overlap.other.rpartition("/")[0])
                )
                pairs[one, other] = pairs.get((one, other), 0) + 1
    for (one, other), n in sorted(pairs.items()):
        found.append(
            Message(
                "KLOE %(one)s and KLOE %(other)s ask about the same in %(n)d themes: consider "
                "leaving one of the two out.",
                one=one.rpartition("/")[2],
                other=other.rpartition("/")[2],
                n=n,
            )
        )
    where = assessment.landlord.jurisdiction
    for framework in pinned.frameworks:
        if framework.jurisdiction != where:
            found.append(
                Message(
                    "%(title)s was written for %(there)s; the organisation is in %(here)s. Laws "
                    "and bodies it names may not apply: the register beside each criterion says "
                    "what has taken their place.",
                    title=str(framework.title),
                    there=framework.jurisdiction.title(),
                    here=assessment.landlord.get_jurisdiction_display(),
                )
            )
    return found
