"""What an importer returns: sheets of raw rows with the place of every cell, and the rows it could not use.

An importer reads and never interprets: which column means what is decided later, from the headers and the values, and
approved by a person. Raw rows are kept as they were found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from masterflow.errors import Place

CellValue = str | int | float | bool | datetime | None

MAX_FILE_BYTES = 200_000_000  # larger files are refused before they are opened, unless a setting says otherwise


@dataclass(frozen=True, slots=True)
class RawRow:
    """One data row. `number` is the row as a spreadsheet or text editor shows it, from 1; cells follow the headers."""

    number: int
    cells: tuple[CellValue, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row, cell or file that could not be used, and what to do about it."""

    place: Place
    code: str
    message: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. Single-table formats have one sheet named after the format, such as "csv".

    `header_row` counts from 1, and is 0 where every record carries its own names, as in JSON; `rows` holds only rows
    with at least one filled cell. Millions of cells are kept compressed: go through `rows` once rather than by index.
    """

    name: str
    header_row: int
    headers: tuple[str, ...]
    rows: Sequence[RawRow]


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that was read of one file.

    `format` names the importer, `traits` what it sniffed (delimiter, encoding …), `file` the file as places name it.
    """

    format: str
    sheets: tuple[Sheet, ...]
    rejects: tuple[Reject, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, slots=True)
class FileHead:
    """What is known of a file before it is read: enough to tell which importer it belongs to."""

    name: str
    size_bytes: int
    start: bytes
    path: Path


@dataclass(frozen=True, slots=True)
class Importer:
    """A format that can be read.

    `recognises` answers 0.0 (not mine) to 1.0 (certainly mine) from the head of a file and may open it; the highest
    answer wins. `reads` raises `FileRejected` when nothing at all can be read. `aliases` maps (sheet, header) spellings
    that the vendor documents, in lower case, to inventory fields; "" as sheet means any, "" as field means that the
    vendor documents the column and no field stands for it. `units` does the same for units that a header leaves unsaid
    or says wrongly. `tells_dependencies` marks formats that name no machine of their own, only who talks to whom.
    """

    name: str
    title: str
    recognises: Callable[[FileHead], float]
    reads: Callable[[FileHead], FileRead]
    aliases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tells_dependencies: bool = False
