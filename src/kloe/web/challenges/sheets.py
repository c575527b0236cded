"""The challenges and their answers as a workbook and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from kloe.assessment.challenges import LABELS, Counts
from kloe.core import tables
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.web.access import AssessmentAccess
from kloe.web.challenges import queries
from kloe.web.challenges.queries import Shown

MEDIA_TYPES = {
    "xlsx": tables.XLSX,
    "csv": "text/csv; charset=utf-8",
}
#: Heading and width of each column.
COLUMNS: tuple[tuple[Message, int], ...] = (
    (_("Number"), 9),
    (_("Draft"), 7),
    (_("Paragraph"), 10),
    (_("Section"), 26),
    (_("What is wrong"), 22),
    (_("The paragraph says"), 50),
    (_("What is so, says the landlord"), 50),
    (_("Evidence"), 40),
    (_("Sent on"), 12),
    (_("Answer"), 18),
    (_("Reason"), 26),
    (_("In words"), 50),
    (_("The paragraph will read"), 50),
)


def rows(found: Iterable[Shown]) -> Iterator[list[str]]:
    """The challenges by column, in the reader's words; answers where they may be seen."""
    for one in found:
        row = one.row
        told = one.answered
        yield [
            row.name or str(_("Not sent yet")),
            str(row.draft.version),
            str(row.paragraph or ""),
            row.section,
            str(one.kind),
            row.quote or row.text,
            row.claim,
            "; ".join(_evidence(p.row) for p in one.pieces),
            timezone.localdate(row.sent_at).isoformat() if row.sent_at else "",
            str(one.outcome),
            str(one.ground),
            row.reason if told else "",
            row.new_text if told else "",
        ]


def _evidence(piece: Any) -> str:
    counts = LABELS[Counts(piece.counts)]
    return f"{piece.title} ({piece.when.isoformat()}): {counts}"


def response(access: AssessmentAccess, format: str) -> HttpResponse:
    """The file to be saved.

    :raises NotFound: for another format.
    """
    if format not in MEDIA_TYPES:
        raise NotFound(
            _("The list of challenges does not come as “%(format)s”.", format=format[:20]),
            _("Allowed: %(all)s.", all=", ".join(MEDIA_TYPES)),
            _("Choose one of them."),
        )
    found = queries.with_everything(queries.visible(access)).order_by("number", "paragraph", "pk")
    table = list(rows(queries.show(access, row) for row in found))
    data = workbook(table) if format == "xlsx" else comma_separated(table)
    answer = HttpResponse(data, content_type=MEDIA_TYPES[format])
    name = slugify(access.assessment.landlord.name) or "landlord"
    answer["Content-Disposition"] = (
        f'attachment; filename="challenges-{name}-{timezone.localdate():%Y-%m-%d}.{format}"'
    )
    answer["Cache-Control"] = "private, no-store"
    return answer


def workbook(table: Sequence[Sequence[str]]) -> bytes:
    """As an Excel workbook."""
    out = BytesIO()
    with tables.workbook(out) as book:
        columns = [(str(name), width) for name, width in COLUMNS]
        sheet = book.sheet(str(_("Challenges")), columns, len(table))
        for at, row in enumerate(table, 1):
            for n, value in enumerate(row):
                sheet.write_string(at, n, value[: tables.LONGEST], book.text)
    return out.getvalue()


def comma_separated(table: Sequence[Sequence[str]]) -> bytes:
    """As CSV."""
    return tables.comma_separated((str(name) for name, _width in COLUMNS), table)
