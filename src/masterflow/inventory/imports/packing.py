"""Rows as a few long JSON texts, for the way between processes and into the database.

A worker that unpickled a million cells would hold every other flow up; a text is copied, and parsed where the work is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from masterflow.inventory.imports.cells import from_json, to_json
from masterflow.inventory.imports.profile import profile_of
from masterflow.inventory.imports.types import FileProfile
from masterflow.inventory.reading import FileRead, RawRow, Reject, Sheet

ROWS_A_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class PackedSheet:
    """A sheet whose rows are JSON texts: each an array of at most 2,000 `[row number, [cells]]`."""

    name: str
    header_row: int
    headers: tuple[str, ...]
    chunks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackedRead:
    """All that was read of one file, packed."""

    format: str
    sheets: tuple[PackedSheet, ...]
    rejects: tuple[Reject, ...]
    profile: FileProfile


def pack(read: FileRead) -> PackedRead:
    """What an importer read, with its profile."""
    return PackedRead(read.format, tuple(map(pack_sheet, read.sheets)), read.rejects, profile_of(read))


def pack_sheet(sheet: Sheet) -> PackedSheet:
    """A sheet for the way."""
    return PackedSheet(sheet.name, sheet.header_row, sheet.headers, tuple(_chunks(sheet.rows)))


def unpack_sheet(packed: PackedSheet) -> Sheet:
    """The sheet that was packed."""
    rows = (RawRow(number, from_json(cells)) for chunk in packed.chunks for number, cells in orjson.loads(chunk))
    return Sheet(packed.name, packed.header_row, packed.headers, tuple(rows))


def _chunks(rows: Sequence[RawRow]) -> Iterator[str]:
    for start in range(0, len(rows), ROWS_A_CHUNK):
        part = rows[start : start + ROWS_A_CHUNK]
        yield orjson.dumps([(row.number, to_json(row.cells)) for row in part]).decode()
