"""What every action of findings and judgements needs: checked words, adding once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import models

from kloe.core.errors import Conflict
from kloe.core.given import OR_CITE, within
from kloe.core.messages import Message, _
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, StaleWrite, Write, replayed
from kloe.web.ids import new_id


def stage_of(assessment: Assessment) -> str:
    """The stage of an inspection; empty for an assessment that is none."""
    from kloe.web.inspections.models import Inspection

    rows = Inspection.objects.filter(assessment=assessment).values_list("stage", flat=True)
    return rows.first() or ""


def text_within(text: str, limit: int, what: Message) -> str:
    """A text without its margins.

    :raises InvalidInput: where it is empty, longer than ``limit``, or holds a NUL.
    """
    return within(text, limit, what, needed=True, remedy=OR_CITE)


def once(write: Write, values: dict[str, Any], rows: models.QuerySet[Any]) -> tuple[Any, Write]:
    """The row this very write added before, if it did, else a write to add it with.

    A form sent twice adds once; the same form with other words adds another row.
    """
    write = replace(write, base_version=0)
    earlier = replayed(write)
    if earlier is None:
        return None, write
    if earlier.values == values:
        return rows.filter(pk=earlier.subject).first(), replace(write, id=new_id())
    return None, replace(write, id=new_id())


def add_once(
    save: Callable[[], Saved], write: Write, values: dict[str, Any], rows: models.QuerySet[Any]
) -> Saved:
    """Add a row, or give the one that this very write, sent twice at one moment, added."""
    try:
        return save()
    except StaleWrite:
        there, _write = once(write, values, rows)
        if there is None:
            raise
        return Saved(there, changed=False, replayed=True)


def gone() -> Conflict:
    """What is to be changed was removed by somebody else meanwhile."""
    return Conflict(
        _("Somebody removed this while you were writing."),
        _("What it said stays in the audit trail."),
        _("Go back and add it anew; the browser still has what you typed."),
    )
