"""Files of each kind as their programs write them, and files as attackers write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = (
    f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def pdf(*pages: str) -> bytes:
    """A PDF with these pages, in Typst's markup."""
    import typst

    source = '#set text(font: "Libertinus Serif")\n' + "\n#pagebreak()\n".join(pages)
    return bytes(typst.compile(source.encode(), ignore_system_fonts=True))


def encrypted_pdf(text: str = "Secret words.") -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(text))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def word(*paragraphs: str, heading: str = "", table: str = "") -> bytes:
    """A Word file as python-docx writes it."""
    import docx

    document = docx.Document()
    for paragraph in paragraphs:
        if paragraph == "\f":
            document.add_page_break()
        elif heading and paragraph == heading:
            document.add_heading(paragraph, 1)
        else:
            document.add_paragraph(paragraph)
    if table:
        document.add_table(1, 1).cell(0, 0).text = table
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(sheets: Mapping[str, list[list[object]]]) -> bytes:
    """An Excel file as XlsxWriter writes it."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return out.getvalue()


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def slides(*texts: str, notes: str = "") -> bytes:
    """A PowerPoint file: slides in the order given, stored under names in another order."""
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"

    def slide(text: str) -> str:
        return (
            f'<p:sld xmlns:p="{p}" xmlns:a="{a}"><p:cSld><p:spTree><p:sp><p:txBody>'
            f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )

    last = len(texts)
    parts = {"[Content_Types].xml": TYPES}
    parts["ppt/presentation.xml"] = (
        f'<p:presentation xmlns:p="{p}" xmlns:r="{R}"><p:sldIdLst>'
        + "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in range(last))
        + "</p:sldIdLst></p:presentation>"
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{R}/slide" Target="slides/slide{last - n}.xml"/>'
        for n in range(last)
    )
    parts["ppt/_rels/presentation.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
    )
    for n, text in enumerate(texts):
        parts[f"ppt/slides/slide{last - n}.xml"] = slide(text)
    if notes:
        parts[f"ppt/slides/_rels/slide{last}.xml.rels"] = (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{R}/notesSlide" Target="../notesSlides/notesSlide1.xml"/></Relationships>'
        )
        parts["ppt/notesSlides/notesSlide1.xml"] = slide(notes)
    return archive(parts)


def word_of(body: str, prolog: str = "", **more: str | bytes) -> bytes:
    """A Word file with this XML as its body."""
    document = f"{prolog}<w:document {W}><w:body>{body}</w:body></w:document>"
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": document} | more)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def laughing_word() -> bytes:
    """Entities that make each other larger."""
    rows = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{rows}]>'
    return word_of(paragraph("&a9;"), prolog)


def reaching_word(path: str) -> bytes:
    """An entity that stands for a file of the machine."""
    prolog = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file://{path}">]>'
    return word_of(paragraph("&f;"), prolog)


def hidden_laughing_word() -> bytes:
    """The same attack, written in UTF-16."""
    prolog = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "ha">]>'
    document = f"{prolog}<w:document {W}><w:body>{paragraph('&a;')}</w:body></w:document>"
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": document.encode("utf-16")})


def bomb() -> bytes:
    """A Word file that unpacks to a hundred times its size and more."""
    return word_of(paragraph("A" * (60 << 20)))


def slow_word(paragraphs: int = 400_000) -> bytes:
    """A Word file that takes long to read, within all limits of size."""
    import random

    rng = random.Random(1)
    return word_of("".join(paragraph(f"{rng.random()}") for _n in range(paragraphs)))
