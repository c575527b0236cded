"""How the Word report looks: styles, header and footer, and the XML of paragraphs and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from kloe.reports.blocks import ReportDocument
from kloe.reports.phrases import printable

INK, INK_2, INK_3, ACCENT = "17212b", "4a5763", "5f6c78", "0b5c63"
SANS, SERIF = "Calibri", "Cambria"
LANGUAGES = {"en": "en-GB", "cy": "cy-GB"}

PARAGRAPH_STYLES = {
    "body": "Normal",
    "lead": "KloeLead",
    "small": "KloeSmall",
    "label": "KloeLabel",
    "question": "KloeQuestion",
    "source": "KloeSmall",
    "detail": "KloeDetail",
    "quote": "Quote",
}
SPAN_STYLES: dict[str, dict[str, Any]] = {
    "strong": {"bold": True},
    "emphasis": {"italic": True},
    "published": {"serif": True},
    "quiet": {"colour": f"#{INK_3}"},
}
#: name: (based on, size in half points, colour, bold, space before and after in points)
_STYLES: dict[str, tuple[str, int, str, bool, int, int]] = {
    "KloeKicker": ("Normal", 24, ACCENT, True, 120, 12),
    "KloeContentsTitle": ("Normal", 44, INK, True, 0, 12),
    "KloeLead": ("Normal", 23, INK_2, False, 0, 8),
    "KloeSmall": ("Normal", 18, INK_2, False, 0, 4),
    "KloeLabel": ("KloeSmall", 18, INK_2, False, 0, 4),
    "KloeQuestion": ("Normal", 22, INK_2, False, 10, 4),
    "KloeDetail": ("Normal", 19, INK, False, 2, 4),
    "KloeGrade": ("Normal", 28, INK, False, 8, 6),
    "KloeNote": ("Normal", 19, INK_2, False, 2, 2),
    "KloeTableHead": ("Normal", 17, INK_2, True, 2, 2),
    "KloeTableText": ("Normal", 18, INK, False, 2, 2),
    "KloeTableGroup": ("Normal", 19, ACCENT, True, 8, 2),
    "KloeEntry": ("Normal", 21, INK, True, 8, 2),
    "KloeAfterTable": ("Normal", 8, INK, False, 0, 4),
}
#: What stays on the page of what follows it.
_LEADING = ("KloeLabel", "KloeQuestion")
_HEADINGS = {1: (44, 0, 14), 2: (30, 20, 8), 3: (25, 18, 6), 4: (21, 12, 4), 5: (20, 10, 4)}
_TABLE = (
    '<w:style xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'w:type="table" w:customStyle="1" w:styleId="KloeTable"><w:name w:val="Kloe Table"/>'
    '<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
    '<w:bottom w:val="single" w:sz="4" w:color="CFCBBF"/>'
    '<w:insideH w:val="single" w:sz="4" w:color="E6E3D9"/></w:tblBorders><w:tblCellMar>'
    '<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    '<w:tblStylePr w:type="firstRow"><w:tblPr/><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="8" w:color="0B5C63"/></w:tcBorders></w:tcPr></w:tblStylePr>'
    "</w:style>"
)


def run_xml(
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    serif: bool = False,
    link: bool = False,
    colour: str = "",
    shade: str = "",
) -> str:
    """A run of text."""
    properties = []
    if serif:
        properties.append(f'<w:rFonts w:ascii="{SERIF}" w:hAnsi="{SERIF}"/>')
    if bold:
        properties.append("<w:b/>")
    if italic:
        properties.append("<w:i/>")
    if link:
        properties.append(f'<w:color w:val="{ACCENT}"/>')
    elif colour:
        properties.append(f'<w:color w:val="{colour.lstrip("#")}"/>')
    if shade:
        fill = shade.lstrip("#")
        properties.append(f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>')
    inner = f"<w:rPr>{''.join(properties)}</w:rPr>" if properties else ""
    return f'<w:r>{inner}<w:t xml:space="preserve">{escape(printable(text))}</w:t></w:r>'


def paragraph_xml(style: str, *inner: str, more: str = "", align: str = "") -> str:
    """A paragraph of a style."""
    side = f'<w:jc w:val="{align}"/>' if align else ""
    named = "" if style == "Normal" else f'<w:pStyle w:val="{style}"/>'
    properties = f"<w:pPr>{named}{more}{side}</w:pPr>" if named or more or side else ""
    return f"<w:p>{properties}{''.join(inner)}</w:p>"


def field(code: str, *, dirty: bool = False) -> str:
    """The beginning of a field up to its result; the caller ends it."""
    mark = ' w:dirty="true"' if dirty else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{mark}/></w:r><w:r><w:instrText '
        f'xml:space="preserve"> {escape(code)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


#: Half points under which nothing goes: in large print, and in the tenants' summary.
LARGE, PLAIN = 36, 24


def dress(file: Any, document: ReportDocument) -> None:
    """Styles, properties, page, header and footer of a new document."""
    least = LARGE if document.large else PLAIN if document.view == "tenants" else 0
    _styles(file, LANGUAGES.get(document.language, document.language), least)
    _properties(file, document)
    _page(file, document)


def _properties(file: Any, document: ReportDocument) -> None:
    properties = file.core_properties
    # The property fields hold 255 characters.
    properties.title = printable(document.title)[:255]
    properties.subject = printable(document.subject)[:255]
    properties.author = printable(document.author)[:255]
    properties.language = LANGUAGES.get(document.language, document.language)
    properties.comments = ""
    made = datetime.fromisoformat(document.made).replace(tzinfo=None)
    properties.created = properties.modified = made
    properties.last_modified_by = properties.author


def _styles(file: Any, language: str, least: int) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    styles = file.styles

    def form(style: Any, size: int, colour: str, *rest: Any) -> None:
        # In large print everything stands in the strongest ink.
        _form(style, size, INK if least == LARGE and colour != ACCENT else colour, *rest)

    normal = styles["Normal"]
    normal.font.name, normal.font.size = SANS, Pt(max(10.5, least / 2))
    normal.font.color.rgb = RGBColor.from_string(INK.upper())
    normal.paragraph_format.space_after = Pt(6)
    speech = OxmlElement("w:lang")
    speech.set(qn("w:val"), language)
    speech.set(qn("w:bidi"), "ar-SA")
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(speech)
    for name, (base, size, colour, bold, before, after) in _STYLES.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        # What only keeps two tables apart has no letters.
        empty = name == "KloeAfterTable"
        form(style, size if empty else max(size, least), colour, bold, before, after)
        style.paragraph_format.keep_with_next = True if name in _LEADING else None
    for level, (size, before, after) in _HEADINGS.items():
        style = styles[f"Heading {level}"]
        form(style, max(size, least), INK, True, before, after)
        style.paragraph_format.keep_with_next = True
    form(styles["Title"], 72, INK, True, 0, 6)
    form(styles["Subtitle"], max(34, least), INK_2, False, 0, 30)
    form(styles["Caption"], max(18, least), INK_2, True, 8, 3)
    form(styles["Quote"], max(21, least), INK_2, False, 4, 8)
    styles["Quote"].paragraph_format.left_indent = Pt(18)
    for level in (1, 2, 3):
        style = styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        style.element.set(qn("w:styleId"), f"TOC{level}")
        size = max(21 if level == 1 else 19, least)
        form(style, size, INK, level == 1, 5 if level == 1 else 0, 1)
        style.paragraph_format.left_indent = Pt(12 * (level - 1))
    styles.element.append(parse_xml(_TABLE))


def _form(style: Any, size: int, colour: str, bold: bool, before: int, after: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    font = style.font
    font.name, font.size, font.bold, font.italic = SANS, Pt(size / 2), bold, False
    font.color.rgb = RGBColor.from_string(colour.upper())
    fonts = style.element.rPr.find(qn("w:rFonts"))
    # Theme fonts of the template would win over the name.
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _page(file: Any, document: ReportDocument) -> None:
    from docx.oxml import parse_xml
    from docx.shared import Mm

    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(24), Mm(22)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    section.different_first_page_header_footer = document.view == "full"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def fill(part: Any, xml: str) -> None:
        old = part.paragraphs[0]._p
        old.addprevious(parse_xml(xml.replace("<w:p>", f"<w:p {space}>", 1)))
        old.getparent().remove(old)

    tags = "".join(run_xml(f"   {t.text}", bold=True, colour="#ad3c2c") for t in document.tags)
    running = run_xml(document.running, colour=f"#{INK_3}")
    fill(section.header, paragraph_xml("KloeSmall", running, tags))
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    pages = (
        run_xml(f"{document.footer}   {document.labels.page} ")
        + field("PAGE") + run_xml("1") + end
        + run_xml(f" {document.labels.of} ")
        + field("NUMPAGES") + run_xml("1") + end
    )  # fmt: skip
    fill(section.footer, paragraph_xml("KloeSmall", pages))
    if document.view == "full":
        fill(section.first_page_header, paragraph_xml("KloeSmall", tags))
