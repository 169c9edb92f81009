"""Sheets that strangers send and that we hand out: CSV and XLSX in, the same out. Knows nothing of their content.

Everything read is text. Nothing is ever a formula: what looks like one is kept as text on the way in, and made
harmless on the way out (a leading apostrophe in CSV, which is taken off again when read; string cells in XLSX).
"""

import codecs
import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import IO

import openpyxl
import xlsxwriter

from app.kit.problems import Invalid, UnsupportedMediaType

Cell = str | int | float | bool | date | None

CSV_START = codecs.BOM_UTF8  # spreadsheets read Chinese right only with it
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # what spreadsheets take for the beginning of a formula
MOST_MEMBERS = 500  # files inside an XLSX; a workbook with one sheet has about ten
LAST_ROW = 1_048_576  # of Excel
WIDEST = 1_024  # columns that are only formatted; more is no honest sheet
CHUNK_BYTES = 1 << 20
_NOT_XML = re.compile("[\ufffe\uffff]")  # xlsxwriter would write them, and no reader take them
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XLSX writes a character that XML cannot hold
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["'](?!utf-8["']|us-ascii["'])""", re.IGNORECASE)


class UnreadableSheet(Invalid):
    type = "unreadable-sheet"
    title = "The file is not a sheet that can be read"


class UnsupportedSheet(UnsupportedMediaType):
    title = "Send CSV or XLSX, and say which in Content-Type"


class SheetFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    SheetFormat.CSV: "text/csv",
    SheetFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still taken for an honest sheet."""

    rows: int = 100_000
    columns: int = 100
    cell_characters: int = 32_767  # what Excel holds
    unzipped_bytes: int = 512 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """`number` as a spreadsheet shows it (the header is row 1); `is_too_long` beyond the header's columns."""

    number: int
    cells: Mapping[str, str]
    is_too_long: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    columns: tuple[str, ...]
    rows: Sequence[Row]


def format_of(content_type: str) -> SheetFormat:
    """Raises `UnsupportedSheet`."""
    media_type = content_type.partition(";")[0].strip().lower()
    for kind, known in _MEDIA_TYPES.items():
        if media_type == known:
            return kind
    raise UnsupportedSheet(f"{media_type or 'nothing'} was sent.")


def read_sheet(content: bytes, kind: SheetFormat, *, limits: Limits = Limits()) -> Sheet:
    """The first sheet, without its blank rows. Blocking: call it in a thread.

    Raises `UnreadableSheet` for what is damaged, beyond `limits`, or without a header of different names.
    """
    lines = _csv_rows(content) if kind is SheetFormat.CSV else _xlsx_rows(content, limits)
    return _sheet(lines, limits)


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as UTF-8 CSV, to follow `CSV_START` and each other."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


class ChartKind(StrEnum):
    """How columns of a sheet are drawn beside it."""

    LINE = "line"
    BAR = "bar"


class XlsxWriter:
    """A workbook, written row by row to a temporary file: its size does not matter. Blocking.

    One sheet unless others are begun. With `created` the same rows give the same bytes.
    """

    def __init__(
        self,
        columns: Sequence[str],
        *,
        title: str | None = None,
        widths: Sequence[int] = (),
        created: datetime | None = None,
    ) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (handed over by `finish`)
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True})
        if created is not None:
            self._book.set_properties({"created": created})
        self.begin(columns, title=title, widths=widths)

    def begin(self, columns: Sequence[str], *, title: str | None, widths: Sequence[int] = ()) -> None:
        """A further sheet; the one before takes no more rows. `widths` are in characters."""
        self._sheet = self._book.add_worksheet(title)
        self._next_row = 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        if columns:
            self.add([columns])

    def chart(self, kind: ChartKind, *, labels: int, values: Sequence[int], highest: int) -> None:
        """Draw some columns of the rows so far against another, on the right of all; the axis goes from 0 to `highest`."""
        chart = self._book.add_chart({"type": kind.value})
        name, last = self._sheet.get_name(), self._next_row - 1
        for column in values:
            series: dict[str, object] = {
                "name": [name, 0, column],
                "categories": [name, 1, labels, last, labels],
                "values": [name, 1, column, last, column],
            }
            chart.add_series(series)
        axes = {"min": 0, "max": highest}
        chart.set_size({"width": 720, "height": 360})
        if kind is ChartKind.BAR:
            chart.set_x_axis(axes)
            chart.set_y_axis({"reverse": True})  # the first row on top
        else:
            chart.set_y_axis(axes)
        self._sheet.insert_chart(1, max(labels, *values) + 5, chart)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._next_row += 1

    def finish(self) -> IO[bytes]:
        """The file, at its beginning; closing it deletes it."""
        self._book.close()
        self._file.seek(0)
        return self._file

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            self._sheet.write_number(self._next_row, column, cell)
        elif cell is not None and cell != "":
            text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", _text(cell))
            self._sheet.write_string(self._next_row, column, text)


