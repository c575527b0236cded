"""The grade that stands for each subject."""

from __future__ import annotations

from kloe.assessment.vocabulary import Stage
from kloe.frameworks.model import Grade
from kloe.web.assessments.models import Assessment
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import subjects_of
from kloe.web.library.store import Pinned

_STANDS = {Stage.AGREED.value: 3, Stage.PROPOSED.value: 2, Stage.PROVISIONAL.value: 1}


def grades(assessment: Assessment, pinned: Pinned) -> dict[str, tuple[Grade, str]]:
    """The grade that stands for each subject, and its stage: one query.

    The agreed grade stands before the proposed one, that before the provisional one.
    """
    subjects = subjects_of(pinned)
    found: dict[str, tuple[Grade, str]] = {}
    rows = (
        Judgement.objects.filter(assessment=assessment, stage__in=list(_STANDS))
        .order_by()
        .values_list("subject", "stage", "grade")
    )
    for name, stage, key in rows:
        subject = subjects.get(name)
        if subject is None or (name in found and _STANDS[found[name][1]] > _STANDS[stage]):
            continue
        grade = next((g for g in subject.scale.grades if g.key == key), None)
        if grade is not None:
            found[name] = (grade, stage)
    return found
