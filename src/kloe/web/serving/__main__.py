"""The web server as a process: ``python -m kloe.web.serving``. Started by ``kloe serve``."""

from __future__ import annotations

import sys

from kloe.web.serving.server import main

if __name__ == "__main__":
    sys.exit(main())
