"""Looking at a file before anything is imported: its sheets, and which field each column would become."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from masterflow.analysis.mapping import Alternative, ColumnMatch, propose
from masterflow.analysis.mapping.memory import recall
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import importer_of
from masterflow.inventory.importers.dependency_csv import read_dependencies
from masterflow.inventory.mapping_memory.types import LearnedHeader
from masterflow.inventory.reading import MAX_FILE_BYTES, CellValue, FileRead, Importer, Reject, Sheet

SAMPLE_ROWS = 500


class Frozen(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True)


class InspectedColumn(Frozen):
    """A column and the field it would become; `field` None keeps it as an attribute.

    `alternatives` are at most three other fields that it may mean, with a score from 0 to 1 each.
    """

    header: str
    field: str | None
    confidence: float
    reason: str
    unit: str | None
    needs_decision: bool
    alternatives: tuple[Alternative, ...] = ()


class InspectedSheet(Frozen):
    """A sheet with its columns. `header_row` counts from 1; it is 0 where records carry their own names."""

    name: str
    header_row: int
    rows: int
    columns: tuple[InspectedColumn, ...]


class InspectedReject(Frozen):
    """A row or cell that would not be used, and what to do about it."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None
    code: str
    message: str
    value: str | None


class Inspection(Frozen):
    """What a file holds and how it would be read. Nothing is written."""

    file: str
    format: str
    sheets: tuple[InspectedSheet, ...]
    reject_count: int
    rejects: tuple[InspectedReject, ...]
    traits: Mapping[str, str]


def inspect_file(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> Inspection:
    """The sheets of a file and the mapping that would be proposed for them.

    Raises:
        FileRejected: the file cannot be read at all.
    """
    head = head_of(path, max_bytes=max_bytes)
    importer = importer_of(head)
    read = importer.reads(head)
    rejects = [*read.rejects, *typing_rejects(read)]
    return Inspection(
        file=read.file,
        format=read.format,
        sheets=tuple(inspected(sheet, importer) for sheet in read.sheets),
        reject_count=len(rejects),
        rejects=tuple(map(inspected_reject, rejects)),
        traits=dict(read.traits),
    )


def proposal(sheet: Sheet, importer: Importer, *, learned: Sequence[LearnedHeader] = ()) -> list[ColumnMatch]:
    """The match proposed for each column of a sheet; `learned` is what people approved for other files."""
    return propose(
        sheet.headers,
        sample_columns(sheet),
        aliases=importer.aliases,
        units=importer.units,
        sheet=sheet.name,
        memory=recall(importer.name, sheet.name, sheet.headers, learned),
    )


def sample_columns(sheet: Sheet) -> list[Sequence[CellValue]]:
    """The values of the first rows, column by column."""
    rows = sheet.rows[:SAMPLE_ROWS]
    return [[row.cells[place] for row in rows] for place in range(len(sheet.headers))]


def typing_rejects(read: FileRead) -> list[Reject]:
    """Rows of a dependency table that cannot be used as dependencies."""
    return read_dependencies(read)[1] if read.format == "dependency_csv" else []


def inspected(sheet: Sheet, importer: Importer) -> InspectedSheet:
    """A sheet as it is shown."""
    matches = proposal(sheet, importer)
    columns = tuple(InspectedColumn(**match.model_dump()) for match in matches)
    return InspectedSheet(name=sheet.name, header_row=sheet.header_row, rows=len(sheet.rows), columns=columns)


def inspected_reject(reject: Reject) -> InspectedReject:
    """A reject as it is shown."""
    return InspectedReject(
        file=reject.place.file,
        sheet=reject.place.sheet,
        row=reject.place.row,
        column=reject.place.column,
        code=reject.code,
        message=reject.message,
        value=reject.value,
    )
