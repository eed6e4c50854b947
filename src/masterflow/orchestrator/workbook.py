"""A gate's table as an xlsx workbook, out to a person and back.

The sheet has one header row; cells that may be edited are tinted, columns with choices carry a drop-down list. What
comes back is matched by header text and by key, so columns and rows may be reordered; only editable cells may differ.
Nothing in the workbook is a formula: a text that looks like one is written and read as text.
"""

import io
import math
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook

from masterflow.errors import EditRejected
from masterflow.spec import Column, EditableTable, Row

FIRST_ROW = 2  # of the data, as a spreadsheet counts
LONGEST_CELL = 32_767  # characters that xlsx allows
LONGEST_TITLE = 31  # characters of a sheet's name
MOST_PROBLEMS = 50  # sentences in one refusal
MOST_UNPACKED_BYTES = 200_000_000
MOST_PARTS = 1_000  # files inside the xlsx
CHOICES_SHEET = "choices"
ORIGIN_SHEET = "masterflow-origin"
_EDITABLE = PatternFill("solid", fgColor="FFF7DC")
_HEADER = Font(bold=True)

Cell = str | int | float | bool | None
RawCell = Cell | date | datetime | time | timedelta


def write(table: EditableTable[Any], output: object, *, content: str | None = None) -> bytes:
    """The table of `output` as a workbook; `content` is kept in it, for `content_of`."""
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = _title(table)
    for index, column in enumerate(table.columns, start=1):
        sheet.cell(1, index, column.header).font = _HEADER
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    rows = table.rows(output)
    for number, row in enumerate(rows, start=FIRST_ROW):
        for index, column in enumerate(table.columns, start=1):
            _write_cell(sheet, number, index, column, row.get(column.key))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    _offer_choices(book, sheet, table.columns, last_row=FIRST_ROW + len(rows) - 1)
    if content is not None:
        origin = book.create_sheet(ORIGIN_SHEET)
        origin.sheet_state = "hidden"
        origin.cell(1, 1, content).data_type = "s"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def read(table: EditableTable[Any], output: object, workbook: bytes) -> list[Row]:
    """The rows of an edited workbook, in the order of the original; cells that may not be edited keep their value.

    Raises:
        EditRejected: it is no workbook of this table, or something else than an editable cell differs; a sentence
            with row and column for each place.
    """
    originals = {shown(row[table.key]): row for row in table.rows(output)}
    sheet = _Sheet.of(table, _cells(table, workbook))
    edited: dict[str, Row] = {}
    problems: list[str] = []
    for number, found in sheet.rows():
        key = shown(found[table.key])
        if key not in originals:
            problems.append(
                f"row {number}, column {sheet.header(table.key)}: '{key}' is not one of the proposal's rows"
            )
        else:
            edited[key] = _merged(table, originals[key], found, f"row {number}", problems)
    problems += [f"the row of '{key}' is missing; rows may not be removed" for key in originals if key not in edited]
    problems += [f"'{key}' appears in {count} rows" for key, count in sheet.repeated(table.key).items()]
    if problems:
        raise _rejected(problems)
    return [edited[key] for key in originals]


def content_of(workbook: bytes) -> str | None:
    """The content that a workbook was made from, or None if it does not say."""
    try:
        _refuse_bombs(workbook)
        book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
        if ORIGIN_SHEET not in book.sheet_names:
            return None
        cells = book.get_sheet_by_name(ORIGIN_SHEET).to_python()
    except (CalamineError, EditRejected):
        return None  # whoever reads the table says what is wrong with the file
    return shown(cells[0][0]) or None if cells else None


def rows_of(table: EditableTable[Any], original: object, edited: object) -> list[Row]:
    """The rows of the original with the editable cells of an edited output; everything else stays as it was.

    Raises:
        EditRejected: rows are missing, new or repeated, or a cell is none of its column's choices.
    """
    originals = {shown(row[table.key]): row for row in table.rows(original)}
    found = [(shown(row[table.key]), row) for row in table.rows(edited)]
    counts = Counter(key for key, _ in found)
    problems = [f"'{key}' is missing; rows may not be removed" for key in originals if key not in counts]
    problems += [f"'{key}' is not one of the proposal's rows" for key in counts if key not in originals]
    problems += [f"'{key}' appears {count} times" for key, count in counts.items() if count > 1]
    editable = [column.key for column in table.columns if column.editable]
    merged = {
        key: _merged(table, row, row | {k: changed[k] for k in editable}, f"row of '{key}'", problems)
        for key, changed in found
        if (row := originals.get(key)) is not None
    }
    if problems:
        raise _rejected(problems)
    return [merged[key] for key in originals]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The cells of a returned sheet, by the table's columns."""

    table: EditableTable[Any]
    positions: Mapping[str, int]  # of each column's key
    cells: Sequence[Sequence[RawCell]]  # without the header row

    @classmethod
    def of(cls, table: EditableTable[Any], cells: list[list[RawCell]]) -> "_Sheet":
        headers = [shown(cell) for cell in cells[0]] if cells else []
        absent = [column.header for column in table.columns if column.header not in headers]
        if absent:
            raise _rejected([f"row 1: the column '{header}' is missing" for header in absent])
        return cls(table, {column.key: headers.index(column.header) for column in table.columns}, cells[1:])

    def header(self, key: str) -> str:
        return next(column.header for column in self.table.columns if column.key == key)

    def rows(self) -> list[tuple[int, Row]]:
        """Rows that are not blank, with their number in the spreadsheet."""
        found = []
        for number, cells in enumerate(self.cells, start=FIRST_ROW):
            if any(shown(cell) for cell in cells):
                found.append((number, {key: plain(cells[at]) for key, at in self.positions.items()}))
        return found

    def repeated(self, key: str) -> dict[str, int]:
        counts = Counter(shown(row[key]) for _, row in self.rows())
        return {value: count for value, count in counts.items() if count > 1}


