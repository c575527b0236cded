"""Progress in the terminal, on standard error, only where somebody watches."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from kloe.core.messages import Message


class Bar:
    """A progress bar for long work; silent where standard error is no terminal."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("", total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        """Show that ``done`` of ``total`` steps are finished and what comes next."""
        if self._progress is not None:
            self._progress.update(
                self._task, completed=done, total=total or None, description=str(what)
            )
