"""The challenges and their answers as a workbook and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from kloe.assessment.challenges import LABELS, Counts
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.web.access import AssessmentAccess
from kloe.web.challenges import queries
from kloe.web.challenges.queries import Shown

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
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
#: At these a spreadsheet begins to compute.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    table = rows(queries.show(access, row) for row in found)
    data = workbook(table) if format == "xlsx" else comma_separated(table)
    answer = HttpResponse(data, content_type=MEDIA_TYPES[format])
    name = slugify(access.assessment.landlord.name) or "landlord"
    answer["Content-Disposition"] = (
        f'attachment; filename="challenges-{name}-{timezone.localdate():%Y-%m-%d}.{format}"'
    )
    answer["Cache-Control"] = "private, no-store"
    return answer


def workbook(table: Iterable[list[str]]) -> bytes:
    """As an Excel workbook; texts stay texts."""
    import xlsxwriter

    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(str(_("Challenges")))
        for n, (name, width) in enumerate(COLUMNS):
            sheet.set_column(n, n, width, text)
            sheet.write_string(0, n, str(name), head)
        last = 1
        for last, row in enumerate(table, 1):
            for n, value in enumerate(row):
                # More than this no cell holds.
                sheet.write_string(last, n, value[:32_767], text)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
    return out.getvalue()


def comma_separated(table: Iterable[list[str]]) -> bytes:
    """As CSV that spreadsheets read in its own letters, and in which nothing computes."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([str(name) for name, _width in COLUMNS])
    for row in table:
        writer.writerow([f"'{v}" if v.startswith(_FORMULA) else v for v in row])
    return out.getvalue().encode("utf-8-sig")
