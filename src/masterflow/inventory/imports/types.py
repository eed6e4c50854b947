"""Imports as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from masterflow.inventory.reading import Reject
from masterflow.inventory.types import ImportId


class ImportStatus(StrEnum):
    """How far a file came."""

    UPLOADED = "uploaded"
    READ = "read"
    UNREADABLE = "unreadable"


class RejectStage(StrEnum):
    """When a reject was found: as the file was read, or as its values were cleaned."""

    READING = "reading"
    CLEANSING = "cleansing"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column as found: how many rows fill it, and a few different values, shortened."""

    header: str
    filled: int
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetProfile:
    """One sheet as found; `header_row` counts from 1 and is 0 where every record carries its own names."""

    name: str
    header_row: int
    rows: int
    columns: tuple[ColumnProfile, ...]


@dataclass(frozen=True, slots=True)
class FileProfile:
    """What was found in a file; `traits` are what the importer sniffed (delimiter, encoding …)."""

    sheets: tuple[SheetProfile, ...]
    traits: tuple[tuple[str, str], ...] = ()
    rejects: int = 0


@dataclass(frozen=True, slots=True)
class ApprovedColumn:
    """What one column means: `index` is its place in a row's cells, `field` None keeps it as an attribute."""

    header: str
    index: int
    field: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class ApprovedSheet:
    """The meaning of one sheet's columns, as approved at the mapping gate."""

    sheet: str
    columns: tuple[ApprovedColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One uploaded file. `problem` says why it could not be read; `replaced_at` that a newer file stands for it."""

    id: ImportId
    file_name: str
    size_bytes: int
    sha256: bytes
    status: ImportStatus
    format: str | None
    profile: FileProfile | None
    problem: Reject | None
    mapping: tuple[ApprovedSheet, ...] | None
    uploaded_by: str
    created_at: datetime
    published_at: datetime | None
    published_by_flow: UUID | None
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One page of imports, newest first; `cursor` continues it and is None at the end."""

    imports: tuple[Import, ...]
    cursor: str | None
