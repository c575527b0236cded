"""The clock of what is invented: a step of weeks ago is dated as it would have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.utils import timezone

from kloe.assessment.vocabulary import InspectionStage as Stage

ORDER = tuple(Stage)
#: When each stage began, as a share of the time since the inspection was opened, where nothing
#: says on which day.
BEGAN = {
    Stage.SCOPING: 0.1,
    Stage.PLANNING: 0.25,
    Stage.FIELDWORK: 0.5,
    Stage.DRAFTING: 0.7,
    Stage.MODERATION: 0.9,
}


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Everything done within bears this moment and what follows it; never one still to come."""
    real: Any = timezone.datetime  # type: ignore[attr-defined]
    behind = max(timezone.now() - moment, timedelta())

    class Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real)

    class Then(datetime, metaclass=Kind):
        """What the framework reads the clock from, also where a field's default does."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return real.now(tz) - behind

    timezone.datetime = Then  # type: ignore[attr-defined]
    try:
        yield
    finally:
        timezone.datetime = real  # type: ignore[attr-defined]


class Diary:
    """The days of one inspection that has come to a stage, counted back from today.

    :param said: ``opened`` and, for stages that began on days of their own, ``began``.
    """

    def __init__(self, said: Mapping[str, Any], stage: Stage) -> None:
        self.said, self.stage = said, stage
        self.today = timezone.localdate()

    def day(self, days: int) -> date:
        """So many days from today."""
        return self.today + timedelta(days=days)

    def opened(self) -> datetime:
        """When the inspection was opened: an hour before anything else that day."""
        return _morning(self.day(self.said["opened"])) - timedelta(hours=1)

    def began(self, stage: Stage) -> datetime | None:
        """When a stage began; None where neither a day nor a share of the time says so."""
        days = self.said.get("began", {}).get(stage.value)
        if days is None:
            if stage not in BEGAN:
                return None
            days = round(self.said["opened"] * (1 - BEGAN[stage]))
        return _morning(self.day(days))

    def at(self, stage: Stage, share: float = 0.0) -> AbstractContextManager[None]:
        """Stand where a stage began, or some way from there to the next one or today."""
        began = self.began(stage)
        if began is None:
            return nullcontext()
        place = ORDER.index(stage)
        after = None
        if place < ORDER.index(self.stage):
            after = next((b for s in ORDER[place + 1 :] if (b := self.began(s))), None)
        return standing_at(began + ((after or _morning(self.today)) - began) * share)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(10), tzinfo=timezone.get_current_timezone())
