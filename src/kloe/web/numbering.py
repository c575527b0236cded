"""Numbers of rows within an assessment, given in turn to people who add at the same moment."""

from __future__ import annotations

from typing import TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import Max

from kloe.core.errors import Conflict
from kloe.core.messages import _

#: How often a number is looked for anew when others add at the same moment.
TRIES = 50
M = TypeVar("M", bound=models.Model)


def numbered(row: M, rows: models.QuerySet[M]) -> bool:
    """Save a new row under the next number of its assessment, never a number twice.

    False where the same form, sent twice at one moment, was faster.

    :param rows: those it is numbered among.
    :raises Conflict: where others were faster every time.
    """
    for _attempt in range(TRIES):
        row.number = (rows.aggregate(n=Max("number"))["n"] or 0) + 1  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if type(row)._default_manager.filter(pk=row.pk).exists():
                return False
            if not rows.filter(number=row.number).exists():  # type: ignore[attr-defined]
                raise
        else:
            return True
    raise Conflict(
        _("No number could be given: many people are adding at once."),
        "",
        _("Try again."),
    )
