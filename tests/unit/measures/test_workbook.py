"""Reading the workbook, in the shapes of any year."""

from __future__ import annotations

import doctest
import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from kloe.core.errors import InvalidInput, NotFound
from kloe.measures import workbook, xlsx
from kloe.measures.workbook import read_workbook
from tsm_books import Book, as_published, dashed, with_parts

SHAPES = {
    "as in 2024/25": Book(),
    "heading in row 3, other years' sheets": Book(
        prefix="TSM24", sentence="1 April 2023 to 31 March 2024", above=2
    ),
    "columns in any order": Book(shuffled=True, seed=7),
    "codes with dashes and underscores": Book(style=dashed, prefix="TSM26", above=0, sentence=""),
    "codes in lower case with parts": Book(style=with_parts, shuffled=True, blank_rows=40),
    "percentages as fractions of one": Book(fractions=True, seed=3),
    "far down": Book(above=120, odd_spaces=False),
}


def read(path: Path) -> dict:
    contents = read_workbook(path)
    return {
        (f.landlord, f.measure, f.population.value): (
            f.value,
            f.numerator,
            f.denominator,
            f.marker,
        )
        for f in contents.figures.values()
    }


def test_doctests():
    assert doctest.testmod(workbook).failed == 0


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_gives_every_figure(shape, tmp_path):
    expected = shape.write(tmp_path / "book.xlsx")
    assert read(tmp_path / "book.xlsx") == expected
    contents = read_workbook(tmp_path / "book.xlsx")
    assert contents.remarks == []
    assert len(contents.landlords) == shape.landlords
    landlord = contents.landlords["4002"]
    assert (landlord.name, landlord.type, landlord.size, landlord.region) == (
        "Landlord 02", "PRP", ">40,000", "North",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "sentence", "name", "year"),
    [
        ("TSM25", "1 April 2024 to 31 March 2025", "x.xlsx", "2024-25"),
        ("TSM99", "1 April 2023 to 31 March 2024", "x.xlsx", "2023-24"),
        ("TSM26", "", "x.xlsx", "2025-26"),
        ("Data", "Tenant Satisfaction Measures 2027 - Dataset", "x.xlsx", "2026-27"),
        ("Data", "Results for 2022/23", "x.xlsx", "2022-23"),
        ("Data", "", "2028_full.xlsx", "2027-28"),
    ],
)
def test_year(prefix, sentence, name, year, tmp_path):
    Book(landlords=8, prefix=prefix, sentence=sentence).write(tmp_path / name)
    assert read_workbook(tmp_path / name).year == year


def test_year_that_nothing_says_has_to_be_given(tmp_path):
    path = tmp_path / "book.xlsx"
    Book(landlords=8, prefix="Data", sentence="").write(path)
    with pytest.raises(InvalidInput, match="--year 2024-25"):
        read_workbook(path)
    assert read_workbook(path, "2024-25").year == "2024-25"
    with pytest.raises(InvalidInput, match="2024-26"):
        read_workbook(path, "2024-26")


def test_markers_and_words_are_kept_as_reasons(tmp_path):
    changes = {
        ("4002", "BS01", "all"): "[E]",
        ("4002", "BS02", "all"): "[x]",
        ("4004", "TP01", "LCRA"): "[ S ]",
        ("4004", "TP02", "LCRA"): "not available",
        ("L4003", "RP01", "all"): "[U]",
        ("L4003", "CH01 1", "LCHO"): "[Z]",
    }
    path = tmp_path / "book.xlsx"
    expected = Book(changes=changes).write(path)
    found = read(path)
    assert found == expected
    assert {found[key][3] for key in changes} == {"E", "X", "S", "not available", "U", "Z"}


def test_landlords_left_out_are_listed_with_the_note(tmp_path):
    Book().write(tmp_path / "book.xlsx")
    contents = read_workbook(tmp_path / "book.xlsx")
    assert contents.landlords["4000"].not_included == [("perception", "The wording differed.")]
    assert ("4000", "TP01", "LCRA") not in contents.figures


def test_figures_know_where_they_stood(tmp_path):
    Book(above=4).write(tmp_path / "book.xlsx")
    contents = read_workbook(tmp_path / "book.xlsx")
    figure = contents.figures["L4001", "TP01", workbook.Population.LCRA]
    assert str(figure.source) == "TSM25_LCRA_Perception!F6"


def _table(path: Path, rows: list[list]) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("TSM25_LCRA_Perception")
    for r, row in enumerate(rows):
        sheet.write_row(r, 0, row)
    book.close()


def test_what_is_ambiguous_is_remarked_on(tmp_path):
    path = tmp_path / "book.xlsx"
    _table(
        path,
        [
            ["Landlord name", "Landlord code", "Landlord type", "Score (TP01)", "Rate (TP01)",
             "(TP02)", "x (TP02)"],
            ["One", "A1", "LA", 1, 70.1, 60, 61],
            ["One", "A1", "LA", 1, 70.2, 60, 61],
            ["Two", "A2", "PRP", 1, "70.4 %", "1,060", 61],
            ["", "", "", 1, 2, 3, 4],
            ["Note: all figures are estimates"],
        ],
    )  # fmt: skip
    contents = read_workbook(path)
    values = {k[:2]: f.value for k, f in contents.figures.items()}
    assert values["A1", "TP01"] == Decimal("70.1")  # the column that says it is a rate
    assert values["A2", "TP01"] == Decimal("70.4")
    assert values["A2", "TP02"] == Decimal(1060)
    remarks = [str(r) for r in contents.remarks]
    assert len(remarks) == 3
    assert any("two columns for TP02" in r for r in remarks)
    assert any("stands twice and differently" in r for r in remarks)
    assert any(r.startswith("Row 5") for r in remarks)


