"""Drawing ahead what an assessment's pages show, and telling what they show no more."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import translation

from kloe.core.disk import DiskFull, room
from kloe.core.messages import _, speaking
from kloe.core.progress import Progress, Silent
from kloe.measures.catalogue import catalogue
from kloe.reports import charts
from kloe.web.assessments.models import Assessment
from kloe.web.indicators import drawings, measure_page
from kloe.web.indicators.models import ComputedSummary
from kloe.web.library import store

log = logging.getLogger(__name__)
#: Below the folder of drawings: which of them each assessment shows.
USED = "used"


def draw_all(
    assessment: Assessment, *, measures: Iterable[str] = (), progress: Progress | None = None
) -> int:
    """Draw what the pages of an assessment's indicators show, in every language.

    A chart that cannot be drawn is left to its table: no figure depends on a picture.
    """
    tell, drawn = progress or Silent(), 0
    computed = set(
        ComputedSummary.objects.filter(assessment=assessment).values_list("measure", flat=True)
    )
    sources = [s for s in catalogue().match(measures) if s.id in computed]
    used = _Used.of(assessment)
    try:
        for at, source in enumerate(sources):
            tell.step(at, len(sources), _("Charts: %(title)s", title=source.measure.title))
            used.forget(source.id)
            for code, _name in settings.LANGUAGES:
                with translation.override(code), speaking(code.partition("-")[0]):
                    for chart in _charts(assessment, source):
                        used.note(source.id, chart)
                        try:
                            drawn += drawings.keep(chart)
                        except (ValueError, ArithmeticError, LookupError):
                            log.exception("A chart of %s could not be drawn.", source.id)
                        except DiskFull as error:
                            # The figures stand; drawings are made again when there is room.
                            log.error("Charts are left to their tables: %s", error)
                            return drawn
    finally:
        used.write(computed)
    tell.step(len(sources), len(sources))
    return drawn


class _Used:
    """Which drawings an assessment's pages show, by measure, so that others can go."""

    def __init__(self, path: Path, digests: dict[str, list[str]]) -> None:
        self._path, self._digests = path, digests

    @classmethod
    def of(cls, assessment: Assessment) -> _Used:
        """As it was noted last."""
        path = drawings.folder() / USED / f"{assessment.pk}.json"
        try:
            return cls(path, {k: list(v) for k, v in json.loads(path.read_bytes()).items()})
        except (OSError, ValueError, AttributeError, TypeError):
            return cls(path, {})

    def forget(self, measure: str) -> None:
        """Begin a measure anew."""
        self._digests[measure] = []

    def note(self, measure: str, chart: charts.Chart) -> None:
        """A drawing that a page of a measure shows."""
        noted = self._digests.setdefault(measure, [])
        if (digest := charts.digest(chart)) not in noted:
            noted.append(digest)

    def write(self, computed: Collection[str] | None = None) -> None:
        """Keep what was noted, whole or not at all.

        :param computed: the measures there are, where others are to be forgotten.
        """
        if computed is not None:
            self._digests = {k: v for k, v in self._digests.items() if k in computed}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f".{uuid4().hex}")
        try:
            with room():
                beside.write_text(json.dumps(self._digests), "utf-8")
                beside.replace(self._path)
        except DiskFull as error:
            log.error("It could not be noted which charts are shown: %s", error)
        finally:
            beside.unlink(missing_ok=True)


def unused(assessments: Collection[str]) -> list[Path]:
    """Drawings that no page shows any more, and notes of assessments that are no more.

    :param assessments: those beside which something was computed. Unless it is noted of all of
        them what they show, nothing is called unused.
    """
    notes = {path.stem: path for path in (drawings.folder() / USED).glob("[!.]*.json")}
    if not set(assessments) <= set(notes):
        return []
    shown: set[str] = set()
    for key in assessments:
        try:
            shown.update(d for those in json.loads(notes[key].read_bytes()).values() for d in those)
        except (OSError, ValueError, AttributeError, TypeError):
            return []
    over = [path for path in drawings.folder().glob("*.svg") if path.stem not in shown]
    return [*over, *(path for key, path in notes.items() if key not in assessments)]


def draw_trends(assessment: Assessment, measures: Iterable[str]) -> int:
    """Draw the trends of some measures in the language in use: what is looked at first."""
    pinned = store.pinned(assessment)
    pages = (measure_page.page_of(assessment, pinned, catalogue().source(id_)) for id_ in measures)
    trends = (page.trend_chart for page in pages)
    return sum(drawings.keep(chart) for chart in trends if chart is not None)


def _charts(assessment: Assessment, source: Any) -> Iterator[charts.Chart]:
    page = measure_page.page_of(assessment, store.pinned(assessment), source)
    if page.trend_chart is not None:
        yield page.trend_chart
    if page.lying is not None:
        yield page.lying.chart
    yield from (b.chart for b in page.breakdowns if b.chart is not None)
