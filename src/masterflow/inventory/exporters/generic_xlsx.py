"""Every asset in one workbook, and where each value came from on further sheets.

The sheets of lineage name assets by id alone: as servers' names they would be read as servers when the file comes back.
Rows are streamed. Numbers are numbers; texts are texts that cannot act as a formula.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import IO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from masterflow.inventory.asset_table import ATTRIBUTES, HEADERS, values_of
from masterflow.inventory.exporting import Exported, Exporter, LeftOut, Part, Value, Writer, cell_of
from masterflow.inventory.types import Fact

LONGEST_CELL = 32_767  # characters, Excel's limit
MOST_ROWS = 1_048_576  # of a sheet, Excel's limit
LINEAGE = (
    "Masterflow id", "Field", "Value", "Unit", "Shown", "File", "Sheet", "Row", "Column", "Rule",
    "Confidence",
)  # fmt: skip


class _Sheets:
    """Sheets of one title: a full one is followed by the next, "lineage 2"."""

    def __init__(self, book: Workbook, title: str, header: tuple[str, ...], *, most_rows: int = MOST_ROWS) -> None:
        self._book, self._title, self._header, self._most = book, title, header, most_rows
        self._number = 0
        self._rows = most_rows

    def add(self, values: Sequence[Value | float]) -> None:
        if self._rows >= self._most:
            self._number += 1
            title = self._title if self._number == 1 else f"{self._title} {self._number}"
            self._sheet = self._book.create_sheet(title)
            self._sheet.append(self._header)
            self._rows = 1
        self._sheet.append([_cell(value) for value in values])
        self._rows += 1


class _Writer(Writer):
    def __init__(self, target: IO[bytes], *, most_rows: int = MOST_ROWS) -> None:
        self._target = target
        self._book = Workbook(write_only=True)
        self._servers = _Sheets(self._book, "inventory", HEADERS, most_rows=most_rows)
        self._lineage = _Sheets(self._book, "lineage", LINEAGE, most_rows=most_rows)
        self._empty = True
        self._shortened: list[LeftOut] = []

    def asset(self, exported: Exported) -> None:
        self._empty = False
        self._servers.add(self._fitting(exported.asset.name, HEADERS, values_of(exported)))
        for fact in exported.asset.facts:
            told = (str(exported.asset.id), *_told(fact))
            self._lineage.add(self._fitting(exported.asset.name, LINEAGE, told))

    def shortened(self) -> tuple[LeftOut, ...]:
        return tuple(self._shortened)

    def _fitting(self, name: str, header: Sequence[str], values: Sequence[Value | float]) -> Sequence[Value | float]:
        """The values as they fit into cells: a text is cut, JSON that is too long is left out, as a part is none."""
        fitting = list(values)
        for place, value in enumerate(values):
            if not isinstance(value, str | tuple) or len(text := cell_of(value)) <= LONGEST_CELL:
                continue
            kept, what = (None, "is left out") if header[place] == ATTRIBUTES else (text[:LONGEST_CELL], "is cut off")
            fitting[place] = kept
            reason = f"{header[place]} has {len(text):,} characters, an Excel cell at most {LONGEST_CELL:,}; it {what}"
            self._shortened.append(LeftOut(name, reason))
        return fitting

    def close(self) -> None:
        if self._empty:
            self._book.create_sheet("inventory").append(HEADERS)
        self._book.save(self._target)


def _told(fact: Fact) -> tuple[Value | float, ...]:
    source = fact.source
    place = (source.file, source.sheet, source.row, source.column)
    return fact.field, fact.value, fact.unit, fact.chosen, *place, fact.rule, fact.confidence


def _cell(value: Value | float) -> str | int | float | Decimal | None:
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return value
    text = cell_of(value) if not isinstance(value, float) else str(value)
    return str(ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))


EXPORTER = Exporter(
    name="xlsx",
    title="Every asset with every field (Excel)",
    file_name="inventory.xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    carries=(Part.EVERY_ASSET,),
    opens=_Writer,
    lineage=True,
)
