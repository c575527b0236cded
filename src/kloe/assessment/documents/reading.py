"""Reading a document from outside: start the process, watch it, take what it found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kloe.assessment.documents.outcome import Note, Page, Reading, Reason, Unit
from kloe.core.messages import Message
from kloe.core.progress import Progress, Silent

BEAT = 0.05
#: What the process may write: more than the text it may give, as JSON.
WRITTEN = 128 << 20
#: All a parser needs of the environment; addresses and keys of kloe are not among it.
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "VIRTUAL_ENV")
#: Signals by which the system, or the process's own limits, end it.
_TIME = {getattr(signal, "SIGXCPU", 0)}
_SIZE = {getattr(signal, "SIGXFSZ", 0)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may cost."""

    seconds: int = 120
    megabytes: int = 1024


def read(
    path: Path,
    name: str,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    at: tuple[int, int] = (0, 1),
    what: Message | str = "",
) -> Reading:
    """The text of a document, or why there is none. The file is only ever read.

    :param name: what the file is called, which says what it claims to be.
    :param progress: told of ``at`` while the process works, so that it can be called off.
    """
    bound, tell = limits or Limits(), progress or Silent()
    if not path.is_file():
        return Reading(reason=Reason.MISSING)
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(
            [
                sys.executable, "-P", "-X", "utf8", "-m", "kloe.assessment.documents.child",
                str(path), name, str(bound.seconds), str(bound.megabytes), str(WRITTEN),
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={k: v for k in _KEPT if (v := os.environ.get(k))},
        )  # fmt: skip
        late = time.monotonic() + bound.seconds
        slow = False
        try:
            while True:
                try:
                    code = child.wait(BEAT)
                    break
                except subprocess.TimeoutExpired:
                    tell.step(*at, what)
                    if time.monotonic() > late:
                        slow = True
                        child.kill()
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        out.seek(0)
        return _answer(out, code, slow=slow)


def _answer(out: IO[bytes], code: int, *, slow: bool) -> Reading:
    """What the process wrote; half an answer is none, since nobody could tell it from a whole."""
    if slow:
        return Reading(reason=Reason.SLOW)
    if code:
        if -code in _TIME:
            return Reading(reason=Reason.SLOW)
        return Reading(reason=Reason.BOMB if -code in _SIZE else _killed(code))
    pages: list[Page] = []
    end: dict[str, Any] = {}
    for line in out:
        said = json.loads(line)
        if "end" in said:
            end = said
            break
        pages.append(Page(str(said["text"]), str(said["label"])))
    if not end:
        return Reading(reason=Reason.KILLED)
    reason = Reason(end["reason"]) if end["reason"] else None
    notes = tuple(Note(n) for n in end["notes"])
    unit = Unit(end["unit"])
    if reason in {Reason.MEMORY, Reason.CORRUPT} and not pages:
        return Reading(reason=reason, notes=notes)
    if reason and pages:
        # It broke in the middle: what came before is text all the same.
        return Reading(tuple(pages), unit, None, (*notes, Note.DAMAGED))
    return Reading(tuple(pages), unit, reason, notes)


def _killed(code: int) -> Reason:
    """Ended by a signal from outside, or in its own fall."""
    if code == -getattr(signal, "SIGKILL", 9):
        return Reason.KILLED
    if code < 0:
        # A parser that fell (SIGSEGV, SIGABRT) over a file, or over the end of its memory.
        return Reason.CORRUPT
    return Reason.MEMORY if code == 137 else Reason.CORRUPT
