"""Computing measures for an assessment, as its analysis page has it done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kloe.assessment.permissions import Permission
from kloe.cli.acting import acting_as, begin, find_assessment
from kloe.cli.common import say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _


def for_assessment(
    data: Path, wanted: str, ids: Sequence[str], *, records: Path | None, email: str
) -> None:
    """Compute measures for an assessment's period and those before it; draw their charts.

    :param records: a set of records other than those loaded for its organisation.
    :raises InvalidInput: where some of several could not be computed.
    """
    begin(data)
    from kloe.records.store import RecordSet
    from kloe.web.indicators import computed, drawing_ahead

    by = acting_as(email)
    assessment = find_assessment(wanted, by=by, permission=Permission.ASSESSMENT_MANAGE)
    opened = RecordSet.open(records.expanduser().resolve()) if records else None
    with Bar() as bar:
        done = computed.compute(
            assessment=assessment, by=by, measures=ids, records=opened, progress=bar
        )
        drawn = drawing_ahead.draw_all(assessment, measures=ids, progress=bar)
    for id_, error in done.failed.items():
        say(f"{id_}: {error}")
    say(
        Message(
            "%(n)d measure for “%(title)s”: %(computable)d with a figure, %(new)d new results.",
            plural="%(n)d measures for “%(title)s”: %(computable)d with a figure, %(new)d new"
            " results.",
            n=done.measures,
            title=assessment.title,
            computable=done.computable,
            new=done.new,
        )
    )
    if drawn:
        say(Message("%(n)d chart drawn.", plural="%(n)d charts drawn.", n=drawn))
    if done.failed:
        raise InvalidInput(
            Message(
                "%(n)d measure could not be run.",
                plural="%(n)d measures could not be run.",
                n=len(done.failed),
            ),
            "",
            _("“kloe measures test” tells what is wrong with a measure."),
        )