def _csv_cell(cell: Cell) -> str:
    text = _text(cell)
    return f"'{text}" if isinstance(cell, str) and FORMULA.match(text) else text


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _sheet(lines: Iterator[Sequence[str]], limits: Limits) -> Sheet:
    columns = _header(next(lines, ()), limits)
    rows: list[Row] = []
    for number, line in enumerate(lines, start=2):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if number > limits.rows + 1:
            raise UnreadableSheet(f"The sheet has more than {limits.rows} rows: send it in parts.")
        if max(map(len, cells)) > limits.cell_characters:
            raise UnreadableSheet(
                f"Row {number} has a cell of more than {limits.cell_characters} characters."
            )
        padded = cells + [""] * (len(columns) - len(cells))
        rows.append(Row(number, dict(zip(columns, padded, strict=False)), any(padded[len(columns) :])))
    return Sheet(columns, rows)


def _header(line: Sequence[str], limits: Limits) -> tuple[str, ...]:
    names = [cell.strip().lower() for cell in line]
    while names and not names[-1]:
        names.pop()
    if not names or not all(names):
        raise UnreadableSheet("Row 1 must name every column.")
    if len(names) > limits.columns:
        raise UnreadableSheet(f"The sheet has more than {limits.columns} columns.")
    if len(set(names)) != len(names):
        raise UnreadableSheet("Row 1 names a column twice.")
    return tuple(names)


def _csv_rows(content: bytes) -> Iterator[Sequence[str]]:
    lines = csv.reader(io.StringIO(_decode(content), newline=""), strict=True)
    try:
        for line in lines:
            yield [cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell for cell in line]
    except csv.Error as error:
        raise UnreadableSheet(f"Not CSV near line {lines.line_num}: {error}.") from error


def _decode(content: bytes) -> str:
    """UTF-8 with or without its mark, else GB18030, which Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet("The text is neither UTF-8 nor GB18030.")


def _xlsx_rows(content: bytes, limits: Limits) -> Iterator[Sequence[str]]:
    try:
        _inspect_zip(content, limits)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            first = book.worksheets[0]
            first.reset_dimensions()  # the file's own claim would make every row as wide and every sheet as long
            for line in first.iter_rows(max_row=LAST_ROW, values_only=True):
                yield _xlsx_row(line, limits)
        finally:
            book.close()
    except UnreadableSheet:
        raise
    except Exception as error:
        raise UnreadableSheet("The file is not a readable XLSX workbook.") from error


def _xlsx_row(line: Sequence[object], limits: Limits) -> Sequence[str]:
    if len(line) > limits.columns and (len(line) > WIDEST or any(line[limits.columns :])):
        raise UnreadableSheet(f"The sheet has more than {limits.columns} columns.")
    is_blank = all(cell is None for cell in line)  # blank rows are padded up to a far-off one: skip them fast
    return () if is_blank else [_ESCAPED.sub(_unescaped, _text(cell)) for cell in line]


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _inspect_zip(content: bytes, limits: Limits) -> None:
    """Refuse bombs before anything parses them: too much data once unzipped, and XML with its own entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        unzipped = sum(member.file_size for member in members)  # zipfile never reads beyond the declared size
        if len(members) > MOST_MEMBERS or unzipped > limits.unzipped_bytes:
            raise UnreadableSheet(f"The workbook unpacks to more than {limits.unzipped_bytes} bytes.")
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels")):
                with archive.open(member) as stream:
                    _inspect_xml(stream)


def _inspect_xml(stream: IO[bytes]) -> None:
    """Raises unless it is plain UTF-8 XML without a document type (the way to entity bombs)."""
    tail = b""
    while chunk := stream.read(CHUNK_BYTES):
        text = tail + chunk
        is_start = not tail
        if is_start and (_ENCODING.match(text) or not text.removeprefix(CSV_START).lstrip().startswith(b"<")):
            raise UnreadableSheet("The workbook holds XML in another encoding than UTF-8.")
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in text:
            raise UnreadableSheet("The workbook holds XML with a document type.")
        tail = text[-16:]
