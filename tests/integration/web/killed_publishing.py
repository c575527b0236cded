"""Run as a process: an inspection is published by children that die as if the machine had.

Usage: ``python killed_publishing.py DATA STEP ...``. Each child publishes and ends itself without
a word at its step; 0 publishes whole. Says as JSON what was there after each.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


class Dying:
    """Progress that ends the process at a step."""

    def __init__(self, at: int) -> None:
        self.at, self.steps = at, 0

    def step(self, done: int, total: int, what: Any = "") -> None:
        self.steps += 1
        if self.steps == self.at:
            os._exit(9)


def publish(step: int) -> int:
    """In a child; gives its exit code."""
    from django.db import connections

    from kloe.web.accounts.models import User
    from kloe.web.assessments.models import Assessment
    from kloe.web.inspections.models import Inspection
    from kloe.web.publication import publishing

    connections.close_all()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        publishing.publish(
            assessment=Assessment.objects.get(),
            base_version=Inspection.objects.get().version,
            public=True,
            by=User.objects.get(email="lead.inspector@example.org"),
            progress=Dying(step),
        )
        code = 0
    finally:
        os._exit(code)


def main(data: Path, steps: list[int]) -> None:
    os.environ["KLOE_DATA"] = str(data)
    from kloe.web import boot

    boot.start(data)
    import publication_ground

    from kloe.web.assessments.models import Assessment
    from kloe.web.inspections.models import Inspection
    from kloe.web.publication import making
    from kloe.web.publication.models import Publication, PublishedPage

    publication_ground.ready()
    making.render = publication_ground.quickly  # type: ignore[assignment]
    found = [
        {
            "code": publish(step),
            "stage": Inspection.objects.get().stage,
            "versions": [str(pk) for pk in Publication.objects.values_list("pk", flat=True)],
            "pages": PublishedPage.objects.count(),
            "final": Assessment.objects.get().final_at is not None,
        }
        for step in steps
    ]
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(step) for step in sys.argv[2:]])
