"""Sheets from strangers: what is read, what is refused, and that nothing becomes a formula on the way."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.sheets import (
    CSV_START,
    Cell,
    Limits,
    Sheet,
    SheetFormat,
    UnreadableSheet,
    UnsupportedSheet,
    XlsxWriter,
    csv_bytes,
    format_of,
    read_sheet,
)

FORMULAS = ["=1+1", "+86 10", "-5", "@SUM(A1)", "＝1+1", "'=1", "''-x", "'quoted'"]
HEADER = "code,name\n"

# What wire types let through: printable, with newlines and tabs inside, no blanks at the ends.
TEXTS = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t'=+-@_x0041\""), max_size=40
    )
    .filter(lambda text: not set(text) & {"\ufffe", "\uffff"})
    .map(str.strip)
)
ROWS = st.lists(st.lists(TEXTS, min_size=2, max_size=2).filter(any), max_size=5)


def write(kind: SheetFormat, rows: Sequence[Sequence[Cell]]) -> bytes:
    header = ["code", "name"]
    if kind is SheetFormat.CSV:
        return CSV_START + csv_bytes([header]) + csv_bytes(rows)
    writer = XlsxWriter(header)
    writer.add(rows)
    with writer.finish() as file:
        return file.read()


def cells(sheet: Sheet) -> list[list[str]]:
    return [list(row.cells.values()) for row in sheet.rows]


class TestReadAndWrite:
    @pytest.mark.parametrize("kind", list(SheetFormat))
    @given(rows=ROWS)
    def test_give_back_every_text(self, kind: SheetFormat, rows: list[list[str]]) -> None:
        assert cells(read_sheet(write(kind, rows), kind)) == rows

    @pytest.mark.parametrize("kind", list(SheetFormat))
    @pytest.mark.parametrize("text", [*FORMULAS, "_x0041_", "<&>"])
    def test_keep_what_looks_like_a_formula_as_text(self, kind: SheetFormat, text: str) -> None:
        assert cells(read_sheet(write(kind, [["x", text]]), kind)) == [["x", text]]

    @pytest.mark.parametrize("kind", list(SheetFormat))
    def test_know_numbers_and_words(self, kind: SheetFormat) -> None:
        content = write(kind, [[-33.8688197, 850], [True, None], [151.2, False]])
        assert cells(read_sheet(content, kind)) == [["-33.8688197", "850"], ["yes", ""], ["151.2", "no"]]

    def test_csv_is_harmless_in_a_spreadsheet(self) -> None:
        lines = csv_bytes([[text] for text in FORMULAS]).decode().splitlines()
        assert all(line.removeprefix('"').startswith("'") for line in lines)

    def test_xlsx_holds_text_cells_only(self) -> None:
        book = openpyxl.load_workbook(io.BytesIO(write(SheetFormat.XLSX, [["x", "=1+1"]])))
        assert book.worksheets[0]["B2"].data_type != "f"


class TestRead:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_takes_the_encodings_chinese_spreadsheets_write(self, encoding: str) -> None:
        content = f"{HEADER}1,中关村旗舰厅\n".encode(encoding)
        assert cells(read_sheet(content, SheetFormat.CSV)) == [["1", "中关村旗舰厅"]]

    def test_numbers_rows_as_a_spreadsheet_does(self) -> None:
        """A blank row and a cell with two lines count as one row each."""
        content = b'Code, Name ,\n1,"two\nlines"\n,\n\n2,x,surplus\n3\n'
        sheet = read_sheet(content, SheetFormat.CSV)

        assert sheet.columns == ("code", "name")
        assert [(row.number, row.is_too_long) for row in sheet.rows] == [(2, False), (5, True), (6, False)]
        assert sheet.rows[2].cells == {"code": "3", "name": ""}

    def test_gives_the_stored_value_of_a_formula_and_plain_numbers(self) -> None:
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in (["code", "name"], [12.0, "=1+1"], [1.5, True]):
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)

        assert cells(read_sheet(file.getvalue(), SheetFormat.XLSX)) == [["12", ""], ["1.5", "yes"]]

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "name every column"),
            (b"code,,name\n", "name every column"),
            (b"code,Code\n", "twice"),
            (b'code,name\n1,"open\n', "near line"),
            (b"code\xff\xfe\xff", "neither UTF-8 nor GB18030"),
            (b"code,name,more\n", "more than 2 columns"),
            (b"code\n" + b"1\n" * 4, "more than 3 rows"),
            (b"code\n" + b"1" * 11, "more than 10 characters"),
        ],
    )
    def test_refuses_csv_that_cannot_be_meant(self, content: bytes, complaint: str) -> None:
        limits = Limits(rows=3, columns=2, cell_characters=10)
        with pytest.raises(UnreadableSheet, match=complaint):
            read_sheet(content, SheetFormat.CSV, limits=limits)

    @given(st.binary(max_size=300))
    def test_never_fails_otherwise_than_by_refusing(self, content: bytes) -> None:
        for kind in SheetFormat:
            try:
                read_sheet(content, kind)
            except UnreadableSheet:
                continue


class TestBombs:
    """A small file that would fill the memory is refused before it does."""

    def repack(self, **changes: bytes) -> bytes:
        """A good workbook with some of its members exchanged."""
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(write(SheetFormat.XLSX, [["1", "x"]]))) as good,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad,
        ):
            for name in good.namelist():
                bad.writestr(name, changes.get(name.rpartition("/")[2].partition(".")[0], good.read(name)))
        return out.getvalue()

    def test_the_unchanged_workbook_is_fine(self) -> None:
        assert cells(read_sheet(self.repack(), SheetFormat.XLSX)) == [["1", "x"]]

    def test_of_zeros(self) -> None:
        content = self.repack(styles=b" " * (64 << 20))
        assert len(content) < 200_000
        with pytest.raises(UnreadableSheet, match="unpacks to more"):
            read_sheet(content, SheetFormat.XLSX, limits=Limits(unzipped_bytes=16 << 20))

    @pytest.mark.parametrize(
        "sheet1",
        [
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
            '<?xml version="1.0" encoding="utf-16"?><worksheet/>'.encode("utf-16"),
            b'<?xml version="1.0" encoding="utf-7"?><worksheet/>',
        ],
    )
    def test_of_entities_and_their_disguises(self, sheet1: bytes) -> None:
        with pytest.raises(UnreadableSheet, match="The workbook holds XML"):
            read_sheet(self.repack(sheet1=sheet1), SheetFormat.XLSX)

    def test_of_a_far_away_cell(self) -> None:
        """A single cell in the last row makes a reader pad a million rows."""
        xmlns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        sheet1 = f'<worksheet xmlns="{xmlns}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        with pytest.raises(UnreadableSheet, match="more than 1 columns"):
            read_sheet(self.repack(sheet1=sheet1), SheetFormat.XLSX, limits=Limits(columns=1))
        beyond = sheet1.replace(b"XFD1048576", b"A1048576")
        with pytest.raises(UnreadableSheet, match="more than 100 rows"):
            read_sheet(self.repack(sheet1=beyond), SheetFormat.XLSX, limits=Limits(rows=100))


class TestFormat:
    def test_is_told_by_the_content_type(self) -> None:
        assert format_of("text/csv; charset=utf-8") is SheetFormat.CSV
        assert format_of(SheetFormat.XLSX.media_type) is SheetFormat.XLSX
        for other in ("application/json", ""):
            with pytest.raises(UnsupportedSheet):
                format_of(other)
