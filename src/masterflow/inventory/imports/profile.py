"""What a file holds, in a few hundred bytes a column."""

from dataclasses import dataclass, field

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
    columns = [_Column() for _ in sheet.headers]
    for row in sheet.rows:  # once: many rows are unpacked on the way
        for column, cell in zip(columns, row.cells, strict=False):
            if cell is not None:
                column.see(cell)
    profiles = (
        ColumnProfile(header, column.filled, tuple(column.samples))
        for header, column in zip(sheet.headers, columns, strict=True)
    )
    return SheetProfile(sheet.name, sheet.header_row, len(sheet.rows), tuple(profiles))


@dataclass(slots=True)
class _Column:
    """What was seen of a column so far."""

    filled: int = 0
    samples: dict[str, None] = field(default_factory=dict)

    def see(self, cell: CellValue) -> None:
        self.filled += 1
        if len(self.samples) < SAMPLES:
            self.samples[_short(cell)] = None


def _short(cell: CellValue) -> str:
    text = str(cell)
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"
