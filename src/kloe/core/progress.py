"""How long work says how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol

from kloe.core.messages import Message


class Progress(Protocol):
    """Told by long work after each step. May raise ``Cancelled`` to stop it."""

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        """``done`` of ``total`` steps are finished; ``what`` says what comes next."""


class Silent:
    """Progress nobody listens to."""

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        return None