def _cells(table: EditableTable[Any], workbook: bytes) -> list[list[RawCell]]:
    _refuse_bombs(workbook)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
        name = _title(table) if _title(table) in book.sheet_names else book.sheet_names[0]
        return [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    except (CalamineError, IndexError) as error:
        raise _rejected([f"this is not an xlsx workbook that can be read: {error}"]) from error


def _refuse_bombs(workbook: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            count = len(parts.infolist())
    except zipfile.BadZipFile as error:
        raise _rejected(["this is not an xlsx workbook"]) from error
    if unpacked > MOST_UNPACKED_BYTES or count > MOST_PARTS:
        raise _rejected([f"the workbook unpacks to {unpacked:,} bytes in {count:,} parts, which is too much"])


def _merged(table: EditableTable[Any], original: Row, found: Row, row: str, problems: list[str]) -> Row:
    merged = dict(original)
    for column in table.columns:
        place = f"{row}, column {column.header}"
        value = found[column.key]
        if not column.editable:
            if not same(original.get(column.key), value):
                problems.append(
                    f"{place}: '{shown(value)}' instead of '{shown(original.get(column.key))}'; it is not editable"
                )
        elif column.choices and value is not None and shown(value) not in column.choices:
            problems.append(f"{place}: '{shown(value)}' is not one of {', '.join(column.choices)}")
        else:
            merged[column.key] = value
    return merged


def _write_cell(sheet: Worksheet, row: int, index: int, column: Column, value: Cell) -> None:
    cell = sheet.cell(row, index)
    if isinstance(value, str):
        cell.value = _clean(value)
        cell.data_type = "s"  # a text that begins with "=" would become a formula
        cell.quotePrefix = True
    else:
        cell.value = plain(value)
    if column.editable:
        cell.fill = _EDITABLE


def _offer_choices(book: Workbook, sheet: Worksheet, columns: Sequence[Column], *, last_row: int) -> None:
    offered = [(index, column) for index, column in enumerate(columns, start=1) if column.choices and column.editable]
    if not offered or last_row < FIRST_ROW:
        return
    lists = book.create_sheet(CHOICES_SHEET)
    lists.sheet_state = "hidden"
    for at, (index, column) in enumerate(offered, start=1):
        for number, choice in enumerate(column.choices, start=1):
            lists.cell(number, at, choice).data_type = "s"
        source = get_column_letter(at)
        rule = DataValidation(
            type="list", formula1=f"{CHOICES_SHEET}!${source}$1:${source}${len(column.choices)}", allow_blank=True
        )
        letter = get_column_letter(index)
        rule.add(f"{letter}{FIRST_ROW}:{letter}{last_row}")
        sheet.add_data_validation(rule)


def _title(table: EditableTable[Any]) -> str:
    """A sheet's name: xlsx forbids some characters and more than 31."""
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in table.title)[:LONGEST_TITLE]


def _clean(text: str) -> str:
    return str(ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))[:LONGEST_CELL]


def plain(cell: RawCell) -> Cell:
    """A cell as a value of a row: blank is None, whole numbers are integers, moments are ISO texts."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool | str):
        return cell
    if isinstance(cell, float):
        return _number(cell)
    return cell if isinstance(cell, int) else str(cell)


def _number(cell: float) -> int | float | None:
    if not math.isfinite(cell):
        return None  # xlsx has no such number
    return int(cell) if cell.is_integer() else cell


def shown(cell: RawCell) -> str:
    """A cell as it is compared: spreadsheets change kinds and numbers of blanks inside a text."""
    value = plain(cell)
    return "" if value is None else " ".join(_clean(str(value)).split())


def same(original: Cell, found: Cell) -> bool:
    """Whether two cells hold the same, as far as spreadsheets keep it."""
    if isinstance(original, int | float) and isinstance(found, int | float):
        return math.isclose(original, found, rel_tol=1e-12)
    return shown(original) == shown(found)


def _rejected(problems: list[str]) -> EditRejected:
    told = problems[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        told.append(f"and {len(problems) - MOST_PROBLEMS} more")
    return EditRejected(told, hint="Export the gate again, edit only the tinted cells, and send it back.")
