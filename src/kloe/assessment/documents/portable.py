"""PDF: PDFium reads it, as it does in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kloe.assessment.documents.outcome import Page, Reason, Unreadable
from kloe.assessment.documents.tidy import in_parts, paragraphs_of_lines


def read(path: Path) -> Iterator[Page | None]:
    """The pages with their numbers as labels; ``None`` for one that could not be read.

    Form code and scripts of the document are never loaded.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise Unreadable(Reason.ENCRYPTED if locked else Reason.CORRUPT) from None
    try:
        if not len(document):
            raise Unreadable(Reason.CORRUPT)
        for n in range(len(document)):
            try:
                page = document[n]
                text = page.get_textpage()
                words = text.get_text_bounded()
                text.close()
                page.close()
            except pypdfium2.PdfiumError:
                yield None
                continue
            for part in in_parts(paragraphs_of_lines(words.splitlines())) or ():
                yield Page("\n".join(part), str(n + 1))
    finally:
        document.close()
