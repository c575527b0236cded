"""The report document as JSON: what the other formats lay out, for machines."""

from __future__ import annotations

import json

from kloe.core.progress import Progress
from kloe.reports.blocks import ReportDocument


def render(document: ReportDocument, progress: Progress | None = None) -> bytes:
    """UTF-8 JSON, indented, keys in the order of the document."""
    return (json.dumps(document.to_json(), ensure_ascii=False, indent=1) + "\n").encode()