def test_zero_is_a_value_and_blank_is_not(tmp_path):
    path = tmp_path / "book.xlsx"
    _table(path, [["Landlord name", "Landlord code", "(TP01)", "(TP02)"], ["One", "A1", 0, ""]])
    figures = {k[1]: f for k, f in read_workbook(path).figures.items()}
    assert figures["TP01"].value == 0
    assert (figures["TP02"].value, figures["TP02"].marker) == (None, "blank")


# Files that are something else, or built to do harm


def _refused(path: Path, *words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_workbook(path)
    message = str(caught.value)
    for word in (path.name, *words):
        assert word in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"name,code\nA,1\n", "a text file"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b"<!doctype html><p>Sign in", "a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an older Excel file"),
        (bytes(range(256)) * 4, "another kind"),
        (b"PK\x03\x04 and no more", "cannot be read"),
    ],
)
def test_other_files_are_named(content, words, tmp_path):
    path = tmp_path / "given.xlsx"
    path.write_bytes(content)
    _refused(path, words, "Tenant Satisfaction Measures")


def test_locked_with_a_password(tmp_path):
    path = tmp_path / "locked.xlsx"
    content = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000) + "EncryptedPackage".encode("utf-16-le")
    )
    path.write_bytes(content)
    _refused(path, "locked with a password", "remove the password")


def test_folder_and_missing_file(tmp_path):
    _refused(tmp_path, "a folder")
    with pytest.raises(NotFound, match=r"no file .*none\.xlsx"):
        read_workbook(tmp_path / "none.xlsx")


def test_other_archives_are_named(tmp_path):
    for inside, words in (("word/document.xml", "a Word document"), ("a.txt", "a zip archive")):
        path = tmp_path / "other.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(inside, "x")
        _refused(path, words)


def test_a_workbook_of_something_else_says_what_was_found(tmp_path):
    path = tmp_path / "accounts.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Budget").write(0, 0, "TP01")
    book.close()
    _refused(path, "Budget", "Landlord name", "TP01 to TP12")


def test_a_table_of_landlords_without_results_says_so(tmp_path):
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Register").write_row(0, 0, ["Landlord name", "Landlord code"])
    book.close()
    _refused(path, "tables of landlords (Register)", "no measure's results")


def test_only_markers_are_no_results(tmp_path):
    path = tmp_path / "empty.xlsx"
    _table(path, [["Landlord name", "Landlord code", "(TP01)"], ["One", "A1", "[X]"]])
    _refused(path, "no measure's results")


def _with_part(path: Path, name: str, content: bytes) -> None:
    Book(landlords=7).write(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


def test_zip_bomb_is_stopped_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "INFLATED_LIMIT", 8 << 20)
    path = tmp_path / "bomb.xlsx"
    _with_part(path, "xl/media/image1.png", bytes(9 << 20))
    assert path.stat().st_size < 200_000
    _refused(path, "too large", "once unpacked")


def test_zip_bomb_that_lies_about_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "INFLATED_LIMIT", 8 << 20)
    path = tmp_path / "liar.xlsx"
    _with_part(path, "xl/media/image1.png", bytes(9 << 20))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(content))
    _refused(path, "too large")


def test_a_sheet_that_claims_endless_cells(tmp_path):
    path = tmp_path / "wide.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("TSM25_LCRA_Perception")
    sheet.write_row(0, 0, ["Landlord name", "Landlord code", "(TP01)"])
    sheet.write(1_048_575, 16_383, "far away")
    book.close()
    assert path.stat().st_size < 20_000
    _refused(path, "too large", "1048576 rows by 16384 columns")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_sheets_under_another_name_quotes_and_encoding_are_measured_too(tmp_path, encoding):
    path = tmp_path / "hidden.xlsx"
    xml = "<worksheet><row r='1048576'><c r='XFD1048576'/></row>"
    _with_part(path, "other/place.xml", xml.encode(encoding))
    _refused(path, "too large", "other/place.xml")
    _with_part(path, "customXml/item2.xml", "<properties/>".encode("utf-16"))
    assert read(path)


def test_one_long_text_in_many_cells(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "TEXT_LIMIT", 1 << 20)
    path = tmp_path / "long.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    for row in range(200):
        sheet.write(row, 0, "x" * 30_000)
    book.close()
    _refused(path, "too large", "of text in its cells")


def test_too_many_parts_and_too_many_bytes(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    Book(landlords=7).write(path)
    monkeypatch.setattr(xlsx, "PARTS_LIMIT", 3)
    _refused(path, "too large", "parts")
    monkeypatch.setattr(xlsx, "FILE_LIMIT", 1000)
    _refused(path, "too large", "on disk")


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
def test_a_broken_download(tmp_path, cut):
    path = tmp_path / "broken.xlsx"
    Book(landlords=7).write(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    _refused(path, "cannot be read", "Fetch the file again")


def test_broken_xml_inside(tmp_path):
    path = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook><sheets><sheet")
    _refused(path, "cannot be read")


def test_column_letters_and_numbers():
    for number, letters in ((1, "A"), (26, "Z"), (27, "AA"), (135, "EE"), (16384, "XFD")):
        assert xlsx.column_letters(number) == letters
        assert xlsx.column_number(letters) == number


def test_styles_are_not_the_same():
    assert len({as_published("RP02 1"), dashed("RP02 1"), with_parts("RP02 1")}) == 3
