"""Waiting in tests for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def wait_for(true: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until something is so; gives it, or fails."""
    until = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        assert time.monotonic() < until, f"not within {seconds} seconds"
        time.sleep(0.05)
