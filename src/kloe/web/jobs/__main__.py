"""The worker as a process: ``python -m kloe.web.jobs``. Started and watched by ``kloe serve``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def run() -> int:
    """Start Django on the data directory of ``KLOE_DATA``, then work."""
    parser = argparse.ArgumentParser(prog="python -m kloe.web.jobs", description=__doc__)
    parser.add_argument("--name", default="", help="name of this worker")
    parser.add_argument("--replaces", default="", help="name of a worker known to be dead")
    parser.add_argument("--parent", type=int, default=0, help="process to stop with")
    given = parser.parse_args()
    from kloe.web import boot

    boot.start(Path(os.environ["KLOE_DATA"]), migrate=False)
    from kloe.web.jobs.worker import main

    return main(name=given.name, replaces=given.replaces, parent=given.parent)


if __name__ == "__main__":
    sys.exit(run())
