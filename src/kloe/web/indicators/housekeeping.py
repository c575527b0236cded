"""What was kept beside computed figures and is used no more: results, drawings, lists of cases.

All of it can be made again; none of it is removed while anything shown needs it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from kloe.core.errors import KloeError
from kloe.measures.pruning import prune_results
from kloe.records.versions import Shelf
from kloe.web.assessments.models import Assessment
from kloe.web.indicators import case_lists, drawing_ahead
from kloe.web.indicators.models import ComputedResult, ComputedSummary

#: Files younger than this are left alone: a computing may be about to name them.
GRACE_SECONDS = 24 * 3600.0


def sweep(*, grace_seconds: float = GRACE_SECONDS) -> int:
    """Remove what is out of use; gives how many files."""
    gone = _results(grace_seconds)
    gone += _unlink(drawing_ahead.unused(_with_figures()), grace_seconds)
    gone += _unlink(_unlisted(), grace_seconds)
    return gone


def _results(grace_seconds: float) -> int:
    gone = 0
    place = Path(settings.DATA_DIR) / "records"
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        if not folder.is_dir():
            continue
        try:
            shelf = Shelf(settings.DATA_DIR, folder.name)
        except KloeError:
            continue
        gone += prune_results(shelf, grace_seconds=grace_seconds)
    return gone


def _with_figures() -> set[str]:
    """Assessments beside which something was computed."""
    keys = Assessment.objects.filter(computed__isnull=False).distinct().values_list("pk", flat=True)
    return {str(pk) for pk in keys}


def _unlisted() -> list[Path]:
    """Lists of cases behind figures that no assessment shows any more."""
    there = sorted(case_lists.folder().rglob("*.parquet"))
    if not there:
        return []
    shown = ComputedSummary.objects.values_list("result", flat=True)
    used = {
        case_lists.path_of(row) for row in ComputedResult.objects.filter(pk__in=shown).iterator()
    }
    return [path for path in there if path not in used]


def _unlink(paths: Iterable[Path], grace_seconds: float) -> int:
    oldest, gone = time.time() - grace_seconds, 0
    for path in paths:
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                gone += 1
        except OSError:
            # In use, or gone already: next time.
            continue
    return gone
