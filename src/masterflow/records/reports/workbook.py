"""The workbook: every row the report is made of, each value with its source, and nothing that can act.

Text that a spreadsheet could take for a formula is written with an apostrophe before it. Rows are streamed, so that an
estate of any size is written in little memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import BinaryIO, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from masterflow.inventory.harmless import harmless
from masterflow.records.reports import formats
from masterflow.records.reports.sheets import SHEETS, Column, SheetSpec, Value
from masterflow.records.reports.types import ProgrammeReport

CELL_TEXT_MAX = 32_000  # characters; a spreadsheet cell holds 32,767
DATA_ROWS_MAX = 1_048_575  # rows a sheet can hold below its header
SHARE_DIGITS = 6  # so that a share reads back as it was written

HEADER_FONT = Font(bold=True, color="FFFFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="FF1D5C7A")
HEADER_ALIGNMENT = Alignment(wrap_text=True, vertical="center")
HEADER_BORDER = Border(bottom=Side(style="thin", color="FF0E3C52"))

CellContent: TypeAlias = str | int | float | Decimal | date | datetime | None


def write_workbook(report: ProgrammeReport, target: Path | BinaryIO) -> None:
    """Write the workbook to a file or an open binary stream.

    A sheet with more rows than a spreadsheet can hold continues on a second one with a number in its name.
    """
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "Masterflow"
    workbook.properties.title = formats.clean(f"{report.title}, {report.client}")
    workbook.properties.created = report.made_at.astimezone(UTC).replace(tzinfo=None)
    for spec in SHEETS:
        _write_rows(workbook, spec, spec.rows(report))
    workbook.save(target)


def _write_rows(workbook: Workbook, spec: SheetSpec, rows: Iterator[Sequence[Value]]) -> None:
    _write_sheet(workbook.create_sheet(spec.name), spec.columns, islice(rows, DATA_ROWS_MAX))
    part = 2
    while following := list(islice(rows, 1)):
        sheet = workbook.create_sheet(f"{spec.name} {part}")
        _write_sheet(sheet, spec.columns, chain(following, islice(rows, DATA_ROWS_MAX - 1)))
        part += 1


def _write_sheet(sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    sheet.freeze_panes = "B2"
    for index, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.append([_header(sheet, column.header) for column in columns])
    written = 0
    for row in rows:
        sheet.append([_cell(sheet, column, cell_content(value)) for column, value in zip(columns, row, strict=True)])
        written += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{written + 1}"


def cell_content(value: Value) -> CellContent:
    """Turn a value into what its cell holds: numbers stay numbers, days stay days, text cannot act.

    Moments become UTC without an offset, because a cell cannot hold one; a number that is not finite is left empty.
    """
    if value is None or isinstance(value, bool):
        return None if value is None else "yes" if value else "no"
    if isinstance(value, str):
        return harmless(formats.clip(formats.clean(value), CELL_TEXT_MAX))
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, float | Decimal):
        return value if isfinite(value) else None
    return value


def _header(sheet: Worksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font, cell.fill, cell.alignment, cell.border = HEADER_FONT, HEADER_FILL, HEADER_ALIGNMENT, HEADER_BORDER
    return cell


def _cell(sheet: Worksheet, column: Column, content: CellContent) -> CellContent | Cell:
    """Most contents need no cell object, which is what keeps large sheets quick; shares and lookalike errors do."""
    if column.is_share and isinstance(content, float | int):
        cell = WriteOnlyCell(sheet, value=round(float(content), SHARE_DIGITS))
        cell.number_format = "0%"
        return cell
    if isinstance(content, str) and content in ERROR_CODES:
        cell = WriteOnlyCell(sheet, value=content)
        cell.data_type = "s"  # otherwise a text such as "#N/A" becomes an error value
        return cell
    return content
