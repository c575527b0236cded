"""What a job's function tells its progress to, and who writes it down.

The function calls ``step`` as often as it likes: that only remembers. Whoever watches the job
calls ``tick``, which writes at most four times a second, keeps the heartbeat and looks whether
the job was called off. So progress never touches the connection the function works with.
"""

from __future__ import annotations

import time

from kloe.core.errors import Cancelled
from kloe.core.messages import Message, _
from kloe.web.jobs import queue
from kloe.web.jobs.models import Job

#: Seconds between two writes of progress, two looks at the wish to cancel, two heartbeats.
WRITE_EVERY = 0.25
LOOK_EVERY = 1.0
BEAT_EVERY = 5.0
_LONGEST = Job._meta.get_field("what").max_length or 300


class Reporter:
    """Progress of one hold on a job.

    :param self_ticking: the function's own steps do the writing; for work done in the
        foreground, where nobody watches from another thread.
    """

    def __init__(self, hold: queue.Hold, *, self_ticking: bool = False) -> None:
        self.hold = hold
        self.self_ticking = self_ticking
        self.cancelled = False
        self.lost = False
        self.stopping = False
        self._now = (0, 0, "")
        self._written = self._now
        self._last_write = self._last_look = self._last_beat = time.monotonic()

    @property
    def steps(self) -> int:
        """How many steps the work has, as it said last."""
        return self._now[1]

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        """``done`` of ``total`` steps are finished.

        :raises Cancelled: if the job was called off, the worker stops or another has taken over.
        """
        total = max(0, int(total))
        self._now = (min(max(0, int(done)), total or int(done)), total, str(what)[:_LONGEST])
        if self.self_ticking:
            self.tick()
        if self.cancelled or self.lost or self.stopping:
            raise Cancelled(_("The work was stopped."))

    def tick(self, *, at_once: bool = False) -> None:
        """Write what is new, as far as it is time."""
        now = time.monotonic()
        wrote = False
        if (self._now != self._written and now - self._last_write >= WRITE_EVERY) or at_once:
            current = self._now
            self.lost |= not queue.beat(self.hold, progress=current)
            self._written, self._last_write, self._last_beat, wrote = current, now, now, True
        elif now - self._last_beat >= BEAT_EVERY:
            self.lost |= not queue.beat(self.hold)
            self._last_beat = now
        if wrote or at_once or now - self._last_look >= LOOK_EVERY:
            asked = queue.asked_to_cancel(self.hold)
            self.cancelled |= bool(asked)
            self.lost |= asked is None
            self._last_look = now
