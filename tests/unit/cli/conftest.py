"""Commands are tested as they print into a pipe, eighty characters wide, wherever tests run."""

from __future__ import annotations

import os

# Typer and rich colour what they print where one of these is set, and read them once.
for _name in ("GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS", "TERMINAL_WIDTH", "CLICOLOR_FORCE"):
    os.environ.pop(_name, None)
os.environ |= {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
