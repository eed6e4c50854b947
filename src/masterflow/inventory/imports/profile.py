"""What a file holds, in a few hundred bytes a column."""

from collections.abc import Iterable

from masterflow.inventory.imports.types import ColumnProfile, FileProfile, SheetProfile
from masterflow.inventory.reading import CellValue, FileRead, Sheet

SAMPLES = 5
LONGEST_SAMPLE = 80  # characters


def profile_of(read: FileRead) -> FileProfile:
    """The profile of everything that was read of a file."""
    return FileProfile(
        sheets=tuple(profile_of_sheet(sheet) for sheet in read.sheets),
        traits=tuple(sorted(read.traits.items())),
        rejects=len(read.rejects),
    )


def profile_of_sheet(sheet: Sheet) -> SheetProfile:
    """The profile of one sheet."""
    columns = tuple(
        _column(header, (row.cells[index] if index < len(row.cells) else None for row in sheet.rows))
        for index, header in enumerate(sheet.headers)
    )
    return SheetProfile(sheet.name, sheet.header_row, len(sheet.rows), columns)


def _column(header: str, cells: Iterable[CellValue]) -> ColumnProfile:
    filled, samples = 0, dict[str, None]()
    for cell in cells:
        if cell is None:
            continue
        filled += 1
        if len(samples) < SAMPLES:
            samples[_short(cell)] = None
    return ColumnProfile(header, filled, tuple(samples))


def _short(cell: CellValue) -> str:
    text = str(cell)
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"
